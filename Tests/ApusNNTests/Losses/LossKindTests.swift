import Apus
import Foundation
import TestSupport
import Testing

/// Losses as training takes them: reductions, weights, sums.
@Suite struct LossKindTests {
    private let x = Tensor([2.0, -1, 0.5, 0, 1, 3], shape: [3, 2])
    private let y = Tensor([1.0, 0, 0, 1, 1, 0], shape: [3, 2])

    private func value(_ tensor: Tensor) throws -> Double { try tensor.item() }

    @Test func reductionsAreExplicit() throws {
        let squares: [Double] = [1, 1, 0.25, 1, 0, 9]
        try expectEqual(Loss.meanSquaredError.reduced(.none)(x, y), [3, 2], squares)
        #expect(try value(Loss.meanSquaredError(x, y)) == squares.reduce(0, +) / 6)
        #expect(try value(Loss.meanSquaredError.reduced(.sum)(x, y)) == squares.reduce(0, +))
        #expect(try value(Loss.meanSquaredError.reduced(.batchMean)(x, y)) == squares.reduce(0, +) / 3)
        let weights = Tensor([1.0, 0, 3], shape: [3])
        let weighted = 1.0 + 1 + 3 * 9
        #expect(try value(Loss.meanSquaredError(x, y, sampleWeights: weights)) == weighted / 6)
        #expect(
            try value(Loss.meanSquaredError.reduced(.weightedMean)(x, y, sampleWeights: weights)) == weighted / 8)
        #expect(
            try value(Loss.meanSquaredError.reduced(.sum)(x, y, sampleWeights: weights)) == weighted)
        #expect(try value(LossReduction.weightedMean(x * 0 + 2, weights: weights * 0)) == 0)
    }

    @Test func classWeightsCountByTarget() throws {
        let logits = x
        let labels = Tensor([Int32(0), 1, 0])
        let plain: [Double] = try Loss.softmaxCrossEntropy.reduced(.none)(logits, labels).array()
        let expected = (2 * plain[0] + 0.5 * plain[1] + 2 * plain[2]) / 4.5
        let weighted = Loss.softmaxCrossEntropy.classWeighted([2, 0.5])
        #expect(abs(try value(weighted(logits, labels)) - expected) < 1e-12)
        #expect(abs(try value(Loss.crossEntropy(classWeights: [2, 0.5])(logits, labels)) - expected) < 1e-12)
        // Targets of 0 and 1 name their class, too.
        let binary: [Double] = try Loss.binaryCrossEntropy().reduced(.none)(x, y).array()
        let factors: [Double] = [3, 1, 1, 3, 3, 1]
        let sum = zip(binary, factors).reduce(0) { $0 + $1.0 * $1.1 }
        #expect(abs(try value(Loss.binaryCrossEntropy().classWeighted([1, 3])(x, y)) - sum / 12) < 1e-12)
        try checkGradients(at: [logits]) { weighted($0[0], labels) }
    }

    @Test func ignoredLabelsCountForNothing() throws {
        let labels = Tensor([Int32(0), -100, 1])
        let loss = Loss.crossEntropy(labelSmoothing: 0.1, ignoredLabel: -100)
        let kept = Tensor.concatenate([x.slice(axis: 0, 0..<1), x.slice(axis: 0, 2..<3)])
        let expected = try value(Loss.crossEntropy(labelSmoothing: 0.1)(kept, Tensor([Int32(0), 1])))
        #expect(abs(try value(loss(x, labels)) - expected) < 1e-12)
        #expect(try value(loss(x, Tensor([Int32(-100), -100, -100]))) == 0)
        try checkGradients(at: [x]) { loss($0[0], labels) }
    }

    @Test func smoothedLabelsAreDistributions() throws {
        let labels = Tensor([Int32(0), 1, 1])
        let spread = oneHot(labels, depth: 2, dtype: .float64) * 0.8 + 0.1
        let smoothed = try value(Loss.crossEntropy(labelSmoothing: 0.2)(x, labels))
        #expect(abs(try value(Loss.crossEntropy()(x, spread)) - smoothed) < 1e-12)
        let binary = try value(Loss.binaryCrossEntropy(labelSmoothing: 0.2)(x, y))
        #expect(abs(try value(Loss.binaryCrossEntropy()(x, y * 0.8 + 0.1)) - binary) < 1e-12)
    }

    @Test func lossesAddUp() throws {
        let sum = 0.5 * .dice() + Loss.binaryCrossEntropy()
        #expect(sum.name == "0.5 * dice + binary cross-entropy")
        let p = x.sigmoid()
        let both = 0.5 * .meanSquaredError + 2 * .meanAbsoluteError
        let parts = try (value(Loss.meanSquaredError(p, y)), value(Loss.meanAbsoluteError(p, y)))
        #expect(abs(try value(both(p, y)) - 0.5 * parts.0 - 2 * parts.1) < 1e-12)
        #expect(abs(try value((2 * both).reduced(.sum)(p, y)) - 6 * (parts.0 + 4 * parts.1)) < 1e-12)
        #expect((Loss.softmaxCrossEntropy + Loss("own") { x, _ in x.sum() }).name == "softmax cross-entropy + own")
    }

    @Test func ownLossesMayBeOneNumberOrMany() throws {
        #expect(try value(Loss("sum") { x, y in (x - y).sum() }(x, y)) == 2.5)
        #expect(abs(try value(Loss("each") { x, y in x - y }(x, y)) - 2.5 / 6) < 1e-15)
        #expect(
            Loss("sum") { x, y in (x - y).sum() }(x, y, sampleWeights: Tensor.ones([3])).error?.description
                == "loss sum: weights of shape [3] for losses of shape []; "
                + "give weights of the shape of the losses' first axes")
    }

    /// Each kind against its formula for one pair of numbers.
    @Test func kindsAreTheirFormulas() throws {
        func single(_ loss: Loss, _ output: Double, _ target: Double) throws -> Double {
            try value(loss(Tensor([output], shape: [1, 1]), Tensor([target], shape: [1, 1])))
        }
        let cases: [(Loss, Double, Double, Double)] = [
            (.meanAbsoluteError, 3, 1, 2), (.meanAbsolutePercentageError, 3, 2, 50),
            (.meanSquaredLogarithmicError, exp(2) - 1, exp(1) - 1, 1), (.powerError(3), 3, 1, 8),
            (.huber(), 3, 1, 1.5), (.huber(delta: 4), 3, 1, 2), (.smoothL1(beta: 0.5), 3, 1, 1.75),
            (.smoothL1(beta: 0), 1, 1, 0), (.logCosh, 3, 1, log(cosh(2))), (.poisson, 2, 3, 2 - 3 * log(2 + 1e-7)),
            (.poissonNegativeLogLikelihood(), 2, 3, exp(2) - 6), (.hinge, 0.25, -1, 1.25), (.squaredHinge, 0, 1, 1),
            (.softMargin, 2, -1, log(1 + exp(2))), (.hingeEmbedding(), 0.25, -1, 0.75),
            (.binaryCrossEntropy(), 0, 1, log(2)), (.binaryCrossEntropy(positiveWeight: 3), 0, 1, 3 * log(2)),
            (.binaryCrossEntropy(fromLogits: false), 0.25, 0, -log(0.75)),
            (.binaryFocal(alpha: 0.25), 0, 1, 0.0625 * log(2)), (.klDivergence(), 0, 0.5, 0.5 * log(0.5)),
            (.cosineSimilarity(), 2, 5, -1), (.dice(smooth: 0), 0.5, 1, 1 - 1 / (1.5 + 1e-7)),
            (.jaccard(), 0.5, 1, 1 - 1.5 / 2), (.tversky(smooth: 0), 0.5, 1, 1 - 0.5 / (0.75 + 1e-7)),
        ]
        for (loss, output, target, expected) in cases {
            #expect(abs(try single(loss, output, target) - expected) < 1e-9, "\(loss.name)")
        }
    }

    @Test func kindsOfClassesAreTheirFormulas() throws {
        let scores = Tensor([1.0, 2, 4], shape: [1, 3])
        let target = Tensor([0.0, 1, 0], shape: [1, 3])
        let label = Tensor([Int32(1)])
        let softmax = [1.0, 2, 4].map { exp($0) }.map { $0 / (exp(1) + exp(2) + exp(4)) }
        let probabilities = Tensor(softmax, shape: [1, 3])
        let soft: [Double] = [1.0, -2, 4].map { log(1 + exp($0)) }
        let cases: [(Loss, Tensor, Tensor, Double)] = [
            (.categoricalHinge, scores, target, 3), (.multiMargin(), scores, label, 1),
            (.multiMargin(margin: 2, p: 2), scores, label, 17.0 / 3),
            (.multiLabelMargin, scores, target, 1),
            (.multiLabelMargin, scores, Tensor([1.0, 1, 0], shape: [1, 3]), 7.0 / 3),
            (.multiLabelSoftMargin, scores, target, soft.reduce(0, +) / 3),
            (.generalizedCrossEntropy(q: 0.5), probabilities, label, 2 * (1 - softmax[1].squareRoot())),
            (.categoricalFocal(gamma: 2), scores, label, -pow(1 - softmax[1], 2) * log(softmax[1])),
            (.categoricalFocal(alpha: [1, 3, 1]), scores, label, -3 * pow(1 - softmax[1], 2) * log(softmax[1])),
            (.crossEntropy(scores: .logProbabilities), probabilities.log(), label, -log(softmax[1])),
            (
                .gaussianNegativeLogLikelihood(), Tensor([1.0, log(4)], shape: [1, 2]), Tensor([3.0], shape: [1, 1]),
                (log(4) + 1) / 2
            ),
            (.boxes(.iou), Tensor([0.0, 0, 2, 1], shape: [1, 4]), Tensor([1.0, 0, 3, 1], shape: [1, 4]), 2.0 / 3),
        ]
        for (loss, output, target, expected) in cases {
            #expect(abs(try value(loss(output, target)) - expected) < 1e-7, "\(loss.name)")
        }
        try checkGradients(at: [scores]) { multiLabelMarginLoss($0[0] * 0.3, target).sum() }
        try checkGradients(at: [scores]) { powerError($0[0], target, p: 2.5).sum() }
    }

    @Test func distancesOfTripletsMayBeYourOwn() throws {
        let (a, p, n) = (x, x * 2, y)
        let loss = tripletLoss(anchor: a, positive: p, negative: n, margin: 0.5) { 1 - cosineSimilarity($0, $1) }
        let expected = (1 - cosineSimilarity(a, p) - (1 - cosineSimilarity(a, n)) + 0.5).relu()
        try expectEqual(loss, [3], expected.array())
    }

    @Test func everyLossTrains() throws {
        let positive = Tensor([0.3, 0.7, 0.6, 0.4], shape: [2, 2])
        let zeroOne = Tensor([0.0, 1, 1, 0], shape: [2, 2])
        let labels = Tensor([Int32(1), 0])
        let elementwise: [Loss] = [
            .meanSquaredError, .meanAbsoluteError, .meanAbsolutePercentageError, .meanSquaredLogarithmicError,
            .powerError(1.5), .huber(), .smoothL1(), .logCosh, .poisson, .poissonNegativeLogLikelihood(),
            .binaryCrossEntropy(), .binaryFocal(), .hinge, .squaredHinge, .softMargin, .hingeEmbedding(),
            .klDivergence(), .categoricalHinge, .multiLabelMargin, .multiLabelSoftMargin, .cosineSimilarity(),
            .dice(), .jaccard(), .tversky(), .crossEntropy(),
        ]
        for loss in elementwise {
            try checkGradients(at: [positive]) { loss($0[0], zeroOne * 0.9 + 0.05) }
        }
        for loss in [.softmaxCrossEntropy, .crossEntropy(), .categoricalFocal(), .multiMargin()] as [Loss] {
            try checkGradients(at: [positive]) { loss($0[0], labels) }
        }
        try checkGradients(at: [positive]) { Loss.generalizedCrossEntropy()($0[0], labels) }
        try checkGradients(at: [positive]) { Loss.circle(gamma: 2)($0[0], labels) }
    }
}
