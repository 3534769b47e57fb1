import ApusCore

// Losses for each element of a prediction; `LossReduction` makes a number of them.

/// `(prediction - target)^2`
public func squaredError(_ prediction: Tensor, _ target: Tensor) -> Tensor { (prediction - target).square() }

/// `|prediction - target|`
public func absoluteError(_ prediction: Tensor, _ target: Tensor) -> Tensor { (prediction - target).absolute() }

/// `100 |prediction - target| / max(|target|, epsilon)`
public func percentageError(_ prediction: Tensor, _ target: Tensor, epsilon: Double = 1e-7) -> Tensor {
    (prediction - target).absolute() / Tensor.maximum(target.absolute(), epsilon) * 100
}

/// The squared difference of `log(1 + x)`, negative numbers taken as 0.
public func squaredLogarithmicError(_ prediction: Tensor, _ target: Tensor, epsilon: Double = 1e-7) -> Tensor {
    (Tensor.maximum(prediction, epsilon).log1p() - Tensor.maximum(target, epsilon).log1p()).square()
}

/// Half the squared difference up to `delta`, linear beyond.
public func huberLoss(_ prediction: Tensor, _ target: Tensor, delta: Double = 1) -> Tensor {
    let difference = prediction - target
    let distance = difference.absolute()
    return Tensor.select(distance .<= delta, difference.square() / 2, (distance - delta / 2) * delta)
}

/// Huber's loss divided by `beta`.
public func smoothL1Loss(_ prediction: Tensor, _ target: Tensor, beta: Double = 1) -> Tensor {
    let difference = prediction - target
    let distance = difference.absolute()
    return Tensor.select(distance .< beta, difference.square() / (2 * beta), distance - beta / 2)
}

/// `log(cosh(prediction - target))`, safe against overflow.
public func logCoshLoss(_ prediction: Tensor, _ target: Tensor) -> Tensor {
    let difference = prediction - target
    return difference + (difference * -2).softplus() - 0.6931471805599453
}

/// `prediction - target log(prediction + epsilon)`
public func poissonLoss(_ prediction: Tensor, _ target: Tensor, epsilon: Double = 1e-7) -> Tensor {
    prediction - target * (prediction + epsilon).log()
}

/// The negative log likelihood of counts for a rate, or its logarithm; `full` adds Stirling's term for targets over 1.
public func poissonNegativeLogLikelihood(
    _ prediction: Tensor, _ target: Tensor, isLogarithm: Bool = true, full: Bool = false, epsilon: Double = 1e-8
) -> Tensor {
    let loss =
        isLogarithm
        ? prediction.exp() - target * prediction : prediction - target * (prediction + epsilon).log()
    guard full else { return loss }
    let large = target .> 1.0
    let safe = Tensor.select(large, target, target * 0 + 1)
    let stirling = safe * safe.log() - safe + (safe * (2 * Double.pi)).log() / 2
    return loss + Tensor.select(large, stirling, target * 0)
}

/// The negative log likelihood of a normal distribution with the given variance.
public func gaussianNegativeLogLikelihood(
    _ prediction: Tensor, _ target: Tensor, variance: Tensor, full: Bool = false, epsilon: Double = 1e-6
) -> Tensor {
    let safe = variance + (Tensor.maximum(variance, epsilon) - variance).stopGradient()
    let loss = (safe.log() + (prediction - target).square() / safe) / 2
    return full ? loss + 0.9189385332046727 : loss
}

/// `-(y log sigmoid(x) + (1 - y) log(1 - sigmoid(x)))` of logits; targets weigh `positiveWeight`.
public func binaryCrossEntropy(logits x: Tensor, _ target: Tensor, positiveWeight: Tensor? = nil) -> Tensor {
    let missed = target * (-x).softplus()
    return (positiveWeight.map { missed * $0 } ?? missed) + (1 - target) * x.softplus()
}

/// `-(y log p + (1 - y) log(1 - p))` of probabilities; logarithms are no smaller than -100.
public func binaryCrossEntropy(probabilities p: Tensor, _ target: Tensor) -> Tensor {
    -(target * Tensor.maximum(p.log(), -100) + (1 - target) * Tensor.maximum((1 - p).log(), -100))
}

/// `-a (1 - p)^gamma log p` of the probability `p` given to the right answer; `a` is `alpha` for targets of 1, else
/// `1 - alpha` (Lin et al., ICCV 2017).
public func binaryFocalLoss(
    logits x: Tensor, _ target: Tensor, alpha: Double? = nil, gamma: Double = 2
) -> Tensor {
    let p = x.sigmoid()
    return focal(p, binaryCrossEntropy(logits: x, target), target, alpha, gamma)
}

/// The focal loss of probabilities.
public func binaryFocalLoss(
    probabilities p: Tensor, _ target: Tensor, alpha: Double? = nil, gamma: Double = 2
) -> Tensor {
    focal(p, binaryCrossEntropy(probabilities: p, target), target, alpha, gamma)
}

private func focal(
    _ p: Tensor, _ crossEntropy: Tensor, _ target: Tensor, _ alpha: Double?, _ gamma: Double
) -> Tensor {
    let missed = 1 - (p * target + (1 - p) * (1 - target))
    let loss = gamma == 0 ? crossEntropy : Tensor.power(missed, gamma) * crossEntropy
    return alpha.map { (target * $0 + (1 - target) * (1 - $0)) * loss } ?? loss
}

/// `max(0, 1 - target prediction)` for targets of -1 and 1.
public func hingeLoss(_ prediction: Tensor, _ target: Tensor) -> Tensor { (1 - target * prediction).relu() }

/// `log(1 + exp(-target x))` for targets of -1 and 1.
public func softMarginLoss(_ prediction: Tensor, _ target: Tensor) -> Tensor { (-(target * prediction)).softplus() }

/// The prediction for targets of 1, `max(0, margin - prediction)` for targets of -1.
public func hingeEmbeddingLoss(_ prediction: Tensor, _ target: Tensor, margin: Double = 1) -> Tensor {
    Tensor.select(target .> 0.0, prediction, (margin - prediction).relu())
}

/// `max(0, -target (a - b) + margin)`: `a` is to be the larger one for targets of 1, `b` for -1.
public func marginRankingLoss(_ a: Tensor, _ b: Tensor, _ target: Tensor, margin: Double = 0) -> Tensor {
    (-(target * (a - b)) + margin).relu()
}
