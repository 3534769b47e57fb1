import ApusCore

/// How often each class was taken for each class: what most figures of classification are computed from.
///
///     var confusion = ConfusionMatrix(classes: 10)
///     try confusion.update(scores, labels)
///     confusion.f1(.macro)                       // [0.93]
///     confusion.recall(.perClass)                // one for each class
public struct ConfusionMatrix: MetricState {
    /// How figures of classes become one.
    public enum Average: Sendable, Hashable {
        /// That of class 1 where there are two classes, else the mean over the classes.
        case automatic
        /// That of class 1.
        case binary
        /// That of the counts of all classes together.
        case micro
        /// The mean over the classes.
        case macro
        /// The mean over the classes, weighted by how often each is right.
        case weighted
        /// None: one figure for each class.
        case perClass
    }

    /// The number of classes; grows with the labels unless it was given.
    public private(set) var classes: Int
    /// Weighted counts, row-major: rows are the true classes, columns the predicted ones.
    public private(set) var counts: [Double]
    private let isFixed: Bool
    private let threshold: Double
    private let ignored: Int?

    /// More classes than this are refused: the matrix would not fit memory.
    public static let classLimit = 8192

    /// - Parameters:
    ///   - classes: how many there are; by default one more than the largest label, or as many as there are scores
    ///   - threshold: above which a single score means class 1
    ///   - ignored: a label whose positions count for nothing
    public init(classes: Int? = nil, threshold: Double = 0.5, ignored: Int? = nil) {
        self.classes = classes ?? 0
        self.threshold = threshold
        self.ignored = ignored
        isFixed = classes != nil
        counts = []
        if (0...Self.classLimit).contains(self.classes) {
            counts = [Double](repeating: 0, count: self.classes * self.classes)
        }
    }

    /// Adds a batch.
    ///
    /// - Parameters:
    ///   - output: scores `[..., classes]`, labels `[...]` or single scores `[...]`, which are compared with the threshold
    ///   - target: labels `[...]`, or one-hot rows `[..., classes]`
    public mutating func update(_ output: Tensor, _ target: Tensor, weights: Tensor?) throws(ApusError) {
        let pairs = try LabelPairs(output, target, weights: weights, threshold: threshold, in: "confusion matrix")
        try update(
            targets: pairs.targets, predictions: pairs.predictions, weights: pairs.weights, classes: pairs.classes)
    }

    /// Adds pairs of labels.
    ///
    /// - Parameter known: a number of classes that there are at least
    public mutating func update(
        targets: [Int], predictions: [Int], weights: [Double]? = nil, classes known: Int? = nil
    ) throws(ApusError) {
        guard targets.count == predictions.count, weights.map({ $0.count == targets.count }) ?? true else {
            throw ApusError(
                .shape, in: "confusion matrix", "\(targets.count) targets, \(predictions.count) predictions",
                remedy: "give as many of each, and of weights")
        }
        var largest = (known ?? 0) - 1
        for (target, prediction) in zip(targets, predictions) where target != ignored {
            guard target >= 0, prediction >= 0 else {
                throw ApusError(
                    .index, in: "confusion matrix", "label \(min(target, prediction)) is negative",
                    remedy: "number the classes from 0, or name the label that is to be ignored")
            }
            largest = max(largest, target, prediction)
        }
        try grow(to: largest + 1)
        for index in targets.indices where targets[index] != ignored {
            counts[targets[index] * classes + predictions[index]] += weights?[index] ?? 1
        }
    }

    /// Adds what another matrix has counted.
    public mutating func merge(_ other: ConfusionMatrix) throws(ApusError) {
        try grow(to: other.classes)
        guard other.counts.count == other.classes * other.classes else { return }
        for row in 0..<other.classes {
            for column in 0..<other.classes {
                counts[row * classes + column] += other.counts[row * other.classes + column]
            }
        }
    }

    private mutating func grow(to wanted: Int) throws(ApusError) {
        guard wanted <= Self.classLimit, classes >= 0, classes <= Self.classLimit else {
            throw ApusError(
                .value, in: "confusion matrix", "\(max(wanted, classes)) classes",
                remedy: "use labels from 0 to \(Self.classLimit - 1)")
        }
        guard wanted > classes else { return }
        guard !isFixed else {
            throw ApusError(
                .index, in: "confusion matrix", "label \(wanted - 1) is outside 0..<\(classes)",
                remedy: "use labels from 0 to \(classes - 1), or allow for more classes")
        }
        var larger = [Double](repeating: 0, count: wanted * wanted)
        for row in 0..<classes {
            for column in 0..<classes { larger[row * wanted + column] = counts[row * classes + column] }
        }
        (classes, counts) = (wanted, larger)
    }

    /// The counts as a tensor `[classes, classes]`, `float64`: rows are the true classes, columns the predicted ones.
    public var tensor: Tensor { Tensor(counts, shape: [classes, classes]) }

    /// The weight of all samples.
    public var total: Double { counts.reduce(0, +) }

    /// The figures of each class against all others.
    public struct Outcomes: Sendable, Equatable {
        /// Of the class and taken for it.
        public let truePositives: Double
        /// Of another class and taken for this one.
        public let falsePositives: Double
        /// Of the class and taken for another.
        public let falseNegatives: Double
        /// Of another class and taken for another.
        public let trueNegatives: Double
        /// How often the class is right.
        public var support: Double { truePositives + falseNegatives }
    }

    /// The figures of each class against all others.
    public var outcomes: [Outcomes] {
        let (rows, columns, total) = (rowSums, columnSums, total)
        return (0..<classes).map { index in
            let hit = self[index, index]
            return Outcomes(
                truePositives: hit, falsePositives: columns[index] - hit, falseNegatives: rows[index] - hit,
                trueNegatives: total - rows[index] - columns[index] + hit)
        }
    }

    /// How often class `target` was taken for class `prediction`; 0 outside the matrix.
    public subscript(target: Int, prediction: Int) -> Double {
        guard (0..<classes).contains(target), (0..<classes).contains(prediction),
            counts.count == classes * classes
        else { return 0 }
        return counts[target * classes + prediction]
    }

    /// How often each class is right.
    public var rowSums: [Double] { (0..<classes).map { row in (0..<classes).reduce(0) { $0 + self[row, $1] } } }
    /// How often each class was predicted.
    public var columnSums: [Double] {
        (0..<classes).map { column in (0..<classes).reduce(0) { $0 + self[$1, column] } }
    }
    /// How often the prediction was right.
    public var hits: Double { (0..<classes).reduce(0) { $0 + self[$1, $1] } }
}
