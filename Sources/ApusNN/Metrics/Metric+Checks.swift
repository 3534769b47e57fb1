import ApusCore

extension Metric {
    /// A mean of a function of outputs and targets of one shape; both have the output's type.
    static func elementwise(
        _ name: String, higherIsBetter: Bool = false, finish: @escaping @Sendable (Double) -> Double = { $0 },
        _ function: @escaping @Sendable (_ output: Tensor, _ target: Tensor) -> Tensor
    ) -> Metric {
        Metric(mean: name, higherIsBetter: higherIsBetter, finish: finish) { output, target in
            equallyShaped(output, target, in: "metric \(name)", function)
        }
    }

    /// A mean of a function of class scores `[..., classes]` and integer labels `[...]`.
    static func labelled(
        _ name: String, higherIsBetter: Bool = false, finish: @escaping @Sendable (Double) -> Double = { $0 },
        _ function: @escaping @Sendable (_ scores: Tensor, _ labels: Tensor) -> Tensor
    ) -> Metric {
        Metric(mean: name, higherIsBetter: higherIsBetter, finish: finish) { output, target in
            guard output.rank >= 1, target.shape.extents == Array(output.shape.extents.dropLast()) else {
                return Tensor(
                    error: ApusError(
                        .shape, in: "metric \(name)",
                        "an output of shape \(output.shape), labels of shape \(target.shape)",
                        remedy: "give labels of the output's shape without its last axis"))
            }
            return function(output, target)
        }
    }
}

/// The function of two tensors of equal shape in the output's type, or the error of shapes that differ.
func equallyShaped(
    _ output: Tensor, _ target: Tensor, in place: String, _ function: (Tensor, Tensor) -> Tensor
) -> Tensor {
    if let failed = output.error ?? target.error { return Tensor(error: failed) }
    guard output.shape == target.shape else {
        return Tensor(
            error: ApusError(
                .shape, in: place, "an output of shape \(output.shape), a target of shape \(target.shape)",
                remedy: "make the shapes equal"))
    }
    let type = output.dtype.isFloatingPoint ? output.dtype : .float64
    return function(output.cast(to: type), target.cast(to: type))
}
