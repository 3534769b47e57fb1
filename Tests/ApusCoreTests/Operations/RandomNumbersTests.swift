import ApusCore
import CKernels
import TestSupport
import Testing

@Suite struct RandomNumbersTests {
    static let choices: [(RandomNumbers.Kind, DType)] = [
        (.bits, .int32), (.bits, .int64), (.uniform, .float32), (.uniform, .float64), (.normal, .float32),
        (.normal, .float64),
    ]

    @Test(arguments: choices.indices, [[], [1], [3, 5], [64], [65], [4097]] as [Shape])
    func agreesWithItsDefinition(_ number: Int, _ shape: Shape) throws {
        let (kind, dtype) = Self.choices[number]
        let y = Tensor.random(kind, key: .randomKey(seed: 42, step: 7), stream: 3 << 32 | 9, shape: shape, dtype: dtype)
        try checkAgainstReference(y, tolerance: kind != .normal ? 0 : dtype == .float32 ? 2e-6 : 1e-14)
    }

    /// Known answers of Random123: the generator is Philox 4x32-10.
    @Test func knownAnswers() {
        func philox(_ counter: [UInt32], _ key: [UInt32]) -> [UInt32] {
            var out = [UInt32](repeating: 0, count: 4)
            apus_philox(counter, key, &out)
            return out
        }
        #expect(philox([0, 0, 0, 0], [0, 0]) == [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8])
        let ones = [UInt32](repeating: .max, count: 4)
        #expect(philox(ones, [.max, .max]) == [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd])
    }

    @Test func momentsAreThoseOfTheDistributions() throws {
        let uniform = Tensor.randomUniform([100_000], low: -1, high: 3, seed: 5)
        #expect(Swift.abs(try uniform.mean().item() - 1) < 0.02)
        #expect(try uniform.min().item() >= -1)
        #expect(try uniform.max().item() < 3)
        let normal = Tensor.randomNormal([100_000], mean: 2, deviation: 3, seed: 5, dtype: .float64)
        #expect(Swift.abs(try normal.mean().item() - 2) < 0.04)
        #expect(Swift.abs(try normal.standardDeviation().item() - 3) < 0.04)
    }

    @Test func keysAndStreamsDiffer() throws {
        func draw(_ seed: UInt64, _ step: Int64, _ stream: UInt64) throws -> [Float] {
            try Tensor.random(.uniform, key: .randomKey(seed: seed, step: step), stream: stream, shape: [8]).array()
        }
        let base = try draw(1, 0, 0)
        #expect(try draw(1, 0, 0) == base)
        #expect(try draw(2, 0, 0) != base)
        #expect(try draw(1, 1, 0) != base)
        #expect(try draw(1, 0, 1) != base)
    }

    @Test func mistakesAreNamed() {
        let y = Tensor.random(.uniform, key: Tensor.zeros([3], dtype: .int64), stream: 0, shape: [2])
        #expect(
            y.error?.description
                == "operation random: the key has shape [3], expected [2]; give the seed and the step")
        #expect(Tensor.randomNormal([2], seed: 1, dtype: .int32).error?.kind == .type)
        #expect(Tensor.randomNormal([-2], seed: 1).error?.kind == .shape)
    }
}
