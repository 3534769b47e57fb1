import ApusCore

/// A fully connected layer that computes with the weights -1, 0 and 1 alone (BitNet b1.58; Ma et al., 2024, section 3.1):
/// `activation(scale (x · ternary) + bias)`, where `ternary` is the sign of weights whose magnitude is above the
/// threshold, and else 0.
///
///     let hidden = TernaryDense(64)             // [.., inputs] -> [.., 64]
///
/// Without a threshold of its own it is half the mean magnitude of the weights, and `scale` that mean; with one, `scale`
/// is 1. Gradients pass the rounding as if it were none (straight through). Parameters: `weight [inputs, units]`,
/// `bias [units]`.
public final class TernaryDense: Layer {
    /// The number of outputs.
    public let units: Int
    /// Weights of at most this magnitude count as 0; without one half the mean magnitude.
    public let threshold: Double?
    /// The function of the outputs.
    public let activation: ActivationFunction
    /// The weights `[inputs, units]` before they are rounded.
    public let weight: Parameter
    /// What is added: `[units]`; `nil` without bias.
    public let bias: Parameter?

    /// - Parameter units: the number of outputs, 1 or more
    public init(
        _ units: Int, threshold: Double? = nil, activation: ActivationFunction = .linear, bias: Bool = true,
        initializer: Initializer = .glorotUniform
    ) {
        self.units = units
        self.threshold = threshold
        self.activation = activation
        weight = Parameter(initializer)
        self.bias = bias ? Parameter(.zeros) : nil
    }

    public var details: String { "\(units) units" + (activation.name == "linear" ? "" : ", \(activation.name)") }

    public func forward(_ x: Tensor) throws(ApusError) -> Tensor {
        try require(units, in: 1...1 << 24, "the number of units")
        try require(x, rank: 1...8, "[.., inputs]")
        if let threshold {
            guard threshold >= 0, threshold.isFinite else {
                throw mistake(.value, "the threshold is \(threshold)", remedy: "use a finite number of 0 or more")
            }
        }
        let inputs = x.shape[-1]
        let weight = weight.value(shape: [inputs, units], fanIn: inputs, fanOut: units, dtype: x.dtype)
        let magnitude = weight.absolute()
        let mean = inputs > 0 ? magnitude.mean() : magnitude.sum()
        let bound = threshold.map { Tensor(repeating: $0, shape: [], dtype: x.dtype) } ?? mean * 0.5
        let ternary = weight.sign() * (magnitude .> bound).cast(to: x.dtype)
        let straight = weight + (ternary - weight).stopGradient()
        let product = matmul(x, straight)
        return finished(threshold == nil ? product * mean : product, bias: bias, activation: activation)
    }
}
