import ApusCore

/// One value for each channel of images of any size: `[batch, spatial.., channels] -> [batch, channels]`.
public class GlobalPoolingLayer: Layer {
    /// Whether the spatial axes stay with extent 1.
    public let keepDimensions: Bool

    /// - Parameter keepDimensions: whether spatial axes stay with extent 1
    public init(keepDimensions: Bool = false) { self.keepDimensions = keepDimensions }

    /// The number of spatial axes and how they are folded.
    class var form: (axes: Int, fold: Fold) { (2, .mean) }

    enum Fold { case mean, maximum }

    public func forward(_ x: Tensor) throws(ApusError) -> Tensor {
        let (count, fold) = type(of: self).form
        try requireImages(x, axes: count)
        let axes = Array(1...count)
        guard axes.allSatisfy({ x.shape[$0] > 0 }) else {
            throw mistake(.shape, "an input of shape \(x.shape)", remedy: "feed images of at least one cell")
        }
        switch fold {
        case .mean: return x.mean(axes: axes, keepDimensions: keepDimensions)
        case .maximum: return x.max(axes: axes, keepDimensions: keepDimensions)
        }
    }
}

/// The mean over all steps: `[batch, time, channels] -> [batch, channels]`.
public final class GlobalAveragePool1D: GlobalPoolingLayer {
    override class var form: (axes: Int, fold: Fold) { (1, .mean) }
}

/// The mean over all pixels: `[batch, height, width, channels] -> [batch, channels]`, for images of any size.
public final class GlobalAveragePool2D: GlobalPoolingLayer {
    override class var form: (axes: Int, fold: Fold) { (2, .mean) }
}

/// The mean over all cells: `[batch, depth, height, width, channels] -> [batch, channels]`.
public final class GlobalAveragePool3D: GlobalPoolingLayer {
    override class var form: (axes: Int, fold: Fold) { (3, .mean) }
}

/// The largest value over all steps: `[batch, time, channels] -> [batch, channels]`.
public final class GlobalMaxPool1D: GlobalPoolingLayer {
    override class var form: (axes: Int, fold: Fold) { (1, .maximum) }
}

/// The largest value over all pixels: `[batch, height, width, channels] -> [batch, channels]`.
public final class GlobalMaxPool2D: GlobalPoolingLayer {
    override class var form: (axes: Int, fold: Fold) { (2, .maximum) }
}

/// The largest value over all cells: `[batch, depth, height, width, channels] -> [batch, channels]`.
public final class GlobalMaxPool3D: GlobalPoolingLayer {
    override class var form: (axes: Int, fold: Fold) { (3, .maximum) }
}

/// As many cells as asked for, whatever the images' size: see ``adaptiveAveragePool(_:to:)``.
public class AdaptivePoolingLayer: Layer {
    /// The spatial extents of the output: one number, or one for each axis.
    public let extents: PerAxis

    /// - Parameter extents: the output's spatial extents: one number, or one for each axis
    public init(_ extents: any PerAxisConvertible) { self.extents = extents.perAxis }

    class var form: (axes: Int, fold: GlobalPoolingLayer.Fold) { (2, .mean) }

    public var details: String { "to \(extents)" }

    public func forward(_ x: Tensor) throws(ApusError) -> Tensor {
        let (axes, fold) = type(of: self).form
        try requireImages(x, axes: axes)
        let target = try extents.resolved(rank: axes, allowed: 1...1 << 20, "output extent", in: place)
        switch fold {
        case .mean: return adaptiveAveragePool(x, to: target)
        case .maximum: return adaptiveMaxPool(x, to: target)
        }
    }
}

/// Means of so many runs of steps: `[batch, time, channels] -> [batch, extent, channels]`.
public final class AdaptiveAveragePool1D: AdaptivePoolingLayer {
    override class var form: (axes: Int, fold: GlobalPoolingLayer.Fold) { (1, .mean) }
}

/// Means of so many regions: `[batch, height, width, channels] -> [batch, extents.., channels]`.
public final class AdaptiveAveragePool2D: AdaptivePoolingLayer {
    override class var form: (axes: Int, fold: GlobalPoolingLayer.Fold) { (2, .mean) }
}

/// Means of so many regions: `[batch, depth, height, width, channels] -> [batch, extents.., channels]`.
public final class AdaptiveAveragePool3D: AdaptivePoolingLayer {
    override class var form: (axes: Int, fold: GlobalPoolingLayer.Fold) { (3, .mean) }
}

/// Maxima of so many runs of steps: `[batch, time, channels] -> [batch, extent, channels]`.
public final class AdaptiveMaxPool1D: AdaptivePoolingLayer {
    override class var form: (axes: Int, fold: GlobalPoolingLayer.Fold) { (1, .maximum) }
}

/// Maxima of so many regions: `[batch, height, width, channels] -> [batch, extents.., channels]`.
public final class AdaptiveMaxPool2D: AdaptivePoolingLayer {
    override class var form: (axes: Int, fold: GlobalPoolingLayer.Fold) { (2, .maximum) }
}

/// Maxima of so many regions: `[batch, depth, height, width, channels] -> [batch, extents.., channels]`.
public final class AdaptiveMaxPool3D: AdaptivePoolingLayer {
    override class var form: (axes: Int, fold: GlobalPoolingLayer.Fold) { (3, .maximum) }
}
