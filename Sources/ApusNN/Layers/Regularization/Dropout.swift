import ApusCore

/// Sets each element to zero with a probability while training and scales the others so that the expectation stays;
/// otherwise passes the input through (Srivastava et al., JMLR 2014).
/// `y = x m / (1 - rate)`, `m` 0 with probability `rate` and else 1: any shape to the same shape.
public final class Dropout: Layer {
    /// The probability of an element to be dropped.
    public let rate: Double

    /// - Parameter rate: the share that is dropped while training, from 0 to below 1
    public init(_ rate: Double) { self.rate = rate }

    public var details: String { "rate \(rate)" }

    public func forward(_ x: Tensor) throws(ApusError) -> Tensor {
        try require(rate: rate)
        return dropped(x, rate: rate, noise: x.shape)
    }
}

extension Layer {
    /// The input times a mask of the given shape, scaled so that the expectation stays; the input itself at inference.
    func dropped(_ x: Tensor, rate: Double, noise: Shape) -> Tensor {
        guard rate > 0, let pass = trainingPass else { return x }
        return x * (pass.mask(rate: rate, noise, x.dtype) * (1 / (1 - rate)))
    }

    /// One extent for each sample and channel: `[batch, 1, .., channels]`.
    func channelShape(_ x: Tensor) -> Shape {
        Shape(x.shape.extents.indices.map { $0 == 0 || $0 == x.rank - 1 ? x.shape[$0] : 1 })
    }
}

/// Drops whole channels of each sample while training: see ``SpatialDropout1D``, ``SpatialDropout2D`` and
/// ``SpatialDropout3D`` (Tompson et al., CVPR 2015).
public class SpatialDropoutLayer: Layer {
    /// The probability of a channel to be dropped.
    public let rate: Double

    /// - Parameter rate: the share that is dropped while training, from 0 to below 1
    public init(_ rate: Double) { self.rate = rate }

    class var axes: Int { 2 }

    public var details: String { "rate \(rate)" }

    public func forward(_ x: Tensor) throws(ApusError) -> Tensor {
        try require(rate: rate)
        try requireImages(x, axes: type(of: self).axes)
        return dropped(x, rate: rate, noise: channelShape(x))
    }
}

/// Drops whole channels of sequences `[batch, time, channels]` while training.
public final class SpatialDropout1D: SpatialDropoutLayer {
    override class var axes: Int { 1 }
}

/// Drops whole channels of images `[batch, height, width, channels]` while training.
public final class SpatialDropout2D: SpatialDropoutLayer {
    override class var axes: Int { 2 }
}

/// Drops whole channels of volumes `[batch, depth, height, width, channels]` while training.
public final class SpatialDropout3D: SpatialDropoutLayer {
    override class var axes: Int { 3 }
}

/// Dropout for SELU networks: dropped elements take SELU's lowest value, and all are scaled and shifted so that mean and
/// variance stay (Klambauer et al., NeurIPS 2017).
/// `y = a (x m + l (1 - m)) + b`, `l` SELU's limit, `a` and `b` such that moments stay: any shape to the same shape.
public final class AlphaDropout: Layer {
    /// The share that is dropped while training.
    public let rate: Double

    /// - Parameter rate: the share that is dropped while training, from 0 to below 1
    public init(_ rate: Double) { self.rate = rate }

    public var details: String { "rate \(rate)" }

    public func forward(_ x: Tensor) throws(ApusError) -> Tensor {
        try require(rate: rate)
        return alphaDropped(x, rate: rate, noise: x.shape)
    }
}

/// ``AlphaDropout`` of whole channels of each sample: `[batch, spatial.., channels]`.
public final class FeatureAlphaDropout: Layer {
    /// The share that is dropped while training.
    public let rate: Double

    /// - Parameter rate: the share that is dropped while training, from 0 to below 1
    public init(_ rate: Double) { self.rate = rate }

    public var details: String { "rate \(rate)" }

    public func forward(_ x: Tensor) throws(ApusError) -> Tensor {
        try require(rate: rate)
        try require(x, rank: 2...8, "[batch, .., channels]")
        return alphaDropped(x, rate: rate, noise: channelShape(x))
    }
}

extension Layer {
    fileprivate func alphaDropped(_ x: Tensor, rate: Double, noise: Shape) -> Tensor {
        guard rate > 0, let pass = trainingPass else { return x }
        // SELU's limit for small arguments: -scale * alpha.
        let lowest = -1.0507009873554805 * 1.6732632423543772
        let mask = pass.mask(rate: rate, noise, x.dtype)
        let scale = 1 / ((1 - rate) * (1 + rate * lowest * lowest)).squareRoot()
        return (x * mask + (1 - mask) * lowest) * scale - scale * lowest * rate
    }
}

/// Multiplies each element by a normal number of mean 1 and variance `rate / (1 - rate)` while training (Srivastava et
/// al., JMLR 2014).
/// Any shape to the same shape.
public final class GaussianDropout: Layer {
    /// The share of a dropout with the same deviation.
    public let rate: Double

    /// - Parameter rate: the share of a dropout with the same deviation, from 0 to below 1
    public init(_ rate: Double) { self.rate = rate }

    public var details: String { "rate \(rate)" }

    public func forward(_ x: Tensor) throws(ApusError) -> Tensor {
        try require(rate: rate)
        guard rate > 0, let pass = trainingPass else { return x }
        let noise = pass.random(.normal, x.shape, x.dtype) * (rate / (1 - rate)).squareRoot() + 1
        return x * noise.cast(to: x.dtype)
    }
}

/// Adds a normal number of mean 0 to each element while training.
/// `y = x + deviation * e` with normal `e`: any shape to the same shape (Bishop, Neural Computation 1995).
public final class GaussianNoise: Layer {
    /// The standard deviation of the noise.
    public let deviation: Double

    /// - Parameter deviation: the standard deviation of the noise, 0 or more
    public init(_ deviation: Double) { self.deviation = deviation }

    public var details: String { "deviation \(deviation)" }

    public func forward(_ x: Tensor) throws(ApusError) -> Tensor {
        guard deviation >= 0, deviation.isFinite else {
            throw mistake(.value, "the deviation is \(deviation)", remedy: "use a number of 0 or more")
        }
        guard deviation > 0, let pass = trainingPass else { return x }
        return x + (pass.random(.normal, x.shape, x.dtype) * deviation).cast(to: x.dtype)
    }
}
