import Apus
import ApusCore
import ApusNN

extension LayerBatteryTests {
    private static func wrongRate(_ layer: String) -> String {
        "layer \(layer): the rate is 1.5; use a probability from 0 to below 1"
    }

    static let regularizationCases: [LayerCase] = [
        LayerCase("Dropout", [4, 6], to: [4, 6]) { Dropout(0.4) }.random()
            .refusing(wrongRate("Dropout")) { Dropout(1.5) }
            .refusing("layer Dropout: the rate is nan; use a probability from 0 to below 1") { Dropout(.nan) },
        LayerCase("SpatialDropout1D", [4, 3, 6], to: [4, 3, 6]) { SpatialDropout1D(0.4) }.random()
            .refusing(wrongRate("SpatialDropout1D")) { SpatialDropout1D(1.5) }
            .refusing([4, 4], "layer SpatialDropout1D: an input of shape [4, 4]; feed [batch, time, channels]"),
        LayerCase("SpatialDropout2D", [4, 3, 2, 6], to: [4, 3, 2, 6]) { SpatialDropout2D(0.4) }.random()
            .refusing(wrongRate("SpatialDropout2D")) { SpatialDropout2D(1.5) },
        LayerCase("SpatialDropout3D", [4, 2, 2, 2, 6], to: [4, 2, 2, 2, 6]) { SpatialDropout3D(0.4) }.random()
            .refusing(wrongRate("SpatialDropout3D")) { SpatialDropout3D(1.5) },
        LayerCase("AlphaDropout", [4, 6], to: [4, 6]) { AlphaDropout(0.4) }.random()
            .refusing(wrongRate("AlphaDropout")) { AlphaDropout(1.5) },
        LayerCase("FeatureAlphaDropout", [4, 3, 6], to: [4, 3, 6]) { FeatureAlphaDropout(0.4) }.random()
            .refusing(wrongRate("FeatureAlphaDropout")) { FeatureAlphaDropout(1.5) },
        LayerCase("GaussianDropout", [4, 6], to: [4, 6]) { GaussianDropout(0.4) }.random()
            .refusing(wrongRate("GaussianDropout")) { GaussianDropout(1.5) },
        LayerCase("GaussianNoise", [4, 6], to: [4, 6]) { GaussianNoise(0.4) }.random()
            .refusing("layer GaussianNoise: the deviation is -1.0; use a number of 0 or more") { GaussianNoise(-1) },
        LayerCase("DropBlock2D", [3, 6, 5, 2], to: [3, 6, 5, 2]) { DropBlock2D(0.4, block: 2) }.random()
            .refusing(wrongRate("DropBlock2D")) { DropBlock2D(1.5, block: 2) }
            .refusing("layer DropBlock2D: the block's extent is 0; use a number in 1...4096") {
                DropBlock2D(0.5, block: 0)
            },
        LayerCase("DropBlock3D", [2, 4, 4, 3, 2], to: [2, 4, 4, 3, 2]) { DropBlock3D(0.4, block: 3) }.random()
            .refusing(wrongRate("DropBlock3D")) { DropBlock3D(1.5, block: 2) },
        LayerCase("StochasticDepth", [16, 3], to: [16, 3]) { StochasticDepth(0.4) }.random()
            .refusing(wrongRate("StochasticDepth")) { StochasticDepth(1.5) },
        LayerCase("StochasticDepth, whole batch", [4, 3], to: [4, 3]) { StochasticDepth(0.5, each: .batch) }.random()
            .refusing([], "layer StochasticDepth: an input of shape []; feed [batch, ..]"),
        LayerCase("HardConcreteGates", [4, 3, 6], to: [4, 3, 6]) { HardConcreteGates(0.1) }.random()
            .refusing("layer HardConcreteGates: the factor is -1.0; use a number of 0 or more") {
                HardConcreteGates(-1)
            }
            .refusing([], "layer HardConcreteGates: an input of shape []; feed [.., channels]"),
        LayerCase("ActivityRegularization", [4, 6], to: [4, 6]) { ActivityRegularization(l1: 0.1, l2: 0.2) }
            .refusing("layer ActivityRegularization: the penalties are -1.0 and 0.0; use numbers of 0 or more") {
                ActivityRegularization(l1: -1)
            },
    ]
}
