import Apus
import Foundation
import TestSupport
import Testing

@Suite struct LossTests {
    @Test(arguments: [[6, 4], [2, 3, 5], [1, 2]] as [Shape])
    func crossEntropyIsItsDefinition(shape: Shape) throws {
        let logits = try numbers(shape) * 5
        let classes = shape[-1]
        let labels = (0..<shape.count / classes).map { Int32(($0 * 7 + 1) % classes) }
        let values: [Double] = try logits.array()
        var sum = 0.0
        for (row, label) in labels.enumerated() {
            let powers = (0..<classes).map { exp(values[row * classes + $0]) }
            sum -= log(powers[Int(label)] / powers.reduce(0, +))
        }
        let targets = Tensor(labels, shape: Shape(Array(shape.extents.dropLast())))
        let mean = sum / Double(labels.count)
        try expectEqual(softmaxCrossEntropy(logits, targets), [], [mean], tolerance: 1e-10)
        try expectEqual(Loss.softmaxCrossEntropy(logits, targets), [], [mean], tolerance: 1e-10)
        try checkGradients(at: [logits]) { softmaxCrossEntropy($0[0], targets) }
    }

    @Test func crossEntropyWithstandsHugeScores() throws {
        let logits = Tensor([Float(1e4), -1e4, 0, 1e4], shape: [2, 2])
        #expect(try softmaxCrossEntropy(logits, Tensor([Int32(0), 1])).item() == 0)
        #expect(try softmaxCrossEntropy(logits, Tensor([Int32(1), 0])).item() == 15_000)
    }

    @Test func squaredErrorIsItsDefinition() throws {
        let (a, b) = (try numbers([3, 4]), try numbers([3, 4], seed: 2))
        let (x, y): ([Double], [Double]) = (try a.array(), try b.array())
        let mean = zip(x, y).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / 12
        try expectEqual(meanSquaredError(a, b), [], [mean])
        try expectEqual(Loss.meanSquaredError(a, b), [], [mean])
        try checkGradients(at: [a, b], names: ["output", "target"]) { meanSquaredError($0[0], $0[1]) }
    }

    @Test func targetsThatDoNotFitAreRefused() {
        #expect(
            meanSquaredError(Tensor.zeros([3, 1]), Tensor.zeros([3])).error?.problem
                == "an output of shape [3, 1], a target of shape [3]")
        #expect(
            softmaxCrossEntropy(Tensor.zeros([3, 2]), Tensor.zeros([3, 2])).error?.problem
                == "logits of shape [3, 2] with labels of shape [3, 2] and type float32")
        let late = refusal { _ = try softmaxCrossEntropy(Tensor.zeros([2, 3]), Tensor([Int32(1), 3])).item() }
        #expect(
            late?.description == "softmaxCrossEntropy: index 3 at position 1 is outside 0..<3; use indices from 0 to 2")
    }

    @Test func metricsAreTheirDefinitions() throws {
        let scores = Tensor([Float(1), 2, 0, 3, 3, 1, -1, -2, -3], shape: [3, 3])
        #expect(abs(try Metric.accuracy(scores, Tensor([Int32(1), 1, 0])).item() - 2 / 3.0) < 1e-7)
        let (a, b) = (Tensor([Float(1), 2, 5]), Tensor([Float(2), 2, 1]))
        #expect(abs(try Metric.meanAbsoluteError(a, b).item() - 5 / 3.0) < 1e-6)
        #expect(
            Metric.accuracy(scores, Tensor.zeros([3, 3])).error?.description
                == "metric accuracy: an output of shape [3, 3], labels of shape [3, 3]; "
                + "give labels of the output's shape without its last axis")
        #expect(
            Metric.meanAbsoluteError(a, Tensor.zeros([3, 1])).error?.description
                == "metric mean absolute error: an output of shape [3], a target of shape [3, 1]; make the shapes equal"
        )
    }

    @Test func ownLossesAndMetricsAreFunctions() throws {
        let loss = Loss("cubes") { output, target in Tensor.power(output - target, 3).sum() }
        #expect(loss.name == "cubes")
        #expect(try loss(Tensor([Float(3)]), Tensor([Float(1)])).item() == 8)
        let metric = Metric("largest") { output, _ in output.max() }
        #expect(try metric(Tensor([Float(3), 4]), Tensor([Float(1)])).item() == 4)
    }
}
