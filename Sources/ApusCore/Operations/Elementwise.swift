import CKernels

/// A function of the corresponding elements of tensors of one shape.
package struct Elementwise: Operation {
    package static let name = "elementwise"
    package let function: ElementwiseFunction

    package init(_ function: ElementwiseFunction) { self.function = function }

    package var place: String { "operation \(function.rawValue)" }

    package func shape(of inputs: [Shape]) throws(ApusError) -> Shape {
        for shape in inputs where shape != inputs[0] {
            throw ApusError(
                .shape, in: place, "shapes \(inputs[0]) and \(shape) differ", remedy: "broadcast them to one shape")
        }
        return inputs[0]
    }

    package func dtype(of inputs: [DType]) throws(ApusError) -> DType {
        let rule = function.rule
        var operands = inputs
        if function == .select {
            guard inputs[0] == .bool else {
                throw ApusError(
                    .type, in: place, "the condition has type \(inputs[0]), expected bool",
                    remedy: "compare it, for example with 0")
            }
            operands.removeFirst()
        }
        for dtype in operands where !rule.domain.contains(dtype) {
            throw ApusError(
                .type, in: place, "elements of type \(dtype) are not supported",
                remedy: "cast to \(rule.domain.suggestion) first")
        }
        for dtype in operands where dtype != operands[0] {
            throw ApusError(
                .type, in: place, "element types \(operands[0]) and \(dtype) differ",
                remedy: "cast one of them to the other's type")
        }
        return rule.isPredicate ? .bool : operands[0]
    }

    package func gradient(_ dy: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
        function.rule.gradient(dy, inputs, output)
    }

    package var role: OperationRole { .elementwise(opcode: function.rule.opcode) }

    package func batched(_ inputs: [Tensor], isBatched: [Bool]) -> Tensor? {
        guard let shape = zip(inputs, isBatched).first(where: { $1 })?.0.shape else { return nil }
        return Tensor(self, inputs.map { $0.broadcast(to: shape) })
    }

    package var additivity: Additivity {
        switch function {
        case .add, .subtract, .negate: .linear
        case .multiply: .multilinear { ($0[0] * $0[1]).sum(axes: [0]) }
        default: .none
        }
    }

    package func reference(_ inputs: [ReferenceTensor], shape: Shape) -> [Double] {
        let definition = function.rule.definition
        switch inputs.count {
        case 1: return inputs[0].values.map { definition($0, 0, 0) }
        case 2: return (0..<shape.count).map { definition(inputs[0].values[$0], inputs[1].values[$0], 0) }
        default:
            return (0..<shape.count).map {
                definition(inputs[0].values[$0], inputs[1].values[$0], inputs[2].values[$0])
            }
        }
    }
}

/// Which element types a function takes.
package enum ElementDomain: Sendable {
    case floating, numeric, any, logical, integral

    func contains(_ dtype: DType) -> Bool {
        switch self {
        case .floating: dtype.isFloatingPoint
        case .numeric: dtype != .bool
        case .any: true
        case .logical: dtype == .bool
        case .integral: dtype.isInteger
        }
    }

    var suggestion: String {
        switch self {
        case .floating: "float32 or float64"
        case .numeric: "a numeric type"
        case .any: "any type"
        case .logical: "bool"
        case .integral: "int32 or int64"
        }
    }
}

/// All that is to know about one elementwise function.
package struct ElementwiseRule: Sendable {
    package typealias Gradient = @Sendable (_ dy: Tensor, _ inputs: [Tensor], _ y: Tensor) -> [Tensor?]

    package let opcode: UInt8
    package let arity: Int
    package let domain: ElementDomain
    package let isPredicate: Bool
    package let definition: @Sendable (Double, Double, Double) -> Double
    package let gradient: Gradient

    static func unary(
        _ opcode: Int, _ domain: ElementDomain = .floating, _ definition: @escaping @Sendable (Double) -> Double,
        _ gradient: (@Sendable (_ dy: Tensor, _ x: Tensor, _ y: Tensor) -> Tensor)? = nil
    ) -> ElementwiseRule {
        ElementwiseRule(
            opcode: UInt8(opcode), arity: 1, domain: domain, isPredicate: false,
            definition: { x, _, _ in definition(x) },
            gradient: { dy, inputs, y in [gradient?(dy, inputs[0], y)] })
    }

    static func binary(
        _ opcode: Int, _ domain: ElementDomain = .numeric, _ definition: @escaping @Sendable (Double, Double) -> Double,
        _ gradient: (@Sendable (_ dy: Tensor, _ a: Tensor, _ b: Tensor, _ y: Tensor) -> [Tensor?])? = nil
    ) -> ElementwiseRule {
        ElementwiseRule(
            opcode: UInt8(opcode), arity: 2, domain: domain, isPredicate: false,
            definition: { a, b, _ in definition(a, b) },
            gradient: { dy, inputs, y in gradient?(dy, inputs[0], inputs[1], y) ?? [nil, nil] })
    }

    static func predicate(
        _ opcode: Int, arity: Int = 2, _ domain: ElementDomain = .any,
        _ definition: @escaping @Sendable (Double, Double) -> Bool
    ) -> ElementwiseRule {
        ElementwiseRule(
            opcode: UInt8(opcode), arity: arity, domain: domain, isPredicate: true,
            definition: { a, b, _ in definition(a, b) ? 1 : 0 },
            gradient: { _, inputs, _ in inputs.map { _ in nil } })
    }
}
