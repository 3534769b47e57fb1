import Apus
import TestSupport
import Testing

@Suite struct SyntheticSamplesTests {
    /// Two overlapping clouds of which the second is rare.
    private func clouds(_ counts: [Int], seed: UInt64) throws -> Dataset {
        var (values, labels): ([Float], [Int32]) = ([], [])
        for (label, count) in counts.enumerated() {
            for index in 0..<count {
                var random = RandomSource(seed: seed, stream: label, element: index)
                let along = random.normal()
                values += [Float(1.6 * Double(label) + along), Float(along + 0.4 * random.normal())]
                labels.append(Int32(label))
            }
        }
        return try Dataset(
            inputs: Tensor(values, shape: [labels.count, 2]), targets: Tensor(labels, shape: [labels.count]),
            name: "clouds")
    }

    private func rows(_ data: Dataset, label: Int, from start: Int) throws -> [[Float]] {
        try (start..<data.count).filter { data.label(at: $0) == label }.map { try data.input(at: $0).array() }
    }

    /// Requirement AUG-07: a classifier that learns from added synthetic samples finds more of the rare class.
    @Test func syntheticSamplesRaiseTheRecallOfTheRare() throws {
        let (train, test) = (try clouds([600, 15], seed: 1), try clouds([300, 300], seed: 2))
        func recall(_ data: Dataset) throws -> Double {
            let model = Sequential { Dense(2) }
            let trainer = Trainer(model, loss: .softmaxCrossEntropy, optimizer: .adam(learningRate: 0.03), seed: 1)
            _ = try trainer.fit(data.shuffled(seed: 1).batched(32), epochs: 12)
            let scores = try model(Tensor.stack((300..<600).map { try test.input(at: $0) })).array(of: Float.self)
            return Double((0..<300).count { scores[2 * $0 + 1] > scores[2 * $0] }) / 300
        }
        let plain = try recall(train)
        for method in [SyntheticSamples.interpolation(), .gaussian()] {
            let balanced = try train.balanced(bySynthetic: method, seed: 3)
            #expect(try recall(balanced) > plain + 0.2, "\(method): more than \(plain)")
        }
    }

    @Test func synthesisKeepsToItsClass() throws {
        let data = try clouds([200, 20], seed: 4)
        let more = try data.balanced(bySynthetic: .interpolation(neighbors: 3), seed: 1)
        #expect(
            more.count == 400 && more.labels.prefix(220) == data.labels[...]
                && more.labels.suffix(180).allSatisfy { $0 == 1 })
        #expect(try more.input(at: 7).array(of: Float.self) == data.input(at: 7).array(of: Float.self))
        let old = try rows(data, label: 1, from: 0)
        for row in try rows(more, label: 1, from: 220) {
            // On a line between two samples.
            let lies = old.contains { one in
                old.contains { other in
                    let (dx, dy) = (other[0] - one[0], other[1] - one[1])
                    let (x, y) = (row[0] - one[0], row[1] - one[1])
                    return abs(dx * y - dy * x) < 1e-4 * max(1, dx * dx + dy * dy) && dx * x + dy * y >= -1e-5
                        && x * x + y * y <= dx * dx + dy * dy + 1e-5
                }
            }
            #expect(lies)
        }
        let again = try data.balanced(bySynthetic: .interpolation(neighbors: 3), seed: 1)
        #expect(try rows(again, label: 1, from: 220) == rows(more, label: 1, from: 220))
        #expect(
            try rows(data.balanced(bySynthetic: .interpolation(neighbors: 3), seed: 2), label: 1, from: 220)
                != rows(more, label: 1, from: 220))
    }

    @Test func normalSamplesHaveMeanAndCovariance() throws {
        let data = try clouds([20_000, 500], seed: 5)
        func moments(_ rows: [[Float]]) -> [Double] {
            let count = Double(rows.count)
            let mean = (0..<2).map { axis in rows.reduce(0.0) { $0 + Double($1[axis]) } / count }
            func covariance(_ a: Int, _ b: Int) -> Double {
                rows.reduce(0.0) { $0 + (Double($1[a]) - mean[a]) * (Double($1[b]) - mean[b]) } / count
            }
            return mean + [covariance(0, 0), covariance(0, 1), covariance(1, 1)]
        }
        let wanted = moments(try rows(data, label: 1, from: 0))
        let made = moments(
            try rows(data.balanced(bySynthetic: .gaussian(shrinkage: 0), seed: 1), label: 1, from: data.count))
        #expect(zip(wanted, made).allSatisfy { abs($0 - $1) < 0.05 }, "\(made) instead of \(wanted)")
        // Two samples alone: the covariance has no full rank.
        let few = try clouds([10, 2], seed: 6).balanced(bySynthetic: .gaussian(shrinkage: 0), seed: 1)
        #expect(try rows(few, label: 1, from: 12).flatMap { $0 }.allSatisfy(\.isFinite))
    }

    @Test func modelsOfOnesOwnAreAsked() throws {
        let data = try clouds([5, 2], seed: 7)
        let more = try data.balanced(
            bySynthetic: .model { label, count, _ in Tensor(repeating: Double(label), shape: [count, 2]) }, seed: 1)
        #expect(try rows(more, label: 1, from: 7) == [[1, 1], [1, 1], [1, 1]])
        func problem(_ method: SyntheticSamples, _ data: Dataset) -> String? {
            refusal { _ = try data.balanced(bySynthetic: method, seed: 1) }?.problem
        }
        #expect(
            problem(.model { _, count, _ in Tensor.zeros([count, 3]) }, data)
                == "the model gave [3, 3] for 3 samples of [2]")
        #expect(problem(.interpolation(neighbors: 0), data) == "0 neighbours")
        #expect(problem(.gaussian(shrinkage: .nan), data) == "a shrinkage of nan")
        #expect(problem(.interpolation(), try clouds([5, 1], seed: 7)) == "class 1 has 1 sample")
        #expect(problem(.gaussian(), try SequenceTasks.sines(count: 6, seed: 1)) == "the samples have no classes")
    }
}
