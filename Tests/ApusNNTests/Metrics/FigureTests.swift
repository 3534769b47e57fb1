import Apus
import Foundation
import Testing

/// Figures of signals, segments, rankings and clusters against numbers computed by hand or printed by other libraries.
@Suite struct FigureTests {
    private func close(_ value: Double, _ expected: Double, _ tolerance: Double = 5e-5) {
        #expect(abs(value - expected) <= tolerance, "\(value), expected \(expected)")
    }

    private func value(_ metric: Metric, _ output: Tensor, _ target: Tensor) throws -> Double {
        try metric(output, target).item()
    }

    private func labels(_ values: [Int32]) -> Tensor { Tensor(values, shape: [values.count]) }

    static let target = Tensor([3, -0.5, 2, 7] as [Double], shape: [1, 4])
    static let output = Tensor([2.5, 0, 2, 8] as [Double], shape: [1, 4])

    @Test func ratiosOfSignals() throws {
        close(try value(.signalNoiseRatio(), Self.output, Self.target), 16.1805)
        close(try value(.scaleInvariantDistortionRatio, Self.output, Self.target), 18.4030)
        close(try value(.scaleInvariantNoiseRatio, Self.output, Self.target), 15.0918)
        // Neither scale nor (where centred) offset counts.
        close(try value(.scaleInvariantDistortionRatio, Self.output * 3, Self.target), 18.4030)
        close(try value(.scaleInvariantNoiseRatio, Self.output * 3 + 1, Self.target), 15.0918)
        // A delayed echo is no distortion to a filter that is long enough.
        let signal = Tensor.randomNormal([1, 400], seed: 5, dtype: .float64)
        let noise = Tensor.randomNormal([1, 400], seed: 6, dtype: .float64) * 0.01
        let echo =
            signal + Tensor.concatenate([Tensor.zeros([1, 2], dtype: .float64), signal[.all, 0..<398]], axis: 1)
        #expect(try value(.signalDistortionRatio(filter: 8), echo + noise, signal) > 30)
        #expect(try value(.signalNoiseRatio(), echo + noise, signal) < 1)
    }

    @Test func theBestAssignmentCounts() throws {
        let output = Tensor([-0.0579, 0.3560, -0.9604, -0.1719, 0.3205, 0.2951] as [Double], shape: [1, 2, 3])
        let target = Tensor([1.0958, -0.1648, 0.5228, -0.4100, 1.1942, -0.5103] as [Double], shape: [1, 2, 3])
        let best = try permutationInvariant(output, target) { scaleInvariantRatio($0, $1) }
        close(try best.values.item(), -5.1091)
        #expect(try best.assignment.array(of: Int.self) == [0, 1])
        let metric = Metric.permutationInvariant("SI-SDR") { scaleInvariantRatio($0, $1) }
        close(try value(metric, output.reversed(axes: [1]), target), -5.1091)
        #expect(throws: ApusError.self) { try permutationInvariant(output, target[0]) { $0 - $1 } }
    }

    @Test func qualityOfSegments() throws {
        let output: [Int32] = [
            6, 0, 0, 0, 6, 0, 6, 0, 0, 0, 0, 0, 6, 0, 0, 1, 0, 0, 0, 0, 6, 0, 0, 1, 0, 0, 7, 0, 6, 0, 1, 0, 0, 0, 7, 0,
            7, 0, 7, 0,
        ]
        let target: [Int32] = [
            6, 0, 0, 1, 6, 0, 0, 1, 0, 1, 0, 1, 6, 0, 0, 1, 0, 1, 0, 1, 6, 0, 1, 0, 0, 1, 7, 0, 1, 0, 1, 0, 0, 1, 7, 0,
            7, 0, 7, 0,
        ]
        let shape: Shape = [1, 5, 4, 2]
        let plain = Metric.panopticQuality(things: [0, 1], stuffs: [6, 7])
        close(try value(plain, Tensor(output, shape: shape), Tensor(target, shape: shape)), 0.5463)
        // The mean over categories: thing 0 has 18/18... of its pixels in one matched segment.
        let modified = Metric.panopticQuality(things: [0, 1], stuffs: [6, 7], isModified: true)
        let row: [Int32] = [0, 0, 0, 1, 6, 0, 7, 0, 0, 2, 1, 0]
        let wanted: [Int32] = [0, 1, 0, 0, 6, 0, 7, 0, 6, 0, 255, 0]
        close(
            try value(modified, Tensor(row, shape: [1, 1, 6, 2]), Tensor(wanted, shape: [1, 1, 6, 2])), 0.7667)
    }

