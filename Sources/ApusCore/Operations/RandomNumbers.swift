import CKernels

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Random numbers by counter (Philox 4x32-10): element `i` depends only on the key (seed and step, int64 `[2]`), the
/// stream and `i`. The same key and stream give the same numbers, on any number of threads.
package struct RandomNumbers: Operation {
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        /// Random bits of int32 or int64.
        case bits
        /// Evenly from 0 up to below 1.
        case uniform
        /// From the normal distribution of mean 0 and deviation 1.
        case normal

        fileprivate var number: Int {
            switch self {
            case .bits: APUS_RANDOM_BITS
            case .uniform: APUS_RANDOM_UNIFORM
            case .normal: APUS_RANDOM_NORMAL
            }
        }
    }

    package static let name = "random"
    let kind: Kind
    let stream: UInt64
    let shape: Shape
    let dtype: DType

    package func shape(of inputs: [Shape]) throws(ApusError) -> Shape {
        guard inputs[0] == [2] else {
            throw ApusError(
                .shape, in: place, "the key has shape \(inputs[0]), expected [2]", remedy: "give the seed and the step")
        }
        return shape
    }

    package func dtype(of inputs: [DType]) throws(ApusError) -> DType {
        let allowed: [DType] = kind == .bits ? [.int32, .int64] : [.float32, .float64]
        guard inputs[0] == .int64 else {
            throw ApusError(
                .type, in: place, "the key has type \(inputs[0]), expected int64", remedy: "cast it to int64")
        }
        try require([dtype], allowed)
        return dtype
    }

    package func gradient(_ dy: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] { [nil] }

    package var role: OperationRole { .kernel(offersEpilogue: false) }

    package func emit(_ kernel: inout KernelEmitter) throws(ApusError) {
        var arguments = apus_random()
        arguments.stream = stream
        arguments.count = shape.count
        arguments.kind = Int32(kind.number)
        arguments.dtype = Int32(dtype.rawValue)
        var plan = apus_plan()
        apus_random_plan(&arguments, &plan)
        kernel.call(
            arguments, plan: plan, workspace: \.workspace,
            [PointerField(\.key, kernel.inputs[0]), PointerField(\.out, kernel.output)])
    }

    /// Seed, step and stream are mixed into the generator's key and the upper half of its counter, whose lower half
    /// numbers blocks. Sixteen blocks are a group: all first words, then all second ones, and so on.
    package func reference(_ inputs: [ReferenceTensor], shape: Shape) -> [Double] {
        let words = RandomWords(
            seed: Int64(saturating: inputs[0].values[0]), step: Int64(saturating: inputs[0].values[1]), stream: stream)
        return (0..<shape.count).map { index in
            dtype.size == 4 ? narrow(words, index) : wide(words, index)
        }
    }

    private func narrow(_ words: RandomWords, _ index: Int) -> Double {
        let (group, element) = index.quotientAndRemainder(dividingBy: 64)
        let (row, block) = (element / 16, group * 16 + element % 16)
        switch kind {
        case .bits: return Double(Int32(bitPattern: words[block, row]))
        case .uniform: return Double(words[block, row] >> 8) * 0x1p-24
        case .normal:
            let (first, second) = (words[block, row & ~1], words[block, row | 1])
            let radius = (-2 * log(Double(first) * 0x1p-32 + 0x1p-33)).squareRoot()
            let angle = Double(second) * 0x1p-31 * Double.pi
            return radius * (row & 1 == 0 ? cos(angle) : sin(angle))
        }
    }

    private func wide(_ words: RandomWords, _ index: Int) -> Double {
        let (group, element) = index.quotientAndRemainder(dividingBy: 32)
        let (half, block) = (element / 16, group * 16 + element % 16)
        func pair(_ half: Int) -> UInt64 { UInt64(words[block, 2 * half + 1]) << 32 | UInt64(words[block, 2 * half]) }
        switch kind {
        case .bits: return Double(Int64(bitPattern: pair(half)))
        case .uniform: return Double(pair(half) >> 11) * 0x1p-53
        case .normal:
            let radius = (-2 * log(Double(pair(0) >> 1) * 0x1p-63 + 0x1p-64)).squareRoot()
            let angle = Double(pair(1) >> 2) * 0x1p-61 * Double.pi
            return radius * (half == 0 ? cos(angle) : sin(angle))
        }
    }
}

/// The generator's blocks of four words for one key and stream.
private struct RandomWords {
    private let key: [UInt32]
    private let high: [UInt32]

    init(seed: Int64, step: Int64, stream: UInt64) {
        func halves(_ value: UInt64) -> [UInt32] { [UInt32(truncatingIfNeeded: value), UInt32(value >> 32)] }
        let mixed = Self.generate(
            halves(UInt64(bitPattern: step)) + halves(stream), halves(UInt64(bitPattern: seed)))
        key = [mixed[0], mixed[1]]
        high = [mixed[2], mixed[3]]
    }

    subscript(block: Int, word: Int) -> UInt32 {
        Self.generate([UInt32(truncatingIfNeeded: block), UInt32(block >> 32)] + high, key)[word]
    }

    private static func generate(_ counter: [UInt32], _ key: [UInt32]) -> [UInt32] {
        var words = [UInt32](repeating: 0, count: 4)
        apus_philox(counter, key, &words)
        return words
    }
}

extension Tensor {
    /// Random numbers for a key, which a program may be given anew each step, and a stream: layers use one each.
    package static func random(
        _ kind: RandomNumbers.Kind, key: Tensor, stream: UInt64, shape: Shape, dtype: DType = .float32
    ) -> Tensor {
        Tensor(RandomNumbers(kind: kind, stream: stream, shape: shape, dtype: dtype), [key])
    }

    /// The key of a seed and a step.
    package static func randomKey(seed: UInt64, step: Int64 = 0) -> Tensor {
        let storage = Storage(byteCount: 16)
        storage.pointer.storeBytes(of: Int64(bitPattern: seed), as: Int64.self)
        storage.pointer.storeBytes(of: step, toByteOffset: 8, as: Int64.self)
        return Tensor(storage: storage, shape: [2], dtype: .int64)
    }

    /// Random numbers evenly from `low` up to below `high`; the same seed gives the same numbers.
    public static func randomUniform(
        _ shape: Shape, low: Double = 0, high: Double = 1, seed: UInt64, dtype: DType = .float32
    ) -> Tensor {
        random(.uniform, key: randomKey(seed: seed), stream: 0, shape: shape, dtype: dtype) * (high - low) + low
    }

    /// Random numbers from a normal distribution; the same seed gives the same numbers.
    public static func randomNormal(
        _ shape: Shape, mean: Double = 0, deviation: Double = 1, seed: UInt64, dtype: DType = .float32
    ) -> Tensor {
        random(.normal, key: randomKey(seed: seed), stream: 0, shape: shape, dtype: dtype) * deviation + mean
    }
}
