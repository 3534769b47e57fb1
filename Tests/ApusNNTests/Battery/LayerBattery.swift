import Apus
import ApusCore
import ApusNN
import Foundation
import TestSupport

/// What every layer has to stand: one call checks shapes, gradients, files, determinism, independence of the samples
/// of a batch, both modes, element types, empty and single extents, and messages.
struct LayerBattery {
    let layer: LayerCase

    init(_ layer: LayerCase) { self.layer = layer }

    /// Runs all checks.
    ///
    /// - Returns: what was wrong, in words
    func problems() -> [String] {
        let checks: [(String, () throws -> Void)] = [
            ("shape", shapes), ("gradient", gradients), ("file", files), ("determinism", determinism),
            ("batch", batches), ("mode", modes), ("type", types), ("extent", extents), ("message", messages),
        ]
        return checks.compactMap { name, check in
            do {
                try check()
                return nil
            } catch {
                return "\(layer.name), \(name): \(error)"
            }
        }
    }

    private func demand(_ condition: Bool, _ problem: @autoclosure () -> String) throws {
        if !condition { throw GoldenProblem(problem()) }
    }

    private func run(
        _ module: any Module, _ inputs: [Tensor], _ mode: Mode = .inference, seed: UInt64 = 3
    ) throws -> Tensor {
        let y = withMode(mode, seed: seed) { layer.call(module, inputs) }
        if let error = y.error { throw error }
        return try y.evaluated()
    }

    /// The error that `body` ends in; `nil` if it ends well.
    private func refusal(_ body: () throws -> Void) throws -> ApusError? {
        do {
            try body()
            return nil
        } catch let error as ApusError {
            return error
        }
    }

    private func values(_ tensor: Tensor) throws -> [Double] { try tensor.array() }

    private func placeholders(_ inputs: [LayerCase.Input]) -> [Tensor] {
        inputs.map { input in
            if case .indices = input.content { return Tensor.placeholder(input.shape, .int32) }
            return Tensor.placeholder(input.shape, .float32)
        }
    }

    /// The shape without values is that of a run, and the declared one.
    private func shapes() throws {
        for mode in [Mode.inference, .training] {
            let y = try run(layer.make(), layer.arguments(), mode)
            try demand(y.shape == layer.output, "\(y.shape), declared \(layer.output), in \(mode)")
        }
        let planned = withMode(.inference) { layer.call(layer.make(), placeholders(layer.inputs)) }
        if let error = planned.error { throw error }
        try demand(planned.shape == layer.output, "\(planned.shape) without values, declared \(layer.output)")
        let module = try layer.built()
        let names = module.namedParameters.map(\.path)
        try demand(Set(names).count == names.count, "the parameters' paths \(names) are not distinct")
        try demand(module.parameters.allSatisfy(\.isBuilt), "a parameter has no value after a call")
    }

    private func gradients() throws {
        guard layer.isDifferentiable else { return }
        for mode in layer.differsInTraining && layer.isDifferentiableInTraining
            ? [Mode.inference, .training] : [.inference]
        {
            let module = try layer.built(.float64)
            let inputs = try layer.arguments(.float64)
            let floating = inputs.indices.filter { inputs[$0].dtype.isFloatingPoint }
            let learnt = module.namedParameters.filter(\.parameter.isTrainable)
            let kept = module.parameters.filter { !$0.isTrainable }.map { ($0, $0.value) }
            try checkGradients(
                at: floating.map { inputs[$0] } + learnt.map(\.parameter.value),
                names: floating.map { "input \($0)" } + learnt.map(\.path), tolerance: layer.gradientTolerance,
                sampleLimit: 5
            ) { points in
                var arguments = inputs
                for (position, index) in floating.enumerated() { arguments[index] = points[position] }
                for (entry, point) in zip(learnt, points.dropFirst(floating.count)) { entry.parameter.value = point }
                for (parameter, value) in kept { parameter.value = value }
                return withMode(mode, seed: 3) { layer.call(module, arguments) }
            }
            // What the layer learns must be reached by its loss.
            try demand(!learnt.isEmpty || !floating.isEmpty, "there is nothing to differentiate")
        }
    }

    /// What is read from a file gives the same bits.
    private func files() throws {
        let module = try layer.built()
        guard !module.parameters.isEmpty else { return }
        _ = try run(module, layer.arguments(), .training)
        let path = NSTemporaryDirectory() + "battery-\(UUID().uuidString).safetensors"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try module.save(to: path)
        let copy = layer.buildsBeforeLoading ? try layer.built() : layer.make()
        try copy.load(from: path)
        for mode in [Mode.inference, .training] {
            let (y, z) = (try run(module, layer.arguments(), mode), try run(copy, layer.arguments(), mode))
            try demand(try values(y) == values(z), "another output in \(mode) after a round trip")
        }
    }

    /// The same seed gives the same bits, for parameters and for what is drawn; another seed does not where it should.
    private func determinism() throws {
        let inputs = try layer.arguments()
        func trained(_ seed: UInt64) throws -> [Double] {
            try values(run(layer.built(), inputs, .training, seed: seed))
        }
        let first = try trained(3)
        try demand(try trained(3) == first, "two runs with one seed differ")
        let other = try trained(4)
        try demand((other != first) == layer.isRandom, "the output \(layer.isRandom ? "ignores" : "follows") the seed")
    }

