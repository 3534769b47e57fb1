import Apus
import ApusCore
import ApusNN

extension LayerBatteryTests {
    static let coreCases: [LayerCase] = [
        LayerCase("Dense", [3, 4], to: [3, 5]) { Dense(5, activation: .tanh) }
            .refusing(
                [],
                "layer Dense: 5 units on an input of shape []; use at least one unit and an input of at "
                    + "least one axis"),
        LayerCase("Dense, per step", [2, 3, 4], to: [2, 3, 5]) { Dense(5, bias: false) }
            .refusing(
                "layer Dense: 0 units on an input of shape [2, 3, 4]; use at least one unit and an input of at "
                    + "least one axis"
            ) { Dense(0) },
        LayerCase("Activation", [3, 4], to: [3, 4]) { Activation(.sigmoid) }.with { $0.refusesNothing = true },
        LayerCase("Flatten", [3, 4, 2], to: [3, 8]) { Flatten() }
            .refusing([], "operation flattened: axis 1 does not exist in shape []; use an axis in 0...0"),
        LayerCase("Dropout", [4, 6], to: [4, 6]) { Dropout(0.4) }.random()
            .refusing("layer Dropout: the rate is 1.5; use a probability from 0 to below 1") { Dropout(1.5) }
            .refusing("layer Dropout: the rate is nan; use a probability from 0 to below 1") { Dropout(.nan) },
    ]
}
