import Apus
import ApusCore
import ApusNN

extension LayerBatteryTests {
    private static let wantSteps = "feed [batch, time, features]"

    static let recurrentCases: [LayerCase] = recurrentCellCases + recurrentLayerCases + convolutionalRecurrentCases

    /// A cell's step from given states.
    private static func step(
        _ name: String, states: [Shape], to output: Shape, _ make: @escaping @Sendable () -> any Module
    ) -> LayerCase {
        LayerCase(name, ([[3, 4]] + states).map { LayerCase.Input(shape: $0) }, to: output, make).with {
            $0.call = { layer, inputs in
                guard let cell = layer as? any RecurrentCell else { return layer(inputs[0]) }
                return Tensor.concatenate(cell(inputs[0], states: Array(inputs.dropFirst())), axis: 1)
            }
            $0.refusesNothing = true
        }
    }

    private static let recurrentCellCases: [LayerCase] = [
        LayerCase("SimpleRNNCell", [3, 4], to: [3, 5]) { SimpleRNNCell(5, biases: .two) }
            .refusing([2, 3, 4], "layer SimpleRNNCell: an input of shape [2, 3, 4]; feed a cell [batch, features]")
            .refusing("layer SimpleRNNCell: the number of units is 0; use a number in 1...1048576") { SimpleRNNCell(0) }
            .refusing("layer SimpleRNNCell: the rate is 1.0; use a probability from 0 to below 1") {
                SimpleRNNCell(2, recurrentDropout: 1)
            },
        step("SimpleRNNCell, state", states: [[3, 5]], to: [3, 5]) { SimpleRNNCell(5, activation: .sigmoid) }
            .with {
                $0.mistakes = [
                    .init(
                        make: $0.make, inputs: [.init(shape: [3, 4]), .init(shape: [3, 6])],
                        message: "layer SimpleRNNCell: states of shapes [3, 6] and types [float32] for an input of "
                            + "shape [3, 4] and type float32; give states of shapes [3, 5] and the input's type")
                ]
            },
        LayerCase("LSTMCell", [3, 4], to: [3, 5]) { LSTMCell(5) }
            .refusing([4], "layer LSTMCell: an input of shape [4]; feed a cell [batch, features]")
            .refusing("layer LSTMCell: the width of the projection is 0; use a number in 1...1048576") {
                LSTMCell(5, projection: 0)
            },
        step("LSTMCell, states", states: [[3, 2], [3, 5]], to: [3, 7]) {
            LSTMCell(5, outputActivation: .linear, biases: .two, peepholes: true, projection: 2)
        },
        step("LSTMCell, without biases, dropout", states: [[3, 5], [3, 5]], to: [3, 10]) {
            LSTMCell(5, biases: .none, recurrentDropout: 0.5)
        }.random(),
        LayerCase("GRUCell", [3, 4], to: [3, 5]) { GRUCell(5) }
            .refusing([4], "layer GRUCell: an input of shape [4]; feed a cell [batch, features]"),
        step("GRUCell, state", states: [[3, 5]], to: [3, 5]) { GRUCell(5) },
        step("GRUCell, reset before", states: [[3, 5]], to: [3, 5]) {
            GRUCell(5, resetAfter: false, recurrentDropout: 0.5)
        }.random(),
        LayerCase("MGUCell", [3, 4], to: [3, 5]) { MGUCell(5) }
            .refusing([4], "layer MGUCell: an input of shape [4]; feed a cell [batch, features]"),
        step("MGUCell, state", states: [[3, 5]], to: [3, 5]) { MGUCell(5, bias: false) },
        LayerCase("MinimalGRUCell", [3, 4], to: [3, 5]) { MinimalGRUCell(5) }
            .refusing([4], "layer MinimalGRUCell: an input of shape [4]; feed a cell [batch, features]"),
        step("MinimalGRUCell, state", states: [[3, 5]], to: [3, 5]) { MinimalGRUCell(5) },
        LayerCase("StackedCells", [3, 4], to: [3, 2]) { StackedCells([LSTMCell(5), GRUCell(2)]) }
            .refusing([4], "layer LSTMCell: an input of shape [4]; feed a cell [batch, features]")
            .refusing("layer StackedCells: there are no cells; give at least one") { StackedCells([]) },
        step("StackedCells, states", states: [[3, 5], [3, 5], [3, 2]], to: [3, 12]) {
            StackedCells([LSTMCell(5), GRUCell(2)])
        },
    ]

