/// Singular values and vectors of a `[.., m, n]`, with `k = min(m, n)`: U `[m, k]`, the values `[k]` and V `[n, k]`,
/// packed.
struct SingularValues: MatrixOperation {
    static let name = "svd"

    static func shapes(_ matrix: Shape) -> [Shape] {
        let size = min(matrix[0], matrix[1])
        return [[matrix[0], size], [size], [matrix[1], size]]
    }

    func itemShape(of matrices: [Shape]) throws(ApusError) -> Shape {
        [Self.shapes(matrices[0]).reduce(0) { $0 + $1.count }]
    }

    func workCount(_ matrices: [Shape]) -> Int {
        let (rows, columns) = (matrices[0][0], matrices[0][1])
        return SingularValueAlgorithm.workCount(rows: rows, columns: columns) + min(rows, columns) * (rows + columns)
    }

    func compute(_ item: MatrixItem) -> Int {
        let (rows, columns) = (item.rows, item.columns)
        let size = min(rows, columns)
        let (u, v) = (item.work, item.work + size * rows)
        let values = item.output + rows * size
        guard
            SingularValueAlgorithm.run(
                item.a, rows: rows, columns: columns, u: u, values: values, v: v, work: v + size * columns)
        else { return 1 }
        for column in 0..<size {
            for row in 0..<rows { item.output[row * size + column] = u[column * rows + row] }
            for row in 0..<columns { values[size + row * size + column] = v[column * columns + row] }
        }
        return 0
    }

    /// `U (skew(Uᵀ dU) / E S + S skew(Vᵀ dV) / E + diag(ds)) Vᵀ` with `E[i, j] = s[j]² - s[i]²`, and for the parts of
    /// dU and dV outside the spaces of U and V their quotients by s.
    func gradient(_ dy: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
        let shapes = Self.shapes(inputs[0].shape.matrix)
        let (result, change) = (output.unpacked(shapes), dy.unpacked(shapes))
        let (u, s, v) = (result[0], result[1], result[2])
        let (rowFactor, columnFactor) = (s.expanded(at: -1), s.expanded(at: -2))
        let gaps = ((columnFactor - rowFactor) * (columnFactor + rowFactor)).safeReciprocal()
        let inside = u.transposedTimes(change[0])
        let beside = v.transposedTimes(change[2])
        let skewU = (inside - inside.matrixTransposed()) * gaps * columnFactor
        let skewV = (beside - beside.matrixTransposed()) * gaps * rowFactor
        var gradient = matmul(matmul(u, skewU + skewV + change[1].diagonalMatrix()), v.matrixTransposed())
        let (rows, columns) = (inputs[0].shape[-2], inputs[0].shape[-1])
        let inverse = columnFactor.safeReciprocal()
        if rows > columns {
            gradient = gradient + ((change[0] - matmul(u, inside)) * inverse).timesTransposed(v)
        } else if columns > rows {
            gradient = gradient + (u * inverse).timesTransposed(change[2] - matmul(v, beside))
        }
        return [gradient]
    }
}

/// The Moore-Penrose inverse: `[.., m, n]` -> `[.., n, m]`. Singular values not above the tolerance times the largest
/// count as 0.
struct PseudoInverse: MatrixOperation {
    static let name = "pseudoInverse"
    let tolerance: Double

    func itemShape(of matrices: [Shape]) throws(ApusError) -> Shape { [matrices[0][1], matrices[0][0]] }

    func workCount(_ matrices: [Shape]) -> Int {
        SingularValues().workCount(matrices) + min(matrices[0][0], matrices[0][1])
    }

    func compute(_ item: MatrixItem) -> Int {
        let (rows, columns) = (item.rows, item.columns)
        let size = min(rows, columns)
        let (u, v) = (item.work, item.work + size * rows)
        let values = v + size * columns
        guard
            SingularValueAlgorithm.run(
                item.a, rows: rows, columns: columns, u: u, values: values, v: v, work: values + size)
        else { return 1 }
        for index in 0..<rows * columns { item.output[index] = 0 }
        for part in 0..<size where values[part] > tolerance * values[0] {
            for column in 0..<columns {
                let factor = v[part * columns + column] / values[part]
                for row in 0..<rows { item.output[column * rows + row] += factor * u[part * rows + row] }
            }
        }
        return 0
    }

