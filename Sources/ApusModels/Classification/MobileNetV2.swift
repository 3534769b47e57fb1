import ApusCore
import ApusNN

/// A block of MobileNetV2: a 1x1 convolution that widens, a 3x3 convolution of each channel by itself, and a 1x1
/// convolution that narrows without a function after it; each has batch norm, the first two ReLU6. Where the shape stays,
/// the input is added (Sandler et al., CVPR 2018).
///
///     InvertedResidual(24, from: 16, stride: 2, expansion: 6)
public final class InvertedResidual: Module {
    /// The number of output channels.
    public let maps: Int
    let widen: Conv2D?
    let widenNorm: BatchNorm?
    let depthwise: DepthwiseConv2D
    let depthwiseNorm = BatchNorm()
    let narrow: Conv2D
    let narrowNorm = BatchNorm()
    private let isResidual: Bool

    /// - Parameters:
    ///   - channels: those of the input
    ///   - expansion: how many times wider than the input the inside is; 1 leaves the first convolution out
    public init(_ maps: Int, from channels: Int, stride: Int = 1, expansion: Int = 6) {
        self.maps = maps
        let inside = channels.multipliedReportingOverflow(by: expansion).partialValue
        let widens = expansion != 1
        widen = widens ? Conv2D(inside, kernel: 1, bias: false, initializer: .heNormal) : nil
        widenNorm = widens ? BatchNorm() : nil
        depthwise = DepthwiseConv2D(
            kernel: 3, stride: stride, padding: .explicit([(1, 1), (1, 1)]), bias: false, initializer: .heNormal)
        narrow = Conv2D(maps, kernel: 1, bias: false, initializer: .heNormal)
        isResidual = stride == 1 && channels == maps
    }

    public var details: String { "\(maps) maps" }

    /// The output: `[batch, height / stride, width / stride, maps]`.
    public func callAsFunction(_ x: Tensor) -> Tensor {
        observed {
            var y = x
            if let widen, let widenNorm { y = relu6(widenNorm(widen(y))) }
            y = narrowNorm(narrow(relu6(depthwiseNorm(depthwise(y)))))
            return isResidual ? x + y : y
        }
    }
}

extension Sequential {
    /// MobileNetV2 of width 1: `[batch, height, width, 3] -> [batch, classes]`, 3,504,872 parameters with 1000 classes
    /// (Sandler et al., CVPR 2018).
    public static func mobileNetV2(classes: Int = 1000, dropout: Double = 0.2) -> Sequential {
        // Expansion, maps, blocks, stride of the first block.
        let stages = [
            (1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1),
        ]
        let inputs = [32] + stages.map(\.1)
        return Sequential {
            Conv2D(
                32, kernel: 3, stride: 2, padding: .explicit([(1, 1), (1, 1)]), bias: false, initializer: .heNormal)
            BatchNorm()
            Activation(.relu6)
            for (number, (expansion, maps, blocks, stride)) in stages.enumerated() {
                for block in 0..<blocks {
                    InvertedResidual(
                        maps, from: block == 0 ? inputs[number] : maps, stride: block == 0 ? stride : 1,
                        expansion: expansion)
                }
            }
            Conv2D(1280, kernel: 1, bias: false, initializer: .heNormal)
            BatchNorm()
            Activation(.relu6)
            GlobalAveragePool2D()
            Dropout(dropout)
            Dense(classes)
        }
    }
}
