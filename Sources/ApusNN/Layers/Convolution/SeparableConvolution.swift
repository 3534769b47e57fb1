import ApusCore

/// A convolution of each channel by itself: see ``DepthwiseConv1D``, ``DepthwiseConv2D`` and ``DepthwiseConv3D``.
///
/// Parameters: `kernel [window.., channels, multiplier]`, `bias [channels * multiplier]`; output channel
/// `c * multiplier + m` comes from channel `c`.
public class DepthwiseConvolutionLayer: WindowedLayer, Layer {
    /// The number of output channels for each input channel.
    public let multiplier: Int
    /// The function of the output.
    public let activation: ActivationFunction
    /// The kernel `[window.., channels, multiplier]`.
    public let kernel: Parameter
    /// What is added to each map; `nil` without bias.
    public let bias: Parameter?

    /// - Parameter multiplier: how many maps each channel gets, 1 or more
    public init(
        kernel: any PerAxisConvertible, multiplier: Int = 1, stride: any PerAxisConvertible = 1,
        padding: Padding = .valid, dilation: any PerAxisConvertible = 1, activation: ActivationFunction = .linear,
        bias: Bool = true, initializer: Initializer = .glorotUniform
    ) {
        self.multiplier = multiplier
        self.activation = activation
        self.kernel = Parameter(initializer)
        self.bias = bias ? Parameter(.zeros) : nil
        super.init(window: kernel, stride: stride, padding: padding, dilation: dilation)
    }

    public var details: String {
        var parts = [windowText] + stepTexts
        if multiplier != 1 { parts.append("\(multiplier) maps a channel") }
        if activation.name != "linear" { parts.append(activation.name) }
        return parts.joined(separator: ", ")
    }

    public func forward(_ x: Tensor) throws(ApusError) -> Tensor {
        finished(
            try depthwise(x, kernel: kernel, multiplier: multiplier, in: self), bias: bias, activation: activation)
    }
}

extension WindowedLayer {
    /// The convolution of each channel by itself with a parameter `[window.., channels, multiplier]`.
    func depthwise(
        _ x: Tensor, kernel: Parameter, multiplier: Int, in layer: some Module
    ) throws(ApusError) -> Tensor {
        let window = try checkedWindow(x, maps: multiplier, in: layer)
        let channels = x.shape[-1]
        guard channels > 0 else {
            throw layer.mistake(.shape, "an input of shape \(x.shape)", remedy: "feed at least one channel")
        }
        let area = window.reduce(1, *)
        let weights = kernel.value(
            shape: Shape(window + [channels, multiplier]), fanIn: area, fanOut: Shape.product(area, multiplier),
            dtype: x.dtype)
        return convolution(
            x, weights.reshaped(to: Shape(window + [1, Shape.product(channels, multiplier)])), strides: stride,
            padding: padding, dilation: dilation, groups: channels)
    }
}

/// A convolution of each channel of sequences by itself: `[batch, time, channels] -> [batch, time', channels *
/// multiplier]`.
public final class DepthwiseConv1D: DepthwiseConvolutionLayer {
    override class var axes: Int { 1 }
}

/// A convolution of each channel of images by itself: `[batch, height, width, channels] -> [batch, height', width',
/// channels * multiplier]`.
public final class DepthwiseConv2D: DepthwiseConvolutionLayer {
    override class var axes: Int { 2 }
}

/// A convolution of each channel of volumes by itself: `[batch, depth, height, width, channels] -> [batch, depth',
/// height', width', channels * multiplier]`.
public final class DepthwiseConv3D: DepthwiseConvolutionLayer {
    override class var axes: Int { 3 }
}

/// A convolution of each channel by itself, then a dense layer at each position (Chollet, CVPR 2017): far fewer weights
/// than a convolution. See ``SeparableConv1D``, ``SeparableConv2D`` and ``SeparableConv3D``.
///
/// Parameters: `depthwise [window.., channels, multiplier]`, `pointwise [1.., channels * multiplier, maps]`, `bias
/// [maps]`.
public class SeparableConvolutionLayer: WindowedLayer, Layer {
    /// The number of output channels.
    public let maps: Int
    /// The number of channels between both steps for each input channel.
    public let multiplier: Int
    /// The function of the output.
    public let activation: ActivationFunction
    /// The kernel of each channel alone: `[window.., channels, multiplier]`.
    public let depthwise: Parameter
    /// What mixes the channels: a kernel of extent 1.
    public let pointwise: Parameter
    /// What is added to each map; `nil` without bias.
    public let bias: Parameter?

    /// - Parameter multiplier: how many maps each channel gets before they are mixed, 1 or more
    public init(
        _ maps: Int, kernel: any PerAxisConvertible, multiplier: Int = 1, stride: any PerAxisConvertible = 1,
        padding: Padding = .valid, dilation: any PerAxisConvertible = 1, activation: ActivationFunction = .linear,
        bias: Bool = true, initializer: Initializer = .glorotUniform
    ) {
        self.maps = maps
        self.multiplier = multiplier
        self.activation = activation
        depthwise = Parameter(initializer)
        pointwise = Parameter(initializer)
        self.bias = bias ? Parameter(.zeros) : nil
        super.init(window: kernel, stride: stride, padding: padding, dilation: dilation)
    }

    public var details: String {
        var parts = ["\(maps) maps", windowText] + stepTexts
        if multiplier != 1 { parts.append("\(multiplier) maps a channel between") }
        if activation.name != "linear" { parts.append(activation.name) }
        return parts.joined(separator: ", ")
    }

    public func forward(_ x: Tensor) throws(ApusError) -> Tensor {
        _ = try checkedWindow(x, maps: maps, in: self)
        let between = try depthwise(x, kernel: depthwise, multiplier: multiplier, in: self)
        guard between.error == nil else { return between }
        let weights = pointwise.value(
            shape: Shape([Int](repeating: 1, count: axes) + [between.shape[-1], maps]), fanIn: between.shape[-1],
            fanOut: maps, dtype: x.dtype)
        return finished(convolution(between, weights), bias: bias, activation: activation)
    }
}

/// A separable convolution over sequences: `[batch, time, channels] -> [batch, time', maps]`.
public final class SeparableConv1D: SeparableConvolutionLayer {
    override class var axes: Int { 1 }
}

/// A separable convolution over images: `[batch, height, width, channels] -> [batch, height', width', maps]`.
public final class SeparableConv2D: SeparableConvolutionLayer {
    override class var axes: Int { 2 }
}

/// A separable convolution over volumes: `[batch, depth, height, width, channels] -> [batch, depth', height', width',
/// maps]`.
public final class SeparableConv3D: SeparableConvolutionLayer {
    override class var axes: Int { 3 }
}
