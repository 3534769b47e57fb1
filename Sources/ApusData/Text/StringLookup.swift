import ApusCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// What a text layer's result holds for each row of strings.
public enum TokenOutput: String, Sendable, CaseIterable {
    /// The number of each string, `int64`.
    case indices
    /// A row of one 1 for each string, `float32`.
    case oneHot
    /// One row: 1 for each string of the vocabulary that occurs, `float32`.
    case multiHot
    /// One row: how often each string of the vocabulary occurs, `float32`.
    case count
    /// One row: how often each occurs times how rare it is in the texts that were adapted to, `float32`.
    case tfIdf
}

/// Strings as their places in a vocabulary. Strings are no tensors, so that this stands before the network, where its
/// data are read.
///
///     var lookup = StringLookup()
///     lookup.adapt(to: ["red", "blue", "red"])
///     let colours = try lookup(["blue", "red", "green"])          // [2, 1, 0]
///
/// Numbers begin with 0 for the mask, if there is one, go on with those of unknown strings, and then with the vocabulary.
/// In rows of ones, counts and weights there is no place for the mask.
public struct StringLookup: Sendable {
    /// The known strings, in the order of their numbers.
    public private(set) var vocabulary: [String]
    /// How many numbers there are for unknown strings, which are spread over them; without any they are mistakes.
    public let unknownCount: Int
    /// A string that means that there is none; it has the number 0.
    public let mask: String?
    /// What is made of the numbers.
    public let output: TokenOutput
    /// How rare each string of the vocabulary is, `log(1 + texts / (1 + texts with it))`; for ``TokenOutput/tfIdf``.
    public private(set) var rarities: [Double]
    private var places: [String: Int]

    /// - Parameters:
    ///   - vocabulary: known strings; of equal ones the first counts
    ///   - unknown: how many numbers unknown strings are spread over, 0 or more
    ///   - mask: a string that means that there is none
    ///   - rarities: one for each string of the vocabulary; by default 1
    public init(
        _ vocabulary: [String] = [], unknown: Int = 1, mask: String? = nil, output: TokenOutput = .indices,
        rarities: [Double] = []
    ) {
        self.unknownCount = unknown
        self.mask = mask
        self.output = output
        self.vocabulary = vocabulary
        self.rarities = rarities
        places = Self.places(of: vocabulary)
    }

