import ApusCore

/// Texts as rows of counts of their words, which are spread over so many places: no vocabulary has to be learnt
/// (Weinberger et al., ICML 2009).
///
///     let hashing = TextHashing(buckets: 4096, ngrams: 2)
///     let x = try hashing(reviews)                    // [reviews, 4096]
public struct TextHashing: Preprocessor, Equatable {
    /// The number of places, 1 to 16777216.
    public let buckets: Int
    /// Up to how many words in a row count as one more word: 2 adds all pairs.
    public let ngrams: Int
    /// Whether half of the words count as -1, so that those that meet in a place cancel out in the mean.
    public let isSigned: Bool
    /// What is done to texts before they are cut into words.
    public let normalizer: TextNormalizer

    /// - Parameter buckets: how many there are, 1 or more
    public init(
        buckets: Int, ngrams: Int = 1, isSigned: Bool = false,
        normalizer: TextNormalizer = [.lowercase, .withoutPunctuation]
    ) {
        (self.buckets, self.ngrams, self.isSigned, self.normalizer) = (buckets, ngrams, isSigned, normalizer)
    }

    /// A row for each text, `[texts, buckets]`, float32.
    ///
    /// - Throws: an `ApusError` for wrong attributes
    public func callAsFunction(_ texts: [String]) throws(ApusError) -> Tensor {
        guard (1...1 << 24).contains(buckets), (1...64).contains(ngrams) else {
            throw ApusError(
                .value, in: "TextHashing", "\(buckets) places, runs of \(ngrams) words",
                remedy: "use 1 to 16777216 places and runs of 1 to 64 words")
        }
        try Memory.check(Shape([texts.count, buckets]), .float32, in: "TextHashing")
        var values = [Float](repeating: 0, count: texts.count * buckets)
        for (row, text) in texts.enumerated() {
            let words = normalizer(text).split(whereSeparator: \.isWhitespace).map { String($0) }
            for word in words.withRuns(upTo: ngrams) {
                let hash = word.mixed
                let weight: Float = isSigned && (hash &* 0x9e37_79b9_7f4a_7c15) >> 63 == 1 ? -1 : 1
                values[row * buckets + Int(hash % UInt64(buckets))] += weight
            }
        }
        return Tensor(values, shape: [texts.count, buckets])
    }

    public var json: JSON {
        [
            "kind": "text hashing", "buckets": .integer(Int64(buckets)), "ngrams": .integer(Int64(ngrams)),
            "signed": .bool(isSigned), "normalizer": normalizer.json,
        ]
    }

    /// Reads what `json` wrote; throws an `ApusError` for anything else.
    public init(json: JSON, place: String) throws(ApusError) {
        let reader = try PreprocessorReader(json, kind: "text hashing", place: place)
        self.init(
            buckets: try reader.member("buckets", \.integer), ngrams: try reader.member("ngrams", \.integer),
            isSigned: try reader.member("signed", \.bool), normalizer: try TextNormalizer(reader))
    }
}

extension [String] {
    /// The words, and runs of 2 up to so many of them with blanks between.
    func withRuns(upTo limit: Int) -> [String] {
        guard limit > 1 else { return self }
        return self
            + (2...Swift.min(limit, 64)).flatMap { size in
                count < size ? [] : (0...count - size).map { self[$0..<$0 + size].joined(separator: " ") }
            }
    }
}
