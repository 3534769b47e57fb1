import ApusCore

/// A convolution, a normalisation of the channels and an activation: the unit of most networks for images.
///
///     NormalizedConv2D(64, kernel: 3)             // same extents, BatchNorm, ReLU
public class NormalizedConvolutionLayer: Layer {
    /// The first part.
    public let convolution: any Module
    /// The second part.
    public let normalization: any Module
    /// The function of the output.
    public let activation: ActivationFunction

    init(_ convolution: any Module, _ normalization: any Module, _ activation: ActivationFunction) {
        (self.convolution, self.normalization, self.activation) = (convolution, normalization, activation)
    }

    public var details: String { activation.name }

    public func forward(_ x: Tensor) throws(ApusError) -> Tensor { activation(normalization(convolution(x))) }
}

/// Of images: `[batch, height, width, channels] -> [batch, height', width', maps]`.
public final class NormalizedConv2D: NormalizedConvolutionLayer {
    /// - Parameter normalization: by default a new ``BatchNorm``; the convolution has no bias of its own
    public init(
        _ maps: Int, kernel: any PerAxisConvertible = 3, stride: any PerAxisConvertible = 1, padding: Padding = .same,
        dilation: any PerAxisConvertible = 1, groups: Int = 1, activation: ActivationFunction = .relu,
        normalization: (any Module)? = nil
    ) {
        super.init(
            Conv2D(
                maps, kernel: kernel, stride: stride, padding: padding, dilation: dilation, groups: groups, bias: false),
            normalization ?? BatchNorm(), activation)
    }
}

/// Of volumes: `[batch, depth, height, width, channels] -> [batch, depth', height', width', maps]`.
public final class NormalizedConv3D: NormalizedConvolutionLayer {
    /// - Parameter normalization: by default a new ``BatchNorm``; the convolution has no bias of its own
    public init(
        _ maps: Int, kernel: any PerAxisConvertible = 3, stride: any PerAxisConvertible = 1, padding: Padding = .same,
        dilation: any PerAxisConvertible = 1, groups: Int = 1, activation: ActivationFunction = .relu,
        normalization: (any Module)? = nil
    ) {
        super.init(
            Conv3D(
                maps, kernel: kernel, stride: stride, padding: padding, dilation: dilation, groups: groups, bias: false),
            normalization ?? BatchNorm(), activation)
    }
}

/// Dense layers one behind the other, with an activation between them: `[.., inputs] -> [.., units.last]`.
///
///     MultilayerPerceptron([128, 64, 10], dropout: 0.1)
public final class MultilayerPerceptron: Layer {
    /// The outputs of each layer.
    public let units: [Int]
    /// The layers from the first to the last.
    public let layers: [Dense]
    /// What is dropped behind layers while training.
    public let dropout: Dropout

    /// - Parameters:
    ///   - units: of each layer; the last has no activation
    ///   - dropout: after each activation
    public init(_ units: [Int], activation: ActivationFunction = .relu, dropout: Double = 0) {
        self.units = units
        layers = units.enumerated().map { index, count in
            Dense(count, activation: index < units.count - 1 ? activation : .linear)
        }
        self.dropout = Dropout(dropout)
    }

    public var details: String { "units \(units)" }

    public func forward(_ x: Tensor) throws(ApusError) -> Tensor {
        guard !layers.isEmpty else {
            throw mistake(.value, "there are no layers", remedy: "give the units of one layer or more")
        }
        var y = x
        for (index, layer) in layers.enumerated() {
            y = layer(y)
            if index < layers.count - 1 { y = dropout(y) }
        }
        return y
    }
}
