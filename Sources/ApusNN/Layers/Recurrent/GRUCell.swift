import ApusCore

/// A step of the gated recurrent unit (Cho et al., EMNLP 2014), with the blocks `z, r, n` (update gate, reset gate,
/// candidate):
///
///     z, r = sigmoid(x · kernel + bias + h · recurrentKernel + recurrentBias)
///     n    = tanh(x · kernel + bias + r (h · recurrentKernel + recurrentBias))      // reset after the product
///     n    = tanh(x · kernel + bias + (r h) · recurrentKernel)                      // reset before it
///     h'   = z h + (1 - z) n
///
/// Parameters: `kernel [inputs, 3 units]`, `recurrentKernel [units, 3 units]`, `bias [3 units]`, and with the reset after
/// the product `recurrentBias [3 units]`.
public final class GRUCell: GatedCell, RecurrentCell {
    /// The function of the candidate.
    public let activation: ActivationFunction
    /// The function of the gates.
    public let recurrentActivation: ActivationFunction
    /// Whether the reset gate acts on the product with the state rather than on the state.
    public let resetAfter: Bool

    /// - Parameters:
    ///   - resetAfter: whether the reset gate acts after the product with the state (one product a step, and a second
    ///     bias) or, as in the first paper, before it
    ///   - recurrentDropout: the share of the state that is dropped before its products while training
    public init(
        _ units: Int, activation: ActivationFunction = .tanh, recurrentActivation: ActivationFunction = .sigmoid,
        resetAfter: Bool = true, bias: Bool = true, recurrentDropout: Double = 0,
        initializer: Initializer = .glorotUniform, recurrentInitializer: Initializer = .orthogonal()
    ) {
        self.activation = activation
        self.recurrentActivation = recurrentActivation
        self.resetAfter = resetAfter
        super.init(
            units, biases: !bias ? .none : resetAfter ? .two : .one, recurrentDropout: recurrentDropout,
            initializer: initializer, recurrentInitializer: recurrentInitializer)
    }

    override var gates: Int { 3 }

    public var details: String { "\(units) units" + (resetAfter ? "" : ", reset before the product") }

    public func step(_ projected: Tensor, _ states: [Tensor]) throws(ApusError) -> [Tensor] {
        [try parts(projected, states)[3].value]
    }

    /// The gates `update` and `reset`, the `candidate`, and the state after the step, `hidden`.
    public func parts(_ projected: Tensor, _ states: [Tensor]) throws(ApusError) -> [(name: String, value: Tensor)] {
        let h = states[0]
        let update: Tensor
        let reset: Tensor
        let candidate: Tensor
        if resetAfter {
            let drive = recurrentDrive(h)
            if let error = drive.error { throw error }
            update = recurrentActivation(gate(0, projected) + gate(0, drive))
            reset = recurrentActivation(gate(1, projected) + gate(1, drive))
            candidate = activation(gate(2, projected) + reset * gate(2, drive))
        } else {
            let weight = recurrentWeight(h.dtype)
            if let error = weight.error { throw error }
            let seen = dropped(h)
            let drive = matmul(seen, weight.slice(axis: 1, 0..<2 * units))
            update = recurrentActivation(gate(0, projected) + gate(0, drive))
            reset = recurrentActivation(gate(1, projected) + gate(1, drive))
            candidate = activation(
                gate(2, projected) + matmul(reset * seen, weight.slice(axis: 1, 2 * units..<3 * units)))
        }
        let hidden = update * h + (1 - update) * candidate
        return [("update", update), ("reset", reset), ("candidate", candidate), ("hidden", hidden)]
    }
}
