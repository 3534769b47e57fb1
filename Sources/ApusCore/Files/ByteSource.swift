// Where a parser reads from: a file on disk, piece by piece, or bytes in memory.

/// Bytes that a file reader reads: a file on disk, of which only the pieces asked for are loaded, or bytes in memory.
///
/// A file is held open, so replacing it on disk does not change what is read.
public struct ByteSource: Sendable {
    /// What error messages call this source, such as `safetensors file digits.safetensors`.
    public let place: String
    /// The number of bytes.
    public let count: Int

    private enum Storage: Sendable {
        case memory([UInt8])
        case file(FileDescriptor)
    }
    private let storage: Storage

    /// Opens a file; `kind` is what error messages call it, such as `safetensors file`.
    public init(path: String, kind: String = "file") throws(ApusError) {
        place = "\(kind) \(path)"
        let (file, count) = try openForReading(path, place: place)
        (storage, self.count) = (.file(file), count)
    }

    /// Reads from memory; `name` stands in error messages where a path would.
    public init(bytes: [UInt8], name: String, kind: String = "file") {
        place = "\(kind) \(name)"
        (storage, count) = (.memory(bytes), bytes.count)
    }

    /// Fills `buffer` with the bytes from `offset` on.
    public func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(ApusError) {
        if let failure = fill(buffer, at: offset) { throw failure }
    }

    /// The `count` bytes from `offset` on.
    public func bytes(at offset: Int, count: Int) throws(ApusError) -> [UInt8] {
        if case .memory(let bytes) = storage, offset == 0, count == self.count { return bytes }
        // Checked before anything is allocated.
        if let failure = check(offset, count) { throw failure }
        var failure: ApusError?
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            failure = fill(
                UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[..<count]),
                at: offset)
            initialized = failure == nil ? count : 0
        }
        if let failure { throw failure }
        return bytes
    }

    /// All bytes.
    public func bytes() throws(ApusError) -> [UInt8] { try bytes(at: 0, count: count) }

    private func check(_ offset: Int, _ length: Int) -> ApusError? {
        if offset >= 0, length >= 0, offset <= count, length <= count - offset { return nil }
        return ApusError(
            .format, in: place, "\(length) bytes are wanted at byte \(offset), but it has \(count) bytes",
            remedy: "the file is cut short or damaged: copy or write it again")
    }

    private func fill(_ buffer: UnsafeMutableRawBufferPointer, at offset: Int) -> ApusError? {
        if let failure = check(offset, buffer.count) { return failure }
        switch storage {
        case .memory(let bytes):
            bytes.withUnsafeBytes { source in
                buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: source[offset..<offset + buffer.count]))
            }
            return nil
        case .file(let file):
            guard let problem = file.read(into: buffer, at: offset) else { return nil }
            return ApusError(
                .file, in: place, problem, remedy: "check the disk, and that no other program writes the file")
        }
    }
}

/// Reads fixed-width integers one after the other, and says nil where the bytes end.
package struct ByteReader {
    package let bytes: [UInt8]
    package var offset: Int

    package init(_ bytes: [UInt8], at offset: Int = 0) { (self.bytes, self.offset) = (bytes, offset) }

    /// The bytes that are left.
    package var remaining: Int { bytes.count - offset }

    /// The next integer, in the byte order named.
    package mutating func integer<T: FixedWidthInteger & UnsignedInteger>(_: T.Type, bigEndian: Bool) -> T? {
        let size = T.bitWidth / 8
        guard remaining >= size else { return nil }
        var value: T = 0
        for index in 0..<size {
            let byte = T(truncatingIfNeeded: bytes[offset + index])
            value |= byte << T(8 * (bigEndian ? size - 1 - index : index))
        }
        offset += size
        return value
    }

    package mutating func little16() -> Int? { integer(UInt16.self, bigEndian: false).map(Int.init) }
    package mutating func little32() -> Int? { integer(UInt32.self, bigEndian: false).map(Int.init) }
    package mutating func little64() -> UInt64? { integer(UInt64.self, bigEndian: false) }
    package mutating func big16() -> Int? { integer(UInt16.self, bigEndian: true).map(Int.init) }
    package mutating func big32() -> Int? { integer(UInt32.self, bigEndian: true).map(Int.init) }

    /// The next `count` bytes.
    package mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
        guard count >= 0, remaining >= count else { return nil }
        defer { offset += count }
        return bytes[offset..<offset + count]
    }
}

extension [UInt8] {
    /// Appends an integer with its lowest byte first.
    package mutating func appendLittle<T: FixedWidthInteger>(_ value: T) {
        for shift in stride(from: 0, to: T.bitWidth, by: 8) { append(UInt8(truncatingIfNeeded: value >> T(shift))) }
    }

    /// Appends an integer with its highest byte first.
    package mutating func appendBig<T: FixedWidthInteger>(_ value: T) {
        appendLittle(value.byteSwapped)
    }
}

extension String {
    /// The text whose UTF-8 the bytes are, or nil if they are not UTF-8.
    package init?(strictUTF8 bytes: some Collection<UInt8>) {
        self.init(decoding: bytes, as: UTF8.self)
        // Decoding repairs bad bytes, which changes them.
        guard utf8.elementsEqual(bytes) else { return nil }
    }

    /// The text in quotes, shortened and with control characters made visible, for messages.
    package var quoted: String {
        var text = "\""
        for (index, scalar) in unicodeScalars.enumerated() {
            if index == 60 {
                text += "..."
                break
            }
            text += scalar.escaped
        }
        return text + "\""
    }
}
