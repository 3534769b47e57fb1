import ApusCore

/// A convolution without shared weights: each position has a kernel of its own. See ``LocallyConnected1D`` and
/// ``LocallyConnected2D``.
///
/// The input's extents are fixed by the first call. Parameters: `kernel [positions, window * channels, maps]` (the
/// channels varying fastest within a window), `bias [positions.., maps]`.
public class LocallyConnectedLayer: WindowedLayer, Layer {
    /// The number of output channels.
    public let maps: Int
    /// The function of the output.
    public let activation: ActivationFunction
    /// The kernels, one for each position.
    public let kernel: Parameter
    /// What is added at each position to each map; `nil` without bias.
    public let bias: Parameter?

    /// - Parameter maps: the number of output channels, 1 or more
    public init(
        _ maps: Int, kernel: any PerAxisConvertible, stride: any PerAxisConvertible = 1, padding: Padding = .valid,
        dilation: any PerAxisConvertible = 1, activation: ActivationFunction = .linear, bias: Bool = true,
        initializer: Initializer = .glorotUniform
    ) {
        self.maps = maps
        self.activation = activation
        self.kernel = Parameter(initializer)
        self.bias = bias ? Parameter(.zeros) : nil
        super.init(window: kernel, stride: stride, padding: padding, dilation: dilation)
    }

    public var details: String { (["\(maps) maps", windowText] + stepTexts).joined(separator: ", ") }

    public func forward(_ x: Tensor) throws(ApusError) -> Tensor {
        _ = try checkedWindow(x, maps: maps, in: self)
        let patches = x.patches(window: window, strides: stride, padding: padding, dilation: dilation)
        guard patches.error == nil else { return patches }
        let positions = Array(patches.shape.extents.dropFirst().dropLast())
        let (count, features) = (positions.reduce(1, *), patches.shape[-1])
        let weights = kernel.value(shape: [count, features, maps], fanIn: features, fanOut: maps, dtype: x.dtype)
        // One product for each position: [positions, batch, features] x [positions, features, maps].
        let rows = patches.reshaped(to: [x.shape[0], count, features]).permuted([1, 0, 2])
        var y = matmul(rows, weights).permuted([1, 0, 2]).reshaped(to: Shape([x.shape[0]] + positions + [maps]))
        if let bias { y = y + bias.value(shape: Shape(positions + [maps]), dtype: x.dtype) }
        return activation(y)
    }
}

/// A convolution over sequences whose weights are not shared: `[batch, time, channels] -> [batch, time', maps]`.
public final class LocallyConnected1D: LocallyConnectedLayer {
    override class var axes: Int { 1 }
}

/// A convolution over images whose weights are not shared: `[batch, height, width, channels] -> [batch, height', width',
/// maps]`.
public final class LocallyConnected2D: LocallyConnectedLayer {
    override class var axes: Int { 2 }
}
