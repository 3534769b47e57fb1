import ApusCore

/// Simple recurrences over sequences: `[batch, time, inputs] -> [batch, units]`, with `returnsSequence` `[batch, time,
/// units]`. See ``SimpleRNNCell`` for the formula and ``Recurrent`` for states, masks and lengths.
///
///     SimpleRNN(64, activation: .relu)
public final class SimpleRNN: Recurrent {
    /// - Parameter returnsSequence: whether the output is that of all steps, `[batch, time, units]`
    public init(
        _ units: Int, layers: Int = 1, direction: RecurrentDirection = .forward, returnsSequence: Bool = false,
        activation: ActivationFunction = .tanh, biases: RecurrentBiases = .one, dropout: Double = 0,
        recurrentDropout: Double = 0, initializer: Initializer = .glorotUniform,
        recurrentInitializer: Initializer = .orthogonal()
    ) {
        super.init(layers: layers, direction: direction, returnsSequence: returnsSequence, dropout: dropout) { _ in
            SimpleRNNCell(
                units, activation: activation, biases: biases, recurrentDropout: recurrentDropout,
                initializer: initializer, recurrentInitializer: recurrentInitializer)
        }
    }
}

/// Long short-term memories over sequences: `[batch, time, inputs] -> [batch, units]`, with `returnsSequence` `[batch,
/// time, units]`. See ``LSTMCell`` for the formula and ``Recurrent`` for states, masks and lengths.
///
///     let model = Sequential {
///         LSTM(64, layers: 2, direction: .bidirectional())
///         Dense(10)
///     }
public final class LSTM: Recurrent {
    /// - Parameter returnsSequence: whether the output is that of all steps, `[batch, time, units]`
    public init(
        _ units: Int, layers: Int = 1, direction: RecurrentDirection = .forward, returnsSequence: Bool = false,
        activation: ActivationFunction = .tanh, recurrentActivation: ActivationFunction = .sigmoid,
        outputActivation: ActivationFunction = .tanh, biases: RecurrentBiases = .one, forgetBias: Double = 1,
        peepholes: Bool = false, projection: Int? = nil, dropout: Double = 0, recurrentDropout: Double = 0,
        initializer: Initializer = .glorotUniform, recurrentInitializer: Initializer = .orthogonal()
    ) {
        super.init(layers: layers, direction: direction, returnsSequence: returnsSequence, dropout: dropout) { _ in
            LSTMCell(
                units, activation: activation, recurrentActivation: recurrentActivation,
                outputActivation: outputActivation, biases: biases, forgetBias: forgetBias,
                peepholes: peepholes, projection: projection, recurrentDropout: recurrentDropout,
                initializer: initializer, recurrentInitializer: recurrentInitializer)
        }
    }
}

/// Gated recurrent units over sequences: `[batch, time, inputs] -> [batch, units]`, with `returnsSequence` `[batch, time,
/// units]`. See ``GRUCell`` for the formula and ``Recurrent`` for states, masks and lengths.
///
///     GRU(64, returnsSequence: true)
public final class GRU: Recurrent {
    /// - Parameter returnsSequence: whether the output is that of all steps, `[batch, time, units]`
    public init(
        _ units: Int, layers: Int = 1, direction: RecurrentDirection = .forward, returnsSequence: Bool = false,
        activation: ActivationFunction = .tanh, recurrentActivation: ActivationFunction = .sigmoid,
        resetAfter: Bool = true, bias: Bool = true, dropout: Double = 0, recurrentDropout: Double = 0,
        initializer: Initializer = .glorotUniform, recurrentInitializer: Initializer = .orthogonal()
    ) {
        super.init(layers: layers, direction: direction, returnsSequence: returnsSequence, dropout: dropout) { _ in
            GRUCell(
                units, activation: activation, recurrentActivation: recurrentActivation, resetAfter: resetAfter,
                bias: bias, recurrentDropout: recurrentDropout, initializer: initializer,
                recurrentInitializer: recurrentInitializer)
        }
    }
}
