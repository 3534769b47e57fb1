// Writing zip archives.

/// Writes a zip archive entry by entry. The file appears under its name only when it is complete.
///
///     var archive = try ZipWriter(path: "arrays.zip")
///     try archive.add("readme.txt", bytes)
///     try archive.finish()
public struct ZipWriter: ~Copyable {
    private var file: AtomicFile
    private var directory: [UInt8] = []
    private var names: Set<String> = []

    /// Begins an archive.
    public init(path: String) throws(ApusError) { file = try AtomicFile(path: path) }

    /// Adds a file, deflated or as it is.
    public mutating func add(_ name: String, _ bytes: [UInt8], deflated: Bool = false) throws(ApusError) {
        guard !name.isEmpty, name.utf8.count <= 65_535, names.count < ZipArchive.maximumEntries,
            names.insert(name).inserted
        else {
            throw ApusError(
                .name, in: "zip file \(file.path)",
                "the name \(name.quoted) is empty, too long or given twice, or there are too many entries",
                remedy: "give each entry a name of its own")
        }
        let content = deflated ? try Zlib.deflate(bytes, wrapper: .raw) : bytes
        let large = max(bytes.count, content.count) >= 0xffff_ffff
        let position = file.count

        // What the header before the bytes and the directory's entry have in common.
        var shared: [UInt8] = []
        shared.appendLittle(UInt16(large ? 45 : 20))
        shared.appendLittle(UInt16(0x800))  // the name is UTF-8
        shared.appendLittle(UInt16(deflated ? 8 : 0))
        shared.appendLittle(UInt32(0x0021_0000))  // 1 January 1980: equal content gives equal files
        shared.appendLittle(CRC32.zip.checksum(bytes))
        shared.appendLittle(large ? UInt32.max : UInt32(content.count))
        shared.appendLittle(large ? UInt32.max : UInt32(bytes.count))
        shared.appendLittle(UInt16(name.utf8.count))

        var sizes: [UInt8] = []
        if large {
            for size in [bytes.count, content.count] { sizes.appendLittle(UInt64(size)) }
        }

        var header: [UInt8] = [0x50, 0x4b, 3, 4] + shared
        Self.append(extra: sizes, to: &header)
        header.insert(contentsOf: name.utf8, at: 30)
        try file.write(header)
        try file.write(content)

        let distant = position >= 0xffff_ffff
        if distant { sizes.appendLittle(UInt64(position)) }
        directory += [0x50, 0x4b, 1, 2, 45, 3]
        directory += shared
        directory.appendLittle(UInt16(sizes.isEmpty ? 0 : sizes.count + 4))
        directory.appendLittle(UInt16(0))  // comment
        directory.appendLittle(UInt32(0))  // disk, internal attributes
        directory.appendLittle(UInt32(0o100_644) << 16)
        directory.appendLittle(distant ? UInt32.max : UInt32(position))
        directory += name.utf8
        if !sizes.isEmpty { Self.append(field: sizes, to: &directory) }
    }

    /// Writes the directory and makes the file appear.
    public mutating func finish() throws(ApusError) {
        let start = file.count
        try file.write(directory)
        var end: [UInt8] = []
        if start + directory.count >= 0xffff_ffff || names.count >= 0xffff {
            end += [0x50, 0x4b, 6, 6]
            end.appendLittle(UInt64(44))
            end.appendLittle(UInt32(45 << 16 | 45))
            end.appendLittle(UInt64(0))
            for value in [names.count, names.count, directory.count, start] { end.appendLittle(UInt64(value)) }
            end += [0x50, 0x4b, 6, 7, 0, 0, 0, 0]
            end.appendLittle(UInt64(start + directory.count))
            end.appendLittle(UInt32(1))
        }
        end += [0x50, 0x4b, 5, 6, 0, 0, 0, 0]
        for _ in 0..<2 { end.appendLittle(UInt16(clamping: names.count)) }
        end.appendLittle(UInt32(clamping: directory.count))
        end.appendLittle(UInt32(clamping: start))
        end.appendLittle(UInt16(0))
        try file.write(end)
        try file.commit()
    }

    private static func append(extra sizes: [UInt8], to bytes: inout [UInt8]) {
        bytes.appendLittle(UInt16(sizes.isEmpty ? 0 : sizes.count + 4))
        if !sizes.isEmpty { append(field: sizes, to: &bytes) }
    }

    private static func append(field: [UInt8], to bytes: inout [UInt8]) {
        bytes.appendLittle(UInt16(1))
        bytes.appendLittle(UInt16(field.count))
        bytes += field
    }
}
