import ApusCore

/// True and false positives at evenly spaced thresholds: areas under curves in fixed memory, as Keras computes them.
/// At threshold `t` an output counts as positive if it is larger than `t`; sensitivity is `tp / (tp + fn)`.
public struct ThresholdCounts: MetricState {
    /// From just below 0 to just above 1.
    public let thresholds: [Double]
    /// Weights of samples of class 1 and 0 by the number of thresholds below their scores.
    private var positives: [Double]
    private var negatives: [Double]

    /// - Parameter count: the number of thresholds, at least 2
    public init(_ count: Int = 200) {
        let count = max(2, min(count, 1 << 20))
        let inner: [Double] = (1..<count - 1).map { Double($0) / Double(count - 1) }
        thresholds = [-1e-7] + inner + [1 + 1e-7]
        positives = [Double](repeating: 0, count: count + 1)
        negatives = positives
    }

    /// Adds a batch of scores and targets (0 or 1) of one shape.
    public mutating func update(_ output: Tensor, _ target: Tensor, weights: Tensor?) throws(ApusError) {
        guard output.shape == target.shape else {
            throw ApusError(
                .shape, in: "metric AUC", "an output of shape \(output.shape), a target of shape \(target.shape)",
                remedy: "make the shapes equal")
        }
        let (scores, targets) = (try output.numbers(), try target.numbers())
        let factors = try weights.map { weights throws(ApusError) in
            try weights.spreadWeights(
                over: scores.count, samples: output.rank == 0 ? 1 : output.shape[0], in: "metric AUC")
        }
        for index in scores.indices {
            let bucket = below(scores[index])
            let weight = factors?[index] ?? 1
            if targets[index] > 0.5 { positives[bucket] += weight } else { negatives[bucket] += weight }
        }
    }

    public mutating func merge(_ other: ThresholdCounts) throws(ApusError) {
        guard thresholds.count == other.thresholds.count else {
            throw ApusError(
                .value, in: "metric AUC", "\(other.thresholds.count) thresholds after \(thresholds.count)",
                remedy: "merge metrics with the same thresholds")
        }
        for index in positives.indices {
            positives[index] += other.positives[index]
            negatives[index] += other.negatives[index]
        }
    }

    /// How many thresholds are smaller than a score.
    private func below(_ score: Double) -> Int {
        var (low, high) = (0, thresholds.count)
        while low < high {
            let middle = (low + high) / 2
            if thresholds[middle] < score { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The weights above each threshold.
    private func above(_ weights: [Double]) -> [Double] {
        var sum = 0.0
        return weights.dropFirst().reversed().map {
            sum += $0
            return sum
        }.reversed()
    }

    /// The area under the ROC curve, by trapezoids.
    public var areaUnderROC: Double {
        let (hits, alarms) = (above(positives), above(negatives))
        let (p, n) = (positives.reduce(0, +), negatives.reduce(0, +))
        let area = hits.indices.dropFirst().reduce(0) {
            $0 + (alarms[$1 - 1] - alarms[$1]) * (hits[$1 - 1] + hits[$1]) / 2
        }
        return p * n == 0 ? 0 : area / (p * n)
    }

    /// The area under the precision-recall curve, interpolated as by Davis and Goadrich (2006).
    public var areaUnderPrecisionRecall: Double {
        let (hits, alarms) = (above(positives), above(negatives))
        let total = positives.reduce(0, +)
        var area = 0.0
        for index in hits.indices.dropLast() {
            let (taken, next) = (hits[index] + alarms[index], hits[index + 1] + alarms[index + 1])
            guard taken > next, total > 0 else { continue }
            let gain = hits[index] - hits[index + 1]
            let slope = gain / (taken - next)
            let intercept = hits[index + 1] - slope * next
            let ratio = next > 0 ? taken / next : 1
            area += slope * (gain + intercept * Real.log(ratio)) / total
        }
        return area
    }
}
