import ApusCore

/// In which direction a recurrent layer reads.
public enum RecurrentDirection: Sendable, Hashable {
    /// From the first step to the last.
    case forward
    /// From the last step to the first; outputs stand where their inputs do.
    case backward
    /// Both ways, with cells of their own.
    case bidirectional(merge: BidirectionalMerge = .concatenate)
}

/// How the outputs of both directions become one.
public enum BidirectionalMerge: String, Sendable, Hashable, CaseIterable {
    case concatenate, sum, multiply, average
}

/// A recurrence over sequences by any cell: `[batch, time, ...] -> [batch, ...]`, the output of the last step, or with
/// `returnsSequence` `[batch, time, ...]`.
///
///     let last = Recurrent(GRUCell(32))(x)
///     let all = Recurrent(layers: 2, direction: .bidirectional(), returnsSequence: true) { _ in LSTMCell(32) }(x)
///
/// ``SimpleRNN``, ``LSTM`` and ``GRU`` are the same with their cells. What follows from the inputs alone is one product
/// for all steps; the steps are one operation, whatever their number. Parameters: those of the cells, `cells.<layer>.*`
/// and with two directions `backwardCells.<layer>.*`.
public class Recurrent: Layer {
    /// Those that read forwards (or, with the direction `.backward`, backwards), layer by layer.
    public let cells: [any RecurrentCell]
    /// Those that read backwards where there are two directions.
    public let backwardCells: [any RecurrentCell]
    /// In which direction it reads.
    public let direction: RecurrentDirection
    /// Whether the output is that of all steps.
    public let returnsSequence: Bool
    /// The share of each layer's input that is dropped while training, the same elements in all steps of a sequence
    /// (Gal and Ghahramani, NeurIPS 2016).
    public let dropout: Double
    private let layers: Int

    /// - Parameters:
    ///   - layers: how many recurrences are stacked; each reads the outputs of the one below
    ///   - direction: `.forward`, `.backward`, or `.bidirectional(merge:)`
    ///   - returnsSequence: whether the output is that of all steps or of the last one that is read
    ///   - dropout: the share of each layer's input that is dropped while training
    ///   - cell: makes a new cell for a layer; called once a direction
    public init(
        layers: Int = 1, direction: RecurrentDirection = .forward, returnsSequence: Bool = false, dropout: Double = 0,
        _ cell: (_ layer: Int) -> any RecurrentCell
    ) {
        self.layers = layers
        self.direction = direction
        self.returnsSequence = returnsSequence
        self.dropout = dropout
        let made = 0..<Swift.min(Swift.max(layers, 0), Self.mostLayers)
        cells = made.map(cell)
        if case .bidirectional = direction { backwardCells = made.map(cell) } else { backwardCells = [] }
    }

    /// One layer of one cell.
    public convenience init(
        _ cell: any RecurrentCell, isReversed: Bool = false, returnsSequence: Bool = false, dropout: Double = 0
    ) {
        self.init(
            direction: isReversed ? .backward : .forward, returnsSequence: returnsSequence, dropout: dropout
        ) { _ in cell }
    }

    private static let mostLayers = 1024

    public var details: String {
        var parts = [cells.first?.details ?? ""]
        if layers != 1 { parts.append("\(layers) layers") }
        switch direction {
        case .forward: break
        case .backward: parts.append("backwards")
        case .bidirectional(let merge): parts.append("both directions, \(merge.rawValue)")
        }
        if returnsSequence { parts.append("all steps") }
        return parts.filter { !$0.isEmpty }.joined(separator: ", ")
    }

    public func forward(_ x: Tensor) throws(ApusError) -> Tensor {
        try run(x, given: nil, mask: nil, lengths: nil).output
    }

    /// - Parameters:
    ///   - states: those before the first step, see ``run(_:states:mask:lengths:)``; by default zeros
    ///   - mask: `[batch, time]` of type `bool`: steps where it is false are skipped, states and output stay as they were
    ///   - lengths: `[batch]`, integers: the number of steps of each sequence. Those after it are skipped, and their
    ///     outputs are 0
    public func callAsFunction(
        _ x: Tensor, states: [Tensor]? = nil, mask: Tensor? = nil, lengths: Tensor? = nil
    ) -> Tensor {
        run(x, states: states, mask: mask, lengths: lengths).output
    }

