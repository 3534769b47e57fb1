import Apus
import ApusCore
import ApusNN

extension LayerBatteryTests {
    static let normalizationCases: [LayerCase] = [
        LayerCase("BatchNorm", [5, 3], to: [5, 3]) { BatchNorm() }
            .with {
                $0.differsInTraining = true
                $0.mixesBatch.training = true
            }
            .refusing([4], "layer BatchNorm: an input of shape [4]; feed at least [batch, channels]")
    ]
}
