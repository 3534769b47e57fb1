/// Eigenvalues of `(a + aᵀ) / 2`, ascending, then the eigenvectors as columns, packed: `[.., n + n n]`.
struct SymmetricEigen: MatrixOperation {
    static let name = "symmetricEigen"

    func itemShape(of matrices: [Shape]) throws(ApusError) -> Shape {
        try requireSquare(matrices[0])
        return [matrices[0].count + matrices[0][0]]
    }

    func workCount(_ matrices: [Shape]) -> Int { 2 * matrices[0].count + 3 * matrices[0][0] }

    func compute(_ item: MatrixItem) -> Int {
        let size = item.rows
        let (matrix, rows) = (item.work, item.work + size * size)
        for row in 0..<size {
            for column in 0..<size {
                matrix[row * size + column] = (item.a[row * size + column] + item.a[column * size + row]) / 2
                guard matrix[row * size + column].isFinite else { return 1 }
            }
        }
        let converged = SymmetricEigenAlgorithm.run(
            matrix, size: size, values: item.output, rows: rows, work: rows + size * size)
        let vectors = item.output + size
        for row in 0..<size {
            for column in 0..<size { vectors[row * size + column] = rows[column * size + row] }
        }
        return converged ? 0 : 2
    }

    /// `V (diag(dw) + F * (Vᵀ dV)) Vᵀ`, symmetrised, with `F[i, j] = 1 / (w[j] - w[i])`, 0 for equal eigenvalues.
    func gradient(_ dy: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
        let size = inputs[0].shape[-1]
        let (result, change) = (output.unpacked([[size], [size, size]]), dy.unpacked([[size], [size, size]]))
        let (values, vectors) = (result[0], result[1])
        let gaps = (values.expanded(at: -2) - values.expanded(at: -1)).safeReciprocal()
        let middle = change[0].diagonalMatrix() + gaps * vectors.transposedTimes(change[1])
        return [matmul(matmul(vectors, middle), vectors.matrixTransposed()).symmetrized()]
    }
}

extension Tensor {
    /// `1 / x`, 0 where x is 0.
    package func safeReciprocal() -> Tensor {
        guard error == nil else { return self }
        let isZero = self .== 0.0
        return Tensor.select(
            isZero, Tensor.zeros(shape, dtype: dtype),
            Tensor.select(isZero, Tensor.ones(shape, dtype: dtype), self).reciprocal())
    }

    /// The eigenvalues of each symmetric matrix `[.., n, n]`, ascending, and its eigenvectors as columns:
    /// `a = V diag(w) Vᵀ`.
    ///
    /// What is decomposed is the mean of the matrix and its transpose. Eigenvectors have length 1, and their largest
    /// element is positive. The gradient of the eigenvectors needs distinct eigenvalues; between equal ones it is taken
    /// for 0, which is exact for functions that do not depend on the choice of their eigenvectors.
    ///
    /// - Returns: values `[.., n]`, vectors `[.., n, n]`
    public func symmetricEigen() -> (values: Tensor, vectors: Tensor) {
        let packed = Tensor(SymmetricEigen(), [self])
        guard packed.error == nil else { return (packed, packed) }
        let parts = packed.unpacked([[shape[-1]], shape.matrix])
        return (parts[0], parts[1])
    }

    /// The eigenvalues of each symmetric matrix `[.., n, n]`, ascending.
    public func symmetricEigenvalues() -> Tensor { symmetricEigen().values }
}
