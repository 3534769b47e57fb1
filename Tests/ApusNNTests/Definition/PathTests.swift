import Apus
import TestSupport
import Testing

@Suite struct PathTests {
    @Test(
        arguments: [
            ("*", "a.b.c", true), ("a.*", "a.b.c", true), ("a.*", "b.a", false), ("*.bias", "a.b.bias", true),
            ("*.bias", "bias", true), ("a.?", "a.b", true), ("a.?", "a.bc", false), ("*b*d", "abcbd", true),
            ("*b*d", "abcbde", false), ("", "", true), ("", "a", false), ("a*", "a", true), ("**", "x", true),
            ("a.b", "a.b", true), ("a.b", "a.bc", false),
        ])
    func patternsMatchWholePaths(pattern: String, path: String, expected: Bool) {
        #expect(PathPattern(pattern).matches(path) == expected)
    }

    @Test func patternsOfModulesCoverWhatIsInThem() {
        #expect(PathPattern("encoder").covers("encoder.block1.kernel"))
        #expect(PathPattern("*.block1").covers("encoder.block1.kernel"))
        #expect(!PathPattern("encoder").covers("encoder2.kernel"))
    }

    /// Holds modules in every way that a property can.
    final class Holder: Module {
        struct Pair {
            let left = Dense(2, bias: false)
            let right: Dense? = Dense(2, bias: false)
        }
        enum Choice {
            case one(Dense)
            case none
        }
        let pair = Pair()
        let tuple = (Dense(2, bias: false), named: Dense(2, bias: false))
        let choice = Choice.one(Dense(2, bias: false))
        let nothing = Choice.none
        let nested = ["x": [Dense(2, bias: false)]]
        lazy var late = Dense(2, bias: false)
        let numbers = [1, 2, 3]

        func callAsFunction(_ x: Tensor) -> Tensor {
            var y = pair.left(x)
            y = pair.right?(y) ?? y
            y = tuple.named(tuple.0(y))
            if case .one(let layer) = choice { y = layer(y) }
            for layer in nested["x"] ?? [] { y = layer(y) }
            return late(y)
        }
    }

    @Test func modulesAreFoundWhereverTheyAreHeld() throws {
        let model = Holder()
        try model.build(inputShape: [1, 2])
        #expect(
            model.namedParameters.map(\.path) == [
                "pair.left.weight", "pair.right.weight", "tuple.0.weight", "tuple.named.weight", "choice.one.weight",
                "nested.x.0.weight", "late.weight",
            ])
        #expect(model.parameterCount == 7 * 4)
        #expect(model.module(at: "nested.x.0") === model.nested["x"]?[0])
        #expect(model.module(at: "nested.y") == nil)
        #expect(model.parameter(at: "tuple.named.weight") === model.tuple.named.weight)
        #expect(model.namedModules.map(\.path).contains("choice.one"))
    }

    private func network() throws -> Sequential {
        let model = Sequential {
            Sequential {
                Dense(3).named("stem")
                BatchNorm()
            }.named("encoder")
            Dense(2).named("head")
        }
        try model.build(inputShape: [1, 4])
        return model
    }

    @Test func groupsAreChosenByPattern() throws {
        let model = try network()
        #expect(try model.parameters(matching: "encoder").count == 6)
        #expect(try model.parameters(matching: "*.bias").map(\.path) == ["encoder.stem.bias", "head.bias"])
        let error = refusal { _ = try model.parameters(matching: "decoder.*") }
        #expect(
            error?.description
                == "model parameters: nothing matches \"decoder.*\"; use a path or a pattern of these: "
                + "encoder.stem.weight, encoder.stem.bias, encoder.batchnorm1.scale, encoder.batchnorm1.shift, "
                + "encoder.batchnorm1.mean, encoder.batchnorm1.variance, head.weight, head.bias")
    }

    @Test func frozenParametersStayAsTheyAre() throws {
        let model = try network()
        try model.freeze("encoder.*")
        #expect(model.trainableCount == 3 * 2 + 2)
        let data = try Dataset(
            inputs: Tensor.randomNormal([16, 4], seed: 1), targets: Tensor((0..<16).map { Int32($0 % 2) }))
        let before: [Float] = try model.parameters(matching: "encoder.stem").flatMap { try $0.parameter.value.array() }
        let head: [Float] = try #require(model.parameter(at: "head.weight")).value.array()
        let trainer = Trainer(model, loss: .softmaxCrossEntropy, optimizer: .adam(learningRate: 0.1))
        try trainer.fit(data.batched(8), epochs: 2)
        #expect(
            try model.parameters(matching: "encoder.stem").flatMap { try $0.parameter.value.array() as [Float] }
                == before)
        #expect(try model.parameter(at: "head.weight")?.value.array(of: Float.self) != head)
        try model.unfreeze()
        // Running statistics were never trainable and are not now.
        #expect(model.trainableCount == 4 * 3 + 3 + 6 + 3 * 2 + 2)
    }

    @Test func outputsInsideAModelAreCaptured() throws {
        let model = try network()
        let x = Tensor.randomNormal([5, 4], seed: 2)
        let captured = try model.capture("encoder.*") { model(x) }
        #expect(captured.outputs.map(\.path) == ["encoder.stem", "encoder.batchnorm1"])
        #expect(captured.outputs.map(\.output.shape) == [[5, 3], [5, 3]])
        let stem = try #require(captured["encoder.stem"])
        let layer = try #require(model.module(at: "encoder.stem"))
        #expect(try stem.array(of: Float.self) == layer(x).array())
        // Derivatives with respect to an inner output: those of the head's sum are the sums of its weights' rows.
        let score = captured.result.sum()
        let inner = try #require(captured["encoder.batchnorm1"])
        let slopes: [Float] = try gradients(of: score, withRespectTo: [inner])[0].array()
        let weight = try #require(model.parameter(at: "head.weight")).value
        let rows: [Float] = try weight.sum(axes: [1]).array()
        for sample in 0..<5 {
            for unit in 0..<3 { #expect(abs(slopes[sample * 3 + unit] - rows[unit]) < 1e-6) }
        }
        #expect(
            refusal { _ = try model.capture("decoder") { model(x) } }?.problem == "nothing matches \"decoder\"")
    }

    @Test func layersInsideModulesOfOnesOwnAreCaptured() throws {
        final class Block: Module {
            let inner = [Doubling(), Doubling()]
            func callAsFunction(_ x: Tensor) -> Tensor { inner[1](inner[0](x)) }
        }
        final class Doubling: Layer {
            func forward(_ x: Tensor) -> Tensor { x * 2 }
        }
        final class Outer: Layer {
            let block = Block()
            func forward(_ x: Tensor) -> Tensor { block(x) + 1 }
        }
        let model = Outer()
        let captured = try model.capture("block.*") { model(Tensor.ones([1])) }
        #expect(captured.outputs.map(\.path) == ["block.inner.0", "block.inner.1"])
        #expect(try captured["block.inner.1"]?.item() == 4)
        #expect(try captured.result.item() == 5)
        let changed = try model.replacingOutputs("block.inner.0") { _, y in
            y * 10
        } in: {
            model(Tensor.ones([1]))
        }
        #expect(try changed.item() == 41)
        #expect(try model(Tensor.ones([1])).item() == 5)
    }

    @Test func layersCalledByHandBeginWithDifferentValues() throws {
        let model = Sequential {
            Dense(4, bias: false)
            Dense(4, bias: false)
        }
        _ = model(Tensor.ones([1, 4]))
        let values = try model.parameters.map { try $0.value.array(of: Float.self) }
        #expect(values[0] != values[1])
    }
}
