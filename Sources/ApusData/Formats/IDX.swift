// IDX: the format of MNIST, an array behind a header of extents, often compressed with gzip.

import ApusCore

/// Reads and writes IDX files, such as MNIST's `train-images-idx3-ubyte` and, compressed, `...-ubyte.gz`.
///
///     let images = try IDX.read("train-images-idx3-ubyte.gz")     // [60000, 28, 28] of uint8
public enum IDX {
    /// Reads a file, compressed or not; which one its first bytes tell.
    public static func read(_ path: String) throws(ApusError) -> RawArray {
        let source = try ByteSource(path: path, kind: "IDX file")
        return try decode(try source.bytes(), place: source.place)
    }

    /// Reads a file that is in memory; `place` stands in error messages.
    public static func decode(_ bytes: [UInt8], place: String = "IDX data") throws(ApusError) -> RawArray {
        guard bytes.starts(with: [0x1f, 0x8b]) else {
            let header = try Header(bytes, place: place)
            let size = try header.byteCount(available: bytes.count - header.length, place: place)
            return try header.array([UInt8](bytes.suffix(size)), place: place)
        }
        // The header first: it says how much there must be.
        var inflater = try Inflater(bytes, wrapper: .gzip, place: place)
        let start = try inflater.read(upTo: 4)
        let rank = start.count == 4 ? Int(start[3]) : 0
        let header = try Header(start + inflater.read(upTo: 4 * rank), place: place)
        let size = try header.byteCount(available: nil, place: place)
        try Zlib.checkExpansion(from: bytes.count, to: size, place: place)
        let content = try inflater.read(upTo: size)
        // One byte more must not be there; asking for it also checks the checksum at the end.
        let excess = content.count == size ? try inflater.read(upTo: 1).count : 0
        guard content.count == size, excess == 0 else { throw header.mismatch(content.count + excess, place: place) }
        return try header.array(content, place: place)
    }

    /// Writes an array, compressed if the path ends in `.gz`. The format has `uint8`, `int8`, `int16`, `int32`,
    /// `float32` and `float64`.
    public static func write(_ array: RawArray, to path: String) throws(ApusError) {
        let bytes = try encode(array)
        try AtomicFile.write(path.hasSuffix(".gz") ? try Zlib.deflate(bytes, wrapper: .gzip) : bytes, to: path)
    }

    /// The bytes that `write` would put into an uncompressed file.
    public static func encode(_ array: RawArray) throws(ApusError) -> [UInt8] {
        guard let (code, _) = types.first(where: { $0.1 == array.elementType }), array.shape.count <= 255,
            array.shape.allSatisfy({ $0 <= UInt32.max })
        else {
            throw ApusError(
                .type, in: "IDX file", "the format has no \(array.elementType.rawValue) of shape \(array.shape)",
                remedy: "convert to uint8, int32 or float32")
        }
        var bytes: [UInt8] = [0, 0, code, UInt8(array.shape.count)]
        for extent in array.shape { bytes.appendBig(UInt32(extent)) }
        return bytes + swapped(array.bytes, width: array.elementType.byteCount)
    }

    private static let types: [(UInt8, ElementType)] = [
        (0x08, .uint8), (0x09, .int8), (0x0b, .int16), (0x0c, .int32), (0x0d, .float32), (0x0e, .float64),
    ]

    /// The elements in the other byte order: files have the highest byte first.
    private static func swapped(_ bytes: [UInt8], width: Int) -> [UInt8] {
        guard width > 1 else { return bytes }
        var bytes = bytes
        for start in stride(from: 0, to: bytes.count, by: width) {
            for index in 0..<width / 2 { bytes.swapAt(start + index, start + width - 1 - index) }
        }
        return bytes
    }

    private struct Header {
        let elementType: ElementType
        let shape: [Int]
        var length: Int { 4 + 4 * shape.count }

        init(_ bytes: [UInt8], place: String) throws(ApusError) {
            guard bytes.count >= 4, bytes[0] == 0, bytes[1] == 0,
                let (_, type) = IDX.types.first(where: { $0.0 == bytes[2] })
            else {
                throw ApusError(
                    .format, in: place, "it does not begin with 0, 0 and a known type (byte 0)",
                    remedy: "this is not an IDX file, or it is damaged")
            }
            var reader = ByteReader(bytes, at: 4)
            var shape: [Int] = []
            for axis in 0..<Int(bytes[3]) {
                guard let extent = reader.big32() else {
                    throw ApusError(
                        .format, in: place,
                        "it ends in the header: extent \(axis) of \(bytes[3]) is missing (byte \(4 + 4 * axis))",
                        remedy: "the file is cut short: copy it again")
                }
                shape.append(extent)
            }
            (elementType, self.shape) = (type, shape)
        }

        /// The bytes that the elements take, compared with those that are there.
        func byteCount(available: Int?, place: String) throws(ApusError) -> Int {
            guard let size = RawArray.byteCount(of: elementType, shape: shape) else {
                throw ApusError(
                    .format, in: place, "its header claims the impossible shape \(shape) (byte 4)",
                    remedy: "the file is damaged: copy it again")
            }
            if let available, available != size { throw mismatch(available, place: place) }
            return size
        }

        func mismatch(_ available: Int, place: String) -> ApusError {
            let size = RawArray.byteCount(of: elementType, shape: shape) ?? 0
            return ApusError(
                .format, in: place,
                "shape \(shape) of \(elementType.rawValue) takes \(size) bytes, but "
                    + (available > size ? "more" : "\(available)") + " follow the header (byte \(length))",
                remedy: "the file is damaged or cut short: copy it again")
        }

        func array(_ content: [UInt8], place: String) throws(ApusError) -> RawArray {
            try RawArray(elementType, shape: shape, bytes: IDX.swapped(content, width: elementType.byteCount))
        }
    }
}
