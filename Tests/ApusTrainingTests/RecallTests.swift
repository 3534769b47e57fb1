import Apus
import Foundation
import Testing

/// Tasks that need a long memory: which symbol stood at the first step, with noise at all steps after it.
@Suite struct RecallTests {
    private static func sequences(_ count: Int, steps: Int, seed: UInt64) throws -> Dataset {
        let labels = (0..<count).map { (index: Int) -> Int32 in Int32((index * 7 + index / 3) % 2) }
        var symbols: [Float] = []
        for label in labels { symbols += label == 0 ? [2, -2] : [-2, 2] }
        let noise = Tensor.randomNormal([count, steps - 1, 2], seed: seed)
        let inputs = Tensor.concatenate([Tensor(symbols, shape: [count, 1, 2]), noise], axis: 1)
        return try Dataset(inputs: inputs, targets: Tensor(labels), name: "recall")
    }

    /// The accuracy on other sequences after training.
    private static func accuracy(of layer: Recurrent, steps: Int, epochs: Int) throws -> Double {
        let trainer = Trainer(
            Sequential([layer, Dense(2)]), loss: .softmaxCrossEntropy, optimizer: .adam(learningRate: 5e-3),
            metrics: [.accuracy], seed: 1)
        let training = try sequences(512, steps: steps, seed: 2)
        try trainer.fit(training.shuffled(seed: 3).batched(32), epochs: epochs)
        return try trainer.evaluate(sequences(256, steps: steps, seed: 4)).metrics["accuracy"] ?? 0
    }

    @Test func memoriesRecallWhatPlainRecurrencesForget() throws {
        #expect(try Self.accuracy(of: LSTM(16, forgetBias: 4), steps: 60, epochs: 8) > 0.98)
        #expect(try Self.accuracy(of: SimpleRNN(16), steps: 60, epochs: 8) < 0.7)
    }

    @Test(.enabled(if: ProcessInfo.processInfo.environment["APUS_SLOW"] == "1", "set APUS_SLOW=1 to run it"))
    func memoriesRecallOverHundredSteps() throws {
        #expect(try Self.accuracy(of: LSTM(32, forgetBias: 4.6), steps: 100, epochs: 15) > 0.98)
        #expect(try Self.accuracy(of: SimpleRNN(32), steps: 100, epochs: 15) < 0.6)
    }
}
