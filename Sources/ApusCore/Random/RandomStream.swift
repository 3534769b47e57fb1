#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Where a distribution takes its numbers from: a key (seed and step), which a program may be given anew each step,
/// and a stream, of which each use has its own. A distribution that needs several draws uses parts of the stream.
package struct RandomStream: Sendable {
    package let key: Tensor
    package let stream: UInt64

    package init(key: Tensor, stream: UInt64) {
        self.key = key
        self.stream = stream
    }

    package init(seed: UInt64) { self.init(key: .randomKey(seed: seed), stream: 0) }

    /// Streams of layers count from 1 in each half; parts are told by the upper 16 bits.
    private func part(_ number: UInt64) -> UInt64 { stream ^ (number << 48) }

    /// From 0 up to below 1.
    package func uniform(_ shape: Shape, _ dtype: DType, part number: UInt64 = 0) -> Tensor {
        drawn(.uniform, shape, dtype, number)
    }

    /// From above 0 up to 1, so that the logarithm is finite.
    package func positiveUniform(_ shape: Shape, _ dtype: DType, part number: UInt64 = 0) -> Tensor {
        1 - uniform(shape, dtype, part: number)
    }

    package func normal(_ shape: Shape, _ dtype: DType, part number: UInt64 = 0) -> Tensor {
        drawn(.normal, shape, dtype, number)
    }

    package func bits(_ shape: Shape, part number: UInt64 = 0) -> Tensor { drawn(.bits, shape, .int64, number) }

    private func drawn(_ kind: RandomNumbers.Kind, _ shape: Shape, _ dtype: DType, _ number: UInt64) -> Tensor {
        // 16-bit types are computed in float32.
        guard dtype == .float16 || dtype == .bfloat16 else {
            return Tensor.random(kind, key: key, stream: part(number), shape: shape, dtype: dtype)
        }
        return Tensor.random(kind, key: key, stream: part(number), shape: shape, dtype: .float32).cast(to: dtype)
    }
}

extension RandomStream {
    /// Exponential with mean 1.
    package func exponential(_ shape: Shape, _ dtype: DType, part number: UInt64 = 0) -> Tensor {
        -positiveUniform(shape, dtype, part: number).log()
    }

    /// The standard Gumbel distribution: the largest of many exponentials, shifted.
    package func gumbel(_ shape: Shape, _ dtype: DType, part number: UInt64 = 0) -> Tensor {
        // A uniform number of exactly 1 would give infinity.
        let exponential = Tensor.maximum(exponential(shape, dtype, part: number), dtype == .float64 ? 1e-300 : 1e-30)
        return -exponential.log()
    }

    /// Normal within `low...high` standard deviations, by the inverse of the distribution function.
    package func truncatedNormal(_ shape: Shape, _ dtype: DType, low: Double, high: Double) -> Tensor {
        // In float64: the tails of float32 are too coarse for the inverse.
        let root = 0.7071067811865476
        let (first, last) = (erf(low * root), erf(high * root))
        let u = uniform(shape, .float64) * (last - first) + first
        return (u.inverseErf() / root).clipped(low, high).cast(to: dtype)
    }

    /// Gamma of the given shapes and scale 1: Marsaglia and Tsang (ACM TOMS 2000) with twelve attempts, of which each
    /// fails with a probability below 0.05. Differentiable in the shapes by the implicit function theorem
    /// (Figurnov et al., NeurIPS 2018).
    package func gamma(_ alpha: Tensor, part number: UInt64 = 0) -> Tensor {
        guard alpha.error == nil else { return alpha }
        let (shape, dtype) = (alpha.shape, alpha.dtype)
        let a = alpha.stopGradient().cast(to: .float64)
        // Shapes below 1 are raised by 1 and corrected by a power of a uniform number.
        let isSmall = a .< 1.0
        let raised = Tensor.select(isSmall, a + 1, a)
        let d = raised - 1 / 3.0
        let c = (d * 9).squareRoot().reciprocal()
        var sample = d
        var isAccepted = Tensor(repeating: 0, shape: shape, dtype: .bool)
        for attempt in 0..<UInt64(12) {
            let x = normal(shape, .float64, part: number &+ 2 * attempt + 1)
            let u = positiveUniform(shape, .float64, part: number &+ 2 * attempt + 2)
            let root = 1 + c * x
            let v = root * root * root
            let isPositive = v .> 0.0
            let logarithm = Tensor.select(isPositive, v, v.like(repeating: 1)).log()
            let bound = x.square() * 0.5 + d - d * v + d * logarithm
            let isGood = isPositive & (u.log() .< bound)
            sample = Tensor.select(!isAccepted & isGood, d * v, sample)
            isAccepted = isAccepted | isGood
            if let error = sample.error { return Tensor(error: error) }
        }
        let boost = (positiveUniform(shape, .float64, part: number).log() / a).exp()
        let z = Tensor.select(isSmall, sample * boost, sample)
        let isValid = a .> 0.0
        let value = Tensor.select(isValid, Tensor.maximum(z, 1e-300), z.like(repeating: .nan))
        let rule = CustomGradient(id: Self.gammaRule) { dy, inputs, output in
            // dz/da = -(dP/da) / density, at the sample.
            let (shapes, points) = (inputs[0].cast(to: .float64), output.stopGradient())
            let slope = gradient(at: shapes) { Tensor.incompleteGamma($0, points).sum() }
            let density = ((shapes - 1) * points.log() - points - shapes.logGamma()).exp()
            return [(-(slope / density) * dy).cast(to: inputs[0].dtype)]
        }
        return Tensor(rule, [value, alpha]).cast(to: dtype)
    }

    /// One number for all: programs are known by their structure.
    private static let gammaRule: UInt64 = .max - 1
}