    /// `-Pᵀ dP Pᵀ + (1 - A P) dPᵀ P Pᵀ + Pᵀ P dPᵀ (1 - P A)`, at matrices whose rank does not change (Golub and
    /// Pereyra, 1973).
    func gradient(_ dy: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
        let (a, p, turned) = (inputs[0], output, dy.matrixTransposed())
        let inner = -p.transposedTimes(dy).timesTransposed(p)
        let left = matmul(turned, p)
        let first = (left - matmul(a, matmul(p, left))).timesTransposed(p)
        let right = matmul(p, turned)
        let second = p.transposedTimes(right - matmul(matmul(right, p), a))
        return [inner + first + second]
    }
}

extension Tensor {
    /// The singular value decomposition `a = U diag(s) Vᵀ` of each matrix `[.., m, n]`.
    ///
    /// Singular values descend. Columns of `U` and `V` are orthonormal, the largest element of each column of `U` is
    /// positive. The gradient of the vectors needs distinct singular values; that of the values alone does not.
    ///
    /// - Returns: `U` `[.., m, k]`, values `[.., k]` and `V` `[.., n, k]` with `k = min(m, n)`
    public func svd() -> (u: Tensor, values: Tensor, v: Tensor) {
        let packed = Tensor(SingularValues(), [self])
        guard packed.error == nil else { return (packed, packed, packed) }
        let parts = packed.unpacked(SingularValues.shapes(shape.matrix))
        return (parts[0], parts[1], parts[2])
    }

    /// The singular values of each matrix `[.., m, n]`, descending: `[.., min(m, n)]`.
    public func singularValues() -> Tensor { svd().values }

    /// The Moore-Penrose inverse of each matrix: `[.., m, n]` -> `[.., n, m]`.
    ///
    /// - Parameter relativeTolerance: singular values not above this times the largest count as 0; by default
    ///   `max(m, n)` times the rounding error of the element type
    public func pseudoInverse(relativeTolerance: Double? = nil) -> Tensor {
        guard error == nil else { return self }
        let tolerance = relativeTolerance ?? roundingTolerance
        guard tolerance >= 0 else {
            return Tensor(
                error: ApusError(
                    .value, in: "operation pseudoInverse", "the tolerance \(tolerance) is out of range",
                    remedy: "use 0 or more"))
        }
        return Tensor(PseudoInverse(tolerance: tolerance), [self])
    }

    /// The `x` of least length among those that make `|a x - b|` smallest, where `a` `[.., m, n]` is this tensor.
    ///
    /// Computed in float64. Differentiable where the rank of `a` does not change.
    ///
    /// - Parameter b: `[.., m, k]`, batch axes broadcast; or one vector a matrix
    /// - Returns: `[.., n, k]`
    public func leastSquares(_ b: Tensor) -> Tensor {
        if let failed = error ?? b.error { return Tensor(error: failed) }
        if rank >= 2, b.shape.extents == Array(shape.extents.dropLast()) {
            let columns = leastSquares(b.expanded(at: -1))
            return columns.error == nil ? columns.squeezed(-1) : columns
        }
        let place = "operation leastSquares"
        guard rank >= 2, b.rank >= 2, shape[-2] == b.shape[-2], b.dtype == dtype else {
            return Tensor(
                error: ApusError(
                    .shape, in: place,
                    "a of shape \(shape) (\(dtype)) and b of shape \(b.shape) (\(b.dtype)) do not fit",
                    remedy: "give matrices of one type with as many rows in b as in a"))
        }
        let inverse = cast(to: .float64).pseudoInverse(relativeTolerance: roundingTolerance)
        return matmul(inverse, b.cast(to: .float64)).cast(to: dtype)
    }

    /// How many singular values of each matrix `[.., m, n]` are above the tolerance times the largest, `int64`.
    ///
    /// - Parameter relativeTolerance: by default `max(m, n)` times the rounding error of the element type
    public func matrixRank(relativeTolerance: Double? = nil) -> Tensor {
        guard error == nil else { return self }
        let values = singularValues()
        guard values.error == nil, values.shape[-1] > 0 else {
            return values.error == nil ? values.countNonzero(axes: [-1]) : values
        }
        let limit = values.slice(axis: -1, 0..<1) * (relativeTolerance ?? roundingTolerance)
        return (values .> limit).countNonzero(axes: [-1])
    }

    private var roundingTolerance: Double {
        Double(Swift.max(shape[-1], shape[-2])) * (dtype == .float64 ? 0x1p-52 : 0x1p-23)
    }
}
