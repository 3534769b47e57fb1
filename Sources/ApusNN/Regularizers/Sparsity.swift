import ApusCore

/// How many of a model's weights are near zero, parameter by parameter.
///
///     let sparsity = try SparsityReport(model)
///     sparsity.share                                // of all weights
///     print(sparsity)                               // a line a parameter
public struct SparsityReport: Sendable, CustomStringConvertible {
    /// One parameter.
    public struct Row: Sendable {
        /// Its path, such as `dense1.weight`.
        public let path: String
        /// How many numbers it has.
        public let count: Int
        /// How many of these have a magnitude below the threshold.
        public let zeros: Int
        /// `zeros / count`; 0 for an empty parameter.
        public var share: Double { count == 0 ? 0 : Double(zeros) / Double(count) }
    }

    /// The magnitude below which a weight counts as zero.
    public let threshold: Double
    /// The trainable parameters with a value that are no biases, in the model's order.
    public let rows: [Row]

    /// Counts the weights of a model: its trainable parameters without those named `bias`.
    ///
    /// - Parameter threshold: the magnitude below which a weight counts as zero, above 0
    /// - Throws: an `ApusError` if the threshold is not above 0
    public init(_ model: any Module, threshold: Double = 1e-3) throws(ApusError) {
        guard threshold > 0, threshold.isFinite else {
            throw ApusError(
                .value, in: "SparsityReport", "the threshold is \(threshold)", remedy: "use a number above 0")
        }
        self.threshold = threshold
        var rows: [Row] = []
        for (path, parameter) in model.namedParameters
        where parameter.isTrainable && parameter.isBuilt && path.split(separator: ".").last != "bias" {
            let values: [Double] = try parameter.value.array()
            rows.append(
                Row(path: path, count: values.count, zeros: values.filter { $0.magnitude < threshold }.count))
        }
        self.rows = rows
    }

    /// The share of all weights that are near zero, from 0 to 1.
    public var share: Double {
        let count = rows.reduce(0) { $0 + $1.count }
        return count == 0 ? 0 : Double(rows.reduce(0) { $0 + $1.zeros }) / Double(count)
    }

    /// A line for each parameter: path, share, and how many of how many.
    public var description: String {
        let width = rows.map(\.path.count).max() ?? 0
        return rows.map { row in
            let percent = (row.share * 1000).rounded() / 10
            let space = String(repeating: " ", count: width - row.path.count)
            return "\(row.path)\(space)  \(percent) % near zero (\(row.zeros) of \(row.count))"
        }.joined(separator: "\n")
    }
}
