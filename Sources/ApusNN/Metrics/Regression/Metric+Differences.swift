import ApusCore

/// Means of differences between outputs and targets of one shape.
extension Metric {
    /// The mean absolute difference.
    public static let meanAbsoluteError = Metric.elementwise("mean absolute error") { (p: Tensor, t: Tensor) in
        (p - t).absolute()
    }
    /// The mean squared difference.
    public static let meanSquaredError = Metric.elementwise("mean squared error") { (p: Tensor, t: Tensor) in
        (p - t).square()
    }
    /// The root of the mean squared difference.
    public static let rootMeanSquaredError = Metric.elementwise(
        "root mean squared error", finish: { $0.squareRoot() }
    ) { (p: Tensor, t: Tensor) in (p - t).square() }

    /// The mean of `|t - p| / max(|t|, epsilon)`: a share, not times 100.
    public static func meanAbsolutePercentageError(epsilon: Double = 1e-7) -> Metric {
        .elementwise("mean absolute percentage error") { (p: Tensor, t: Tensor) in
            (t - p).absolute() / Tensor.maximum(t.absolute(), epsilon)
        }
    }

    /// The mean of `2 |t - p| / max(|t| + |p|, epsilon)`.
    public static func symmetricPercentageError(epsilon: Double = 1e-7) -> Metric {
        .elementwise("symmetric percentage error") { (p: Tensor, t: Tensor) in
            (t - p).absolute() * 2 / Tensor.maximum(t.absolute() + p.absolute(), epsilon)
        }
    }

    /// The sum of `|t - p|` divided by the sum of `|t|`.
    public static let weightedPercentageError = Metric.quotient("weighted percentage error") { p, t in
        ((t - p).absolute(), t.absolute())
    }

    /// The mean of `(log(1 + t) - log(1 + p))^2`.
    public static let meanSquaredLogError = Metric.elementwise("mean squared log error") { (p: Tensor, t: Tensor) in
        (t.log1p() - p.log1p()).square()
    }

    /// The mean of `log(cosh(p - t))`.
    public static let logCosh = Metric.elementwise("log-cosh") { (p: Tensor, t: Tensor) in
        let d = p - t
        return d + (d * -2).softplus() - 0.6931471805599453
    }

    /// `(sum |t - p|^order)^(1 / order)` over all elements.
    public static func minkowskiDistance(_ order: Double) -> Metric {
        let state = SumState(finish: { sum, _ in Real.pow(sum, 1 / order) }) { output, target, weights in
            let sums = equallyShaped(output, target, in: "metric Minkowski distance") {
                Tensor.power(($0 - $1).absolute(), order)
            }
            let samples = Double(max(output.rank == 0 ? 1 : output.shape[0], 1))
            return [weighted(sums, weights).sum() / samples]
        }
        return Metric("Minkowski distance", state, higherIsBetter: false) { $0.value }
    }

    /// The mean deviance of a Tweedie distribution: 0 the normal one, 1 Poisson's, 2 the gamma distribution.
    public static func tweedieDeviance(power: Double = 0) -> Metric {
        .elementwise("Tweedie deviance") { (p: Tensor, t: Tensor) in
            switch power {
            case 0: return (t - p).square()
            case 1: return (Tensor.xLogY(t, t / p) + p - t) * 2
            case 2: return ((p / t).log() + t / p - 1) * 2
            default:
                let (a, b) = (1 - power, 2 - power)
                let first = Tensor.power(Tensor.maximum(t, 0), b) / (a * b)
                return (first - t * Tensor.power(p, a) / a + Tensor.power(p, b) / b) * 2
            }
        }
    }

    /// The share of right alarms among events and alarms: both are values of at least `threshold`.
    public static func criticalSuccessIndex(threshold: Double = 0.5) -> Metric {
        .quotient("critical success index", higherIsBetter: true) { p, t in
            let (alarm, event) = ((p .>= threshold).cast(to: p.dtype), (t .>= threshold).cast(to: p.dtype))
            return (alarm * event, Tensor.maximum(alarm, event))
        }
    }

    /// The mean over samples of the cosine of the angle between output and target along the last axis.
    public static let cosineSimilarity = Metric.elementwise("cosine similarity", higherIsBetter: true) {
        (p: Tensor, t: Tensor) in
        guard p.rank > 0 else { return p * t }
        let norms =
            Tensor.maximum(p.square().sum(axes: [-1]), 1e-12) * Tensor.maximum(t.square().sum(axes: [-1]), 1e-12)
        return (p * t).sum(axes: [-1]) / norms.squareRoot()
    }

    /// A sum divided by another over all elements.
    private static func quotient(
        _ name: String, higherIsBetter: Bool = false,
        _ parts: @escaping @Sendable (_ output: Tensor, _ target: Tensor) -> (numerator: Tensor, denominator: Tensor)
    ) -> Metric {
        let state = SumState { output, target, weights in
            var below: Tensor?
            let above = equallyShaped(output, target, in: "metric \(name)") {
                let (numerator, denominator) = parts($0, $1)
                below = denominator
                return numerator
            }
            guard let below else { return [above] }
            return [weighted(above, weights).mean(), weighted(below, weights).mean()]
        }
        return Metric(name, state, higherIsBetter: higherIsBetter) { $0.value }
    }
}

/// Values of samples `[batch, ...]` times weights `[batch]`.
private func weighted(_ values: Tensor, _ weights: Tensor?) -> Tensor {
    guard values.error == nil, let weights else { return values }
    guard values.rank > 0, weights.shape == [values.shape[0]] else {
        return Tensor(
            error: ApusError(
                .shape, in: "metric", "weights of shape \(weights.shape), values of shape \(values.shape)",
                remedy: "give a weight for each sample: [batch]"))
    }
    let ones = [Int](repeating: 1, count: values.rank - 1)
    return values * weights.cast(to: values.dtype).reshaped(to: Shape([values.shape[0]] + ones))
}
