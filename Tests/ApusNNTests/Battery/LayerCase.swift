import Apus
import ApusCore
import ApusNN
import Foundation
import TestSupport
import Testing

/// A layer as the battery checks it: how to make it, what to feed it, what to expect, and the declared exceptions.
///
///     LayerCase("Conv2D", [2, 7, 6, 3], to: [2, 5, 4, 8]) { Conv2D(8, kernel: 3) }
///         .refusing([4, 4], "layer Conv2D: an input of shape [4, 4]; feed [batch, height, width, channels]")
struct LayerCase: Sendable, CustomTestStringConvertible {
    /// What an input holds.
    enum Content: Sendable {
        /// Numbers of a normal distribution.
        case numbers
        /// Numbers in 0.2...2.
        case positive
        /// int32 in `0..<below`.
        case indices(below: Int)
    }

    struct Input: Sendable {
        var shape: Shape
        var content: Content = .numbers
    }

    struct Mistake: Sendable {
        let make: @Sendable () -> any Module
        let inputs: [Input]
        let message: String
    }

    typealias Call = @Sendable (_ layer: any Module, _ inputs: [Tensor]) -> Tensor

    let name: String
    let make: @Sendable () -> any Module
    var inputs: [Input]
    let output: Shape
    /// How inputs reach the layer.
    var call: Call = { layer, inputs in layer(inputs[0]) }
    /// Whether training and inference give different outputs.
    var differsInTraining = false
    /// Whether the output in training depends on the seed.
    var isRandom = false
    /// Whether samples of a batch influence each other: in training, or always.
    var mixesBatch = (training: false, inference: false)
    /// The axis that counts samples; `nil` for none.
    var batchAxis: Int? = 0
    var isDifferentiable = true
    /// Whether the gradient in training is that of the output: not where a layer takes part of it for constant.
    var isDifferentiableInTraining = true
    /// Whether the first call makes inner layers, so that a file can be read only after it.
    var buildsBeforeLoading = false
    var gradientTolerance = 1e-6
    var mistakes: [Mistake] = []
    /// Whether there is nothing that it refuses, so that no message is due.
    var refusesNothing = false

    init(_ name: String, _ input: Shape, to output: Shape, _ make: @escaping @Sendable () -> any Module) {
        self.init(name, [Input(shape: input)], to: output, make)
    }

    init(_ name: String, _ inputs: [Input], to output: Shape, _ make: @escaping @Sendable () -> any Module) {
        self.name = name
        self.inputs = inputs
        self.output = output
        self.make = make
    }

    var testDescription: String { name }

    /// The case with some of its properties changed.
    func with(_ change: (inout LayerCase) -> Void) -> LayerCase {
        var copy = self
        change(&copy)
        return copy
    }

    /// A layer that takes indices in `0..<below`.
    func takingIndices(below: Int) -> LayerCase {
        with { for index in $0.inputs.indices { $0.inputs[index].content = .indices(below: below) } }
    }

    /// A layer that draws random numbers while training.
    func random() -> LayerCase {
        with {
            $0.isRandom = true
            $0.differsInTraining = true
            $0.mixesBatch.training = true
        }
    }

    /// A layer of several inputs.
    static func merging(
        _ name: String, _ inputs: [Shape], to output: Shape, _ make: @escaping @Sendable () -> any Module
    ) -> LayerCase {
        LayerCase(name, inputs.map { Input(shape: $0) }, to: output, make).with {
            $0.call = { layer, inputs in (layer as? any MergingLayer)?(inputs) ?? layer(inputs[0]) }
        }
    }

    /// A layer that uses the statistics of the batch while training.
    func mixingWhileTraining() -> LayerCase {
        with {
            $0.differsInTraining = true
            $0.mixesBatch.training = true
        }
    }

    /// Other inputs, and the whole message that they end in.
    func refusing(inputs: [Shape], _ message: String) -> LayerCase {
        let contents = self.inputs.map(\.content)
        return with {
            $0.mistakes.append(
                Mistake(
                    make: make,
                    inputs: inputs.enumerated().map { index, shape in
                        Input(shape: shape, content: contents.indices.contains(index) ? contents[index] : .numbers)
                    }, message: message))
        }
    }

    /// Another input, and the whole message that it ends in.
    func refusing(_ input: Shape, _ message: String) -> LayerCase {
        with { $0.mistakes.append(Mistake(make: make, inputs: [Input(shape: input)], message: message)) }
    }

    /// The same input to a layer that was made wrongly, and the whole message that it ends in.
    func refusing(_ message: String, _ make: @escaping @Sendable () -> any Module) -> LayerCase {
        with { $0.mistakes.append(Mistake(make: make, inputs: inputs, message: message)) }
    }

    /// Random inputs, the same in every run, with floating-point ones as `dtype`.
    func arguments(_ dtype: DType = .float32, _ replaced: [Input]? = nil) throws -> [Tensor] {
        var random = TestRandom(UInt64(name.utf8.reduce(7) { ($0 &* 31 &+ Int($1)) & 0xffff_ffff }))
        return try (replaced ?? inputs).map { input in
            switch input.content {
            case .numbers: try random.tensor(input.shape).cast(to: dtype).evaluated()
            case .positive: try random.tensor(input.shape, 0.2...2).cast(to: dtype).evaluated()
            case .indices(let below):
                try random.positions(input.shape, below: below).cast(to: .int32).evaluated()
            }
        }
    }

    /// A layer with all its parameters, those that are learnt moved a little from where they start.
    func built(_ dtype: DType = .float32) throws -> any Module {
        let layer = make()
        let y = withMode(.inference, seed: 11) { call(layer, (try? arguments(dtype)) ?? []) }
        if let error = y.error { throw error }
        var random = TestRandom(5)
        for parameter in layer.parameters where parameter.dtype.isFloatingPoint {
            var value = parameter.value.cast(to: dtype)
            if parameter.isTrainable {
                value = value + random.tensor(parameter.shape, -0.3...0.3).cast(to: dtype)
            }
            parameter.value = try value.evaluated()
        }
        return layer
    }
}
