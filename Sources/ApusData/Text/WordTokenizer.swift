import ApusCore

/// Words and signs as numbers.
///
///     let words = WordTokenizer(trainedOn: sentences, limit: 8000)
///     let numbers = words.encode("Two men are outside.", framed: true)    // [2, 21, 36, 17, 90, 4, 3]
///     words.decode(numbers)                                              // "two men are outside ."
///
/// 0 is kept for padding, 1 stands for unknown words, 2 for a beginning and 3 for an end; the vocabulary follows, the
/// most frequent word first.
public struct WordTokenizer: Tokenizer, Equatable {
    /// What stands for nothing.
    public static let padding = 0
    /// What stands for words that are not in the vocabulary.
    public static let unknown = 1
    /// What stands before the first word of a framed text.
    public static let start = 2
    /// What stands behind the last word of a framed text.
    public static let end = 3

    /// The known words; the first has the number 4.
    public let vocabulary: [String]
    /// What is done to texts before they are cut into words.
    public let normalizer: TextNormalizer
    private let places: [String: Int]

    /// - Parameter vocabulary: the words, without the special tokens
    public init(_ vocabulary: [String], normalizer: TextNormalizer = [.lowercase]) {
        self.vocabulary = vocabulary
        self.normalizer = normalizer
        places = Dictionary(vocabulary.enumerated().map { ($1, $0 + 4) }, uniquingKeysWith: { first, _ in first })
    }

    /// With the words of texts, the most frequent first, of equally frequent ones those first that come first in order.
    ///
    /// - Parameters:
    ///   - limit: how many words are kept
    ///   - least: how often a word has to occur
    public init(
        trainedOn texts: [String], limit: Int? = nil, least: Int = 1, normalizer: TextNormalizer = [.lowercase]
    ) {
        var counts: [Substring: Int] = [:]
        for text in texts {
            let text = normalizer(text)
            for word in text.wordsAndSigns { counts[word, default: 0] += 1 }
        }
        let ordered = counts.filter { $0.value >= least }.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        self.init(ordered.prefix(max(0, limit ?? ordered.count)).map { String($0.key) }, normalizer: normalizer)
    }

    /// How many tokens there are, with the special ones.
    public var count: Int { vocabulary.count + 4 }

    public func encode(_ text: String) -> [Int] { encode(text, framed: false) }

    /// The numbers of a text.
    ///
    /// - Parameter framed: whether ``start`` and ``end`` stand around them
    public func encode(_ text: String, framed: Bool) -> [Int] {
        let numbers = normalizer(text).wordsAndSigns.map { places[String($0)] ?? Self.unknown }
        return framed ? [Self.start] + numbers + [Self.end] : numbers
    }

    /// The words with blanks between them, up to ``end``; `[UNK]` stands for unknown ones.
    public func decode(_ tokens: [Int]) -> String {
        tokens.prefix { $0 != Self.end }.compactMap { token in
            if token == Self.padding || token == Self.start { return nil }
            return vocabulary.indices.contains(token - 4) ? vocabulary[token - 4] : "[UNK]"
        }.joined(separator: " ")
    }

    public var json: JSON {
        ["kind": "word tokenizer", "vocabulary": .strings(vocabulary), "normalizer": normalizer.json]
    }

    /// Reads what ``json`` wrote; throws an `ApusError` for anything else.
    public init(json: JSON, place: String) throws(ApusError) {
        let reader = try PreprocessorReader(json, kind: "word tokenizer", place: place)
        self.init(try reader.strings("vocabulary"), normalizer: try TextNormalizer(reader))
    }
}

extension String {
    /// Runs of letters and digits with the marks on them, and single signs.
    package var wordsAndSigns: [Substring] {
        var parts: [Substring] = []
        let scalars = unicodeScalars
        var begin: String.Index?
        var index = scalars.startIndex
        while index < scalars.endIndex {
            let scalar = scalars[index]
            let next = scalars.index(after: index)
            if scalar.isPartOfWord {
                begin = begin ?? index
            } else {
                if let begin { parts.append(Substring(scalars[begin..<index])) }
                begin = nil
                if !scalar.properties.isWhitespace { parts.append(Substring(scalars[index..<next])) }
            }
            index = next
        }
        if let begin { parts.append(Substring(scalars[begin...])) }
        return parts
    }
}

extension Unicode.Scalar {
    /// Letters, digits and marks, and the underscore.
    var isPartOfWord: Bool {
        if value < 128 {
            return (97...122).contains(value) || (65...90).contains(value) || (48...57).contains(value) || value == 95
        }
        switch properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber,
            .letterNumber, .nonspacingMark, .spacingMark, .enclosingMark:
            return true
        default: return false
        }
    }
}
