import ApusCore

/// A sentence in one language and in another.
public struct SentencePair: Sendable, Equatable {
    /// The sentence to translate.
    public var source: String
    /// Its translation.
    public var target: String

    /// A sentence and its translation.
    public init(source: String, target: String) { (self.source, self.target) = (source, target) }
}

/// Sentences in two languages.
///
///     let pairs = try ParallelCorpus(source: "train.en.gz", target: "train.de.gz")
///     pairs.pairs[0].target       // "Zwei junge weiße Männer sind im Freien in der Nähe vieler Büsche."
public struct ParallelCorpus: SampleSource {
    /// The name for listings.
    public let name: String
    /// The sentences with their translations.
    public let pairs: [SentencePair]

    /// How many pairs there are.
    public var count: Int { pairs.count }

    /// Sentences of two files, line by line, plain or compressed.
    ///
    /// - Throws: an `ApusError` with both numbers of lines where they differ
    public init(source: String, target: String) throws(ApusError) {
        let (lines, others) = (try TextFile.lines(source), try TextFile.lines(target))
        guard lines.count == others.count else {
            throw ApusError(
                .data, in: "parallel corpus \(source)", "it has \(lines.count) lines, \(target) has \(others.count)",
                remedy: "give files whose lines belong together")
        }
        name = source
        pairs = zip(lines, others).map { SentencePair(source: $0, target: $1) }
    }

    /// Sentences of one file with a pair a line, between tabs; what follows them is not used.
    public init(tabSeparated path: String) throws(ApusError) {
        var pairs: [SentencePair] = []
        for (index, line) in try TextFile.lines(path).enumerated() where !line.isEmpty {
            let fields = line.split(separator: "\t", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count >= 2 else {
                throw ApusError(
                    .format, in: "parallel corpus \(path)", "there is no tab (line \(index + 1))",
                    remedy: "give two sentences a line, with a tab between them")
            }
            pairs.append(SentencePair(source: String(fields[0]), target: String(fields[1])))
        }
        (name, self.pairs) = (path, pairs)
    }

    /// A pair; an `ApusError` for an index that does not exist.
    public func sample(at index: Int) throws(ApusError) -> SentencePair {
        try check(index)
        return pairs[index]
    }
}

/// Reads files with a JSON value a line.
public enum JSONLines {
    /// Reads a file, plain or compressed. Blank lines are left out.
    ///
    /// - Parameter policy: for lines that are no JSON; ``BadSamplePolicy/replace`` puts null in their place
    public static func read(
        _ path: String, policy: BadSamplePolicy = .stop
    ) throws(ApusError) -> (values: [JSON], bad: [BadSample]) {
        let source = try ByteSource(path: path, kind: "JSON lines file")
        return try decode(try source.bytes(), policy: policy, place: source.place)
    }

    /// Reads a file that is in memory; `place` stands in error messages.
    public static func decode(
        _ bytes: [UInt8], policy: BadSamplePolicy = .stop, place: String = "JSON lines"
    ) throws(ApusError) -> (values: [JSON], bad: [BadSample]) {
        var values: [JSON] = []
        var bad: [BadSample] = []
        for (index, line) in try TextFile.lines(in: bytes, place: place).enumerated() {
            guard line.contains(where: { !$0.isWhitespace }) else { continue }
            let lineName = "\(place), line \(index + 1)"
            do throws(ApusError) {
                values.append(try JSON(parsing: line, place: lineName))
            } catch {
                if policy == .stop { throw error }
                bad.append(BadSample(name: lineName, error: error))
                if policy == .replace { values.append(.null) }
            }
        }
        return (values, bad)
    }
}
