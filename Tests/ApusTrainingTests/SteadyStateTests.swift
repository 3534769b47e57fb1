import Apus
import CAllocationCounter
import Foundation
import Testing

/// What a long training run must not do: allocate, or grow. Each test has a process of its own, in which nothing else
/// allocates.
@Suite struct SteadyStateTests {
    @Test(.enabled(if: allocation_counter_value() >= 0, "allocations can't be counted here"))
    func stepsOfLeNet5AllocateNothing() async {
        await #expect(processExitsWith: .success) {
            let trainer = Trainer(Sequential.leNet5(), loss: .softmaxCrossEntropy, optimizer: .sgd(), seed: 1)
            try Self.checkAllocations(trainer)
        }
    }

    @Test(.enabled(if: allocation_counter_value() >= 0, "allocations can't be counted here"))
    func stepsWithBatchNormDropoutMetricsAndScheduleAllocateNothing() async {
        await #expect(processExitsWith: .success) {
            let trainer = Trainer(
                Examples.statefulNetwork(), loss: .softmaxCrossEntropy, optimizer: .adamW(), metrics: [.accuracy],
                schedule: Schedule.cosine(base: 1e-3, period: 250).warmedUp(steps: 20, from: 0.1), seed: 1)
            try Self.checkAllocations(trainer)
        }
    }

    @Test(.enabled(if: allocation_counter_value() >= 0, "allocations can't be counted here"))
    func stepsWithEveryModifierOfAnOptimizerAllocateNothing() async {
        await #expect(processExitsWith: .success) {
            let optimizer = Optimizer.nadam().lookahead().grouped([ParameterGroup("*.bias", learningRateFactor: 2)])
                .clipped(.globalNorm(1)).accumulating(2).averaging(.exponential()).lossScaled()
            let trainer = Trainer(
                Examples.statefulNetwork().constrained(.maxNorm(3)).regularized(.l2(1e-4)),
                loss: .softmaxCrossEntropy, optimizer: optimizer, seed: 1)
            try Self.checkAllocations(trainer)
        }
    }

    /// Counts over the steps 30 to 240 of an epoch; the loader fills batches meanwhile.
    static func checkAllocations(_ trainer: Trainer) throws {
        let data = try Examples.digits(1200)
        let counts = UnsafeMutableBufferPointer<Int>.allocate(capacity: 300)
        counts.initialize(repeating: 0)
        defer { counts.deallocate() }
        trainer.onStep = { progress in counts[progress.step] = allocation_counter_value() }
        try trainer.fit(data.shuffled(seed: 3).batched(4), epochs: 1)
        #expect(trainer.stepCount == 250)
        #expect(counts[240] > 0)
        #expect(counts[240] - counts[30] == 0)
    }

    @Test func memoryStaysFlatOver2000StepsOfLeNet5() async {
        await #expect(processExitsWith: .success) { try Self.checkMemory(steps: 2_000, batch: 8) }
    }

    @Test(.enabled(if: ProcessInfo.processInfo.environment["APUS_SLOW"] == "1", "set APUS_SLOW=1 to run it"))
    func memoryStaysFlatOver20000StepsOfLeNet5() async {
        await #expect(processExitsWith: .success) { try Self.checkMemory(steps: 20_000, batch: 32) }
    }

    /// Resident memory after a tenth of the steps and at their end differs by less than 1 %.
    static func checkMemory(steps: Int, batch: Int) throws {
        let data = try Examples.digits(1200).shuffled(seed: 1).batched(batch)
        let trainer = Trainer(Sequential.leNet5(), loss: .softmaxCrossEntropy, optimizer: .sgd(), seed: 1)
        try trainer.fit(data, epochs: steps / 10 / data.count)
        let early = Memory.resident
        try trainer.fit(data, epochs: (steps + data.count - 1) / data.count - steps / 10 / data.count)
        let late = Memory.resident
        #expect(trainer.stepCount >= steps)
        guard early > 0 else { return }
        #expect(abs(Double(late - early)) / Double(early) < 0.01, "\(early) bytes, then \(late)")
    }
}
