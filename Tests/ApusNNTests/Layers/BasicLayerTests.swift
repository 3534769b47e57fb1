import Apus
import Foundation
import TestSupport
import Testing

@Suite struct BasicLayerTests {
    @Test(arguments: [0.2, 0.5, 0.9])
    func dropoutDropsItsShareAndScalesTheRest(rate: Double) throws {
        let count = 20_000
        let y = withMode(.training, seed: 3) { Dropout(rate)(Tensor(repeating: 2, shape: [100, count / 100])) }
        let values: [Double] = try y.array()
        let kept = values.filter { $0 != 0 }
        // Four standard deviations of the binomial distribution.
        let deviation = sqrt(Double(count) * rate * (1 - rate))
        #expect(abs(Double(kept.count) - Double(count) * (1 - rate)) < 4 * deviation)
        #expect(kept.allSatisfy { abs($0 - 2 / (1 - rate)) < 1e-5 })
    }

    @Test func dropoutDependsOnSeedAndPlace() throws {
        let x = Tensor.ones([64])
        func run(_ seed: UInt64) throws -> [[Float]] {
            let pair = withMode(.training, seed: seed) { [Dropout(0.5)(x), Dropout(0.5)(x)] }
            return try pair.map { try $0.array() }
        }
        let first = try run(1)
        #expect(try run(1) == first)
        #expect(try run(2) != first)
        #expect(first[0] != first[1])
    }

    @Test func dropoutPassesThroughWithoutTraining() throws {
        let x = try numbers([4, 4])
        #expect(try Dropout(0.5)(x).array(of: Double.self) == x.array())
        #expect(try withMode(.training) { Dropout(0)(x) }.array(of: Double.self) == x.array())
    }

    @Test func dropoutLetsGradientsThroughWhereItLetValuesThrough() throws {
        let x = try numbers([200])
        let (y, dx) = valueAndGradient(at: x) { x in withMode(.training, seed: 5) { Dropout(0.3)(x) }.sum() }
        let factors: [Double] = try dx.array()
        #expect(factors.allSatisfy { $0 == 0 || abs($0 - 1 / 0.7) < 1e-12 })
        #expect(factors.contains(0))
        let values: [Double] = try x.array()
        let expected = zip(values, factors).reduce(0) { $0 + $1.0 * $1.1 }
        #expect(abs(try y.item() - expected) < 1e-10)
    }

    @Test(
        arguments: [([2, 3, 4], [2, 12]), ([5], [5]), ([3, 1], [3, 1]), ([2, 0, 3], [2, 0])] as [(Shape, Shape)])
    func flattenKeepsTheBatch(input: Shape, output: Shape) throws {
        let x = Tensor.range(count: input.count).reshaped(to: input)
        let y = Flatten()(x)
        #expect(y.shape == output)
        #expect(try y.array(of: Float.self) == x.array())
    }

    @Test func activationsAreTheirFunctions() throws {
        let x = try numbers([3, 4])
        let values: [Double] = try x.array()
        let functions: [(ActivationFunction, (Double) -> Double)] = [
            (.linear, { $0 }), (.relu, { max($0, 0) }), (.sigmoid, { 1 / (1 + exp(-$0)) }),
            (.tanh, { Foundation.tanh($0) }),
            (.softplus, { Foundation.log(1 + exp($0)) }), (.leakyRelu, { $0 > 0 ? $0 : 0.01 * $0 }),
            (.silu, { $0 / (1 + exp(-$0)) }), (.gelu, { $0 * 0.5 * (1 + erf($0 / 2.0.squareRoot())) }),
        ]
        for (function, plain) in functions {
            try expectEqual(Activation(function)(x), [3, 4], values.map(plain), tolerance: 1e-9)
            #expect(Activation(function).details == function.name)
        }
        let sums: [Double] = try Activation(.softmax)(x).sum(axes: [1]).array()
        #expect(sums.allSatisfy { abs($0 - 1) < 1e-12 })
        #expect(Set(ActivationFunction.all.map(\.name)).count == ActivationFunction.all.count)
    }

    @Test func sequentialsNameTheirLayersAndShareRepeatedOnes() throws {
        let shared = Dense(3)
        let useTwice = true
        let model = Sequential {
            shared
            if useTwice { shared }
            for units in [4, 5] { Dense(units) }
        }
        #expect(model.names == ["dense1", "dense2", "dense3", "dense4"])
        #expect(model(Tensor.zeros([1, 3])).shape == [1, 5])
        #expect(
            model.namedParameters.map(\.path) == [
                "dense1.weight", "dense1.bias", "dense3.weight", "dense3.bias", "dense4.weight", "dense4.bias",
            ])
        #expect(model.trainableCount == 12 + 16 + 25)
    }
}
