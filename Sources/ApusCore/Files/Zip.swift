// Zip archives, as far as .npz files and checkpoints use them.

/// A zip archive that is open for reading.
///
/// Opening reads the directory and refuses what has no place in a data file: names that lead out of the archive, links,
/// encryption, entries that overlap, and names that come twice. Entries are stored or deflated, with 64-bit sizes.
public struct ZipArchive: Sendable {
    /// A file in the archive.
    public struct Entry: Sendable, Equatable {
        /// Its name, with folders before it.
        public let name: String
        /// The number of bytes it has.
        public let byteCount: Int

        fileprivate let compressedCount: Int
        fileprivate let deflated: Bool
        fileprivate let checksum: UInt32
        fileprivate let header: Int
        fileprivate var content = 0
    }

    /// The most entries that an archive may have.
    public static let maximumEntries = 65_535

    /// The files, in the order of the archive's directory.
    public let entries: [Entry]
    /// What error messages call the archive.
    public var place: String { source.place }

    private let source: ByteSource
    private let positions: [String: Int]

    /// Opens an archive.
    public init(path: String) throws(ApusError) { try self.init(ByteSource(path: path, kind: "zip file")) }

    /// Reads an archive from wherever its bytes are.
    public init(_ source: ByteSource) throws(ApusError) {
        self.source = source
        entries = try ZipDirectory(source).entries()
        positions = Dictionary(uniqueKeysWithValues: entries.enumerated().map { ($1.name, $0) })
    }

    /// The entry of that name, or nil.
    public func entry(named name: String) -> Entry? { positions[name].map { entries[$0] } }

    /// Reads and checks a file of the archive.
    public func bytes(of entry: Entry) throws(ApusError) -> [UInt8] {
        let stored = try source.bytes(at: entry.content, count: entry.compressedCount)
        let inside = "\(place), entry \(entry.name.quoted)"
        let bytes: [UInt8]
        if entry.deflated {
            try Zlib.checkExpansion(from: entry.compressedCount, to: entry.byteCount, place: inside)
            var inflater = try Inflater(stored, wrapper: .raw, place: inside)
            bytes = try inflater.read(exactly: entry.byteCount)
            guard try inflater.read(upTo: 1).isEmpty, inflater.consumed == stored.count else {
                throw ApusError(
                    .format, in: inside, "its data goes on after the \(entry.byteCount) bytes it claims to have",
                    remedy: "the archive is damaged: write it again")
            }
        } else {
            bytes = stored
        }
        let checksum = CRC32.zip.checksum(bytes)
        guard checksum == entry.checksum else {
            throw ApusError(
                .format, in: inside,
                "its checksum is \(String(checksum, radix: 16)), but the archive says "
                    + String(entry.checksum, radix: 16),
                remedy: "the archive is damaged: copy or write it again")
        }
        return bytes
    }
}

/// Finds and checks the directory at the end of an archive.
private struct ZipDirectory {
    let source: ByteSource

    init(_ source: ByteSource) { self.source = source }

    /// All entries, once they are known to lie in the archive, apart from each other.
    func entries() throws(ApusError) -> [ZipArchive.Entry] {
        let (count, start, size) = try locate()
        var reader = ByteReader(try source.bytes(at: start, count: size))
        var entries: [ZipArchive.Entry] = []
        var names: Set<String> = []
        for _ in 0..<count {
            let entry = try entry(&reader, base: start)
            guard names.insert(entry.name).inserted else {
                throw damaged("the name of entry \(entry.name.quoted) comes twice")
            }
            entries.append(entry)
        }
        guard reader.remaining == 0 else { throw damaged("\(reader.remaining) bytes follow the last directory entry") }
        var end = 0
        for index in entries.indices.sorted(by: { entries[$0].header < entries[$1].header }) {
            guard entries[index].header >= end else {
                throw damaged("entry \(entries[index].name.quoted) overlaps the one before")
            }
            entries[index].content = try content(of: entries[index], directory: start)
            end = entries[index].content + entries[index].compressedCount
        }
        return entries.filter { !$0.name.hasSuffix("/") }
    }

