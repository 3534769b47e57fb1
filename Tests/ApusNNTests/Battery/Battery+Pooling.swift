import Apus
import ApusCore
import ApusNN

extension LayerBatteryTests {
    static let poolingCases: [LayerCase] = [
        LayerCase("MaxPool2D", [2, 6, 7, 3], to: [2, 3, 3, 3]) { MaxPool2D() }
            .refusing(
                [4, 4],
                "operation maxPool: input [4, 4] is not images of 1 to 3 spatial axes; images are [batch, "
                    + "spatial.., channels]"),
        LayerCase("AveragePool2D", [2, 6, 7, 3], to: [2, 3, 4, 3]) { AveragePool2D(3, stride: 2, padding: .same) }
            .refusing(
                "operation averagePool: window extent 0 is out of range; use numbers in 1...4096"
            ) { AveragePool2D(0) },
        LayerCase("GlobalAveragePool2D", [2, 6, 7, 3], to: [2, 3]) { GlobalAveragePool2D() }
            .refusing(
                [2, 3], "layer GlobalAveragePool2D: an input of shape [2, 3]; feed [batch, height, width, channels]"),
    ]
}
