import Apus
import TestSupport
import Testing

@Suite struct SampleCoverageTests {
    /// Five groups of points on a circle; a generator that shows only some of them.
    private func samples(_ groups: [Int], each count: Int, seed: UInt64, spread: Double = 0.1) throws -> Tensor {
        let noise = Tensor.randomNormal([groups.count * count, 2], seed: seed, dtype: .float64) * spread
        let centers = groups.flatMap { group in
            [[Double]](repeating: [[0, 3], [3, 1], [2, -3], [-2, -3], [-3, 1]][group], count: count)
        }
        return try (noise + Tensor(centers.flatMap { $0 }, shape: [groups.count * count, 2])).evaluated()
    }

    @Test func collapsedGeneratorsScoreLow() throws {
        let real = try samples([0, 1, 2, 3, 4], each: 20, seed: 1)
        let good = try SampleCoverage(real: real, generated: samples([0, 1, 2, 3, 4], each: 20, seed: 2))
        #expect(good.coverage > 0.9 && good.precision > 0.8 && good.recall > 0.8 && good.density > 0.7)
        #expect(abs(good.diversity - 1) < 0.05)
        let collapsed = try SampleCoverage(real: real, generated: samples([1], each: 100, seed: 3, spread: 0.05))
        #expect(collapsed.coverage <= 0.2 && collapsed.recall <= 0.2 && collapsed.diversity < 0.1)
        #expect(collapsed.precision > 0.9 && collapsed.density > 1)
        let wrong = try SampleCoverage(real: real, generated: samples([0, 1], each: 30, seed: 4) + 40)
        #expect(wrong.precision == 0 && wrong.coverage == 0 && wrong.density == 0)
        let same = try SampleCoverage(real: real, generated: real, neighbors: 3)
        #expect(same.precision == 1 && same.recall == 1 && same.coverage == 1 && same.diversity == 1)
        #expect(
            refusal { _ = try SampleCoverage(real: real, generated: Tensor.zeros([4, 2])) }?.description
                == "SampleCoverage: real samples of shape [100, 2], generated ones [4, 2], 5 neighbours; "
                + "give [samples, features] both, and more samples than neighbours")
    }

    @Test func frechetDistancesOfNormalDistributions() throws {
        // Exact moments: (0, I) against mean (3, 4) and the covariance diag(4, 9).
        let unit = Tensor([1.0, 0, -1, 0, 0, 1, 0, -1], shape: [4, 2]) * 1.5.squareRoot()
        let other = unit * Tensor([2.0, 3], shape: [2]) + Tensor([3.0, 4], shape: [2])
        #expect(abs(try frechetDistance(unit, other) - (25 + 1 + 4)) < 1e-9)
        #expect(try frechetDistance(other, other) < 1e-9)
        // It does not change when both are turned.
        let turn = Tensor([0.6, -0.8, 0.8, 0.6], shape: [2, 2])
        #expect(abs(try frechetDistance(matmul(unit, turn), matmul(other, turn)) - 30) < 1e-9)
        #expect(refusal { _ = try frechetDistance(unit, Tensor.zeros([4, 3])) }?.kind == .shape)
    }

    /// MET-07: boxes that are right have the average precision 1, boxes anywhere almost 0.
    @Test func perfectBoxesScoreOneAndRandomOnesAlmostNothing() throws {
        let draws: [Double] = try Tensor.randomUniform([40, 8, 2], seed: 6, dtype: .float64).array()
        func box(_ number: Int) -> BoundingBox {
            let (x, y) = (draws[2 * number] * 200, draws[2 * number + 1] * 200)
            return BoundingBox(left: x, top: y, right: x + 30, bottom: y + 20)
        }
        var (perfect, random) = (MeanAveragePrecision(), MeanAveragePrecision())
        for image in 0..<40 {
            let truth = (0..<4).map { TrueBox(box(image * 8 + $0), label: $0 % 2) }
            perfect.update(truth.map { DetectedBox($0.box, label: $0.label, score: 0.9) }, truth: truth)
            random.update(
                (4..<8).map { DetectedBox(box(image * 8 + $0), label: $0 % 2, score: draws[image + $0]) }, truth: truth)
        }
        #expect(perfect.summary().mean == 1)
        #expect(random.summary().mean < 0.02 && random.summary().mean >= 0, "\(random.summary().mean)")
    }

    /// MET-09: identical annotators agree fully, random ones as chance says.
    @Test func annotatorsAgreeFullyOrByChance() throws {
        let a = try Tensor.randomUniform([3000], low: 0, high: 4, seed: 1).cast(to: .int32).evaluated()
        let b = try Tensor.randomUniform([3000], low: 0, high: 4, seed: 2).cast(to: .int32).evaluated()
        func kappa(_ a: Tensor, _ b: Tensor) throws -> Double {
            var metric = Metric.cohenKappa(classes: 4)
            try metric.update(oneHot(a, depth: 4), b)
            return try metric.value()
        }
        #expect(try kappa(a, a) == 1)
        #expect(abs(try kappa(a, b)) < 0.05)
        let (x, y): ([Int], [Int]) = (try a.array(), try b.array())
        let counts = zip(x, y).map { first, second in (0..<4).map { ($0 == first ? 1 : 0) + ($0 == second ? 1 : 0) } }
        #expect(abs(try fleissKappa(counts)) < 0.05)
        #expect(try fleissKappa(x.map { own in (0..<4).map { $0 == own ? 2 : 0 } }) == 1)
    }

    /// MET-11: an anomaly score separates a class that was held out.
    @Test func distancesToTheNearestNormalSampleFindAnomalies() throws {
        let digits = try Digits.generate(count: 600, seed: 5).train
        let (images, labels) = (pixels(digits), digits.labels)
        let normal = labels.indices.filter { labels[$0] == 1 || labels[$0] == 7 }
        let odd = labels.indices.filter { labels[$0] == 0 }
        let (known, test) = (normal.prefix(normal.count / 2), Array(normal.suffix(normal.count / 2)) + odd)
        func rows(_ indices: some Sequence<Int>) -> Tensor {
            let indices = indices.map { Int64($0) }
            return images.gather(indices: Tensor(indices, shape: [indices.count]))
        }
        let scores = rows(test).pairwiseDistances(to: rows(known)).min(axes: [1])
        let isAnomaly = Tensor(test.map { Int32(labels[$0] == 0 ? 1 : 0) }, shape: [test.count])
        var metric = Metric.areaUnderROC()
        try metric.update(scores / 30, isAnomaly)
        #expect(try metric.value() > 0.9)
    }

    /// MET-12: groups with different error rates are told apart.
    @Test func errorRatesOfGroupsAreToldApart() throws {
        let labels = Tensor((0..<40).map { Int32($0 % 2) }, shape: [40])
        // Group 1 (the second column of the targets) has every fourth prediction wrong, group 0 none.
        let answers: [Int32] = (0..<40).map { number in
            let isWrong = number >= 20 && number % 4 == 0
            return Int32(isWrong ? 1 - number % 2 : number % 2)
        }
        let predicted = Tensor(answers, shape: [40])
        var metric = Metric.byGroup(2, .accuracy) { _, _ in
            Tensor((0..<40).map { Int32($0 >= 20 ? 1 : 0) }, shape: [40])
        }
        try metric.update(oneHot(predicted, depth: 2), labels)
        #expect(try metric.values() == [1, 0.75])
        #expect(try metric.results().map(\.name) == ["accuracy/0", "accuracy/1"])
    }
}
