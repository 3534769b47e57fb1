/// A computation of single numbers written as a formula.
///
///     let y = (w * x + x).relu()
///     try formula(of: y, naming: ["w": w, "x": x])                              // max(x * (w + 1), 0)
///     try derivativeFormula(of: y, withRespectTo: x, naming: ["w": w, "y": y])  // 1(y > 0) * (w + 1)
///
/// What has a name is written by it, other given values as numbers. `1(condition)` is 1 where the condition holds, else 0.
///
/// - Throws: an `ApusError` for tensors of other than one element and for operations that are no functions of single
///   numbers
public func formula(of result: Tensor, naming names: KeyValuePairs<String, Tensor>) throws(ApusError) -> String {
    try Expression(of: result, names).text
}

/// The derivative of a computation of single numbers, as a formula; see ``formula(of:naming:)``.
///
/// It is the computation that backpropagation makes, simplified: numbers are folded, common factors stand in front.
///
/// - Throws: an `ApusError` for tensors of other than one element and for operations that are no functions of single
///   numbers
public func derivativeFormula(
    of result: Tensor, withRespectTo x: Tensor, naming names: KeyValuePairs<String, Tensor>
) throws(ApusError) -> String {
    if let error = result.error ?? x.error { throw error }
    return try Expression(of: gradients(of: result, withRespectTo: [x])[0], names).text
}

