import Apus
import TestSupport
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

@Suite struct StudyTests {
    private static func tensor(_ points: [[Double]]) -> Tensor {
        Tensor(points.flatMap { $0 }, shape: [points.count, 2])
    }

    private static func labels(_ values: [Int]) -> Tensor { Tensor(values.map { Int64($0) }, shape: [values.count]) }

    /// On a checkerboard a model that can follow any border gets better with each sample, a straight line does not.
    @Test func flexibleModelsKeepImprovingAndRigidOnesLevelOff() throws {
        var random = RandomSource(seed: 8)
        let points = (0..<1000).map { _ in [random.uniform() * 4, random.uniform() * 4] }
        let labels = points.map { (Int($0[0]) + Int($0[1])) % 2 }
        let (testPoints, testLabels) = (Self.tensor(Array(points[800...])), Self.labels(Array(labels[800...])))
        func part(_ indices: [Int]) -> (Tensor, Tensor) {
            (Self.tensor(indices.map { points[$0] }), Self.labels(indices.map { labels[$0] }))
        }
        let train = Array(labels[..<800]), sizes = [50, 200, 800]
        let flexible = try LearningCurve(labels: train, sizes: sizes, repetitions: 2, seed: 1) { indices in
            let (x, y) = part(indices)
            return try NearestNeighbors.fit(x, y, k: 1).score(testPoints, testLabels)
        }
        let rigid = try LearningCurve(labels: train, sizes: sizes, seed: 1) { indices in
            let (x, y) = part(indices)
            return try LogisticRegression.fit(x, y).score(testPoints, testLabels)
        }
        #expect(flexible.gainsPerDoubling.allSatisfy { $0 > 0.02 } && !flexible.isLevel())
        #expect(rigid.isLevel(below: 0.02) && flexible.points[2].mean > 0.9 && rigid.points[2].mean < 0.65)
        #expect(flexible.description.hasPrefix("50 samples: 0.") && flexible.points[0].scores.count == 2)
    }

    @Test func partsAreNestedAndHaveTheSharesOfTheWhole() throws {
        let labels = (0..<100).map { $0 % 5 == 0 ? 1 : 0 }
        var seen: [[Int]] = []
        let curve = try LearningCurve(labels: labels, sizes: [40, 10, 100, 10], seed: 2) { part in
            seen.append(part)
            return Double(part.count)
        }
        #expect(curve.points.map(\.size) == [10, 40, 100] && curve.points.map(\.mean) == [10, 40, 100])
        #expect(seen[1].starts(with: seen[0]) && seen[2].sorted() == Array(0..<100))
        #expect(abs(seen[0].filter { labels[$0] == 1 }.count - 2) <= 1)
        #expect(abs(seen[1].filter { labels[$0] == 1 }.count - 8) <= 1)
        for sizes in [[], [0], [101]] {
            #expect(refusal { _ = try LearningCurve(labels: labels, sizes: sizes, seed: 1) { _ in 0 } }?.kind == .value)
        }
    }

    /// Two clouds that overlap, 40 to 1: a linear model without a remedy never sees the rare one. One that has learnt all
    /// samples by heart has no loss left to weigh: there weights fail.
    @Test func remediesAreComparedByRecallAndCost() throws {
        var random = RandomSource(seed: 5)
        func cloud(_ count: Int, _ label: Int) -> [(point: [Double], label: Int)] {
            (0..<count).map { _ in ([random.normal() + 1.5 * Double(label), random.normal()], label) }
        }
        let train = cloud(800, 0) + cloud(20, 1), test = cloud(200, 0) + cloud(200, 1)
        let (labels, testLabels) = (train.map(\.label), test.map(\.label))
        let linear = try ImbalanceStudy(train: labels, test: testLabels, seed: 1) { samples, weights in
            // Logistic regression by descent on the weighted loss.
            var w = [0.0, 0, 0]
            let total = weights.reduce(0, +)
            for _ in 0..<150 {
                var slope = [0.0, 0, 0]
                for (sample, weight) in Swift.zip(samples, weights) {
                    let x = train[sample].point
                    let score = w[0] * x[0] + w[1] * x[1] + w[2]
                    let error = weight * (1 / (1 + exp(-score)) - Double(train[sample].label)) / total
                    slope[0] += error * x[0]
                    slope[1] += error * x[1]
                    slope[2] += error
                }
                for index in 0..<3 { w[index] -= 2 * slope[index] }
            }
            return test.map { w[0] * $0.point[0] + w[1] * $0.point[1] + w[2] > 0 ? 1 : 0 }
        }
        let recalls = Dictionary(
            uniqueKeysWithValues: linear.outcomes.map { ($0.remedy, $0.recalls.compactMap { $0 }) })
        #expect(linear.balance.ratio == 40 && linear.outcomes.map(\.samplesPerEpoch) == [820, 820, 1600, 40])
        #expect(recalls[.none].map { $0[1] < 0.3 && $0[0] > 0.95 } == true)
        for remedy in [ImbalanceRemedy.classWeights, .oversampling, .undersampling] {
            #expect(recalls[remedy].map { $0[1] > 0.6 && $0[0] > 0.6 } == true, "\(remedy)")
        }
        #expect(linear.best.map { $0.remedy != .none && $0.balancedAccuracy > 0.7 } == true)
        #expect(linear.description.split(separator: "\n").count == 4)
        let byHeart = try ImbalanceStudy(train: labels, test: testLabels, seed: 1) { samples, _ in
            let x = Self.tensor(samples.map { train[$0].point }), y = Self.labels(samples.map { labels[$0] })
            let model = try NearestNeighbors.fit(x, y, k: 1)
            return try model.predict(Self.tensor(test.map(\.point))).cast(to: .int64).array(of: Int64.self).map {
                Int($0)
            }
        }
        let rare = byHeart.outcomes.map { $0.recalls[1] ?? 0 }
        #expect(rare[0] < 0.5 && rare[1] == rare[0] && rare[2] == rare[0] && rare[3] > rare[0] + 0.2)
        #expect(byHeart.best?.remedy == .undersampling)
        #expect(refusal { _ = try ImbalanceStudy(train: [0, 1], test: [0], seed: 1) { _, _ in [] } }?.kind == .data)
    }
}
