import Apus
import ApusCore
import ApusNN

extension LayerBatteryTests {
    private static let images = "feed [batch, height, width, channels]"
    private static let sequences = "feed [batch, time, channels]"
    private static let volumes = "feed [batch, depth, height, width, channels]"

    static let convolutionCases: [LayerCase] =
        plainConvolutions + transposedConvolutions + factoredConvolutions
        + otherConvolutions

    private static let plainConvolutions: [LayerCase] = [
        LayerCase("Conv1D", [2, 7, 3], to: [2, 7, 4]) { Conv1D(4, kernel: 3, padding: .causal, dilation: 2) }
            .refusing([4, 4], "layer Conv1D: an input of shape [4, 4]; \(sequences)"),
        LayerCase("Conv2D", [2, 7, 6, 3], to: [2, 5, 4, 8]) { Conv2D(8, kernel: 3) }
            .refusing([4, 4], "layer Conv2D: an input of shape [4, 4]; \(images)")
            .refusing(
                "layer Conv2D: 0 maps, kernel 3x3; use 1 to 16777216 maps and a kernel of 1 to 4096"
            ) { Conv2D(0, kernel: 3) }
            .refusing(
                "layer Conv2D: window extent [3, 3, 3] has 3 numbers for 2 spatial axes; give one number, or one for "
                    + "each spatial axis"
            ) { Conv2D(2, kernel: [3, 3, 3]) },
        LayerCase("Conv2D, strides, groups, activation", [2, 7, 6, 4], to: [2, 4, 6, 6]) {
            Conv2D(6, kernel: [3, 2], stride: [2, 1], padding: .same, groups: 2, activation: .sigmoid, bias: false)
        }
        .refusing(
            "layer Conv2D: 3 groups of 6 maps and of the 4 channels of input [2, 7, 6, 4]; use a number of groups that "
                + "divides maps and channels"
        ) { Conv2D(6, kernel: 3, groups: 3) },
        LayerCase("Conv2D, dilation, flipped", [1, 9, 8, 2], to: [1, 7, 6, 3]) {
            Conv2D(3, kernel: 3, padding: .explicit(1), dilation: 2, flipped: true)
        }
        .refusing(
            "operation convolution: dilation 0 is out of range; use numbers in 1...4096"
        ) { Conv2D(3, kernel: 3, dilation: 0) },
        LayerCase("Conv3D", [2, 4, 5, 3, 2], to: [2, 3, 4, 2, 3]) { Conv3D(3, kernel: 2) }
            .refusing([4, 4, 4, 4], "layer Conv3D: an input of shape [4, 4, 4, 4]; \(volumes)"),
    ]

    private static let transposedConvolutions: [LayerCase] = [
        LayerCase("TransposedConv1D", [2, 4, 3], to: [2, 9, 2]) { TransposedConv1D(2, kernel: 3, stride: 2) }
            .refusing([4, 4], "layer TransposedConv1D: an input of shape [4, 4]; \(sequences)"),
        LayerCase("TransposedConv2D", [2, 4, 3, 2], to: [2, 8, 6, 3]) {
            TransposedConv2D(3, kernel: 3, stride: 2, padding: .same, activation: .tanh)
        }
        .refusing(
            "layer TransposedConv2D: 2 groups of 3 maps and of the 2 channels of input [2, 4, 3, 2]; use a number of "
                + "groups that divides maps and channels"
        ) { TransposedConv2D(3, kernel: 3, groups: 2) },
        LayerCase("TransposedConv2D, groups, output padding", [1, 3, 3, 4], to: [1, 6, 6, 2]) {
            TransposedConv2D(
                2, kernel: 3, stride: 2, padding: .explicit(1), groups: 2, outputPadding: 1, bias: false)
        }
        .refusing(
            "operation transposedConvolution: stride 0 is out of range; use numbers in 1...4096"
        ) { TransposedConv2D(2, kernel: 3, stride: 0) },
        LayerCase("TransposedConv3D", [2, 2, 3, 2, 2], to: [2, 3, 4, 3, 2]) { TransposedConv3D(2, kernel: 2) }
            .refusing([4, 4], "layer TransposedConv3D: an input of shape [4, 4]; \(volumes)"),
    ]

