import ApusCore

/// Figures of association and of clusterings, from how often labels meet: rows are targets, columns outputs.
extension ConfusionMatrix {
    /// The matrix without empty rows and columns, and its sums.
    private var table: (cells: [[Double]], rows: [Double], columns: [Double], total: Double) {
        let (rows, columns) = (rowSums, columnSums)
        let used = (0..<classes).filter { rows[$0] > 0 }
        let met = (0..<classes).filter { columns[$0] > 0 }
        return (
            used.map { row in met.map { self[row, $0] } }, used.map { rows[$0] }, met.map { columns[$0] }, total
        )
    }

    /// Pearson's statistic of independence.
    public var chiSquared: Double {
        let (cells, rows, columns, total) = table
        var sum = 0.0
        for (row, cells) in cells.enumerated() {
            for (column, count) in cells.enumerated() {
                let expected = rows[row] * columns[column] / total
                sum += (count - expected) * (count - expected) / expected
            }
        }
        return sum
    }

    /// Cramér's V (1946): 0 without association, 1 where one label tells the other.
    ///
    /// - Parameter isCorrected: whether the bias of small samples is taken off (Bergsma, 2013)
    public func cramersV(isCorrected: Bool = true) -> Double {
        let (phi, rows, columns) = association(isCorrected)
        return min(1, (phi / min(rows - 1, columns - 1)).squareRoot())
    }

    /// Tschuprow's T (1939).
    public func tschuprowsT(isCorrected: Bool = true) -> Double {
        let (phi, rows, columns) = association(isCorrected)
        return min(1, (phi / ((rows - 1) * (columns - 1)).squareRoot()).squareRoot())
    }

    private func association(_ isCorrected: Bool) -> (phi: Double, rows: Double, columns: Double) {
        let (_, rowSums, columnSums, total) = table
        let (rows, columns) = (Double(rowSums.count), Double(columnSums.count))
        let phi = chiSquared / total
        guard isCorrected else { return (phi, rows, columns) }
        return (
            max(0, phi - (rows - 1) * (columns - 1) / (total - 1)), rows - (rows - 1) * (rows - 1) / (total - 1),
            columns - (columns - 1) * (columns - 1) / (total - 1)
        )
    }

    /// Pearson's contingency coefficient: the root of `phi^2 / (1 + phi^2)`.
    public var contingency: Double {
        let phi = chiSquared / total
        return (phi / (1 + phi)).squareRoot()
    }

    /// Theil's U: the share of the targets' entropy that outputs explain.
    public var theilsU: Double {
        let (_, rows, _, _) = table
        let entropy = Self.entropy(rows)
        return entropy == 0 ? 0 : mutualInformation / entropy
    }

    /// The information that labels and outputs share, in nats.
    public var mutualInformation: Double {
        let (cells, rows, columns, total) = table
        var sum = 0.0
        for (row, cells) in cells.enumerated() {
            for (column, count) in cells.enumerated() where count > 0 {
                sum += count / total * Real.log(count * total / (rows[row] * columns[column]))
            }
        }
        return max(0, sum)
    }

    private static func entropy(_ counts: [Double]) -> Double {
        let total = counts.reduce(0, +)
        return counts.reduce(0) { $0 - ($1 > 0 ? $1 / total * Real.log($1 / total) : 0) }
    }

    /// Mutual information over the arithmetic mean of both entropies.
    public var normalizedMutualInformation: Double {
        let (_, rows, columns, _) = table
        let mean = (Self.entropy(rows) + Self.entropy(columns)) / 2
        return mean == 0 ? 1 : mutualInformation / mean
    }

    /// Mutual information beyond chance, over the mean entropy beyond chance (Vinh et al., 2010). Counts are rounded.
    public var adjustedMutualInformation: Double {
        let (_, rows, columns, total) = table
        let logFactorial = Self.logFactorials(Int(saturating: total.rounded()))
        var expected = 0.0
        let all = logFactorial.count - 1
        for row in rows.map({ Int(saturating: $0.rounded()) }) where row <= all {
            for column in columns.map({ Int(saturating: $0.rounded()) }) where column <= all {
                for count in stride(from: max(1, row + column - all), through: min(row, column), by: 1) {
                    let both = Double(count)
                    let gain = both / total * Real.log(total * both / (Double(row) * Double(column)))
                    let ways =
                        logFactorial[row] + logFactorial[column] + logFactorial[all - row] + logFactorial[all - column]
                    let apart =
                        logFactorial[all] + logFactorial[count] + logFactorial[row - count]
                        + logFactorial[column - count] + logFactorial[all - row - column + count]
                    expected += gain * Real.exp(ways - apart)
                }
            }
        }
        let mean = (Self.entropy(rows) + Self.entropy(columns)) / 2
        return mean - expected == 0 ? 1 : (mutualInformation - expected) / (mean - expected)
    }

    private static func logFactorials(_ limit: Int) -> [Double] {
        var values = [0.0]
        for number in stride(from: 1, through: min(limit, 1 << 26), by: 1) {
            values.append((values.last ?? 0) + Real.log(Double(number)))
        }
        return values
    }

    /// Whether clusters hold one class each: 1 minus the entropy of classes within clusters over that of the classes.
    public var homogeneity: Double {
        let entropy = Self.entropy(table.rows)
        return entropy == 0 ? 1 : mutualInformation / entropy
    }

