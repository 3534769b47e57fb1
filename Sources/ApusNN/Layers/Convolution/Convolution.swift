import ApusCore

/// A convolution over images of one to three spatial axes: see ``Conv1D``, ``Conv2D`` and ``Conv3D``.
///
/// It is a cross-correlation, as everywhere in this field, unless `flipped`. Parameters: `kernel [window.., channels /
/// groups, maps]`, `bias [maps]`.
public class ConvolutionLayer: WindowedLayer, Layer {
    /// The number of output channels.
    public let maps: Int
    /// The channels and maps are split into so many independent parts.
    public let groups: Int
    /// Whether the kernel is mirrored along all spatial axes, as the convolution of mathematics does.
    public let flipped: Bool
    /// The function of the output.
    public let activation: ActivationFunction
    /// The kernel `[window.., channels / groups, maps]`.
    public let kernel: Parameter
    /// What is added to each map: `[maps]`; `nil` without bias.
    public let bias: Parameter?

    /// - Parameters:
    ///   - maps: the number of output channels
    ///   - kernel: the kernel's extents: one number, or one for each spatial axis
    public init(
        _ maps: Int, kernel: any PerAxisConvertible, stride: any PerAxisConvertible = 1, padding: Padding = .valid,
        dilation: any PerAxisConvertible = 1, groups: Int = 1, flipped: Bool = false,
        activation: ActivationFunction = .linear, bias: Bool = true, initializer: Initializer = .glorotUniform
    ) {
        self.maps = maps
        self.groups = groups
        self.flipped = flipped
        self.activation = activation
        self.kernel = Parameter(initializer)
        self.bias = bias ? Parameter(.zeros) : nil
        super.init(window: kernel, stride: stride, padding: padding, dilation: dilation)
    }

    public var details: String {
        var parts = ["\(maps) maps", windowText] + stepTexts
        if groups != 1 { parts.append("\(groups) groups") }
        if flipped { parts.append("flipped") }
        if activation.name != "linear" { parts.append(activation.name) }
        return parts.joined(separator: ", ")
    }

    public func forward(_ x: Tensor) throws(ApusError) -> Tensor {
        let window = try checkedWindow(x, maps: maps, in: self)
        guard groups > 0, x.shape[-1] % groups == 0, maps % groups == 0 else {
            throw mistake(
                .shape, "\(groups) groups of \(maps) maps and of the \(x.shape[-1]) channels of input \(x.shape)",
                remedy: "use a number of groups that divides maps and channels")
        }
        let channels = x.shape[-1] / groups
        let area = window.reduce(1, *)
        var weights = kernel.value(
            shape: Shape(window + [channels, maps]), fanIn: Shape.product(area, channels),
            fanOut: Shape.product(area, maps / groups), dtype: x.dtype)
        if flipped { weights = weights.reversed(axes: Array(0..<axes)) }
        let y = convolution(x, weights, strides: stride, padding: padding, dilation: dilation, groups: groups)
        return finished(y, bias: bias, activation: activation)
    }
}

/// A convolution over sequences: `[batch, time, channels] -> [batch, time', maps]`.
///
///     Conv1D(64, kernel: 5, padding: .causal)
public final class Conv1D: ConvolutionLayer {
    override class var axes: Int { 1 }
}

/// A convolution over images: `[batch, height, width, channels] -> [batch, height', width', maps]`.
///
///     Conv2D(32, kernel: 3, stride: 2, padding: .same, activation: .relu)
///     Conv2D(32, kernel: [1, 7])
public final class Conv2D: ConvolutionLayer {
    override class var axes: Int { 2 }
}

/// A convolution over volumes: `[batch, depth, height, width, channels] -> [batch, depth', height', width', maps]`.
public final class Conv3D: ConvolutionLayer {
    override class var axes: Int { 3 }
}

/// A transposed convolution, which enlarges images: the adjoint of the convolution with the same kernel. See
/// ``TransposedConv1D``, ``TransposedConv2D`` and ``TransposedConv3D``.
///
/// With `padding: .same` the output is `extent * stride` large, else
/// `(extent - 1) * stride - before - after + dilation * (window - 1) + 1 + outputPadding`. Parameters: `kernel [window..,
/// maps / groups, channels]`, `bias [maps]`.
public class TransposedConvolutionLayer: WindowedLayer, Layer {
    /// The number of output channels.
    public let maps: Int
    /// The channels and maps are split into so many independent parts.
    public let groups: Int
    /// Cells added at the end of each spatial axis.
    public let outputPadding: PerAxis
    /// The function of the output.
    public let activation: ActivationFunction
    /// The kernel `[window.., maps / groups, channels]`.
    public let kernel: Parameter
    /// What is added to each map: `[maps]`; `nil` without bias.
    public let bias: Parameter?

    /// - Parameters:
    ///   - maps: the number of output channels
    ///   - kernel: the kernel's extents: one number, or one for each spatial axis
    public init(
        _ maps: Int, kernel: any PerAxisConvertible, stride: any PerAxisConvertible = 1, padding: Padding = .valid,
        dilation: any PerAxisConvertible = 1, groups: Int = 1, outputPadding: any PerAxisConvertible = 0,
        activation: ActivationFunction = .linear, bias: Bool = true, initializer: Initializer = .glorotUniform
    ) {
        self.maps = maps
        self.groups = groups
        self.outputPadding = outputPadding.perAxis
        self.activation = activation
        self.kernel = Parameter(initializer)
        self.bias = bias ? Parameter(.zeros) : nil
        super.init(window: kernel, stride: stride, padding: padding, dilation: dilation)
    }

    public var details: String {
        var parts = ["\(maps) maps", windowText] + stepTexts
        if groups != 1 { parts.append("\(groups) groups") }
        if activation.name != "linear" { parts.append(activation.name) }
        return parts.joined(separator: ", ")
    }

    public func forward(_ x: Tensor) throws(ApusError) -> Tensor {
        let window = try checkedWindow(x, maps: maps, in: self)
        let channels = x.shape[-1]
        guard groups > 0, channels % groups == 0, maps % groups == 0 else {
            throw mistake(
                .shape, "\(groups) groups of \(maps) maps and of the \(channels) channels of input \(x.shape)",
                remedy: "use a number of groups that divides maps and channels")
        }
        let area = window.reduce(1, *)
        let weights = kernel.value(
            shape: Shape(window + [maps / groups, channels]), fanIn: Shape.product(area, channels / groups),
            fanOut: Shape.product(area, maps / groups), dtype: x.dtype)
        let y = transposedConvolution(
            x, weights, strides: stride, padding: padding, dilation: dilation, groups: groups,
            outputPadding: outputPadding)
        return finished(y, bias: bias, activation: activation)
    }
}

/// A transposed convolution over sequences: `[batch, time, channels] -> [batch, time', maps]`.
public final class TransposedConv1D: TransposedConvolutionLayer {
    override class var axes: Int { 1 }
}

/// A transposed convolution over images: `[batch, height, width, channels] -> [batch, height', width', maps]`.
///
///     TransposedConv2D(16, kernel: 3, stride: 2, padding: .same)      // twice as high and wide
public final class TransposedConv2D: TransposedConvolutionLayer {
    override class var axes: Int { 2 }
}

/// A transposed convolution over volumes: `[batch, depth, height, width, channels] -> [batch, depth', height', width',
/// maps]`.
public final class TransposedConv3D: TransposedConvolutionLayer {
    override class var axes: Int { 3 }
}