    /// The output, and the states after the last step.
    ///
    /// States, given and returned, are those of the first layer's cell, with two directions those of its backward cell,
    /// then those of the next layer: for an LSTM `h, c, h, c, ...`, each `[batch, ...]`.
    public func run(
        _ x: Tensor, states: [Tensor]? = nil, mask: Tensor? = nil, lengths: Tensor? = nil
    ) -> (output: Tensor, states: [Tensor]) {
        var end: [Tensor] = []
        let output = observed { () throws(ApusError) in
            let result = try run(x, given: states, mask: mask, lengths: lengths)
            end = result.states
            return result.output
        }
        return (
            output,
            output.error == nil ? end : allCells.flatMap { cell in (0..<max(0, cell.stateCount)).map { _ in output } }
        )
    }

    /// The gates and other parts of the first layer's cell at all steps, by name, for display: each `[batch, time,
    /// units]`.
    ///
    ///     for (name, values) in LSTM(8).parts(of: x) { print(name, values) }      // input, forget, candidate, ...
    public func parts(of x: Tensor) -> [(name: String, values: Tensor)] {
        var names: [String] = []
        do throws(ApusError) {
            let steps = try timeMajor(x)
            guard let cell = cells.first else { return [] }
            let shape = Shape(Array(steps.shape.extents.dropFirst()))
            let states = try cell.stateShapes(shape).map { Tensor.zeros($0, dtype: x.dtype) }
            let all = try scan(over: [projected(steps, cell)], carry: states, reverse: direction == .backward) {
                carry, step throws(ApusError) in
                let parts = try cell.parts(step[0], carry)
                names = parts.map(\.name)
                return (try cell.step(step[0], carry), parts.map(\.value))
            }
            return zip(names, all.outputs).map { ($0, $1.error == nil ? $1.swappingAxes(0, 1) : $1) }
        } catch {
            return [("error", Tensor(error: error))]
        }
    }

    private var allCells: [any RecurrentCell] {
        cells.indices.flatMap { backwardCells.isEmpty ? [cells[$0]] : [cells[$0], backwardCells[$0]] }
    }

    private func timeMajor(_ x: Tensor) throws(ApusError) -> Tensor {
        if let error = x.error { throw error }
        try require(x, rank: 3...8, "[batch, time, features]")
        return x.swappingAxes(0, 1)
    }

    private func run(
        _ x: Tensor, given: [Tensor]?, mask: Tensor?, lengths: Tensor?
    ) throws(ApusError) -> (output: Tensor, states: [Tensor]) {
        try require(layers, in: 1...Self.mostLayers, "the number of layers")
        try require(rate: dropout)
        var sequence = try timeMajor(x)
        let valid = try validSteps(x, mask, lengths)
        let count = allCells.reduce(0) { $0 + $1.stateCount }
        if let given, given.count != count {
            throw mistake(.value, "\(given.count) states", remedy: "give \(count): those of all layers and directions")
        }
        var rest = given?[...]
        var ends: [Tensor] = []
        for layer in cells.indices {
            let isLast = layer == cells.count - 1
            let noise = Shape([1] + sequence.shape.extents.dropFirst())
            let input = dropped(sequence, rate: dropout, noise: noise)
            var outputs: [Tensor] = []
            let both = [cells[layer]] + (backwardCells.isEmpty ? [] : [backwardCells[layer]])
            for (index, cell) in both.enumerated() {
                let states = rest.map { Array($0.prefix(cell.stateCount)) }
                rest = rest?.dropFirst(cell.stateCount)
                let call = LayerCall(cell, parent: LayerCall.current)
                let result = try call.run {
                    Result { () throws(ApusError) in
                        try run(
                            cell, input, states, valid, reverse: index == 1 || direction == .backward,
                            wantsSequence: returnsSequence || !isLast)
                    }.mapError { $0.path == nil ? $0.at(LayerPath.current) : $0 }
                }.get()
                outputs.append(result.output)
                ends += result.states
            }
            sequence = try merged(outputs)
        }
        guard returnsSequence else { return (sequence, ends) }
        if lengths != nil, let valid {
            let zeros = Tensor.zeros(sequence.shape, dtype: sequence.dtype)
            sequence = Tensor.select(aligned(valid, sequence), sequence, zeros)
        }
        return (sequence.swappingAxes(0, 1), ends)
    }

