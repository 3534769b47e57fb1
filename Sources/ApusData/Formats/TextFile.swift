import ApusCore

/// Reads text files, plain or compressed with gzip.
public enum TextFile {
    /// The most bytes that a compressed file may expand to.
    public static let maximumBytes = 4 << 30

    /// The text of a file in UTF-8; a name that ends in `.gz` or a gzip header means that it is compressed.
    ///
    /// - Throws: an `ApusError` with the byte at which the file stops being UTF-8, or where its compression is damaged
    public static func read(_ path: String) throws(ApusError) -> String {
        let source = try ByteSource(path: path, kind: "text file")
        return try text(of: try expanded(try source.bytes(), place: source.place), place: source.place)
    }

    /// The lines of a file in UTF-8, without their ends (line feed, with or without carriage return).
    public static func lines(_ path: String) throws(ApusError) -> [String] {
        let source = try ByteSource(path: path, kind: "text file")
        return try lines(in: try source.bytes(), place: source.place)
    }

    /// The lines of a file in memory, plain or compressed.
    public static func lines(in bytes: [UInt8], place: String = "text data") throws(ApusError) -> [String] {
        let bytes = try expanded(bytes, place: place)
        var lines: [String] = []
        var start = 0
        while start < bytes.count {
            var end = start
            while end < bytes.count, bytes[end] != 10 { end += 1 }
            let stop = end > start && bytes[end - 1] == 13 ? end - 1 : end
            guard let line = String(validating: bytes[start..<stop], as: UTF8.self) else {
                throw notUTF8(place, "line \(lines.count + 1), byte \(start)")
            }
            lines.append(line)
            start = end + 1
        }
        return lines
    }

    /// The bytes of a gzip file as they were before it was compressed; others as they are.
    package static func expanded(_ bytes: [UInt8], place: String) throws(ApusError) -> [UInt8] {
        guard bytes.starts(with: [0x1f, 0x8b]) else { return bytes }
        return try Zlib.inflate(bytes, wrapper: .gzip, limit: maximumBytes, place: place)
    }

    package static func text(of bytes: [UInt8], place: String) throws(ApusError) -> String {
        if let text = String(validating: bytes, as: UTF8.self) { return text }
        // The first byte that belongs to no character.
        var decoder = UTF8()
        var iterator = bytes.makeIterator()
        var offset = 0
        decoding: while true {
            switch decoder.decode(&iterator) {
            case .scalarValue(let scalar): offset += String(scalar).utf8.count
            default: break decoding
            }
        }
        throw notUTF8(place, "byte \(offset)")
    }

    private static func notUTF8(_ place: String, _ position: String) -> ApusError {
        ApusError(.format, in: place, "it is not UTF-8 (\(position))", remedy: "save it as a text in UTF-8")
    }
}
