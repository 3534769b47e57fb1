/// Functions of numbers, composed of the elementwise primitives. Where results have fractions, integers become `float32`.
extension Tensor {
    /// The real cube root, also of negative numbers.
    public func cubeRoot() -> Tensor {
        let x = asFloatingPoint
        return x.sign() * Tensor.power(x.absolute(), 1 / 3.0)
    }
    /// Degrees as radians.
    public func radians() -> Tensor { asFloatingPoint * (Double.pi / 180) }
    /// Radians as degrees.
    public func degrees() -> Tensor { asFloatingPoint * (180 / Double.pi) }
    /// 0 below 0, 1 above, and `value` at 0. Its gradient is 0.
    public func heaviside(atZero value: Double = 0.5) -> Tensor {
        let x = asFloatingPoint
        return Tensor.composed(of: [x]) {
            let edge = Tensor.select(x .== 0.0, x.filled(value), x * 0)
            return Tensor.select(x .> 0.0, x.filled(1), Tensor.select(x .< 0.0, x.filled(0), edge))
        }
    }
    /// Whether the sign bit is set: negative numbers and -0.
    public func signBit() -> Tensor {
        dtype.isFloatingPoint ? (self .< 0.0) | ((self .== 0.0) & (reciprocal() .< 0.0)) : self .< 0.0
    }
    /// Whether the elements are positive infinity.
    public func isPositiveInfinity() -> Tensor { self .== Double.infinity }
    /// Whether the elements are negative infinity.
    public func isNegativeInfinity() -> Tensor { self .== -Double.infinity }
    /// `x * 2^exponent`; integers become `float32`.
    public func scaled(byPowerOfTwo exponent: Tensor) -> Tensor {
        let x = asFloatingPoint
        let wide = exponent.cast(to: x.dtype)
        return x * Tensor.power(wide * 0 + 2, wide)
    }
    /// Every bit inverted, of integers; the opposite of truth values.
    public static prefix func ~ (x: Tensor) -> Tensor {
        x.dtype == .bool ? !x : x ^ Tensor.composed(of: [x]) { x.filled(x.dtype == .uint8 ? 255 : -1) }
    }
    /// The elements limited to what another type can hold, converted to it; NaN becomes 0 in integers.
    public func saturatingCast(to target: DType) -> Tensor {
        guard error == nil, target != .bool, dtype != .bool else { return cast(to: target) }
        let limits: ClosedRange<Double>
        switch target {
        case .uint8: limits = 0...255
        case .int32: limits = -0x1p31...0x1p31 - 1
        case .int64: limits = -0x1p63...0x1.fffffffffffffp62
        case .float16: limits = -65504...65504
        case .bfloat16: limits = -0x1.fep127...0x1.fep127
        case .float32: limits = -0x1.fffffep127...0x1.fffffep127
        default: return cast(to: target)
        }
        if dtype.isInteger {
            guard target == .uint8 || target == .int32 && dtype == .int64 else { return cast(to: target) }
            return clipped(limits.lowerBound, limits.upperBound).cast(to: target)
        }
        let wide = cast(to: .float64)
        let number = target.isInteger ? Tensor.select(wide.isNaN(), wide.filled(0), wide) : wide
        return number.clipped(limits.lowerBound, limits.upperBound).cast(to: target)
    }

