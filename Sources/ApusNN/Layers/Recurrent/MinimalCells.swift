import ApusCore

/// A step of the minimal gated unit (Zhou et al., 2016), a GRU whose one gate both resets and updates, with the blocks
/// `f, n`:
///
///     f  = sigmoid(x · kernel + bias + h · recurrentKernel)
///     n  = tanh(x · kernel + bias + (f h) · recurrentKernel)
///     h' = (1 - f) h + f n
///
/// Parameters: `kernel [inputs, 2 units]`, `recurrentKernel [units, 2 units]`, `bias [2 units]`.
public final class MGUCell: GatedCell, RecurrentCell {
    /// - Parameter recurrentDropout: the share of the state that is dropped before its products while training
    public init(
        _ units: Int, bias: Bool = true, recurrentDropout: Double = 0, initializer: Initializer = .glorotUniform,
        recurrentInitializer: Initializer = .orthogonal()
    ) {
        super.init(
            units, biases: bias ? .one : .none, recurrentDropout: recurrentDropout, initializer: initializer,
            recurrentInitializer: recurrentInitializer)
    }

    override var gates: Int { 2 }

    public var details: String { "\(units) units" }

    public func step(_ projected: Tensor, _ states: [Tensor]) throws(ApusError) -> [Tensor] {
        [try parts(projected, states)[2].value]
    }

    /// The gate `forget`, the `candidate`, and the state after the step, `hidden`.
    public func parts(_ projected: Tensor, _ states: [Tensor]) throws(ApusError) -> [(name: String, value: Tensor)] {
        let h = states[0]
        let weight = recurrentWeight(h.dtype)
        if let error = weight.error { throw error }
        let seen = dropped(h)
        let forget = (gate(0, projected) + matmul(seen, weight.slice(axis: 1, 0..<units))).sigmoid()
        let candidate =
            (gate(1, projected) + matmul(forget * seen, weight.slice(axis: 1, units..<2 * units))).tanh()
        return [
            ("forget", forget), ("candidate", candidate), ("hidden", (1 - forget) * h + forget * candidate),
        ]
    }
}

/// A step of the minimal GRU (Feng et al., 2024), whose gate sees the input alone, with the blocks `z, n`:
///
///     h' = (1 - sigmoid(z)) h + sigmoid(z) n,    z, n = x · kernel + bias
///
/// No step has a product: all of them are one before the loop. Parameters: `kernel [inputs, 2 units]`, `bias [2 units]`.
public final class MinimalGRUCell: RecurrentCell {
    /// The number of outputs.
    public let units: Int
    /// The weights of the input.
    public let kernel: Parameter
    /// What is added; `nil` without bias.
    public let bias: Parameter?

    /// - Parameter units: the number of outputs, 1 or more
    public init(_ units: Int, bias: Bool = true, initializer: Initializer = .glorotUniform) {
        self.units = units
        kernel = Parameter(initializer)
        self.bias = bias ? Parameter(.zeros) : nil
    }

    public var details: String { "\(units) units" }

    public func stateShapes(_ x: Shape) throws(ApusError) -> [Shape] {
        try require(units, in: 1...1 << 20, "the number of units")
        guard x.rank == 2 else {
            throw mistake(.shape, "an input of shape \(x)", remedy: "feed a cell [batch, features]")
        }
        return [[x[0], units]]
    }

    public func project(_ x: Tensor) throws(ApusError) -> Tensor {
        if let error = x.error { throw error }
        _ = try stateShapes(x.shape)
        let weight = kernel.value(
            shape: [x.shape[1], 2 * units], fanIn: x.shape[1], fanOut: 2 * units, dtype: x.dtype)
        let y = finished(matmul(x, weight), bias: bias, activation: .linear)
        if let error = y.error { throw error }
        return Tensor.concatenate(
            [y.slice(axis: 1, 0..<units).sigmoid(), y.slice(axis: 1, units..<2 * units)], axis: 1)
    }

    public func step(_ projected: Tensor, _ states: [Tensor]) throws(ApusError) -> [Tensor] {
        [try parts(projected, states)[2].value]
    }

    /// The gate `update`, the `candidate`, and the state after the step, `hidden`.
    public func parts(_ projected: Tensor, _ states: [Tensor]) throws(ApusError) -> [(name: String, value: Tensor)] {
        if let error = projected.error { throw error }
        let update = projected.slice(axis: 1, 0..<units)
        let candidate = projected.slice(axis: 1, units..<2 * units)
        return [
            ("update", update), ("candidate", candidate), ("hidden", (1 - update) * states[0] + update * candidate),
        ]
    }
}
