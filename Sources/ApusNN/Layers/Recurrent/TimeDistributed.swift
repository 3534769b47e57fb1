import ApusCore

/// A layer applied to each step of sequences: `[batch, time, ...] -> [batch, time, ...]`.
///
///     TimeDistributed(Conv2D(8, kernel: 3))      // [batch, time, height, width, channels]
///
/// Steps are samples to the layer: it is called once, with `[batch x time, ...]`. Parameters: those of the layer, `layer.*`.
public final class TimeDistributed: Layer {
    /// What each step goes through.
    public let layer: any Module

    /// - Parameter layer: what each step goes through
    public init(_ layer: any Module) { self.layer = layer }

    public var details: String { "\(type(of: layer))" }

    public func forward(_ x: Tensor) throws(ApusError) -> Tensor {
        try require(x, rank: 2...8, "[batch, time, ...]")
        let leading = Array(x.shape.extents.prefix(2))
        let rows = x.reshaped(to: Shape([leading[0] * leading[1]] + x.shape.extents.dropFirst(2)))
        let y = ForwardPass.call(layer, name: "layer", rows)
        if let error = y.error { throw error }
        guard y.rank > 0, y.shape[0] == rows.shape[0] else {
            throw mistake(
                .shape, "\(type(of: layer)) makes shape \(y.shape) of shape \(rows.shape)",
                remedy: "use a layer that keeps the axis of samples")
        }
        return y.reshaped(to: Shape(leading + y.shape.extents.dropFirst()))
    }
}
