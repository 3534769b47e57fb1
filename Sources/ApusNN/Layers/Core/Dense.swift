import ApusCore

/// A fully connected layer: `activation(x · weight + bias)`.
///
///     let hidden = Dense(64, activation: .relu)
///     let y = hidden(x)                     // [batch, 784] -> [batch, 64]
///
/// Any number of leading axes is allowed: `[..., inputs] -> [..., units]`. Parameters: `weight [inputs, units]`,
/// `bias [units]`.
public final class Dense: Layer {
    /// The number of outputs.
    public let units: Int
    /// The function of the outputs.
    public let activation: ActivationFunction
    /// The trainable matrix `[inputs, units]`.
    public let weight: Parameter
    /// What is added: `[units]`; `nil` without bias.
    public let bias: Parameter?

    /// - Parameter units: the number of outputs, 1 or more
    public init(
        _ units: Int, activation: ActivationFunction = .linear, bias: Bool = true,
        initializer: Initializer = .glorotUniform
    ) {
        self.units = units
        self.activation = activation
        weight = Parameter(initializer)
        self.bias = bias ? Parameter(.zeros) : nil
    }

    public var details: String { "\(units) units" + (activation.name == "linear" ? "" : ", \(activation.name)") }

    public func forward(_ x: Tensor) throws(ApusError) -> Tensor {
        guard units > 0, x.rank >= 1 else {
            throw mistake(
                .shape, "\(units) units on an input of shape \(x.shape)",
                remedy: "use at least one unit and an input of at least one axis")
        }
        let inputs = x.shape[-1]
        let weight = weight.value(shape: [inputs, units], fanIn: inputs, fanOut: units, dtype: x.dtype)
        return finished(matmul(x, weight), bias: bias, activation: activation)
    }
}
