import Apus
import ApusCore
import ApusNN

extension LayerBatteryTests {
    static let convolutionCases: [LayerCase] = [
        LayerCase("Conv2D", [2, 7, 6, 3], to: [2, 5, 4, 8]) { Conv2D(8, kernel: 3) }
            .refusing([4, 4], "layer Conv2D: an input of shape [4, 4]; feed [batch, height, width, channels]")
            .refusing(
                "layer Conv2D: 0 maps, kernel 3x3; use 1 to 16777216 maps and a kernel of 1 to 4096"
            ) { Conv2D(0, kernel: 3) },
        LayerCase("Conv2D, strides, groups, activation", [2, 7, 6, 4], to: [2, 4, 3, 6]) {
            Conv2D(6, kernel: 3, stride: 2, padding: .same, groups: 2, activation: .sigmoid, bias: false)
        }
        .refusing(
            "layer Conv2D: 3 groups of 6 maps and of the 4 channels of input [2, 7, 6, 4]; use a number of groups that "
                + "divides maps and channels"
        ) { Conv2D(6, kernel: 3, groups: 3) },
        LayerCase("Conv2D, dilation", [1, 9, 8, 2], to: [1, 7, 6, 3]) {
            Conv2D(3, kernel: 3, padding: .explicit(1), dilation: 2)
        }
        .refusing(
            "operation convolution: dilation 0 is out of range; use numbers in 1...4096"
        ) { Conv2D(3, kernel: 3, dilation: 0) },
    ]
}
