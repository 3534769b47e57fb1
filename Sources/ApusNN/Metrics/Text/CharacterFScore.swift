import ApusCore

/// chrF (Popović, 2015, 2017): the mean F-score of runs of characters and words, over a whole corpus.
///
///     var score = CharacterFScore()
///     score.update("the cat is on the mat", references: ["there is a cat on the mat"])
///     score.value
///
/// `(1 + b²) p r / (b² p + r)` with mean precision `p` and recall `r` of the runs.
public struct CharacterFScore: Sendable {
    /// The counts of runs of one length.
    private struct Counts {
        var matches = 0
        var hypothesis = 0
        var reference = 0

        static func + (a: Counts, b: Counts) -> Counts {
            Counts(
                matches: a.matches + b.matches, hypothesis: a.hypothesis + b.hypothesis,
                reference: a.reference + b.reference)
        }
    }

    /// The longest n-grams of characters.
    public let characterOrder: Int
    /// The longest n-grams of words.
    public let wordOrder: Int
    /// The weight of recall against precision.
    public let beta: Double
    private var counts: [Counts]

    /// - Parameters:
    ///   - characterOrder, wordOrder: the longest runs; 2 words give chrF++, 0 the plain chrF
    ///   - beta: how much more recall counts than precision
    public init(characterOrder: Int = 6, wordOrder: Int = 2, beta: Double = 2) {
        self.characterOrder = max(1, min(characterOrder, 64))
        self.wordOrder = max(0, min(wordOrder, 64))
        self.beta = beta
        counts = [Counts](repeating: Counts(), count: self.characterOrder + self.wordOrder)
    }

    /// Adds a translation and its references, of which the best counts.
    public mutating func update(_ hypothesis: String, references: [String]) {
        let own = runs(hypothesis)
        let candidates = references.map { reference in
            zip(own, runs(reference)).map { own, wanted in
                Counts(
                    matches: own.reduce(0) { $0 + min($1.value, wanted[$1.key] ?? 0) },
                    hypothesis: own.values.reduce(0, +), reference: wanted.values.reduce(0, +))
            }
        }
        guard let best = candidates.max(by: { score($0) < score($1) }) else { return }
        counts = zip(counts, best).map { $0 + $1 }
    }

    /// Adds what another has counted.
    public mutating func merge(_ other: CharacterFScore) throws(ApusError) {
        guard counts.count == other.counts.count, characterOrder == other.characterOrder else {
            throw ApusError(
                .value, in: "metric chrF", "runs of other lengths than \(characterOrder) and \(wordOrder)",
                remedy: "merge scores of the same orders")
        }
        counts = zip(counts, other.counts).map { $0 + $1 }
    }

    /// The score in 0...1.
    public var value: Double { score(counts) }

    private func score(_ counts: [Counts]) -> Double {
        let factor = beta * beta
        let sum = counts.reduce(0.0) { sum, count in
            let precision = count.hypothesis == 0 ? 0 : Double(count.matches) / Double(count.hypothesis)
            let recall = count.reference == 0 ? 0 : Double(count.matches) / Double(count.reference)
            let below = factor * precision + recall
            return sum + (below == 0 ? 0 : (1 + factor) * precision * recall / below)
        }
        return sum / Double(counts.count)
    }

    private func runs(_ text: String) -> [[[String]: Int]] {
        let characters = text.filter { !$0.isWhitespace }.map(String.init)
        let words = Words.split(text).flatMap(Self.withoutPunctuation)
        return (1...characterOrder).map { Words.counts(characters, order: $0) }
            + (0..<wordOrder).map { Words.counts(words, order: $0 + 1) }
    }

    /// A mark at the end, else at the start, of a word is a word of its own.
    private static func withoutPunctuation(_ word: String) -> [String] {
        func isMark(_ character: Character?) -> Bool {
            character.map { $0.isASCII && ($0.isPunctuation || $0.isSymbol) } ?? false
        }
        guard word.count > 1 else { return [word] }
        if isMark(word.last) { return [String(word.dropLast()), String(word.suffix(1))] }
        if isMark(word.first) { return [String(word.prefix(1)), String(word.dropFirst())] }
        return [word]
    }
}

/// Exact matches and F1 of answers to questions (SQuAD; Rajpurkar et al., 2016), as shares of 1.
public struct AnswerScore: Sendable {
    private var exact = 0.0
    private var overlap = 0.0
    /// How many answers were seen.
    public private(set) var count = 0

    /// No answers yet.
    public init() {}

    /// Adds an answer and the right ones, of which the best counts. Case, punctuation, articles and white space do not.
    public mutating func update(_ answer: String, references: [String]) {
        let own = Self.words(answer)
        count += 1
        let wanted = references.map(Self.words)
        if wanted.contains(own) { exact += 1 }
        overlap += wanted.map { Self.f1(own, $0) }.max() ?? 0
    }

    /// Adds what another has seen.
    public mutating func merge(_ other: AnswerScore) {
        exact += other.exact
        overlap += other.overlap
        count += other.count
    }

    /// The share of answers that are right word by word.
    public var exactMatch: Double { exact / Double(count) }
    /// The mean F1 of words.
    public var f1: Double { overlap / Double(count) }

    private static func words(_ text: String) -> [String] {
        Words.split(text.lowercased().filter { !($0.isASCII && ($0.isPunctuation || $0.isSymbol)) })
            .filter { !["a", "an", "the"].contains($0) }
    }

    private static func f1(_ a: [String], _ b: [String]) -> Double {
        if a.isEmpty || b.isEmpty { return a == b ? 1 : 0 }
        let (own, wanted) = (Words.counts(a, order: 1), Words.counts(b, order: 1))
        let matches = Double(own.reduce(0) { $0 + min($1.value, wanted[$1.key] ?? 0) })
        return 2 * matches / Double(a.count + b.count)
    }
}
