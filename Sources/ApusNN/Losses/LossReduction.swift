import ApusCore

/// How the losses of the samples become one number.
public enum LossReduction: String, Sendable, CaseIterable {
    /// Not at all.
    case none
    /// Their mean; with weights still divided by their number.
    case mean
    case sum
    /// Their sum divided by the sum of the weights.
    case weightedMean
    /// Their sum divided by the first extent.
    case batchMean

    /// Weighs and reduces losses.
    ///
    /// - Parameter weights: of the shape of the losses' first axes, such as `[batch]`
    public func callAsFunction(_ losses: Tensor, weights: Tensor? = nil) -> Tensor {
        reduce(losses, counted: nil, sampleWeights: weights, in: "loss reduction \(rawValue)")
    }

    /// - Parameter counted: what each loss, multiplied by it already, counts in a mean; where all are 0 the mean is 0
    func reduce(_ losses: Tensor, counted: Tensor?, sampleWeights: Tensor?, in place: String) -> Tensor {
        if let failed = losses.error ?? counted?.error ?? sampleWeights?.error { return Tensor(error: failed) }
        var weighted = losses
        var total = counted
        if let sampleWeights {
            guard losses.shape.extents.starts(with: sampleWeights.shape.extents), sampleWeights.rank > 0 else {
                return Tensor(
                    error: ApusError(
                        .shape, in: place,
                        "weights of shape \(sampleWeights.shape) for losses of shape \(losses.shape)",
                        remedy: "give weights of the shape of the losses' first axes"))
            }
            let weights = Self.aligned(sampleWeights.cast(to: losses.dtype), with: losses)
            weighted = losses * weights
            if self == .weightedMean { total = counted.map { $0 * weights } ?? weights.broadcast(to: losses.shape) }
        }
        switch self {
        case .none: return weighted
        case .sum: return weighted.sum()
        case .batchMean: return weighted.sum() / Double(max(losses.rank == 0 ? 1 : losses.shape[0], 1))
        case .mean, .weightedMean:
            guard let total else { return losses.rank == 0 ? weighted : weighted.mean() }
            let sum = total.sum()
            return weighted.sum() / Tensor.select(sum .== 0.0, sum + 1, sum)
        }
    }

    /// Weights of the losses' first axes, with axes of extent 1 for the others.
    static func aligned(_ weights: Tensor, with losses: Tensor) -> Tensor {
        let missing = [Int](repeating: 1, count: max(losses.rank - weights.rank, 0))
        return missing.isEmpty ? weights : weights.reshaped(to: Shape(weights.shape.extents + missing))
    }
}
