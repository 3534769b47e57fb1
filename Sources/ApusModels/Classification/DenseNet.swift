import ApusCore
import ApusNN

/// A layer of a DenseNet: a 1x1 convolution to a few times `growth` maps and a 3x3 convolution to `growth` maps, each after
/// batch norm and ReLU; its output stands beside its input, `[batch, height, width, channels] -> [batch, height, width,
/// channels + growth]` (Huang et al., CVPR 2017).
///
///     DenseNetLayer(growth: 12)
public final class DenseNetLayer: Module {
    /// How many maps the layer adds.
    public let growth: Int
    let firstNorm = BatchNorm()
    let narrow: Conv2D
    let secondNorm = BatchNorm()
    let wide: Conv2D
    let dropout: Dropout

    /// - Parameters:
    ///   - bottleneck: the maps between both convolutions, as a multiple of `growth`
    ///   - dropout: the share of each convolution's outputs that is dropped while training
    public init(growth: Int, bottleneck: Int = 4, dropout: Double = 0) {
        self.growth = growth
        let maps = growth.multipliedReportingOverflow(by: bottleneck).partialValue
        narrow = Conv2D(maps, kernel: 1, bias: false, initializer: .heNormal)
        wide = Conv2D(growth, kernel: 3, padding: .same, bias: false, initializer: .heNormal)
        self.dropout = Dropout(dropout)
    }

    public var details: String { "\(growth) maps more" }

    /// The input with the new maps behind its channels.
    public func callAsFunction(_ x: Tensor) -> Tensor {
        observed {
            let y = dropout(narrow(firstNorm(x).relu()))
            return Tensor.concatenate([x, dropout(wide(secondNorm(y).relu()))], axis: -1)
        }
    }
}

extension Sequential {
    /// DenseNet-BC for small images: `[batch, 32, 32, 3] -> [batch, classes]`, 710,590 parameters as it stands (Huang et
    /// al., CVPR 2017). Every layer of a block sees the outputs of all layers before it.
    ///
    /// - Parameters:
    ///   - growth: the maps that a layer adds
    ///   - blocks: how many layers each block has. Between blocks stand a 1x1 convolution, batch norm, ReLU and a mean over
    ///     2x2 pixels
    ///   - compression: the share of maps that is kept between blocks
    ///   - dropout: after each convolution but the first, while training
    public static func denseNet(
        classes: Int = 10, growth: Int = 12, blocks: [Int] = [12, 12, 12], compression: Double = 1,
        dropout: Double = 0.2
    ) -> Sequential {
        var channels = growth
        return Sequential {
            Conv2D(growth, kernel: 3, padding: .same, bias: false, initializer: .heNormal)
            for (number, layers) in blocks.enumerated() {
                for _ in 0..<Swift.max(layers, 0) { DenseNetLayer(growth: growth, dropout: dropout) }
                if number < blocks.count - 1 {
                    Conv2D(
                        Self.width(after: layers, growth, compression, &channels), kernel: 1, bias: false,
                        initializer: .heNormal)
                    BatchNorm()
                    Activation(.relu)
                    AveragePool2D(2)
                    Dropout(dropout)
                }
            }
            BatchNorm()
            Activation(.relu)
            GlobalAveragePool2D()
            Dense(classes)
        }
    }

    /// The maps that are kept after a block of so many layers.
    private static func width(
        after layers: Int, _ growth: Int, _ compression: Double, _ channels: inout Int
    ) -> Int {
        let grown = layers.multipliedReportingOverflow(by: growth).partialValue.addingReportingOverflow(channels)
        let kept = (Double(grown.partialValue) * compression).rounded(.down)
        channels = Int(exactly: kept) ?? 0
        return channels
    }
}
