import Apus
import ApusCore
import ApusNN

extension LayerBatteryTests {
    static let coreCases: [LayerCase] = [
        LayerCase("Dense", [3, 4], to: [3, 5]) { Dense(5, activation: .tanh) }
            .refusing(
                [],
                "layer Dense: 5 units on an input of shape []; use at least one unit and an input of at least one axis"),
        LayerCase("Dense, per step", [2, 3, 4], to: [2, 3, 5]) { Dense(5, bias: false) }
            .refusing(
                "layer Dense: 0 units on an input of shape [2, 3, 4]; use at least one unit and an input of at "
                    + "least one axis"
            ) { Dense(0) },
        LayerCase("TernaryDense", [3, 4], to: [3, 5]) { TernaryDense(5, activation: .tanh) }
            .with { $0.isDifferentiable = false }
            .refusing([], "layer TernaryDense: an input of shape []; feed [.., inputs]")
            .refusing("layer TernaryDense: the threshold is -1.0; use a finite number of 0 or more") {
                TernaryDense(5, threshold: -1)
            },
        LayerCase("TernaryDense, threshold", [2, 3, 4], to: [2, 3, 5]) { TernaryDense(5, threshold: 0.3, bias: false) }
            .with { $0.isDifferentiable = false }
            .refusing("layer TernaryDense: the number of units is 0; use a number in 1...16777216") { TernaryDense(0) },
        .merging("Bilinear", [[3, 4], [3, 2]], to: [3, 5]) { Bilinear(5, activation: .tanh) }
            .refusing(
                inputs: [[3, 4]], "layer Bilinear: inputs of shapes [[3, 4]]; feed two, [.., left] and [.., right]"),
        LayerCase("EinsumDense", [2, 3, 4], to: [2, 3, 2, 5]) {
            EinsumDense("btd,dhk->bthk", weight: [4, 2, 5], biasAxes: "hk", activation: .tanh)
        }
        .refusing(
            "layer EinsumDense: equation \"btd\" for a weight of shape [4], bias axes \"\"; write the input's, the "
                + "weight's and the output's axes, such as ab,bc->ac"
        ) { EinsumDense("btd", weight: [4]) },
        LayerCase("Embedding", [3, 4], to: [3, 4, 5]) { Embedding(7, features: 5, padding: 2) }.takingIndices(below: 7)
            .refusing("layer Embedding: the vocabulary is 0; use a number in 1...1099511627776") {
                Embedding(0, features: 5)
            },
        LayerCase("EmbeddingBag", [3, 4], to: [3, 5]) { EmbeddingBag(7, features: 5, padding: 2) }
            .takingIndices(below: 7)
            .refusing([3], "layer EmbeddingBag: an input of shape [3]; feed [batch, words]"),
        LayerCase("EmbeddingBag, maximum", [3, 4], to: [3, 5]) {
            EmbeddingBag(7, features: 5, fold: .maximum, padding: 2)
        }
        .takingIndices(below: 7)
        .refusing([3, 0], "layer EmbeddingBag: words of shape [3, 0]; feed at least one word for a maximum"),
        LayerCase("TiedEmbedding", [3, 4], to: [3, 4, 7]) { TiedEmbedding(7, features: 5) }.takingIndices(below: 7)
            .with {
                $0.call = { layer, inputs in
                    let vectors = layer(inputs[0])
                    return (layer as? TiedEmbedding)?.logits(vectors.tanh()) ?? vectors
                }
            }
            .refusing("layer Embedding (layer embedding): the number of features is 0; use a number in 1...16777216") {
                TiedEmbedding(7, features: 0)
            },
        LayerCase("AdaptiveLogSoftmax", [3, 6], to: [3, 9]) {
            AdaptiveLogSoftmax(9, cutoffs: [3, 5], divisor: 2, headBias: true)
        }
        .refusing(
            "layer AdaptiveLogSoftmax: cutoffs [3, 9] of 9 classes, divisor 4.0; use ascending cutoffs in 1..<9 and a "
                + "divisor of 1 or more"
        ) { AdaptiveLogSoftmax(9, cutoffs: [3, 9]) },
        LayerCase("Identity", [3, 4], to: [3, 4]) { Identity() }.with { $0.refusesNothing = true },
        LayerCase("Lambda", [3, 4], to: [3, 4]) { Lambda("square") { $0.square() } }.with { $0.refusesNothing = true },
        LayerCase("Masking", [3, 4, 2], to: [3, 4, 2]) { Masking() }
            .refusing([3], "layer Masking: an input of shape [3]; feed [batch, time, features]"),
        LayerCase("Perceptron", [3, 4], to: [3, 2]) { Perceptron(2) }.with { $0.isDifferentiable = false }
            .refusing("layer Perceptron: the number of units is 0; use a number in 1...16777216") { Perceptron(0) },
        LayerCase("Rescaling", [3, 4], to: [3, 4]) { Rescaling(0.5, offset: -1) }.with { $0.refusesNothing = true },
        LayerCase("Normalization", [3, 4], to: [3, 4]) {
            Normalization(mean: [1, 2, 3, 4], variance: [1, 4, 0.5, 2])
        }
        .refusing(
            [3, 5], "initializer values: it made shape [4], the layer needs [5]; give values of that shape"),
    ]

