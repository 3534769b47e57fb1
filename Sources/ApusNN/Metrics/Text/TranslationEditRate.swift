import ApusCore

/// The translation edit rate (Snover et al., 2006): insertions, deletions, substitutions and shifts of runs of words
/// that turn a translation into the nearest reference, over the mean length of the references.
///
/// Shifts are searched greedily: as long as one lowers the edit distance, the one that lowers it most is made.
///
///     var rate = TranslationEditRate()
///     rate.update("the cat is on the mat", references: ["there is a cat on the mat"])
///     rate.value
///
/// `edits / mean length of the references`.
public struct TranslationEditRate: Sendable {
    /// The edits of all hypotheses.
    public private(set) var edits = 0.0
    /// The tokens of the references that were compared.
    public private(set) var referenceTokens = 0.0
    private let isCaseSensitive: Bool

    /// Longer runs are not shifted, and none further than this.
    private static let longestRun = 10
    private static let longestWay = 50

    /// - Parameter isCaseSensitive: whether upper and lower case differ
    public init(isCaseSensitive: Bool = false) { self.isCaseSensitive = isCaseSensitive }

    /// Adds a translation and its references.
    public mutating func update(_ hypothesis: String, references: [String]) {
        func words(_ text: String) -> [String] { Words.split(isCaseSensitive ? text : text.lowercased()) }
        update(words(hypothesis), references: references.map(words))
    }

    /// Adds a sequence of tokens and its references.
    public mutating func update<Token: Hashable>(_ hypothesis: [Token], references: [[Token]]) {
        edits += Double(references.map { Self.edits(hypothesis, $0) }.min() ?? hypothesis.count)
        referenceTokens += Double(references.reduce(0) { $0 + $1.count }) / Double(max(references.count, 1))
    }

    /// Adds what another has counted.
    public mutating func merge(_ other: TranslationEditRate) {
        edits += other.edits
        referenceTokens += other.referenceTokens
    }

    /// Edits over tokens of references; 0 is best.
    public var value: Double { referenceTokens == 0 ? (edits == 0 ? 0 : 1) : edits / referenceTokens }

    private static func edits<Token: Hashable>(_ hypothesis: [Token], _ reference: [Token]) -> Int {
        guard !reference.isEmpty else { return hypothesis.count }
        var (words, shifts) = (hypothesis, 0)
        var distance = editDistance(words, reference)
        while distance > 0, let best = bestShift(words, reference), best.distance < distance {
            (words, distance) = (best.words, best.distance)
            shifts += 1
        }
        return distance + shifts
    }

    /// The shift of a run that also stands elsewhere in the reference after which the distance is least.
    private static func bestShift<Token: Hashable>(
        _ words: [Token], _ reference: [Token]
    ) -> (words: [Token], distance: Int)? {
        var best: (words: [Token], distance: Int)?
        for start in words.indices {
            for place in reference.indices where abs(place - start) <= longestWay {
                var length = 0
                while length < longestRun, start + length < words.count, place + length < reference.count,
                    words[start + length] == reference[place + length]
                {
                    length += 1
                    var rest = words
                    let run = Array(rest[start..<start + length])
                    rest.removeSubrange(start..<start + length)
                    for target in Set([min(place, rest.count), max(0, min(place - length, rest.count))]).sorted()
                    where target != start {
                        var candidate = rest
                        candidate.insert(contentsOf: run, at: target)
                        let distance = editDistance(candidate, reference)
                        if distance < best?.distance ?? .max { best = (candidate, distance) }
                    }
                }
            }
        }
        return best
    }
}
