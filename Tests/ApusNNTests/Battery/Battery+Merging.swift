import Apus
import ApusCore
import ApusNN

extension LayerBatteryTests {
    private static func broadcast(_ operation: String) -> String {
        "operation \(operation): shapes [3, 4] and [3, 5] do not broadcast: extents 4 and 5 at axis -1; make these "
            + "extents equal, or one of them 1"
    }
    private static let unequal: [Shape] = [[3, 4], [3, 5]]
    private static let three: [Shape] = [[3, 4], [3, 4], [3, 4]]

    static let mergingCases: [LayerCase] = [
        .merging("Add", three, to: [3, 4]) { Add() }.refusing(inputs: unequal, broadcast("add")),
        .merging("Subtract", [[3, 4], [3, 1]], to: [3, 4]) { Subtract() }.refusing(
            inputs: unequal, broadcast("subtract")
        )
        .refusing(inputs: three, "layer Subtract: 3 inputs; feed two tensors"),
        .merging("Multiply", three, to: [3, 4]) { Multiply() }.refusing(inputs: unequal, broadcast("multiply")),
        .merging("Average", three, to: [3, 4]) { Average() }.refusing(inputs: unequal, broadcast("add"))
            .refusing(inputs: [], "layer Average: there are no inputs; feed at least one tensor"),
        .merging("Maximum", three, to: [3, 4]) { Maximum() }.refusing(inputs: unequal, broadcast("maximum")),
        .merging("Minimum", three, to: [3, 4]) { Minimum() }.refusing(inputs: unequal, broadcast("minimum")),
        .merging("Concatenate", [[3, 4], [3, 2], [3, 1]], to: [3, 7]) { Concatenate() }
            .refusing(
                inputs: [[3, 4], [2, 4]],
                "operation concatenate: shapes [3, 4] and [2, 4] differ beside axis 1; make all other extents equal"
            ),
        .merging("Dot", [[3, 2, 4], [3, 4, 5]], to: [3, 2, 5]) { Dot(axes: (2, 1)) }
            .refusing(
                inputs: unequal,
                "layer Dot: axis 2 does not exist in shape [3, 4] of rank 2; use an axis in -2...1"
            ),
        .merging("Dot, cosine", [[3, 4], [3, 4]], to: [3, 1]) { Dot(normalized: true) }
            .refusing(inputs: [[3, 4]], "layer Dot: 1 inputs; feed two tensors")
            .refusing(
                inputs: unequal,
                "layer Dot: axes -1 and -1 of shapes [3, 4] and [3, 5]; use axes of equal extent behind an equal batch axis"
            ),
        .merging("CosineSimilarity", [[3, 4], [3, 4]], to: [3]) { CosineSimilarity() }
            .refusing(inputs: [[3, 4]], "layer CosineSimilarity: 1 inputs; feed two tensors"),
        .merging("PairwiseDistance", [[3, 4], [3, 4]], to: [3]) { PairwiseDistance() }
            .refusing(inputs: unequal, broadcast("subtract")),
        LayerCase("Residual", [2, 5, 4, 3], to: [2, 5, 4, 3]) {
            Residual(activation: .tanh) { Conv2D(3, kernel: 3, padding: .same) }
        }
        .refusing(
            "layer Residual: the layers make [2, 4, 3, 3] of [2, 5, 4, 3], which no stride does; use layers that keep the "
                + "shape, divide spatial extents by strides, or give a projection"
        ) { Residual { Conv2D(3, kernel: 2) } },
        LayerCase("Residual, projected", [2, 5, 4, 3], to: [2, 3, 2, 6]) {
            Residual { Conv2D(6, kernel: 3, stride: 2, padding: .same) }
        }
        .with { $0.buildsBeforeLoading = true }
        .refusing(
            "layer Residual: the layers make [2, 5, 4, 6] of [2, 5, 4, 3], the shortcut [2, 5, 4, 2]; give a projection "
                + "that makes the layers' shape"
        ) { Residual(projection: Conv2D(2, kernel: 1)) { Conv2D(6, kernel: 1) } },
        LayerCase("Branches", [2, 5, 4, 3], to: [2, 5, 4, 9]) {
            Branches(
                Sequential { Conv2D(4, kernel: 3, padding: .same, activation: .tanh) },
                Sequential {
                    Conv2D(2, kernel: 1)
                    Activation(.tanh)
                }, Sequential([]))
        }
        .refusing("layer Branches: there are no chains; give at least one") { Branches() }
        .refusing(
            "operation concatenate: shapes [2, 5, 4, 3] and [2, 4, 3, 2] differ beside axis 3; make all other extents "
                + "equal"
        ) { Branches(Sequential([]), Sequential { Conv2D(2, kernel: 2) }) },
        LayerCase("Concatenating", [2, 5, 4, 3], to: [2, 5, 4, 7]) {
            Concatenating { Conv2D(4, kernel: 3, padding: .same, activation: .tanh) }
        }
        .refusing(
            "operation concatenate: shapes [2, 5, 4, 3] and [2, 3, 2, 3] differ beside axis 3; make all other extents "
                + "equal"
        ) { Concatenating { Conv2D(3, kernel: 3) } },
        LayerCase("SqueezeExcitation", [2, 3, 4, 6], to: [2, 3, 4, 6]) { SqueezeExcitation(reduction: 2) }
            .refusing("layer SqueezeExcitation: the reduction is 0; use a number in 1...16777216") {
                SqueezeExcitation(reduction: 0)
            },
    ]
}