    private static let factoredConvolutions: [LayerCase] = [
        LayerCase("DepthwiseConv1D", [2, 6, 3], to: [2, 4, 3]) { DepthwiseConv1D(kernel: 3) }
            .refusing([4, 4], "layer DepthwiseConv1D: an input of shape [4, 4]; \(sequences)"),
        LayerCase("DepthwiseConv2D", [2, 6, 5, 3], to: [2, 3, 3, 6]) {
            DepthwiseConv2D(kernel: 3, multiplier: 2, stride: 2, padding: .same)
        }
        .refusing(
            "layer DepthwiseConv2D: 0 maps, kernel 3x3; use 1 to 16777216 maps and a kernel of 1 to 4096"
        ) { DepthwiseConv2D(kernel: 3, multiplier: 0) },
        LayerCase("DepthwiseConv3D", [1, 3, 4, 3, 2], to: [1, 2, 3, 2, 2]) { DepthwiseConv3D(kernel: 2, bias: false) }
            .refusing([4, 4], "layer DepthwiseConv3D: an input of shape [4, 4]; \(volumes)"),
        LayerCase("SeparableConv1D", [2, 6, 3], to: [2, 4, 5]) { SeparableConv1D(5, kernel: 3) }
            .refusing([4, 4], "layer SeparableConv1D: an input of shape [4, 4]; \(sequences)"),
        LayerCase("SeparableConv2D", [2, 6, 5, 3], to: [2, 6, 5, 4]) {
            SeparableConv2D(4, kernel: 3, multiplier: 2, padding: .same, activation: .tanh)
        }
        .refusing(
            "layer SeparableConv2D: 0 maps, kernel 3x3; use 1 to 16777216 maps and a kernel of 1 to 4096"
        ) { SeparableConv2D(0, kernel: 3) },
        LayerCase("SeparableConv3D", [1, 3, 4, 3, 2], to: [1, 2, 3, 2, 3]) {
            SeparableConv3D(3, kernel: 2, bias: false)
        }
        .refusing([4, 4], "layer SeparableConv3D: an input of shape [4, 4]; \(volumes)"),
    ]

    private static let otherConvolutions: [LayerCase] = [
        LayerCase("LocallyConnected1D", [2, 6, 3], to: [2, 4, 2]) { LocallyConnected1D(2, kernel: 3) }
            .refusing([4, 4], "layer LocallyConnected1D: an input of shape [4, 4]; \(sequences)"),
        LayerCase("LocallyConnected2D", [2, 5, 4, 2], to: [2, 3, 2, 3]) {
            LocallyConnected2D(3, kernel: 3, stride: 2, padding: .same, activation: .tanh)
        }
        .refusing(
            "layer LocallyConnected2D: 0 maps, kernel 3x3; use 1 to 16777216 maps and a kernel of 1 to 4096"
        ) { LocallyConnected2D(0, kernel: 3) },
        LayerCase("DeformableConv2D", [2, 5, 4, 4], to: [2, 3, 2, 3]) {
            DeformableConv2D(3, kernel: 3, offsetGroups: 2, weighted: true)
        }
        .refusing([4, 4], "layer DeformableConv2D: an input of shape [4, 4]; \(images)")
        .refusing(
            "layer DeformableConv2D: 1 groups and 3 offset groups of 2 maps and of the 4 channels of input [2, 5, 4, 4]; "
                + "use numbers of groups that divide maps and channels"
        ) { DeformableConv2D(2, kernel: 3, offsetGroups: 3) },
        LayerCase("DeformableConv2D, groups", [1, 5, 4, 4], to: [1, 5, 4, 6]) {
            DeformableConv2D(6, kernel: 3, padding: .same, groups: 2, bias: false)
        }
        .refusing(
            "operation convolution (layer offsets): stride 0 is out of range; use numbers in 1...4096"
        ) { DeformableConv2D(2, kernel: 3, stride: 0) },
        LayerCase("Dilation2D", [2, 5, 4, 2], to: [2, 5, 4, 2]) { Dilation2D(kernel: 3, padding: .same) }
            .refusing([4, 4], "layer Dilation2D: an input of shape [4, 4]; \(images)"),
        LayerCase("Erosion2D", [2, 6, 5, 2], to: [2, 2, 2, 2]) { Erosion2D(kernel: 3, stride: 2) }
            .refusing([4, 4], "layer Erosion2D: an input of shape [4, 4]; \(images)"),
        LayerCase("Unfold", [2, 5, 4, 2], to: [2, 2, 2, 18]) {
            Unfold(3, stride: 2, padding: .explicit([(0, 0), (1, 0)]))
        }
        .refusing(
            [4, 4],
            "operation patches: shape [4, 4] is not that of images of 1 to 3 spatial axes; images are [batch, "
                + "spatial.., channels]"),
        LayerCase("Fold", [2, 3, 2, 8], to: [2, 4, 3, 2]) { Fold([4, 3], window: 2) }
            .refusing(
                [2, 3, 3, 8],
                "vjp: the cotangent has shape [2, 3, 3, 8], the value [2, 3, 2, 8]; give a cotangent of the value's shape"
            )
            .refusing(
                [2, 3],
                "operation folded: patches [2, 3] of windows [2, 2] for images [4, 3]; give [batch, positions.., window x "
                    + "channels]"),
    ]
}