    /// `a / b`, 0 where `b` is 0.
    public static func divideOrZero(_ a: Tensor, _ b: Tensor) -> Tensor {
        composed(of: [a, b]) {
            let isZero = b .== 0.0
            let quotient = a / select(isZero, b.filled(1), b)
            return quotient.error == nil ? select(isZero, quotient.filled(0), quotient) : quotient
        }
    }
    /// The larger of two numbers, or the one that is a number where the other is NaN.
    public static func maximumNumber(_ a: Tensor, _ b: Tensor) -> Tensor {
        select(a.isNaN(), b, select(b.isNaN(), a, maximum(a, b)))
    }
    /// The smaller of two numbers, or the one that is a number where the other is NaN.
    public static func minimumNumber(_ a: Tensor, _ b: Tensor) -> Tensor {
        select(a.isNaN(), b, select(b.isNaN(), a, minimum(a, b)))
    }
    /// The quotient rounded down, and the remainder with the sign of the divisor.
    public static func quotientAndRemainder(_ a: Tensor, _ b: Tensor) -> (quotient: Tensor, remainder: Tensor) {
        (floorDivide(a, b), remainder(a, b))
    }
    /// `log2(2^a + 2^b)`, safe against overflow.
    public static func logAddExp2(_ a: Tensor, _ b: Tensor) -> Tensor {
        logAddExp(a * 0.6931471805599453, b * 0.6931471805599453) * 1.4426950408889634
    }
    /// The first choice whose condition holds, else `otherwise`; shapes broadcast.
    public static func select(_ cases: [(condition: Tensor, choice: Tensor)], otherwise: Tensor) -> Tensor {
        cases.reversed().reduce(otherwise) { select($1.condition, $1.choice, $0) }
    }

    /// Whether `|a - b| <= absolute + relative * |b|`; infinities are close to themselves, NaN only with `equalNaN`.
    public static func isClose(
        _ a: Tensor, _ b: Tensor, relative: Double = 1e-5, absolute: Double = 1e-8, equalNaN: Bool = false
    ) -> Tensor {
        composed(of: [a, b]) {
            let (x, y) = a.dtype.isFloatingPoint ? (a, b) : (a.cast(to: .float64), b.cast(to: .float64))
            let isNear = ((x - y).absolute() .<= y.absolute() * relative + absolute) & y.isFinite()
            let isSame = (x .== y) | isNear
            return equalNaN ? isSame | (x.isNaN() & y.isNaN()) : isSame
        }
    }
    /// Whether all elements are close, as ``isClose(_:_:relative:absolute:equalNaN:)`` says: a scalar of type `bool`.
    public static func allClose(
        _ a: Tensor, _ b: Tensor, relative: Double = 1e-5, absolute: Double = 1e-8, equalNaN: Bool = false
    ) -> Tensor {
        isClose(a, b, relative: relative, absolute: absolute, equalNaN: equalNaN).all()
    }

    /// The greatest common divisor of integers, not negative; `gcd(0, b) = |b|`. Euclid's algorithm.
    public static func greatestCommonDivisor(_ a: Tensor, _ b: Tensor) -> Tensor {
        composed(of: [a, b]) { () throws(ApusError) in
            guard a.dtype.isInteger, b.dtype == a.dtype else {
                throw ApusError(
                    .type, in: "operation greatestCommonDivisor", "elements of types \(a.dtype) and \(b.dtype)",
                    remedy: "use integers of one type")
            }
            // Fibonacci numbers take the most steps: 13, 46 or 92 for 8, 32 or 64 bits.
            let steps = a.dtype.size == 1 ? 13 : a.dtype.size == 4 ? 46 : 92
            var (x, y) = a.dtype == .uint8 ? (a, b) : (a.absolute(), b.absolute())
            for _ in 0..<steps {
                let isDone = y .== 0.0
                let rest = remainder(x, select(isDone, y.filled(1), y))
                (x, y) = (select(isDone, x, y), select(isDone, y, rest))
                if let error = x.error { throw error }
            }
            return x
        }
    }
    /// The least common multiple of integers, not negative; 0 if one of them is 0.
    public static func leastCommonMultiple(_ a: Tensor, _ b: Tensor) -> Tensor {
        let divisor = greatestCommonDivisor(a, b)
        return composed(of: [divisor]) {
            let product = floorDivide(a, select(divisor .== 0.0, divisor.filled(1), divisor)) * b
            return a.dtype == .uint8 ? product : product.absolute()
        }
    }
}
