import Apus
import TestSupport
import Testing

/// Mistakes with losses end in errors that say what to do.
@Suite struct LossMisuseTests {
    private let a = Tensor.ones([3, 2])

    @Test func shapesThatDifferAreRefused() {
        let b = Tensor.ones([3])
        let losses: [(String, Tensor)] = [
            ("squaredError", squaredError(a, b)), ("absoluteError", absoluteError(a, b)),
            ("percentageError", percentageError(a, b)), ("squaredLogarithmicError", squaredLogarithmicError(a, b)),
            ("huberLoss", huberLoss(a, b)), ("smoothL1Loss", smoothL1Loss(a, b)), ("logCoshLoss", logCoshLoss(a, b)),
            ("powerError", powerError(a, b, p: 2)), ("poissonLoss", poissonLoss(a, b)),
            ("poissonNegativeLogLikelihood", poissonNegativeLogLikelihood(a, b)),
            ("gaussianNegativeLogLikelihood", gaussianNegativeLogLikelihood(a, b, variance: a)),
            ("binaryCrossEntropy", binaryCrossEntropy(logits: a, b)),
            ("binaryCrossEntropy", binaryCrossEntropy(probabilities: a, b)),
            ("binaryFocalLoss", binaryFocalLoss(logits: a, b)), ("hingeLoss", hingeLoss(a, b)),
            ("softMarginLoss", softMarginLoss(a, b)), ("hingeEmbeddingLoss", hingeEmbeddingLoss(a, b)),
            ("marginRankingLoss", marginRankingLoss(a, a, b)), ("marginRankingLoss", marginRankingLoss(a, b, a)),
            ("categoricalHingeLoss", categoricalHingeLoss(a, b)),
            ("multiLabelMarginLoss", multiLabelMarginLoss(a, b)),
            ("klDivergence", klDivergence(logarithms: a, b)), ("klDivergence", klDivergence(probabilities: a, b)),
            ("distillationLoss", distillationLoss(a, teacher: b)), ("diceLoss", diceLoss(a, b)),
            ("jaccardLoss", jaccardLoss(a, b)), ("tverskyLoss", tverskyLoss(a, b)),
            ("contrastiveLoss", contrastiveLoss(a, b, b)),
            ("tripletLoss", tripletLoss(anchor: a, positive: b, negative: a)),
            ("cosineEmbeddingLoss", cosineEmbeddingLoss(a, b, b)), ("loss huber", Loss.huber()(a, b)),
            ("meanSquaredError", Loss.meanSquaredError(a, b)),
        ]
        for (name, loss) in losses {
            #expect(
                loss.error?.description
                    == "\(name): an output of shape [3, 2], a target of shape [3]; make the shapes equal")
        }
    }

    @Test func labelsThatDoNotFitAreRefused() {
        let flat = Tensor([Int32(1), 0])
        let losses: [(String, String, Tensor)] = [
            ("multiMarginLoss", "predictions", multiMarginLoss(a, flat)),
            ("generalizedCrossEntropy", "probabilities", generalizedCrossEntropy(a, flat)),
            ("categoricalFocalLoss", "logits", categoricalFocalLoss(logits: a, flat)),
            ("softmaxCrossEntropy", "logits", softmaxCrossEntropy(a, flat)),
            ("softmaxCrossEntropy", "logits", Loss.softmaxCrossEntropy.reduced(.sum)(a, flat)),
        ]
        for (name, scores, loss) in losses {
            #expect(
                loss.error?.description
                    == "\(name): \(scores) of shape [3, 2] with labels of shape [2] and type int32; "
                    + "give integer labels of the \(scores)' shape without its last axis")
        }
        #expect(
            Loss.crossEntropy()(a, flat).error?.description
                == "cross-entropy: predictions of shape [3, 2] with targets of shape [2] and type int32; give integer "
                + "labels of the predictions' shape without its last axis, or distributions of the whole shape")
        let late: [(String, Tensor)] = [
            ("cross-entropy", Loss.crossEntropy()(a, Tensor([Int32(0), 1, 2]))),
            ("softmaxCrossEntropy", Loss.softmaxCrossEntropy(a, Tensor([Int32(0), 1, 2]))),
            ("multiMarginLoss", Loss.multiMargin()(a, Tensor([Int32(0), 1, 2]))),
        ]
        for (name, loss) in late {
            #expect(
                refusal { _ = try loss.item() }?.description
                    == "\(name): index 2 at position 2 is outside 0..<2; use indices from 0 to 1")
        }
        #expect(
            refusal { _ = try Loss.softmaxCrossEntropy.classWeighted([1])(a, Tensor([Int32(0), 1, 0])).item() }?.problem
                == "index 1 at position 1 is outside 0..<1")
    }

    @Test func numbersOutOfRangeAreRefused() {
        let labels = Tensor([Int32(0), 1, 1])
        let cases: [(Tensor, String)] = [
            (Loss.huber(delta: -1)(a, a), "loss huber: delta is -1.0; use a number of 0.0 or more"),
            (Loss.smoothL1(beta: .nan)(a, a), "loss smooth l1: beta is nan; use a number of 0.0 or more"),
            (
                Loss.binaryCrossEntropy(labelSmoothing: 2)(a, a),
                "loss binary cross-entropy: labelSmoothing is 2.0; use a number in 0.0...1.0"
            ),
            (
                Loss.crossEntropy(labelSmoothing: -1)(a, labels),
                "cross-entropy: labelSmoothing is -1.0; use a number in 0.0...1.0"
            ),
            (
                Loss.crossEntropy(classWeights: [1, -2])(a, labels),
                "cross-entropy: class weight 1 is -2.0; use a number of 0.0 or more"
            ),
            (
                Loss.crossEntropy(classWeights: [1, 2, 3])(a, labels),
                "cross-entropy: class weights of shape [3] for 2 classes; give one for each class"
            ),
            (Loss.hinge.classWeighted([])(a, a), "loss hinge: no class weights; give one for each class"),
            (
                Loss.binaryFocal(alpha: 3)(a, a),
                "loss binary focal: alpha is 3.0; use a number in 0.0...1.0"
            ),
            (
                Loss.generalizedCrossEntropy(q: 0)(a, labels),
                "loss generalized cross-entropy: q is 0.0; use a number in 1e-06...1.0"
            ),
            (
                Loss.meanSquaredError.reduced(.sum)(a, a, sampleWeights: Tensor.ones([2])),
                "loss mean squared error: weights of shape [2] for losses of shape [3, 2]; "
                    + "give weights of the shape of the losses' first axes"
            ),
            (
                Loss.gaussianNegativeLogLikelihood()(a, a),
                "loss gaussian negative log likelihood: an output of shape [3, 2], a target of shape [3, 2]; "
                    + "give means and logarithms of variances, [..., 2 features], for [..., features]"
            ),
            (
                infoNCELoss(a, Tensor.ones([2, 2])),
                "infoNCELoss: embeddings of shapes [3, 2] and [2, 2]; give two matrices [batch, features] of one shape"
            ),
            (
                circleLoss(a, Tensor([Int32(1)])),
                "circleLoss: embeddings of shape [3, 2], labels of shape [1]; "
                    + "give embeddings [batch, features] and labels [batch]"
            ),
            (gramMatrix(a), "gramMatrix: an input of shape [3, 2]; give [batch, ..., channels]"),
            (totalVariation(a), "totalVariation: an input of shape [3, 2]; give [batch, height, width, channels]"),
        ]
        for (loss, message) in cases { #expect(loss.error?.description == message) }
        // Mistakes of what is given come first.
        let broken = Tensor.ones([2]) + Tensor.ones([3])
        for loss in [.huber(), .crossEntropy(), .ctc(), .boxes(), .circle(), .dice() + .hinge] as [Loss] {
            #expect(loss(broken, a).error == broken.error && loss(a, broken).error == broken.error)
        }
    }
}
