import Apus
import ApusCore
import ApusNN

extension LayerBatteryTests {
    static let visionCases: [LayerCase] = [
        LayerCase(
            "FeaturePyramid", [.init(shape: [2, 5, 6, 3]), .init(shape: [2, 3, 3, 2])], to: [2, (30 + 9) * 4]
        ) { FeaturePyramid(4, levels: 2) }
        .with {
            $0.call = { layer, inputs in
                guard let layer = layer as? FeaturePyramid else { return inputs[0] }
                let maps = layer(inputs)
                return Tensor.concatenate(maps.map { $0.error == nil ? $0.flattened(from: 1) : $0 }, axis: 1)
            }
        }
        .refusing(
            inputs: [[2, 5, 6], [2, 3, 3, 2]],
            "layer FeaturePyramid: maps of shapes [[2, 5, 6], [2, 3, 3, 2]] for 2 levels; feed as many maps [batch, "
                + "height, width, channels], the largest first"),
        LayerCase("NormalizedConv2D", [3, 5, 6, 2], to: [3, 3, 3, 4]) {
            NormalizedConv2D(4, stride: 2, activation: .tanh)
        }
        .mixingWhileTraining()
        .refusing(
            "layer Conv2D (layer convolution): 0 maps, kernel 3x3; use 1 to 16777216 maps and a kernel of 1 to 4096"
        ) { NormalizedConv2D(0) },
        LayerCase("NormalizedConv3D", [2, 3, 4, 3, 2], to: [2, 3, 4, 3, 3]) {
            NormalizedConv3D(3, activation: .tanh, normalization: GroupNorm(3))
        }
        .refusing(
            "layer Conv3D (layer convolution): 0 maps, kernel 3x3x3; use 1 to 16777216 maps and a kernel of 1 to 4096"
        ) { NormalizedConv3D(0) },
        LayerCase("MultilayerPerceptron", [3, 4], to: [3, 2]) { MultilayerPerceptron([5, 2], activation: .tanh) }
            .refusing("layer MultilayerPerceptron: there are no layers; give the units of one layer or more") {
                MultilayerPerceptron([])
            },
        LayerCase("MultilayerPerceptron, dropout", [3, 4], to: [3, 2]) {
            MultilayerPerceptron([15, 2], activation: .tanh, dropout: 0.4)
        }
        .random()
        .refusing("layer Dropout (layer dropout): the rate is 1.0; use a probability from 0 to below 1") {
            MultilayerPerceptron([5, 2], dropout: 1)
        },
    ]
}
