import ApusCore

/// What training makes small: a function of the model's output and the target.
public struct Loss: Sendable {
    /// The name for listings.
    public let name: String
    /// Whether targets are labels that number the output's last axis.
    package let takesLabels: Bool
    private let function: @Sendable (Tensor, Tensor) -> Tensor

    public init(_ name: String, _ function: @escaping @Sendable (_ output: Tensor, _ target: Tensor) -> Tensor) {
        self.init(name, takesLabels: false, function)
    }

    package init(
        _ name: String, takesLabels: Bool,
        _ function: @escaping @Sendable (_ output: Tensor, _ target: Tensor) -> Tensor
    ) {
        self.name = name
        self.takesLabels = takesLabels
        self.function = function
    }

    /// The mean loss over the batch: a scalar.
    public func callAsFunction(_ output: Tensor, _ target: Tensor) -> Tensor { function(output, target) }

    /// Cross-entropy of class scores (logits) with integer labels.
    public static let softmaxCrossEntropy = Loss("softmax cross-entropy", takesLabels: true) {
        ApusNN.softmaxCrossEntropy($0, $1)
    }
    /// The mean squared difference.
    public static let meanSquaredError = Loss("mean squared error") { ApusNN.meanSquaredError($0, $1) }
}

/// The mean of `-log softmax(logits)[label]`: the cross-entropy of class scores with integer labels.
///
/// - Parameters:
///   - logits: `[..., classes]`
///   - labels: `[...]`, integers in `0 ..< classes`; others are an error when the loss is read
/// - Returns: a scalar
public func softmaxCrossEntropy(_ logits: Tensor, _ labels: Tensor) -> Tensor {
    if logits.error != nil { return logits }
    if labels.error != nil { return labels }
    guard logits.rank >= 1, labels.shape.extents == Array(logits.shape.extents.dropLast()), labels.dtype.isInteger
    else {
        return Tensor(
            error: ApusError(
                .shape, in: "softmaxCrossEntropy",
                "logits of shape \(logits.shape) with labels of shape \(labels.shape) and type \(labels.dtype)",
                remedy: "give integer labels of the logits' shape without its last axis"))
    }
    let chosen = logits.takeAlong(indices: labels.expanded(at: -1), axis: -1, for: "softmaxCrossEntropy")
    return (logits.logSumExp() - chosen).mean()
}

/// The mean of squared differences: a scalar.
public func meanSquaredError(_ output: Tensor, _ target: Tensor) -> Tensor {
    if output.error != nil { return output }
    if target.error != nil { return target }
    guard output.shape == target.shape else {
        return Tensor(
            error: ApusError(
                .shape, in: "meanSquaredError", "an output of shape \(output.shape), a target of shape \(target.shape)",
                remedy: "make the shapes equal"))
    }
    return (output - target.cast(to: output.dtype)).square().mean()
}