    static let activationCases: [LayerCase] = [
        LayerCase("Activation", [3, 4], to: [3, 4]) { Activation(.sigmoid) }.with { $0.refusesNothing = true },
        LayerCase("ReLU", [3, 4], to: [3, 4]) { ReLU() }.with { $0.refusesNothing = true },
        LayerCase("ReLU, all attributes", [3, 9], to: [3, 9]) {
            ReLU(maximum: 1.5, negativeSlope: 0.2, threshold: 0.3)
        }
        .with { $0.refusesNothing = true },
        LayerCase("LeakyReLU", [3, 4], to: [3, 4]) { LeakyReLU(0.2) }.with { $0.refusesNothing = true },
        LayerCase("PReLU", [3, 2, 4], to: [3, 2, 4]) { PReLU() }
            .refusing([3], "layer PReLU: an input of shape [3]; feed [batch, .., channels]"),
        LayerCase("PReLU, shared channels", [3, 2, 4], to: [3, 2, 4]) { PReLU(sharedAxes: [2]) }
            .refusing(
                "layer PReLU: axis 5 does not exist in shape [3, 2, 4] of rank 3; use an axis in -3...2"
            ) { PReLU(sharedAxes: [5]) },
        LayerCase("RReLU", [3, 6], to: [3, 6]) { RReLU() }.random()
            .refusing("layer RReLU: slopes from 1.0 to 0.0; use a range of finite numbers") {
                RReLU(lower: 1, upper: 0)
            },
        LayerCase("ELU", [3, 4], to: [3, 4]) { ELU(0.7) }.with { $0.refusesNothing = true },
        LayerCase("Softmax", [3, 4], to: [3, 4]) { Softmax() }
            .refusing(
                "operation softmax: axis 2 does not exist in shape [3, 4] of rank 2; use an axis in -2...1"
            ) { Softmax(axis: 2) },
        LayerCase("Maxout", [3, 6], to: [3, 2]) { Maxout(3) }
            .refusing("layer Maxout: the number of pieces is 0; use a number in 1...16777216") { Maxout(0) }
            .refusing(
                "activation maxout: 4 pieces of the last axis of shape [3, 6]; use a number of pieces that divides it"
            ) { Maxout(4) },
        LayerCase("GLU", [3, 6], to: [3, 3]) { GLU() }
            .refusing(
                [3, 5], "activation glu: axis -1 of shape [3, 5] cannot be halved; use an even extent"),
        LayerCase("GLU, SwiGLU", [3, 6], to: [3, 3]) { GLU(.swiglu) }
            .refusing([], "layer GLU: axis -1 does not exist in shape [] of rank 0; a scalar has no axes"),
    ]
}
