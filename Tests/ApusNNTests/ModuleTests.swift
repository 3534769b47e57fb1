import Apus
import TestSupport
import Testing

@Suite struct ModuleTests {
    class Base: Module {
        let stem = Dense(2)
        func callAsFunction(_ x: Tensor) -> Tensor { stem(x) }
    }

    final class Everything: Base {
        let blocks = [Dense(2, bias: false), Dense(2, bias: false)]
        let heads = ["b": Dense(3, bias: false), "a": Dense(4, bias: false)]
        let present: Dense? = Dense(2, bias: false)
        let absent: Dense? = nil
        let scale = Parameter(.ones)
        let steps: [Parameter] = [Parameter(.zeros, trainable: false)]
        let count = 3
        let name = "net"

        override func callAsFunction(_ x: Tensor) -> Tensor {
            var y = super.callAsFunction(x)
            for block in blocks { y = block(y) }
            y = present?(y) ?? y
            for key in heads.keys.sorted() { y = heads[key]?(y) ?? y }
            return y * scale.value(shape: [3]) + steps[0].value(shape: [3])
        }
    }

    @Test func parametersAreFoundInEveryKindOfProperty() throws {
        let model = Everything()
        #expect(model.trainableCount == 0)
        #expect(try model.build(inputShape: [5, 2]) == [5, 3])
        #expect(
            model.namedParameters.map(\.path) == [
                "stem.weight", "stem.bias", "blocks.0.weight", "blocks.1.weight", "heads.a.weight", "heads.b.weight",
                "present.weight", "scale", "steps.0",
            ])
        #expect(model.trainableCount == 4 + 2 + 4 + 4 + 8 + 12 + 4 + 3)
    }

    @Test func sharedModulesCountOnce() throws {
        final class Twins: Module {
            let left: Dense
            let right: Dense
            init() {
                left = Dense(3)
                right = left
            }
            func callAsFunction(_ x: Tensor) -> Tensor { right(left(x)) }
        }
        let model = Twins()
        try model.build(inputShape: [1, 3])
        #expect(model.namedParameters.map(\.path) == ["left.weight", "left.bias"])
        // Both uses add to the gradient: d/dw of w * w * x is 2 w x.
        model.left.weight.value = Tensor.identity(3) * 2
        model.left.bias?.value = Tensor.zeros([3])
        let (loss, gradients) = try valueAndGradient(model) { $0(Tensor.ones([1, 3])).sum() }
        #expect(try loss.item() == 12)
        let weight = try #require(gradients["left.weight"])
        #expect(try weight.array(of: Float.self) == [4, 4, 4, 4, 4, 4, 4, 4, 4])
    }

    @Test func buildingFollowsTheSeedAndHappensOnce() throws {
        func weights(_ seed: UInt64) throws -> [Float] {
            let model = Everything()
            try model.build(inputShape: [1, 2], seed: seed)
            return try model.parameters.flatMap { try $0.value.array(of: Float.self) }
        }
        #expect(try weights(1) == weights(1))
        #expect(try weights(1) != weights(2))
        let model = Everything()
        try model.build(inputShape: [1, 2], seed: 1)
        try model.build(inputShape: [9, 2], seed: 2)
        #expect(try model.parameters.flatMap { try $0.value.array(of: Float.self) } == weights(1))
    }

    @Test func errorsNameTheLayer() {
        let model = Sequential {
            Dense(4)
            Sequential {
                Conv2D(2, kernel: 3)
            }
        }
        let error = model(Tensor.zeros([1, 3])).error
        #expect(error?.path == "sequential1.conv2d1")
        #expect(
            error?.description == "layer Conv2D (layer sequential1.conv2d1): an input of shape [1, 4]; "
                + "feed [batch, height, width, channels]")
    }

    @Test func gradientsHaveThePathsOfTheTrainableParameters() throws {
        let model = Sequential {
            Dense(2)
            BatchNorm()
        }
        try model.build(inputShape: [1, 3])
        model.parameters[0].isTrainable = false
        let (_, gradients) = try valueAndGradient(model) { $0(Tensor.ones([4, 3])).sum() }
        #expect(gradients.paths == ["dense1.bias", "batchnorm1.scale", "batchnorm1.shift"])
        #expect(gradients["dense1.weight"] == nil)
    }
}
