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

    /// Weighs and reduces losses. `weights` have the losses' first axes.
    public func callAsFunction(_ losses: Tensor, weights: Tensor? = nil) -> Tensor {
        guard losses.error == nil else { return losses }
        var weighted = losses
        if let weights {
            guard weights.error == nil else { return weights }
            let missing = [Int](repeating: 1, count: max(losses.rank - weights.rank, 0))
            weighted = losses * weights.cast(to: losses.dtype).reshaped(to: Shape(weights.shape.extents + missing))
        }
        switch self {
        case .none: return weighted
        case .mean: return weighted.mean()
        case .sum: return weighted.sum()
        case .weightedMean: return weights.map { weighted.sum() / $0.cast(to: losses.dtype).sum() } ?? weighted.mean()
        case .batchMean: return weighted.sum() / Double(max(losses.shape[0], 1))
        }
    }
}
