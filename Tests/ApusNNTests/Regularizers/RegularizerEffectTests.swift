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

    /// REG-02: an L1 term makes weights zero, and the report counts them.
    @Test func l1MakesWeightsZero() throws {
        let x = try Tensor.randomNormal([200, 20], seed: 4).evaluated()
        let noise = Tensor.randomNormal([200, 1], deviation: 0.5, seed: 5)
        let y = try (x.slice(axis: 1, 0..<1) - x.slice(axis: 1, 1..<2) + noise).evaluated()
        let data = try Dataset(inputs: x, targets: y)
        func sparsity(_ regularizer: Regularizer?) throws -> SparsityReport {
            let model = Sequential { Dense(1).regularized(regularizer) }
            try Trainer(model, loss: .meanSquaredError, optimizer: .sgd(learningRate: 0.02), seed: 1)
                .fit(data.batched(50), epochs: 60)
            return try SparsityReport(model, threshold: 0.02)
        }
        let (plain, sparse) = (try sparsity(nil), try sparsity(.l1(0.2)))
        #expect(plain.share < 0.7, "\(plain)")
        #expect(sparse.share == 0.9 && sparse.rows.map(\.path) == ["dense1.weight"], "\(sparse)")
        #expect(sparse.description == "dense1.weight  90.0 % near zero (18 of 20)")
        let unbuilt = try SparsityReport(Sequential { Dense(3) })
        #expect(unbuilt.rows.isEmpty && unbuilt.share == 0)
        #expect(
            refusal { _ = try SparsityReport(Dense(1), threshold: 0) }?.description
                == "SparsityReport: the threshold is 0.0; use a number above 0")
    }
}
