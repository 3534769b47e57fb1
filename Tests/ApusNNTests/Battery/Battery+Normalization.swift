import Apus
import ApusCore
import ApusNN

extension LayerBatteryTests {
    static let normalizationCases: [LayerCase] = [
        LayerCase("BatchNorm", [5, 3], to: [5, 3]) { BatchNorm() }.mixingWhileTraining()
            .refusing([4], "layer BatchNorm: an input of shape [4]; feed at least [batch, channels]"),
        LayerCase("BatchNorm, volumes", [3, 2, 3, 2, 4], to: [3, 2, 3, 2, 4]) { BatchNorm(momentum: 0.3) }
            .mixingWhileTraining()
            .refusing([], "layer BatchNorm: an input of shape []; feed at least [batch, channels]"),
        LayerCase("FrozenBatchNorm", [3, 4, 2], to: [3, 4, 2]) { FrozenBatchNorm() }
            .refusing([4], "layer FrozenBatchNorm: an input of shape [4]; feed at least [batch, channels]"),
        LayerCase("LayerNorm", [3, 4, 5], to: [3, 4, 5]) { LayerNorm(axes: 2) }
            .refusing(
                [5],
                "layer LayerNorm: 2 axes of shape [5]; normalise one axis or more, of those that there are"),
        LayerCase("LayerNorm, scale alone", [3, 4, 5], to: [3, 4, 5]) { LayerNorm(shift: false) }
            .refusing(
                "layer LayerNorm: 0 axes of shape [3, 4, 5]; normalise one axis or more, of those that there are"
            ) { LayerNorm(axes: 0) },
        LayerCase("RMSNorm", [3, 4, 5], to: [3, 4, 5]) { RMSNorm() }
            .refusing([], "layer RMSNorm: an input of shape []; feed [.., features]"),
        LayerCase("GroupNorm", [2, 3, 4, 6], to: [2, 3, 4, 6]) { GroupNorm(3) }
            .refusing(
                "layer GroupNorm: 4 groups of the channels of shape [2, 3, 4, 6]; use a number of groups that divides "
                    + "the last axis of [batch, .., channels]"
            ) { GroupNorm(4) },
        LayerCase("InstanceNorm", [2, 3, 4, 5], to: [2, 3, 4, 5]) { InstanceNorm(scale: true, shift: true) }
            .refusing([2, 3], "layer InstanceNorm: an input of shape [2, 3]; feed [batch, spatial.., channels]"),
        LayerCase("LocalResponseNorm", [2, 3, 7], to: [2, 3, 7]) { LocalResponseNorm(5, alpha: 0.5) }
            .refusing("layer LocalResponseNorm: the size is 0; use a number in 1...4096") { LocalResponseNorm(0) },
        LayerCase("UnitNormalization", [3, 4], to: [3, 4]) { UnitNormalization() }
            .refusing(
                "operation sum: axis 3 does not exist in shape [3, 4] of rank 2; use an axis in -2...1"
            ) { UnitNormalization(axis: 3) },
        LayerCase("SpectralNorm", [3, 4], to: [3, 5]) { SpectralNorm(Dense(5)) }
            .estimatingWhileTraining()
            .refusing(
                "layer SpectralNorm: Flatten has no parameter kernel, it has none; name one of its parameters"
            ) { SpectralNorm(Flatten()) },
        LayerCase("SpectralNorm, convolution", [2, 5, 5, 2], to: [2, 3, 3, 4]) {
            SpectralNorm(Conv2D(4, kernel: 3), iterations: 3)
        }
        .estimatingWhileTraining()
        .refusing(
            "layer SpectralNorm (layer layer): 0 iterations for a kernel of shape [3, 3, 2, 4]; use 1 to 1000 iterations and a kernel "
                + "of at least one axis"
        ) { SpectralNorm(Conv2D(4, kernel: 3), iterations: 0) },
        LayerCase("WeightNorm", [3, 4], to: [3, 5]) { WeightNorm(Dense(5, activation: .tanh)) }
            .refusing(
                "layer WeightNorm: Dense has no parameter table, it has weight, bias; name one of its parameters"
            ) { WeightNorm(Dense(5), parameter: "table") },
    ]
}

extension LayerCase {
    /// A layer that goes on with an estimate while training, and takes it for constant.
    fileprivate func estimatingWhileTraining() -> LayerCase {
        with {
            $0.differsInTraining = true
            $0.isDifferentiableInTraining = false
        }
    }
}
