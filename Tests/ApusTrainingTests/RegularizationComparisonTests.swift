import Apus
import Foundation
import TestSupport
import Testing

private let isSlow = ProcessInfo.processInfo.environment["APUS_SLOW"] == "1"

/// What regularisers bring, on 1,000 images of digits.
@Suite struct RegularizationComparisonTests {
    /// With `noise`, every tenth label is wrong: who fits these has learnt by heart.
    private static func digits(_ count: Int, seed: UInt64, noise: Bool = false) throws -> Dataset {
        let part = try Digits.generate(count: count * 6 / 5, seed: seed).train  // a sixth is for tests
        let labels = part.labels.enumerated().map { noise && $0.offset % 10 == 0 ? ($0.element + 1) % 10 : $0.element }
        return try Dataset(
            inputs: Tensor(part.scaledImages(), shape: [count, 784]), targets: Tensor(labels, shape: [count]))
    }

    private static func network(
        _ regularizer: Regularizer? = nil, dropout: Double = 0, noise: Double = 0, gates: Double = 0, units: Int = 256
    ) -> Sequential {
        Sequential {
            if noise > 0 { GaussianNoise(noise) }
            Dense(units, activation: .relu, initializer: .heNormal).regularized(regularizer)
            if dropout > 0 { Dropout(dropout) }
            if gates > 0 { HardConcreteGates(gates) }
            Dense(10).regularized(regularizer)
        }
    }

    /// REG-08 and REG-09: each method lowers the gap between training and validation.
    @Test(.enabled(if: isSlow, "set APUS_SLOW=1 to run it"))
    func eachMethodLowersTheGapOnAThousandImages() throws {
        let comparison = try RegularizationComparison(
            training: Self.digits(1000, seed: 11, noise: true).batched(50),
            validation: Self.digits(1000, seed: 12).batched(250),
            loss: .softmaxCrossEntropy, optimizer: .adam(learningRate: 0.002), epochs: 100, seed: 3,
            [
                .init("nothing") { Self.network() },
                .init("L2") { Self.network(.l2(2e-3)) },
                .init("L1") { Self.network(.l1(3e-4)) },
                .init("dropout") { Self.network(dropout: 0.5) },
                .init("input noise") { Self.network(noise: 0.4) },
                .init("early stopping", stopping: EarlyStopping(.patience(3))) { Self.network() },
            ])
        let plain = try #require(comparison["nothing"])
        #expect(plain.gap > 0.1 && plain.trainingLoss < 0.05, "\n\(comparison)")
        for row in comparison.rows.dropFirst() { #expect(row.gap < plain.gap, "\n\(comparison)") }
        let (sparse, stopped) = (try #require(comparison["L1"]), try #require(comparison["early stopping"]))
        #expect(sparse.sparsity > plain.sparsity + 0.2, "\n\(comparison)")
        #expect(plain.steps == 2000 && stopped.steps < 2000, "\n\(comparison)")
    }

    @Test func figuresStandSideBySide() throws {
        let data = try Examples.clouds(40)
        let comparison = try RegularizationComparison(
            training: data.batched(10), validation: data, loss: .softmaxCrossEntropy, optimizer: .sgd(), epochs: 2,
            threshold: 10,
            [
                .init("plain") { Examples.perceptron() },
                .init("L2") { Examples.perceptron().regularized(.l2()) },
            ])
        #expect(comparison.rows.map(\.name) == ["plain", "L2"] && comparison["L2"] != nil && comparison["none"] == nil)
        #expect(comparison.rows.allSatisfy { $0.steps == 8 && $0.sparsity == 1 && abs($0.gap) < 1e-5 })
        let lines = comparison.description.split(separator: "\n")
        #expect(lines.count == 3 && lines[0].hasPrefix("method  training  validation") && lines[1].hasPrefix("plain "))
        #expect(Set(lines.map(\.count)).count == 1)
    }

    /// REG-04: gates close, units are taken out, and the accuracy stays.
    @Test(.enabled(if: isSlow, "set APUS_SLOW=1 to run it"))
    func prunedNetworksKeepTheirAccuracy() throws {
        let (training, test) = (try Self.digits(1000, seed: 11), try Self.digits(1000, seed: 12))
        let model = Self.network(gates: 1e-2, units: 64)
        let trainer = Trainer(
            model, loss: .softmaxCrossEntropy, optimizer: .adam(learningRate: 0.01), metrics: [.accuracy], seed: 3)
        try trainer.fit(training.batched(50), epochs: 60)
        let before = try #require(trainer.evaluate(test).metrics["accuracy"])
        let pruned = try model.pruned()
        let after = try #require(
            Trainer(pruned, loss: .softmaxCrossEntropy, optimizer: .sgd(), metrics: [.accuracy])
                .evaluate(test).metrics["accuracy"])
        let gates = try #require(model["hardconcretegates1"] as? HardConcreteGates).values()
        let open = gates.filter { $0 > 0 }.count
        #expect(open < 48 && open > 4 && (pruned["dense1"] as? Dense)?.units == open, "\(open) of 64 are open")
        #expect(pruned.parameterCount == 795 * open + 10, "\(pruned.parameterCount)")
        #expect(before > 0.8 && after > before - 0.01, "\(after), \(before) before")
    }

    /// LOS-08: the penalty is reported beside the loss of the data, and the kernel's norm shrinks.
    @Test func penaltiesAreReportedApartAndShrinkKernels() throws {
        let data = try Examples.digits(60)
        func run(_ factor: Double) throws -> (norm: Double, epoch: History.Epoch) {
            let conv = Conv2D(4, kernel: 3, stride: 3, activation: .relu)
            let model = Sequential {
                conv.regularized(factor > 0 ? .l2(factor) : nil)
                Flatten()
                Dense(10)
            }
            let trainer = Trainer(model, loss: .softmaxCrossEntropy, optimizer: .sgd(learningRate: 0.05), seed: 4)
            let history = try trainer.fit(data.batched(20), epochs: 5)
            return (try conv.kernel.value.norm().item(), try #require(history.epochs.last))
        }
        let (plain, decayed) = (try run(0), try run(0.1))
        #expect(decayed.norm < plain.norm * 0.9, "\(decayed.norm) \(plain.norm)")
        #expect(plain.epoch.penalty == 0 && plain.epoch.dataLoss == plain.epoch.loss)
        // The norm falls, so that the epoch's mean lies between those of its last and its first step.
        let last = 0.1 * decayed.norm * decayed.norm
        #expect(decayed.epoch.penalty >= last && decayed.epoch.penalty < last * 1.2)
        #expect(decayed.epoch.dataLoss > 0 && decayed.epoch.dataLoss == decayed.epoch.loss - decayed.epoch.penalty)
    }
}
