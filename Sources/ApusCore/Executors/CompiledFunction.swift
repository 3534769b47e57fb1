/// A function of tensors, traced and compiled once for given shapes, then replayed.
///
///     let f = try CompiledFunction(inputs: [([64, 10], .float32)]) { [$0[0].softmax()] }
///     let y = try f([x])[0]
public final class CompiledFunction: Sendable {
    package let program: Program
    private let slots: [Int]
    private let constants: [Storage?]
    private let shapes: [(shape: Shape, dtype: DType)]

    /// Traces the function on placeholders. Tensors that it captures are constants.
    public init(
        inputs: [(shape: Shape, dtype: DType)], precision: Precision = .fast, _ function: ([Tensor]) throws -> [Tensor]
    ) throws {
        shapes = inputs
        let placeholders = inputs.map { Tensor.placeholder($0.shape, $0.dtype) }
        let trace = try Trace(try function(placeholders).map(\.node))
        let leaves = trace.leaves
        slots = placeholders.map { placeholder in leaves.firstIndex { $0 === placeholder.node } ?? -1 }
        constants = leaves.map { leaf in leaf.value.withLock { $0 } }
        program = try Compiler.compile(
            trace, resultCount: trace.outputs.count, updateLeaves: [], precision: precision)
    }

    /// The names of the kernels that it calls, in order.
    public var kernels: [String] { program.listing }

    /// The names of the kernels, each with what it works on.
    package var calls: [String] { zip(program.listing, program.details).map { "\($0)  \($1)" } }

    /// Bytes of intermediate results.
    public var arenaByteCount: Int { program.arenaByteCount }

    /// The results for inputs of the traced shapes and types.
    public func callAsFunction(_ inputs: [Tensor]) throws(ApusError) -> [Tensor] {
        guard inputs.count == shapes.count else {
            throw ApusError(
                .value, in: "compiled function", "\(inputs.count) inputs, traced with \(shapes.count)",
                remedy: "give as many inputs as it was traced with")
        }
        var storages = constants
        for (position, input) in inputs.enumerated() {
            let storage = try input.storage()
            guard input.shape == shapes[position].shape, input.dtype == shapes[position].dtype else {
                throw ApusError(
                    .shape, in: "compiled function",
                    "input \(position) has shape \(input.shape) and type \(input.dtype), traced with \(shapes[position].shape) and \(shapes[position].dtype)",
                    remedy: "compile it for these shapes too")
            }
            if slots[position] >= 0 { storages[slots[position]] = storage }
        }
        var given: [Storage] = []
        for storage in storages {
            guard let storage else {
                throw ApusError(
                    .value, in: "compiled function", "a captured tensor has no value",
                    remedy: "capture tensors with values only")
            }
            given.append(storage)
        }
        let outputs = try program.run(given)
        return zip(outputs, program.results).map { Tensor(storage: $0, shape: $1.shape, dtype: $1.dtype) }
    }
}
