import ApusCore

/// One step of a recurrence, for ``Recurrent`` and loops by hand.
///
/// A step is cut in two: ``project(_:)``, what follows from the input alone, which is computed for all steps of a
/// sequence at once, and ``step(_:_:)``, what needs the states. As a layer of its own a cell makes one step from states
/// of zeros, `[batch, inputs] -> [batch, units]`.
///
///     /// h' = h / 2 + x
///     final class Decay: RecurrentCell {
///         func stateShapes(_ x: Shape) -> [Shape] { [x] }
///         func step(_ x: Tensor, _ states: [Tensor]) -> [Tensor] { [states[0] * 0.5 + x] }
///     }
///     let y = Recurrent(Decay(), returnsSequence: true)(x)      // [batch, time, width] -> [batch, time, width]
public protocol RecurrentCell: Layer {
    /// The shapes of the states, with the batch's axis, for one step's input `[batch, ...]`.
    func stateShapes(_ x: Shape) throws(ApusError) -> [Shape]

    /// What follows from the inputs alone: `[rows, ...] -> [rows, ...]`; a row is one sample at one step. By default
    /// the inputs themselves.
    func project(_ x: Tensor) throws(ApusError) -> Tensor

    /// The states after a step, of the same shapes and types as before.
    func step(_ projected: Tensor, _ states: [Tensor]) throws(ApusError) -> [Tensor]

    /// The number of states. By default 1.
    var stateCount: Int { get }

    /// Which state is the output. By default the first.
    var outputState: Int { get }

    /// What the gates and the other parts of a step are, by name, for display.
    func parts(_ projected: Tensor, _ states: [Tensor]) throws(ApusError) -> [(name: String, value: Tensor)]
}

extension RecurrentCell {
    public func project(_ x: Tensor) throws(ApusError) -> Tensor { x }

    public var stateCount: Int { 1 }
    /// The first state.
    public var outputState: Int { 0 }

    /// Nothing to show.
    public func parts(_ projected: Tensor, _ states: [Tensor]) throws(ApusError) -> [(name: String, value: Tensor)] {
        []
    }

    /// States of zeros for one step's input.
    public func zeroStates(_ x: Tensor) throws(ApusError) -> [Tensor] {
        try stateShapes(x.shape).map { Tensor.zeros($0, dtype: x.dtype) }
    }

    public func forward(_ x: Tensor) throws(ApusError) -> Tensor {
        try output(of: step(project(x), zeroStates(x)))
    }

    /// One step: `x [batch, ...]` and the states before it give those after it.
    public func callAsFunction(_ x: Tensor, states: [Tensor]) -> [Tensor] {
        var result: [Tensor] = []
        let output = observed { () throws(ApusError) in
            try checkStates(states, x)
            result = try step(project(x), states)
            return try self.output(of: result)
        }
        return output.error == nil ? result : states.map { _ in output }
    }

    func output(of states: [Tensor]) throws(ApusError) -> Tensor {
        guard states.indices.contains(outputState) else {
            throw mistake(
                .value, "\(states.count) states, output state \(outputState)",
                remedy: "let outputState be the position of a state")
        }
        return states[outputState]
    }

    /// Refuses states of other shapes or types than the cell's.
    func checkStates(_ states: [Tensor], _ x: Tensor) throws(ApusError) {
        for tensor in states + [x] { if let error = tensor.error { throw error } }
        let shapes = try stateShapes(x.shape)
        guard shapes == states.map(\.shape), states.allSatisfy({ $0.dtype == x.dtype }) else {
            throw mistake(
                .shape,
                "states of shapes \(texts(states.map(\.shape))) and types \(states.map(\.dtype)) for an input of shape "
                    + "\(x.shape) and type \(x.dtype)",
                remedy: "give states of shapes \(texts(shapes)) and the input's type")
        }
    }

    private func texts(_ shapes: [Shape]) -> String { shapes.map { "\($0)" }.joined(separator: ", ") }
}

/// Which biases a cell with gates has.
public enum RecurrentBiases: Sendable, Hashable {
    case none
    /// One, with the input.
    case one
    /// One with the input and one with the state, as PyTorch has it.
    case two
}

/// What cells have in common whose state is one vector of `units` numbers, computed from a product with the input and
/// one with the state, for several gates side by side.
public class GatedCell {
    /// The number of outputs.
    public let units: Int
    /// `[inputs, gates x units]`
    public let kernel: Parameter
    /// `[units, gates x units]`
    public let recurrentKernel: Parameter
    /// `[gates x units]`
    public let bias: Parameter?
    /// `[gates x units]`, added to the product with the state.
    public let recurrentBias: Parameter?
    /// The share of the state that is dropped before the product, the same elements in all steps of a sequence (Gal and
    /// Ghahramani, NeurIPS 2016).
    public let recurrentDropout: Double

    init(
        _ units: Int, biases: RecurrentBiases, recurrentDropout: Double, initializer: Initializer,
        recurrentInitializer: Initializer, biasInitializer: Initializer = .zeros
    ) {
        self.units = units
        kernel = Parameter(initializer)
        recurrentKernel = Parameter(recurrentInitializer)
        bias = biases == .none ? nil : Parameter(biasInitializer)
        recurrentBias = biases == .two ? Parameter(.zeros) : nil
        self.recurrentDropout = recurrentDropout
    }

    /// How many blocks of `units` columns the kernels have.
    var gates: Int { 1 }
    /// The width of what is fed back.
    var width: Int { units }
}

extension RecurrentCell where Self: GatedCell {
    public func stateShapes(_ x: Shape) throws(ApusError) -> [Shape] {
        try checkAttributes()
        return [[try batch(x), width]]
    }

    func checkAttributes() throws(ApusError) {
        try require(units, in: 1...1 << 20, "the number of units")
        try require(rate: recurrentDropout)
    }

    func batch(_ x: Shape) throws(ApusError) -> Int {
        guard x.rank == 2 else {
            throw mistake(.shape, "an input of shape \(x)", remedy: "feed a cell [batch, features]")
        }
        return x[0]
    }

    public func project(_ x: Tensor) throws(ApusError) -> Tensor {
        if let error = x.error { throw error }
        try checkAttributes()
        _ = try batch(x.shape)
        let columns = gates * units
        let weight = kernel.value(shape: [x.shape[1], columns], fanIn: x.shape[1], fanOut: columns, dtype: x.dtype)
        let y = matmul(x, weight)
        guard let bias, y.error == nil else { return y }
        return y + bias.value(shape: [columns], dtype: x.dtype)
    }

    /// The state as the products see it: with dropped elements while training.
    func dropped(_ h: Tensor) -> Tensor { dropped(h, rate: recurrentDropout, noise: h.shape) }

    func recurrentWeight(_ dtype: DType) -> Tensor {
        let columns = gates * units
        return recurrentKernel.value(shape: [width, columns], fanIn: width, fanOut: columns, dtype: dtype)
    }

    /// The product with the state, with the second bias.
    func recurrentDrive(_ h: Tensor) -> Tensor {
        let y = matmul(dropped(h), recurrentWeight(h.dtype))
        guard let recurrentBias, y.error == nil else { return y }
        return y + recurrentBias.value(shape: [gates * units], dtype: h.dtype)
    }

    /// The columns of a gate.
    func gate(_ index: Int, _ drive: Tensor) -> Tensor {
        drive.slice(axis: 1, index * units..<(index + 1) * units)
    }
}