    private static let recurrentLayerCases: [LayerCase] = [
        LayerCase("Recurrent", [2, 3, 4], to: [2, 2]) { Recurrent(StackedCells([LSTMCell(5), MGUCell(2)])) }
            .refusing([3, 4], "layer Recurrent: an input of shape [3, 4]; \(wantSteps)")
            .refusing("layer Recurrent: the number of layers is 0; use a number in 1...1024") {
                Recurrent(layers: 0) { _ in GRUCell(3) }
            },
        LayerCase("Recurrent, backwards", [2, 3, 4], to: [2, 3, 5]) {
            Recurrent(MinimalGRUCell(5), isReversed: true, returnsSequence: true)
        }.with { $0.refusesNothing = true },
        LayerCase("SimpleRNN", [2, 3, 4], to: [2, 5]) { SimpleRNN(5) }
            .refusing([3, 4], "layer SimpleRNN: an input of shape [3, 4]; \(wantSteps)"),
        LayerCase("SimpleRNN, sum of directions", [2, 3, 4], to: [2, 3, 5]) {
            SimpleRNN(5, direction: .bidirectional(merge: .sum), returnsSequence: true, biases: .none)
        }.with { $0.refusesNothing = true },
        LayerCase("LSTM", [2, 3, 4], to: [2, 3, 5]) { LSTM(5, returnsSequence: true) }
            .refusing([3, 4], "layer LSTM: an input of shape [3, 4]; \(wantSteps)")
            .refusing("layer LSTMCell (layer cells.0): the number of units is 0; use a number in 1...1048576") {
                LSTM(0)
            }
            .refusing("layer LSTM: the rate is -0.5; use a probability from 0 to below 1") { LSTM(5, dropout: -0.5) },
        LayerCase("LSTM, two layers both ways", [2, 3, 2], to: [2, 6]) {
            LSTM(3, layers: 2, direction: .bidirectional())
        }.with { $0.refusesNothing = true },
        LayerCase("LSTM, dropout", [2, 3, 4], to: [2, 5]) { LSTM(5, layers: 2, dropout: 0.4, recurrentDropout: 0.4) }
            .random().with { $0.refusesNothing = true },
        LayerCase("LSTM, mask", [.init(shape: [2, 4, 3]), .init(shape: [2, 4])], to: [2, 4, 5]) {
            LSTM(5, returnsSequence: true)
        }.with {
            $0.call = { layer, inputs in (layer as? LSTM)?(inputs[0], mask: inputs[1] .> 0) ?? layer(inputs[0]) }
            $0.mistakes = [
                .init(
                    make: $0.make, inputs: [.init(shape: [2, 4, 3]), .init(shape: [2, 3])],
                    message: "layer LSTM: a mask of type bool and shape [2, 3] for an input of shape [2, 4, 3]; "
                        + "give a mask [batch, time] of type bool")
            ]
        },
        LayerCase(
            "LSTM, lengths", [.init(shape: [2, 4, 3]), .init(shape: [2], content: .indices(below: 5))], to: [2, 4, 5]
        ) {
            LSTM(5, returnsSequence: true)
        }.with {
            $0.call = { layer, inputs in (layer as? LSTM)?(inputs[0], lengths: inputs[1]) ?? layer(inputs[0]) }
            $0.mistakes = [
                .init(
                    make: $0.make, inputs: [.init(shape: [2, 4, 3]), .init(shape: [3], content: .indices(below: 4))],
                    message: "layer LSTM: lengths of type int32 and shape [3] for an input of shape [2, 4, 3]; "
                        + "give integers [batch]")
            ]
        },
        LayerCase("LSTM, states", [[2, 3, 4], [2, 5], [2, 5]].map { .init(shape: $0) }, to: [2, 5]) { LSTM(5) }
            .with {
                $0.call = { layer, inputs in
                    (layer as? LSTM)?(inputs[0], states: Array(inputs.dropFirst())) ?? layer(inputs[0])
                }
                $0.mistakes = [
                    .init(
                        make: $0.make, inputs: [.init(shape: [2, 3, 4]), .init(shape: [2, 5])],
                        message: "layer LSTM: 1 states; give 2: those of all layers and directions")
                ]
            },
        LayerCase("GRU", [2, 3, 4], to: [2, 5]) { GRU(5, layers: 2) }
            .refusing([3, 4], "layer GRU: an input of shape [3, 4]; \(wantSteps)"),
        LayerCase("GRU, product of directions", [2, 3, 4], to: [2, 3, 5]) {
            GRU(5, direction: .bidirectional(merge: .multiply), returnsSequence: true, resetAfter: false)
        }.with { $0.refusesNothing = true },
        LayerCase("TimeDistributed", [2, 3, 4], to: [2, 3, 5]) { TimeDistributed(Dense(5, activation: .tanh)) }
            .refusing([3], "layer TimeDistributed: an input of shape [3]; feed [batch, time, ...]"),
    ]