    /// Whether classes lie in one cluster each.
    public var completeness: Double {
        let entropy = Self.entropy(table.columns)
        return entropy == 0 ? 1 : mutualInformation / entropy
    }

    /// The harmonic mean of homogeneity and completeness, with weight `beta` on the latter.
    public func vMeasure(beta: Double = 1) -> Double {
        let (h, c) = (homogeneity, completeness)
        return h + c == 0 ? 0 : (1 + beta) * h * c / (beta * h + c)
    }

    /// Pairs of samples that are together in both, in the targets, in the outputs, and all.
    private var pairs: (both: Double, targets: Double, outputs: Double, all: Double) {
        func pairs(_ count: Double) -> Double { count * (count - 1) / 2 }
        return (
            counts.reduce(0) { $0 + pairs($1) }, rowSums.reduce(0) { $0 + pairs($1) },
            columnSums.reduce(0) { $0 + pairs($1) }, pairs(total)
        )
    }

    /// The share of pairs of samples on which both agree (Rand, 1971).
    public var randIndex: Double {
        let (both, targets, outputs, all) = pairs
        return all == 0 ? 1 : (all + 2 * both - targets - outputs) / all
    }

    /// The Rand index beyond chance (Hubert and Arabie, 1985).
    public var adjustedRandIndex: Double {
        let (both, targets, outputs, all) = pairs
        let expected = all == 0 ? 0 : targets * outputs / all
        let largest = (targets + outputs) / 2
        return largest == expected ? 1 : (both - expected) / (largest - expected)
    }

    /// The geometric mean of precision and recall of pairs (Fowlkes and Mallows, 1983).
    public var fowlkesMallows: Double {
        let (both, targets, outputs, _) = pairs
        return both == 0 ? 0 : both / (targets * outputs).squareRoot()
    }
}

/// Agreement of any number of raters beyond chance (Fleiss, 1971).
///
/// - Parameter counts: how many raters put each sample into each category; as many raters for each sample
public func fleissKappa(_ counts: [[Int]]) throws(ApusError) -> Double {
    func sum(_ row: [Int]) -> Double { row.reduce(0) { $0 + Double($1) } }
    let n = counts.first.map(sum) ?? 0
    guard n > 1, counts.allSatisfy({ $0.count == counts[0].count && sum($0) == n && !$0.contains { $0 < 0 } })
    else {
        throw ApusError(
            .shape, in: "fleissKappa", "\(counts.count) samples, the first with \(n) ratings",
            remedy: "give each sample the same number of ratings (two or more) and categories")
    }
    let samples = Double(counts.count)
    let agreement = counts.reduce(0.0) { sum, row in
        sum + (row.reduce(0.0) { $0 + Double($1) * Double($1) } - n) / (n * (n - 1))
    }
    let shares = counts[0].indices.map { category in counts.reduce(0.0) { $0 + Double($1[category]) } / (samples * n) }
    let chance = shares.reduce(0) { $0 + $1 * $1 }
    return chance == 1 ? 1 : (agreement / samples - chance) / (1 - chance)
}

/// Figures of association between labels and of clusterings: labels `[...]` both, numbered from 0.
extension Metric {
    private static func labels(
        _ name: String, _ value: @escaping @Sendable (ConfusionMatrix) -> Double
    ) -> Metric { Metric(name, ConfusionMatrix()) { value($0) } }

    /// Cramér's V.
    public static func cramersV(isCorrected: Bool = true) -> Metric {
        labels("Cramér's V") { $0.cramersV(isCorrected: isCorrected) }
    }
    /// Tschuprow's T.
    public static func tschuprowsT(isCorrected: Bool = true) -> Metric {
        labels("Tschuprow's T") { $0.tschuprowsT(isCorrected: isCorrected) }
    }
    /// Pearson's contingency coefficient.
    public static let contingency = labels("contingency") { $0.contingency }
    /// The share of the targets' entropy that outputs explain.
    public static let theilsU = labels("Theil's U") { $0.theilsU }
    /// The information that both share, in nats.
    public static let mutualInformation = labels("mutual information") { $0.mutualInformation }
    /// Mutual information over the mean of both entropies.
    public static let normalizedMutualInformation = labels("NMI") { $0.normalizedMutualInformation }
    /// Mutual information beyond chance.
    public static let adjustedMutualInformation = labels("AMI") { $0.adjustedMutualInformation }
    /// The share of pairs of samples on which both agree.
    public static let randIndex = labels("Rand index") { $0.randIndex }
    /// The Rand index beyond chance.
    public static let adjustedRandIndex = labels("adjusted Rand index") { $0.adjustedRandIndex }
    /// Whether clusters hold one class each.
    public static let homogeneity = labels("homogeneity") { $0.homogeneity }
    /// Whether classes lie in one cluster each.
    public static let completeness = labels("completeness") { $0.completeness }
    /// The harmonic mean of homogeneity and completeness.
    public static func vMeasure(beta: Double = 1) -> Metric { labels("V-measure") { $0.vMeasure(beta: beta) } }
    /// The geometric mean of precision and recall of pairs.
    public static let fowlkesMallows = labels("Fowlkes-Mallows") { $0.fowlkesMallows }
}