    private func projected(_ x: Tensor, _ cell: any RecurrentCell) throws(ApusError) -> Tensor {
        let leading = Array(x.shape.extents.prefix(2))
        let rows = x.reshaped(to: Shape([leading[0] * leading[1]] + x.shape.extents.dropFirst(2)))
        let result = try cell.project(rows)
        if let error = result.error { throw error }
        guard result.rank > 0, result.shape[0] == rows.shape[0] else {
            throw mistake(
                .shape, "its cell projects inputs of shape \(rows.shape) to shape \(result.shape)",
                remedy: "keep the first axis")
        }
        return result.reshaped(to: Shape(leading + result.shape.extents.dropFirst()))
    }

    /// One cell over a sequence `[time, batch, ...]`: its outputs `[time, batch, ...]` or the last one.
    private func run(
        _ cell: any RecurrentCell, _ x: Tensor, _ given: [Tensor]?, _ valid: Tensor?, reverse: Bool, wantsSequence: Bool
    ) throws(ApusError) -> (output: Tensor, states: [Tensor]) {
        let step = Shape(Array(x.shape.extents.dropFirst()))
        let beginning: [Tensor]
        if let given {
            try cell.checkStates(given, Tensor.placeholder(step, x.dtype))
            beginning = given
        } else {
            beginning = try cell.stateShapes(step).map { Tensor.zeros($0, dtype: x.dtype) }
        }
        let inputs = [try projected(x, cell)] + (valid.map { [$0] } ?? [])
        let result = try scan(over: inputs, carry: beginning, reverse: reverse) {
            carry, slices throws(ApusError) -> (carry: [Tensor], outputs: [Tensor]) in
            var states = try cell.step(slices[0], carry)
            if slices.count > 1, states.count == carry.count {
                for index in states.indices where states[index].error == nil {
                    states[index] = Tensor.select(aligned(slices[1], states[index]), states[index], carry[index])
                }
            }
            return (states, wantsSequence ? [try cell.output(of: states)] : [])
        }
        let output = wantsSequence ? result.outputs[0] : try cell.output(of: result.carry)
        if let error = output.error { throw error }
        return (output, result.carry)
    }

    /// Which steps are read: `[time, batch]`; `nil` for all.
    private func validSteps(_ x: Tensor, _ mask: Tensor?, _ lengths: Tensor?) throws(ApusError) -> Tensor? {
        for tensor in [mask, lengths] { if let error = tensor?.error { throw error } }
        var valid: Tensor?
        if let mask {
            guard mask.dtype == .bool, mask.shape == [x.shape[0], x.shape[1]] else {
                throw mistake(
                    .shape, "a mask of type \(mask.dtype) and shape \(mask.shape) for an input of shape \(x.shape)",
                    remedy: "give a mask [batch, time] of type bool")
            }
            valid = mask.swappingAxes(0, 1)
        }
        if let lengths {
            guard lengths.dtype.isInteger, lengths.shape == [x.shape[0]] else {
                throw mistake(
                    .shape,
                    "lengths of type \(lengths.dtype) and shape \(lengths.shape) for an input of shape \(x.shape)",
                    remedy: "give integers [batch]")
            }
            let positions = Tensor.range(count: x.shape[1], dtype: .int32).expanded(at: 1)
            let within = positions .< lengths.cast(to: .int32).expanded(at: 0)
            valid = valid.map { $0 & within } ?? within
        }
        return valid
    }

    /// A mask with axes of extent 1, so that it goes with a tensor.
    private func aligned(_ mask: Tensor, _ tensor: Tensor) -> Tensor {
        let ones = [Int](repeating: 1, count: Swift.max(0, tensor.rank - mask.rank))
        return mask.reshaped(to: Shape(mask.shape.extents + ones))
    }

    private func merged(_ outputs: [Tensor]) throws(ApusError) -> Tensor {
        guard case .bidirectional(let merge) = direction, outputs.count == 2 else { return outputs[0] }
        let result: Tensor
        switch merge {
        case .concatenate: result = Tensor.concatenate(outputs, axis: -1)
        case .sum: result = outputs[0] + outputs[1]
        case .multiply: result = outputs[0] * outputs[1]
        case .average: result = (outputs[0] + outputs[1]) * 0.5
        }
        if let error = result.error { throw error }
        return result
    }
}

extension ApusError {
    /// The same error of a layer at a path.
    fileprivate func at(_ path: String?) -> ApusError {
        var copy = self
        copy.path = path
        return copy
    }
}
