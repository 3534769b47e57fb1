import ApusCore

/// What pooling layers have in common: windows that touch unless a stride is given.
public class PoolingLayer: WindowedLayer {
    /// Whether a last window that is only partly inside counts.
    public let roundsUp: Bool

    init(
        pooling window: any PerAxisConvertible, stride: (any PerAxisConvertible)?, padding: Padding,
        dilation: any PerAxisConvertible = 1, roundsUp: Bool
    ) {
        self.roundsUp = roundsUp
        super.init(window: window, stride: stride ?? window, padding: padding, dilation: dilation)
    }

    public var details: String {
        windowText + (stride == window ? "" : ", stride \(stride)") + (dilation == 1 ? "" : ", dilation \(dilation)")
    }
}

/// The largest value of each window: see ``MaxPool1D``, ``MaxPool2D`` and ``MaxPool3D``.
public class MaxPoolLayer: PoolingLayer, Layer {
    /// - Parameters:
    ///   - window: the window's extents: one number, or one for each spatial axis
    ///   - stride: the distance between windows; by default they touch
    public init(
        _ window: any PerAxisConvertible = 2, stride: (any PerAxisConvertible)? = nil, padding: Padding = .valid,
        dilation: any PerAxisConvertible = 1, roundsUp: Bool = false
    ) {
        super.init(pooling: window, stride: stride, padding: padding, dilation: dilation, roundsUp: roundsUp)
    }

    public func forward(_ x: Tensor) throws(ApusError) -> Tensor {
        try requireImages(x, axes: axes)
        return maxPool(
            x, window: window, strides: stride, padding: padding, dilation: dilation, roundsUp: roundsUp)
    }

    /// The largest values, and where they were: positions in the flattened spatial extents, `int64`, which ``MaxUnpool2D``
    /// and its like take.
    public func withPositions(_ x: Tensor) -> (values: Tensor, positions: Tensor) {
        maxPoolWithPositions(
            x, window: window, strides: stride, padding: padding, dilation: dilation, roundsUp: roundsUp)
    }
}

/// The largest value of each window of sequences: `[batch, time, channels] -> [batch, time', channels]`.
public final class MaxPool1D: MaxPoolLayer {
    override class var axes: Int { 1 }
}

/// The largest value of each window of images: `[batch, height, width, channels] -> [batch, height', width', channels]`.
public final class MaxPool2D: MaxPoolLayer {
    override class var axes: Int { 2 }
}

/// The largest value of each window of volumes: `[batch, depth, height, width, channels] -> [batch, depth', height',
/// width', channels]`.
public final class MaxPool3D: MaxPoolLayer {
    override class var axes: Int { 3 }
}

/// The mean of each window: see ``AveragePool1D``, ``AveragePool2D`` and ``AveragePool3D``.
public class AveragePoolLayer: PoolingLayer, Layer {
    /// Whether padding counts as zeros; otherwise the mean is over the cells of the image alone.
    public let countsPadding: Bool

    /// - Parameters:
    ///   - window: the window's extents: one number, or one for each spatial axis
    ///   - stride: the distance between windows; by default they touch
    public init(
        _ window: any PerAxisConvertible = 2, stride: (any PerAxisConvertible)? = nil, padding: Padding = .valid,
        countsPadding: Bool = false, roundsUp: Bool = false
    ) {
        self.countsPadding = countsPadding
        super.init(pooling: window, stride: stride, padding: padding, roundsUp: roundsUp)
    }

    public func forward(_ x: Tensor) throws(ApusError) -> Tensor {
        try requireImages(x, axes: axes)
        return averagePool(
            x, window: window, strides: stride, padding: padding, countsPadding: countsPadding, roundsUp: roundsUp)
    }
}

/// The mean of each window of sequences: `[batch, time, channels] -> [batch, time', channels]`.
public final class AveragePool1D: AveragePoolLayer {
    override class var axes: Int { 1 }
}

/// The mean of each window of images: `[batch, height, width, channels] -> [batch, height', width', channels]`.
public final class AveragePool2D: AveragePoolLayer {
    override class var axes: Int { 2 }
}

/// The mean of each window of volumes: `[batch, depth, height, width, channels] -> [batch, depth', height', width',
/// channels]`.
public final class AveragePool3D: AveragePoolLayer {
    override class var axes: Int { 3 }
}

/// The norm of each window, `(sum |x|^order)^(1 / order)`: see ``LPPool1D``, ``LPPool2D`` and ``LPPool3D``.
public class LPPoolLayer: PoolingLayer, Layer {
    /// Of the norm: 1 is the sum, large ones come near the maximum.
    public let order: Double

    /// - Parameters:
    ///   - order: 1 gives sums of magnitudes, large ones come near the maximum
    ///   - window: the window's extents: one number, or one for each spatial axis
    public init(
        order: Double = 2, _ window: any PerAxisConvertible = 2, stride: (any PerAxisConvertible)? = nil,
        padding: Padding = .valid, roundsUp: Bool = false
    ) {
        self.order = order
        super.init(pooling: window, stride: stride, padding: padding, roundsUp: roundsUp)
    }

    public override var details: String { "order \(order), " + super.details }

    public func forward(_ x: Tensor) throws(ApusError) -> Tensor {
        try requireImages(x, axes: axes)
        return lpPool(x, order: order, window: window, strides: stride, padding: padding, roundsUp: roundsUp)
    }
}

/// The norm of each window of sequences: `[batch, time, channels] -> [batch, time', channels]`.
public final class LPPool1D: LPPoolLayer {
    override class var axes: Int { 1 }
}

/// The norm of each window of images: `[batch, height, width, channels] -> [batch, height', width', channels]`.
public final class LPPool2D: LPPoolLayer {
    override class var axes: Int { 2 }
}

/// The norm of each window of volumes: `[batch, depth, height, width, channels] -> [batch, depth', height', width',
/// channels]`.
public final class LPPool3D: LPPoolLayer {
    override class var axes: Int { 3 }
}
