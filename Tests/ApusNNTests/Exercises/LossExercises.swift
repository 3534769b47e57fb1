import Apus
import Foundation
import TestSupport
import Testing

/// Worked exercises on losses with known numbers.
@Suite struct LossExercises {
    private func vector(_ values: [Double]) -> Tensor { Tensor(values, shape: [values.count]) }

    private func zeros(_ values: [Double]) -> Tensor { Tensor.zeros([values.count], dtype: .float64) }

    /// signed-error-000t8b
    @Test func signedErrorsCancel() throws {
        let residuals = [3.0, -3, 1, -1]
        let signed = Loss("signed error") { output, target in output - target }
        #expect(try signed(vector(residuals), zeros(residuals)).item() == 0)
        #expect(try Loss.meanAbsoluteError(vector(residuals), zeros(residuals)).item() == 2)
        let square = try Loss.meanSquaredError(vector(residuals), zeros(residuals)).item()
        #expect(square == 5 && abs(square.squareRoot() - 2.23606797749979) < 1e-12)
    }

    /// mse-outlier-000t8c
    @Test func outliersTakeLessOfTolerantLosses() throws {
        let residuals = [0.1, 0.1, 0.1, 0.1, 10]
        let squares: [Double] = try squaredError(vector(residuals), zeros(residuals)).array()
        let magnitudes: [Double] = try absoluteError(vector(residuals), zeros(residuals)).array()
        #expect(abs(squares[4] / squares.reduce(0, +) - 0.999600159936026) < 1e-12)
        #expect(abs(magnitudes[4] / magnitudes.reduce(0, +) - 0.961538461538461) < 1e-12)
        try expectEqual(
            huberLoss(vector(residuals), zeros(residuals), delta: 1), [5], [0.005, 0.005, 0.005, 0.005, 9.5])
        // The best constants: the mean, the median.
        for (loss, best) in [(Loss.meanSquaredError, 2.08), (.meanAbsoluteError, 0.1)] {
            func at(_ constant: Double) throws -> Double {
                try loss(vector(residuals), zeros(residuals) + constant).item()
            }
            #expect(try at(best) < at(best + 0.01) && at(best) < at(best - 0.01))
        }
    }

    /// mse-vs-se-000t9
    @Test(arguments: [(4, 2.0, 8.0), (32, 2.0, 64.0)])
    func sumsGrowWithTheBatch(batch: Int, mean: Double, sum: Double) throws {
        let w = Tensor([1.0], shape: [1, 1])
        let (x, y) = (Tensor.ones([batch, 1], dtype: .float64), Tensor.zeros([batch, 1], dtype: .float64))
        for (loss, expected) in [(Loss.meanSquaredError, mean), (.meanSquaredError.reduced(.sum), sum)] {
            #expect(try gradient(at: w) { loss(matmul(x, $0), y) }.item() == expected)
        }
    }

    /// bce-001p4a
    @Test func binaryCrossEntropyOfFourAnswers() throws {
        let (y, p) = (vector([1, 0, 1, 0]), vector([0.9, 0.1, 0.5, 0.8]))
        let loss = Loss.binaryCrossEntropy(fromLogits: false)
        try expectEqual(
            loss.reduced(.none)(p, y), [4], [0.105360515657826, 0.105360515657826, 0.693147180559945, 1.6094379124341],
            tolerance: 1e-9)
        #expect(abs(try loss(p, y).item() - 0.628326531077425) < 1e-12)
        let logits = (p / (1 - p)).log()
        let slope = gradient(at: logits) { Loss.binaryCrossEntropy().reduced(.sum)($0, y) }
        try expectEqual(slope, [4], [-0.1, 0.1, -0.5, 0.8], tolerance: 1e-9)
        #expect(abs(try Loss.binaryCrossEntropy()(logits, y).item() - 0.628326531077425) < 1e-12)
    }

