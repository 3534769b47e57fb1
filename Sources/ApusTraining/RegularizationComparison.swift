import ApusCore
import ApusData
import ApusNN

/// Trains one network with several regularisers and sets side by side what they bring and cost.
///
///     let comparison = try RegularizationComparison(
///         training: few.batched(50), validation: test, loss: .softmaxCrossEntropy, optimizer: .adam(), epochs: 40,
///         [
///             .init("nothing") { network() },
///             .init("L2") { network().regularized(.l2(1e-3)) },
///             .init("early stopping", stopping: EarlyStopping(.patience(3))) { network() },
///         ])
///     print(comparison)                             // a line a method
public struct RegularizationComparison: Sendable, CustomStringConvertible {
    /// A way to train the network.
    public struct Candidate {
        /// The name for the listing.
        public let name: String
        let stopping: EarlyStopping?
        let model: () -> any Module

        /// - Parameters:
        ///   - stopping: ends its training early
        ///   - model: makes the network, with its regulariser
        public init(_ name: String, stopping: EarlyStopping? = nil, _ model: @escaping () -> any Module) {
            self.name = name
            self.stopping = stopping
            self.model = model
        }
    }

    /// What one way gave.
    public struct Row: Sendable {
        /// The candidate's name.
        public let name: String
        /// The loss of the training data after training, at inference, without penalties.
        public let trainingLoss: Double
        /// The loss of the validation data.
        public let validationLoss: Double
        /// How much larger the validation's loss is: overfitting.
        public var gap: Double { validationLoss - trainingLoss }
        /// The share of weights near zero; see `SparsityReport`.
        public let sparsity: Double
        /// Training steps made.
        public let steps: Int
        /// Seconds of training, without validation.
        public let seconds: Double
    }

    /// A row for each candidate, in order.
    public let rows: [Row]

    /// Trains all candidates on the same data from the same seed.
    ///
    /// - Parameters:
    ///   - training: batches to train on
    ///   - validation: batches to compare with
    ///   - epochs: for each candidate, unless it stops early
    ///   - seed: of initial values and all that is drawn while training
    ///   - threshold: the magnitude below which a weight counts as zero
    /// - Throws: an `ApusError` as `Trainer.fit(_:validation:epochs:classWeights:stopping:)` does
    public init(
        training: some BatchSource, validation: some BatchSource, loss: Loss, optimizer: Optimizer, epochs: Int,
        seed: UInt64 = 0, threshold: Double = 1e-3, _ candidates: [Candidate]
    ) throws(ApusError) {
        var rows: [Row] = []
        for candidate in candidates {
            let model = candidate.model()
            let trainer = Trainer(model, loss: loss, optimizer: optimizer, seed: seed)
            let history = try trainer.fit(
                training, validation: candidate.stopping == nil ? nil : validation, epochs: epochs,
                stopping: candidate.stopping)
            rows.append(
                Row(
                    name: candidate.name, trainingLoss: try trainer.evaluate(training).loss,
                    validationLoss: try trainer.evaluate(validation).loss,
                    sparsity: try SparsityReport(model, threshold: threshold).share, steps: history.steps,
                    seconds: history.epochs.reduce(0) { $0 + $1.seconds }))
        }
        self.rows = rows
    }

    /// The row of a candidate.
    public subscript(name: String) -> Row? { rows.first { $0.name == name } }

    /// A line for each candidate below a line of headings.
    public var description: String {
        func short(_ value: Double) -> String { "\((value * 1000).rounded() / 1000)" }
        let lines =
            [["method", "training", "validation", "gap", "sparsity", "steps", "seconds"]]
            + rows.map {
                [
                    $0.name, short($0.trainingLoss), short($0.validationLoss), short($0.gap), short($0.sparsity),
                    "\($0.steps)", short($0.seconds),
                ]
            }
        let widths = lines[0].indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
        return lines.map { line in
            line.indices.map { column in
                let space = String(repeating: " ", count: widths[column] - line[column].count)
                return column == 0 ? line[column] + space : space + line[column]
            }.joined(separator: "  ")
        }.joined(separator: "\n")
    }
}
