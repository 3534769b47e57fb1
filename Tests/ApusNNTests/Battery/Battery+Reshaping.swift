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

    static let reshapingCases: [LayerCase] = arrangements + borders + enlargements

    private static let arrangements: [LayerCase] = [
        LayerCase("Flatten", [3, 4, 2], to: [3, 8]) { Flatten() }
            .refusing([], "operation flattened: axis 1 does not exist in shape []; use an axis in 0...0"),
        LayerCase("Unflatten", [3, 2, 12], to: [3, 2, 3, 4]) { Unflatten([3, -1]) }
            .refusing(
                "layer Unflatten: the extents [5, -1] for 12 elements of shape [3, 2, 12]; use extents whose product is "
                    + "that number; one may be -1"
            ) { Unflatten([5, -1]) },
        LayerCase("Reshape", [3, 4, 6], to: [3, 2, 12]) { Reshape([2, 12]) }
            .refusing(
                [3, 4, 5],
                "layer Reshape: the extents [2, 12] for 20 elements of shape [3, 4, 5]; use extents whose product is "
                    + "that number; one may be -1"),
        LayerCase("Reshape, one extent free", [3, 4, 6], to: [3, 8, 3]) { Reshape([-1, 3]) }
            .refusing([], "layer Reshape: an input of shape []; feed [batch, ..]"),
        LayerCase("Permute", [3, 4, 6], to: [3, 6, 4]) { Permute([2, 1]) }
            .refusing(
                [3, 4], "layer Permute: the order [2, 1] for shape [3, 4]; name each axis but the batch once, from 1 on"
            ),
        LayerCase("RepeatVector", [3, 4], to: [3, 5, 4]) { RepeatVector(5) }
            .refusing("layer RepeatVector: the count is -1; use a number in 1...16777216") { RepeatVector(-1) },
        LayerCase("PixelShuffle", [2, 3, 2, 8], to: [2, 6, 4, 2]) { PixelShuffle(2) }
            .refusing(
                "operation depthToSpace: factor 3 for shape [2, 3, 2, 8]; feed [batch, spatial.., channels] whose "
                    + "channels (or spatial extents) the factor divides"
            ) { PixelShuffle(3) },
        LayerCase("PixelUnshuffle", [2, 6, 4, 2], to: [2, 3, 2, 8]) { PixelUnshuffle(2) }
            .refusing(
                [2, 3, 4, 2],
                "operation spaceToDepth: factor 2 for shape [2, 3, 4, 2]; feed [batch, spatial.., channels] whose "
                    + "channels (or spatial extents) the factor divides"),
        LayerCase("ChannelShuffle", [2, 3, 6], to: [2, 3, 6]) { ChannelShuffle(3) }
            .refusing(
                "operation channelShuffled: 4 groups of the channels of shape [2, 3, 6]; use a number of groups that "
                    + "divides the last axis"
            ) { ChannelShuffle(4) },
    ]

    private static let borders: [LayerCase] = [
        LayerCase("Cropping1D", [2, 6, 3], to: [2, 4, 3]) { Cropping1D() }
            .refusing([4, 4], wrong("Cropping1D", sequences))
            .refusing(
                "layer Cropping1D: the widths (4, 4) for shape [2, 6, 3]; take away no more cells than there are"
            ) { Cropping1D(4) },
        LayerCase("Cropping2D", [2, 6, 5, 3], to: [2, 5, 3, 3]) { Cropping2D([(1, 0), (0, 2)]) }
            .refusing([4, 4], wrong("Cropping2D", images))
            .refusing(
                "layer Cropping2D: the widths (-1, -1) for shape [2, 6, 5, 3]; give a pair of 0 or more for each "
                    + "spatial axis, or one for all"
            ) { Cropping2D(-1) },
        LayerCase("Cropping3D", [1, 4, 4, 3, 2], to: [1, 2, 2, 1, 2]) { Cropping3D(1) }
            .refusing([4, 4], wrong("Cropping3D", volumes)),
        LayerCase("ZeroPadding1D", [2, 6, 3], to: [2, 8, 3]) { ZeroPadding1D() }
            .refusing([4, 4], wrong("ZeroPadding1D", sequences)),
        LayerCase("ZeroPadding2D", [2, 6, 5, 3], to: [2, 7, 7, 3]) { ZeroPadding2D([(1, 0), (0, 2)]) }
            .refusing([4, 4], wrong("ZeroPadding2D", images)),
        LayerCase("ZeroPadding3D", [1, 2, 2, 3, 2], to: [1, 4, 4, 5, 2]) { ZeroPadding3D(1) }
            .refusing([4, 4], wrong("ZeroPadding3D", volumes)),
        LayerCase("Pad1D", [2, 6, 3], to: [2, 8, 3]) { Pad1D(1, filling: .constant(2)) }
            .refusing([4, 4], wrong("Pad1D", sequences)),
        LayerCase("Pad2D", [2, 6, 5, 3], to: [2, 8, 8, 3]) { Pad2D([(1, 1), (0, 3)], filling: .reflect) }
            .refusing([4, 4], wrong("Pad2D", images))
            .refusing(
                "operation pad: widths (0, 0), (7, 7), (7, 7), (0, 0) do not fit shape [2, 6, 5, 3] in mode reflect; "
                    + "give a pair of widths of 0 or more for each axis, smaller than its extent for reflect, not "
                    + "larger for circular"
            ) { Pad2D(7, filling: .reflect) },
        LayerCase("Pad2D, circular", [2, 6, 5, 3], to: [2, 8, 7, 3]) { Pad2D(1, filling: .circular) }
            .refusing([4, 4], wrong("Pad2D", images)),
        LayerCase("Pad3D", [1, 2, 2, 3, 2], to: [1, 6, 6, 7, 2]) { Pad3D(2, filling: .replicate) }
            .refusing([4, 4], wrong("Pad3D", volumes)),
    ]

    private static let enlargements: [LayerCase] = [
        LayerCase("UpSampling1D", [2, 3, 2], to: [2, 9, 2]) { UpSampling1D(3) }
            .refusing([4, 4], wrong("UpSampling1D", sequences)),
        LayerCase("UpSampling2D", [2, 3, 2, 2], to: [2, 6, 6, 2]) { UpSampling2D([2, 3]) }
            .refusing("layer UpSampling2D: factor 0 is out of range; use numbers in 1...4096") { UpSampling2D(0) },
        LayerCase("UpSampling2D, bilinear", [2, 3, 2, 2], to: [2, 6, 6, 2]) { UpSampling2D([2, 3], .bilinear) }
            .refusing([4, 4], wrong("UpSampling2D", images)),
        LayerCase("UpSampling3D", [1, 2, 3, 2, 2], to: [1, 4, 6, 4, 2]) { UpSampling3D() }
            .refusing([4, 4], wrong("UpSampling3D", volumes)),
    ]
}
