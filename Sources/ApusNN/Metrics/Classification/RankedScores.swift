import ApusCore

/// All scores with their labels: what exact curves and areas are computed from.
///
///     var ranking = RankedScores()
///     try ranking.update(scores, labels)          // one score of class 1 for each sample, labels 0 or 1
///     let curve = ranking.rocCurve()
///     ranking.areaUnderROC                        // 0.97
public struct RankedScores: MetricState {
    /// Scores of class 1, or of each class, row-major.
    public private(set) var scores: [Double] = []
    /// Whether each sample is of class 1 (1) or not (0).
    public private(set) var labels: [Int] = []
    /// How much each sample counts.
    public private(set) var weights: [Double] = []
    /// Scores a sample; 0 before the first batch.
    public private(set) var classes = 0

    /// No samples yet.
    public init() {}

    /// Adds a batch.
    ///
    /// - Parameters:
    ///   - output: scores of class 1 `[...]`, or of each class `[..., classes]`
    ///   - target: labels `[...]`, in 0 or 1 for single scores
    public mutating func update(_ output: Tensor, _ target: Tensor, weights: Tensor?) throws(ApusError) {
        let isSingle = output.shape == target.shape
        let width = isSingle ? 1 : output.shape[-1]
        guard isSingle || output.rank >= 1 && target.shape.extents == Array(output.shape.extents.dropLast()) else {
            throw ApusError(
                .shape, in: "ranking metric", "an output of shape \(output.shape), labels of shape \(target.shape)",
                remedy: "give a score for each label, or labels of the output's shape without its last axis")
        }
        guard classes == 0 || classes == width else {
            throw ApusError(
                .shape, in: "ranking metric", "\(width) scores a sample after batches with \(classes)",
                remedy: "give all batches the same number of classes")
        }
        let (values, own) = (try output.numbers(), try target.labels())
        if let wrong = own.first(where: { $0 < 0 || $0 >= max(width, 2) }) {
            throw ApusError(
                .index, in: "ranking metric", "label \(wrong) is outside 0..<\(max(width, 2))",
                remedy: "number the classes from 0")
        }
        if let wrong = values.first(where: \.isNaN) {
            throw ApusError(
                .numeric, in: "ranking metric", "a score is \(wrong)", remedy: "give scores that can be ordered")
        }
        let factors =
            try weights.map { weights throws(ApusError) in
                try weights.spreadWeights(
                    over: own.count, samples: target.rank == 0 ? 1 : target.shape[0], in: "ranking metric")
            } ?? [Double](repeating: 1, count: own.count)
        classes = width
        scores += values
        labels += own
        self.weights += factors
    }

    /// Adds the samples of another ranking.
    public mutating func merge(_ other: RankedScores) throws(ApusError) {
        guard classes == 0 || other.classes == 0 || classes == other.classes else {
            throw ApusError(
                .shape, in: "ranking metric", "\(other.classes) scores a sample after batches with \(classes)",
                remedy: "give all batches the same number of classes")
        }
        classes = max(classes, other.classes)
        scores += other.scores
        labels += other.labels
        weights += other.weights
    }

    /// The weights of what stands at or above each distinct score, from the highest.
    public struct Curve: Sendable {
        /// The scores from which on a sample counts as positive.
        public let thresholds: [Double]
        /// How many positives are at each threshold or above it.
        public let truePositives: [Double]
        /// How many others are.
        public let falsePositives: [Double]
        /// The weight of all samples of the class, and of all others.
        public let positives: Double
        /// How many others there are.
        public let negatives: Double

        /// False and true positive rates, from (0, 0) to (1, 1).
        public var roc: (falsePositiveRates: [Double], truePositiveRates: [Double]) {
            ([0] + falsePositives.map { share($0, negatives) }, [0] + truePositives.map { share($0, positives) })
        }

