import ApusCore

/// What training makes small: a function of the model's output and the target.
///
///     Trainer(model, loss: .crossEntropy(labelSmoothing: 0.1), optimizer: .adam())
///
/// A loss finds a number for each element, position or sample, and reduces these to one: to their mean, if nothing else is
/// asked for. Modifiers return changed losses, and losses can be added:
///
///     let loss = 0.5 * .dice() + .binaryCrossEntropy().classWeighted([1, 4])
///
/// Sum and mean differ by the number of elements, and so do the gradients: after `reduced(.sum)` the learning rate is to be
/// divided by it.
public struct Loss: Sendable {
    /// The name for listings.
    public let name: String
    /// Whether targets are labels that number the output's last axis.
    package let takesLabels: Bool
    /// How the losses of elements or samples become a number.
    public private(set) var reduction = LossReduction.mean
    private let function: @Sendable (Tensor, Tensor) -> WeightedLosses
    /// The mean of the losses where fewer operations give it.
    private let mean: (@Sendable (Tensor, Tensor) -> Tensor)?
    /// The losses of which this one is the sum, with their factors.
    private var terms: [(factor: Double, loss: Loss)] = []

    /// Losses of elements or samples, and their weights in a mean where these are not all 1. Losses have been multiplied
    /// by the weights.
    package typealias WeightedLosses = (losses: Tensor, weights: Tensor?)

    /// A loss of your own.
    ///
    /// - Parameter function: to a scalar, or to a loss for each element or sample, `[batch, ...]`
    public init(_ name: String, _ function: @escaping @Sendable (_ output: Tensor, _ target: Tensor) -> Tensor) {
        self.init(name, takesLabels: false) { (function($0, $1), nil) }
    }

    package init(
        _ name: String, takesLabels: Bool = false, problem: ApusError? = nil,
        mean: (@Sendable (Tensor, Tensor) -> Tensor)? = nil,
        _ function: @escaping @Sendable (_ output: Tensor, _ target: Tensor) -> WeightedLosses
    ) {
        self.name = name
        self.mean = mean
        self.takesLabels = takesLabels
        self.function = { output, target in
            if let problem = problem ?? output.error ?? target.error { return (Tensor(error: problem), nil) }
            return function(output, target)
        }
    }

    /// The loss of a batch: a scalar, unless the reduction is `.none`.
    ///
    /// - Parameter sampleWeights: `[batch]`, or more of the losses' first axes: what each sample counts. The mean is still
    ///   over the number of samples; `reduced(.weightedMean)` divides by the sum of the weights
    public func callAsFunction(_ output: Tensor, _ target: Tensor, sampleWeights: Tensor? = nil) -> Tensor {
        if !terms.isEmpty {
            let values = terms.map { $0.loss(output, target, sampleWeights: sampleWeights) * $0.factor }
            return values.dropFirst().reduce(values[0]) { $0 + $1 }
        }
        if sampleWeights == nil, reduction == .mean, let mean { return mean(output, target) }
        let (losses, weights) = function(output, target)
        return reduction.reduce(losses, counted: weights, sampleWeights: sampleWeights, in: "loss \(name)")
    }

    /// The same loss with another reduction, that of all its terms if it is a sum.
    public func reduced(_ reduction: LossReduction) -> Loss {
        var result = self
        result.reduction = reduction
        result.terms = terms.map { ($0.factor, $0.loss.reduced(reduction)) }
        return result
    }

    /// The same loss with each sample's multiplied by the weight of its class; means are divided by the sum of these weights.
    ///
    /// For targets that are class numbers: labels, or 0 and 1 as numbers. ``LossReduction`` and `sampleWeights` go on top.
    ///
    /// - Parameter weights: one for each class, 0 or more
    public func classWeighted(_ weights: [Double]) -> Loss {
        if !terms.isEmpty {
            var result = self
            result.terms = terms.map { ($0.factor, $0.loss.classWeighted(weights)) }
            return result
        }
        let place = "loss \(name)"
        let problem: ApusError? =
            weights.isEmpty
            ? ApusError(.value, in: place, "no class weights", remedy: "give one for each class")
            : .outOfRange(in: place, weights.enumerated().map { ("class weight \($0)", $1, 0...Double.infinity) })
        var result = Loss(name, takesLabels: takesLabels, problem: problem) { [function] output, target in
            let (losses, counted) = function(output, target)
            guard losses.error == nil else { return (losses, counted) }
            let classes = Tensor(weights, shape: [weights.count]).cast(to: losses.dtype).gather(
                indices: target.cast(to: .int64))
            let shape = target.shape.extents
            guard shape.starts(with: losses.shape.extents) || losses.shape.extents.starts(with: shape) else {
                return (
                    Tensor(
                        error: ApusError(
                            .shape, in: place, "class weights for targets of shape \(target.shape)",
                            remedy: "give targets that are numbers of classes")), nil
                )
            }
            let own = LossReduction.aligned(classes, with: losses)
            return (losses * own, counted.map { $0 * own } ?? own.broadcast(to: losses.shape))
        }
        result.reduction = reduction
        return result
    }

    /// The sum of two losses, each reduced by itself.
    public static func + (a: Loss, b: Loss) -> Loss { sum([(1, a), (1, b)]) }

    /// A loss times a number.
    public static func * (factor: Double, loss: Loss) -> Loss { sum([(factor, loss)]) }

    private static func sum(_ parts: [(factor: Double, loss: Loss)]) -> Loss {
        let terms = parts.flatMap { factor, loss in
            loss.terms.isEmpty ? [(factor, loss)] : loss.terms.map { (factor * $0.factor, $0.loss) }
        }
        let name = terms.map { factor, loss in factor == 1 ? loss.name : "\(factor) * \(loss.name)" }
        var result = Loss(
            name.joined(separator: " + "), takesLabels: terms.contains { $0.1.takesLabels }
        ) { _, _ in (Tensor(0), nil) }
        result.terms = terms
        return result
    }
}

/// The mean of `-log softmax(logits)[label]`: the cross-entropy of class scores with integer labels.
///
/// - Parameters:
///   - logits: `[..., classes]`
///   - labels: `[...]`, integers in `0 ..< classes`; others are an error when the loss is read
/// - Returns: a scalar
public func softmaxCrossEntropy(_ logits: Tensor, _ labels: Tensor) -> Tensor {
    labelled(logits, labels, in: "softmaxCrossEntropy", scores: "logits") { (logits.logSumExp() - $0).mean() }
}

/// The mean of squared differences: a scalar.
public func meanSquaredError(_ output: Tensor, _ target: Tensor) -> Tensor {
    equallyShaped(output, target, in: "meanSquaredError") { ($0 - $1).square().mean() }
}

/// A function of the scores of labels; the scores are `[..., classes]`, the labels `[...]`. A label that is no class is an
/// error when the loss is read.
func labelled(
    _ prediction: Tensor, _ labels: Tensor, in place: String, scores: String = "predictions",
    _ function: (_ chosen: Tensor) -> Tensor
) -> Tensor {
    if let failed = prediction.error ?? labels.error { return Tensor(error: failed) }
    guard prediction.rank >= 1, labels.shape.extents == Array(prediction.shape.extents.dropLast()),
        labels.dtype.isInteger
    else {
        return Tensor(
            error: ApusError(
                .shape, in: place,
                "\(scores) of shape \(prediction.shape) with labels of shape \(labels.shape) and type \(labels.dtype)",
                remedy: "give integer labels of the \(scores)' shape without its last axis"))
    }
    return function(prediction.takeAlong(indices: labels.expanded(at: -1), axis: -1, for: place))
}
