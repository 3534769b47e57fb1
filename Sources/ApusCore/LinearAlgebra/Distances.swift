extension Tensor {
    /// The distances of each row of this tensor from each row of the other: `[.., n, d]`, `[.., m, d]` -> `[.., n, m]`.
    ///
    /// - Parameter order: 2 for the Euclidean distance, 1 for the sum of magnitudes, any other of ``norm(_:axes:keepDimensions:)``
    public func pairwiseDistances(to other: Tensor, order: Double = 2) -> Tensor {
        if let failed = error ?? other.error { return Tensor(error: failed) }
        guard rank >= 2, other.rank >= 2, shape[-1] == other.shape[-1] else {
            return Tensor(
                error: ApusError(
                    .shape, in: "operation pairwiseDistances",
                    "rows of shapes \(shape) and \(other.shape) do not fit", remedy: "give rows of the same length"))
        }
        return (expanded(at: -2) - other.expanded(at: other.rank - 2)).norm(order, axes: [-1])
    }
}

/// The cosine of the angle between vectors along an axis.
public func cosineSimilarity(_ a: Tensor, _ b: Tensor, axis: Int = -1, epsilon: Double = 1e-8) -> Tensor {
    let lengths = Tensor.maximum(a.norm(axes: [axis]), epsilon) * Tensor.maximum(b.norm(axes: [axis]), epsilon)
    return (a * b).sum(axes: [axis]) / lengths
}
