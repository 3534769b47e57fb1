/// The lower triangular `L` with `L Lᵀ = (a + aᵀ) / 2`, for positive definite a `[.., n, n]`.
struct Cholesky: MatrixOperation {
    static let name = "cholesky"

    func itemShape(of matrices: [Shape]) throws(ApusError) -> Shape {
        try requireSquare(matrices[0])
        return matrices[0]
    }

    func workCount(_ matrices: [Shape]) -> Int { 0 }

    func compute(_ item: MatrixItem) -> Int {
        let (size, l) = (item.rows, item.output)
        for row in 0..<size {
            for column in 0..<size { l[row * size + column] = 0 }
            for column in 0...row {
                var sum = (item.a[row * size + column] + item.a[column * size + row]) / 2
                for inner in 0..<column { sum -= l[row * size + inner] * l[column * size + inner] }
                if row == column {
                    if sum <= 0 { return row + 1 }
                    l[row * size + row] = sum.squareRoot()
                } else {
                    l[row * size + column] = sum / l[column * size + column]
                }
            }
        }
        return 0
    }

    func failure(_ code: Int, matrices: [Shape]) -> (problem: String, remedy: String) {
        (
            "the matrix is not positive definite: its leading minor of \(code) rows is not positive",
            "give a symmetric positive definite matrix, or add a multiple of the identity"
        )
    }

    /// `L⁻ᵀ P(Lᵀ dL) L⁻¹`, symmetrised, where `P` keeps the lower triangle and halves the diagonal (Murray, 2016).
    func gradient(_ dy: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
        let product = output.transposedTimes(dy.lowerTriangle())
        let kept = (product.lowerTriangle() + product.lowerTriangle(diagonal: -1)) * 0.5
        let left = output.solveTriangular(kept, transposed: true)
        let both = output.solveTriangular(left.matrixTransposed(), transposed: true).matrixTransposed()
        return [both.symmetrized()]
    }
}

extension Tensor {
    /// The Cholesky factor of each symmetric positive definite matrix of the last two axes: the lower triangular `L`
    /// with `L Lᵀ = a`.
    ///
    /// The factored matrix is the mean of the given one and its transpose, and the gradient is that of this function.
    /// A matrix that is not positive definite is an error when the values are read.
    public func cholesky() -> Tensor { Tensor(Cholesky(), [self]) }

    /// The solution `x` of `L Lᵀ x = b`, where this tensor is the lower triangular `L`; its upper part is not read.
    public func choleskySolve(_ b: Tensor) -> Tensor {
        solveTriangular(solveTriangular(b), transposed: true)
    }

    /// The inverse of `L Lᵀ`, where this tensor is the lower triangular `L`; its upper part is not read.
    public func choleskyInverse() -> Tensor {
        guard error == nil else { return self }
        guard rank >= 2, shape[-1] == shape[-2] else { return solveTriangular(self) }
        return choleskySolve(Tensor.identity(shape[-1], dtype: dtype).broadcast(to: shape))
    }
}
