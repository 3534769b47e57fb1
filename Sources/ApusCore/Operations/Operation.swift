/// A primitive of the graph.
///
/// One file an operation: its shape rule, gradient rule, plain definition and lowering stand together, and nothing
/// else in the package needs to know its name.
package protocol Operation: Hashable, Sendable {
    /// The name used in messages and listings, such as `convolution`.
    static var name: String { get }

    /// What messages and listings say where something is wrong or done, such as `operation convolution`.
    var place: String { get }

    /// The output's shape, or why the inputs do not fit.
    func shape(of inputs: [Shape]) throws(ApusError) -> Shape

    /// The output's element type, or why the inputs' types are refused. By default that of the first input.
    func dtype(of inputs: [DType]) throws(ApusError) -> DType

    /// The derivative of some scalar with respect to each input, given that with respect to the output; `nil` where
    /// there is none. Built from differentiable operations, so that derivatives of any order follow.
    func gradient(_ dy: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?]

    /// How the compiler treats it.
    var role: OperationRole { get }

    /// Emits the kernel calls; asked only of operations whose role is `.kernel`.
    func emit(_ kernel: inout KernelEmitter) throws(ApusError)

    /// Whether an input may be a strided view; asked only of `.kernel` roles. By default no: it is made dense first.
    func accepts(_ view: View, input: Int) -> Bool

    /// The plain definition: naive loops in float64. `.leaf` roles are not asked.
    func reference(_ inputs: [ReferenceTensor], shape: Shape) -> [Double]

    /// An input in whose place the kernel may write its output, if nobody needs that input any more.
    var replaceableInput: Int? { get }

    /// How many elements of an input are read, for the count of bytes that a program moves. By default all.
    func elementsRead(_ input: Int, of inputs: [Shape], output: Shape) -> Int

    // Several results: such an operation gives one block of bytes, whose parts operations with a `part` pick out.

    /// Which result of its input this operation picks out.
    var part: Int? { get }

    /// The gradients of an operation with several results, given those of some of them; `wanted` says of which inputs.
    func gradients(_ cotangents: [Int: Tensor], inputs: [Tensor], output: Tensor, wanted: [Bool]) -> [Tensor?]

    /// Operations of one family on the same inputs differ in how many results they give only.
    var family: AnyHashable? { get }

    /// Whether an operation of the same family gives all results of the other one, at the same places.
    func covers(_ other: any Operation) -> Bool

    // Steps: how the operation acts on many values at once.

    /// The operation on inputs of which some have a new leading axis, so has the result; `nil` if there is no rule.
    func batched(_ inputs: [Tensor], isBatched: [Bool]) -> Tensor?

    /// The sum of its result and that of another operation of the same shape as one operation on the inputs of both, where
    /// that is less work. By default none.
    func joined(with other: any Operation, shapes: [Shape], otherShapes: [Shape]) -> (any Operation)?

    /// How sums of results follow from the inputs.
    var additivity: Additivity { get }
}

/// How the sum of an operation's results over several values of its inputs follows from the inputs.
package enum Additivity: Sendable {
    /// It doesn't.
    case none
    /// The sum of the results is the result for the sums of the inputs.
    case linear
    /// The same in each input alone. Where several inputs vary, the closure sums over the leading axis of all of them.
    case multilinear(@Sendable ([Tensor]) -> Tensor)
}

extension Operation {
    package var place: String { "operation \(Self.name)" }

    package func dtype(of inputs: [DType]) throws(ApusError) -> DType { inputs.first ?? .float32 }

    package func emit(_ kernel: inout KernelEmitter) throws(ApusError) {
        preconditionFailure("\(Self.name) has no kernel")
    }

    package func accepts(_ view: View, input: Int) -> Bool { view.isDense }

    package func elementsRead(_ input: Int, of inputs: [Shape], output: Shape) -> Int { inputs[input].count }

    package var replaceableInput: Int? { nil }

    package var part: Int? { nil }

    package func gradients(
        _ cotangents: [Int: Tensor], inputs: [Tensor], output: Tensor, wanted: [Bool]
    ) -> [Tensor?] { [] }

    package var family: AnyHashable? { nil }

    package func covers(_ other: any Operation) -> Bool { false }

    package func batched(_ inputs: [Tensor], isBatched: [Bool]) -> Tensor? { nil }

    package func joined(
        with other: any Operation, shapes: [Shape], otherShapes: [Shape]
    ) -> (any Operation)? { nil }

    package var additivity: Additivity { .none }

    package func reference(_ inputs: [ReferenceTensor], shape: Shape) -> [Double] {
        preconditionFailure("\(Self.name) has no definition")
    }

    /// Refuses element types other than the given ones, and inputs of different types.
    package func require(_ inputs: [DType], _ allowed: [DType]) throws(ApusError) {
        for dtype in inputs where !allowed.contains(dtype) {
            throw ApusError(
                .type, in: place, "elements of type \(dtype) are not supported",
                remedy: "cast to \(allowed.map(\.description).joined(separator: " or ")) first")
        }
        for dtype in inputs where dtype != inputs[0] {
            throw ApusError(
                .type, in: place, "element types \(inputs[0]) and \(dtype) differ",
                remedy: "cast one of them to the other's type")
        }
    }

    /// Checks the rank of an input.
    package func requireRank(_ shape: Shape, _ rank: Int, _ input: String) throws(ApusError) {
        guard shape.rank == rank else {
            throw ApusError(
                .shape, in: place, "\(input) has shape \(shape) of rank \(shape.rank), expected rank \(rank)",
                remedy: "reshape it to \(rank) axes")
        }
    }
}

/// How the compiler treats an operation.
package enum OperationRole: Sendable {
    /// A value that is given: constants, parameters, inputs.
    case leaf
    /// One scalar repeated; costs nothing inside a fused loop.
    case fill(Double)
    /// A function of the corresponding elements of inputs of the output's shape, as an instruction of the fused loop.
    case elementwise(opcode: UInt8)
    /// A conversion of the element type.
    case cast
    /// Repeats the input along axes of extent 1 (or new leading axes).
    case broadcast
    /// Folds adjacent axes, which stay with extent 1.
    case reduce(Reduction, axes: Range<Int>)
    /// The same elements at other places: costs nothing where the consumer takes strides. `nil` if it can't be had as
    /// strides over the given view.
    case view(@Sendable (View) -> View?)
    /// Passes its first input through (stopGradient and the like).
    case identity
    /// Writes each input into a region of the output: the regions are views of the output, in order of the inputs.
    /// `background` fills the rest.
    case assemble(background: Double?, @Sendable (View, [Shape]) -> [View])
    /// Kernel calls of its own. A fused loop over its output, seen as rows of the last axis, may ride on it where it
    /// offers that.
    case kernel(offersEpilogue: Bool)
}

/// A tensor of the reference executor.
package struct ReferenceTensor: Sendable {
    package let shape: Shape
    package let values: [Double]

    package init(shape: Shape, values: [Double]) {
        self.shape = shape
        self.values = values
    }
}

/// Calls a closure with every index of a shape in row-major order.
package func forEachIndex(_ shape: Shape, _ body: ([Int]) -> Void) {
    guard shape.count > 0 else { return }
    var index = [Int](repeating: 0, count: shape.rank)
    for _ in 0..<shape.count {
        body(index)
        for axis in stride(from: shape.rank - 1, through: 0, by: -1) {
            index[axis] += 1
            if index[axis] < shape[axis] { break }
            index[axis] = 0
        }
    }
}
