import ApusCore

/// Pieces of words as numbers: byte-level byte-pair encoding (Sennrich et al., ACL 2016; Radford et al., 2019).
///
///     let tokenizer = try BytePairTokenizer(trainedOn: texts, count: 8000)
///     let tokens = tokenizer.encode("unbelievable!")
///     tokenizer.decode(tokens)                        // "unbelievable!", whatever the text was
///
/// Texts are cut before words and signs, and each piece begins as the bytes of its UTF-8, of which the pairs are joined
/// that were most frequent in training. There are no unknown characters, and every text comes back exactly.
///
/// Numbers begin with those of ``specials``, go on with the 256 bytes, and then with joined pairs in the order in which
/// they were learnt.
public struct BytePairTokenizer: Tokenizer {
    /// Names of numbers that no text has, such as `[PAD]`; the first has the number 0.
    public let specials: [String]
    /// The pairs of numbers that are joined, the first learnt first.
    public let merges: [(Int, Int)]
    private let ranks: [UInt64: Int]
    /// The bytes of each number.
    private let pieces: [[UInt8]]

    /// The usual names of ``specials``.
    public static let defaultSpecials = ["[PAD]", "[UNK]", "[START]", "[END]"]

    /// - Parameter merges: pairs of numbers, each below the number of its own pair
    /// - Throws: an `ApusError` for a pair of numbers that are not there yet
    public init(merges: [(Int, Int)], specials: [String] = Self.defaultSpecials) throws(ApusError) {
        guard specials.count <= 1 << 16, merges.count <= 1 << 24 else {
            throw ApusError(
                .value, in: "BytePairTokenizer", "\(specials.count) special tokens, \(merges.count) pairs",
                remedy: "use up to 65536 special tokens and 16777216 pairs")
        }
        var pieces: [[UInt8]] = specials.map { _ in [] } + (0...255).map { [UInt8($0)] }
        var ranks: [UInt64: Int] = [:]
        let known = specials.count
        for (index, (first, second)) in merges.enumerated() {
            guard (known..<pieces.count).contains(first), (known..<pieces.count).contains(second),
                pieces[first].count + pieces[second].count <= 1 << 16
            else {
                throw ApusError(
                    .value, in: "BytePairTokenizer", "pair \(index) joins \(first) and \(second)",
                    remedy: "give pairs of numbers in \(known)..<\(pieces.count), of pieces of up to 65536 bytes")
            }
            if ranks[Self.key(first, second)] == nil { ranks[Self.key(first, second)] = pieces.count }
            pieces.append(pieces[first] + pieces[second])
        }
        (self.specials, self.merges, self.ranks, self.pieces) = (specials, merges, ranks, pieces)
    }

    /// How many pieces there are.
    public var count: Int { pieces.count }

    /// The number of a special token.
    public func token(_ special: String) -> Int? { specials.firstIndex(of: special) }

    private static func key(_ first: Int, _ second: Int) -> UInt64 { UInt64(first) << 32 | UInt64(second) }

    public func encode(_ text: String) -> [Int] {
        var tokens: [Int] = []
        var known: [Substring: [Int]] = [:]
        for piece in text.piecesForPairs {
            if let encoded = known[piece] {
                tokens += encoded
            } else {
                let encoded = joined(piece.utf8.map { Int($0) + specials.count })
                known[piece] = encoded
                tokens += encoded
            }
        }
        return tokens
    }

    /// Joins pairs, those learnt first before others.
    private func joined(_ symbols: [Int]) -> [Int] {
        var symbols = symbols
        while symbols.count > 1 {
            var best = Int.max
            for index in 1..<symbols.count {
                if let rank = ranks[Self.key(symbols[index - 1], symbols[index])], rank < best { best = rank }
            }
            guard best < .max else { break }
            let (first, second) = merges[best - specials.count - 256]
            symbols = Self.replacing(first, second, by: best, in: symbols)
        }
        return symbols
    }

    fileprivate static func replacing(_ first: Int, _ second: Int, by whole: Int, in symbols: [Int]) -> [Int] {
        var result: [Int] = []
        result.reserveCapacity(symbols.count)
        var index = 0
        while index < symbols.count {
            if symbols[index] == first, index + 1 < symbols.count, symbols[index + 1] == second {
                result.append(whole)
                index += 2
            } else {
                result.append(symbols[index])
                index += 1
            }
        }
        return result
    }

    /// The text of numbers. Special tokens, and numbers that are not there, stand for nothing; bytes that are no UTF-8,
    /// as a model may make them, become the replacement character.
    public func decode(_ tokens: [Int]) -> String {
        String(decoding: tokens.flatMap { pieces.indices.contains($0) ? pieces[$0] : [] }, as: UTF8.self)
    }
}

extension BytePairTokenizer {
    /// Learns which pairs to join from texts: always the most frequent one, of equally frequent ones that of the smaller
    /// numbers.
    ///
    /// - Parameters:
    ///   - count: how many numbers there are to be; fewer if nothing is left to be joined
    ///   - least: how often a pair has to occur
    public init(
        trainedOn texts: [String], count: Int, least: Int = 2, specials: [String] = Self.defaultSpecials
    ) throws(ApusError) {
        let first = specials.count + 256
        guard count >= first, count <= 1 << 24 else {
            throw ApusError(
                .value, in: "BytePairTokenizer", "\(count) numbers",
                remedy: "use \(first) (special tokens and bytes) to 16777216")
        }
        var counts: [Substring: Int] = [:]
        for text in texts { for piece in text.piecesForPairs { counts[piece, default: 0] += 1 } }
        var training = PairTraining(
            counts.sorted { $0.key < $1.key }.map { ($0.key.utf8.map { Int($0) + specials.count }, $0.value) })
        var merges: [(Int, Int)] = []
        while first + merges.count < count, let pair = training.mostFrequent(least: max(least, 1)) {
            training.join(pair, as: first + merges.count)
            merges.append((pair.first, pair.second))
        }
        try self.init(merges: merges, specials: specials)
    }

