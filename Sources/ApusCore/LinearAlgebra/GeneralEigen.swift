/// Eigenvalues and eigenvectors of a square matrix: real parts and imaginary parts of the values, then those of the
/// vectors as columns; packed, `[.., 2 n + 2 n n]`.
struct GeneralEigen: MatrixOperation {
    static let name = "eigen"

    static func shapes(_ size: Int) -> [Shape] { [[size], [size], [size, size], [size, size]] }

    func itemShape(of matrices: [Shape]) throws(ApusError) -> Shape {
        try requireSquare(matrices[0])
        return [2 * (matrices[0].count + matrices[0][0])]
    }

    func workCount(_ matrices: [Shape]) -> Int { 0 }

    func compute(_ item: MatrixItem) -> Int {
        let size = item.rows
        for index in 0..<size * size where !item.a[index].isFinite { return 1 }
        guard let result = GeneralEigenAlgorithm(item.a, size: size) else { return 2 }
        for number in 0..<size {
            item.output[number] = result.values[number].real
            item.output[size + number] = result.values[number].imaginary
            for row in 0..<size {
                let element = result.vectors[number * size + row]
                item.output[2 * size + row * size + number] = element.real
                item.output[2 * size + (size + row) * size + number] = element.imaginary
            }
        }
        return 0
    }

    /// `V⁻ᴴ (diag(dL) + (Vᴴ dV - Vᴴ V diag(re(Vᴴ dV))) / conj(E)) Vᴴ` with `E[i, j] = L[j] - L[i]` (Boeddeker et al.,
    /// 2017, for vectors of length 1); its real part, as the matrix is real.
    func gradient(_ dy: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
        let shapes = Self.shapes(inputs[0].shape[-1])
        let (result, change) = (output.unpacked(shapes), dy.unpacked(shapes))
        let values = ComplexTensor(result[0], result[1])
        let vectors = ComplexTensor(result[2], result[3])
        let adjoint = vectors.matrixAdjoint()
        let inside = ComplexTensor.matmul(adjoint, ComplexTensor(change[2], change[3]))
        let kept = inside.real.diagonal().expanded(at: -2)
        let overlap = ComplexTensor.matmul(adjoint, vectors)
        let along = inside - ComplexTensor(overlap.real * kept, overlap.imaginary * kept)
        let gaps = (values.expanded(at: -2) - values.expanded(at: -1)).conjugate()
        let square = gaps.real.square() + gaps.imaginary.square()
        let weight = square.safeReciprocal()
        let middle = along * ComplexTensor(gaps.real * weight, -(gaps.imaginary * weight))
        let diagonal = ComplexTensor(change[0].diagonalMatrix(), change[1].diagonalMatrix())
        let product = ComplexTensor.matmul(diagonal + middle, adjoint)
        return [adjoint.solve(product).real]
    }
}

extension Tensor {
    /// The eigenvalues of each square matrix `[.., n, n]` and its eigenvectors as columns, both complex:
    /// `a V = V diag(w)`.
    ///
    /// The values are ordered by magnitude, largest first; of a conjugate pair the one with positive imaginary part
    /// comes first. Eigenvectors have length 1 and a real, positive largest element. Gradients need distinct
    /// eigenvalues; those of the vectors hold for functions that do not depend on a vector's phase.
    ///
    /// - Returns: values `[.., n]`, vectors `[.., n, n]`
    public func eigen() -> (values: ComplexTensor, vectors: ComplexTensor) {
        let packed = Tensor(GeneralEigen(), [self])
        guard packed.error == nil else {
            return (ComplexTensor(packed, packed), ComplexTensor(packed, packed))
        }
        let parts = packed.unpacked(GeneralEigen.shapes(shape[-1]))
        return (ComplexTensor(parts[0], parts[1]), ComplexTensor(parts[2], parts[3]))
    }

    /// The eigenvalues of each square matrix `[.., n, n]`, ordered by magnitude, largest first: `[.., n]`.
    public func eigenvalues() -> ComplexTensor { eigen().values }

    /// The largest magnitude of an eigenvalue of each square matrix: `[.., n, n]` -> `[..]`.
    ///
    /// A linear recurrence `h = a h` dies out if it is below 1 and explodes above.
    public func spectralRadius() -> Tensor {
        guard error == nil else { return self }
        let values = eigenvalues()
        if values.error != nil { return values.real }
        return values.magnitude().max(axes: [-1])
    }
}
