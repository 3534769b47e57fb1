import ApusCore

/// The patches under a moving window: `[batch, spatial.., channels] -> [batch, positions.., window * channels]`, the
/// channels varying fastest; one to three spatial axes.
public final class Unfold: Layer {
    /// The extents of the windows.
    public let window: PerAxis
    /// How far apart windows are.
    public let stride: PerAxis
    /// What lies around the input.
    public let padding: Padding
    /// How far apart the elements of a window are.
    public let dilation: PerAxis

    /// - Parameter window: the extents of the windows
    public init(
        _ window: any PerAxisConvertible, stride: any PerAxisConvertible = 1, padding: Padding = .valid,
        dilation: any PerAxisConvertible = 1
    ) {
        self.window = window.perAxis
        self.stride = stride.perAxis
        self.padding = padding
        self.dilation = dilation.perAxis
    }

    public var details: String { "window \(window)" + (stride == 1 ? "" : ", stride \(stride)") }

    public func forward(_ x: Tensor) -> Tensor {
        x.patches(window: window, strides: stride, padding: padding, dilation: dilation)
    }
}

/// Patches added up where they overlap, the adjoint of ``Unfold``: `[batch, positions.., window * channels] -> [batch,
/// extents.., channels]`.
public final class Fold: Layer {
    /// The spatial extents of the output.
    public let extents: [Int]
    /// The extents of the windows.
    public let window: PerAxis
    /// How far apart windows are.
    public let stride: PerAxis
    /// What was around the input.
    public let padding: Padding
    /// How far apart the elements of a window are.
    public let dilation: PerAxis

    /// - Parameter extents: the spatial extents of the output
    public init(
        _ extents: [Int], window: any PerAxisConvertible, stride: any PerAxisConvertible = 1,
        padding: Padding = .valid, dilation: any PerAxisConvertible = 1
    ) {
        self.extents = extents
        self.window = window.perAxis
        self.stride = stride.perAxis
        self.padding = padding
        self.dilation = dilation.perAxis
    }

    public var details: String { "to \(Shape(extents)), window \(window)" + (stride == 1 ? "" : ", stride \(stride)") }

    public func forward(_ x: Tensor) -> Tensor {
        x.folded(to: extents, window: window, strides: stride, padding: padding, dilation: dilation)
    }
}
