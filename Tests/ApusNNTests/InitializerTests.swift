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