    public var json: JSON {
        [
            "kind": "byte-pair tokenizer", "specials": .strings(specials),
            "merges": .array(merges.flatMap { [.integer(Int64($0.0)), .integer(Int64($0.1))] }),
        ]
    }

    /// Reads what ``json`` wrote; throws an `ApusError` for anything else.
    public init(json: JSON, place: String) throws(ApusError) {
        let reader = try PreprocessorReader(json, kind: "byte-pair tokenizer", place: place)
        let flat = try reader.member("merges") { json -> [Int]? in
            let numbers = json.elements?.compactMap(\.integer)
            return numbers?.count == json.elements?.count ? numbers : nil
        }
        guard flat.count % 2 == 0 else { throw reader.damaged("its last pair has one number") }
        try self.init(
            merges: stride(from: 0, to: flat.count, by: 2).map { (flat[$0], flat[$0 + 1]) },
            specials: try reader.strings("specials"))
    }
}

extension BytePairTokenizer: Equatable {
    public static func == (one: BytePairTokenizer, other: BytePairTokenizer) -> Bool {
        one.specials == other.specials && one.merges.elementsEqual(other.merges, by: ==)
    }
}

/// The words of the training texts while pairs are joined, with the pairs counted.
private struct PairTraining {
    struct Pair: Hashable { let first: Int, second: Int }

    private var words: [(symbols: [Int], count: Int)]
    private var counts: [Pair: Int] = [:]
    /// The words that had a pair when it was counted.
    private var places: [Pair: Set<Int>] = [:]
    /// Pairs with the counts that they had, as a heap; those whose count has changed since are put back.
    private var queue: [(count: Int, pair: Pair)] = []

    init(_ words: [(symbols: [Int], count: Int)]) {
        self.words = words
        for (index, word) in words.enumerated() { change(word.symbols, by: word.count, word: index) }
        for (pair, count) in counts { push((count, pair)) }
    }

    private mutating func change(_ symbols: [Int], by count: Int, word: Int) {
        guard symbols.count > 1 else { return }
        for index in 1..<symbols.count {
            let pair = Pair(first: symbols[index - 1], second: symbols[index])
            counts[pair, default: 0] += count
            if count > 0 { places[pair, default: []].insert(word) }
        }
    }

    mutating func mostFrequent(least: Int) -> Pair? {
        while let top = pop() {
            let count = counts[top.pair] ?? 0
            if count == top.count { return count >= least ? top.pair : nil }
            if count > 0 { push((count, top.pair)) }
        }
        return nil
    }

    mutating func join(_ pair: Pair, as whole: Int) {
        var grown: Set<Pair> = []
        for word in (places.removeValue(forKey: pair) ?? []).sorted() {
            let (before, count) = words[word]
            let after = BytePairTokenizer.replacing(pair.first, pair.second, by: whole, in: before)
            guard after.count < before.count else { continue }
            change(before, by: -count, word: word)
            change(after, by: count, word: word)
            words[word].symbols = after
            for index in 1..<max(after.count, 1) where after[index - 1] == whole || after[index] == whole {
                grown.insert(Pair(first: after[index - 1], second: after[index]))
            }
        }
        counts[pair] = nil
        for pair in grown { push((counts[pair] ?? 0, pair)) }
    }

    private func precedes(_ one: (count: Int, pair: Pair), _ other: (count: Int, pair: Pair)) -> Bool {
        (other.count, one.pair.first, one.pair.second) < (one.count, other.pair.first, other.pair.second)
    }

    private mutating func push(_ item: (count: Int, pair: Pair)) {
        queue.append(item)
        var child = queue.count - 1
        while child > 0, precedes(queue[child], queue[(child - 1) / 2]) {
            queue.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    private mutating func pop() -> (count: Int, pair: Pair)? {
        guard let top = queue.first, let last = queue.popLast() else { return nil }
        guard !queue.isEmpty else { return top }
        queue[0] = last
        var parent = 0
        while true {
            var next = parent
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < queue.count && precedes(queue[child], queue[next]) {
                next = child
            }
            guard next != parent else { return top }
            queue.swapAt(parent, next)
            parent = next
        }
    }
}

extension String {
    /// Runs of letters, of digits, of signs and of blanks; one blank before a run of the others belongs to it.
    var piecesForPairs: [Substring] {
        var pieces: [Substring] = []
        let scalars = unicodeScalars
        var begin = scalars.startIndex
        var kind = 0
        var index = begin
        while index < scalars.endIndex {
            let scalar = scalars[index]
            let own = scalar.properties.isWhitespace ? 1 : scalar.isPartOfWord ? (scalar.isDigit ? 3 : 2) : 4
            let follows = own == kind || (kind == 1 && own > 1)
            if index > begin, !follows {
                pieces.append(Substring(scalars[begin..<index]))
                begin = index
            } else if index > begin, kind == 1, own > 1 {
                // Of a run of blanks only the last goes with what follows, and only if it is a plain one.
                let last = scalars.index(before: index)
                let cut = scalars[last] == " " ? last : index
                if cut > begin { pieces.append(Substring(scalars[begin..<cut])) }
                begin = cut
            }
            kind = own
            index = scalars.index(after: index)
        }
        if begin < scalars.endIndex { pieces.append(Substring(scalars[begin...])) }
        return pieces
    }
}

extension Unicode.Scalar {
    fileprivate var isDigit: Bool {
        value < 128 ? (48...57).contains(value) : properties.generalCategory == .decimalNumber
    }
}
