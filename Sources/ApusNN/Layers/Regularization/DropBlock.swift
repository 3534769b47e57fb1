import ApusCore

/// Drops contiguous blocks of each channel while training and scales the rest so that its sum stays: see ``DropBlock2D``
/// and ``DropBlock3D`` (Ghiasi et al., NeurIPS 2018).
public class DropBlockLayer: Layer {
    /// The share of cells to be dropped.
    public let rate: Double
    /// The extent of a block along each spatial axis.
    public let block: Int

    /// - Parameter block: the side of the squares that are dropped, in pixels
    public init(_ rate: Double, block: Int) {
        self.rate = rate
        self.block = block
    }

    class var axes: Int { 2 }

    public var details: String { "rate \(rate), blocks of \(block)" }

    public func forward(_ x: Tensor) throws(ApusError) -> Tensor {
        try require(rate: rate)
        try require(block, in: WindowGeometry.windowRange, "the block's extent")
        try requireImages(x, axes: type(of: self).axes)
        guard rate > 0, x.shape.count > 0, let pass = trainingPass else { return x }
        let image = x.shape.spatial
        let extents = image.map { min(block, $0) }
        // Blocks start where they fit; each start drops a block.
        let starts = zip(image, extents).map { $0 - $1 + 1 }
        let cells = Double(image.reduce(1, *)), blocks = Double(starts.reduce(1, *))
        let share = min(rate * cells / Double(extents.reduce(1, *)) / blocks, 1)
        let seeds = (pass.random(.uniform, Shape([x.shape[0]] + starts + [x.shape[-1]]), x.dtype) .< share)
            .cast(to: x.dtype == .float64 ? .float64 : .float32)
        let around = [(0, 0)] + extents.map { ($0 - 1, $0 - 1) } + [(0, 0)]
        let dropped = maxPool(
            seeds.padded(around.map { (before: $0.0, after: $0.1) }), window: PerAxis(extents), strides: 1)
        let kept = 1 - dropped
        let scale = kept.sum() / Double(x.shape.count)
        return x * (kept / Tensor.maximum(scale, 1e-6)).cast(to: x.dtype).stopGradient()
    }
}

/// Drops square blocks of each channel of images `[batch, height, width, channels]` while training.
public final class DropBlock2D: DropBlockLayer {
    override class var axes: Int { 2 }
}

/// Drops cubic blocks of each channel of volumes `[batch, depth, height, width, channels]` while training.
public final class DropBlock3D: DropBlockLayer {
    override class var axes: Int { 3 }
}

/// Sets whole samples, or the whole batch, to zero while training and scales the others so that the expectation stays:
/// for the branches of residual networks (Huang et al., ECCV 2016).
/// `y = x m / (1 - rate)` with `m` 0 or 1 for each sample (or the batch): `[batch, ..]` to the same shape.
public final class StochasticDepth: Layer {
    /// What is dropped as one.
    public enum Unit: String, Sendable {
        case sample, batch
    }

    /// The share that is dropped while training.
    public let rate: Double
    /// What is dropped together.
    public let unit: Unit

    /// - Parameter rate: the share that is dropped while training, from 0 to below 1
    public init(_ rate: Double, each unit: Unit = .sample) {
        self.rate = rate
        self.unit = unit
    }

    public var details: String { "rate \(rate), each \(unit)" }

    public func forward(_ x: Tensor) throws(ApusError) -> Tensor {
        try require(rate: rate)
        try require(x, rank: 1...16, "[batch, ..]")
        let samples = unit == .sample ? x.shape[0] : 1
        return dropped(x, rate: rate, noise: Shape([samples] + [Int](repeating: 1, count: x.rank - 1)))
    }
}

/// Passes the input through and adds penalties on it to the loss while training: `l1 * sum(|x|) + l2 * sum(x^2)`, divided
/// by the number of samples.
/// Any shape to the same shape.
public final class ActivityRegularization: Layer {
    /// What the sum of magnitudes is multiplied by.
    public let l1: Double
    /// What the sum of squares is multiplied by.
    public let l2: Double

    /// Both penalties are 0 or more.
    public init(l1: Double = 0, l2: Double = 0) {
        self.l1 = l1
        self.l2 = l2
    }

    public var details: String { "L1 \(l1), L2 \(l2)" }

    public func forward(_ x: Tensor) throws(ApusError) -> Tensor {
        guard l1 >= 0, l2 >= 0, l1.isFinite, l2.isFinite else {
            throw mistake(.value, "the penalties are \(l1) and \(l2)", remedy: "use numbers of 0 or more")
        }
        guard x.shape.count > 0, let pass = trainingPass else { return x }
        let samples = Double(x.rank == 0 ? 1 : x.shape[0])
        if l1 > 0 { pass.penalties.append(x.absolute().sum() * (l1 / samples)) }
        if l2 > 0 { pass.penalties.append(x.square().sum() * (l2 / samples)) }
        return x
    }
}
