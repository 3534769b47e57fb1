import ApusCore

/// A convolution over images: `[batch, height, width, channels] -> [batch, height', width', maps]`.
///
/// It is a cross-correlation, as everywhere in this field. Parameters: `kernel [height, width, channels / groups, maps]`,
/// `bias [maps]`.
public final class Conv2D: Module {
    public let maps: Int
    public let kernelSize: (height: Int, width: Int)
    public let stride: Int
    public let dilation: Int
    public let groups: Int
    public let padding: Padding
    public let activation: ActivationFunction
    public let kernel: Parameter
    public let bias: Parameter?

    public init(
        _ maps: Int, kernel: Int, stride: Int = 1, padding: Padding = .valid, dilation: Int = 1, groups: Int = 1,
        activation: ActivationFunction = .linear, bias: Bool = true, initializer: Initializer = .glorotUniform
    ) {
        self.maps = maps
        kernelSize = (kernel, kernel)
        self.stride = stride
        self.padding = padding
        self.dilation = dilation
        self.groups = groups
        self.activation = activation
        self.kernel = Parameter(initializer)
        self.bias = bias ? Parameter(.zeros) : nil
    }

    public var details: String {
        var text = "\(maps) maps, \(kernelSize.height)x\(kernelSize.width)"
        if stride != 1 { text += ", stride \(stride)" }
        if dilation != 1 { text += ", dilation \(dilation)" }
        if groups != 1 { text += ", \(groups) groups" }
        if activation.name != "linear" { text += ", \(activation.name)" }
        return text
    }

    public func callAsFunction(_ x: Tensor) -> Tensor {
        guard x.error == nil else { return x }
        guard (1...1 << 24).contains(maps), (1...4096).contains(kernelSize.height) else {
            return Tensor(
                error: ApusError(
                    .value, in: "layer Conv2D", "\(maps) maps, kernel \(kernelSize.height)x\(kernelSize.width)",
                    remedy: "use 1 to 16777216 maps and a kernel of 1 to 4096"))
        }
        guard x.rank == 4 else {
            return Tensor(
                error: ApusError(
                    .shape, in: "layer Conv2D", "an input of shape \(x.shape)",
                    remedy: "feed [batch, height, width, channels]"))
        }
        guard groups > 0, x.shape[3] % groups == 0, maps % groups == 0 else {
            return Tensor(
                error: ApusError(
                    .shape, in: "layer Conv2D",
                    "\(groups) groups of \(maps) maps and of the \(x.shape[3]) channels of input \(x.shape)",
                    remedy: "use a number of groups that divides maps and channels"))
        }
        let channels = x.shape[3] / groups
        let area = kernelSize.height * kernelSize.width
        let kernel = kernel.value(
            shape: [kernelSize.height, kernelSize.width, channels, maps], fanIn: area * channels,
            fanOut: area * maps / groups, dtype: x.dtype)
        var y = convolution(
            x, kernel, strides: [stride, stride], padding: padding, dilation: [dilation, dilation], groups: groups)
        if let bias { y = y + bias.value(shape: [maps], dtype: x.dtype) }
        return activation(y)
    }
}

extension Catalog {
    static let convolutionLayers: [CatalogEntry] = [
        CatalogEntry(
            "Conv2D", "Convolution over images", keras: ["Conv2D", "Convolution2D"], torch: ["Conv2d", "LazyConv2d"],
            mlx: ["Conv2d"])
    ]
}
