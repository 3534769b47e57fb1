import Apus
import TestSupport
import Testing

/// What regularisers are for, measured.
@Suite struct RegularizerEffectTests {
    /// REG-03: of two inputs that say the same, one which is louder, L2 uses both and L1 the louder alone.
    @Test func l2SpreadsWhereL1Selects() throws {
        let first = try numbers([40, 1])
        let x = Tensor.concatenate([first, first * 0.6], axis: 1)
        let y = first * 2
        func weights(_ regularizer: Regularizer) throws -> [Double] {
            let model = Dense(1, bias: false, initializer: .constant(0.5)).regularized(regularizer)
            try model.build(inputShape: x.shape, dtype: .float64)
            let state = OptimizerState(.sgd(learningRate: 0.1))
            for _ in 0..<500 {
                let (_, gradients) = try valueAndGradient(model) { meanSquaredError($0(x), y) }
                try state.apply(gradients)
            }
            return try model.weight.value.array()
        }
        let (l2, l1) = (try weights(.l2(0.05)), try weights(.l1(0.2)))
        #expect(abs(l2[1] / l2[0] - 0.6) < 0.02 && l2[0] > 0.5, "\(l2)")
        #expect(abs(l1[1]) < 0.05 && l1[0] > 1.5, "\(l1)")
    }

    /// REG-05: 2^n networks that share weights. For a linear layer behind it their mean is what inference computes, exactly;
    /// random ones come near.
    @Test func dropoutIsAMeanOverSubnetworks() throws {
        let count = 6
        let (drop, head) = (Dropout(0.5), Dense(1))
        let model = Sequential {
            drop
            head
        }
        let x = try numbers([1, count])
        try model.build(inputShape: x.shape, dtype: .float64, seed: 3)
        let whole = try model(x).item()
        var explicit = 0.0
        for number in 0..<(1 << count) {
            let mask = Tensor((0..<count).map { number >> $0 & 1 == 1 ? 2.0 : 0 }, shape: [1, count])
            let one = try model.replacingOutputs("dropout1") { _, y in
                y * mask
            } in: {
                model(x)
            }
            explicit += try one.item() / Double(1 << count)
        }
        #expect(abs(explicit - whole) < 1e-12)
        // One call on many copies of the sample draws a network for each.
        let copies = x.broadcast(to: [4000, count])
        let drawn: [Double] = try withMode(.training, seed: 5) { model(copies) }.array()
        #expect(Set(drawn.map { ($0 * 1e9).rounded() }).count == 1 << count)
        let mean = drawn.reduce(0, +) / 4000
        let variance = drawn.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 4000
        #expect(abs(mean - explicit) < 4 * (variance / 4000).squareRoot())
    }

    /// REG-07: an L1 term on the code of an autoencoder switches most of its units off.
    @Test func activityPenaltiesMakeCodesSparse() throws {
        let x = try Tensor.randomNormal([64, 8], seed: 6).evaluated()
        let data = try Dataset(inputs: x, targets: x)
        func activeShare(_ factor: Double) throws -> Double {
            let model = Sequential {
                Dense(16, activation: .relu, initializer: .heNormal)
                ActivityRegularization(l1: factor).named("code")
                Dense(8)
            }
            try Trainer(model, loss: .meanSquaredError, optimizer: .adam(learningRate: 0.02), seed: 1)
                .fit(data.batched(32), epochs: 40)
            let code: [Float] = try model.capture("code") { model(x) }["code"]?.array() ?? []
            return Double(code.filter { $0 > 1e-3 }.count) / Double(code.count)
        }
        let (dense, sparse) = (try activeShare(0), try activeShare(0.3))
        #expect(dense > 0.3 && sparse < dense / 2, "\(sparse) of \(dense)")
    }

    /// REG-08 and REG-09: on few samples with many inputs each method lowers the gap between training and validation.
    @Test func regularisersLowerTheGap() throws {
        let x = try Tensor.randomNormal([240, 20], seed: 8).evaluated()
        let noise = Tensor.randomNormal([240, 1], seed: 9) * 0.5
        let y = try (x.slice(axis: 1, 0..<1) - x.slice(axis: 1, 1..<2) + noise).evaluated()
        func part(_ range: Range<Int>) throws -> Dataset {
            try Dataset(inputs: x.slice(axis: 0, range), targets: y.slice(axis: 0, range))
        }
        let (few, held) = (try part(0..<40), try part(40..<240))
        func gap(
            _ regularizer: Regularizer? = nil, dropout: Double = 0, noise: Double = 0, stopping: EarlyStopping? = nil
        ) throws -> Double {
            let model = Sequential {
                if noise > 0 { GaussianNoise(noise) }
                Dense(32, activation: .relu, initializer: .heNormal).regularized(regularizer)
                if dropout > 0 { Dropout(dropout) }
                Dense(1)
            }
            let trainer = Trainer(model, loss: .meanSquaredError, optimizer: .adam(learningRate: 0.01), seed: 2)
            try trainer.fit(few.batched(20), validation: held, epochs: 80, stopping: stopping)
            return try trainer.evaluate(held).loss - trainer.evaluate(few).loss
        }
        let plain = try gap()
        #expect(plain > 0.5)
        let methods: [(String, Double)] = [
            ("L2", try gap(.l2(0.03))), ("L1", try gap(.l1(0.01))), ("dropout", try gap(dropout: 0.5)),
            ("input noise", try gap(noise: 1.5)),
        ]
        for (name, gap) in methods { #expect(gap < plain * 0.85, "\(name): \(gap), without \(plain)") }
        #expect(try gap(stopping: EarlyStopping(.patience(3))) < plain)
    }
}