    /// The number of entries, and where the directory is.
    private func locate() throws(ApusError) -> (count: Int, start: Int, size: Int) {
        let window = min(source.count, 22 + 65_535)
        let tail = try source.bytes(at: source.count - window, count: window)
        for offset in stride(from: window - 22, through: 0, by: -1) where tail[offset] == 0x50 {
            var reader = ByteReader(tail, at: offset)
            guard reader.little32() == 0x0605_4b50, let disks = reader.little32(), reader.little16() != nil,
                let count = reader.little16(), let size = reader.little32(), let start = reader.little32(),
                let comment = reader.little16(), comment == reader.remaining
            else { continue }
            let position = source.count - window + offset
            guard disks == 0 else { throw damaged("it is one part of an archive in several files (byte \(position))") }
            // Some writers add the 64-bit record even where it is not needed.
            if let found = try locate64(before: position) { return found }
            return try checked(UInt64(count), UInt64(start), UInt64(size), before: position)
        }
        throw ApusError(
            .format, in: source.place, "it has no zip directory at its end",
            remedy: "this is not a zip archive, or it is cut short: copy or write it again")
    }

    /// What the 64-bit record says; nil if there is none.
    private func locate64(before position: Int) throws(ApusError) -> (count: Int, start: Int, size: Int)? {
        guard position >= 20 else { return nil }
        var locator = ByteReader(try source.bytes(at: position - 20, count: 20))
        guard locator.little32() == 0x0706_4b50 else { return nil }
        guard locator.little32() == 0, let record = locator.little64(), record <= position - 20,
            position - 20 - Int(record) >= 56
        else { throw damaged("its 64-bit directory is missing (byte \(position - 20))") }
        var reader = ByteReader(try source.bytes(at: Int(record), count: 56))
        guard reader.little32() == 0x0606_4b50, reader.take(28) != nil, let count = reader.little64(),
            let size = reader.little64(), let start = reader.little64()
        else { throw damaged("its 64-bit directory is damaged (byte \(record))") }
        return try checked(count, start, size, before: Int(record))
    }

    private func checked(
        _ count: UInt64, _ start: UInt64, _ size: UInt64, before position: Int
    ) throws(ApusError) -> (count: Int, start: Int, size: Int) {
        let (end, overflow) = start.addingReportingOverflow(size)
        // The directory ends where its own end record begins; anything else hides bytes.
        guard !overflow, end == position else {
            throw damaged(
                "its directory claims \(size) bytes from byte \(start) on, but it must end at byte \(position)")
        }
        guard count <= ZipArchive.maximumEntries, count <= size / 46 else {
            throw ApusError(
                .resource, in: source.place,
                "its directory claims \(count) entries in \(size) bytes; "
                    + "\(ZipArchive.maximumEntries) are the most allowed",
                remedy: "this is no archive of arrays, or it is damaged")
        }
        return (Int(count), Int(start), Int(size))
    }

