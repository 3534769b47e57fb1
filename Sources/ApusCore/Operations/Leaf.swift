/// A value that is given rather than computed: data, a parameter, or an input bound when a program runs.
package struct Leaf: Operation {
    package static let name = "leaf"
    package init() {}
    package func shape(of inputs: [Shape]) -> Shape { [] }
    package func gradient(_ dy: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] { [] }
    package var role: OperationRole { .leaf }
}

/// One number in every element, as the type holds it.
package struct Fill: Operation {
    package static let name = "fill"
    let bits: UInt64
    let shape: Shape
    let dtype: DType

    package init(_ value: Double, shape: Shape, dtype: DType) {
        bits = dtype.held(value).bitPattern
        self.shape = shape
        self.dtype = dtype
    }

    package var value: Double { Double(bitPattern: bits) }
    package func shape(of inputs: [Shape]) -> Shape { shape }
    package func dtype(of inputs: [DType]) -> DType { dtype }
    package func gradient(_ dy: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] { [] }
    package var role: OperationRole { .fill(value) }
    package func reference(_ inputs: [ReferenceTensor], shape: Shape) -> [Double] {
        [Double](repeating: value, count: shape.count)
    }
}

extension Tensor {
    /// A leaf with data.
    package init(storage: Storage, shape: Shape, dtype: DType) {
        node = Node(Leaf(), [], shape: shape, dtype: dtype, value: storage)
    }

    /// A leaf without data: bound when a program runs.
    package static func placeholder(_ shape: Shape, _ dtype: DType) -> Tensor {
        Tensor(node: Node(Leaf(), [], shape: shape, dtype: dtype))
    }

    /// Every element is `value`.
    public init(repeating value: Double, shape: Shape, dtype: DType = .float32) {
        self.init(Fill(value, shape: shape, dtype: dtype), [])
    }

    /// The number of a `Fill` node, if this is one.
    package var fillValue: Double? {
        if case .fill(let value) = node.operation.role { value } else { nil }
    }
}
