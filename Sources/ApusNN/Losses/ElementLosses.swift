import ApusCore

// Losses for each element of a prediction; `LossReduction` makes a number of them. Predictions and targets have the same
// shape; other shapes give a tensor with an error.

/// `(prediction - target)^2`
public func squaredError(_ prediction: Tensor, _ target: Tensor) -> Tensor {
    equallyShaped(prediction, target, in: "squaredError") { ($0 - $1).square() }
}

/// `|prediction - target|`
public func absoluteError(_ prediction: Tensor, _ target: Tensor) -> Tensor {
    equallyShaped(prediction, target, in: "absoluteError") { ($0 - $1).absolute() }
}

/// `100 |prediction - target| / max(|target|, epsilon)`
public func percentageError(_ prediction: Tensor, _ target: Tensor, epsilon: Double = 1e-7) -> Tensor {
    equallyShaped(prediction, target, in: "percentageError") {
        ($0 - $1).absolute() / Tensor.maximum($1.absolute(), epsilon) * 100
    }
}

/// The squared difference of `log(1 + x)`, negative numbers taken as 0.
public func squaredLogarithmicError(_ prediction: Tensor, _ target: Tensor, epsilon: Double = 1e-7) -> Tensor {
    equallyShaped(prediction, target, in: "squaredLogarithmicError") {
        (Tensor.maximum($0, epsilon).log1p() - Tensor.maximum($1, epsilon).log1p()).square()
    }
}

/// Half the squared difference up to `delta`, linear beyond.
public func huberLoss(_ prediction: Tensor, _ target: Tensor, delta: Double = 1) -> Tensor {
    equallyShaped(prediction, target, in: "huberLoss") { prediction, target in
        let difference = prediction - target
        let distance = difference.absolute()
        return Tensor.select(distance .<= delta, difference.square() / 2, (distance - delta / 2) * delta)
    }
}

/// Huber's loss divided by `beta`.
public func smoothL1Loss(_ prediction: Tensor, _ target: Tensor, beta: Double = 1) -> Tensor {
    equallyShaped(prediction, target, in: "smoothL1Loss") { prediction, target in
        let difference = prediction - target
        let distance = difference.absolute()
        // No square part is left at 0, where the quotient would be no number.
        guard beta > 0 else { return distance }
        return Tensor.select(distance .< beta, difference.square() / (2 * beta), distance - beta / 2)
    }
}

/// `log(cosh(prediction - target))`, safe against overflow.
public func logCoshLoss(_ prediction: Tensor, _ target: Tensor) -> Tensor {
    equallyShaped(prediction, target, in: "logCoshLoss") { prediction, target in
        let difference = prediction - target
        return difference + (difference * -2).softplus() - 0.6931471805599453
    }
}

/// `|prediction - target|^p`
public func powerError(_ prediction: Tensor, _ target: Tensor, p: Double) -> Tensor {
    equallyShaped(prediction, target, in: "powerError") { Tensor.power(($0 - $1).absolute(), p) }
}

/// `prediction - target log(prediction + epsilon)`
public func poissonLoss(_ prediction: Tensor, _ target: Tensor, epsilon: Double = 1e-7) -> Tensor {
    equallyShaped(prediction, target, in: "poissonLoss") { $0 - $1 * ($0 + epsilon).log() }
}

/// The negative log likelihood of counts for a rate, or its logarithm; `full` adds Stirling's term for targets over 1.
public func poissonNegativeLogLikelihood(
    _ prediction: Tensor, _ target: Tensor, isLogarithm: Bool = true, full: Bool = false, epsilon: Double = 1e-8
) -> Tensor {
    equallyShaped(prediction, target, in: "poissonNegativeLogLikelihood") { prediction, target in
        let loss =
            isLogarithm
            ? prediction.exp() - target * prediction : prediction - target * (prediction + epsilon).log()
        guard full else { return loss }
        let large = target .> 1.0
        let safe = Tensor.select(large, target, target * 0 + 1)
        let stirling = safe * safe.log() - safe + (safe * (2 * Double.pi)).log() / 2
        return loss + Tensor.select(large, stirling, target * 0)
    }
}