    @Test func answersToQueries() throws {
        var retrieval = Retrieval()
        try retrieval.update(
            scores: [0.2, 0.3, 0.5, 0.1, 0.3, 0.5, 0.2], relevances: [0, 0, 1, 0, 1, 0, 1],
            queries: [0, 0, 0, 1, 1, 1, 1])
        close(retrieval.meanAveragePrecision(), 0.7917)
        close(retrieval.meanReciprocalRank, 0.75)
        close(retrieval.precision(at: 2), 0.5)
        close(retrieval.recall(at: 2), 0.75)
        close(retrieval.fallOut(at: 2), 0.5)
        close(retrieval.hitRate(at: 2), 1)
        close(retrieval.rPrecision, 0.75)
        close(retrieval.normalizedGain(), 0.8467)
        // Two queries in parts are the whole.
        var (first, second) = (Retrieval(), Retrieval())
        try first.update(
            Tensor([0.2, 0.3, 0.5] as [Double], shape: [1, 3]), Tensor([0.0, 0, 1], shape: [1, 3]), weights: nil)
        try second.update(
            Tensor([0.1, 0.3, 0.5, 0.2] as [Double], shape: [1, 4]), Tensor([0.0, 1, 0, 1], shape: [1, 4]), weights: nil
        )
        first.merge(second)
        close(first.meanAveragePrecision(), 0.7917)
    }

    @Test func agreementOfLabellings() throws {
        let (a, b) = (labels([2, 1, 0, 1, 0]), labels([0, 2, 1, 1, 0]))
        close(try value(.mutualInformation, a, b), 0.5004)
        close(try value(.normalizedMutualInformation, a, b), 0.4744)
        close(try value(.adjustedMutualInformation, a, b), -0.25)
        close(try value(.randIndex, a, b), 0.6)
        close(try value(.homogeneity, a, b), 0.4744)
        close(try value(.completeness, a, b), 0.4744)
        close(try value(.vMeasure(), a, b), 0.4744)
        close(try value(.fowlkesMallows, a, b), 0)
        let (split, whole) = (labels([0, 0, 1, 2]), labels([0, 0, 1, 1]))
        close(try value(.adjustedRandIndex, split, whole), 0.5714)
        close(try value(.homogeneity, split, whole), 1)
        close(try value(.completeness, split, whole), 0.6667)
        for metric in [
            Metric.adjustedRandIndex, .normalizedMutualInformation, .adjustedMutualInformation, .fowlkesMallows,
            .vMeasure(), .randIndex,
        ] {
            // Other names for the same groups make no difference.
            close(try value(metric, labels([1, 1, 0, 0, 2]), labels([0, 0, 2, 2, 1])), 1, 1e-12)
        }
    }

    @Test func association() throws {
        // Rows 10, 20 and 20, 10: chi squared is 60 (1/3)^2 = 6.667, phi its root over 60.
        var matrix = ConfusionMatrix()
        for (row, column, count) in [(0, 0, 10), (0, 1, 20), (1, 0, 20), (1, 1, 10)] {
            let target = Tensor(repeating: Double(row), shape: [count], dtype: .int32)
            try matrix.update(Tensor(repeating: Double(column), shape: [count], dtype: .int32), target, weights: nil)
        }
        close(matrix.chiSquared, 60.0 / 9, 1e-12)
        close(matrix.cramersV(isCorrected: false), 1.0 / 3, 1e-12)
        close(matrix.tschuprowsT(isCorrected: false), 1.0 / 3, 1e-12)
        close(matrix.contingency, (1.0 / 10).squareRoot(), 1e-12)
        // Both entropies are log 2; given the other, -(1/3 log 1/3 + 2/3 log 2/3) is left.
        let left = -(log(1.0 / 3) / 3 + 2 * log(2.0 / 3) / 3)
        close(matrix.theilsU, 1 - left / log(2.0), 1e-12)
        close(matrix.mutualInformation, log(2.0) - left, 1e-12)
        let same = labels([0, 1, 2, 0, 1, 2])
        close(try value(.theilsU, same, same), 1, 1e-12)
        close(try value(.cramersV(isCorrected: false), same, same), 1, 1e-12)
    }

