import ApusCore

// Layers keep what their cells have in common in the cells; those of all layers and directions are alike.
extension NotationTable {
    private static let cell = "cells.0."

    private static var direction: NotationParameter<RecurrentDirection> {
        let merges = "bidirectional(concatenate), .. (sum), (multiply) or (average)"
        return NotationParameter("direction", "forward, backward, bidirectional, or \(merges)") {
            (argument: NotationValue) -> RecurrentDirection? in
            switch argument {
            case .word("forward"): return .forward
            case .word("backward"): return .backward
            case .word("bidirectional"): return .bidirectional()
            case .call("bidirectional", let values):
                guard values.count == 1, let merge = values[0].word.flatMap(BidirectionalMerge.init(rawValue:)) else {
                    return nil
                }
                return .bidirectional(merge: merge)
            default: return nil
            }
        } read: { (held: Any?) -> NotationValue? in
            guard let direction = held as? RecurrentDirection else { return nil }
            switch direction {
            case .forward: return .word("forward")
            case .backward: return .word("backward")
            case .bidirectional(.concatenate): return .word("bidirectional")
            case .bidirectional(let merge): return .call("bidirectional", [.word(merge.rawValue)])
            }
        }.or("forward")
    }

    private static var forgetBias: NotationParameter<Double> {
        number("forgetBias").at(cell + "forgetBias").or(1.0)
    }

    static var recurrences: [NotationLayer] {
        let units = integer("units").at(cell + "units").unlabelled
        let layers = integer("layers").or(1)
        let returnsSequence = flag("returnsSequence").or(false)
        let activation = activation("activation").at(cell + "activation").or("tanh")
        let gate = self.activation("recurrentActivation").at(cell + "recurrentActivation").or("sigmoid")
        let biases = choice("biases", [("none", RecurrentBiases.none), ("one", .one), ("two", .two)])
        let dropout = number("dropout").or(0.0)
        let recurrentDropout = number("recurrentDropout").at(cell + "recurrentDropout").or(0.0)
        let initializer = initializer(of: cell + "kernel")
        let recurrentInitializer = NotationParameter(
            "recurrentInitializer", initializer.wanted, make: initializer.make, read: initializer.read
        ).at(cell + "recurrentKernel").or(.call("orthogonal", [.number(1)]))
        // How many biases there are shows in the cells.
        func counted(_ label: String) -> NotationParameter<RecurrentBiases> {
            NotationParameter(label, biases.wanted, make: biases.make) { held in
                guard let cell = held as? GatedCell else { return nil }
                return .word(cell.bias == nil ? "none" : cell.recurrentBias == nil ? "one" : "two")
            }.at("cells.0").or("one")
        }
        return [
            NotationLayer(
                SimpleRNN.init, units, layers, direction, returnsSequence, activation, counted("biases"), dropout,
                recurrentDropout, initializer, recurrentInitializer),
            NotationLayer(
                LSTM.init, units, layers, direction, returnsSequence, activation, gate,
                self.activation("outputActivation").at(cell + "outputActivation").or("tanh"), counted("biases"),
                forgetBias, presence("peepholes").at(cell + "peephole").or(false),
                optionalInteger("projection").at(cell + "projectedSize"), dropout, recurrentDropout, initializer,
                recurrentInitializer),
            NotationLayer(
                GRU.init, units, layers, direction, returnsSequence, activation, gate,
                flag("resetAfter").at(cell + "resetAfter").or(true), presence("bias").at(cell + "bias").or(true),
                dropout, recurrentDropout, initializer, recurrentInitializer),
            convolutional(ConvLSTM1D.init), convolutional(ConvLSTM2D.init), convolutional(ConvLSTM3D.init),
            NotationLayer({ (layer: any Module) in TimeDistributed(layer) }, layer("layer").unlabelled),
        ]
    }

    private typealias Axes = any PerAxisConvertible

    private static func convolutional<Made: ConvLSTMLayer>(
        _ make:
            @escaping (
                Int, Axes, Axes, Padding, Axes, RecurrentDirection, Bool, ActivationFunction, ActivationFunction, Bool,
                Double, Double, Double, Initializer, Initializer
            ) -> Made
    ) -> NotationLayer {
        let initializer = initializer(of: cell + "kernel")
        return NotationLayer(
            make, integer("maps").at(cell + "maps").unlabelled, axes("kernel").at(cell + "window"),
            axes("stride").at(cell + "stride").or(1), padding.at(cell + "padding"),
            axes("dilation").at(cell + "dilation").or(1), direction, flag("returnsSequence").or(false),
            activation("activation").at(cell + "activation").or("tanh"),
            activation("recurrentActivation").at(cell + "recurrentActivation").or("sigmoid"),
            presence("bias").at(cell + "bias").or(true), forgetBias, number("dropout").or(0.0),
            number("recurrentDropout").at(cell + "recurrentDropout").or(0.0), initializer,
            NotationParameter(
                "recurrentInitializer", initializer.wanted, make: initializer.make, read: initializer.read
            ).at(cell + "recurrentKernel").or(.call("orthogonal", [.number(1)])))
    }
}