    private static let convolutionalRecurrentCases: [LayerCase] = [
        LayerCase("ConvLSTMCell", [2, 4, 5, 2], to: [2, 2, 2, 3]) { ConvLSTMCell(3, kernel: 3, stride: [1, 2]) }
            .refusing(
                [2, 4, 5], "layer ConvLSTMCell: an input of shape [2, 4, 5]; feed [batch, height, width, channels]"
            )
            .refusing("layer ConvLSTMCell: the number of spatial axes is 4; use a number in 1...3") {
                ConvLSTMCell(3, kernel: 3, axes: 4)
            },
        LayerCase("ConvLSTM1D", [2, 3, 4, 2], to: [2, 3, 4, 3]) {
            ConvLSTM1D(3, kernel: 2, padding: .same, returnsSequence: true)
        }
        .refusing(
            [2, 3, 4],
            "layer ConvLSTMCell (layer cells.0): an input of shape [2, 4]; feed [batch, time, channels]"),
        LayerCase("ConvLSTM2D", [2, 3, 4, 5, 1], to: [2, 3, 4, 2]) { ConvLSTM2D(2, kernel: 2) }
            .refusing(
                [2, 3, 4, 5],
                "layer ConvLSTMCell (layer cells.0): an input of shape [2, 4, 5]; "
                    + "feed [batch, height, width, channels]"
            )
            .refusing(
                "layer ConvLSTMCell (layer cells.0): 0 maps, kernel 3x3; use 1 to 16777216 maps and a kernel of 1 to 4096"
            ) {
                ConvLSTM2D(0, kernel: 3)
            },
        LayerCase("ConvLSTM2D, dropout", [2, 2, 3, 3, 1], to: [2, 3, 3, 4]) {
            ConvLSTM2D(2, kernel: 1, direction: .bidirectional(), dropout: 0.3, recurrentDropout: 0.3)
        }.random().with {
            $0.refusesNothing = true
        },
        LayerCase("ConvLSTM3D", [1, 2, 2, 3, 2, 1], to: [1, 2, 2, 3, 2, 2]) {
            ConvLSTM3D(2, kernel: [1, 2, 2], padding: .same, returnsSequence: true)
        }
        .refusing(
            [1, 2, 2, 3, 2],
            "layer ConvLSTMCell (layer cells.0): an input of shape [1, 2, 3, 2]; "
                + "feed [batch, depth, height, width, channels]"),
    ]
}
