import ApusCore

/// Texts as numbers of their words.
///
///     var words = TextVectorization(length: 200)
///     words.adapt(to: reviews, limit: 20_000)
///     let x = try words(reviews)                    // [reviews, 200], int64, for an Embedding
///
/// A text is standardised, split into words, and these are looked up. As numbers, 0 fills what is shorter than the
/// others, 1 stands for unknown words, and the vocabulary begins at 2; in rows of ones, counts and weights 0 stands for
/// unknown words and the vocabulary begins at 1.
public struct TextVectorization: Sendable {
    /// What is done to a text first.
    public enum Standardization: String, Sendable, CaseIterable {
        case none
        case lowercase
        /// The ASCII signs that are neither letters, digits nor blanks are left out.
        case withoutPunctuation
        case lowercaseWithoutPunctuation
    }

    /// What a text is cut into.
    public enum Split: String, Sendable, CaseIterable {
        /// The text as it is.
        case none
        /// What stands between blanks and line breaks.
        case words
        case characters
    }

    /// What is done to texts first.
    public let standardization: Standardization
    /// How texts are divided.
    public let split: Split
    /// Up to how many words in a row count as one more word: 2 adds all pairs.
    public let ngrams: Int
    /// How many numbers a text gives; by default as many as the longest of a call.
    public let length: Int?
    /// The vocabulary, and how words are looked up.
    public private(set) var lookup: StringLookup

    /// - Parameters:
    ///   - vocabulary: known words; ``adapt(to:limit:)`` finds them in texts
    ///   - ngrams: 1...64
    ///   - length: how many numbers a text gives; longer texts are cut off, shorter ones filled with 0
    public init(
        vocabulary: [String] = [], standardization: Standardization = .lowercaseWithoutPunctuation,
        split: Split = .words,
        ngrams: Int = 1, output: TokenOutput = .indices, length: Int? = nil, rarities: [Double] = []
    ) {
        self.standardization = standardization
        self.split = split
        self.ngrams = ngrams
        self.length = length
        lookup = StringLookup(vocabulary, mask: "", output: output, rarities: rarities)
    }

    /// With the words of texts, the most frequent first.
    ///
    ///     let words = TextVectorization(adaptedTo: reviews, limit: 20_000, length: 200)
    ///
    /// - Parameter limit: how many words are kept
    public init(
        adaptedTo texts: [String], limit: Int? = nil,
        standardization: Standardization = .lowercaseWithoutPunctuation, split: Split = .words, ngrams: Int = 1,
        output: TokenOutput = .indices, length: Int? = nil
    ) {
        self.init(
            standardization: standardization, split: split, ngrams: ngrams, output: output, length: length)
        adapt(to: texts, limit: limit)
    }

    /// The known words in the order of their numbers.
    public var vocabulary: [String] { lookup.vocabulary }

    /// How many numbers there are, for the layer that reads them.
    public var count: Int { lookup.count }

    /// Sets the vocabulary to the words of texts, the most frequent first.
    ///
    /// - Parameter limit: how many words are kept
    public mutating func adapt(to texts: [String], limit: Int? = nil) {
        lookup.adapt(to: texts.map { words(of: $0) }, limit: limit)
    }

    /// The words of a text, standardised, and runs of them.
    public func words(of text: String) -> [String] {
        var text = text
        if standardization == .lowercase || standardization == .lowercaseWithoutPunctuation { text = text.lowercased() }
        if standardization == .withoutPunctuation || standardization == .lowercaseWithoutPunctuation {
            text = text.filteringScalars { !$0.isASCIISign }
        }
        let words: [String]
        switch split {
        case .none: words = [text]
        case .words: words = text.split(whereSeparator: \.isWhitespace).map { String($0) }
        case .characters: words = text.map { String($0) }
        }
        return words.withRuns(upTo: ngrams)
    }

    /// The numbers of one text, `[length]`; or its row, `[numbers]`.
    public func callAsFunction(_ text: String) throws(ApusError) -> Tensor {
        let rows = try callAsFunction([text])
        return try rows.reshaped(to: Shape(Array(rows.shape.extents.dropFirst()))).evaluated()
    }

    /// The numbers of texts, `[texts, length]`; or a row for each, `[texts, numbers]`.
    ///
    /// - Throws: an `ApusError` for wrong attributes
    public func callAsFunction(_ texts: [String]) throws(ApusError) -> Tensor {
        guard (1...64).contains(ngrams), length.map({ (0...1 << 24).contains($0) }) ?? true else {
            throw ApusError(
                .value, in: "TextVectorization", "runs of \(ngrams) words, length \(length ?? 0)",
                remedy: "use runs of 1 to 64 words and a length of 0 to 16777216")
        }
        var rows = texts.map { words(of: $0) }
        if lookup.output == .indices || lookup.output == .oneHot {
            let length = length ?? rows.map(\.count).max() ?? 0
            rows = rows.map { row in
                Array(row.prefix(length)) + [String](repeating: "", count: max(0, length - row.count))
            }
        }
        return try lookup(rows)
    }
}

extension Unicode.Scalar {
    /// One of the 32 signs of ASCII.
    var isASCIISign: Bool {
        (33...47).contains(value) || (58...64).contains(value) || (91...96).contains(value)
            || (123...126).contains(value)
    }
}
