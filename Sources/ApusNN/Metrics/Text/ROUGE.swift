import ApusCore

/// How much of references summaries contain (Lin, 2004): means over the summaries.
///
///     var rouge = ROUGE(.runs(2))
///     rouge.update("My name is John", references: ["Is your name John"])
///     rouge.value.f1
///
/// Precision `m / s`, recall `m / r` and their harmonic mean for `m` runs in common, `s` in the summary, `r` in the
/// reference.
public struct ROUGE: Sendable {
    /// What is compared.
    public enum Kind: Sendable, Equatable {
        /// Runs of so many words.
        case runs(Int)
        /// The longest common subsequence.
        case longest
        /// The union of the longest common subsequences of each sentence (line) of the reference with all of the
        /// summary.
        case longestBySentence
    }

    /// Which of several references counts.
    public enum Choice: Sendable {
        /// That with the best F1.
        case best
        /// The mean of all.
        case mean
    }

    /// Precision, recall and their harmonic mean.
    public struct Score: Sendable, Equatable {
        /// The share of the hypothesis that is in the reference.
        public var precision = 0.0
        /// The share of the reference that is in the hypothesis.
        public var recall = 0.0
        /// The harmonic mean of both.
        public var f1 = 0.0
    }

    /// What is compared.
    public let kind: Kind
    /// Which of several references counts.
    public let choice: Choice
    private var sum = Score()
    /// How many hypotheses were seen.
    public private(set) var count = 0

    /// - Parameter choice: which of several references counts
    public init(_ kind: Kind, choice: Choice = .best) { (self.kind, self.choice) = (kind, choice) }

    /// Adds a summary and its references. Words are lower-cased runs of ASCII letters and digits.
    public mutating func update(_ summary: String, references: [String]) {
        let scores = references.map { score(summary, $0) }
        var result = Score()
        switch choice {
        case .best: result = scores.max { $0.f1 < $1.f1 } ?? result
        case .mean:
            let share = 1 / Double(max(scores.count, 1))
            for score in scores {
                result.precision += score.precision * share
                result.recall += score.recall * share
                result.f1 += score.f1 * share
            }
        }
        sum.precision += result.precision
        sum.recall += result.recall
        sum.f1 += result.f1
        count += 1
    }

    /// Adds what another has seen.
    public mutating func merge(_ other: ROUGE) throws(ApusError) {
        guard kind == other.kind else {
            throw ApusError(
                .value, in: "metric ROUGE", "a score of \(other.kind) for one of \(kind)",
                remedy: "merge scores of the same kind")
        }
        sum.precision += other.sum.precision
        sum.recall += other.sum.recall
        sum.f1 += other.sum.f1
        count += other.count
    }

    /// The means over all summaries.
    public var value: Score {
        let total = Double(count)
        return Score(precision: sum.precision / total, recall: sum.recall / total, f1: sum.f1 / total)
    }

    private func score(_ summary: String, _ reference: String) -> Score {
        let (s, r) = (Self.words(summary), Self.words(reference))
        switch kind {
        case .runs(let order):
            let (own, wanted) = (Words.counts(s, order: order), Words.counts(r, order: order))
            let matches = own.reduce(0) { $0 + min($1.value, wanted[$1.key] ?? 0) }
            return Self.score(matches, of: own.values.reduce(0, +), and: wanted.values.reduce(0, +))
        case .longest:
            return Self.score(Self.commonPositions(r, s).count, of: s.count, and: r.count)
        case .longestBySentence:
            let sentences = summary.split(whereSeparator: \.isNewline).map { Self.words(String($0)) }
            var left: [String: Int] = [:]
            for word in s { left[word, default: 0] += 1 }
            var matches = 0
            for line in reference.split(whereSeparator: \.isNewline) {
                let words = Self.words(String(line))
                let union = sentences.reduce(into: Set<Int>()) { $0.formUnion(Self.commonPositions(words, $1)) }
                for position in union.sorted() where left[words[position], default: 0] > 0 {
                    left[words[position], default: 0] -= 1
                    matches += 1
                }
            }
            return Self.score(matches, of: s.count, and: r.count)
        }
    }

    private static func score(_ matches: Int, of own: Int, and wanted: Int) -> Score {
        guard matches > 0 else { return Score() }
        let (precision, recall) = (Double(matches) / Double(own), Double(matches) / Double(wanted))
        return Score(precision: precision, recall: recall, f1: 2 * precision * recall / (precision + recall))
    }

    static func words(_ text: String) -> [String] {
        text.lowercased().split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }.map(String.init)
    }

    /// The positions in `a` of the longest common subsequence with `b`.
    private static func commonPositions(_ a: [String], _ b: [String]) -> [Int] {
        var table = [[Int]](repeating: [Int](repeating: 0, count: b.count + 1), count: a.count + 1)
        for i in a.indices {
            for j in b.indices {
                table[i + 1][j + 1] = a[i] == b[j] ? table[i][j] + 1 : max(table[i][j + 1], table[i + 1][j])
            }
        }
        var (i, j) = (a.count, b.count)
        var positions: [Int] = []
        while i > 0, j > 0 {
            if a[i - 1] == b[j - 1] {
                positions.append(i - 1)
                (i, j) = (i - 1, j - 1)
            } else if table[i][j - 1] > table[i - 1][j] {
                j -= 1
            } else {
                i -= 1
            }
        }
        return positions
    }
}
