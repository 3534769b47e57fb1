import ApusCore

/// Normalises each sample over its last axes, by default the features, then scales and shifts it (Ba et al., 2016).
///
/// Parameters: `scale`, `shift`, of the extents of those axes.
/// `(x - mean) / sqrt(variance + epsilon) * scale + shift`: `[.., features]` to the same shape.
public final class LayerNorm: Layer {
    /// How many of the last axes are normalised as one.
    public let axes: Int
    /// Added to the variance.
    public let epsilon: Double
    /// What normalised values are multiplied by; `nil` if they are not.
    public let scale: Parameter?
    /// What is added then; `nil` if nothing is.
    public let shift: Parameter?

    /// - Parameter axes: over how many of the last axes mean and variance are taken
    public init(axes: Int = 1, epsilon: Double = 1e-5, scale: Bool = true, shift: Bool = true) {
        self.axes = axes
        self.epsilon = epsilon
        self.scale = scale ? Parameter(.ones) : nil
        self.shift = shift ? Parameter(.zeros) : nil
    }

    public var details: String { axes == 1 ? "" : "\(axes) axes" }

    public func forward(_ x: Tensor) throws(ApusError) -> Tensor {
        guard axes >= 1, axes <= x.rank else {
            throw mistake(
                .axis, "\(axes) axes of shape \(x.shape)", remedy: "normalise one axis or more, of those that there are"
            )
        }
        let extents = Shape(x.shape.extents.suffix(axes))
        return layerNorm(
            x, axes: axes, scale: scale?.value(shape: extents, dtype: x.dtype),
            shift: shift?.value(shape: extents, dtype: x.dtype), epsilon: epsilon)
    }
}

/// Divides each sample by the root of its mean square over the last axis, then scales it (Zhang and Sennrich, NeurIPS
/// 2019). Parameter: `scale [features]`.
public final class RMSNorm: Layer {
    /// Added to the mean square.
    public let epsilon: Double
    /// What normalised values are multiplied by: `[channels]`; `nil` if they are not.
    public let scale: Parameter?

    /// - Parameter scale: whether the result is multiplied by a trainable number for each channel
    public init(epsilon: Double = 1e-5, scale: Bool = true) {
        self.epsilon = epsilon
        self.scale = scale ? Parameter(.ones) : nil
    }

    public func forward(_ x: Tensor) throws(ApusError) -> Tensor {
        try require(x, rank: 1...16, "[.., features]")
        return rmsNorm(x, scale: scale?.value(shape: [x.shape[-1]], dtype: x.dtype), epsilon: epsilon)
    }
}

/// Normalises runs of channels of each sample over their channels and all spatial axes, then scales and shifts each
/// channel (Wu and He, ECCV 2018): `[batch, spatial.., channels]`. Parameters: `scale`, `shift`, both `[channels]`.
public final class GroupNorm: Layer {
    /// The runs of channels that are normalised together.
    public let groups: Int
    /// Added to the variance.
    public let epsilon: Double
    /// What normalised channels are multiplied by: `[channels]`; `nil` if they are not.
    public let scale: Parameter?
    /// What is added then: `[channels]`; `nil` if nothing is.
    public let shift: Parameter?

    /// - Parameter groups: the runs of channels that are normalised together; it divides the channels
    public init(_ groups: Int, epsilon: Double = 1e-5, scale: Bool = true, shift: Bool = true) {
        self.groups = groups
        self.epsilon = epsilon
        self.scale = scale ? Parameter(.ones) : nil
        self.shift = shift ? Parameter(.zeros) : nil
    }

    public var details: String { "\(groups) groups" }

    public func forward(_ x: Tensor) throws(ApusError) -> Tensor {
        guard x.rank >= 2, (1...max(x.shape[-1], 1)).contains(groups), x.shape[-1] % groups == 0 else {
            throw mistake(
                .shape, "\(groups) groups of the channels of shape \(x.shape)",
                remedy: "use a number of groups that divides the last axis of [batch, .., channels]")
        }
        let channels: Shape = [x.shape[-1]]
        return groupNorm(
            x, groups: groups, scale: scale?.value(shape: channels, dtype: x.dtype),
            shift: shift?.value(shape: channels, dtype: x.dtype), epsilon: epsilon)
    }
}

/// Normalises each channel of each sample over the spatial axes (Ulyanov et al., 2016): `[batch, spatial.., channels]`.
/// Parameters if asked for: `scale`, `shift`, both `[channels]`.
public final class InstanceNorm: Layer {
    /// Added to the variance.
    public let epsilon: Double
    /// What normalised channels are multiplied by: `[channels]`; `nil` if they are not.
    public let scale: Parameter?
    /// What is added then: `[channels]`; `nil` if nothing is.
    public let shift: Parameter?

