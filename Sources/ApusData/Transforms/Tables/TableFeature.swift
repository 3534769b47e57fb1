import ApusCore

/// What stands for values that are missing.
public enum MissingValues: Sendable, Hashable {
    /// A missing value ends in an error.
    case refused
    /// The mean of the training rows.
    case mean
    /// The median of the training rows.
    case median
    /// The value that most training rows have; of equally frequent ones the first in order.
    case mostFrequent
    /// A number.
    case constant(Double)
    /// A category.
    case category(String)
    /// A category of its own, if values are missing in training rows; else no category.
    case ownCategory
}

/// A part of a date and time.
public enum DatePart: String, Sendable, CaseIterable {
    case year, month, day, weekday, hour, minute
    /// From 1 to 366.
    case dayOfYear
}

/// How one column of a table, or a few together, become numbers of a model's input.
///
///     let features: [TableFeature] = [
///         .standardized("age"), .isMissing("age"), .oneHot("colour"), .binned("income", 10), .date("day", [.month, .weekday]),
///         .crossed(["colour", "size"], buckets: 32),
///     ]
public struct TableFeature: Sendable, Hashable {
    enum Kind: String, Sendable {
        case number, standardized, scaled, robust, oneHot, ordinal, hashed, binned, crossed, boolean, isMissing, date,
            dateParts, targetMean
    }

    let kind: Kind
    /// The columns that it reads.
    public let columns: [String]
    /// What stands for missing values.
    public let missing: MissingValues
    let numbers: [Double]
    let texts: [String]

    init(
        _ kind: Kind, _ columns: [String], _ missing: MissingValues = .refused, numbers: [Double] = [],
        texts: [String] = []
    ) {
        (self.kind, self.columns, self.missing) = (kind, columns, missing)
        (self.numbers, self.texts) = (numbers, texts)
    }

    /// Numbers as they are.
    public static func number(_ column: String, missing: MissingValues = .mean) -> TableFeature {
        TableFeature(.number, [column], missing)
    }

    /// Numbers moved and scaled to mean 0 and variance 1 over the training rows.
    public static func standardized(_ column: String, missing: MissingValues = .mean) -> TableFeature {
        TableFeature(.standardized, [column], missing)
    }

    /// Numbers moved and scaled so that the training rows fill a range.
    public static func scaled(
        _ column: String, to range: ClosedRange<Double> = 0...1, missing: MissingValues = .mean
    ) -> TableFeature {
        TableFeature(.scaled, [column], missing, numbers: [range.lowerBound, range.upperBound])
    }

    /// Numbers moved and scaled to median 0 and a distance of 1 between the quartiles, which outliers don't move.
    public static func robust(_ column: String, missing: MissingValues = .median) -> TableFeature {
        TableFeature(.robust, [column], missing)
    }

    /// A 1 in the place of the category and 0 elsewhere; categories that no training row had are all 0.
    public static func oneHot(_ column: String, missing: MissingValues = .ownCategory) -> TableFeature {
        TableFeature(.oneHot, [column], missing)
    }

    /// The place of the category in an order, from 0; -1 for a category that is not in it.
    ///
    /// - Parameter order: of the categories; by default that of the alphabet, or of numbers
    public static func ordinal(
        _ column: String, order: [String] = [], missing: MissingValues = .ownCategory
    ) -> TableFeature {
        TableFeature(.ordinal, [column], missing, texts: order)
    }

    /// A 1 in one of so many places that the category is hashed to: for columns of very many categories.
    public static func hashed(_ column: String, buckets: Int) -> TableFeature {
        TableFeature(.hashed, [column], .ownCategory, numbers: [Double(buckets)])
    }

    /// A 1 in the place of the bin that a number falls into; bins hold equally many training rows each.
    public static func binned(_ column: String, _ bins: Int, missing: MissingValues = .median) -> TableFeature {
        TableFeature(.binned, [column], missing, numbers: [Double(bins)])
    }

    /// A 1 in the place of the bin that a number falls into: below the first edge, from there to the next, and so on.
    ///
    /// - Parameter edges: ascending
    public static func binned(
        _ column: String, edges: [Double], missing: MissingValues = .median
    ) -> TableFeature {
        TableFeature(.binned, [column], missing, numbers: [0] + edges)
    }

    /// A 1 in one of so many places that the columns' values together are hashed to.
    public static func crossed(_ columns: [String], buckets: Int) -> TableFeature {
        TableFeature(.crossed, columns, .ownCategory, numbers: [Double(buckets)])
    }

    /// 1 for what is true, 0 for what is false: true and false, yes and no, t and f, y and n, 1 and 0.
    public static func boolean(_ column: String, missing: MissingValues = .mostFrequent) -> TableFeature {
        TableFeature(.boolean, [column], missing)
    }

    /// 1 where a value is missing, 0 elsewhere.
    public static func isMissing(_ column: String) -> TableFeature { TableFeature(.isMissing, [column], .ownCategory) }

    /// Parts of dates such as `2016-07-01 13:00:00`, `2016/07/01` or `1949-01`.
    ///
    /// - Parameter cyclic: each part is the sine and cosine of its place in its cycle, so that December is near
    ///   January, and years are standardised; else parts are the numbers themselves, weekdays from 1 (Monday) to 7
    public static func date(
        _ column: String, _ parts: [DatePart] = [.year, .month, .day, .weekday], cyclic: Bool = true,
        missing: MissingValues = .refused
    ) -> TableFeature {
        TableFeature(cyclic ? .date : .dateParts, [column], missing, texts: parts.map(\.rawValue))
    }

    /// The mean of the target over the training rows of the category (Micci-Barreca, SIGKDD Explorations 2001): one
    /// number for numbers and two classes (the share of the second), else the share of each class.
    ///
    /// Each mean is drawn towards that of all rows as if `smoothing` further rows had it, so that few rows of a category
    /// don't give their own targets away.
    public static func targetMean(_ column: String, smoothing: Double = 20) -> TableFeature {
        TableFeature(.targetMean, [column], .ownCategory, numbers: [smoothing])
    }

    /// The usual feature for each column: numbers standardised, truth values as 0 and 1, other texts one-hot.
    ///
    /// - Parameter names: columns that are left out, such as the target
    public static func usual(for table: Table, except names: Set<String> = []) -> [TableFeature] {
        table.columns.filter { !names.contains($0.name) }.map { column in
            switch column.values {
            case .numbers: .standardized(column.name)
            case .booleans: .boolean(column.name)
            case .texts(let texts):
                Set(texts.compactMap { $0 }).count == 2 && texts.allSatisfy { $0 == nil || $0?.truth != nil }
                    && column.missingCount == 0
                    ? .boolean(column.name) : .oneHot(column.name)
            }
        }
    }
}

extension String {
    /// What a word says of truth.
    var truth: Bool? {
        switch lowercased() {
        case "true", "yes", "t", "y", "1": true
        case "false", "no", "f", "n", "0": false
        default: nil
        }
    }

    /// A number that is spread evenly and the same on every machine (FNV-1a).
    var mixed: UInt64 {
        let state = utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        return state ^ (state >> 33)
    }
}