        /// Precision and recall, from the highest threshold down; the point (recall 0, precision 1) stands before.
        public var precisionRecall: (precisions: [Double], recalls: [Double]) {
            (
                [1] + zip(truePositives, falsePositives).map { share($0, $0 + $1) },
                [0] + truePositives.map { positives == 0 ? 1 : $0 / positives }
            )
        }

        private func share(_ part: Double, _ whole: Double) -> Double { whole == 0 ? 0 : part / whole }
    }

    /// The curve of a class against all others; class 1 for single scores.
    public func curve(of chosen: Int = 1) -> Curve {
        let column = classes == 1 ? 0 : chosen
        guard (0..<max(classes, 1)).contains(column), classes > 0 else {
            return Curve(thresholds: [], truePositives: [], falsePositives: [], positives: 0, negatives: 0)
        }
        let order = labels.indices.sorted { scores[$0 * classes + column] > scores[$1 * classes + column] }
        var (thresholds, hits, alarms): ([Double], [Double], [Double]) = ([], [], [])
        var (hit, alarm) = (0.0, 0.0)
        for (position, index) in order.enumerated() {
            if labels[index] == chosen { hit += weights[index] } else { alarm += weights[index] }
            let score = scores[index * classes + column]
            if position + 1 < order.count, scores[order[position + 1] * classes + column] == score { continue }
            thresholds.append(score)
            hits.append(hit)
            alarms.append(alarm)
        }
        return Curve(
            thresholds: thresholds, truePositives: hits, falsePositives: alarms, positives: hit, negatives: alarm)
    }

    /// The area under the ROC curve, by trapezoids: ties count one half. The mean over classes one against the rest.
    public var areaUnderROC: Double {
        meanOverClasses { curve in
            let (x, y) = curve.roc
            return trapezoids(x, y)
        }
    }

    /// The area under the precision-recall curve, by trapezoids.
    public var areaUnderPrecisionRecall: Double {
        meanOverClasses { curve in
            let (precisions, recalls) = curve.precisionRecall
            return trapezoids(recalls, precisions)
        }
    }

    /// The sum over thresholds of the gain in recall times the precision.
    public var averagePrecision: Double {
        meanOverClasses { curve in
            let (precisions, recalls) = curve.precisionRecall
            return recalls.indices.dropFirst().reduce(0) {
                $0 + (recalls[$1] - recalls[$1 - 1]) * precisions[$1]
            }
        }
    }

    /// The area under the ROC curve over the logarithm of the false positive rate between two rates, divided by the
    /// largest possible.
    public func logarithmicArea(from low: Double = 0.001, to high: Double = 0.1) -> Double {
        guard low > 0, high > low, high <= 1 else { return .nan }
        return meanOverClasses { curve in
            let (x, y) = curve.roc
            var points = zip(x, y).filter { $0.0 > low && $0.0 < high }.map { (Real.log10($0.0), $0.1) }
            points.insert((Real.log10(low), interpolated(x, y, at: low)), at: 0)
            points.append((Real.log10(high), interpolated(x, y, at: high)))
            return trapezoids(points.map(\.0), points.map(\.1)) / (Real.log10(high) - Real.log10(low))
        }
    }

    func meanOverClasses(_ figure: (Curve) -> Double) -> Double {
        guard classes > 1 else { return figure(curve()) }
        return (0..<classes).reduce(0) { $0 + figure(curve(of: $1)) } / Double(classes)
    }
}

/// The area under a polygon through points.
func trapezoids(_ x: [Double], _ y: [Double]) -> Double {
    x.indices.dropFirst().reduce(0) { $0 + (x[$1] - x[$1 - 1]) * (y[$1] + y[$1 - 1]) / 2 }
}

/// The height of a polygon with rising `x`; the last of several points with one `x` counts.
private func interpolated(_ x: [Double], _ y: [Double], at position: Double) -> Double {
    guard let after = x.firstIndex(where: { $0 > position }) else { return y.last ?? 0 }
    guard after > 0 else { return y[0] }
    let share = (position - x[after - 1]) / (x[after] - x[after - 1])
    return y[after - 1] + share * (y[after] - y[after - 1])
}
