// safetensors: named arrays behind a JSON header, the common format for model weights.

/// A safetensors file that is open for reading.
///
/// Opening reads and checks the header only; each array is read when it is asked for. Every rule of the format is
/// checked before an array is allocated: the header's length, the types, that each array's extent in the file matches
/// its shape, that arrays neither overlap nor leave holes, and that they end where the file ends.
///
///     let file = try SafetensorsFile(path: "digits.safetensors")
///     for entry in file.entries { print(entry.name, entry.shape) }
///     let kernel = try file.array("conv1.weight")
public struct SafetensorsFile: Sendable {
    /// What the header says of one array.
    public struct Entry: Sendable, Equatable {
        /// The array's name.
        public let name: String
        /// The type of its elements.
        public let elementType: ElementType
        /// Its extents.
        public let shape: [Int]
        /// Where its bytes begin in the file.
        public let offset: Int
        /// How many bytes it takes.
        public let byteCount: Int
    }

    /// The longest header that is read, as in the reference implementation.
    public static let maximumHeader = 100_000_000
    /// The most extents that an array may have.
    public static let maximumRank = 64

    /// The arrays in the order in which they lie in the file.
    public let entries: [Entry]
    /// The texts that the writer added.
    public let metadata: [String: String]
    /// What error messages call the file.
    public var place: String { source.place }

    private let source: ByteSource
    private let positions: [String: Int]

    /// Opens a file.
    public init(path: String) throws(ApusError) {
        try self.init(ByteSource(path: path, kind: "safetensors file"))
    }

    /// Reads a file that is in memory; `name` stands in error messages.
    public init(bytes: [UInt8], name: String = "in memory") throws(ApusError) {
        try self.init(ByteSource(bytes: bytes, name: name, kind: "safetensors file"))
    }

    private init(_ source: ByteSource) throws(ApusError) {
        self.source = source
        var header = try SafetensorsHeader(source)
        entries = try header.checked()
        metadata = header.metadata
        positions = Dictionary(uniqueKeysWithValues: entries.enumerated().map { ($1.name, $0) })
    }

    /// The entry of that name, or nil.
    public func entry(named name: String) -> Entry? { positions[name].map { entries[$0] } }

    /// Reads an array.
    public func array(_ name: String) throws(ApusError) -> RawArray {
        guard let entry = entry(named: name) else {
            throw ApusError(
                .name, in: place, "it holds no array \(name.quoted), but \(entries.map(\.name).listed)",
                remedy: "use one of these names")
        }
        return try array(entry)
    }

    /// Reads the array of an entry.
    public func array(_ entry: Entry) throws(ApusError) -> RawArray {
        let bytes = try source.bytes(at: entry.offset, count: entry.byteCount)
        do throws(ApusError) {
            return try RawArray(entry.elementType, shape: entry.shape, bytes: bytes)
        } catch {
            throw ApusError(
                error.kind, in: place, "array \(entry.name.quoted): \(error.problem)", remedy: error.remedy)
        }
    }

    /// Reads an array's bytes to where they are wanted; `buffer` has exactly `entry.byteCount` bytes.
    public func read(_ entry: Entry, into buffer: UnsafeMutableRawBufferPointer) throws(ApusError) {
        guard buffer.count == entry.byteCount else {
            throw ApusError(
                .shape, in: place,
                "array \(entry.name.quoted) has \(entry.byteCount) bytes, but there is room for \(buffer.count)",
                remedy: "give a buffer of the array's size")
        }
        try source.read(into: buffer, at: entry.offset)
    }

    /// Reads all arrays, in the order in which they lie in the file.
    public func arrays() throws(ApusError) -> [(name: String, array: RawArray)] {
        var arrays: [(name: String, array: RawArray)] = []
        for entry in entries { arrays.append((entry.name, try array(entry))) }
        return arrays
    }
}

extension [String] {
    /// The texts in quotes and with commas between; after six, how many more there are.
    package var listed: String {
        if isEmpty { return "none" }
        let shown = prefix(6).map(\.quoted).joined(separator: ", ")
        return count > 6 ? "\(shown) and \(count - 6) more" : shown
    }
}

/// The header as it is being read: what it says, before it is known to be consistent.
private struct SafetensorsHeader {
    struct Claim {
        let name: String
        let elementType: ElementType
        let shape: [Int]
        let begin: Int
        let end: Int
    }

    private(set) var claims: [Claim] = []
    private(set) var metadata: [String: String] = [:]
    private let source: ByteSource
    private let dataOffset: Int

    init(_ source: ByteSource) throws(ApusError) {
        self.source = source
        guard source.count >= 8 else {
            throw Self.damaged(source, "it has \(source.count) bytes, but the header's length alone takes 8")
        }
        var reader = ByteReader(try source.bytes(at: 0, count: 8))
        let length = reader.little64() ?? 0
        guard length <= SafetensorsFile.maximumHeader else {
            throw ApusError(
                .format, in: source.place,
                "the header claims \(length) bytes, but \(SafetensorsFile.maximumHeader) are the most allowed (byte 0)",
                remedy: "this is not a safetensors file, or it is damaged")
        }
        guard Int(length) <= source.count - 8 else {
            throw Self.damaged(
                source, "the header claims \(length) bytes, but \(source.count - 8) follow (byte 0)")
        }
        dataOffset = 8 + Int(length)
        let bytes = try source.bytes(at: 8, count: Int(length))
        guard bytes.first == UInt8(ascii: "{") else {
            throw ApusError(
                .format, in: source.place, "the header does not begin with \"{\" (byte 8)",
                remedy: "this is not a safetensors file, or it is damaged")
        }
        var json = JSONReader(bytes, place: source.place, origin: 8)
        try json.object { (name, json) throws(ApusError) in
            if name == "__metadata__" {
                try json.object { (key, json) throws(ApusError) in metadata[key] = try json.string() }
            } else {
                claims.append(try Self.claim(name, &json))
            }
        }
        try json.end()
    }