    /// crossentropy-003q12
    @Test func entropiesOfMassFunctions() throws {
        for (v, expected) in zip(
            [0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 1],
            [
                4.60517018598809, 2.30258509299405, 1.38629436111989, 0.693147180559945, 0.287682072451781,
                0.105360515657826, 0,
            ])
        {
            let (u, q) = (vector([1, 0]), vector([v, 1 - v]))
            let entropy = try MassFunctions.crossEntropy(u, q).item()
            #expect(abs(entropy - expected) < 1e-12)
            // The loss of logits is the same number.
            if v < 1 {
                let loss = Loss.softmaxCrossEntropy(q.log().expanded(at: 0), Tensor([Int32(0)]))
                #expect(abs(try loss.item() - expected) < 1e-12)
            }
        }
        let cases: [([Double], Double, Double)] = [
            ([1, 0], 0, 0), ([0.5, 0.5], 0.693147180559945, 1), ([0.25, 0.25, 0.25, 0.25], 1.38629436111989, 2),
            ([0.9, 0.1], 0.325082973391448, 0.468995593589281),
        ]
        for (masses, nats, bits) in cases {
            #expect(abs(try MassFunctions.entropy(vector(masses)).item() - nats) < 1e-12)
            #expect(abs(try MassFunctions.entropy(vector(masses), base: 2).item() - bits) < 1e-12)
        }
        // Gibbs' inequality.
        let (p, q) = (vector([0.9, 0.1]), vector([0.5, 0.5]))
        #expect(try MassFunctions.crossEntropy(p, q).item() > MassFunctions.entropy(p).item())
        #expect(try MassFunctions.divergence(of: p, from: p).item() == 0)
        #expect(
            abs(try MassFunctions.divergence(of: p, from: q, base: 2).item() - (1 - 0.468995593589281)) < 1e-12)
    }

    @Test func whatIsNoMassFunctionIsRefused() {
        let half = vector([0.5, 0.5])
        let cases: [(() throws -> Tensor, String)] = [
            (
                { try MassFunctions.entropy(vector([0.5, 0.6])) },
                "mass functions: p is (0.5, 0.6) in row 0, with the sum 1.1; "
                    + "give numbers of 0 or more that sum to 1, such as softmax makes of scores"
            ),
            (
                { try MassFunctions.crossEntropy(half, vector([1.5, -0.5])) },
                "mass functions: q is (1.5, -0.5) in row 0, with the sum 1.0; "
                    + "give numbers of 0 or more that sum to 1, such as softmax makes of scores"
            ),
            (
                { try MassFunctions.divergence(of: half, from: vector([1])) },
                "mass functions: q has shape [1], p has [2]; give numbers [..., classes] of one shape"
            ),
            (
                { try MassFunctions.entropy(half, base: 1) },
                "mass functions: logarithms of base 1.0; use e, 2 or 10, for example"
            ),
        ]
        for (function, message) in cases { #expect(refusal { _ = try function() }?.description == message) }
    }

    /// softmax-ce-gradient
    @Test func crossEntropyGradientIsSoftmaxMinusOneHot() throws {
        let scores = Tensor([2.0, -1, 0.5], shape: [1, 3])
        let label = Tensor([Int32(0)])
        #expect(abs(try Loss.softmaxCrossEntropy(scores, label).item() - 0.241311296657157) < 1e-12)
        try expectEqual(
            gradient(at: scores) { Loss.softmaxCrossEntropy($0, label) }, [1, 3],
            [-0.214402965410724, 0.0391125732706875, 0.175290392140037], tolerance: 1e-9)
        for (classes, expected) in [(1000, 6.90775527898214), (10, 2.30258509299405)] {
            let loss = Loss.softmaxCrossEntropy(Tensor.zeros([1, classes], dtype: .float64), label)
            #expect(abs(try loss.item() - expected) < 1e-12)
        }
    }

    /// imbalance-001p8e
    @Test func balancedWeightsMakeTheIdleAnswerAsBadAsChance() throws {
        let counts = [4000.0, 100]
        let weights = counts.map { 4100 / (2 * $0) }
        #expect(weights == [0.5125, 20.5])
        let labels = Tensor((0..<4100).map { Int32($0 < 4000 ? 0 : 1) }, shape: [4100])
        // Always "cat", by a score of 1: each class makes up half of the weighted loss's weights.
        let logits = Tensor([1.0, 0], shape: [1, 2]).broadcast(to: [4100, 2])
        let (cat, dog): (Double, Double) = (log(1 + exp(-1.0)), log(1 + exp(1.0)))
        let weighted = try Loss.softmaxCrossEntropy.classWeighted(weights)(logits, labels).item()
        #expect(abs(weighted - (cat + dog) / 2) < 1e-12)
        #expect(abs(try Loss.softmaxCrossEntropy(logits, labels).item() - (4000 * cat + 100 * dog) / 4100) < 1e-12)
    }

    /// dae-target-002q7a
    @Test func denoisersAreComparedWithWhatIsClean() throws {
        let reconstruction = vector([0.9, 0.1])
        #expect(abs(try Loss.meanSquaredError(reconstruction, vector([1, 0])).item() - 0.01) < 1e-12)
        #expect(abs(try Loss.meanSquaredError(reconstruction, vector([0.8, 0.3])).item() - 0.025) < 1e-12)
    }

    /// backprop-004q3
    @Test func oneStepOfBackpropagation() throws {
        let (first, second) = (Dense(2, activation: .relu), Dense(1, activation: .relu))
        let model = Sequential {
            first
            second
        }
        try model.build(inputShape: [1, 3], dtype: .float64)
        // Rows there are units; here columns are.
        first.weight.value = Tensor([-2.0, 0.5, 2, 1, 0.5, -1], shape: [3, 2])
        first.bias?.value = vector([1, -2])
        second.weight.value = Tensor([-0.5, 1], shape: [2, 1])
        second.bias?.value = vector([2])
        let (x, target) = (Tensor([3.0, 2, -1], shape: [1, 3]), Tensor([2.0], shape: [1, 1]))
        let loss = 0.5 * Loss.meanSquaredError
        let state = OptimizerState(.sgd(learningRate: 0.1))
        let (value, gradients) = try valueAndGradient(model) { loss($0(x), target) }
        #expect(try model(x).item() == 4.5 && value.item() == 3.125)
        try state.apply(gradients)
        try expectEqual(first.weight.value, [3, 2], [-2, -0.25, 2, 0.5, 0.5, -0.75])
        try expectEqual(try #require(first.bias).value, [2], [1, -2.25])
        try expectEqual(second.weight.value, [2, 1], [-0.5, 0.375])
        try expectEqual(try #require(second.bias).value, [1], [1.75])
        #expect(abs(try loss(model(x), target).item() - 0.03125) < 1e-12)
    }

    /// batch-noise-000t25: the mean of B independent gradients of +-1 deviates by 1 / sqrt(B).
    @Test func gradientsOfLargerBatchesAreLessNoisy() throws {
        for (batch, deviation) in [(1, 1.0), (4, 0.5), (16, 0.25), (64, 0.125), (256, 0.0625)] {
            let signs = Tensor.randomNormal([2000, batch], seed: UInt64(batch), dtype: .float64).sign()
            let w = Tensor.zeros([2000, 1], dtype: .float64)
            let noisy: [Double] = try gradient(at: w) { (signs * $0).mean(axes: [1]).sum() }.array()
            let square = noisy.reduce(0) { $0 + $1 * $1 } / 2000
            #expect(abs(square.squareRoot() / deviation - 1) < 0.06, "\(batch)")
        }
    }
}
