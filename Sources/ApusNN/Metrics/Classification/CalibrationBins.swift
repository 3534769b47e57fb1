import ApusCore

/// How far confidence and accuracy agree: samples in bins of equal width by their confidence (Guo et al., 2017).
/// The expected error is `sum (n_b / n) |accuracy_b - confidence_b|` over the bins.
public struct CalibrationBins: MetricState {
    /// The samples whose confidence is in `(index / bins, (index + 1) / bins]`.
    public struct Bin: Sendable, Equatable {
        /// How many samples it holds, by weight.
        public var weight = 0.0
        /// The sum of their confidences.
        public var confidences = 0.0
        /// How many of them were right, by weight.
        public var hits = 0.0

        /// The mean confidence and the share of right predictions.
        public var confidence: Double { weight == 0 ? 0 : confidences / weight }
        /// The share that was right; 0 of nothing.
        public var accuracy: Double { weight == 0 ? 0 : hits / weight }
        var gap: Double { abs(accuracy - confidence) }
    }

    /// The bins from confidence 0 to 1.
    public private(set) var bins: [Bin]

    /// - Parameter bins: how many of equal width, 1 or more
    public init(bins: Int = 15) { self.bins = [Bin](repeating: Bin(), count: max(1, min(bins, 1 << 20))) }

    /// Adds a batch.
    ///
    /// - Parameters:
    ///   - output: probabilities `[..., classes]`, of which the largest is the confidence, or of class 1 `[...]`
    ///   - target: labels `[...]`
    public mutating func update(_ output: Tensor, _ target: Tensor, weights: Tensor?) throws(ApusError) {
        let isSingle = output.shape == target.shape
        guard isSingle || output.rank >= 1 && target.shape.extents == Array(output.shape.extents.dropLast()) else {
            throw ApusError(
                .shape, in: "metric calibration error",
                "an output of shape \(output.shape), labels of shape \(target.shape)",
                remedy: "give labels of the output's shape without its last axis")
        }
        let confidences = try (isSingle ? output : output.max(axes: [-1])).numbers()
        let labels = try target.labels()
        let predictions = isSingle ? [] : try output.argmax(axis: -1).labels()
        let factors = try weights.map { weights throws(ApusError) in
            try weights.spreadWeights(
                over: labels.count, samples: target.rank == 0 ? 1 : target.shape[0], in: "metric calibration error")
        }
        for (index, confidence) in confidences.enumerated() {
            let isHit = isSingle ? labels[index] == 1 : labels[index] == predictions[index]
            let position = Int(saturating: (confidence * Double(bins.count)).rounded(.up)) - 1
            let bin = min(max(position, 0), bins.count - 1)
            let weight = factors?[index] ?? 1
            bins[bin].weight += weight
            bins[bin].confidences += weight * confidence
            if isHit { bins[bin].hits += weight }
        }
    }

    public mutating func merge(_ other: CalibrationBins) throws(ApusError) {
        guard bins.count == other.bins.count else {
            throw ApusError(
                .value, in: "metric calibration error", "\(other.bins.count) bins after \(bins.count)",
                remedy: "merge metrics with the same number of bins")
        }
        for (index, bin) in other.bins.enumerated() {
            bins[index].weight += bin.weight
            bins[index].confidences += bin.confidences
            bins[index].hits += bin.hits
        }
    }

    private var total: Double { bins.reduce(0) { $0 + $1.weight } }

    /// The mean gap between accuracy and confidence, weighted by the samples of the bins.
    public var expectedError: Double { bins.reduce(0) { $0 + $1.weight * $1.gap } / total }
    /// The root of the mean squared gap.
    public var rootMeanSquaredError: Double {
        (bins.reduce(0) { $0 + $1.weight * $1.gap * $1.gap } / total).squareRoot()
    }
    /// The largest gap.
    public var largestError: Double { bins.map(\.gap).max() ?? 0 }
}

extension Metric {
    /// How gaps between confidence and accuracy are summed up.
    public enum CalibrationNorm: Sendable {
        /// Their mean.
        case expected
        /// The root of their mean square.
        case rootMeanSquare
        /// The largest.
        case largest
    }

    /// The gap between confidence and accuracy of probabilities `[..., classes]` for labels `[...]`.
    public static func calibrationError(_ norm: CalibrationNorm = .expected, bins: Int = 15) -> Metric {
        Metric("calibration error", CalibrationBins(bins: bins), higherIsBetter: false) {
            switch norm {
            case .expected: $0.expectedError
            case .rootMeanSquare: $0.rootMeanSquaredError
            case .largest: $0.largestError
            }
        }
    }
}
