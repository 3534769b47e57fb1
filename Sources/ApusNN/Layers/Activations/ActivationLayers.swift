import ApusCore

/// `max(x, 0)`; with a maximum, a slope below 0 or a threshold `maximum` from there on, `x` from the threshold, else
/// `negativeSlope * (x - threshold)`.
/// Any shape to the same shape.
public final class ReLU: Layer {
    /// The largest output.
    public let maximum: Double
    /// The slope below the threshold.
    public let negativeSlope: Double
    /// From where on the input passes.
    public let threshold: Double

    /// - Parameter maximum: the largest output, infinite by default
    public init(maximum: Double = .infinity, negativeSlope: Double = 0, threshold: Double = 0) {
        self.maximum = maximum
        self.negativeSlope = negativeSlope
        self.threshold = threshold
    }

    public var details: String { maximum == .infinity ? "" : "up to \(maximum)" }

    public func forward(_ x: Tensor) -> Tensor {
        if maximum == .infinity, negativeSlope == 0, threshold == 0 { return x.relu() }
        return relu(x, negativeSlope: negativeSlope, maximum: maximum, threshold: threshold)
    }
}

/// `x` where positive, else `slope * x`.
/// Any shape to the same shape.
public final class LeakyReLU: Layer {
    /// What negative inputs are multiplied by.
    public let slope: Double
    /// - Parameter slope: what negative inputs are multiplied by
    public init(_ slope: Double = 0.01) { self.slope = slope }
    public var details: String { "slope \(slope)" }
    public func forward(_ x: Tensor) -> Tensor { leakyRelu(x, slope: slope) }
}

/// `x` where positive, else `slope * x` with learnt slopes (He et al., ICCV 2015): one for each index of the axes behind
/// the batch, or one for all of an axis that is shared.
///
/// Parameter: `slope`, of the input's extents without the batch, 1 for shared axes.
/// Any shape to the same shape.
public final class PReLU: Layer {
    /// The axes along which one slope serves, counted with the batch; `nil` for all but the channels.
    public let sharedAxes: [Int]?
    /// What negative inputs are multiplied by: of the input's extents without the batch, 1 along shared axes.
    public let slope: Parameter

    /// - Parameter sharedAxes: along which one slope serves, counted with the batch; `nil` for all but the channels
    public init(sharedAxes: [Int]? = nil, initializer: Initializer = .constant(0.25)) {
        self.sharedAxes = sharedAxes
        slope = Parameter(initializer)
    }

    public func forward(_ x: Tensor) throws(ApusError) -> Tensor {
        try require(x, rank: 2...16, "[batch, .., channels]")
        let shared = try sharedAxes.map { (axes) throws(ApusError) in try x.shape.axes(axes, in: place) }
        let extents = (1..<x.rank).map { axis in
            shared?.contains(axis) ?? (axis < x.rank - 1) ? 1 : x.shape[axis]
        }
        return parametricRelu(x, slope: slope.value(shape: Shape(extents), dtype: x.dtype))
    }
}

/// `x` where positive, else `x` times a slope that is drawn for each element while training and is the middle of the range
/// at inference (Xu et al., 2015).
/// Any shape to the same shape.
public final class RReLU: Layer {
    /// The lowest slope.
    public let lower: Double
    /// The highest slope; inference uses the mean of both.
    public let upper: Double

    /// Slopes are drawn from `lower...upper` while training.
    public init(lower: Double = 1.0 / 8, upper: Double = 1.0 / 3) {
        self.lower = lower
        self.upper = upper
    }

    public var details: String { "slopes \(lower) to \(upper)" }

    public func forward(_ x: Tensor) throws(ApusError) -> Tensor {
        guard lower <= upper, lower.isFinite, upper.isFinite else {
            throw mistake(.value, "slopes from \(lower) to \(upper)", remedy: "use a range of finite numbers")
        }
        guard let pass = trainingPass else { return leakyRelu(x, slope: (lower + upper) / 2) }
        let slopes = pass.random(.uniform, x.shape, x.dtype) * (upper - lower) + lower
        return parametricRelu(x, slope: slopes.cast(to: x.dtype))
    }
}

/// `x` where positive, else `alpha * (exp(x) - 1)` (Clevert et al., ICLR 2016).
/// Any shape to the same shape.
public final class ELU: Layer {
    /// The limit for very negative inputs is `-alpha`.
    public let alpha: Double
    /// - Parameter alpha: minus the limit for very negative inputs
    public init(_ alpha: Double = 1) { self.alpha = alpha }
    public var details: String { "alpha \(alpha)" }
    public func forward(_ x: Tensor) -> Tensor { elu(x, alpha: alpha) }
}

/// `exp(x) / sum(exp(x))` along an axis.
/// Any shape to the same shape; sums along the axis are 1.
public final class Softmax: Layer {
    /// Over which the outputs sum to 1.
    public let axis: Int
    /// - Parameter axis: over which the outputs sum to 1
    public init(axis: Int = -1) { self.axis = axis }
    public var details: String { "axis \(axis)" }
    public func forward(_ x: Tensor) -> Tensor { x.softmax(axis: axis) }
}

/// The maximum of each run of `pieces` channels: `[.., channels] -> [.., channels / pieces]` (Goodfellow et al., ICML
/// 2013).
public final class Maxout: Layer {
    /// How many channels compete for each output.
    public let pieces: Int
    /// - Parameter pieces: how many channels compete for each output: it divides their number
    public init(_ pieces: Int) { self.pieces = pieces }
    public var details: String { "\(pieces) pieces" }

    public func forward(_ x: Tensor) throws(ApusError) -> Tensor {
        try require(pieces, in: 1...1 << 24, "the number of pieces")
        return maxout(x, pieces: pieces)
    }
}

/// Half of the channels weighed by a function of the other half: `[.., 2 n] -> [.., n]`; see ``GatedUnit``.
public final class GLU: Layer {
    /// The function of the gate.
    public let unit: GatedUnit
    /// Which is halved.
    public let axis: Int

    /// - Parameter axis: which is halved; its extent is even
    public init(_ unit: GatedUnit = .glu, axis: Int = -1) {
        self.unit = unit
        self.axis = axis
    }

    public var details: String { "\(unit)" }

    public func forward(_ x: Tensor) throws(ApusError) -> Tensor {
        _ = try x.shape.axis(axis, in: place)
        return unit(x, axis: axis)
    }
}
