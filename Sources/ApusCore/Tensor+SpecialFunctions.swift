/// Special functions that are composed of primitives; see also `logGamma`, `digamma` and `erf`.
extension Tensor {
    /// The derivative of the digamma function.
    public func trigamma() -> Tensor {
        Tensor.composed(of: [self]) {
            // Reflection: psi1(x) = pi^2 / sin^2(pi x) - psi1(1 - x) for x < 0.5.
            let isReflected = self .< 0.5
            let x = Tensor.select(isReflected, 1 - self, self)
            var sum = x.filled(0)
            for shift in 0..<10 { sum = sum + (x + Double(shift)).square().reciprocal() }
            let z = (x + 10).reciprocal()
            let z2 = z * z
            var series = z2 * (-691 / 2730.0) + 5 / 66.0
            for coefficient in [-1 / 30.0, 1 / 42.0, -1 / 30.0, 1 / 6.0] { series = series * z2 + coefficient }
            let value = sum + z + z2 * 0.5 + z * z2 * series
            // The distance to the next whole number alone counts, and is exact: the poles are infinite.
            let distance = Tensor.select(isReflected, self - rounded(), filled(0.5))
            let sine = (distance * Double.pi).sin()
            return Tensor.select(isReflected, (sine.reciprocal() * Double.pi).square() - value, value)
        }
    }

    /// The modified Bessel function of the first kind and order 0.
    ///
    /// The mean of `exp(x cos t)` over 128 angles, which is exact to rounding for all arguments whose value is finite.
    public func besselI0() -> Tensor { besselMean { $0.filled(1) } }

    /// The modified Bessel function of the first kind and order 1, the derivative of ``besselI0()``.
    public func besselI1() -> Tensor { besselMean { $0 } }

    private func besselMean(_ weight: (Tensor) -> Tensor) -> Tensor {
        Tensor.composed(of: [self]) {
            let angles = (Tensor.range(count: 128, dtype: .float64) + 0.5) * (Double.pi / 128)
            let cosines = angles.cos().cast(to: dtype)
            return ((expanded(at: -1) * cosines).exp() * weight(cosines)).mean(axes: [-1])
        }
    }

    /// The regularised lower incomplete gamma function: the integral of `t^(a - 1) exp(-t) / gamma(a)` from 0 to `x`,
    /// which is the distribution function of the gamma distribution of shape `a`. For `a > 0` and `x >= 0`, computed in
    /// float64: 1e-12 or so for `a` up to 2000. Differentiable in both arguments.
    ///
    /// By its power series of 400 terms, or by a continued fraction where `x` is so large that these do not suffice.
    public static func incompleteGamma(_ a: Tensor, _ x: Tensor) -> Tensor {
        composed(of: [a, x]) { () throws(ApusError) in
            guard a.dtype.isFloatingPoint, a.dtype == x.dtype else {
                throw ApusError(
                    .type, in: "operation incompleteGamma", "elements of types \(a.dtype) and \(x.dtype)",
                    remedy: "use one floating-point type")
            }
            let shape = try Shape.broadcast(a.shape, x.shape, in: "operation incompleteGamma")
            return lowerGamma(
                a.cast(to: .float64).broadcast(to: shape), x.cast(to: .float64).broadcast(to: shape)
            ).cast(to: a.dtype)
        }
    }

    private static func lowerGamma(_ a: Tensor, _ x: Tensor) -> Tensor {
        let isPositive = x .> 0.0
        let isFar = x .> a + 200
        // Each branch sees only arguments that it can take, so that the gradient of the other stays finite.
        let far = select(isFar, x, a + 300)
        let near = select(isPositive & !isFar, x, x.filled(1))
        let scale = { (x: Tensor) in (a * x.log() - x - a.logGamma()).exp() }

        let numbers = range(count: 400, dtype: .float64)
        // The k-th factor is x / (a + k), the first 1 / a.
        let factors = select(
            numbers .== 0.0, a.expanded(at: -1).reciprocal(), near.expanded(at: -1) / (a.expanded(at: -1) + numbers))
        let series = scale(near) * factors.cumulativeProduct(axis: -1).sum(axes: [-1])

        var fraction = far.filled(0)
        for k in stride(from: 40.0, through: 1, by: -1) {
            fraction = (a * -1 + k) * k / (far - a + (2 * k + 1) - fraction)
        }
        let tail = scale(far) / (far - a + 1 - fraction)
        return select(isFar, 1 - tail, select(isPositive, series, select(x .== 0.0, x.filled(0), x.filled(.nan))))
    }
}
