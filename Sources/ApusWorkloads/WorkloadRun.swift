import Apus
import ApusCore
import ApusTraining
import CKernels

/// A workload that runs step by step.
public final class WorkloadRun {
    /// What is run.
    public let workload: Workload
    /// Samples a step.
    public let batch: Int
    private let batches: [[Tensor]]
    private let training: CustomTraining?
    private let function: CompiledFunction?
    private let models: [any Module]

    /// - Parameters:
    ///   - batch: the number of samples; by default that of the workload
    ///   - distinct: how many batches there are, which are used in turn
    public convenience init(_ workload: Workload, batch: Int? = nil, distinct: Int = 16) throws {
        let size = batch ?? workload.batch
        guard (1...1 << 16).contains(size), distinct > 0 else {
            throw ApusError(.value, in: "workload \(workload.name)", "a batch of \(size)", remedy: "use 1 to 65536")
        }
        let batches = try (0..<distinct).map { index in
            var numbers = Numbers(seed: UInt64(index))
            return try workload.data(size, &numbers)
        }
        try self.init(workload, size, batches, isReproducible: false)
    }

    /// A training whose batches and first values come from a file: tensors `batch.<index>.<input>`, and `parameter.<index>`
    /// in the order of the models' trainable parameters. There is no dropout.
    public convenience init(_ workload: Workload, file path: String) throws {
        let file = try SafetensorsFile(path: path)
        func tensors(_ prefix: String) throws -> [Tensor] {
            var result: [Tensor] = []
            while file.entry(named: "\(prefix).\(result.count)") != nil {
                result.append(try Tensor(file.array("\(prefix).\(result.count)")))
            }
            return result
        }
        var batches: [[Tensor]] = []
        while case let inputs = try tensors("batch.\(batches.count)"), !inputs.isEmpty { batches.append(inputs) }
        guard let first = batches.first, let input = first.first, workload.isTraining else {
            throw ApusError(
                .data, in: path, "there are no batches for \(workload.name)", remedy: "write tensors batch.0.0, ...")
        }
        try self.init(workload, input.shape[0], batches, isReproducible: true)
        try training?.build(batches[0])
        let values = try tensors("parameter")
        let parameters = models.flatMap(\.parameters).filter(\.isTrainable)
        guard values.map(\.shape) == parameters.map(\.shape) else {
            let wrong = zip(values, parameters).first { $0.shape != $1.shape }
            throw ApusError(
                .parameter, in: path,
                "\(values.count) parameters for \(parameters.count)"
                    + (wrong.map { ", \($0.shape) for \($1.shape)" } ?? ""),
                remedy: "write them in the order of the models")
        }
        for (parameter, value) in zip(parameters, values) { parameter.value = value }
    }

    private init(_ workload: Workload, _ batch: Int, _ batches: [[Tensor]], isReproducible: Bool) throws {
        self.workload = workload
        self.batch = batch
        self.batches = batches
        switch workload.kind {
        case .training(let make):
            let task = make(Workload.Conditions(batch: batch, isReproducible: isReproducible))
            models = task.models
            training = CustomTraining(optimizers: task.optimizers, seed: 1) { [try task.step($0, $1)] }
            function = nil
        case .inference(let make):
            let model = make()
            models = [model]
            training = nil
            let (shape, dtype) = (batches[0][0].shape, batches[0][0].dtype)
            try model.build(inputShape: shape, dtype: dtype, seed: 1)
            function = try CompiledFunction(inputs: [(shape, dtype)]) { inputs in
                let y = model(inputs[0])
                return [y, y.flattened().slice(axis: 0, 0..<1).sum()]
            }
        }
    }

    /// The number of trainable parameters; known after the first step.
    public var parameterCount: Int { models.reduce(0) { $0 + $1.trainableCount } }

    /// The paths and shapes of the trainable parameters, in the order of files.
    public var parameters: [(path: String, shape: Shape)] {
        models.flatMap(\.namedParameters).filter(\.parameter.isTrainable).map { ($0.path, $0.parameter.shape) }
    }

    /// Makes a step and returns its loss, or a number of the output where nothing is trained.
    public func step(_ index: Int) throws -> Double {
        let inputs = batches[index % batches.count]
        if let function { return Double(try function(inputs)[1].item()) }
        return try training?.step(inputs)[0] ?? .nan
    }

    /// The kernel calls of a step with the fastest time of each.
    public func profile() throws -> [String] {
        if let training { return try training.profile() }
        return function?.program.details ?? []
    }

    private var program: Program? { training?.program ?? function?.program }
    /// The number of kernel calls of a step.
    public var callCount: Int { program?.listing.count ?? 0 }
    /// Bytes that the kernel calls of a step read and write, each operand once.
    public var movedByteCount: Int { program?.movedByteCount ?? 0 }
    /// Bytes of intermediate results.
    public var arenaByteCount: Int { program?.arenaByteCount ?? 0 }
}

/// What the machine can do: the yardstick of workloads.
public struct MachineLimits: Sendable {
    /// Multiplications and additions in a second, in `float32`.
    public let operationsPerSecond: Double
    /// Bytes read and written in a second by a loop over much memory.
    public let bytesPerSecond: Double

    /// Measures both with as many threads as `Device.threads`; takes some tenths of a second.
    public static func measured() throws -> MachineLimits {
        let count = 1 << 24
        let x = try Tensor.zeros([count]).evaluated()
        let function = try CompiledFunction(inputs: [(x.shape, .float32)]) { [$0[0] + 1] }
        var best = Double.infinity
        for _ in 0..<7 {
            let start = Timing.now()
            _ = try function([x])
            best = min(best, Timing.now() - start)
        }
        return MachineLimits(
            operationsPerSecond: apus_peak_flops(Int32(DType.float32.rawValue), Int32(Device.threads)),
            bytesPerSecond: Double(8 * count) / best)
    }

    /// Seconds that a step takes at least.
    public func bound(operations: Double, bytes: Int) -> Double {
        max(operations / operationsPerSecond, Double(bytes) / bytesPerSecond)
    }
}