    private static func places(of vocabulary: [String]) -> [String: Int] {
        Dictionary(vocabulary.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// How many numbers there are: the mask's, unknown strings' and the vocabulary's.
    public var count: Int { offset + vocabulary.count }

    /// The number of the vocabulary's first string.
    private var offset: Int { (hasMaskNumber ? 1 : 0) + max(0, unknownCount) }

    private var hasMaskNumber: Bool { mask != nil && output == .indices }

    /// Sets the vocabulary to the strings of data, the most frequent first, equally frequent ones in descending order
    /// (as Keras has it).
    ///
    /// - Parameter limit: the largest number of strings that are kept
    public mutating func adapt(to strings: [String], limit: Int? = nil) {
        adapt(to: strings.map { [$0] }, limit: limit)
    }

    /// Sets the vocabulary to the strings of rows, and ``rarities`` to how many rows hold each.
    public mutating func adapt(to rows: [[String]], limit: Int? = nil) {
        var (counts, rowCounts) = ([String: Int](), [String: Int]())
        for row in rows {
            for string in row where string != mask { counts[string, default: 0] += 1 }
            for string in Set(row) { rowCounts[string, default: 0] += 1 }
        }
        let ordered = counts.sorted {
            $0.value != $1.value
                ? $0.value > $1.value : $1.key.unicodeScalars.lexicographicallyPrecedes($0.key.unicodeScalars)
        }
        vocabulary = ordered.prefix(max(0, limit ?? ordered.count)).map(\.key)
        places = Self.places(of: vocabulary)
        let texts = Double(rows.count)
        rarities = vocabulary.map { log(1 + texts / (1 + Double(rowCounts[$0] ?? 0))) }
    }

    /// The number of a string.
    ///
    /// - Throws: an `ApusError` for a string that is not known where ``unknownCount`` is 0
    public func index(of string: String) throws(ApusError) -> Int {
        if hasMaskNumber, string == mask { return 0 }
        if let place = places[string] { return offset + place }
        guard unknownCount > 0 else {
            throw ApusError(
                .data, in: "StringLookup", "\"\(string)\" is not among its \(vocabulary.count) strings",
                remedy: "adapt it to all data, or keep a number for unknown strings")
        }
        return (hasMaskNumber ? 1 : 0) + (unknownCount == 1 ? 0 : Int(string.mixed % UInt64(unknownCount)))
    }

    /// The strings of numbers; `[UNK]` stands for unknown ones and for numbers outside the vocabulary.
    public func strings(of indices: [Int]) -> [String] {
        indices.map { index in
            if hasMaskNumber, index == 0, let mask { return mask }
            guard index >= offset, index - offset < vocabulary.count else { return "[UNK]" }
            return vocabulary[index - offset]
        }
    }

    /// A row of strings: their numbers `[count]`, rows of ones `[count, numbers]`, or one row `[numbers]`.
    public func callAsFunction(_ strings: [String]) throws(ApusError) -> Tensor {
        try callAsFunction([strings]).squeezed(0)
    }

    /// Rows of equally many strings: their numbers `[batch, count]`, rows of ones `[batch, count, numbers]`, or a row for
    /// each, `[batch, numbers]`; there the rows may differ in length.
    ///
    /// - Throws: an `ApusError` for rows that differ in length, unknown strings without a number, and wrong attributes
    public func callAsFunction(_ rows: [[String]]) throws(ApusError) -> Tensor {
        guard unknownCount >= 0, unknownCount <= 1 << 20, rarities.isEmpty || rarities.count == vocabulary.count else {
            throw ApusError(
                .value, in: "StringLookup",
                "\(unknownCount) numbers for unknown strings, \(rarities.count) rarities of \(vocabulary.count) strings",
                remedy: "keep 0 to 1048576 numbers, and give a rarity for each string of the vocabulary")
        }
        let length = rows.first?.count ?? 0
        let keepsOrder = output == .indices || output == .oneHot
        guard !keepsOrder || rows.allSatisfy({ $0.count == length }) else {
            throw ApusError(
                .shape, in: "StringLookup", "rows of \(Set(rows.map(\.count)).sorted()) strings",
                remedy: "give rows of equal length, or ask for counts")
        }
        if output == .indices {
            var numbers: [Int64] = []
            for row in rows { for string in row { numbers.append(Int64(try index(of: string))) } }
            return Tensor(numbers, shape: [rows.count, length])
        }
        let results = Shape.product(rows.count, keepsOrder ? length : 1)
        guard Shape.product(results, count) <= 1 << 31 else {
            throw ApusError(
                .resource, in: "StringLookup", "\(results) rows of \(count) numbers",
                remedy: "give fewer rows at a time, limit the vocabulary, or ask for indices")
        }
        var table = [Float](repeating: 0, count: results * count)
        let weights = weights
        for (row, strings) in rows.enumerated() {
            // Where there is no string there is nothing to count.
            for (position, string) in strings.enumerated() where string != mask {
                let number = try index(of: string)
                let place = (keepsOrder ? row * length + position : row) * count + number
                table[place] = output == .count || output == .tfIdf ? table[place] + weights[number] : 1
            }
        }
        return Tensor(table, shape: keepsOrder ? [rows.count, length, count] : [rows.count, count])
    }

    /// What an occurrence of each number counts: 1, or its rarity; unknown strings are as rare as the mean.
    private var weights: [Float] {
        guard output == .tfIdf, !rarities.isEmpty else { return [Float](repeating: 1, count: count) }
        let mean = rarities.reduce(0, +) / Double(rarities.count)
        return [Float](repeating: Float(mean), count: offset) + rarities.map { Float($0) }
    }
}
