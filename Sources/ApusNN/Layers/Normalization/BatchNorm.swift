import ApusCore

/// Normalises each channel (the last axis) by the statistics of the batch, then scales and shifts it: the output has
/// the input's shape (Ioffe and Szegedy, ICML 2015).
///
/// While training it uses the batch's mean and variance and moves the running statistics towards them; otherwise it
/// uses the running statistics. Parameters: `scale`, `shift` (trainable), `mean`, `variance` (running), all
/// `[channels]`.
public final class BatchNorm: Layer {
    /// The weight of the new batch in the running statistics.
    public let momentum: Double
    /// Added to the variance.
    public let epsilon: Double
    /// Whether the running variance is the unbiased estimate `n / (n - 1)`, as in PyTorch.
    public let unbiased: Bool
    /// What normalised channels are multiplied by: `[channels]`, trainable.
    public let scale: Parameter
    /// What is added then: `[channels]`, trainable.
    public let shift: Parameter
    /// The running mean: `[channels]`.
    public let mean: Parameter
    /// The running variance: `[channels]`.
    public let variance: Parameter

    /// - Parameter unbiased: whether the running variance is divided by `n - 1`, as in PyTorch; Keras divides by
    ///   `n`
    public init(momentum: Double = 0.1, epsilon: Double = 1e-5, unbiased: Bool = true) {
        self.momentum = momentum
        self.epsilon = epsilon
        self.unbiased = unbiased
        scale = Parameter(.ones)
        shift = Parameter(.zeros)
        mean = Parameter(.zeros, trainable: false)
        variance = Parameter(.ones, trainable: false)
    }

    public func forward(_ x: Tensor) throws(ApusError) -> Tensor {
        guard x.rank >= 2 else {
            throw mistake(
                .shape, "an input of shape \(x.shape)",
                remedy: "feed at least [batch, channels]")
        }
        let channels: Shape = [x.shape[-1]]
        let scale = scale.value(shape: channels, dtype: x.dtype)
        let shift = shift.value(shape: channels, dtype: x.dtype)
        let runningMean = mean.value(shape: channels, dtype: x.dtype)
        let runningVariance = variance.value(shape: channels, dtype: x.dtype)
        guard let pass = ForwardPass.current, pass.mode == .training else {
            let factor = scale * (runningVariance + epsilon).reciprocalSquareRoot()
            return x * factor + (shift - runningMean * factor)
        }
        let axes = Array(0..<x.rank - 1)
        let count = Double(x.shape.count) / Double(max(x.shape[-1], 1))
        let (batchMean, batchVariance) = x.moments(axes: axes, keepDimensions: true)
        let estimate = unbiased && count > 1 ? batchVariance * (count / (count - 1)) : batchVariance
        mean.update(
            to: (runningMean * (1 - momentum) + batchMean.reshaped(to: channels) * momentum).stopGradient())
        variance.update(
            to: (runningVariance * (1 - momentum) + estimate.reshaped(to: channels) * momentum).stopGradient())
        return (x - batchMean) * ((batchVariance + epsilon).reciprocalSquareRoot() * scale) + shift
    }
}
