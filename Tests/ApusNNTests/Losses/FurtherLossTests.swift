import Apus
import Foundation
import TestSupport
import Testing

/// Losses of a last layer in chunks, of two networks, of angles.
@Suite struct FurtherLossTests {
    @Test(arguments: [1, 2, 3, 7, 50])
    func chunksChangeNothing(chunks: Int) throws {
        let (x, w, b) = (try numbers([7, 3]), try numbers([3, 4], seed: 2), try numbers([4], seed: 3))
        let labels = Tensor((0..<7).map { Int32($0 * 3 % 4) }, shape: [7])
        func whole(_ inputs: [Tensor]) -> Tensor {
            softmaxCrossEntropy(matmul(inputs[0], inputs[1]) + inputs[2], labels)
        }
        func parts(_ inputs: [Tensor]) -> Tensor {
            linearCrossEntropy(inputs[0], weight: inputs[1], bias: inputs[2], labels: labels, chunks: chunks)
        }
        #expect(abs(try whole([x, w, b]).item() - parts([x, w, b]).item()) < 1e-12)
        for (a, b) in zip(gradient(at: [x, w, b], whole), gradient(at: [x, w, b], parts)) {
            #expect(try (a - b).absolute().max().item() < 1e-12)
        }
        try checkGradients(at: [x, w, b], parts)
    }

    @Test func ignoredRowsOfChunksCountForNothing() throws {
        let (x, w) = (try numbers([2, 3, 5]), try numbers([5, 4], seed: 2))
        let labels = Tensor([Int32(1), -1, 2, 3, -1, 0], shape: [2, 3])
        let expected = try Loss.crossEntropy(ignoredLabel: -1)(matmul(x, w), labels).item()
        let own = linearCrossEntropy(x, weight: w, labels: labels, chunks: 4, ignoredLabel: -1)
        #expect(abs(try own.item() - expected) < 1e-12)
        #expect(
            try linearCrossEntropy(x, weight: w, labels: labels * 0 - 1, ignoredLabel: -1).item() == 0)
        #expect(
            linearCrossEntropy(x, weight: w.transposed(), labels: labels).error?.description
                == "linearCrossEntropy: an input of shape [2, 3, 5], a weight of shape [4, 5], labels of shape [2, 3] "
                + "and type int32; give [..., features], [features, classes], [classes] and integer labels [...]")
        #expect(
            linearCrossEntropy(x, weight: w, labels: labels, chunks: 0).error?.description
                == "linearCrossEntropy: 0 chunks; use 1 or more")
        #expect(refusal { _ = try linearCrossEntropy(x, weight: w, labels: labels).item() } != nil)
    }

    @Test func adversariesAreTheirFormulas() throws {
        let (real, fake) = (Tensor([2.0], shape: [1]), Tensor([0.5], shape: [1]))
        let expected: [AdversarialLoss: (Double, Double)] = [
            .nonSaturating: (log(1 + exp(-2.0)) + log(1 + exp(0.5)), log(1 + exp(-0.5))),
            .leastSquares: ((1 + 0.25) / 2, 0.125), .wasserstein: (-1.5, -0.5), .hinge: (1.5, -0.5),
        ]
        for kind in AdversarialLoss.allCases {
            let (critic, maker) = try #require(expected[kind])
            #expect(abs(try kind.discriminator(real: real, fake: fake).item() - critic) < 1e-12)
            #expect(abs(try kind.generator(fake: fake).item() - maker) < 1e-12)
            try checkGradients(at: [real, fake]) { kind.discriminator(real: $0[0], fake: $0[1]) }
        }
    }

    @Test func anglesAreWidenedByAMargin() throws {
        let x = Tensor([3.0, 4], shape: [1, 2])
        let centres = Tensor([2.0, 0, 0, 5], shape: [2, 2])
        let own = cos(acos(0.6) + 0.5)
        let expected = log(exp(2 * own) + exp(2 * 0.8)) - 2 * own
        let loss = angularMarginLoss(x, centres: centres, Tensor([Int32(0)]), margin: 0.5, scale: 2)
        try expectEqual(loss, [1], [expected])
        try checkGradients(at: [x, centres]) {
            angularMarginLoss($0[0], centres: $0[1], Tensor([Int32(1)]), scale: 3).sum()
        }
        #expect(
            angularMarginLoss(x, centres: x.transposed(), Tensor([Int32(0)])).error?.description
                == "angularMarginLoss: embeddings of shape [1, 2], centres of shape [2, 1]; "
                + "give [batch, features] and [classes, features]")
    }
}