    private func entry(_ reader: inout ByteReader, base: Int) throws(ApusError) -> ZipArchive.Entry {
        let position = base + reader.offset
        guard reader.little32() == 0x0201_4b50, let maker = reader.little16(), reader.little16() != nil,
            let flags = reader.little16(), let method = reader.little16(), reader.little32() != nil,
            let checksum = reader.little32(), let packed = reader.little32(), let full = reader.little32(),
            let nameLength = reader.little16(), let extraLength = reader.little16(),
            let commentLength = reader.little16(), reader.little32() != nil, let attributes = reader.little32(),
            let header = reader.little32(), let nameBytes = reader.take(nameLength),
            let extra = reader.take(extraLength), reader.take(commentLength) != nil
        else { throw damaged("its directory is damaged (byte \(position))") }
        let name = try Self.checkedName(nameBytes, place: source.place)
        guard flags & 0x2041 == 0 else {
            throw unsupported("entry \(name.quoted) is encrypted", remedy: "write the archive without a password")
        }
        guard method == 0 || method == 8 else {
            throw unsupported(
                "entry \(name.quoted) is compressed by method \(method)", remedy: "write it stored or deflated")
        }
        // Unix archivers keep the file's kind in the upper half of the attributes.
        guard maker >> 8 != 3 || attributes >> 28 != 10 else {
            throw unsupported("entry \(name.quoted) is a link", remedy: "write the archive without links")
        }
        let sizes = try Self.wide([full, packed, header], extra: [UInt8](extra), name: name, place: source.place)
        guard method == 8 || sizes[0] == sizes[1] else {
            throw damaged("entry \(name.quoted) is stored, but its two sizes are \(sizes[0]) and \(sizes[1])")
        }
        return ZipArchive.Entry(
            name: name, byteCount: sizes[0], compressedCount: sizes[1], deflated: method == 8,
            checksum: UInt32(checksum), header: sizes[2])
    }

    /// The values, where those that do not fit into 32 bits are in the entry's extra field.
    private static func wide(
        _ values: [Int], extra: [UInt8], name: String, place: String
    ) throws(ApusError) -> [Int] {
        guard values.contains(0xffff_ffff) else { return values }
        var reader = ByteReader(extra)
        while let id = reader.little16(), let length = reader.little16(), let field = reader.take(length) {
            guard id == 1 else { continue }
            var wide = ByteReader([UInt8](field))
            var result: [Int] = []
            for value in values {
                guard value == 0xffff_ffff else {
                    result.append(value)
                    continue
                }
                guard let value = wide.little64().flatMap(Int.init(exactly:)) else { break }
                result.append(value)
            }
            if result.count == values.count { return result }
        }
        throw ApusError(
            .format, in: place, "the 64-bit sizes of entry \(name.quoted) are missing or too large",
            remedy: "the archive is damaged: copy or write it again")
    }

    /// A name that stays in the archive.
    private static func checkedName(_ bytes: ArraySlice<UInt8>, place: String) throws(ApusError) -> String {
        let name = String(strictUTF8: bytes)
        let parts = name?.split(separator: "/", omittingEmptySubsequences: false) ?? []
        if let name, !name.isEmpty, !name.hasPrefix("/"), !name.contains("\\"), !name.utf8.contains(0),
            !parts.contains(".."), !parts[0].contains(":")
        {
            return name
        }
        throw ApusError(
            .format, in: place,
            "an entry has the name \((name ?? "(not UTF-8)").quoted), which may lead out of the archive",
            remedy: "don't use this archive; write one with plain relative names")
    }

    /// Where an entry's bytes begin; the header in front of them must agree with the directory.
    private func content(of entry: ZipArchive.Entry, directory: Int) throws(ApusError) -> Int {
        let problem = "entry \(entry.name.quoted) does not lie where the directory says (byte \(entry.header))"
        guard entry.header <= directory, directory - entry.header >= 30 else { throw damaged(problem) }
        var reader = ByteReader(try source.bytes(at: entry.header, count: 30))
        guard reader.little32() == 0x0403_4b50, reader.take(4) != nil, let method = reader.little16(),
            method == (entry.deflated ? 8 : 0), reader.take(16) != nil, let nameLength = reader.little16(),
            let extraLength = reader.little16()
        else { throw damaged(problem) }
        let content = entry.header + 30 + nameLength + extraLength
        guard content <= directory, entry.compressedCount <= directory - content,
            try source.bytes(at: entry.header + 30, count: nameLength).elementsEqual(entry.name.utf8)
        else { throw damaged(problem) }
        return content
    }

    private func damaged(_ problem: String) -> ApusError {
        ApusError(
            .format, in: source.place, problem, remedy: "the archive is damaged: copy or write it again")
    }

    private func unsupported(_ problem: String, remedy: String) -> ApusError {
        ApusError(.unsupported, in: source.place, problem, remedy: remedy)
    }
}
