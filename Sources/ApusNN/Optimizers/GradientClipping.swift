import ApusCore

/// A limit for gradients.
///
///     Optimizer.adam().clipped(.globalNorm(1))
public struct GradientClipping: Sendable {
    /// What is limited.
    public enum Kind: String, Sendable {
        /// Each element.
        case value
        /// The norm of each parameter's gradient.
        case norm
        /// The norm of all gradients together.
        case globalNorm
    }

    /// What is limited.
    public let kind: Kind
    /// The limit.
    public let threshold: Double
    /// The order of the norm; `.infinity` for the largest magnitude.
    public let order: Double
    /// Added to the norm that the threshold is divided by.
    public let epsilon: Double

    private init(_ kind: Kind, _ threshold: Double, _ order: Double, _ epsilon: Double) {
        self.kind = kind
        self.threshold = threshold
        self.order = order
        self.epsilon = epsilon
    }

    /// Limits each element to `-threshold...threshold`.
    public static func value(_ threshold: Double) -> GradientClipping { GradientClipping(.value, threshold, 2, 0) }

    /// Scales each gradient by `min(1, threshold / (norm + epsilon))`.
    public static func norm(_ threshold: Double, order: Double = 2, epsilon: Double = 0) -> GradientClipping {
        GradientClipping(.norm, threshold, order, epsilon)
    }

    /// Scales all gradients by `min(1, threshold / (norm + epsilon))` of their joint norm. (PyTorch's epsilon is 1e-6, Keras'
    /// is 0.)
    public static func globalNorm(_ threshold: Double, order: Double = 2, epsilon: Double = 1e-6) -> GradientClipping {
        GradientClipping(.globalNorm, threshold, order, epsilon)
    }

    /// The limited gradients, and their joint norm before.
    public func callAsFunction(_ gradients: [Tensor]) -> (gradients: [Tensor], norm: Tensor) {
        let joint = jointNorm(gradients)
        switch kind {
        case .value: return (gradients.map { $0.clipped(-threshold, threshold) }, joint)
        case .norm: return (gradients.map { $0 * factor($0.norm(order)) }, joint)
        case .globalNorm:
            let factor = factor(joint)
            return (gradients.map { $0 * factor.cast(to: $0.dtype) }, joint)
        }
    }

    private func factor(_ norm: Tensor) -> Tensor { Tensor.minimum(threshold / (norm + epsilon), 1) }

    private func jointNorm(_ gradients: [Tensor]) -> Tensor {
        guard let first = gradients.first else { return Tensor(0) }
        return Tensor.stack(gradients.map { $0.norm(order).cast(to: first.dtype) }).norm(order)
    }
}

extension Gradients {
    /// The same gradients within a limit, for hand-written loops, and their joint norm before.
    public func clipped(_ clipping: GradientClipping) -> (gradients: Gradients, norm: Tensor) {
        let (limited, norm) = clipping(entries.map(\.value))
        let pairs = zip(entries, limited)
        return (
            Gradients(entries: pairs.map { Entry(path: $0.path, parameter: $0.parameter, value: $1) }), norm
        )
    }
}
