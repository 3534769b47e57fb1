extension Tensor {
    /// The largest eigenvalue by magnitude of each symmetric matrix `[.., n, n]` and its eigenvector, by power iteration
    /// from the given vector (by default one of fixed random numbers).
    ///
    /// The error falls by the ratio of the second to the largest eigenvalue with each step. Gradients flow through the
    /// last step alone, which is enough: at the eigenvector the quotient `vᵀ a v / vᵀ v` is stationary.
    ///
    /// - Parameters:
    ///   - steps: 1 to 1000
    ///   - start: `[.., n]`
    /// - Returns: value `[..]` and vector `[.., n]` of length 1
    public func powerIteration(steps: Int = 50, start: Tensor? = nil) -> (value: Tensor, vector: Tensor) {
        if let failed = error ?? start?.error { return (Tensor(error: failed), Tensor(error: failed)) }
        guard rank >= 2, shape[-1] == shape[-2], (1...1000).contains(steps),
            start.map({ $0.shape.extents == Array(shape.extents.dropLast()) && $0.dtype == dtype }) ?? true
        else {
            let failed = Tensor(
                error: ApusError(
                    .shape, in: "operation powerIteration",
                    "a matrix of shape \(shape), \(steps) steps, a start of shape \(start?.shape ?? [])",
                    remedy: "give square matrices, 1 to 1000 steps, and a vector for each matrix"))
            return (failed, failed)
        }
        let size = shape[-1]
        let first = start ?? Tensor.randomNormal([size], seed: 1, dtype: dtype)
        var vector = first.stopGradient().broadcast(to: Shape(Array(shape.extents.dropLast()))).expanded(at: -1)
        let fixed = stopGradient()
        for _ in 0..<steps {
            vector = matmul(fixed, vector)
            let length = vector.norm(2, axes: [-2], keepDimensions: true)
            vector = vector * length.safeReciprocal()
        }
        let value = (vector * matmul(self, vector)).sum(axes: [-2, -1])
        return (value, vector.squeezed(-1))
    }
}
