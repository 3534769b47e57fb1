/// Factors with row exchanges: a `[.., m, n]` -> the elements of both factors (L below the diagonal), then for each
/// of their rows the row of the matrix that stands there; `[.., m n + m]`.
struct LUFactors: MatrixOperation {
    static let name = "lu"

    func itemShape(of matrices: [Shape]) throws(ApusError) -> Shape { [matrices[0].count + matrices[0][0]] }

    func workCount(_ matrices: [Shape]) -> Int { 0 }

    /// A zero pivot leaves a valid factorisation.
    func compute(_ item: MatrixItem) -> Int {
        let count = item.rows * item.columns
        item.output.update(from: item.a, count: count)
        _ = Elimination.factor(item.output, rows: item.rows, columns: item.columns, order: item.output + count)
        return 0
    }

    /// For square factors `P L⁻ᵀ (tril(Lᵀ dL, -1) + triu(dU Uᵀ)) U⁻ᵀ`. Columns beyond the square follow from
    /// `U₂ = L⁻¹ Pᵀ A₂`, rows beyond it from `L₂ = Pᵀ A₂ U⁻¹`.
    func gradient(_ dy: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
        let (rows, columns) = (inputs[0].shape[-2], inputs[0].shape[-1])
        let size = min(rows, columns)
        let parts = output.unpacked([[rows, columns], [rows]])
        let change = dy.unpacked([[rows, columns], [rows]])[0]
        func square(_ tensor: Tensor) -> Tensor { tensor.slice(axis: -2, 0..<size).slice(axis: -1, 0..<size) }
        let factors = square(parts[0])
        var lower = square(change).lowerTriangle(diagonal: -1)
        var upper = square(change).upperTriangle()
        let unitLower = factors.lowerTriangle(diagonal: -1) + Tensor.identity(size, dtype: output.dtype)
        let upperFactor = factors.upperTriangle()
        func divideLeft(_ tensor: Tensor) -> Tensor {
            factors.solveTriangular(tensor, transposed: true, unitDiagonal: true)
        }
        func divideRight(_ tensor: Tensor) -> Tensor {
            factors.solveTriangular(tensor.matrixTransposed(), upper: true).matrixTransposed()
        }
        var rest: Tensor?
        if columns > rows {
            let (factor, given) = (parts[0].slice(axis: -1, rows..<columns), change.slice(axis: -1, rows..<columns))
            let moved = divideLeft(given)
            lower = lower - moved.timesTransposed(factor).lowerTriangle(diagonal: -1)
            rest = moved
        } else if rows > columns {
            let (factor, given) = (parts[0].slice(axis: -2, columns..<rows), change.slice(axis: -2, columns..<rows))
            let moved = divideRight(given)
            upper = upper - factor.transposedTimes(moved).upperTriangle()
            rest = moved
        }
        let middle =
            unitLower.transposedTimes(lower).lowerTriangle(diagonal: -1)
            + upper.timesTransposed(upperFactor).upperTriangle()
        var result = divideRight(divideLeft(middle))
        if let rest { result = Tensor.concatenate([result, rest], axis: columns > rows ? -1 : -2) }
        return [matmul(parts[1].exchangeMatrix(), result)]
    }
}

extension Tensor {
    /// The matrix `P` with a one in column `i` of the row that element `i` of the last axis names.
    fileprivate func exchangeMatrix() -> Tensor {
        guard error == nil else { return self }
        let rows = Tensor.range(count: shape[-1], dtype: dtype).expanded(at: -1)
        return (expanded(at: -2) .== rows).cast(to: dtype).stopGradient()
    }

    /// The factors of each matrix `[.., m, n]` with `a = P L U`: an exchange of rows, a lower triangular matrix with
    /// ones on its diagonal, and an upper triangular one.
    ///
    /// Rows are exchanged so that no element of `L` exceeds 1. With `k = min(m, n)`:
    ///
    /// - Returns: `P` `[.., m, m]`, `L` `[.., m, k]` and `U` `[.., k, n]`
    public func lu() -> (exchange: Tensor, lower: Tensor, upper: Tensor) {
        let packed = Tensor(LUFactors(), [self])
        guard packed.error == nil else { return (packed, packed, packed) }
        let (rows, columns) = (shape[-2], shape[-1])
        let size = Swift.min(rows, columns)
        let parts = packed.unpacked([[rows, columns], [rows]])
        let below = parts[0].slice(axis: -1, 0..<size).lowerTriangle(diagonal: -1)
        let ones = Tensor.identity(size, dtype: dtype).padded([(0, rows - size), (0, 0)])
        let upper = parts[0].slice(axis: -2, 0..<size).upperTriangle()
        return (parts[1].exchangeMatrix(), below + ones, upper)
    }
}
