import Apus
import Foundation
import TestSupport
import Testing

@Suite struct InitializerTests {
    /// 200 inputs, 100 units.
    private func weights(_ initializer: Initializer, seed: UInt64 = 1) throws -> [Double] {
        let layer = Dense(100, initializer: initializer)
        try layer.build(inputShape: [1, 200], dtype: .float64, seed: seed)
        return try layer.weight.value.array()
    }

    static let cases: [(initializer: Initializer, variance: Double, limit: Double)] = [
        (.glorotUniform, 2 / 300.0, sqrt(6 / 300.0)), (.glorotNormal, 2 / 300.0, .infinity),
        (.heUniform, 2 / 200.0, sqrt(6 / 200.0)), (.heNormal, 2 / 200.0, .infinity),
        (.lecunUniform, 1 / 200.0, sqrt(3 / 200.0)), (.lecunNormal, 1 / 200.0, .infinity),
        (.uniform(limit: 0.3), 0.09 / 3, 0.3), (.normal(deviation: 0.4), 0.16, .infinity),
        // Cut at two deviations, the variance is 0.7737 of what it was.
        (.truncatedNormal(deviation: 0.5), 0.25 * 0.7737413, 1.0),
        (.varianceScaling(scale: 3, .fanOut, .truncatedNormal), 3 / 100.0, 2 * sqrt(3 / 100.0) / 0.87962566),
        (.varianceScaling(scale: 0.5, .average, .uniform), 0.5 / 150, sqrt(1.5 / 150)),
        (.varianceScaling(scale: 2, .fanIn, .normal), 2 / 200.0, .infinity),
    ]

    @Test(arguments: cases.indices)
    func varianceFollowsTheFans(_ index: Int) throws {
        let (initializer, variance, limit) = Self.cases[index]
        let values = try weights(initializer)
        #expect(values.count == 20_000)
        let mean = values.reduce(0, +) / 20_000
        let estimate = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 20_000
        #expect(abs(mean) < 4 * sqrt(variance / 20_000))
        // Four standard deviations of the estimate for normal numbers; uniform ones vary less.
        #expect(abs(estimate / variance - 1) < 4 * sqrt(2 / 20_000.0))
        #expect(!values.contains { abs($0) > limit })
        if limit < .infinity { #expect(values.contains { abs($0) > 0.99 * limit }) }
        #expect(try weights(initializer) == values)
        #expect(try weights(initializer, seed: 2) != values)
    }

    @Test func rangesAndMeansMove() throws {
        let even = try weights(.uniform(low: 1, high: 3))
        #expect(even.allSatisfy { (1..<3).contains($0) })
        let center: Double = even.reduce(0, +) / 20_000
        #expect(abs(center - 2) < 0.0164)
        for initializer in [Initializer.normal(mean: 5, deviation: 2), .truncatedNormal(mean: 5, deviation: 2)] {
            let mean: Double = try weights(initializer).reduce(0, +) / 20_000
            #expect(abs(mean - 5) < 0.0566)
        }
    }

    /// Exercise xavier-001p9a: 2500 inputs, 1024 units.
    @Test func deviationsOfTheExercise() throws {
        func statistics(_ initializer: Initializer) throws -> (variance: Double, largest: Double) {
            let w = initializer.make([2500, 1024], fanIn: 2500, fanOut: 1024, seed: 1, stream: 0, dtype: .float32)
            return (try w.square().mean().item(), try w.absolute().max().item())
        }
        #expect(abs(try statistics(.lecunNormal).variance / 0.0004 - 1) < 0.005)
        #expect(abs(try statistics(.heNormal).variance / 0.0008 - 1) < 0.005)
        #expect(abs(try statistics(.glorotNormal).variance / 0.000567536889897843 - 1) < 0.005)
        let uniform = try statistics(.glorotUniform)
        #expect(abs(uniform.variance / 0.000567536889897843 - 1) < 0.005)
        #expect(abs(uniform.largest / 0.0412627031311999 - 1) < 1e-4 && uniform.largest <= 0.04126271)
    }

    /// Exercise zero-init-000t53: with zero weights the output's bias alone learns.
    @Test func zeroWeightsDoNotLearn() throws {
        let model = Sequential {
            Dense(2, activation: .tanh, initializer: .zeros)
            Dense(1, initializer: .zeros)
        }
        let x = Tensor([1.0, 2], shape: [1, 2])
        try model.build(inputShape: x.shape, dtype: .float64)
        let (_, gradients) = try valueAndGradient(model) { ($0(x) - 1.0).square().sum() * 0.5 }
        let expected = ["dense1.weight": 0.0, "dense1.bias": 0, "dense2.weight": 0, "dense2.bias": -1]
        for (path, value) in expected {
            let numbers: [Double] = try #require(gradients[path]).array()
            #expect(numbers.allSatisfy { $0 == value }, "\(path)")
        }
    }

    @Test func gainsKeepVariances() {
        let gains: [(ActivationFunction, Double)] = [
            (.relu, 2.0.squareRoot()), (.tanh, 5 / 3.0), (.selu, 0.75), (.linear, 1), (.sigmoid, 1),
            (.leakyRelu, (2 / 1.0001).squareRoot()),
        ]
        for (activation, gain) in gains { #expect(abs(activation.gain - gain) < 1e-15) }
    }

    @Test func kernelsCountTheirAreaInTheFans() throws {
        let layer = Conv2D(64, kernel: 5, initializer: .heNormal)
        try layer.build(inputShape: [1, 9, 9, 16], dtype: .float64)
        let values: [Double] = try layer.kernel.value.array()
        let variance = values.reduce(0) { $0 + $1 * $1 } / Double(values.count)
        #expect(abs(variance / (2 / 400.0) - 1) < 0.04)
    }

    @Test func layersDrawFromStreamsOfTheirOwn() throws {
        let model = Sequential {
            Dense(7)
            Dense(7)
        }
        try model.build(inputShape: [1, 7], seed: 3)
        let weights: [[Float]] = try model.parameters.filter { $0.shape.rank == 2 }.map { try $0.value.array() }
        #expect(weights[0] != weights[1])
    }

    @Test func fixedValuesAreTaken() throws {
        #expect(try weights(.zeros).allSatisfy { $0 == 0 })
        #expect(try weights(.ones).allSatisfy { $0 == 1 })
        #expect(try weights(.constant(2.5)).allSatisfy { $0 == 2.5 })
        let given = try numbers([200, 100])
        #expect(try weights(.values(given)) == given.array())
        let error = refusal { _ = try weights(.values(Tensor.zeros([100, 200]))) }
        #expect(error?.problem == "it made shape [100, 200], the layer needs [200, 100]")
    }
}
