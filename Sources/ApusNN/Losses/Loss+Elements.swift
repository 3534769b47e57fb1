import ApusCore

// Losses of outputs and targets of one shape, element by element.
extension Loss {
    typealias Ranges = [(name: String, value: Double, allowed: ClosedRange<Double>)]

    /// A loss of outputs and targets of one shape.
    static func elementwise(
        _ name: String, _ ranges: Ranges = [], mean: (@Sendable (Tensor, Tensor) -> Tensor)? = nil,
        _ function: @escaping @Sendable (_ output: Tensor, _ target: Tensor) -> Tensor
    ) -> Loss {
        let place = "loss \(name)"
        return Loss(name, problem: .outOfRange(in: place, ranges), mean: mean) {
            (equallyShaped($0, $1, in: place, function), nil)
        }
    }

    /// The squared difference.
    public static let meanSquaredError = elementwise(
        "mean squared error", mean: { ApusNN.meanSquaredError($0, $1) }
    ) { squaredError($0, $1) }

    /// `|output - target|`
    public static let meanAbsoluteError = elementwise("mean absolute error") { absoluteError($0, $1) }

    /// `100 |output - target| / |target|`; see ``percentageError(_:_:epsilon:)``.
    public static let meanAbsolutePercentageError = elementwise("mean absolute percentage error") {
        percentageError($0, $1)
    }

    /// The squared difference of `log(1 + x)`.
    public static let meanSquaredLogarithmicError = elementwise("mean squared logarithmic error") {
        squaredLogarithmicError($0, $1)
    }

    /// `|output - target|^p`
    public static func powerError(_ p: Double) -> Loss {
        elementwise("power error", [("p", p, 0...Double.infinity)]) { ApusNN.powerError($0, $1, p: p) }
    }

    /// Half the squared difference up to `delta`, linear beyond.
    public static func huber(delta: Double = 1) -> Loss {
        elementwise("huber", [("delta", delta, 0...Double.infinity)]) { huberLoss($0, $1, delta: delta) }
    }

    /// Huber's loss divided by `beta`.
    public static func smoothL1(beta: Double = 1) -> Loss {
        elementwise("smooth l1", [("beta", beta, 0...Double.infinity)]) { smoothL1Loss($0, $1, beta: beta) }
    }

    /// `log(cosh(output - target))`
    public static let logCosh = elementwise("log cosh") { logCoshLoss($0, $1) }

    /// `output - target log(output)` for rates of counts.
    public static let poisson = elementwise("poisson") { poissonLoss($0, $1) }

    /// `exp(output) - target output` for logarithms of rates; see ``poissonNegativeLogLikelihood(_:_:isLogarithm:full:epsilon:)``.
    public static func poissonNegativeLogLikelihood(isLogarithm: Bool = true, full: Bool = false) -> Loss {
        elementwise("poisson negative log likelihood") {
            ApusNN.poissonNegativeLogLikelihood($0, $1, isLogarithm: isLogarithm, full: full)
        }
    }

    /// The negative log likelihood of normal distributions whose means and logarithms of variances are the two halves of the
    /// output's last axis: `[..., 2 features]` for targets `[..., features]`.
    public static func gaussianNegativeLogLikelihood(full: Bool = false) -> Loss {
        let name = "gaussian negative log likelihood"
        return Loss(name) { output, target in
            let features = output.rank > 0 ? output.shape[-1] / 2 : 0
            guard output.rank > 0, output.shape[-1] == 2 * features,
                target.shape == output.shape.replacing(output.rank - 1, with: features)
            else {
                return (
                    Tensor(
                        error: ApusError(
                            .shape, in: "loss \(name)",
                            "an output of shape \(output.shape), a target of shape \(target.shape)",
                            remedy: "give means and logarithms of variances, [..., 2 features], for [..., features]")),
                    nil
                )
            }
            let parts = output.split(sizes: [features, features], axis: -1)
            return (
                ApusNN.gaussianNegativeLogLikelihood(parts[0], target, variance: parts[1].exp(), full: full), nil
            )
        }
    }

    /// The cross-entropy of answers that are yes or no; targets are 0, 1 or between.
    ///
    /// - Parameters:
    ///   - fromLogits: whether outputs are logits, which is the more precise way, or probabilities
    ///   - labelSmoothing: the part of targets that is moved to 1/2
    ///   - positiveWeight: what targets of 1 count
    public static func binaryCrossEntropy(
        fromLogits: Bool = true, labelSmoothing: Double = 0, positiveWeight: Double = 1
    ) -> Loss {
        elementwise(
            "binary cross-entropy",
            [("labelSmoothing", labelSmoothing, 0...1), ("positiveWeight", positiveWeight, 0...Double.infinity)]
        ) { output, target in
            let target = labelSmoothing == 0 ? target : target * (1 - labelSmoothing) + labelSmoothing / 2
            let losses =
                fromLogits
                ? ApusNN.binaryCrossEntropy(logits: output, target)
                : ApusNN.binaryCrossEntropy(probabilities: output, target)
            return positiveWeight == 1 ? losses : losses * (target * (positiveWeight - 1) + 1)
        }
    }

    /// Binary cross-entropy that counts what is answered well already less: times `(1 - p)^gamma` (Lin et al., ICCV 2017).
    ///
    /// - Parameter alpha: what targets of 1 count; those of 0 count `1 - alpha`
    public static func binaryFocal(alpha: Double? = nil, gamma: Double = 2, fromLogits: Bool = true) -> Loss {
        elementwise(
            "binary focal", [("alpha", alpha ?? 0, 0...1), ("gamma", gamma, 0...Double.infinity)]
        ) {
            fromLogits
                ? binaryFocalLoss(logits: $0, $1, alpha: alpha, gamma: gamma)
                : binaryFocalLoss(probabilities: $0, $1, alpha: alpha, gamma: gamma)
        }
    }

    /// `max(0, 1 - target output)` for targets of -1 and 1.
    public static let hinge = elementwise("hinge") { hingeLoss($0, $1) }

    /// The square of ``hinge``.
    public static let squaredHinge = elementwise("squared hinge") { hingeLoss($0, $1).square() }

    /// `log(1 + exp(-target output))` for targets of -1 and 1.
    public static let softMargin = elementwise("soft margin") { softMarginLoss($0, $1) }

    /// The output for targets of 1, `max(0, margin - output)` for -1.
    public static func hingeEmbedding(margin: Double = 1) -> Loss {
        elementwise("hinge embedding") { hingeEmbeddingLoss($0, $1, margin: margin) }
    }
}
