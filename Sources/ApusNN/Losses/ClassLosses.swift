import ApusCore

/// The targets of a classification: integer labels without the class axis, or a distribution over it.
public struct CrossEntropy: Sendable {
    /// What the predictions are.
    public enum Scores: Sendable {
        case logits
        case logProbabilities
        /// With `epsilon`, probabilities are divided by their sum if `renormalizes`, then limited to
        /// `epsilon...1 - epsilon`.
        case probabilities(epsilon: Double?, renormalizes: Bool)
    }

    public var scores: Scores
    /// The part of each target that is spread evenly over the classes.
    public var labelSmoothing: Double
    /// The label whose positions count for nothing.
    public var ignoredLabel: Int?

    public init(scores: Scores = .logits, labelSmoothing: Double = 0, ignoredLabel: Int? = nil) {
        self.scores = scores
        self.labelSmoothing = labelSmoothing
        self.ignoredLabel = ignoredLabel
    }

    /// The loss of each position and, where labels or weights make it differ from 1, its weight in a mean.
    ///
    /// - Parameters:
    ///   - prediction: `[.., classes]`
    ///   - target: labels `[..]`, or distributions `[.., classes]`
    ///   - classWeights: `[classes]`
    public func callAsFunction(
        _ prediction: Tensor, _ target: Tensor, classWeights: Tensor? = nil
    ) -> (losses: Tensor, weights: Tensor?) {
        if let failed = [prediction, target].first(where: { $0.error != nil }) { return (failed, nil) }
        let classes = prediction.shape[-1]
        let logarithms = logProbabilities(prediction)
        let spread = labelSmoothing / Double(max(classes, 1))
        if !target.dtype.isInteger {
            let smoothed = labelSmoothing == 0 ? target : target * (1 - labelSmoothing) + spread
            let terms = -(smoothed * logarithms)
            return ((classWeights.map { terms * $0 } ?? terms).sum(axes: [-1]), nil)
        }
        var labels = target.cast(to: .int64)
        var weights: Tensor?
        if let ignoredLabel {
            let kept = labels .!= Double(ignoredLabel)
            weights = kept.cast(to: prediction.dtype)
            labels = Tensor.select(kept, labels, Tensor.zeros(labels.shape, dtype: .int64))
        }
        if let classWeights {
            let own = classWeights.gather(indices: labels)
            weights = weights.map { $0 * own } ?? own
        }
        var losses = -logarithms.takeAlong(indices: labels.expanded(at: -1), axis: -1).reshaped(to: labels.shape)
        if let classWeights { losses = losses * classWeights.gather(indices: labels) }
        if labelSmoothing > 0 {
            let terms = classWeights.map { logarithms * $0 } ?? logarithms
            losses = losses * (1 - labelSmoothing) - terms.sum(axes: [-1]) * spread
        }
        if let ignoredLabel {
            let kept = target.cast(to: .int64) .!= Double(ignoredLabel)
            losses = Tensor.select(kept, losses, Tensor.zeros(losses.shape, dtype: losses.dtype))
        }
        return (losses, weights)
    }

    private func logProbabilities(_ prediction: Tensor) -> Tensor {
        switch scores {
        case .logits: return logSoftmax(prediction)
        case .logProbabilities: return prediction
        case .probabilities(let epsilon, let renormalizes):
            let p = renormalizes ? prediction / prediction.sum(axes: [-1], keepDimensions: true) : prediction
            return (epsilon.map { p.clipped($0, 1 - $0) } ?? p).log()
        }
    }
}

/// `max(0, max((1 - t) p) - sum(t p) + 1)` over the last axis.
public func categoricalHingeLoss(_ prediction: Tensor, _ target: Tensor) -> Tensor {
    let wrong = ((1 - target) * prediction).max(axes: [-1])
    return (wrong - (target * prediction).sum(axes: [-1]) + 1).relu()
}

/// `sum(max(0, margin - x[label] + x[c])^p) / classes` over the classes `c` other than the label.
public func multiMarginLoss(_ prediction: Tensor, _ labels: Tensor, margin: Double = 1, p: Double = 1) -> Tensor {
    let own = prediction.takeAlong(indices: labels.expanded(at: -1), axis: -1)
    let terms = Tensor.power((prediction - own + margin).relu(), p)
    let others = terms * (1 - oneHot(labels, depth: prediction.shape[-1], dtype: prediction.dtype))
    return others.sum(axes: [-1]) / Double(max(prediction.shape[-1], 1))
}

/// `(1 - p^q) / q` of the probability of the right class (Zhang and Sabuncu, NeurIPS 2018).
public func generalizedCrossEntropy(_ probabilities: Tensor, _ labels: Tensor, q: Double = 0.5) -> Tensor {
    let p = probabilities.takeAlong(indices: labels.expanded(at: -1), axis: -1).reshaped(to: labels.shape)
    return (1 - Tensor.power(p, q)) / q
}

/// `-alpha[label] (1 - p)^gamma log p` of the probability `p` of the label, from logits.
public func categoricalFocalLoss(
    logits: Tensor, _ labels: Tensor, alpha: Tensor? = nil, gamma: Double = 2
) -> Tensor {
    let logarithm = logSoftmax(logits).takeAlong(indices: labels.expanded(at: -1), axis: -1).reshaped(to: labels.shape)
    let loss = -(Tensor.power(1 - logarithm.exp(), gamma) * logarithm)
    return alpha.map { $0.gather(indices: labels) * loss } ?? loss
}

/// `-sum(t alpha (1 - p)^gamma log p)` over the last axis; probabilities are divided by their sum and limited to
/// `epsilon...1 - epsilon`.
public func categoricalFocalLoss(
    probabilities: Tensor, distribution target: Tensor, alpha: Double = 0.25, gamma: Double = 2, epsilon: Double = 1e-7
) -> Tensor {
    let p = (probabilities / probabilities.sum(axes: [-1], keepDimensions: true)).clipped(epsilon, 1 - epsilon)
    return -(target * Tensor.power(1 - p, gamma) * p.log()).sum(axes: [-1]) * alpha
}

/// `target (log target - prediction)` for each element, of log probabilities and probabilities (or their logarithms).
public func klDivergence(logarithms prediction: Tensor, _ target: Tensor, isLogarithm: Bool = false) -> Tensor {
    isLogarithm
        ? target.exp() * (target - prediction) : Tensor.xLogY(target, target) - target * prediction
}

/// `sum(t log(t / p))` over the last axis, both limited to `epsilon...1`.
public func klDivergence(probabilities p: Tensor, _ target: Tensor, epsilon: Double = 1e-7) -> Tensor {
    let (p, t) = (p.clipped(epsilon, 1), target.clipped(epsilon, 1))
    return (t * (t / p).log()).sum(axes: [-1])
}

/// The divergence of the softened classes of a student from a teacher's, times the temperature squared, mean over the
/// batch (Hinton et al., 2015).
public func distillationLoss(_ student: Tensor, teacher: Tensor, temperature: Double = 4) -> Tensor {
    let target = logSoftmax(teacher.stopGradient() / temperature)
    let losses = klDivergence(logarithms: logSoftmax(student / temperature), target, isLogarithm: true)
    return LossReduction.batchMean(losses) * (temperature * temperature)
}

/// The divergence of a normal distribution from the standard one: sum over the last axis, mean over the batch.
public func standardNormalDivergence(mean: Tensor, logVariance: Tensor) -> Tensor {
    ((mean.square() + logVariance.exp() - logVariance - 1).sum(axes: [-1]) / 2).mean()
}
