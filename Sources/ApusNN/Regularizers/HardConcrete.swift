import ApusCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Gates that are exactly 0 or 1 with a probability and yet have a slope, to penalise the number of weights or units that
/// are in use: L0 regularisation (Louizos et al., ICLR 2018).
///
///     let gates = HardConcrete()
///     let kept = x * gates.sample(logAlpha, seed: 1)                     // while training
///     let penalty = gates.probabilityOfUse(logAlpha).sum() * 0.01
///     let y = x * gates.gate(logAlpha)                                   // afterwards; gates at 0 may be pruned
///
/// A gate is `clip(s (upper - lower) + lower, 0, 1)` of a number `s` in 0...1 whose logit is `logAlpha`, with logistic noise
/// while training, divided by the temperature.
public struct HardConcrete: Sendable {
    /// How soft gates are.
    public let temperature: Double
    /// The ends to which 0...1 is stretched: below 0 and above 1.
    public let lower: Double
    /// How far the distribution reaches above 1.
    public let upper: Double

    /// - Parameter lower: how far the distribution reaches below 0
    public init(temperature: Double = 2.0 / 3, lower: Double = -0.1, upper: Double = 1.1) {
        self.temperature = temperature
        self.lower = lower
        self.upper = upper
    }

    /// The probability that a gate is not 0: `sigmoid(logAlpha - temperature log(-lower / upper))`. Their sum is the expected
    /// number of gates in use.
    public func probabilityOfUse(_ logAlpha: Tensor) -> Tensor {
        checked(logAlpha) { ($0 - temperature * log(-lower / upper)).sigmoid() }
    }

    /// The gates to predict with.
    public func gate(_ logAlpha: Tensor) -> Tensor { checked(logAlpha) { stretched($0.sigmoid()) } }

    /// Gates drawn for a training step.
    public func sample(_ logAlpha: Tensor, seed: UInt64) -> Tensor {
        sample(logAlpha, noise: .randomLogistic(logAlpha.shape, seed: seed, dtype: logAlpha.dtype))
    }

    func sample(_ logAlpha: Tensor, noise: Tensor) -> Tensor {
        checked(logAlpha) { stretched((($0 + noise) / temperature).sigmoid()) }
    }

    private func stretched(_ s: Tensor) -> Tensor { (s * (upper - lower) + lower).clipped(0, 1) }

    private func checked(_ logAlpha: Tensor, _ function: (Tensor) -> Tensor) -> Tensor {
        guard logAlpha.error == nil else { return logAlpha }
        guard temperature > 0, temperature.isFinite, lower < 0, lower.isFinite, upper > 1, upper.isFinite,
            logAlpha.dtype.isFloatingPoint
        else {
            return Tensor(
                error: ApusError(
                    .value, in: "hard concrete gates",
                    "temperature \(temperature), ends \(lower) and \(upper), logits of type \(logAlpha.dtype)",
                    remedy: "use a temperature over 0, a lower end below 0, an upper one over 1, and float logits"))
        }
        return function(logAlpha)
    }
}