    @Test func agreementOfRaters() throws {
        // Fleiss' own kind of example: 14 raters, 10 subjects, 5 categories.
        let counts = [
            [0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1], [7, 7, 0, 0, 0],
            [3, 2, 6, 3, 0], [2, 5, 3, 2, 2], [6, 5, 2, 1, 0], [0, 2, 2, 3, 7],
        ]
        close(try fleissKappa(counts), 0.20993)
        #expect(try fleissKappa([[3, 0], [0, 3]]) == 1)
        #expect(throws: ApusError.self) { try fleissKappa([[1, 0], [2, 0]]) }
        #expect(throws: ApusError.self) { try fleissKappa([]) }
        #expect(try fleissKappa([[.max, .max]]).isFinite)
        // Two who always agree, and two who agree as often as chance has it.
        let (a, b) = (labels([0, 1, 0, 1]), labels([0, 0, 1, 1]))
        close(try value(.cohenKappa(), a, a), 1, 1e-12)
        close(try value(.cohenKappa(), a, b), 0, 1e-12)
    }

    @Test func shapesOfClusters() throws {
        // Pairs at distance 2 about centres 10 apart.
        let points = Tensor([0.0, 0, 0, 2, 10, 0, 10, 2] as [Double], shape: [4, 2])
        let groups = labels([0, 0, 1, 1])
        close(try value(.calinskiHarabasz, points, groups), (100.0 / 1) / (4.0 / 2), 1e-12)
        close(try value(.daviesBouldin, points, groups), 2.0 / 10, 1e-12)
        close(try value(.dunn, points, groups), 10, 1e-12)
    }

    /// Always the same answer on 4,000 cats and 100 dogs.
    @Test func accuracyMisleadsOnUnevenClasses() throws {
        let target = Tensor.concatenate([Tensor.zeros([4000], dtype: .int32), Tensor.ones([100], dtype: .int32)])
        let output = Tensor.zeros([4100], dtype: .int32)
        var confusion = ConfusionMatrix(classes: 2)
        try confusion.update(output, target, weights: nil)
        close(confusion.accuracy, 0.975609756097561, 1e-12)
        #expect(confusion.balancedAccuracy == 0.5)
        #expect(confusion.recall(.perClass) == [1, 0])
        #expect(try confusion.tensor.array(of: Double.self) == [4000, 0, 100, 0])
    }

    /// Batches count by their size: their order makes no difference.
    @Test func meansCountSamplesNotBatches() throws {
        let losses = Tensor.range(count: 10, from: 1, dtype: .float64)
        for values in [losses, losses.reversed(axes: [0])] {
            var metric = Metric.meanAbsoluteError
            for (low, high) in [(0, 4), (4, 8), (8, 10)] {
                try metric.update(values[low..<high], Tensor.zeros([high - low], dtype: .float64))
            }
            #expect(try metric.value() == 5.5)
        }
    }

    /// Groups with different error rates are told apart.
    @Test func metricsBySubgroup() throws {
        let metric = Metric.byGroup(2, .meanAbsoluteError) { _, target in (target .> 10.0).cast(to: .int32) }
        let (output, target) = (Tensor([1.0, 2, 30, 40]), Tensor([2.0, 3, 20, 30]))
        #expect(try metric(output, target).array(of: Double.self) == [1, 10])
    }

    /// Scores of what is strange above those of what is not.
    @Test func areaUnderROCOfAnomalies() throws {
        let scores = Tensor([0.1, 0.2, 0.3, 0.35, 0.6, 0.7, 0.8, 0.9])
        let isStrange = Tensor([Int32(0), 0, 0, 1, 0, 1, 1, 1])
        // Of 16 pairs one is in the wrong order.
        #expect(try value(.areaUnderROC(), scores, isStrange) == 15.0 / 16)
    }

    @Test(arguments: [true, false])
    func confidenceMeetsAccuracyOrNot(_ isCalibrated: Bool) throws {
        let confidence = isCalibrated ? 0.75 : 0.95
        let scores = Tensor(
            (0..<8).flatMap { _ in [confidence, 1 - confidence] as [Double] }, shape: [8, 2])
        let target = Tensor([Int32(0), 0, 0, 1, 0, 0, 0, 1])
        close(try value(.calibrationError(bins: 10), scores, target), isCalibrated ? 0 : 0.2, 1e-6)
    }
}
