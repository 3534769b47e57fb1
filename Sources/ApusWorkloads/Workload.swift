import Apus

/// A network with its batch, its data and its step: what benchmarks time.
///
///     let run = try WorkloadRun(Workload.named("lenet5")!)
///     let losses = try (0..<20).map { try run.step($0) }
public struct Workload: Sendable {
    /// How a network is run.
    enum Kind: Sendable {
        case training(@Sendable (Conditions) -> Task)
        case inference(@Sendable () -> any Module)
    }

    /// What a training step is made of.
    struct Task {
        let models: [any Module]
        let optimizers: [Optimizer]
        /// From the tensors of a batch to the loss.
        let step: (CustomStep, [Tensor]) throws -> Tensor
    }

    /// Under which conditions a network is made.
    struct Conditions {
        let batch: Int
        /// No dropout, and random numbers come with the batch, so that others can compute the same.
        let isReproducible: Bool
        func dropout(_ rate: Double) -> Double { isReproducible ? 0 : rate }
    }

    /// The name on the command line.
    public let name: String
    /// The usual number of samples in a batch.
    public let batch: Int
    /// The number of trainable parameters; 0 where it depends on a depth.
    public let parameters: Int
    let billionOperations: Double
    let kind: Kind
    let data: @Sendable (Int, inout Numbers) throws -> [Tensor]

    /// Multiplications and additions of the matrix products and convolutions of a step.
    public func operations(batch: Int) -> Double { billionOperations * 1e9 * Double(batch) / Double(self.batch) }

    /// Whether a step trains.
    public var isTraining: Bool { if case .training = kind { true } else { false } }

    /// The workload of a name.
    public static func named(_ name: String) -> Workload? { all.first { $0.name == name } }

    /// The names of all workloads.
    public static var names: [String] { all.map(\.name) }
}

/// Whole numbers at random (SplitMix64).
struct Numbers {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func bits() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
        return value ^ value >> 31
    }

    /// Numbers in `0 ..< limit`, each as likely.
    mutating func integers(below limit: Int, _ shape: Shape) -> Tensor {
        let values = (0..<shape.count).map { _ in Int32(truncatingIfNeeded: bits() % UInt64(max(limit, 1))) }
        return Tensor(values, shape: shape)
    }

    /// Numbers whose likelihoods are given as running sums.
    mutating func integers(from sums: [Double], _ shape: Shape) -> Tensor {
        let total = sums.last ?? 1
        let values = (0..<shape.count).map { _ -> Int32 in
            let wanted = Double(bits() >> 11) * 0x1p-53 * total
            var (low, high) = (0, sums.count - 1)
            while low < high {
                let middle = (low + high) / 2
                if sums[middle] < wanted { low = middle + 1 } else { high = middle }
            }
            return Int32(truncatingIfNeeded: low)
        }
        return Tensor(values, shape: shape)
    }

    mutating func normal(_ shape: Shape) throws -> Tensor { try Tensor.randomNormal(shape, seed: bits()).evaluated() }

    mutating func uniform(_ shape: Shape, _ low: Double = 0) throws -> Tensor {
        try (Tensor.randomUniform(shape, seed: bits()) * (1 - low) + low).evaluated()
    }
}
