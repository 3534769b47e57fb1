import ApusCore

/// Max pooling whose output is any fraction of the input: windows stand at pseudo-random distances, drawn anew in each
/// training step for the whole batch, evenly spread at inference (Graham, 2014). See ``FractionalMaxPool2D`` and
/// ``FractionalMaxPool3D``.
///
/// With `alpha = (extent - window) / (count - 1)` window `i` starts at `floor(alpha (i + u)) - floor(alpha u)` for a
/// random `u` in 0..<1; the last one ends with the image.
public class FractionalMaxPoolLayer: Layer {
    /// The extents of the windows.
    public let window: PerAxis
    /// The output's extents as fractions of the input's, below 1.
    public let ratio: Double

    /// - Parameter ratio: the output's extents over the input's, above 0 and below 1
    public init(_ window: any PerAxisConvertible = 2, ratio: Double) {
        self.window = window.perAxis
        self.ratio = ratio
    }

    class var axes: Int { 2 }

    public var details: String { "window \(window), ratio \(ratio)" }

    public func forward(_ x: Tensor) throws(ApusError) -> Tensor {
        let axes = type(of: self).axes
        guard ratio > 0, ratio < 1 else {
            throw mistake(.value, "the ratio is \(ratio)", remedy: "use a number between 0 and 1")
        }
        try requireImages(x, axes: axes)
        let extents = try window.resolved(
            rank: axes, allowed: WindowGeometry.windowRange, "window extent", in: place)
        let pass = trainingPass
        var result = x
        for axis in 0..<axes {
            let extent = x.shape[axis + 1]
            let count = Int(Double(extent) * ratio)
            guard extents[axis] <= extent, count >= 1, count + extents[axis] <= extent + 1 else {
                throw mistake(
                    .shape,
                    "windows of \(extents[axis]) and \(count) positions on axis \(axis + 1) of shape \(x.shape)",
                    remedy: "use a smaller window, or larger images")
            }
            let shift = pass?.random(.uniform, [], .float32) ?? Tensor(0.5)
            let starts = fractionalStarts(extent - extents[axis], count: count, shift: shift)
            let cells = starts.expanded(at: 1) + Tensor.range(count: extents[axis])
            result = result.gather(indices: cells.cast(to: .int64), axis: axis + 1).max(axes: [axis + 2])
        }
        return result
    }

    /// Where the windows start: from 0 to `last`.
    private func fractionalStarts(_ last: Int, count: Int, shift: Tensor) -> Tensor {
        guard count > 1 else { return Tensor(repeating: Double(last), shape: [1]) }
        let step = Double(last) / Double(count - 1)
        let inner = ((Tensor.range(count: count - 1) + shift) * step).floor() - (shift * step).floor()
        return Tensor.concatenate([
            inner.clipped(0, Double(last)), Tensor(repeating: Double(last), shape: [1]),
        ])
    }
}

/// Fractional max pooling of images: `[batch, height, width, channels] -> [batch, height', width', channels]`.
public final class FractionalMaxPool2D: FractionalMaxPoolLayer {
    override class var axes: Int { 2 }
}

/// Fractional max pooling of volumes: `[batch, depth, height, width, channels] -> [batch, depth', height', width',
/// channels]`.
public final class FractionalMaxPool3D: FractionalMaxPoolLayer {
    override class var axes: Int { 3 }
}

/// Puts pooled values back where they came from, with zeros around: takes what ``MaxPoolLayer/withPositions(_:)`` gives.
/// See ``MaxUnpool1D``, ``MaxUnpool2D`` and ``MaxUnpool3D``.
///
///     let pool = MaxPool2D(2), unpool = MaxUnpool2D(2)
///     let (y, positions) = pool.withPositions(x)
///     let z = unpool(y, positions)
public class MaxUnpoolLayer: MergingLayer {
    /// The extents of the windows.
    public let window: PerAxis
    /// How far apart windows are.
    public let stride: PerAxis
    /// The spatial extents of the output; `nil` for `(extent - 1) * stride + window`.
    public let extents: [Int]?

    /// - Parameters:
    ///   - window: that of the pooling
    ///   - extents: the spatial extents of what was pooled, where they are not multiples of the stride
    public init(
        _ window: any PerAxisConvertible = 2, stride: (any PerAxisConvertible)? = nil, to extents: [Int]? = nil
    ) {
        self.window = window.perAxis
        self.stride = (stride ?? window).perAxis
        self.extents = extents
    }

    class var axes: Int { 2 }

    public var details: String { extents.map { "to \(Shape($0))" } ?? "window \(window)" }

    public func merge(_ inputs: [Tensor]) throws(ApusError) -> Tensor {
        try require(inputs, count: 2, "pooled values and their positions")
        let axes = type(of: self).axes
        try requireImages(inputs[0], axes: axes)
        let cells = try window.resolved(rank: axes, allowed: WindowGeometry.windowRange, "window extent", in: place)
        let steps = try stride.resolved(rank: axes, allowed: WindowGeometry.stepRange, "stride", in: place)
        let image = inputs[0].shape.spatial
        let target = extents ?? image.indices.map { max(0, (image[$0] - 1) * steps[$0] + cells[$0]) }
        return maxUnpool(inputs[0], positions: inputs[1], extents: target)
    }
}

/// The inverse of ``MaxPool1D`` but for what was dropped: `[batch, time', channels] -> [batch, time, channels]`.
public final class MaxUnpool1D: MaxUnpoolLayer {
    override class var axes: Int { 1 }
}

/// The inverse of ``MaxPool2D`` but for what was dropped: `[batch, height', width', channels] -> [batch, height, width,
/// channels]`.
public final class MaxUnpool2D: MaxUnpoolLayer {
    override class var axes: Int { 2 }
}

/// The inverse of ``MaxPool3D`` but for what was dropped.
/// `[batch, depth, height, width, channels]` to the shape before pooling.
public final class MaxUnpool3D: MaxUnpoolLayer {
    override class var axes: Int { 3 }
}
