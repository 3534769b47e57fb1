import Apus
import ApusCore
import ApusNN

extension LayerBatteryTests {
    private static func wrong(_ layer: String, _ form: String) -> String {
        "layer \(layer): an input of shape [4, 4]; feed \(form)"
    }
    private static let images = "[batch, height, width, channels]"
    private static let sequences = "[batch, time, channels]"
    private static let volumes = "[batch, depth, height, width, channels]"

    static let poolingCases: [LayerCase] = windowPools + globalPools + otherPools

    private static let windowPools: [LayerCase] = [
        LayerCase("MaxPool1D", [2, 7, 3], to: [2, 3, 3]) { MaxPool1D(3, stride: 2) }
            .refusing([4, 4], wrong("MaxPool1D", sequences)),
        LayerCase("MaxPool2D", [2, 6, 7, 3], to: [2, 3, 3, 3]) { MaxPool2D() }
            .refusing([4, 4], wrong("MaxPool2D", images))
            .refusing(
                "operation maxPool: stride [1, 1, 1] has 3 numbers for 2 spatial axes; give one number, or one for each "
                    + "spatial axis"
            ) { MaxPool2D(2, stride: [1, 1, 1]) },
        LayerCase("MaxPool3D", [1, 4, 5, 3, 2], to: [1, 2, 3, 2, 2]) { MaxPool3D(2, roundsUp: true) }
            .refusing([4, 4], wrong("MaxPool3D", volumes)),
        LayerCase("AveragePool1D", [2, 7, 3], to: [2, 4, 3]) {
            AveragePool1D(3, stride: 2, padding: .explicit(1), countsPadding: true)
        }
        .refusing([4, 4], wrong("AveragePool1D", sequences)),
        LayerCase("AveragePool2D", [2, 6, 7, 3], to: [2, 3, 4, 3]) { AveragePool2D(3, stride: 2, padding: .same) }
            .refusing(
                "operation averagePool: window extent 0 is out of range; use numbers in 1...4096"
            ) { AveragePool2D(0) },
        LayerCase("AveragePool3D", [1, 4, 5, 3, 2], to: [1, 2, 2, 1, 2]) { AveragePool3D([2, 2, 3]) }
            .refusing([4, 4], wrong("AveragePool3D", volumes)),
        LayerCase("LPPool1D", [2, 7, 3], to: [2, 3, 3]) { LPPool1D(order: 3, 2) }
            .refusing([4, 4], wrong("LPPool1D", sequences)),
        LayerCase("LPPool2D", [2, 6, 7, 3], to: [2, 3, 3, 3]) { LPPool2D() }
            .refusing("operation lpPool: the order is 0.0; use a number over 0") { LPPool2D(order: 0) },
        LayerCase("LPPool3D", [1, 4, 4, 3, 2], to: [1, 2, 2, 1, 2]) { LPPool3D(order: 1.5) }
            .refusing([4, 4], wrong("LPPool3D", volumes)),
    ]

