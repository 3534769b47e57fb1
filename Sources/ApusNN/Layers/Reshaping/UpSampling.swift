import ApusCore

/// Images enlarged by whole factors: see ``UpSampling1D``, ``UpSampling2D`` and ``UpSampling3D``.
public class UpSamplingLayer: Layer {
    /// How many times each spatial axis grows.
    public let factor: PerAxis

    /// How values between cells are found; `nearest` repeats cells.
    public let interpolation: Interpolation

    /// - Parameter factor: by how much images grow: one number, or one for each axis
    public init(_ factor: any PerAxisConvertible = 2, _ interpolation: Interpolation = .nearest) {
        self.factor = factor.perAxis
        self.interpolation = interpolation
    }

    class var axes: Int { 2 }

    public var details: String {
        "factor \(factor)" + (interpolation == .nearest ? "" : ", \(interpolation)")
    }

    public func forward(_ x: Tensor) throws(ApusError) -> Tensor {
        let axes = type(of: self).axes
        try requireImages(x, axes: axes)
        let factors = try factor.resolved(rank: axes, allowed: 1...4096, "factor", in: place)
        guard interpolation == .nearest else { return x.upsampled(by: PerAxis(factors), interpolation) }
        return factors.enumerated().reduce(x) { $0.repeated($1.element, axis: $1.offset + 1) }
    }
}

/// Each step repeated, or steps in between interpolated: `[batch, time, channels] -> [batch, time * factor, channels]`.
public final class UpSampling1D: UpSamplingLayer {
    override class var axes: Int { 1 }
}

/// Each pixel repeated, or pixels in between interpolated:
/// `[batch, height, width, channels] -> [batch, height * factor, width * factor, channels]`.
public final class UpSampling2D: UpSamplingLayer {
    override class var axes: Int { 2 }
}

/// Each cell repeated, or cells in between interpolated: `[batch, depth, height, width, channels]`.
public final class UpSampling3D: UpSamplingLayer {
    override class var axes: Int { 3 }
}
