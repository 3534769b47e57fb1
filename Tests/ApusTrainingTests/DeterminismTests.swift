import Apus
import CKernels
import Testing

/// The same seed gives the same bits: on any number of threads, twice in a row, with each instruction set. Every set has
/// a process of its own, for the kernels of a process are chosen once.
@Suite struct DeterminismTests {
    @Test(.enabled(if: apus_isa_available(Int32(APUS_AVX512)) != 0, "this machine has no AVX-512"))
    func avx512GivesTheSameBits() async {
        await #expect(processExitsWith: .success) { try Self.check(Int32(APUS_AVX512)) }
    }

    @Test(.enabled(if: apus_isa_available(Int32(APUS_AVX2)) != 0, "this machine has no AVX2"))
    func avx2GivesTheSameBits() async {
        await #expect(processExitsWith: .success) { try Self.check(Int32(APUS_AVX2)) }
    }

    @Test(.enabled(if: apus_isa_available(Int32(APUS_NEON)) != 0, "this machine has no NEON"))
    func neonGivesTheSameBits() async {
        await #expect(processExitsWith: .success) { try Self.check(Int32(APUS_NEON)) }
    }

    @Test func plainCodeGivesTheSameBits() async {
        await #expect(processExitsWith: .success) { try Self.check(Int32(APUS_PLAIN)) }
    }

    static func check(_ instructionSet: Int32) throws {
        try #require(apus_isa_select(instructionSet) != 0)
        #expect(Device.instructionSet == String(cString: apus_isa_name(instructionSet)))
        // Plain code takes its time.
        let count = instructionSet == Int32(APUS_PLAIN) ? 60 : 240
        for make in [{ Sequential.cnn() }, { Examples.statefulNetwork() }] {
            let reference = try train(make(), count, threads: 1)
            #expect(!reference.contains { !$0.isFinite })
            for threads in [1, 2, 3] {
                #expect(try train(make(), count, threads: threads) == reference, "\(threads) threads")
            }
        }
    }

    /// The bits of all parameters and of the test loss after an epoch.
    private static func train(_ model: Sequential, _ count: Int, threads: Int) throws -> [Float] {
        Device.threads = threads
        let digits = try Digits.generate(count: count, seed: 4)
        let trainer = Trainer(model, loss: .softmaxCrossEntropy, optimizer: .adam(), seed: 9)
        try trainer.fit(digits.train.shuffled(seed: 5).batched(32), epochs: 1)
        return try Examples.numbers(model) + [Float(try trainer.evaluate(digits.test).loss)]
    }

    @Test func anotherSeedGivesOtherWeights() throws {
        func weights(_ seed: UInt64) throws -> [Float] {
            let model = Examples.perceptron()
            try model.build(inputShape: [1, 2], seed: seed)
            return try Examples.numbers(model)
        }
        #expect(try weights(1) == weights(1))
        #expect(try weights(1) != weights(2))
    }
}
