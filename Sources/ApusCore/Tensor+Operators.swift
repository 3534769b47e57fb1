infix operator .== : ComparisonPrecedence
infix operator .!= : ComparisonPrecedence
infix operator .< : ComparisonPrecedence
infix operator .<= : ComparisonPrecedence
infix operator .> : ComparisonPrecedence
infix operator .>= : ComparisonPrecedence

extension Tensor {
    /// A function of broadcast arguments.
    package static func apply(_ function: ElementwiseFunction, _ inputs: [Tensor]) -> Tensor {
        if let failed = inputs.first(where: { $0.error != nil }) { return failed }
        let operation = Elementwise(function)
        var shape = inputs[0].shape
        do throws(ApusError) {
            for input in inputs.dropFirst() {
                shape = try Shape.broadcast(shape, input.shape, in: operation.place)
            }
        } catch {
            return Tensor(error: error)
        }
        return Tensor(operation, inputs.map { $0.broadcast(to: shape) })
    }

    private static func apply(_ function: ElementwiseFunction, _ a: Tensor, _ b: Double) -> Tensor {
        apply(function, [a, Tensor(repeating: b, shape: a.shape, dtype: a.dtype)])
    }

    private static func apply(_ function: ElementwiseFunction, _ a: Double, _ b: Tensor) -> Tensor {
        apply(function, [Tensor(repeating: a, shape: b.shape, dtype: b.dtype), b])
    }

    /// The sum, elementwise, shapes broadcast.
    public static func + (a: Tensor, b: Tensor) -> Tensor {
        if a.fillValue == 0, b.dtype == a.dtype, a.error == nil, b.error == nil,
            (try? Shape.broadcast(a.shape, b.shape, in: "")) == b.shape
        {
            return b
        }
        return apply(.add, [a, b])
    }
    public static func + (a: Tensor, b: Double) -> Tensor { b == 0 ? a : apply(.add, a, b) }
    public static func + (a: Double, b: Tensor) -> Tensor { b + a }

    /// The difference, elementwise, shapes broadcast.
    public static func - (a: Tensor, b: Tensor) -> Tensor { apply(.subtract, [a, b]) }
    public static func - (a: Tensor, b: Double) -> Tensor { b == 0 ? a : apply(.subtract, a, b) }
    public static func - (a: Double, b: Tensor) -> Tensor { apply(.subtract, a, b) }

    /// The product, elementwise, shapes broadcast.
    public static func * (a: Tensor, b: Tensor) -> Tensor { apply(.multiply, [a, b]) }
    public static func * (a: Tensor, b: Double) -> Tensor { b == 1 ? a : apply(.multiply, a, b) }
    public static func * (a: Double, b: Tensor) -> Tensor { b * a }

    /// The quotient, elementwise, shapes broadcast.
    public static func / (a: Tensor, b: Tensor) -> Tensor { apply(.divide, [a, b]) }
    public static func / (a: Tensor, b: Double) -> Tensor { b == 1 ? a : apply(.divide, a, b) }
    public static func / (a: Double, b: Tensor) -> Tensor { apply(.divide, a, b) }

    public static prefix func - (a: Tensor) -> Tensor { apply(.negate, [a]) }

    /// The sum of corresponding elements; shapes broadcast.
    public static func += (a: inout Tensor, b: Tensor) { a = a + b }
    /// The difference of corresponding elements; shapes broadcast.
    public static func -= (a: inout Tensor, b: Tensor) { a = a - b }
    /// The product of corresponding elements; shapes broadcast.
    public static func *= (a: inout Tensor, b: Tensor) { a = a * b }
    /// The quotient of corresponding elements; shapes broadcast.
    public static func /= (a: inout Tensor, b: Tensor) { a = a / b }

    /// Elementwise comparison; the result has type `bool`.
    public static func .== (a: Tensor, b: Tensor) -> Tensor { apply(.equal, [a, b]) }
    /// Where elements differ: `bool`; shapes broadcast.
    public static func .!= (a: Tensor, b: Tensor) -> Tensor { apply(.notEqual, [a, b]) }
    /// Where elements are less than the others: `bool`; shapes broadcast.
    public static func .< (a: Tensor, b: Tensor) -> Tensor { apply(.less, [a, b]) }
    /// Where elements are at most the others: `bool`; shapes broadcast.
    public static func .<= (a: Tensor, b: Tensor) -> Tensor { apply(.lessOrEqual, [a, b]) }
    /// Where elements are greater than the others: `bool`; shapes broadcast.
    public static func .> (a: Tensor, b: Tensor) -> Tensor { apply(.greater, [a, b]) }
    /// Where elements are at least the others: `bool`; shapes broadcast.
    public static func .>= (a: Tensor, b: Tensor) -> Tensor { apply(.greaterOrEqual, [a, b]) }
    /// Where elements equal a number: `bool`.
    public static func .== (a: Tensor, b: Double) -> Tensor { apply(.equal, a, b) }
    /// Where elements differ from a number: `bool`.
    public static func .!= (a: Tensor, b: Double) -> Tensor { apply(.notEqual, a, b) }
    /// Where elements are less than a number: `bool`.
    public static func .< (a: Tensor, b: Double) -> Tensor { apply(.less, a, b) }
    /// Where elements are at most a number: `bool`.
    public static func .<= (a: Tensor, b: Double) -> Tensor { apply(.lessOrEqual, a, b) }
    /// Where elements are greater than a number: `bool`.
    public static func .> (a: Tensor, b: Double) -> Tensor { apply(.greater, a, b) }
    /// Where elements are at least a number: `bool`.
    public static func .>= (a: Tensor, b: Double) -> Tensor { apply(.greaterOrEqual, a, b) }

