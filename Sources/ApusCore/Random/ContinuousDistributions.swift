/// Random numbers from continuous distributions. The same seed gives the same numbers, on any number of threads.
///
/// Where a parameter is a tensor the sample's gradient with respect to it is that of the reparameterised draw.
extension Tensor {
    /// From a normal distribution cut off at `low` and `high` standard deviations from the mean.
    public static func randomTruncatedNormal(
        _ shape: Shape, mean: Double = 0, deviation: Double = 1, low: Double = -2, high: Double = 2, seed: UInt64,
        dtype: DType = .float32
    ) -> Tensor {
        guard low < high, deviation >= 0 else {
            return refused(
                .value, in: "randomTruncatedNormal", "bounds \(low) and \(high), deviation \(deviation)",
                remedy: "use a lower bound below the upper one and a deviation of 0 or more")
        }
        return RandomStream(seed: seed).truncatedNormal(shape, dtype, low: low, high: high) * deviation + mean
    }

    /// From a normal distribution with means and deviations of broadcast shapes; reparameterised.
    public static func randomNormal(mean: Tensor, deviation: Tensor, seed: UInt64) -> Tensor {
        parameters([mean, deviation], "randomNormal") { shape, dtype in
            mean + deviation * RandomStream(seed: seed).normal(shape, dtype)
        }
    }

    /// From multivariate normal distributions: means `[.., k]`, covariances `[.., k, k]` (symmetric, positive definite)
    /// -> `[count, .., k]`; reparameterised by the Cholesky factor.
    public static func randomMultivariateNormal(
        count: Int, mean: Tensor, covariance: Tensor, seed: UInt64
    ) -> Tensor {
        composed(of: [mean, covariance]) { () throws(ApusError) in
            let place = "randomMultivariateNormal"
            guard mean.rank > 0, covariance.rank >= 2, covariance.shape[-1] == mean.shape[-1],
                covariance.shape[-2] == mean.shape[-1], mean.dtype == covariance.dtype, count >= 0
            else {
                throw ApusError(
                    .shape, in: place, "\(count) numbers of mean \(mean.shape) and covariance \(covariance.shape)",
                    remedy: "give means [.., k] and covariances [.., k, k] of one type")
            }
            let leading = try Shape.broadcast(
                Shape(mean.shape.extents.dropLast()), Shape(covariance.shape.extents.dropLast(2)), in: place)
            let shape = Shape([count] + leading.extents + [mean.shape[-1]])
            let normal = RandomStream(seed: seed).normal(shape, mean.dtype)
            return matmul(covariance.cholesky(), normal.expanded(at: -1)).reshaped(to: shape) + mean
        }
    }

    /// The exponential of normal numbers.
    public static func randomLogNormal(
        _ shape: Shape, mean: Double = 0, deviation: Double = 1, seed: UInt64, dtype: DType = .float32
    ) -> Tensor { (RandomStream(seed: seed).normal(shape, dtype) * deviation + mean).exp() }

    /// Waiting times of events that come `rate` times in a unit of time: density `rate exp(-rate x)`.
    public static func randomExponential(
        _ shape: Shape, rate: Double = 1, seed: UInt64, dtype: DType = .float32
    ) -> Tensor {
        guard rate > 0 else {
            return refused(.value, in: "randomExponential", "a rate of \(rate)", remedy: "use a rate above 0")
        }
        return RandomStream(seed: seed).exponential(shape, dtype) / rate
    }

    /// From the Laplace distribution: density `exp(-|x - mean| / scale) / (2 scale)`.
    public static func randomLaplace(
        _ shape: Shape, mean: Double = 0, scale: Double = 1, seed: UInt64, dtype: DType = .float32
    ) -> Tensor {
        let stream = RandomStream(seed: seed)
        let difference = stream.exponential(shape, dtype) - stream.exponential(shape, dtype, part: 1)
        return difference * scale + mean
    }

    /// From the Gumbel distribution: distribution function `exp(-exp(-(x - location) / scale))`.
    public static func randomGumbel(
        _ shape: Shape, location: Double = 0, scale: Double = 1, seed: UInt64, dtype: DType = .float32
    ) -> Tensor { RandomStream(seed: seed).gumbel(shape, dtype) * scale + location }

    /// From the logistic distribution: distribution function `sigmoid((x - location) / scale)`.
    public static func randomLogistic(
        _ shape: Shape, location: Double = 0, scale: Double = 1, seed: UInt64, dtype: DType = .float32
    ) -> Tensor {
        let stream = RandomStream(seed: seed)
        return (stream.gumbel(shape, dtype) - stream.gumbel(shape, dtype, part: 1)) * scale + location
    }