    /// Each sample's output is the same alone and among others.
    private func batches() throws {
        guard let axis = layer.batchAxis else { return }
        for (mode, mixes) in [(Mode.inference, layer.mixesBatch.inference), (.training, layer.mixesBatch.training)]
        where !mixes {
            let inputs = try layer.arguments(.float64)
            let whole = try run(layer.built(.float64), inputs, mode)
            let scale = try max(1, values(whole.absolute()).max() ?? 1)
            for sample in 0..<inputs[0].shape[axis] {
                let alone = try run(
                    layer.built(.float64), inputs.map { $0.slice(axis: axis, sample..<sample + 1) }, mode)
                let among = try whole.slice(axis: axis, sample..<sample + 1).evaluated()
                try demand(alone.shape == among.shape, "\(alone.shape) alone, \(among.shape) in a batch, in \(mode)")
                let distance = try zip(values(alone), values(among)).reduce(0) { max($0, abs($1.0 - $1.1)) }
                try demand(distance <= 1e-12 * scale, "sample \(sample) depends on the others in \(mode)")
            }
        }
    }

    private func modes() throws {
        let inputs = try layer.arguments()
        let inference = try values(run(layer.built(), inputs, .inference))
        let training = try values(run(layer.built(), inputs, .training))
        try demand(
            (inference != training) == layer.differsInTraining,
            "training \(layer.differsInTraining ? "does what inference does" : "differs from inference")")
    }

    /// float32 comes near float64; bfloat16 does, or says which types are taken.
    private func types() throws {
        func output(_ dtype: DType) throws -> [Double] {
            let module = try layer.built()
            for parameter in module.parameters where parameter.dtype == .float32 {
                parameter.value = try parameter.value.cast(to: dtype).evaluated()
            }
            return try values(run(module, layer.arguments(dtype)))
        }
        let exact = try output(.float64)
        let scale = exact.reduce(1e-3) { max($0, abs($1)) }
        for (dtype, tolerance) in [(DType.float32, 1e-5), (.bfloat16, 0.05)] {
            do {
                let distance = try zip(output(dtype), exact).reduce(0) { max($0, abs($1.0 - $1.1)) }
                try demand(distance <= tolerance * scale, "\(dtype) is off by \(distance) of \(scale)")
            } catch let error as ApusError {
                try demand(dtype == .bfloat16 && error.kind == .type, "\(dtype): \(error)")
            }
        }
    }

    /// Empty and single axes, other ranks and other types end in an output of the planned shape or in a message.
    private func extents() throws {
        func attempt(_ inputs: [LayerCase.Input], _ label: String) throws -> Shape? {
            let planned = withMode(.inference) { layer.call(layer.make(), placeholders(inputs)) }
            do {
                let y = try run(layer.make(), layer.arguments(.float32, inputs))
                try demand(y.shape == planned.shape, "\(label): \(y.shape), planned \(planned.shape)")
                return y.shape
            } catch let error as ApusError {
                try demand(!error.problem.isEmpty && !error.remedy.isEmpty, "\(label): \(error)")
                return nil
            }
        }
        for number in layer.inputs.indices {
            for axis in 0..<layer.inputs[number].shape.rank {
                for extent in [0, 1] {
                    var inputs = layer.inputs
                    // Samples are counted by all inputs alike.
                    for other in inputs.indices where other == number || axis == layer.batchAxis {
                        inputs[other].shape = inputs[other].shape.replacing(axis, with: extent)
                    }
                    let shape = try attempt(inputs, "extent \(extent) of axis \(axis)")
                    if axis == layer.batchAxis {
                        let expected = layer.output.replacing(axis, with: extent)
                        try demand(shape == expected, "\(extent) samples give \(shape.map { "\($0)" } ?? "an error")")
                    }
                }
            }
        }
        for shape in [[], [0], [3], [2, 3], [2, 3, 4], [1, 1, 1, 1], [2, 2, 2, 2, 2], [1, 1, 1, 1, 1, 1]] as [Shape] {
            _ = try attempt(layer.inputs.map { LayerCase.Input(shape: shape, content: $0.content) }, "shape \(shape)")
        }
        for dtype in [DType.int32, .uint8, .bool, .float32] {
            let inputs = layer.inputs.map { Tensor.ones($0.shape, dtype: dtype) }
            for mode in [Mode.inference, .training] {
                if let error = try refusal({ _ = try run(layer.make(), inputs, mode) }) {
                    try demand(!error.remedy.isEmpty, "elements of type \(dtype): \(error)")
                }
            }
        }
    }

    private func messages() throws {
        let failed = Tensor([1, 2]).reshaped(to: [3])
        let passed = layer.call(layer.make(), layer.inputs.map { _ in failed })
        try demand(passed.error == failed.error && passed.error != nil, "an input's error does not pass through")
        try demand(layer.refusesNothing || !layer.mistakes.isEmpty, "declares no message")
        for mistake in layer.mistakes {
            let inputs = try layer.arguments(.float32, mistake.inputs)
            let error = try refusal { _ = try run(mistake.make(), inputs, .training) }
            let text = error?.description ?? "no error"
            try demand(text == mistake.message, "\"\(text)\" instead of \"\(mistake.message)\"")
        }
        let details = layer.make().details
        try demand(!details.contains("\n"), "details of several lines")
    }
}
