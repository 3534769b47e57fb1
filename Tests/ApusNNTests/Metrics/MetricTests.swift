import Apus
import Foundation
import TestSupport
import Testing

@Suite struct MetricTests {
    static let forClasses: [Metric] = [
        .accuracy, .f1(classes: 3), .balancedAccuracy(classes: 3), .cohenKappa(classes: 3),
        .matthewsCorrelation(classes: 3), .topKAccuracy(2), .crossEntropy(), .perplexity(),
        .intersectionOverUnion(.perClass, classes: 3),
    ]
    static let forNumbers: [Metric] = [
        .meanSquaredError, .rootMeanSquaredError, .meanAbsoluteError, .r2(), .explainedVariance(),
        .medianAbsoluteError, .largestError, .pearsonCorrelation, .spearmanCorrelation, .kendallCorrelation,
        .concordanceCorrelation,
    ]

    static let labels = Tensor([Int32(0), 1, 2, 2, 1, 0, 2], shape: [7])
    static let scores: Tensor = {
        let values: [Double] = (0..<21).map { Foundation.sin(Double($0 * $0) * 0.7) }
        return Tensor(values, shape: [7, 3])
    }()
    static let targets = Tensor([0.5, -1.0, 2.0, 3.5, 0.25, -2.0, 1.0], shape: [7])
    static let outputs = Tensor([0.75, -1.5, 1.0, 3.0, 0.5, -1.0, 2.5], shape: [7])

    @Test(arguments: forClasses.indices)
    func batchesAndPartsOfLabelsMakeTheWhole(index: Int) throws {
        try expectWhole(Self.forClasses[index], Self.scores, Self.labels)
    }

    @Test(arguments: forNumbers.indices)
    func batchesAndPartsOfNumbersMakeTheWhole(index: Int) throws {
        try expectWhole(Self.forNumbers[index], Self.outputs, Self.targets)
    }

    /// All at once, in uneven batches, and as the merger of two parts.
    private func expectWhole(_ metric: Metric, _ output: Tensor, _ target: Tensor) throws {
        var whole = metric
        try whole.update(output, target)
        let expected = try whole.values()
        #expect(!expected.isEmpty && expected.allSatisfy(\.isFinite), "\(metric.name): \(expected)")

        var batches = metric
        for (low, high) in [(0, 1), (1, 5), (5, 7)] { try batches.update(output[low..<high], target[low..<high]) }
        var first = metric
        var second = metric
        try first.update(output[0..<3], target[0..<3])
        try second.update(output[3..<7], target[3..<7])
        let before = try first.values()
        var merged = first
        try merged.merge(second)
        for values in [try batches.values(), try merged.values()] {
            #expect(values.count == expected.count)
            for (value, wanted) in zip(values, expected) {
                #expect(abs(value - wanted) < 1e-6, "\(metric.name): \(value), expected \(wanted)")
            }
        }
        #expect(try first.values().description == before.description, "\(metric.name): a copy counts on its own")
    }

    @Test func weightsCountSamplesSoOften() throws {
        var weighted = Metric.meanAbsoluteError
        try weighted.update(Tensor([1.0, 4.0]), Tensor([0.0, 0.0]), weights: Tensor([3.0, 1.0]))
        #expect(try weighted.value() == 1.75)
        weighted.reset()
        #expect(try weighted.value().isNaN)
    }

    @Test func aRefusedBatchOrMergerLeavesTheMetricAsItWas() throws {
        for metric in [Metric.meanSquaredError, .kendallCorrelation, .r2()] {
            var metric = metric
            try metric.update(Self.outputs, Self.targets)
            let before = try metric.values()
            #expect(throws: ApusError.self) { try metric.update(Self.outputs, Self.targets[0..<3]) }
            #expect(throws: ApusError.self) { try metric.merge(.meanAbsoluteError) }
            #expect(try metric.values() == before)
        }
    }

    @Test func aMetricOfClassesHasNoSingleValue() throws {
        var metric = Metric.dice(.perClass, classes: 3)
        try metric.update(Self.scores, Self.labels)
        #expect(throws: ApusError.self) { try metric.value() }
        #expect(try metric.results().map(\.name) == (0..<3).map { "\(metric.name)/\($0)" })
    }
}