/// A formula as a tree; what builds it simplifies.
private indirect enum Expression: Hashable {
    case number(Double)
    case name(String)
    case sum([Expression])
    case product([Expression])
    case quotient(Expression, Expression)
    case power(Expression, Expression)
    case call(String, [Expression])
    case indicator(Expression, String, Expression)

    init(of result: Tensor, _ names: KeyValuePairs<String, Tensor>) throws(ApusError) {
        if let error = result.error { throw error }
        var known: [ObjectIdentifier: String] = [:]
        for (name, tensor) in names where tensor.node !== result.node {
            if let error = tensor.error { throw error }
            known[ObjectIdentifier(tensor.node)] = name
        }
        let trace = try Trace([result.node], treatingAsLeaves: Set(known.keys))
        var parts: [Expression] = []
        for step in trace.steps {
            guard step.node.shape.count == 1 else {
                throw ApusError(
                    .shape, in: "formula", "a tensor of shape \(step.node.shape)",
                    remedy: "build it of tensors of one element each")
            }
            if let name = known[ObjectIdentifier(step.node)] {
                parts.append(.name(name))
            } else if step.isLeaf {
                parts.append(.number(try Tensor(node: step.node).cast(to: .float64).item()))
            } else {
                parts.append(try Self.part(step.node.operation, step.inputs.map { parts[$0] }))
            }
        }
        // The result itself may have a name, and a derivative may be one of the names.
        if let own = names.first(where: { $0.value.node === result.node }), trace.steps.count == 1 {
            self = .name(own.key)
        } else {
            self = parts[trace.outputs[0]]
        }
    }

    private static func part(_ operation: any Operation, _ inputs: [Expression]) throws(ApusError) -> Expression {
        if let elementwise = operation as? Elementwise { return function(elementwise.function, inputs) }
        if operation is MatrixProduct, inputs.count == 2 { return multiplying(inputs) }
        switch operation.role {
        case .fill(let value): return .number(value)
        // The same number in another shape or type.
        case .cast, .broadcast, .view, .identity, .reduce:
            if let input = inputs.first { return input }
        default: break
        }
        throw ApusError(
            .value, in: "formula", "\(operation.place) is no function of single numbers",
            remedy: "use arithmetic and elementwise functions")
    }

    private static func function(_ function: ElementwiseFunction, _ x: [Expression]) -> Expression {
        switch function {
        case .add: adding(x)
        case .subtract: adding([x[0], multiplying([.number(-1), x[1]])])
        case .multiply: multiplying(x)
        case .negate: multiplying([.number(-1), x[0]])
        case .divide: dividing(x[0], x[1])
        case .reciprocal: dividing(.number(1), x[0])
        case .square: raising(x[0], .number(2))
        case .power: raising(x[0], x[1])
        case .squareRoot: .call("sqrt", x)
        case .reciprocalSquareRoot: dividing(.number(1), .call("sqrt", x))
        case .relu: .call("max", [x[0], .number(0)])
        case .maximum: .call("max", x)
        case .minimum: .call("min", x)
        case .absolute: .call("abs", x)
        case .greater: .indicator(x[0], ">", x[1])
        case .greaterOrEqual: .indicator(x[0], ">=", x[1])
        case .less: .indicator(x[0], "<", x[1])
        case .lessOrEqual: .indicator(x[0], "<=", x[1])
        case .equal: .indicator(x[0], "=", x[1])
        case .notEqual: .indicator(x[0], "!=", x[1])
        case .not: adding([.number(1), multiplying([.number(-1), x[0]])])
        case .and: multiplying(x)
        case .select:
            adding([
                multiplying([x[0], x[1]]),
                multiplying([adding([.number(1), multiplying([.number(-1), x[0]])]), x[2]]),
            ])
        default: .call(function.rawValue, x)
        }
    }

    private static func adding(_ terms: [Expression]) -> Expression {
        var (constant, rest): (Double, [Expression]) = (0, [])
        for term in terms {
            switch term {
            case .number(let value): constant += value
            case .sum(let inner):
                for part in inner {
                    if case .number(let value) = part { constant += value } else { rest.append(part) }
                }
            default: rest.append(term)
            }
        }
        if constant != 0 || rest.isEmpty { rest.append(.number(constant)) }
        guard rest.count > 1 else { return rest[0] }
        // What all terms share stands in front.
        let shared = rest.dropFirst().reduce(factors(rest[0])) { shared, term in
            var left = factors(term)
            return shared.filter { factor in
                guard let place = left.firstIndex(of: factor) else { return false }
                left.remove(at: place)
                return true
            }
        }
        guard !shared.isEmpty else { return .sum(rest) }
        let others = rest.map { term -> Expression in
            var left = factors(term)
            for factor in shared { if let place = left.firstIndex(of: factor) { left.remove(at: place) } }
            return multiplying(left)
        }
        return multiplying(shared + [adding(others)])
    }

    private static func factors(_ expression: Expression) -> [Expression] {
        switch expression {
        case .product(let factors): factors
        case .number: []
        default: [expression]
        }
    }

    private static func multiplying(_ factors: [Expression]) -> Expression {
        var (coefficient, rest): (Double, [Expression]) = (1, [])
        for factor in factors {
            switch factor {
            case .number(let value): coefficient *= value
            case .product(let inner):
                for part in inner {
                    if case .number(let value) = part { coefficient *= value } else { rest.append(part) }
                }
            default: rest.append(factor)
            }
        }
        if coefficient == 0 || rest.isEmpty { return .number(coefficient) }
        if coefficient != 1 { rest.insert(.number(coefficient), at: 0) }
        return rest.count == 1 ? rest[0] : .product(rest)
    }

    private static func dividing(_ a: Expression, _ b: Expression) -> Expression {
        switch (a, b) {
        case (_, .number(1)), (.number(0), _): a
        case (.number(let x), .number(let y)) where y != 0: .number(x / y)
        default: .quotient(a, b)
        }
    }

    private static func raising(_ base: Expression, _ exponent: Expression) -> Expression {
        switch exponent {
        case .number(0): .number(1)
        case .number(1): base
        default: .power(base, exponent)
        }
    }

    var text: String {
        switch self {
        case .number(let value): Int(exactly: value).map { "\($0)" } ?? "\(value)"
        case .name(let name): name
        case .sum(let terms):
            terms.enumerated().map { index, term in
                let text = term.text
                guard index > 0 else { return text }
                return text.hasPrefix("-") ? " - \(text.dropFirst())" : " + \(text)"
            }.joined()
        case .product(let factors):
            if factors.count > 1, factors[0] == .number(-1) {
                "-" + factors.dropFirst().map { $0.bound(tightly: false) }.joined(separator: " * ")
            } else {
                factors.map { $0.bound(tightly: false) }.joined(separator: " * ")
            }
        case .quotient(let a, let b): "\(a.bound(tightly: false)) / \(b.bound(tightly: true))"
        case .power(let base, let exponent): "\(base.bound(tightly: true))^\(exponent.bound(tightly: true))"
        case .call(let name, let inputs): "\(name)(\(inputs.map(\.text).joined(separator: ", ")))"
        case .indicator(let a, let sign, let b): "1(\(a.text) \(sign) \(b.text))"
        }
    }

    /// In parentheses where it would fall apart.
    private func bound(tightly: Bool) -> String {
        switch self {
        case .sum: "(\(text))"
        case .product, .quotient, .power: tightly ? "(\(text))" : text
        case .number(let value): tightly && value < 0 ? "(\(text))" : text
        default: text
        }
    }
}
