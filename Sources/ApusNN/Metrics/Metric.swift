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
        (output.argmax(axis: -1) .== target.cast(to: .int64)).cast(to: .float32).mean()
    }
    /// The mean absolute difference.
    public static let meanAbsoluteError = Metric("mean absolute error") { output, target in
        (output - target.cast(to: output.dtype)).absolute().mean()
    }
}
