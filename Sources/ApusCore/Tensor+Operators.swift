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

    public static func += (a: inout Tensor, b: Tensor) { a = a + b }
    public static func -= (a: inout Tensor, b: Tensor) { a = a - b }
    public static func *= (a: inout Tensor, b: Tensor) { a = a * b }
    public static func /= (a: inout Tensor, b: Tensor) { a = a / b }

    /// Elementwise comparison; the result has type `bool`.
    public static func .== (a: Tensor, b: Tensor) -> Tensor { apply(.equal, [a, b]) }
    public static func .!= (a: Tensor, b: Tensor) -> Tensor { apply(.notEqual, [a, b]) }
    public static func .< (a: Tensor, b: Tensor) -> Tensor { apply(.less, [a, b]) }
    public static func .<= (a: Tensor, b: Tensor) -> Tensor { apply(.lessOrEqual, [a, b]) }
    public static func .> (a: Tensor, b: Tensor) -> Tensor { apply(.greater, [a, b]) }
    public static func .>= (a: Tensor, b: Tensor) -> Tensor { apply(.greaterOrEqual, [a, b]) }
    public static func .== (a: Tensor, b: Double) -> Tensor { apply(.equal, a, b) }
    public static func .!= (a: Tensor, b: Double) -> Tensor { apply(.notEqual, a, b) }
    public static func .< (a: Tensor, b: Double) -> Tensor { apply(.less, a, b) }
    public static func .<= (a: Tensor, b: Double) -> Tensor { apply(.lessOrEqual, a, b) }
    public static func .> (a: Tensor, b: Double) -> Tensor { apply(.greater, a, b) }
    public static func .>= (a: Tensor, b: Double) -> Tensor { apply(.greaterOrEqual, a, b) }

    /// Elementwise logic on tensors of type `bool`.
    public static func & (a: Tensor, b: Tensor) -> Tensor { apply(a.dtype == .bool ? .and : .bitAnd, [a, b]) }
    public static func | (a: Tensor, b: Tensor) -> Tensor { apply(a.dtype == .bool ? .or : .bitOr, [a, b]) }
    public static func ^ (a: Tensor, b: Tensor) -> Tensor { apply(a.dtype == .bool ? .xor : .bitXor, [a, b]) }
    public static func << (a: Tensor, b: Tensor) -> Tensor { apply(.shiftLeft, [a, b]) }
    public static func >> (a: Tensor, b: Tensor) -> Tensor { apply(.shiftRight, [a, b]) }
    public static prefix func ! (a: Tensor) -> Tensor { apply(.not, [a]) }

    /// `a` where the condition holds, else `b`; shapes broadcast.
    public static func select(_ condition: Tensor, _ a: Tensor, _ b: Tensor) -> Tensor {
        apply(.select, [condition, a, b])
    }
    public static func maximum(_ a: Tensor, _ b: Tensor) -> Tensor { apply(.maximum, [a, b]) }
    public static func maximum(_ a: Tensor, _ b: Double) -> Tensor { apply(.maximum, a, b) }
    public static func minimum(_ a: Tensor, _ b: Tensor) -> Tensor { apply(.minimum, [a, b]) }
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
    public func negated() -> Tensor { -self }
    public func absolute() -> Tensor { Self.apply(.absolute, [self]) }
    public func sign() -> Tensor { Self.apply(.sign, [self]) }
    public func floor() -> Tensor { Self.apply(.floor, [self]) }
    public func ceil() -> Tensor { Self.apply(.ceil, [self]) }
    /// To the nearest whole number, halves to the even one.
    public func rounded() -> Tensor { Self.apply(.round, [self]) }
    /// Towards zero.
    public func truncated() -> Tensor { Self.apply(.truncate, [self]) }
    public func exp() -> Tensor { Self.apply(.exp, [self]) }
    public func expm1() -> Tensor { Self.apply(.expm1, [self]) }
    public func log() -> Tensor { Self.apply(.log, [self]) }
    public func log1p() -> Tensor { Self.apply(.log1p, [self]) }
    public func squareRoot() -> Tensor { Self.apply(.squareRoot, [self]) }
    public func reciprocalSquareRoot() -> Tensor { Self.apply(.reciprocalSquareRoot, [self]) }
    public func reciprocal() -> Tensor { Self.apply(.reciprocal, [self]) }
    public func square() -> Tensor { Self.apply(.square, [self]) }
    public func sin() -> Tensor { Self.apply(.sin, [self]) }
    public func cos() -> Tensor { Self.apply(.cos, [self]) }
    public func tan() -> Tensor { Self.apply(.tan, [self]) }
    public func asin() -> Tensor { Self.apply(.asin, [self]) }
    public func acos() -> Tensor { Self.apply(.acos, [self]) }
    public func atan() -> Tensor { Self.apply(.atan, [self]) }
    public func sinh() -> Tensor { Self.apply(.sinh, [self]) }
    public func cosh() -> Tensor { Self.apply(.cosh, [self]) }
    public func tanh() -> Tensor { Self.apply(.tanh, [self]) }
    public func asinh() -> Tensor { Self.apply(.asinh, [self]) }
    public func acosh() -> Tensor { Self.apply(.acosh, [self]) }
    public func atanh() -> Tensor { Self.apply(.atanh, [self]) }
    public func erf() -> Tensor { Self.apply(.erf, [self]) }
    public func erfc() -> Tensor { Self.apply(.erfc, [self]) }
    public func logGamma() -> Tensor { Self.apply(.logGamma, [self]) }
    public func digamma() -> Tensor { Self.apply(.digamma, [self]) }
    public func sigmoid() -> Tensor { Self.apply(.sigmoid, [self]) }
    public func softplus() -> Tensor { Self.apply(.softplus, [self]) }
    public func relu() -> Tensor { Self.apply(.relu, [self]) }
    public func isNaN() -> Tensor { Self.apply(.isNaN, [self]) }
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