/// The negative log likelihood of a normal distribution with the given variance.
public func gaussianNegativeLogLikelihood(
    _ prediction: Tensor, _ target: Tensor, variance: Tensor, full: Bool = false, epsilon: Double = 1e-6
) -> Tensor {
    equallyShaped(prediction, target, in: "gaussianNegativeLogLikelihood") { prediction, target in
        let safe = variance + (Tensor.maximum(variance, epsilon) - variance).stopGradient()
        let loss = (safe.log() + (prediction - target).square() / safe) / 2
        return full ? loss + 0.9189385332046727 : loss
    }
}

/// `-(y log sigmoid(x) + (1 - y) log(1 - sigmoid(x)))` of logits; targets weigh `positiveWeight`.
public func binaryCrossEntropy(logits x: Tensor, _ target: Tensor, positiveWeight: Tensor? = nil) -> Tensor {
    equallyShaped(x, target, in: "binaryCrossEntropy") { x, target in
        let missed = target * (-x).softplus()
        return (positiveWeight.map { missed * $0 } ?? missed) + (1 - target) * x.softplus()
    }
}

/// `-(y log p + (1 - y) log(1 - p))` of probabilities; logarithms are no smaller than -100.
public func binaryCrossEntropy(probabilities p: Tensor, _ target: Tensor) -> Tensor {
    equallyShaped(p, target, in: "binaryCrossEntropy") { p, target in
        -(target * Tensor.maximum(p.log(), -100) + (1 - target) * Tensor.maximum((1 - p).log(), -100))
    }
}

/// `-a (1 - p)^gamma log p` of the probability `p` given to the right answer; `a` is `alpha` for targets of 1, else
/// `1 - alpha` (Lin et al., ICCV 2017).
public func binaryFocalLoss(
    logits x: Tensor, _ target: Tensor, alpha: Double? = nil, gamma: Double = 2
) -> Tensor {
    equallyShaped(x, target, in: "binaryFocalLoss") {
        focal($0.sigmoid(), binaryCrossEntropy(logits: $0, $1), $1, alpha, gamma)
    }
}

/// The focal loss of probabilities.
public func binaryFocalLoss(
    probabilities p: Tensor, _ target: Tensor, alpha: Double? = nil, gamma: Double = 2
) -> Tensor {
    equallyShaped(p, target, in: "binaryFocalLoss") {
        focal($0, binaryCrossEntropy(probabilities: $0, $1), $1, alpha, gamma)
    }
}

private func focal(
    _ p: Tensor, _ crossEntropy: Tensor, _ target: Tensor, _ alpha: Double?, _ gamma: Double
) -> Tensor {
    let missed = 1 - (p * target + (1 - p) * (1 - target))
    let loss = gamma == 0 ? crossEntropy : Tensor.power(missed, gamma) * crossEntropy
    return alpha.map { (target * $0 + (1 - target) * (1 - $0)) * loss } ?? loss
}

/// `max(0, 1 - target prediction)` for targets of -1 and 1.
public func hingeLoss(_ prediction: Tensor, _ target: Tensor) -> Tensor {
    equallyShaped(prediction, target, in: "hingeLoss") { (1 - $1 * $0).relu() }
}

/// `log(1 + exp(-target x))` for targets of -1 and 1.
public func softMarginLoss(_ prediction: Tensor, _ target: Tensor) -> Tensor {
    equallyShaped(prediction, target, in: "softMarginLoss") { (-($1 * $0)).softplus() }
}

/// The prediction for targets of 1, `max(0, margin - prediction)` for targets of -1.
public func hingeEmbeddingLoss(_ prediction: Tensor, _ target: Tensor, margin: Double = 1) -> Tensor {
    equallyShaped(prediction, target, in: "hingeEmbeddingLoss") {
        Tensor.select($1 .> 0.0, $0, (margin - $0).relu())
    }
}

/// `max(0, -target (a - b) + margin)`: `a` is to be the larger one for targets of 1, `b` for -1.
public func marginRankingLoss(_ a: Tensor, _ b: Tensor, _ target: Tensor, margin: Double = 0) -> Tensor {
    equallyShaped(a, b, in: "marginRankingLoss") { a, b in
        equallyShaped(a, target, in: "marginRankingLoss") { _, target in (-(target * (a - b)) + margin).relu() }
    }
}
