import Synchronization

/// An n-dimensional array, evaluated when its values are read.
///
/// A tensor is a small value around an immutable node of a computation graph. Arithmetic only extends the graph;
/// reading (`item()`, `array(of:)`, `description`) compiles and runs it. Operators can't throw in Swift, so a tensor
/// carries the first error of its computation to where it is read; `error` shows it earlier.
///
///     let x = Tensor([1, 2, 3], shape: [3])
///     let y = (x * x).sum()
///     try y.item()                                   // 14.0
public struct Tensor: Sendable {
    package let node: Node

    package init(node: Node) { self.node = node }

    /// Applies an operation: checks its rules and extends the graph.
    package init(_ operation: some Operation, _ inputs: [Tensor]) {
        node = Node.make(operation, inputs.map(\.node))
    }

    /// A tensor that carries an error to where it is read.
    package init(error: ApusError) { node = Node(failure: error) }

    /// The extents of the axes; `[]` for a scalar (and for a tensor with an error).
    public var shape: Shape { node.shape }
    /// The number of axes.
    public var rank: Int { node.shape.rank }
    /// The type of the elements.
    public var dtype: DType { node.dtype }
    /// The first error of the computation, if its rules were broken.
    public var error: ApusError? { node.error }
}

/// A node of the graph: an operation applied to other nodes, or a leaf with a value.
package final class Node: Sendable {
    package let operation: any Operation
    private nonisolated(unsafe) var storedInputs: [Node]
    package let shape: Shape
    package let dtype: DType
    package let error: ApusError?
    /// Grows with creation, so inputs have smaller ids than what is computed from them.
    package let id: UInt64
    /// The value, once it has been computed; given from the start for leaves with data.
    package let value: Mutex<Storage?>

    package var inputs: [Node] { storedInputs }

    private static let nextID = Atomic<UInt64>(1)

    package init(
        _ operation: any Operation, _ inputs: [Node], shape: Shape, dtype: DType, error: ApusError? = nil,
        value: Storage? = nil
    ) {
        self.operation = operation
        storedInputs = inputs
        self.shape = shape
        self.dtype = dtype
        self.error = error
        self.value = Mutex(value)
        id = Node.nextID.wrappingAdd(1, ordering: .relaxed).oldValue
    }

    package convenience init(failure: ApusError) {
        var error = failure
        if error.path == nil { error.path = LayerPath.current }
        self.init(Failure(), [], shape: [], dtype: .float32, error: error)
    }

    /// The node of an operation on inputs, or one that carries the first error.
    package static func make(_ operation: some Operation, _ inputs: [Node]) -> Node {
        for input in inputs {
            if let error = input.error { return Node(Failure(), [], shape: [], dtype: .float32, error: error) }
        }
        do {
            let shape = try operation.shape(of: inputs.map(\.shape))
            _ = try shape.checkedCount(in: operation.place)
            let dtype = try operation.dtype(of: inputs.map(\.dtype))
            return Node(operation, inputs, shape: shape, dtype: dtype)
        } catch {
            return Node(failure: error)
        }
    }

    /// Long chains are taken apart in a loop: recursion would overflow the stack.
    deinit {
        guard !storedInputs.isEmpty else { return }
        var pending = storedInputs
        storedInputs = []
        while var node = pending.popLast() {
            if isKnownUniquelyReferenced(&node) {
                pending.append(contentsOf: node.storedInputs)
                node.storedInputs = []
            }
        }
    }
}

/// The layer that is being evaluated, for error messages.
package enum LayerPath {
    @TaskLocal package static var place: (any LayerPlace)?

    /// Its path in the model, such as `encoder.block1.conv`.
    package static var current: String? { place?.path }
}

/// Knows the path of a layer; asked only when there is something to report.
package protocol LayerPlace: Sendable {
    var path: String? { get }
}

/// A node whose inputs broke an operation's rules.
struct Failure: Operation {
    static let name = "failure"
    func shape(of inputs: [Shape]) -> Shape { [] }
    func gradient(_ dy: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] { [] }
    var role: OperationRole { .leaf }
}
