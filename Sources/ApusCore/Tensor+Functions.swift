/// Functions composed of the elementwise primitives.
extension Tensor {
    /// The elements limited to a range; the gradient is 0 outside.
    public func clipped(_ minimum: Double? = nil, _ maximum: Double? = nil) -> Tensor {
        var result = self
        if let minimum { result = Tensor.select(result .< minimum, filled(minimum), result) }
        if let maximum { result = Tensor.select(result .> maximum, filled(maximum), result) }
        return result
    }

    /// The elements limited to ranges, broadcast.
    public func clipped(_ minimum: Tensor, _ maximum: Tensor) -> Tensor {
        let raised = Tensor.select(self .< minimum, minimum, self)
        return Tensor.select(raised .> maximum, maximum, raised)
    }

    /// 2 to the power of the elements.
    public func exp2() -> Tensor { (self * 0.6931471805599453).exp() }
    /// The logarithm to base 2.
    public func log2() -> Tensor { log() * 1.4426950408889634 }
    /// The logarithm to base 10.
    public func log10() -> Tensor { log() * 0.4342944819032518 }
    /// What stands behind the point: `x - truncated(x)`.
    public func fraction() -> Tensor { self - truncated() }
    /// `log(x / (1 - x))`.
    public func logit() -> Tensor { (self / (1 - self)).log() }
    /// The logarithm of the sigmoid function, safe for large arguments.
    public func logSigmoid() -> Tensor { -(-self).softplus() }
    /// `sin(pi x) / (pi x)`, 1 at 0.
    public func sinc() -> Tensor {
        let scaled = self * Double.pi
        let isZero = self .== 0.0
        return Tensor.select(isZero, filled(1), scaled.sin() / Tensor.select(isZero, filled(1), scaled))
    }
    /// Whether the elements are infinite.
    public func isInfinite() -> Tensor { absolute() .== Double.infinity }
    /// NaN and infinities replaced by numbers.
    public func replacingNonfinite(nan: Double = 0, positive: Double, negative: Double) -> Tensor {
        let infinite = Tensor.select(
            self .== Double.infinity, filled(positive),
            Tensor.select(self .== -Double.infinity, filled(negative), self))
        return Tensor.select(isNaN(), filled(nan), infinite)
    }

    /// The inverse of the error function, for arguments in -1...1.
    ///
    /// Winitzki's formula, then two steps of Halley's method in the complement of the error function.
    public func inverseErf() -> Tensor {
        let x = stopGradient().absolute()
        let logarithm = ((1 - x) * (1 + x)).log()
        let first = logarithm * 0.5 + 4.330746750799873
        var y = ((first.square() - logarithm * 6.802721088435374).squareRoot() - first).squareRoot()
        for _ in 0..<2 {
            let step = (y.erfc() - (1 - x)) / ((-(y.square())).exp() * 1.1283791670955126)
            y = y + Tensor.select(step.isFinite(), step / (1 - step * y), filled(0))
        }
        y = Tensor.select(x .== 1.0, filled(.infinity), y) * stopGradient().sign()
        return Tensor(
            CustomGradient(id: Self.inverseErfRule) { dy, _, y in [dy * y.square().exp() * 0.886226925452758] },
            [y, self])
    }

    private static let inverseErfRule: UInt64 = .max

    /// The remainder with the sign of the dividend.
    public static func truncatedRemainder(_ a: Tensor, _ b: Tensor) -> Tensor { a - truncatedQuotient(a, b) * b }
    /// The quotient rounded towards zero; its gradient is 0.
    public static func truncatedQuotient(_ a: Tensor, _ b: Tensor) -> Tensor {
        if a.dtype.isFloatingPoint { return (a / b).truncated() }
        return floorDivide(a.absolute(), b.absolute()) * a.sign() * b.sign()
    }
    /// The length of the hypotenuse: `sqrt(a^2 + b^2)` without overflow.
    public static func hypotenuse(_ a: Tensor, _ b: Tensor) -> Tensor {
        let larger = maximum(a.absolute(), b.absolute()).stopGradient()
        let scale = select(larger .== 0.0, larger + 1, larger)
        return ((a / scale).square() + (b / scale).square()).squareRoot() * scale
    }
    /// The magnitude of `a` with the sign of `b`.
    public static func copySign(_ a: Tensor, _ b: Tensor) -> Tensor {
        let magnitude = a.absolute()
        // The reciprocal tells the zeros apart.
        return select((b .< 0.0) | ((b .== 0.0) & (b.reciprocal() .< 0.0)), -magnitude, magnitude)
    }
    /// `log(exp(a) + exp(b))`, safe against overflow.
    public static func logAddExp(_ a: Tensor, _ b: Tensor) -> Tensor {
        let larger = maximum(a, b).stopGradient()
        let shift = select(larger.isFinite(), larger, larger * 0).replacingNonfinite(positive: 0, negative: 0)
        return ((a - shift).exp() + (b - shift).exp()).log() + shift
    }
    /// `a log(b)`, 0 where `a` is 0.
    public static func xLogY(_ a: Tensor, _ b: Tensor) -> Tensor {
        let isZero = a .== 0.0
        return a * select(isZero, b * 0 + 1, b).log()
    }
    /// `a + weight * (b - a)`.
    public static func interpolate(_ a: Tensor, _ b: Tensor, weight: Tensor) -> Tensor { a + weight * (b - a) }
}
