import ApusCore

/// Samples that are in several sets, found by what they contain.
///
///     let overlap = Duplicates(train, test)
///     overlap.pairs                                  // the numbers of equal inputs in both
public struct Duplicates: Sendable {
    /// Equal samples: the number in the first set, and in the second.
    public let pairs: [(first: Int, second: Int)]

    /// Compares the inputs of two sets, bit by bit where their hashes agree.
    public init(_ first: Dataset, _ second: Dataset) {
        var places: [UInt64: [Int]] = [:]
        for index in 0..<first.count { places[first.contentHash(at: index) ?? 0, default: []].append(index) }
        var pairs: [(first: Int, second: Int)] = []
        for index in 0..<second.count {
            for candidate in places[second.contentHash(at: index) ?? 0] ?? [] {
                let (a, b) = (first.inputBytes(at: candidate), second.inputBytes(at: index))
                if first.inputs.stored == second.inputs.stored, a.elementsEqual(b) {
                    pairs.append((candidate, index))
                    break
                }
            }
        }
        self.pairs = pairs
    }
}

extension Dataset {
    /// A number of the bytes of a sample's input, equal for equal ones (FNV-1a); nil for one that does not exist.
    public func contentHash(at index: Int) -> UInt64? {
        guard (0..<count).contains(index) else { return nil }
        return inputBytes(at: index).reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }

    fileprivate func inputBytes(at index: Int) -> UnsafeRawBufferPointer {
        let size = inputs.sampleShape.count * inputs.stored.size
        return UnsafeRawBufferPointer(start: inputs.storage.pointer + index * size, count: size)
    }
}

/// Keeps account of each use of a test set: a score that choices were made by is no estimate any more.
///
///     var ledger = try TestLedger(path: "test-uses.json")
///     if let warning = try ledger.record(test, purpose: "final figure") { print(warning) }
public struct TestLedger: Sendable {
    /// One use.
    public struct Use: Sendable, Hashable {
        /// A number of the set's content.
        public let fingerprint: UInt64
        /// What the score was for.
        public let purpose: String
    }

    /// All uses so far, the oldest first.
    public private(set) var uses: [Use] = []
    private let path: String?

    /// - Parameter path: a file that keeps the account from run to run; nil for this run alone
    public init(path: String? = nil) throws(ApusError) {
        self.path = path
        guard let path, let source = try? ByteSource(path: path, kind: "test ledger") else { return }
        let json = try JSON(parsing: try source.bytes(), place: source.place)
        for entry in json.elements ?? [] {
            guard let text = entry["set"]?.string, let number = UInt64(text, radix: 16),
                let purpose = entry["purpose"]?.string
            else {
                throw ApusError(.format, in: source.place, "an entry is none of a use", remedy: "delete the file")
            }
            uses.append(Use(fingerprint: number, purpose: purpose))
        }
    }

    /// Writes a use down, and returns a warning from the second of the same set on.
    public mutating func record(_ test: Dataset, purpose: String) throws(ApusError) -> String? {
        var fingerprint: UInt64 = 0
        for index in 0..<test.count { fingerprint = fingerprint &* 31 &+ (test.contentHash(at: index) ?? 0) }
        let earlier = uses.filter { $0.fingerprint == fingerprint }
        uses.append(Use(fingerprint: fingerprint, purpose: purpose))
        if let path {
            let entries = uses.map {
                JSON.object([
                    JSON.Member("set", .string(String($0.fingerprint, radix: 16))),
                    JSON.Member("purpose", .string($0.purpose)),
                ])
            }
            try AtomicFile.write(Array(JSON.array(entries).text(pretty: true).utf8), to: path)
        }
        guard !earlier.isEmpty else { return nil }
        return "the test set \(test.name) has been used \(earlier.count) times before (last for \""
            + (earlier.last?.purpose ?? "") + "\"): what is chosen by it is no longer tested by it; use the "
            + "validation set for choices"
    }
}
