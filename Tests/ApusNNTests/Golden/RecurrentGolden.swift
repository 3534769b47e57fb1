import ApusCore
import ApusNN
import TestSupport

func recurrentTable() -> GoldenTable {
    var table: GoldenTable = [:]
    func cellCase(_ make: @escaping (GoldenArguments) throws -> any RecurrentCell) -> GoldenOperation {
        { arguments in
            let cell = try make(arguments)
            try fill(cell, arguments, "")
            let states = ["h", "c"].compactMap { arguments.optional($0) }
            return Array(zip(cell(try arguments("input"), states: states), states).map(\.0))
        }
    }
    table["lstm_cell"] = cellCase { LSTMCell(try $0.integer("units"), biases: .two) }
    table["gru_cell"] = cellCase { GRUCell(try $0.integer("units"), resetAfter: try $0.flag("reset_after")) }
    table["rnn_cell"] = cellCase {
        SimpleRNNCell(try $0.integer("units"), activation: try function($0.text("activation")), biases: .two)
    }
    table["lstm"] = {
        let layer = LSTM(
            try $0.integer("units"), layers: try $0.integer("layers"), direction: try direction($0),
            returnsSequence: try $0.flag("return_sequences"), biases: biases($0))
        return try run(layer, $0, states: ["h", "c"])
    }
    table["gru"] = {
        let layer = GRU(
            try $0.integer("units"), layers: try $0.integer("layers"), direction: try direction($0),
            returnsSequence: try $0.flag("return_sequences"), resetAfter: try $0.flag("reset_after"))
        return try run(layer, $0, states: ["h"])
    }
    table["rnn"] = {
        let layer = SimpleRNN(
            try $0.integer("units"), layers: try $0.integer("layers"), direction: try direction($0),
            returnsSequence: try $0.flag("return_sequences"), activation: try function($0.text("activation")),
            biases: biases($0))
        return try run(layer, $0, states: ["h"])
    }
    table["conv_lstm2d"] = {
        let layer = ConvLSTM2D(
            try $0.integer("filters"), kernel: PerAxis(try $0.integers("kernel_size")),
            stride: PerAxis(try $0.integers("strides")),
            padding: try $0.text("padding_mode") == "same" ? .same : .valid,
            returnsSequence: try $0.flag("return_sequences"))
        try fill(layer.cells[0], $0, "")
        return [layer(try $0("input"))]
    }
    table["time_distributed_dense"] = {
        let dense = Dense(try $0("kernel").shape[1])
        dense.weight.value = try $0("kernel")
        dense.bias?.value = try $0("bias")
        return [TimeDistributed(dense)(try $0("input"))]
    }
    return table
}

private func function(_ name: String) throws -> ActivationFunction { name == "relu" ? .relu : .tanh }

private func direction(_ arguments: GoldenArguments) throws -> RecurrentDirection {
    guard try arguments.flag("bidirectional") else {
        let isBackward = arguments.has("go_backwards") ? try arguments.flag("go_backwards") : false
        return isBackward ? .backward : .forward
    }
    let merge = arguments.has("merge") ? try arguments.text("merge") : "concat"
    switch merge {
    case "concat", "none": return .bidirectional()
    case "sum": return .bidirectional(merge: .sum)
    case "mul": return .bidirectional(merge: .multiply)
    case "ave": return .bidirectional(merge: .average)
    default: throw GoldenMissing("merge")
    }
}

private func biases(_ arguments: GoldenArguments) -> RecurrentBiases {
    arguments.roles.contains { $0.hasSuffix("recurrent_bias") } ? .two : .one
}

private func fill(_ cell: any RecurrentCell, _ arguments: GoldenArguments, _ prefix: String) throws {
    let names = [
        "kernel": "kernel", "recurrentKernel": "recurrent_kernel", "bias": "bias", "recurrentBias": "recurrent_bias",
    ]
    for (path, parameter) in cell.namedParameters {
        guard let name = names[path] else { throw GoldenProblem("no name for \(path)") }
        parameter.value = try arguments(prefix + name)
    }
}

/// Runs a layer as PyTorch's cases have it (roles `l<layer>_<direction>_..`, one tensor of states for all layers) or as
/// Keras' cases do.
private func run(_ layer: Recurrent, _ arguments: GoldenArguments, states names: [String]) throws -> [Tensor] {
    let isTorch = arguments.roles.contains { $0.hasPrefix("l0_") }
    let directions = layer.backwardCells.isEmpty ? ["fw"] : ["fw", "bw"]
    for index in layer.cells.indices {
        for (way, cells) in zip(directions, [layer.cells, layer.backwardCells]) {
            let prefix = isTorch ? "l\(index)_\(way)_" : directions.count == 2 ? "\(way)_" : ""
            try fill(cells[index], arguments, prefix)
        }
    }
    let count = layer.cells.count * directions.count
    var states: [Tensor]?
    if arguments.optional("h0") != nil {
        let given = try names.map { try arguments("\($0)0") }
        states = (0..<count).flatMap { index in
            given.map { isTorch ? $0.slice(axis: 0, index..<index + 1).squeezed(0) : $0 }
        }
    }
    let (output, ends) = layer.run(
        try arguments("input"), states: states, mask: arguments.optional("mask"), lengths: arguments.optional("lengths")
    )
    // Keras leaves the outputs of a layer that reads backwards in that order.
    let isReversed = layer.direction == .backward && layer.returnsSequence
    let shown = isReversed ? output.reversed(axes: [1]) : output
    guard isTorch else { return [shown] + ends }
    return [shown]
        + names.indices.map { state in
            Tensor.stack((0..<count).map { ends[$0 * names.count + state] })
        }
}
