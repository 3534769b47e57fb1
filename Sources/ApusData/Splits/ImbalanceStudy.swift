import ApusCore

/// What can be done about rare classes.
public enum ImbalanceRemedy: String, Sendable, Hashable, CaseIterable {
    case none
    /// Each sample's loss times the weight of its class.
    case classWeights
    /// Samples of rare classes again and again.
    case oversampling
    /// Fewer samples of frequent classes.
    case undersampling
}

/// Remedies against imbalance, compared by the recall of each class and by what they cost.
///
///     let study = try ImbalanceStudy(train: labels, test: testLabels, seed: 1) { samples, weights in
///         ...                                        // train with these samples and weights, predict the test set
///     }
///     print(study)
public struct ImbalanceStudy: Sendable, CustomStringConvertible {
    /// What came of one remedy.
    public struct Outcome: Sendable, Hashable {
        /// What was done about the imbalance.
        public let remedy: ImbalanceRemedy
        /// The share of each class that is recognised; nil of a class without test samples.
        public let recalls: [Double?]
        /// The share of samples that were right.
        public let accuracy: Double
        /// The number of samples of a training epoch: what the remedy costs.
        public let samplesPerEpoch: Int

        /// The mean recall of the classes.
        public var balancedAccuracy: Double {
            let known = recalls.compactMap { $0 }
            return known.reduce(0, +) / Double(max(1, known.count))
        }
    }

    /// What each remedy gave.
    public let outcomes: [Outcome]
    /// The frequencies of the training set.
    public let balance: ClassBalance

    /// - Parameters:
    ///   - train: the labels of the training samples
    ///   - test: the labels of the test samples
    ///   - run: trains a new model with the samples of the given numbers (some may come more than once) and a weight for
    ///     each of them, and returns the classes that it finds for the test samples
    public init(
        train: [Int], test: [Int], remedies: [ImbalanceRemedy] = ImbalanceRemedy.allCases, seed: UInt64,
        run: (_ samples: [Int], _ weights: [Double]) throws -> [Int]
    ) throws {
        let balance = try ClassBalance(labels: train, classCount: (test.max() ?? 0) + 1)
        guard test.allSatisfy({ $0 >= 0 }), !test.isEmpty else {
            throw ApusError(.data, in: "imbalance study", "\(test.count) test labels", remedy: "give labels from 0 on")
        }
        var outcomes: [Outcome] = []
        for remedy in remedies {
            var samples = Array(train.indices)
            if remedy == .oversampling { samples = try Sampling.oversampled(train, seed: seed) }
            if remedy == .undersampling { samples = try Sampling.undersampled(train, seed: seed) }
            let weights = samples.map { remedy == .classWeights ? balance.weights[train[$0]] : 1 }
            let found = try run(samples, weights)
            guard found.count == test.count else {
                throw ApusError(
                    .data, in: "imbalance study", "\(found.count) classes for \(test.count) test samples",
                    remedy: "return one class for each")
            }
            let recalls = balance.counts.indices.map { label -> Double? in
                let members = test.indices.filter { test[$0] == label }
                guard !members.isEmpty else { return nil }
                return Double(members.filter { found[$0] == label }.count) / Double(members.count)
            }
            let right = test.indices.filter { found[$0] == test[$0] }.count
            outcomes.append(
                Outcome(
                    remedy: remedy, recalls: recalls, accuracy: Double(right) / Double(test.count),
                    samplesPerEpoch: samples.count))
        }
        self.outcomes = outcomes
        self.balance = balance
    }

    /// The remedy with the highest mean recall, and of equal ones the cheapest.
    public var best: Outcome? {
        outcomes.max { ($0.balancedAccuracy, -$0.samplesPerEpoch) < ($1.balancedAccuracy, -$1.samplesPerEpoch) }
    }

    /// A line a remedy.
    public var description: String {
        func text(_ value: Double) -> String { ElementField.text((value * 1000).rounded() / 1000) }
        return outcomes.map { outcome in
            let recalls = outcome.recalls.map { $0.map(text) ?? "-" }.joined(separator: ", ")
            return "\(outcome.remedy.rawValue): recall by class \(recalls); balanced accuracy "
                + "\(text(outcome.balancedAccuracy)), accuracy \(text(outcome.accuracy)), "
                + "\(outcome.samplesPerEpoch) samples an epoch"
        }.joined(separator: "\n")
    }
}
