/// Converts elements to another type: floating-point values are truncated towards zero to integers (beyond those of 64
/// bits the nearest, 0 for NaN), and of larger integers the lower bits count; nonzero is true.
package struct Cast: Operation {
    package static let name = "cast"
    let target: DType

    package func shape(of inputs: [Shape]) -> Shape { inputs[0] }
    package func dtype(of inputs: [DType]) -> DType { target }

    package func gradient(_ dy: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
        [inputs[0].dtype.isFloatingPoint ? dy.cast(to: inputs[0].dtype) : nil]
    }

    package var role: OperationRole { .cast }
    package func batched(_ inputs: [Tensor], isBatched: [Bool]) -> Tensor? { Tensor(self, inputs) }

    package func reference(_ inputs: [ReferenceTensor], shape: Shape) -> [Double] {
        inputs[0].values.map {
            target.isFloatingPoint ? $0 : target == .bool ? ($0 == 0 ? 0 : 1) : Double(Int64(saturating: $0))
        }
    }
}

/// Passes a value through; what happens to its gradient is the subject of the kind.
package struct Identity: Operation {
    package static let name = "stopGradient"

    package func shape(of inputs: [Shape]) -> Shape { inputs[0] }
    package func gradient(_ dy: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] { [nil] }
    package var role: OperationRole { .identity }
    package func batched(_ inputs: [Tensor], isBatched: [Bool]) -> Tensor? { Tensor(self, inputs) }
    package var additivity: Additivity { .linear }
    package func reference(_ inputs: [ReferenceTensor], shape: Shape) -> [Double] { inputs[0].values }
}

/// A value whose gradient a user's closure gives: inputs are the value, then the tensors it was computed from.
package struct CustomGradient: Operation {
    package static let name = "customGradient"
    package typealias Rule = @Sendable (_ dy: Tensor, _ inputs: [Tensor], _ output: Tensor) -> [Tensor?]
    private let id: UInt64
    private let rule: Rule

    package init(id: UInt64, rule: @escaping Rule) {
        self.id = id
        self.rule = rule
    }

    package static func == (a: CustomGradient, b: CustomGradient) -> Bool { a.id == b.id }
    package func hash(into hasher: inout Hasher) { hasher.combine(id) }
    package func shape(of inputs: [Shape]) -> Shape { inputs[0] }
    package func gradient(_ dy: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
        [nil] + rule(dy, Array(inputs.dropFirst()), output)
    }
    package var role: OperationRole { .identity }
    package func reference(_ inputs: [ReferenceTensor], shape: Shape) -> [Double] { inputs[0].values }
}
