import ApusCore
import ApusNN

/// Two 3x3 convolutions with batch norm and a connection around them; a 1x1 convolution on the connection where size
/// or width changes (He et al., CVPR 2016).
public final class ResidualBlock: Module {
    let first: Conv2D
    let firstNorm = BatchNorm()
    let second: Conv2D
    let secondNorm = BatchNorm()
    let shortcut: Conv2D?
    let shortcutNorm: BatchNorm?

    /// - Parameter changesWidth: whether the shortcut needs a projection
    public init(_ maps: Int, stride: Int = 1, changesWidth: Bool) {
        // Padding of 1 on each side, at stride 2 too.
        let padding = Padding.explicit([(1, 1), (1, 1)])
        first = Conv2D(maps, kernel: 3, stride: stride, padding: padding, bias: false, initializer: .heNormal)
        second = Conv2D(maps, kernel: 3, padding: padding, bias: false, initializer: .heNormal)
        let needed = stride != 1 || changesWidth
        shortcut = needed ? Conv2D(maps, kernel: 1, stride: stride, bias: false, initializer: .heNormal) : nil
        shortcutNorm = needed ? BatchNorm() : nil
    }

    /// The output: `[batch, height / stride, width / stride, maps]`.
    public func callAsFunction(_ x: Tensor) -> Tensor {
        let y = secondNorm(second(relu(firstNorm(first(x)))))
        guard let shortcut, let shortcutNorm else { return relu(y + x) }
        return relu(y + shortcutNorm(shortcut(x)))
    }
}

extension Sequential {
    /// ResNet-18 for small images: `[batch, 32, 32, 3] -> [batch, classes]`, 11.2 million parameters (He et al., CVPR
    /// 2016, in the form for CIFAR-10 without the first pooling).
    public static func resNet18(classes: Int = 10) -> Sequential {
        Sequential {
            Conv2D(
                64, kernel: 3, padding: .explicit([(1, 1), (1, 1)]), bias: false, initializer: .heNormal)
            BatchNorm()
            Activation(.relu)
            for (stage, maps) in [64, 128, 256, 512].enumerated() {
                ResidualBlock(maps, stride: stage == 0 ? 1 : 2, changesWidth: stage > 0)
                ResidualBlock(maps, changesWidth: false)
            }
            GlobalAveragePool2D()
            Dense(classes)
        }
    }
}
