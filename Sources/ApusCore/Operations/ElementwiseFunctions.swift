import CKernels

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The elementwise functions, each with its instruction, definition and derivative in one place.
///
/// At kinks the derivative is that of the right-hand rule written here: relu'(0) = 0, |x|'(0) = 0; `maximum` and
/// `minimum` share the gradient equally between equal arguments.
package enum ElementwiseFunction: String, CaseIterable, Sendable {
    case negate, absolute, sign, floor, ceil, round, truncate
    case exp, expm1, log, log1p, squareRoot, reciprocalSquareRoot, reciprocal, square
    case sin, cos, tan, asin, acos, atan, sinh, cosh, tanh, asinh, acosh, atanh
    case erf, erfc, logGamma, digamma, sigmoid, softplus, relu
    case not, isNaN, isFinite
    case add, subtract, multiply, divide, power, maximum, minimum, remainder, floorDivide, atan2
    case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual
    case and, or, xor, bitAnd, bitOr, bitXor, shiftLeft, shiftRight
    case select

    package var rule: ElementwiseRule {
        guard let rule = elementwiseRules[self] else { preconditionFailure("\(self) has no rule") }
        return rule
    }
}

private let elementwiseRules: [ElementwiseFunction: ElementwiseRule] = [
    .negate: .unary(APUS_NEGATE, .numeric, { -$0 }) { dy, _, _ in -dy },
    .absolute: .unary(APUS_ABS, .numeric, { Swift.abs($0) }) { dy, x, _ in dy * x.sign() },
    .sign: .unary(APUS_SIGN, .numeric, { $0 > 0 ? 1 : $0 < 0 ? -1 : $0 }) { dy, _, _ in dy * 0 },
    .floor: .unary(APUS_FLOOR, .floating, { $0.rounded(.down) }) { dy, _, _ in dy * 0 },
    .ceil: .unary(APUS_CEIL, .floating, { $0.rounded(.up) }) { dy, _, _ in dy * 0 },
    .round: .unary(APUS_ROUND, .floating, { $0.rounded(.toNearestOrEven) }) { dy, _, _ in dy * 0 },
    .truncate: .unary(APUS_TRUNCATE, .floating, { $0.rounded(.towardZero) }) { dy, _, _ in
        dy * 0
    },
    .exp: .unary(APUS_EXP, .floating, { exp($0) }) { dy, _, y in dy * y },
    .expm1: .unary(APUS_EXPM1, .floating, { expm1($0) }) { dy, x, _ in dy * x.exp() },
    .log: .unary(APUS_LOG, .floating, { log($0) }) { dy, x, _ in dy / x },
    .log1p: .unary(APUS_LOG1P, .floating, { log1p($0) }) { dy, x, _ in dy / (x + 1) },
    .squareRoot: .unary(APUS_SQRT, .floating, { $0.squareRoot() }) { dy, _, y in dy * 0.5 / y },
    .reciprocalSquareRoot: .unary(APUS_RSQRT, .floating, { 1 / $0.squareRoot() }) { dy, _, y in
        dy * -0.5 * y * y * y
    },
    .reciprocal: .unary(APUS_RECIPROCAL, .floating, { 1 / $0 }) { dy, _, y in -dy * y * y },
    .square: .unary(APUS_SQUARE, .numeric, { $0 * $0 }) { dy, x, _ in dy * 2 * x },
    .sin: .unary(APUS_SIN, .floating, { sin($0) }) { dy, x, _ in dy * x.cos() },
    .cos: .unary(APUS_COS, .floating, { cos($0) }) { dy, x, _ in -dy * x.sin() },
    .tan: .unary(APUS_TAN, .floating, { tan($0) }) { dy, _, y in dy * (y * y + 1) },
    .asin: .unary(APUS_ASIN, .floating, { asin($0) }) { dy, x, _ in
        dy / (1 - x * x).squareRoot()
    },
    .acos: .unary(APUS_ACOS, .floating, { acos($0) }) { dy, x, _ in
        -dy / (1 - x * x).squareRoot()
    },
    .atan: .unary(APUS_ATAN, .floating, { atan($0) }) { dy, x, _ in dy / (x * x + 1) },
    .sinh: .unary(APUS_SINH, .floating, { sinh($0) }) { dy, x, _ in dy * x.cosh() },
    .cosh: .unary(APUS_COSH, .floating, { cosh($0) }) { dy, x, _ in dy * x.sinh() },
    .tanh: .unary(APUS_TANH, .floating, { tanh($0) }) { dy, _, y in dy * (1 - y * y) },
    .asinh: .unary(APUS_ASINH, .floating, { asinh($0) }) { dy, x, _ in
        dy / (x * x + 1).squareRoot()
    },
    .acosh: .unary(APUS_ACOSH, .floating, { acosh($0) }) { dy, x, _ in
        dy / (x * x - 1).squareRoot()
    },
    .atanh: .unary(APUS_ATANH, .floating, { atanh($0) }) { dy, x, _ in dy / (1 - x * x) },
    .erf: .unary(APUS_ERF, .floating, { erf($0) }) { dy, x, _ in
        dy * (-(x * x)).exp() * 1.1283791670955126
    },
    .erfc: .unary(APUS_ERFC, .floating, { erfc($0) }) { dy, x, _ in
        dy * (-(x * x)).exp() * -1.1283791670955126
    },
    .logGamma: .unary(APUS_LGAMMA, .floating, { lgamma($0) }) { dy, x, _ in
        dy * x.digamma()
    },
    .digamma: .unary(APUS_DIGAMMA, .floating, { digammaDefinition($0) }) { dy, x, _ in
        dy * x.trigamma()
    },
    .sigmoid: .unary(APUS_SIGMOID, .floating, { 1 / (1 + exp(-$0)) }) { dy, _, y in
        dy * y * (1 - y)
    },
    .softplus: .unary(
        APUS_SOFTPLUS, .floating, { Swift.max($0, 0) + log1p(exp(-Swift.abs($0))) }
    ) { dy, x, _ in dy * x.sigmoid() },
    .relu: .unary(APUS_RELU, .numeric, { $0 < 0 ? 0 : $0 }) { dy, _, y in
        Tensor.select(y .> 0, dy, Tensor(repeating: 0, shape: dy.shape, dtype: dy.dtype))
    },
    .not: .predicate(APUS_NOT, arity: 1, .logical) { a, _ in a == 0 },
    .isNaN: .predicate(APUS_IS_NAN, arity: 1, .floating) { a, _ in a.isNaN },
    .isFinite: .predicate(APUS_IS_FINITE, arity: 1, .floating) { a, _ in a.isFinite },
    .add: .binary(APUS_ADD, .numeric, { $0 + $1 }) { dy, _, _, _ in [dy, dy] },
    .subtract: .binary(APUS_SUBTRACT, .numeric, { $0 - $1 }) { dy, _, _, _ in [dy, -dy] },
    .multiply: .binary(APUS_MULTIPLY, .numeric, { $0 * $1 }) { dy, a, b, _ in [dy * b, dy * a] },
    .divide: .binary(APUS_DIVIDE, .numeric, { $0 / $1 }) { dy, _, b, y in
        [dy / b, -(dy * y / b)]
    },
    .power: .binary(APUS_POWER, .numeric, { pow($0, $1) }) { dy, a, b, y in
        let base = dy * b * Tensor.power(a, b - 1)
        // 0^b does not change with b > 0, and log(0) must not spoil that.
        let exponent = dy * y * Tensor.select(a .> 0, a, a * 0 + 1).log()
        return [base, exponent]
    },
    .maximum: .binary(APUS_MAXIMUM, .numeric, { $0.isNaN || $0 > $1 ? $0 : $1 }) { dy, a, b, _ in
        shareGradient(dy, a .> b, a .== b)
    },
    .minimum: .binary(APUS_MINIMUM, .numeric, { $0.isNaN || $0 < $1 ? $0 : $1 }) { dy, a, b, _ in
        shareGradient(dy, a .< b, a .== b)
    },
    .remainder: .binary(APUS_REMAINDER, .numeric, { remainderDefinition($0, $1) }) {
        dy, a, b, _ in [dy, -(dy * Tensor.floorDivide(a, b))]
    },
    .floorDivide: .binary(APUS_FLOOR_DIVIDE, .numeric, { floorDivideDefinition($0, $1) }) {
        dy, _, _, _ in [dy * 0, dy * 0]
    },
    .atan2: .binary(APUS_ATAN2, .floating, { atan2($0, $1) }) { dy, a, b, _ in
        let scaled = dy / (a * a + b * b)
        return [scaled * b, -(scaled * a)]
    },
    .equal: .predicate(APUS_EQUAL) { $0 == $1 },
    .notEqual: .predicate(APUS_NOT_EQUAL) { $0 != $1 },
    .less: .predicate(APUS_LESS) { $0 < $1 },
    .lessOrEqual: .predicate(APUS_LESS_EQUAL) { $0 <= $1 },
    .greater: .predicate(APUS_GREATER) { $0 > $1 },
    .greaterOrEqual: .predicate(APUS_GREATER_EQUAL) { $0 >= $1 },
    .and: .predicate(APUS_AND, .logical) { $0 != 0 && $1 != 0 },
    .or: .predicate(APUS_OR, .logical) { $0 != 0 || $1 != 0 },
    .xor: .predicate(APUS_XOR, .logical) { ($0 != 0) != ($1 != 0) },
    .bitAnd: .binary(APUS_BIT_AND, .integral, { Double(Int64($0) & Int64($1)) }),
    .bitOr: .binary(APUS_BIT_OR, .integral, { Double(Int64($0) | Int64($1)) }),
    .bitXor: .binary(APUS_BIT_XOR, .integral, { Double(Int64($0) ^ Int64($1)) }),
    .shiftLeft: .binary(APUS_SHIFT_LEFT, .integral, { Double($1 < 0 ? 0 : Int64($0) << Int64($1)) }),
    .shiftRight: .binary(APUS_SHIFT_RIGHT, .integral, { Double(Int64($0) >> ($1 < 0 ? 63 : Int64($1))) }),
    .select: ElementwiseRule(
        opcode: UInt8(APUS_SELECT), arity: 3, domain: .any, isPredicate: false,
        definition: { $0 != 0 ? $1 : $2 },
        gradient: { dy, inputs, _ in
            let zero = Tensor(repeating: 0, shape: dy.shape, dtype: dy.dtype)
            return [nil, Tensor.select(inputs[0], dy, zero), Tensor.select(inputs[0], zero, dy)]
        }),
]

