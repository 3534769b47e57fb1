import ApusCore

/// How many runs of words translations share with references (Papineni et al., 2002), over a whole corpus.
///
///     var bleu = BLEU()
///     bleu.update("the cat is on the mat", references: ["there is a cat on the mat", "a cat is on the mat"])
///     bleu.value                                   // 0.7598
///
/// `exp(min(0, 1 - r / c)) exp(mean log p_n)` with the precisions `p_n` of runs of `n` words.
public struct BLEU: Sendable {
    /// What is done where a run length has no match.
    public enum Smoothing: Sendable {
        /// Nothing: the score is 0.
        case none
        /// `(matches + 1) / (total + 1)` for runs of two and more (Lin and Och, 2004).
        case addOne
        /// A half of the previous precision for each (SacreBLEU's default).
        case exponential
    }

    /// The longest n-grams.
    public let order: Int
    /// What is done where no n-gram of a length matches.
    public let smoothing: Smoothing
    /// How texts are divided.
    public let tokenizer: TextTokenizer
    /// How many n-grams of each length matched.
    public private(set) var matches: [Int]
    /// How many n-grams of each length there were.
    public private(set) var totals: [Int]
    /// The tokens of all hypotheses.
    public private(set) var hypothesisTokens = 0
    /// The tokens of the references that were compared.
    public private(set) var referenceTokens = 0

    /// - Parameters:
    ///   - order: the longest run
    ///   - tokenizer: how texts are taken apart; `.machineTranslation` is SacreBLEU's default
    public init(order: Int = 4, smoothing: Smoothing = .none, tokenizer: TextTokenizer = .whitespace) {
        self.order = max(1, min(order, 64))
        self.smoothing = smoothing
        self.tokenizer = tokenizer
        matches = [Int](repeating: 0, count: self.order)
        totals = matches
    }

    /// Adds a translation and its references.
    public mutating func update(_ hypothesis: String, references: [String]) {
        update(tokenizer.tokens(hypothesis), references: references.map(tokenizer.tokens))
    }

    /// Adds a sequence of tokens and its references.
    public mutating func update<Token: Hashable>(_ hypothesis: [Token], references: [[Token]]) {
        hypothesisTokens += hypothesis.count
        // The reference of the closest length counts, the shorter at a tie.
        let closest = references.map(\.count).min {
            (abs($0 - hypothesis.count), $0) < (abs($1 - hypothesis.count), $1)
        }
        referenceTokens += closest ?? 0
        for length in 1...order {
            var limits: [[Token]: Int] = [:]
            for reference in references {
                limits.merge(Words.counts(reference, order: length), uniquingKeysWith: max)
            }
            for (run, count) in Words.counts(hypothesis, order: length) {
                matches[length - 1] += min(count, limits[run] ?? 0)
            }
            totals[length - 1] += max(0, hypothesis.count - length + 1)
        }
    }

    /// Adds what another has counted.
    public mutating func merge(_ other: BLEU) throws(ApusError) {
        guard order == other.order else {
            throw ApusError(
                .value, in: "metric BLEU", "runs of up to \(other.order) tokens after \(order)",
                remedy: "merge scores of the same order")
        }
        for index in matches.indices {
            matches[index] += other.matches[index]
            totals[index] += other.totals[index]
        }
        hypothesisTokens += other.hypothesisTokens
        referenceTokens += other.referenceTokens
    }

    /// 1, or less where translations are shorter than references.
    public var brevityPenalty: Double {
        guard hypothesisTokens > 0 else { return 0 }
        return hypothesisTokens > referenceTokens
            ? 1 : Real.exp(1 - Double(referenceTokens) / Double(hypothesisTokens))
    }

    /// The geometric mean of the precisions of all run lengths times the brevity penalty, in 0...1.
    public var value: Double {
        var (sum, factor) = (0.0, 1.0)
        for index in matches.indices {
            var (match, total) = (Double(matches[index]), Double(totals[index]))
            if smoothing == .addOne, index > 0 { (match, total) = (match + 1, total + 1) }
            if smoothing == .exponential, match == 0, total > 0 {
                factor *= 2
                match = 1 / factor
            }
            guard match > 0, total > 0 else { return 0 }
            sum += Real.log(match / total)
        }
        return brevityPenalty * Real.exp(sum / Double(order))
    }
}

/// How a text is taken apart into tokens.
public enum TextTokenizer: Sendable {
    /// At white space.
    case whitespace
    /// Into characters without white space.
    case characters
    /// At white space and punctuation, as the `13a` tokenizer of machine translation campaigns does.
    case machineTranslation

    /// The tokens of a text.
    public func tokens(_ text: String) -> [String] {
        switch self {
        case .whitespace: return Words.split(text)
        case .characters: return text.filter { !$0.isWhitespace }.map(String.init)
        case .machineTranslation: return Self.campaignTokens(text)
        }
    }

    private static let entities = [("&quot;", "\""), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")]

    private static func campaignTokens(_ text: String) -> [String] {
        var text = replacing(replacing(text, "<skipped>", ""), "-\n", "")
        for (entity, character) in entities { text = replacing(text, entity, character) }
        let scalars = [" "] + text.unicodeScalars.map { $0 == "\n" ? " " : $0 } + [" "]
        var spaced = ""
        for (index, scalar) in scalars.enumerated() {
            let before = index > 0 ? scalars[index - 1] : " "
            let after = index + 1 < scalars.count ? scalars[index + 1] : " "
            let isAlone: Bool
            switch scalar {
            case ".", ",": isAlone = !isDigit(before) || !isDigit(after)
            case "-": isAlone = isDigit(before)
            case "!"..."/", ":"..."@", "["..."`", "{"..."~": isAlone = scalar != "'"
            default: isAlone = false
            }
            if isAlone { spaced += " " }
            spaced.unicodeScalars.append(scalar)
            if isAlone { spaced += " " }
        }
        return Words.split(spaced)
    }

    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }

    private static func replacing(_ text: String, _ pattern: String, _ replacement: String) -> String {
        var (result, rest) = ("", text[...])
        while let first = pattern.first, let start = rest.firstIndex(of: first) {
            result += rest[..<start]
            if rest[start...].hasPrefix(pattern) {
                result += replacement
                rest = rest[rest.index(start, offsetBy: pattern.count)...]
            } else {
                result.append(rest[start])
                rest = rest[rest.index(after: start)...]
            }
        }
        return result + rest
    }
}