    /// - Parameter scale: whether the result is multiplied by a trainable number for each channel
    public init(epsilon: Double = 1e-5, scale: Bool = false, shift: Bool = false) {
        self.epsilon = epsilon
        self.scale = scale ? Parameter(.ones) : nil
        self.shift = shift ? Parameter(.zeros) : nil
    }

    public func forward(_ x: Tensor) throws(ApusError) -> Tensor {
        try require(x, rank: 3...16, "[batch, spatial.., channels]")
        let channels: Shape = [x.shape[-1]]
        return instanceNorm(
            x, scale: scale?.value(shape: channels, dtype: x.dtype),
            shift: shift?.value(shape: channels, dtype: x.dtype),
            epsilon: epsilon)
    }
}

/// Divides each channel by a power of the sum of squares of the channels around it; see
/// ``localResponseNorm(_:size:alpha:beta:k:)``.
/// `[.., channels]` to the same shape (Krizhevsky et al., NeurIPS 2012).
public final class LocalResponseNorm: Layer {
    /// How many channels count.
    public let size: Int
    /// How much the neighbours count.
    public let alpha: Double
    /// The power of the divisor.
    public let beta: Double
    /// Added to the sum.
    public let k: Double

    /// - Parameter size: how many channels are neighbours, 1 or more
    public init(_ size: Int, alpha: Double = 1e-4, beta: Double = 0.75, k: Double = 1) {
        self.size = size
        self.alpha = alpha
        self.beta = beta
        self.k = k
    }

    public var details: String { "\(size) channels" }

    public func forward(_ x: Tensor) throws(ApusError) -> Tensor {
        try require(size, in: 1...4096, "the size")
        try require(x, rank: 2...16, "[batch, .., channels]")
        return localResponseNorm(x, size: size, alpha: alpha, beta: beta, k: k)
    }
}

/// Brings vectors along an axis to length 1: `x / max(|x|, epsilon)`.
/// Any shape to the same shape.
public final class UnitNormalization: Layer {
    /// Along which vectors lie.
    public let axis: Int
    /// The norm: 2 for Euclid's, 1 for the sum of magnitudes.
    public let order: Double
    /// The smallest divisor.
    public let epsilon: Double

    /// - Parameter order: of the norm, such as 2
    public init(axis: Int = -1, order: Double = 2, epsilon: Double = 1e-12) {
        self.axis = axis
        self.order = order
        self.epsilon = epsilon
    }

    public var details: String { "axis \(axis)" + (order == 2 ? "" : ", order \(order)") }

    public func forward(_ x: Tensor) -> Tensor { normalized(x, order: order, axis: axis, epsilon: epsilon) }
}

/// Batch norm by statistics that never change, with scales and shifts that are not learnt: for networks that are
/// fine-tuned with small batches. Parameters: `scale`, `shift`, `mean`, `variance`, all `[channels]`.
public final class FrozenBatchNorm: Layer {
    /// Added to the variance.
    public let epsilon: Double
    /// What normalised channels are multiplied by: fixed.
    public let scale = Parameter(.ones, trainable: false)
    /// What is added then: fixed.
    public let shift = Parameter(.zeros, trainable: false)
    /// The mean of each channel: fixed.
    public let mean = Parameter(.zeros, trainable: false)
    /// The variance of each channel: fixed.
    public let variance = Parameter(.ones, trainable: false)

    /// - Parameter epsilon: added to the variance
    public init(epsilon: Double = 1e-5) { self.epsilon = epsilon }

    /// With the values of a trained layer.
    public convenience init(_ trained: BatchNorm) {
        self.init(epsilon: trained.epsilon)
        for (own, given) in [
            (scale, trained.scale), (shift, trained.shift), (mean, trained.mean), (variance, trained.variance),
        ] where given.isBuilt { own.value = given.value }
    }

    public func forward(_ x: Tensor) throws(ApusError) -> Tensor {
        try require(x, rank: 2...16, "at least [batch, channels]")
        let channels: Shape = [x.shape[-1]]
        let factor =
            scale.value(shape: channels, dtype: x.dtype)
            * (variance.value(shape: channels, dtype: x.dtype) + epsilon).reciprocalSquareRoot()
        return x * factor
            + (shift.value(shape: channels, dtype: x.dtype) - mean.value(shape: channels, dtype: x.dtype) * factor)
    }
}
