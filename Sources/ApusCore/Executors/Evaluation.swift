import Synchronization

/// Compiled programs by the structure of what they compute, bounded in number and in bytes; the least recently used
/// goes first.
package final class ProgramCache: Sendable {
    package static let shared = ProgramCache()

    private struct State {
        var programs: [TraceKey: (program: Program, lastUse: Int)] = [:]
        var clock = 0
        var compilations = 0
    }

    private let state = Mutex(State())
    private let programLimit = 256
    private let byteLimit = 2 << 30

    /// How many programs have been compiled: grows when shapes change from step to step.
    package var compilations: Int { state.withLock { $0.compilations } }

    package func program(for trace: Trace, precision: Precision) throws(ApusError) -> Program {
        var key = trace.key
        key.options = EngineOptions.key(precision)
        let known = state.withLock { state -> Program? in
            state.clock += 1
            state.programs[key]?.lastUse = state.clock
            return state.programs[key]?.program
        }
        if let known { return known }
        let program = try Compiler.compile(
            trace, resultCount: trace.outputs.count, updateLeaves: [], precision: precision)
        state.withLock { state in
            state.compilations += 1
            state.programs[key] = (program, state.clock)
            while state.programs.count > 1,
                state.programs.count > programLimit
                    || state.programs.values.reduce(0, { $0 + $1.program.arenaByteCount }) > byteLimit,
                let oldest = state.programs.min(by: { $0.value.lastUse < $1.value.lastUse })?.key
            {
                state.programs[oldest] = nil
            }
        }
        return program
    }
}

extension Tensor {
    /// Computes several tensors in one program; reading them afterwards costs nothing.
    public static func evaluate(_ tensors: [Tensor]) throws(ApusError) {
        let pending = tensors.filter { tensor in tensor.node.value.withLock { $0 == nil } }
        guard !pending.isEmpty else { return }
        let trace = try Trace(pending.map(\.node))
        let program = try ProgramCache.shared.program(for: trace, precision: EngineOptions.precision)
        var inputs: [Storage] = []
        for leaf in trace.leaves {
            guard let storage = leaf.value.withLock({ $0 }) else {
                throw ApusError(
                    .value, in: "evaluation", "an input of shape \(leaf.shape) has no value",
                    remedy: "read values outside the traced function, or return them from it")
            }
            inputs.append(storage)
        }
        let outputs = try program.run(inputs)
        for (tensor, storage) in zip(pending, outputs) {
            tensor.node.value.withLock { if $0 == nil { $0 = storage } }
        }
    }

    /// The tensor, computed, as a leaf: what it was computed from is forgotten.
    public func evaluated() throws(ApusError) -> Tensor {
        Tensor(storage: try storage(), shape: shape, dtype: dtype)
    }

    /// The computed elements.
    package func storage() throws(ApusError) -> Storage {
        if let error { throw error }
        if let storage = node.value.withLock({ $0 }) { return storage }
        try Tensor.evaluate([self])
        guard let storage = node.value.withLock({ $0 }) else {
            throw ApusError(.value, in: "evaluation", "the result is missing", remedy: "report this as a defect")
        }
        return storage
    }
}

/// Settings of the engine for the work done in a closure. All but the precision are for tests and measurements.
package enum EngineOptions {
    @TaskLocal package static var precision: Precision = .fast
    /// Without, every entry of a graph is computed by itself: what fused programs are compared with.
    @TaskLocal package static var isFused = true
    /// Without, programs are traced, planned and run as ever, but the kernels do nothing and results have no defined
    /// values: what is left is the overhead of a step.
    @TaskLocal package static var runsKernels = true
    /// Flags that force an algorithm of convolutions where it applies (`APUS_FORCE_*` of CKernels.h).
    @TaskLocal package static var convolutionFlags: UInt32 = 0

    /// What programs depend on beside their graphs.
    package static func key(_ precision: Precision) -> [Int] {
        [precision == .fast ? 0 : 1, isFused ? 1 : 0, runsKernels ? 1 : 0, Int(convolutionFlags)]
    }
}

/// Runs a closure with or without fast algorithms whose rounding error is larger.
public func withPrecision<Result>(_ precision: Precision, _ body: () throws -> Result) rethrows -> Result {
    try EngineOptions.$precision.withValue(precision, operation: body)
}
