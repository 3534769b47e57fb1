import ApusCore

/// A step of the simple recurrence (Elman, 1990): `h' = activation(x · kernel + bias + h · recurrentKernel +
/// recurrentBias)`.
///
///     let h1 = SimpleRNNCell(32)(x, states: [h])[0]              // [batch, inputs], [batch, 32] -> [batch, 32]
///
/// Parameters: `kernel [inputs, units]`, `recurrentKernel [units, units]`, `bias [units]` and, if asked for,
/// `recurrentBias [units]`.
public final class SimpleRNNCell: GatedCell, RecurrentCell {
    /// The function of the state.
    public let activation: ActivationFunction

    /// - Parameter recurrentDropout: the share of the state that is dropped before its product while training
    public init(
        _ units: Int, activation: ActivationFunction = .tanh, biases: RecurrentBiases = .one,
        recurrentDropout: Double = 0, initializer: Initializer = .glorotUniform,
        recurrentInitializer: Initializer = .orthogonal()
    ) {
        self.activation = activation
        super.init(
            units, biases: biases, recurrentDropout: recurrentDropout, initializer: initializer,
            recurrentInitializer: recurrentInitializer)
    }

    public var details: String { "\(units) units" + (activation.name == "tanh" ? "" : ", \(activation.name)") }

    public func step(_ projected: Tensor, _ states: [Tensor]) throws(ApusError) -> [Tensor] {
        [activation(projected + recurrentDrive(states[0]))]
    }
}
