import ApusCore

/// A convolution whose taps move by learnt distances: `[batch, height, width, channels] -> [batch, height', width',
/// maps]` (Dai et al., ICCV 2017; with weighted taps Zhu et al., CVPR 2019).
///
/// A convolution of its own, which starts as zeros, says how far each tap of each position moves, down and to the right,
/// and how much it counts. Parameters: `kernel [window.., channels / groups, maps]`, `bias [maps]`, and those of
/// `offsets`.
public final class DeformableConv2D: WindowedLayer, Layer {
    /// The number of output channels.
    public let maps: Int
    /// The channels and maps are split into so many independent parts.
    public let groups: Int
    /// Runs of channels that move by distances of their own.
    public let offsetGroups: Int
    /// Whether taps are weighted, by numbers in 0...2 that start as 1.
    public let weighted: Bool
    /// The function of the output.
    public let activation: ActivationFunction
    /// The kernel, which reads moved places.
    public let kernel: Parameter
    /// What is added to each map; `nil` without bias.
    public let bias: Parameter?
    /// Gives the distances `[.., offsetGroups * taps * 2]`, then the logits of the weights `[.., offsetGroups * taps]`.
    public let offsets: Conv2D

    /// - Parameter maps: the number of output channels, 1 or more
    public init(
        _ maps: Int, kernel: any PerAxisConvertible, stride: any PerAxisConvertible = 1, padding: Padding = .valid,
        dilation: any PerAxisConvertible = 1, groups: Int = 1, offsetGroups: Int = 1, weighted: Bool = false,
        activation: ActivationFunction = .linear, bias: Bool = true, initializer: Initializer = .glorotUniform
    ) {
        self.maps = maps
        self.groups = groups
        self.offsetGroups = offsetGroups
        self.weighted = weighted
        self.activation = activation
        self.kernel = Parameter(initializer)
        self.bias = bias ? Parameter(.zeros) : nil
        let extents = kernel.perAxis.values
        let taps = extents.count == 1 ? Shape.product(extents[0], extents[0]) : extents.reduce(1, Shape.product)
        offsets = Conv2D(
            Shape.product(Shape.product(offsetGroups, taps), weighted ? 3 : 2), kernel: kernel, stride: stride,
            padding: padding, dilation: dilation, initializer: .zeros)
        super.init(window: kernel, stride: stride, padding: padding, dilation: dilation)
    }

    public var details: String {
        (["\(maps) maps", windowText] + stepTexts + (weighted ? ["weighted taps"] : [])).joined(separator: ", ")
    }

    public func forward(_ x: Tensor) throws(ApusError) -> Tensor {
        let window = try checkedWindow(x, maps: maps, in: self)
        let channels = x.shape[3]
        guard groups > 0, channels % groups == 0, maps % groups == 0, (1...max(channels, 1)).contains(offsetGroups),
            channels % offsetGroups == 0
        else {
            throw mistake(
                .shape,
                "\(groups) groups and \(offsetGroups) offset groups of \(maps) maps and of the \(channels) channels of "
                    + "input \(x.shape)", remedy: "use numbers of groups that divide maps and channels")
        }
        let area = window.reduce(1, *)
        let weights = kernel.value(
            shape: Shape(window + [channels / groups, maps]), fanIn: Shape.product(area, channels / groups),
            fanOut: Shape.product(area, maps / groups), dtype: x.dtype)
        let moves = offsets(x)
        guard moves.error == nil else { return moves }
        let distances = moves.slice(axis: 3, 0..<2 * offsetGroups * area)
        let counts = weighted ? moves.slice(axis: 3, 2 * offsetGroups * area..<moves.shape[3]).sigmoid() * 2 : nil
        let y = deformableConvolution(
            x, weights, offsets: distances, weights: counts, strides: stride, padding: padding, dilation: dilation,
            groups: groups)
        return finished(y, bias: bias, activation: activation)
    }
}
