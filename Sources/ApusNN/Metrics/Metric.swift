import ApusCore

/// A figure of merit, averaged over the samples of an epoch.
public struct Metric: Sendable {
    /// The name in histories and reports.
    public let name: String
    private let function: @Sendable (Tensor, Tensor) -> Tensor

    /// - Parameter function: the mean over the batch's samples, a scalar
    public init(_ name: String, _ function: @escaping @Sendable (_ output: Tensor, _ target: Tensor) -> Tensor) {
        self.name = name
        self.function = function
    }

    /// The mean over a batch: a scalar.
    public func callAsFunction(_ output: Tensor, _ target: Tensor) -> Tensor { function(output, target) }

    /// The share of samples whose largest score stands at the label.
    public static let accuracy = Metric("accuracy") { output, target in
        if let failed = output.error ?? target.error { return Tensor(error: failed) }
        guard output.rank >= 1, target.shape.extents == Array(output.shape.extents.dropLast()) else {
            return Tensor(
                error: ApusError(
                    .shape, in: "metric accuracy",
                    "an output of shape \(output.shape), labels of shape \(target.shape)",
                    remedy: "give labels of the output's shape without its last axis"))
        }
        return (output.argmax(axis: -1) .== target.cast(to: .int64)).cast(to: .float32).mean()
    }
    /// The mean absolute difference.
    public static let meanAbsoluteError = Metric("mean absolute error") { output, target in
        if let failed = output.error ?? target.error { return Tensor(error: failed) }
        guard output.shape == target.shape else {
            return Tensor(
                error: ApusError(
                    .shape, in: "metric mean absolute error",
                    "an output of shape \(output.shape), a target of shape \(target.shape)",
                    remedy: "make the shapes equal"))
        }
        return (output - target.cast(to: output.dtype)).absolute().mean()
    }
}
