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

    /// Whether predictions are logits or probabilities.
    public var scores: Scores
    /// The part of each target that is spread evenly over the classes.
    public var labelSmoothing: Double
    /// The label whose positions count for nothing.
    public var ignoredLabel: Int?

    /// - Parameter labelSmoothing: the share of each target that is spread evenly over all classes, 0...1
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
        if let problem = problem(prediction, target, classWeights) { return (Tensor(error: problem), nil) }
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
        let chosen = logarithms.takeAlong(indices: labels.expanded(at: -1), axis: -1, for: "cross-entropy")
        var losses = -chosen.reshaped(to: labels.shape)
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

    private func problem(_ prediction: Tensor, _ target: Tensor, _ classWeights: Tensor?) -> ApusError? {
        let place = "cross-entropy"
        if let error = prediction.error ?? target.error ?? classWeights?.error { return error }
        let extents = prediction.shape.extents
        guard prediction.rank >= 1, prediction.shape[-1] > 0,
            target.shape.extents == (target.dtype.isInteger ? Array(extents.dropLast()) : extents)
        else {
            return ApusError(
                .shape, in: place,
                "predictions of shape \(prediction.shape) with targets of shape \(target.shape) and type \(target.dtype)",
                remedy: "give integer labels of the predictions' shape without its last axis, "
                    + "or distributions of the whole shape")
        }
        if let classWeights, classWeights.shape != [prediction.shape[-1]] {
            return ApusError(
                .shape, in: place, "class weights of shape \(classWeights.shape) for \(prediction.shape[-1]) classes",
                remedy: "give one for each class")
        }
        return .outOfRange(in: place, [("labelSmoothing", labelSmoothing, 0...1)])
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
    equallyShaped(prediction, target, in: "categoricalHingeLoss") { prediction, target in
        let wrong = ((1 - target) * prediction).max(axes: [-1])
        return (wrong - (target * prediction).sum(axes: [-1]) + 1).relu()
    }
}

/// `sum(max(0, margin - x[label] + x[c])^p) / classes` over the classes `c` other than the label.
public func multiMarginLoss(_ prediction: Tensor, _ labels: Tensor, margin: Double = 1, p: Double = 1) -> Tensor {
    labelled(prediction, labels, in: "multiMarginLoss") { own in
        let terms = Tensor.power((prediction - own + margin).relu(), p)
        let others = terms * (1 - oneHot(labels, depth: prediction.shape[-1], dtype: prediction.dtype))
        return others.sum(axes: [-1]) / Double(max(prediction.shape[-1], 1))
    }
}

/// `sum(max(0, 1 - (x[j] - x[c]))) / classes` over all pairs of a label `j` and a class `c` that is none.
///
/// - Parameter target: which classes are labels, as 0 and 1: `[.., classes]`
public func multiLabelMarginLoss(_ prediction: Tensor, _ target: Tensor) -> Tensor {
    equallyShaped(prediction, target, in: "multiLabelMarginLoss") { x, target in
        let gaps = (1 - (x.expanded(at: -1) - x.expanded(at: -2))).relu()
        let pairs = target.expanded(at: -1) * (1 - target.expanded(at: -2))
        return (gaps * pairs).sum(axes: [-2, -1]) / Double(max(x.shape[-1], 1))
    }
}

/// The cross-entropy of each label by itself, mean over the classes: `[.., classes]` to `[..]`.
public func multiLabelSoftMarginLoss(_ logits: Tensor, _ target: Tensor) -> Tensor {
    binaryCrossEntropy(logits: logits, target).mean(axes: [-1])
}

/// `(1 - p^q) / q` of the probability of the right class (Zhang and Sabuncu, NeurIPS 2018).
public func generalizedCrossEntropy(_ probabilities: Tensor, _ labels: Tensor, q: Double = 0.5) -> Tensor {
    labelled(probabilities, labels, in: "generalizedCrossEntropy", scores: "probabilities") {
        (1 - Tensor.power($0.reshaped(to: labels.shape), q)) / q
    }
}

/// `-alpha[label] (1 - p)^gamma log p` of the probability `p` of the label, from logits.
public func categoricalFocalLoss(
    logits: Tensor, _ labels: Tensor, alpha: Tensor? = nil, gamma: Double = 2
) -> Tensor {
    labelled(logits, labels, in: "categoricalFocalLoss", scores: "logits") { own in
        let logarithm = (own - logits.logSumExp()).reshaped(to: labels.shape)
        let loss = -(Tensor.power(1 - logarithm.exp(), gamma) * logarithm)
        return alpha.map { $0.gather(indices: labels) * loss } ?? loss
    }
}

/// `-sum(t alpha (1 - p)^gamma log p)` over the last axis; probabilities are divided by their sum and limited to
/// `epsilon...1 - epsilon`.
public func categoricalFocalLoss(
    probabilities: Tensor, distribution target: Tensor, alpha: Double = 0.25, gamma: Double = 2, epsilon: Double = 1e-7
) -> Tensor {
    equallyShaped(probabilities, target, in: "categoricalFocalLoss") { probabilities, target in
        let p = (probabilities / probabilities.sum(axes: [-1], keepDimensions: true)).clipped(epsilon, 1 - epsilon)
        return -(target * Tensor.power(1 - p, gamma) * p.log()).sum(axes: [-1]) * alpha
    }
}

/// `target (log target - prediction)` for each element, of log probabilities and probabilities (or their logarithms).
public func klDivergence(logarithms prediction: Tensor, _ target: Tensor, isLogarithm: Bool = false) -> Tensor {
    equallyShaped(prediction, target, in: "klDivergence") {
        isLogarithm ? $1.exp() * ($1 - $0) : Tensor.xLogY($1, $1) - $1 * $0
    }
}

/// `sum(t log(t / p))` over the last axis, both limited to `epsilon...1`.
public func klDivergence(probabilities p: Tensor, _ target: Tensor, epsilon: Double = 1e-7) -> Tensor {
    equallyShaped(p, target, in: "klDivergence") { p, target in
        let (p, t) = (p.clipped(epsilon, 1), target.clipped(epsilon, 1))
        return (t * (t / p).log()).sum(axes: [-1])
    }
}

/// The divergence of the softened classes of a student from a teacher's, times the temperature squared, mean over the
/// batch (Hinton et al., 2015).
public func distillationLoss(_ student: Tensor, teacher: Tensor, temperature: Double = 4) -> Tensor {
    equallyShaped(student, teacher, in: "distillationLoss") { student, teacher in
        let target = logSoftmax(teacher.stopGradient() / temperature)
        let losses = klDivergence(logarithms: logSoftmax(student / temperature), target, isLogarithm: true)
        return LossReduction.batchMean(losses) * (temperature * temperature)
    }
}

/// The divergence of a normal distribution from the standard one: sum over the last axis, mean over the batch.
public func standardNormalDivergence(mean: Tensor, logVariance: Tensor) -> Tensor {
    equallyShaped(mean, logVariance, in: "standardNormalDivergence") {
        (($0.square() + $1.exp() - $1 - 1).sum(axes: [-1]) / 2).mean()
    }
}
