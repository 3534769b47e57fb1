import ApusCore

/// The least number of insertions, deletions and substitutions that turn one sequence into another (Levenshtein, 1966).
///
/// - Parameter substitution: what a substitution costs, 0 or more; more than 2 is the same as 2
public func editDistance<Token: Equatable>(_ a: [Token], _ b: [Token], substitution: Int = 1) -> Int {
    // A deletion and an insertion do the same for 2.
    let substitution = max(0, min(substitution, 2))
    var row = Array(0...b.count)
    for (i, x) in a.enumerated() {
        var diagonal = row[0]
        row[0] = i + 1
        for (j, y) in b.enumerated() {
            let changed = diagonal + (x == y ? 0 : substitution)
            diagonal = row[j + 1]
            row[j + 1] = min(changed, row[j] + 1, diagonal + 1)
        }
    }
    return row[b.count]
}

/// Error rates of transcriptions, by words or characters.
///
///     var rate = TranscriptionErrors()
///     rate.update("this is the prediction", reference: "this is the reference")
///     rate.errorRate                               // 0.25
///
/// `(substitutions + insertions + deletions) / words of the reference`.
public struct TranscriptionErrors: Sendable {
    /// What is counted.
    public enum Unit: Sendable {
        /// What stands between white space.
        case words
        case characters
    }

    /// What is counted.
    public let unit: Unit
    /// The edits of all pairs.
    public private(set) var edits = 0
    /// The tokens of all hypotheses.
    public private(set) var hypothesisTokens = 0
    /// The tokens of all references.
    public private(set) var referenceTokens = 0
    /// The sum of the longer of both lengths.
    public private(set) var longerTokens = 0
    /// How many pairs were seen.
    public private(set) var pairs = 0

    /// - Parameter unit: what is counted: words or characters
    public init(_ unit: Unit = .words) { self.unit = unit }

    /// Adds a text and its reference.
    public mutating func update(_ hypothesis: String, reference: String) {
        switch unit {
        case .words: update(Words.split(hypothesis), reference: Words.split(reference))
        case .characters: update(Array(hypothesis), reference: Array(reference))
        }
    }

    /// Adds a sequence of tokens and its reference.
    public mutating func update<Token: Equatable>(_ hypothesis: [Token], reference: [Token]) {
        edits += editDistance(hypothesis, reference)
        hypothesisTokens += hypothesis.count
        referenceTokens += reference.count
        longerTokens += max(hypothesis.count, reference.count)
        pairs += 1
    }

    /// Adds what another has counted.
    public mutating func merge(_ other: TranscriptionErrors) {
        edits += other.edits
        hypothesisTokens += other.hypothesisTokens
        referenceTokens += other.referenceTokens
        longerTokens += other.longerTokens
        pairs += other.pairs
    }

    /// Edits over tokens of the references: the word or character error rate.
    public var errorRate: Double { Double(edits) / Double(referenceTokens) }
    /// Edits over tokens of the longer of both texts: the match error rate (Morris et al., 2004).
    public var matchErrorRate: Double { Double(edits) / Double(longerTokens) }
    /// The mean number of edits a pair.
    public var meanDistance: Double { Double(edits) / Double(pairs) }
    /// The share of words that both have, of one times that of the other.
    public var informationPreserved: Double {
        let hits = Double(longerTokens - edits)
        return hits / Double(referenceTokens) * (hits / Double(hypothesisTokens))
    }
    /// 1 minus the information preserved.
    public var informationLost: Double { 1 - informationPreserved }
}

/// Taking texts apart.
enum Words {
    /// What stands between white space.
    static func split(_ text: String) -> [String] { text.split(whereSeparator: \.isWhitespace).map(String.init) }

    /// How often each run of `order` tokens occurs.
    static func counts<Token: Hashable>(_ tokens: [Token], order: Int) -> [[Token]: Int] {
        guard order > 0, tokens.count >= order else { return [:] }
        var counts: [[Token]: Int] = [:]
        for start in 0...tokens.count - order { counts[Array(tokens[start..<start + order]), default: 0] += 1 }
        return counts
    }
}

/// The extended edit distance (Stanchev et al., 2019): an edit distance of characters with jumps at blanks, and a penalty
/// for characters that are visited more than once; 0 is best, 1 worst.
///
/// Text is taken as it is, with a blank added at both ends; separate punctuation first if it should count as words.
public func extendedEditDistance(
    _ hypothesis: String, reference: String, jump: Double = 2, coverage: Double = 0.3, deletion: Double = 0.2,
    insertion: Double = 1
) -> Double {
    let h: [Character] = [" "] + Words.split(hypothesis).joined(separator: " ") + [" "]
    let r: [Character] = [" "] + Words.split(reference).joined(separator: " ") + [" "]
    var visits = [Int](repeating: -1, count: h.count + 1)
    var row = [0.0] + [Double](repeating: 1, count: h.count)
    for character in r {
        var next = [row[0] + 1]
        for index in h.indices {
            let changed = row[index] + (h[index] == character ? 0 : 1)
            next.append(min(next[index] + deletion, changed, row[index + 1] + insertion))
        }
        let smallest = next.min() ?? 0
        if let index = next.firstIndex(of: smallest) { visits[index] += 1 }
        if character == " " { next = next.map { min($0, jump + smallest) } }
        row = next
    }
    let penalty = coverage * Double(visits.reduce(0) { $0 + ($1 >= 0 ? $1 : 1) })
    return min(1, ((row.last ?? 0) + penalty) / (Double(r.count) + penalty))
}