    /// Elementwise logic on tensors of type `bool`.
    public static func & (a: Tensor, b: Tensor) -> Tensor { apply(a.dtype == .bool ? .and : .bitAnd, [a, b]) }
    /// Where one of two truth values holds; of integers the bits that one of them has.
    public static func | (a: Tensor, b: Tensor) -> Tensor { apply(a.dtype == .bool ? .or : .bitOr, [a, b]) }
    /// Where exactly one of two truth values holds; of integers the bits that one of them alone has.
    public static func ^ (a: Tensor, b: Tensor) -> Tensor { apply(a.dtype == .bool ? .xor : .bitXor, [a, b]) }
    /// Integers whose bits are moved up by the others; bits beyond the type are lost.
    public static func << (a: Tensor, b: Tensor) -> Tensor { apply(.shiftLeft, [a, b]) }
    /// Integers whose bits are moved down by the others; the sign stays.
    public static func >> (a: Tensor, b: Tensor) -> Tensor { apply(.shiftRight, [a, b]) }
    /// Where truth values do not hold.
    public static prefix func ! (a: Tensor) -> Tensor { apply(.not, [a]) }

    /// `a` where the condition holds, else `b`; shapes broadcast.
    public static func select(_ condition: Tensor, _ a: Tensor, _ b: Tensor) -> Tensor {
        apply(.select, [condition, a, b])
    }
    /// The larger of corresponding elements, NaN if one is; shapes broadcast. Equal ones share the gradient.
    public static func maximum(_ a: Tensor, _ b: Tensor) -> Tensor { apply(.maximum, [a, b]) }
    /// The larger of each element and a number.
    public static func maximum(_ a: Tensor, _ b: Double) -> Tensor { apply(.maximum, a, b) }
    /// The smaller of corresponding elements, NaN if one is; shapes broadcast. Equal ones share the gradient.
    public static func minimum(_ a: Tensor, _ b: Tensor) -> Tensor { apply(.minimum, [a, b]) }
    /// The smaller of each element and a number.
    public static func minimum(_ a: Tensor, _ b: Double) -> Tensor { apply(.minimum, a, b) }
    /// `a` to the power of `b`.
    public static func power(_ a: Tensor, _ b: Tensor) -> Tensor { apply(.power, [a, b]) }
    /// `a` to a fixed power; small whole powers are products.
    public static func power(_ a: Tensor, _ b: Double) -> Tensor {
        switch b {
        case 1: a
        case 2: a.square()
        case 3: a.square() * a
        case 0.5: a.squareRoot()
        case -1: a.reciprocal()
        default: apply(.power, a, b)
        }
    }
    /// The remainder with the sign of the divisor.
    public static func remainder(_ a: Tensor, _ b: Tensor) -> Tensor { apply(.remainder, [a, b]) }
    /// The quotient rounded down.
    public static func floorDivide(_ a: Tensor, _ b: Tensor) -> Tensor { apply(.floorDivide, [a, b]) }
    /// The angle of the point (x: `b`, y: `a`), in radians.
    public static func atan2(_ a: Tensor, _ b: Tensor) -> Tensor { apply(.atan2, [a, b]) }
}

