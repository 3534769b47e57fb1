import ApusCore

/// A tar archive (ustar, GNU or pax), plain or compressed with gzip, such as `aclImdb.tar.gz`.
///
///     let archive = try TarArchive(path: "aclImdb.tar.gz")
///     archive.entries[0].name             // "aclImdb/test/neg/0_2.txt"
///     let bytes = archive.bytes(of: archive.entries[0])
public struct TarArchive: Sendable {
    /// A file in the archive.
    public struct Entry: Sendable, Equatable {
        /// Its path in the archive.
        public let name: String
        /// Where its bytes are.
        package let range: Range<Int>

        /// The number of bytes.
        public var byteCount: Int { range.count }
    }

    /// The files, in the order of the archive. Folders, links and devices are left out.
    public let entries: [Entry]
    /// What error messages call the archive.
    public let place: String
    private let content: [UInt8]

    /// Reads an archive.
    public init(path: String) throws(ApusError) {
        let source = try ByteSource(path: path, kind: "tar file")
        try self.init(bytes: try source.bytes(), place: source.place)
    }

    /// Reads an archive that is in memory; `place` stands in error messages.
    public init(bytes: [UInt8], place: String = "tar data") throws(ApusError) {
        self.place = place
        content = try TextFile.expanded(bytes, place: place)
        var entries: [Entry] = []
        var offset = 0
        var longName: String?
        while offset + 512 <= content.count {
            let header = content[offset..<offset + 512]
            // Two empty blocks end an archive; one is enough to see it.
            if header.allSatisfy({ $0 == 0 }) { break }
            guard Self.checksumFits(header), let size = Self.number(header[offset + 124..<offset + 136]) else {
                throw ApusError(
                    .format, in: place, "the header of entry \(entries.count) is damaged (byte \(offset))",
                    remedy: "the archive is damaged: copy it again")
            }
            let start = offset + 512
            guard size <= content.count - start else {
                throw ApusError(
                    .format, in: place,
                    "entry \(entries.count) takes \(size) bytes, but \(content.count - start) follow (byte \(start))",
                    remedy: "the archive is cut short: copy it again")
            }
            let range = start..<start + size
            switch header[offset + 156] {
            case UInt8(ascii: "L"): longName = Self.text(content[range])
            case UInt8(ascii: "x"): longName = Self.path(inPax: content[range]) ?? longName
            case UInt8(ascii: "0"), 0, UInt8(ascii: "7"):
                let prefix = Self.text(header[offset + 345..<offset + 500])
                let isUstar = header[offset + 257..<offset + 262].elementsEqual("ustar".utf8)
                let short = Self.text(header[offset..<offset + 100])
                entries.append(
                    Entry(
                        name: longName
                            ?? (isUstar && !prefix.isEmpty && header[offset + 262] == 0 ? "\(prefix)/\(short)" : short),
                        range: range))
                longName = nil
            default: longName = nil
            }
            offset = start + (size + 511) / 512 * 512
        }
        self.entries = entries
    }

    /// The bytes of a file.
    public func bytes(of entry: Entry) -> [UInt8] {
        entry.range.upperBound <= content.count ? [UInt8](content[entry.range]) : []
    }

    private static func text(_ bytes: ArraySlice<UInt8>) -> String {
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }

    /// An octal number between blanks and zeros; nil if it is none or too large.
    private static func number(_ bytes: ArraySlice<UInt8>) -> Int? {
        let digits = bytes.drop { $0 == 32 }.prefix { $0 != 32 && $0 != 0 }
        guard digits.count <= 12 else { return nil }
        var value = 0
        for digit in digits {
            guard (0x30...0x37).contains(digit) else { return nil }
            value = value << 3 | Int(digit - 0x30)
        }
        return value
    }

    /// Headers hold the sum of their bytes, with the sum itself taken as blanks.
    private static func checksumFits(_ header: ArraySlice<UInt8>) -> Bool {
        let start = header.startIndex
        guard let wanted = number(header[start + 148..<start + 156]) else { return false }
        var sum = 8 * 32
        for (index, byte) in header.enumerated() where !(148..<156).contains(index) { sum += Int(byte) }
        return sum == wanted
    }

    /// The path among the lines `length key=value` of a pax header.
    private static func path(inPax bytes: ArraySlice<UInt8>) -> String? {
        for line in bytes.split(separator: 10) {
            guard let blank = line.firstIndex(of: 32) else { continue }
            let pair = line[(blank + 1)...]
            if pair.starts(with: "path=".utf8) { return String(decoding: pair.dropFirst(5), as: UTF8.self) }
        }
        return nil
    }
}
