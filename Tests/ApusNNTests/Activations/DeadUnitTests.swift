import Apus
import TestSupport
import Testing

/// ACT-05: where ReLU has units that no sample reaches and that learn no more, its relatives have none.
@Suite struct DeadUnitTests {
    private static let relatives: [(name: String, make: @Sendable () -> any Module)] = [
        ("leaky ReLU", { LeakyReLU() }), ("PReLU", { PReLU() }), ("ELU", { ELU() }), ("RReLU", { RReLU() }),
        ("softplus", { Activation(.softplus) }), ("SELU", { Activation(.selu) }), ("GELU", { Activation(.gelu) }),
        ("SiLU", { Activation(.silu) }),
    ]

    /// The hidden units whose weights have no gradient, and whether training moved the weights of all others.
    private func deadUnits(_ activation: any Module) throws -> (before: Int, unmoved: Int) {
        let hidden = Dense(16)
        let model = Sequential {
            hidden
            activation
            Dense(1)
        }
        let x = try numbers([40, 5])
        let y = x.slice(axis: 1, 0..<1)
        try model.build(inputShape: x.shape, dtype: .float64, seed: 3)
        // Every other unit has drives that are negative for all samples, as after a step that was too large.
        hidden.bias?.value = Tensor((0..<16).map { $0 % 2 == 0 ? -5.0 : 0.5 }, shape: [16])
        func columns(_ weights: Tensor) throws -> Int {
            let largest: [Double] = try weights.absolute().max(axes: [0]).array()
            return largest.filter { $0 == 0 }.count
        }
        let first = hidden.weight.value
        let state = OptimizerState(.sgd(learningRate: 0.1))
        var dead = 0
        for step in 0..<5 {
            let (_, gradients) = try valueAndGradient(model) { meanSquaredError($0(x), y) }
            if step == 0 { dead = try columns(#require(gradients["dense1.weight"])) }
            try state.apply(gradients)
        }
        return (dead, try columns(hidden.weight.value - first))
    }

    @Test func relativesOfReLUHaveNoDeadUnits() throws {
        let plain = try deadUnits(ReLU())
        #expect(plain.before == 8 && plain.unmoved == 8)
        for (name, make) in Self.relatives {
            let units = try deadUnits(make())
            #expect(units.before == 0 && units.unmoved == 0, "\(name): \(units)")
        }
    }
}