    private static let globalPools: [LayerCase] = [
        LayerCase("GlobalAveragePool1D", [2, 6, 3], to: [2, 3]) { GlobalAveragePool1D() }
            .refusing([4, 4], wrong("GlobalAveragePool1D", sequences)),
        LayerCase("GlobalAveragePool2D", [2, 6, 7, 3], to: [2, 3]) { GlobalAveragePool2D() }
            .refusing([4, 4], wrong("GlobalAveragePool2D", images))
            .refusing(
                [2, 0, 7, 3],
                "layer GlobalAveragePool2D: an input of shape [2, 0, 7, 3]; feed images of at least one cell"),
        LayerCase("GlobalAveragePool3D", [2, 2, 3, 4, 3], to: [2, 1, 1, 1, 3]) {
            GlobalAveragePool3D(keepDimensions: true)
        }
        .refusing([4, 4], wrong("GlobalAveragePool3D", volumes)),
        LayerCase("GlobalMaxPool1D", [2, 6, 3], to: [2, 1, 3]) { GlobalMaxPool1D(keepDimensions: true) }
            .refusing([4, 4], wrong("GlobalMaxPool1D", sequences)),
        LayerCase("GlobalMaxPool2D", [2, 6, 7, 3], to: [2, 3]) { GlobalMaxPool2D() }
            .refusing([4, 4], wrong("GlobalMaxPool2D", images)),
        LayerCase("GlobalMaxPool3D", [2, 2, 3, 4, 3], to: [2, 3]) { GlobalMaxPool3D() }
            .refusing([4, 4], wrong("GlobalMaxPool3D", volumes)),
        LayerCase("AdaptiveAveragePool1D", [2, 7, 3], to: [2, 4, 3]) { AdaptiveAveragePool1D(4) }
            .refusing([4, 4], wrong("AdaptiveAveragePool1D", sequences)),
        LayerCase("AdaptiveAveragePool2D", [2, 6, 7, 3], to: [2, 2, 3, 3]) { AdaptiveAveragePool2D([2, 3]) }
            .refusing(
                "layer AdaptiveAveragePool2D: output extent 0 is out of range; use numbers in 1...1048576"
            ) { AdaptiveAveragePool2D(0) },
        LayerCase("AdaptiveAveragePool3D", [1, 3, 4, 5, 2], to: [1, 2, 2, 2, 2]) { AdaptiveAveragePool3D(2) }
            .refusing([4, 4], wrong("AdaptiveAveragePool3D", volumes)),
        LayerCase("AdaptiveMaxPool1D", [2, 7, 3], to: [2, 4, 3]) { AdaptiveMaxPool1D(4) }
            .refusing([4, 4], wrong("AdaptiveMaxPool1D", sequences)),
        LayerCase("AdaptiveMaxPool2D", [2, 6, 7, 3], to: [2, 2, 3, 3]) { AdaptiveMaxPool2D([2, 3]) }
            .refusing([4, 4], wrong("AdaptiveMaxPool2D", images)),
        LayerCase("AdaptiveMaxPool3D", [1, 3, 4, 5, 2], to: [1, 2, 2, 2, 2]) { AdaptiveMaxPool3D(2) }
            .refusing([4, 4], wrong("AdaptiveMaxPool3D", volumes)),
    ]

    /// Pooled values of a layer and their positions.
    private static func unpooling(
        _ name: String, _ input: Shape, to output: Shape, _ pool: @escaping @Sendable () -> MaxPoolLayer,
        _ make: @escaping @Sendable () -> any Module
    ) -> LayerCase {
        LayerCase(name, input, to: output, make).with {
            $0.call = { layer, inputs in
                let (values, positions) = pool().withPositions(inputs[0])
                return (layer as? any MergingLayer)?(values, positions) ?? values
            }
        }
    }

    private static let otherPools: [LayerCase] = [
        LayerCase("FractionalMaxPool2D", [2, 9, 11, 2], to: [2, 6, 7, 2]) { FractionalMaxPool2D(ratio: 0.7) }
            .with {
                $0.isRandom = true
                $0.differsInTraining = true
            }
            .refusing("layer FractionalMaxPool2D: the ratio is 1.5; use a number between 0 and 1") {
                FractionalMaxPool2D(ratio: 1.5)
            },
        LayerCase("FractionalMaxPool3D", [1, 7, 9, 8, 2], to: [1, 4, 5, 4, 2]) { FractionalMaxPool3D(3, ratio: 0.6) }
            .with {
                $0.isRandom = true
                $0.differsInTraining = true
            }
            .refusing([4, 4], wrong("FractionalMaxPool3D", volumes)),
        unpooling("MaxUnpool1D", [2, 6, 3], to: [2, 6, 3], { MaxPool1D() }) { MaxUnpool1D() }
            .refusing(
                [4, 4],
                "operation maxPool: input [4, 4] is not images of 1 to 3 spatial axes; images are [batch, "
                    + "spatial.., channels]"),
        unpooling("MaxUnpool2D", [2, 5, 7, 2], to: [2, 5, 7, 2], { MaxPool2D() }) { MaxUnpool2D(to: [5, 7]) }
            .refusing("layer MaxUnpool2D: window extent 0 is out of range; use numbers in 1...4096") { MaxUnpool2D(0) }
            .with {
                $0.mistakes.append(.init(make: $0.make, inputs: [.init(shape: [2, 5, 3])], message: wrongUnpool))
            },
        unpooling("MaxUnpool3D", [1, 4, 4, 2, 2], to: [1, 4, 4, 2, 2], { MaxPool3D() }) { MaxUnpool3D() }
            .refusing("layer MaxUnpool3D: stride 0 is out of range; use numbers in 1...4096") {
                MaxUnpool3D(2, stride: 0)
            },
    ]

    private static let wrongUnpool =
        "layer MaxUnpool2D: an input of shape [2, 2, 3]; feed [batch, height, width, channels]"
}