    private static func claim(_ name: String, _ json: inout JSONReader) throws(ApusError) -> Claim {
        var (type, shape, offsets): (ElementType?, [Int]?, [Int]?)
        try json.object { (key, json) throws(ApusError) in
            switch key {
            case "dtype":
                let text = try json.string()
                type = ElementType(safetensors: text)
                if type == nil {
                    let reason = "array \(name.quoted) has the type \(text.quoted), which is not known"
                    throw json.failure(reason)
                }
            case "shape": shape = try extents(&json, of: name, limit: SafetensorsFile.maximumRank)
            case "data_offsets": offsets = try extents(&json, of: name, limit: 2)
            // Like the reference, a reader of today ignores what a writer of tomorrow adds.
            default: _ = try json.value()
            }
        }
        guard let type, let shape, let offsets, offsets.count == 2 else {
            throw json.failure("array \(name.quoted) lacks its dtype, shape or two data_offsets")
        }
        return Claim(name: name, elementType: type, shape: shape, begin: offsets[0], end: offsets[1])
    }

    private static func extents(
        _ json: inout JSONReader, of name: String, limit: Int
    ) throws(ApusError) -> [Int] {
        var extents: [Int] = []
        try json.array { (json) throws(ApusError) in
            let value = try json.integer()
            guard let extent = Int(exactly: value), extent >= 0, extents.count < limit else {
                throw json.failure("array \(name.quoted) has a negative number or more than \(limit) numbers")
            }
            extents.append(extent)
        }
        return extents
    }

    /// The entries in the order of the file, once nothing contradicts anything.
    mutating func checked() throws(ApusError) -> [SafetensorsFile.Entry] {
        claims.sort { ($0.begin, $0.end, $0.name) < ($1.begin, $1.end, $1.name) }
        var entries: [SafetensorsFile.Entry] = []
        entries.reserveCapacity(claims.count)
        var position = 0
        for claim in claims {
            let name = claim.name.quoted
            guard claim.begin == position else {
                let what = claim.begin < position ? "overlaps the one before" : "leaves a hole after the one before"
                throw Self.damaged(
                    source,
                    "array \(name) begins at byte \(claim.begin) of the data and \(what), "
                        + "which ends at byte \(position)")
            }
            guard let size = RawArray.byteCount(of: claim.elementType, shape: claim.shape) else {
                throw Self.damaged(source, "array \(name) has the impossible shape \(claim.shape)")
            }
            guard claim.end >= claim.begin, claim.end - claim.begin == size else {
                throw Self.damaged(
                    source,
                    "array \(name) of shape \(claim.shape) and type \(claim.elementType.safetensors) takes "
                        + "\(size) bytes, but its data_offsets are [\(claim.begin), \(claim.end)]")
            }
            guard claim.end <= source.count - dataOffset else {
                throw Self.damaged(
                    source,
                    "array \(name) ends at byte \(claim.end) of the data, "
                        + "but the data has \(source.count - dataOffset) bytes")
            }
            entries.append(
                SafetensorsFile.Entry(
                    name: claim.name, elementType: claim.elementType, shape: claim.shape,
                    offset: dataOffset + claim.begin, byteCount: size))
            position = claim.end
        }
        guard position == source.count - dataOffset else {
            throw Self.damaged(
                source,
                "\(source.count - dataOffset - position) bytes follow the last array "
                    + "(byte \(dataOffset + position))")
        }
        return entries
    }

    private static func damaged(_ source: ByteSource, _ problem: String) -> ApusError {
        ApusError(
            .format, in: source.place, problem,
            remedy: "the file is damaged or cut short: copy or save it again")
    }
}

extension ElementType {
    /// The types by the names that the format gives them, in the order in which the reference sorts them.
    private static let names: [(String, ElementType)] = [
        ("BOOL", .bool), ("U8", .uint8), ("I8", .int8), ("F8_E5M2", .float8E5M2), ("F8_E4M3", .float8E4M3),
        ("I16", .int16), ("U16", .uint16), ("F16", .float16), ("BF16", .bfloat16), ("I32", .int32),
        ("U32", .uint32), ("F32", .float32), ("F64", .float64), ("I64", .int64), ("U64", .uint64),
    ]

    fileprivate init?(safetensors name: String) {
        guard let (_, type) = Self.names.first(where: { $0.0 == name }) else { return nil }
        self = type
    }

    package var safetensors: String { Self.names[safetensorsRank].0 }

    package var safetensorsRank: Int { Self.names.firstIndex { $0.1 == self } ?? 0 }
}