    /// From the Cauchy distribution: density `1 / (pi scale (1 + ((x - location) / scale)^2))`.
    public static func randomCauchy(
        _ shape: Shape, location: Double = 0, scale: Double = 1, seed: UInt64, dtype: DType = .float32
    ) -> Tensor {
        ((RandomStream(seed: seed).uniform(shape, dtype) - 0.5) * Double.pi).tan() * scale + location
    }

    /// From gamma distributions of the given shapes and scale 1: density `x^(a - 1) exp(-x) / gamma(a)`, `a > 0`. One
    /// number for each shape; differentiable in them (implicit reparameterisation).
    public static func randomGamma(shapes: Tensor, seed: UInt64) -> Tensor {
        parameters([shapes], "randomGamma") { _, _ in RandomStream(seed: seed).gamma(shapes) }
    }

    /// From beta distributions: density proportional to `x^(a - 1) (1 - x)^(b - 1)`; differentiable in both.
    public static func randomBeta(_ a: Tensor, _ b: Tensor, seed: UInt64) -> Tensor {
        parameters([a, b], "randomBeta") { shape, _ in
            let stream = RandomStream(seed: seed)
            let x = stream.gamma(a.broadcast(to: shape))
            return x / (x + stream.gamma(b.broadcast(to: shape), part: 64))
        }
    }

    /// From Dirichlet distributions, whose concentrations are on the last axis: positive numbers of sum 1 there;
    /// differentiable in the concentrations.
    public static func randomDirichlet(concentrations: Tensor, seed: UInt64) -> Tensor {
        parameters([concentrations], "randomDirichlet") { _, _ in
            let parts = RandomStream(seed: seed).gamma(concentrations)
            return concentrations.rank == 0 ? parts / parts : parts / parts.sum(axes: [-1], keepDimensions: true)
        }
    }

    /// From the chi-squared distribution with the given degrees of freedom.
    public static func randomChiSquared(degrees: Tensor, seed: UInt64) -> Tensor {
        parameters([degrees], "randomChiSquared") { _, _ in RandomStream(seed: seed).gamma(degrees / 2) * 2 }
    }

    /// From Student's t distribution with the given degrees of freedom.
    public static func randomStudentT(degrees: Tensor, seed: UInt64) -> Tensor {
        parameters([degrees], "randomStudentT") { shape, dtype in
            let stream = RandomStream(seed: seed)
            return stream.normal(shape, dtype) / (stream.gamma(degrees / 2) * 2 / degrees).squareRoot()
        }
    }

    /// A sample of the relaxed one-hot distribution over the last axis: `softmax((logits + gumbel) / temperature)`
    /// (Jang et al., ICLR 2017). With `isHard` it is the one-hot vector of the largest element, with the gradient of the
    /// relaxed one.
    public static func gumbelSoftmax(
        _ logits: Tensor, temperature: Double = 1, isHard: Bool = false, seed: UInt64
    ) -> Tensor {
        parameters([logits], "gumbelSoftmax") { shape, dtype in
            guard temperature > 0, logits.rank > 0 else {
                return refused(
                    .value, in: "gumbelSoftmax", "a temperature of \(temperature) for logits \(logits.shape)",
                    remedy: "use a temperature above 0 and logits on a last axis")
            }
            let soft = ((logits + RandomStream(seed: seed).gumbel(shape, dtype)) / temperature).softmax()
            guard isHard, soft.error == nil else { return soft }
            let hard = oneHot(soft.argmax(), depth: shape[-1], dtype: dtype)
            return soft + (hard - soft).stopGradient()
        }
    }

    /// What is built for floating-point parameters of one type, with their common shape.
    package static func parameters(
        _ inputs: [Tensor], _ name: String, _ build: (Shape, DType) -> Tensor
    ) -> Tensor {
        composed(of: inputs) { () throws(ApusError) in
            var shape: Shape = []
            for input in inputs {
                guard input.dtype.isFloatingPoint, input.dtype == inputs[0].dtype else {
                    throw ApusError(
                        .type, in: name, "parameters of types \(inputs.map(\.dtype))",
                        remedy: "use one floating-point type")
                }
                shape = try Shape.broadcast(shape, input.shape, in: name)
            }
            return build(shape, inputs[0].dtype)
        }
    }
}