private func shareGradient(_ dy: Tensor, _ first: Tensor, _ equal: Tensor) -> [Tensor?] {
    let weight = first.cast(to: dy.dtype) + equal.cast(to: dy.dtype) * 0.5
    return [dy * weight, dy * (1 - weight)]
}

/// The remainder with the divisor's sign.
private func remainderDefinition(_ a: Double, _ b: Double) -> Double {
    let rest = fmod(a, b)
    if rest == 0 { return b.sign == .minus ? -0.0 : 0 }
    return (rest < 0) != (b < 0) ? rest + b : rest
}

/// The quotient rounded down, by way of the remainder: `a / b` alone may be rounded up to the next whole number.
private func floorDivideDefinition(_ a: Double, _ b: Double) -> Double {
    if b == 0 { return a / b }
    let rest = fmod(a, b)
    let quotient = (a - rest) / b - (rest != 0 && (rest < 0) != (b < 0) ? 1 : 0)
    return quotient == 0 ? quotient : quotient.rounded()
}

private func digammaDefinition(_ argument: Double) -> Double {
    var (x, result) = (argument, 0.0)
    if x <= 0 {
        if x == 0 { return x.sign == .minus ? .infinity : -.infinity }
        if x == x.rounded(.down) { return .nan }
        return digammaDefinition(1 - x) - Double.pi / tan(Double.pi * x)
    }
    while x < 10 {
        result -= 1 / x
        x += 1
    }
    let z = 1 / (x * x)
    let series = 1 / 12.0 - z * (1 / 120.0 - z * (1 / 252.0 - z * (1 / 240.0 - z * (5 / 660.0 - z * 691 / 32760.0))))
    return result + log(x) - 0.5 / x - z * series
}
