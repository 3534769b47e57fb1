import ApusCore

/// What dilation and erosion have in common: a `kernel [height, width, channels]` that is learnt.
public class MorphologicalLayer: WindowedLayer {
    /// What is added to or taken from the elements of a window: `[height, width, channels]`, trainable.
    public let kernel: Parameter

    /// - Parameter kernel: the extents of the window
    public init(
        kernel: any PerAxisConvertible, stride: any PerAxisConvertible = 1, padding: Padding = .valid,
        dilation: any PerAxisConvertible = 1, initializer: Initializer = .zeros
    ) {
        self.kernel = Parameter(initializer)
        super.init(window: kernel, stride: stride, padding: padding, dilation: dilation)
    }

    public var details: String { ([windowText] + stepTexts).joined(separator: ", ") }

    func weights(_ x: Tensor, in layer: some Module) throws(ApusError) -> Tensor {
        let window = try checkedWindow(x, maps: 1, in: layer)
        return kernel.value(shape: Shape(window + [x.shape[-1]]), fanIn: window.reduce(1, *), dtype: x.dtype)
    }
}

/// The grey-scale dilation: the largest sum of image and kernel in each window, `[batch, height, width, channels] ->
/// [batch, height', width', channels]`; with a kernel of zeros it is max pooling.
public final class Dilation2D: MorphologicalLayer, Layer {
    public func forward(_ x: Tensor) throws(ApusError) -> Tensor {
        morphologicalDilation(
            x, try weights(x, in: self), strides: stride, padding: padding, dilation: dilation)
    }
}

/// The grey-scale erosion: the smallest difference of image and mirrored kernel in each window, `[batch, height, width,
/// channels] -> [batch, height', width', channels]`.
public final class Erosion2D: MorphologicalLayer, Layer {
    public func forward(_ x: Tensor) throws(ApusError) -> Tensor {
        morphologicalErosion(
            x, try weights(x, in: self), strides: stride, padding: padding, dilation: dilation)
    }
}
