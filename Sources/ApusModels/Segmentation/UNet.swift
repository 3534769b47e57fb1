import ApusCore
import ApusNN

/// A class for each pixel: `[batch, height, width, channels] -> [batch, height, width, classes]` scores (Ronneberger et al.,
/// MICCAI 2015, with batch norm and `same` padding).
///
///     let model = UNet(classes: 2)                       // 7,762,498 parameters on one channel
///     let trainer = Trainer(model, loss: .softmaxCrossEntropy, optimizer: .adam())
///
/// On the way down each stage makes two 3x3 convolutions and halves the image, on the way up a transposed convolution
/// doubles it, and the stage of that size from the way down stands beside it. Heights and widths must be divisible by 2 as
/// often as there are stages.
public final class UNet: Layer {
    /// How many classes pixels have.
    public let classes: Int
    /// The maps of each stage; the middle has twice those of the last.
    public let widths: [Int]
    let down: [UNetStage]
    let middle: UNetStage
    let enlarge: [TransposedConv2D]
    let up: [UNetStage]
    let head: Conv2D
    private let pool = MaxPool2D(2)

    /// - Parameter widths: the maps of each level, from the full resolution down
    public init(classes: Int, widths: [Int] = [32, 64, 128, 256]) {
        self.classes = classes
        self.widths = widths
        down = widths.map { UNetStage($0) }
        middle = UNetStage(widths.last?.multipliedReportingOverflow(by: 2).partialValue ?? 0)
        enlarge = widths.reversed().map { TransposedConv2D($0, kernel: 2, stride: 2) }
        up = widths.reversed().map { UNetStage($0) }
        head = Conv2D(classes, kernel: 1)
    }

    public var details: String { "\(classes) classes, stages of \(widths.map(String.init).joined(separator: ", "))" }

    public func forward(_ x: Tensor) throws(ApusError) -> Tensor {
        let isDivisible =
            !widths.isEmpty && widths.count < 30 && x.rank == 4
            && x.shape[1] % (1 << widths.count) == 0 && x.shape[2] % (1 << widths.count) == 0
        guard isDivisible else {
            throw ApusError(
                .shape, in: "layer UNet", "an input of shape \(x.shape) for \(widths.count) stages",
                remedy: "feed [batch, height, width, channels], height and width divisible by 2 once a stage")
        }
        var y = x
        var kept: [Tensor] = []
        for stage in down {
            y = stage(y)
            kept.append(y)
            y = pool(y)
        }
        y = middle(y)
        for ((enlarge, stage), beside) in zip(zip(enlarge, up), kept.reversed()) {
            y = stage(Tensor.concatenate([beside, enlarge(y)], axis: -1))
        }
        return head(y)
    }
}

/// Two 3x3 convolutions with batch norm and ReLU.
final class UNetStage: Module {
    let first: Conv2D
    let firstNorm = BatchNorm()
    let second: Conv2D
    let secondNorm = BatchNorm()

    init(_ maps: Int) {
        first = Conv2D(maps, kernel: 3, padding: .same, bias: false, initializer: .heNormal)
        second = Conv2D(maps, kernel: 3, padding: .same, bias: false, initializer: .heNormal)
    }

    func callAsFunction(_ x: Tensor) -> Tensor {
        observed { secondNorm(second(firstNorm(first(x)).relu())).relu() }
    }
}