/// `exp(x)` and its like, as methods; see also the free functions of the same names.
extension Tensor {
    /// `-x`.
    public func negated() -> Tensor { -self }
    /// `|x|`; the derivative at 0 is 0.
    public func absolute() -> Tensor { Self.apply(.absolute, [self]) }
    /// -1, 0 or 1 by the sign; the derivative is 0.
    public func sign() -> Tensor { Self.apply(.sign, [self]) }
    /// Rounded down to whole numbers; the derivative is 0.
    public func floor() -> Tensor { Self.apply(.floor, [self]) }
    /// Rounded up to whole numbers; the derivative is 0.
    public func ceil() -> Tensor { Self.apply(.ceil, [self]) }
    /// To the nearest whole number, halves to the even one.
    public func rounded() -> Tensor { Self.apply(.round, [self]) }
    /// Towards zero.
    public func truncated() -> Tensor { Self.apply(.truncate, [self]) }
    /// `e^x`.
    public func exp() -> Tensor { Self.apply(.exp, [self]) }
    /// `e^x - 1`, exact near 0.
    public func expm1() -> Tensor { Self.apply(.expm1, [self]) }
    /// The natural logarithm; NaN below 0.
    public func log() -> Tensor { Self.apply(.log, [self]) }
    /// `log(1 + x)`, exact near 0.
    public func log1p() -> Tensor { Self.apply(.log1p, [self]) }
    /// The square root; NaN below 0.
    public func squareRoot() -> Tensor { Self.apply(.squareRoot, [self]) }
    /// `1 / sqrt(x)`.
    public func reciprocalSquareRoot() -> Tensor { Self.apply(.reciprocalSquareRoot, [self]) }
    /// `1 / x`.
    public func reciprocal() -> Tensor { Self.apply(.reciprocal, [self]) }
    /// `x * x`.
    public func square() -> Tensor { Self.apply(.square, [self]) }
    /// The sine of an angle in radians.
    public func sin() -> Tensor { Self.apply(.sin, [self]) }
    /// The cosine of an angle in radians.
    public func cos() -> Tensor { Self.apply(.cos, [self]) }
    /// The tangent of an angle in radians.
    public func tan() -> Tensor { Self.apply(.tan, [self]) }
    /// The angle from -π/2 to π/2 with this sine; NaN outside -1...1.
    public func asin() -> Tensor { Self.apply(.asin, [self]) }
    /// The angle from 0 to π with this cosine; NaN outside -1...1.
    public func acos() -> Tensor { Self.apply(.acos, [self]) }
    /// The angle from -π/2 to π/2 with this tangent.
    public func atan() -> Tensor { Self.apply(.atan, [self]) }
    /// `(e^x - e^-x) / 2`.
    public func sinh() -> Tensor { Self.apply(.sinh, [self]) }
    /// `(e^x + e^-x) / 2`.
    public func cosh() -> Tensor { Self.apply(.cosh, [self]) }
    /// `(e^x - e^-x) / (e^x + e^-x)`, from -1 to 1.
    public func tanh() -> Tensor { Self.apply(.tanh, [self]) }
    /// The inverse of `sinh`.
    public func asinh() -> Tensor { Self.apply(.asinh, [self]) }
    /// The inverse of `cosh`; NaN below 1.
    public func acosh() -> Tensor { Self.apply(.acosh, [self]) }
    /// The inverse of `tanh`; NaN outside -1...1.
    public func atanh() -> Tensor { Self.apply(.atanh, [self]) }
    /// The error function, `2 / sqrt(π)` times the integral of `e^(-t²)` from 0 to x.
    public func erf() -> Tensor { Self.apply(.erf, [self]) }
    /// `1 - erf(x)`, exact for large x.
    public func erfc() -> Tensor { Self.apply(.erfc, [self]) }
    /// The logarithm of the magnitude of the gamma function.
    public func logGamma() -> Tensor { Self.apply(.logGamma, [self]) }
    /// The derivative of `logGamma`.
    public func digamma() -> Tensor { Self.apply(.digamma, [self]) }
    /// `1 / (1 + e^-x)`, from 0 to 1.
    public func sigmoid() -> Tensor { Self.apply(.sigmoid, [self]) }
    /// `log(1 + e^x)`, without overflow.
    public func softplus() -> Tensor { Self.apply(.softplus, [self]) }
    /// `max(x, 0)`; the derivative at 0 is 0.
    public func relu() -> Tensor { Self.apply(.relu, [self]) }
    /// Where elements are NaN: `bool`.
    public func isNaN() -> Tensor { Self.apply(.isNaN, [self]) }
    /// Where elements are neither NaN nor infinite: `bool`.
    public func isFinite() -> Tensor { Self.apply(.isFinite, [self]) }
}

/// `max(x, 0)`, elementwise.
public func relu(_ x: Tensor) -> Tensor { x.relu() }
/// The hyperbolic tangent, elementwise.
public func tanh(_ x: Tensor) -> Tensor { x.tanh() }
/// `1 / (1 + exp(-x))`, elementwise.
public func sigmoid(_ x: Tensor) -> Tensor { x.sigmoid() }
/// The exponential function, elementwise.
public func exp(_ x: Tensor) -> Tensor { x.exp() }
/// The natural logarithm, elementwise.
public func log(_ x: Tensor) -> Tensor { x.log() }
/// The square root, elementwise.
public func sqrt(_ x: Tensor) -> Tensor { x.squareRoot() }
/// The absolute value, elementwise.
public func abs(_ x: Tensor) -> Tensor { x.absolute() }
