import ApusCore

/// A volume of voxels, as scanners of heads and bodies give them, such as a `.nii.gz` file.
///
///     let volume = try NIfTI.read("hippocampus_001.nii.gz")
///     volume.values.shape         // [35, 51, 35]
public struct Volume: Sendable, Equatable {
    /// The voxels, first axis slowest: `[x, y, z]`, or `[x, y, z, time]`, in the type of the file.
    public let values: RawArray
    /// The distance of voxels along each axis, mostly in millimetres.
    public let spacing: [Double]
    /// What values are multiplied by, and what is added, to give what was measured; 1 and 0 mostly.
    public let scale: (slope: Double, intercept: Double)

    public static func == (one: Volume, other: Volume) -> Bool {
        one.values == other.values && one.spacing == other.spacing && one.scale == other.scale
    }

    /// What was measured, as float32.
    public func measured() throws(ApusError) -> Tensor {
        let plain = try Tensor(values).cast(to: .float32)
        return scale == (1, 0) ? plain : plain * scale.slope + scale.intercept
    }
}

/// Reads NIfTI-1 files (`.nii`, `.nii.gz`) of numbers.
public enum NIfTI {
    /// Reads a file, plain or compressed with gzip.
    public static func read(_ path: String) throws(ApusError) -> Volume {
        let source = try ByteSource(path: path, kind: "NIfTI file")
        return try decode(try source.bytes(), place: source.place)
    }

    /// Reads a file that is in memory; `place` stands in error messages.
    public static func decode(_ bytes: [UInt8], place: String = "NIfTI data") throws(ApusError) -> Volume {
        guard bytes.starts(with: [0x1f, 0x8b]) else {
            let header = try Header(bytes, place: place)
            guard header.start <= bytes.count, header.byteCount <= bytes.count - header.start else {
                throw header.cut(max(0, bytes.count - header.start))
            }
            return try header.volume(Array(bytes[header.start..<header.start + header.byteCount]))
        }
        var inflater = try Inflater(bytes, wrapper: .gzip, place: place)
        let header = try Header(try inflater.read(upTo: 348), place: place)
        try Zlib.checkExpansion(from: bytes.count, to: header.start + header.byteCount, place: place)
        _ = try inflater.read(upTo: header.start - 348)
        let content = try inflater.read(upTo: header.byteCount)
        guard content.count == header.byteCount else { throw header.cut(content.count) }
        // Reading on checks the sum at the end.
        _ = try inflater.read(upTo: 1)
        return try header.volume(content)
    }

    private struct Header {
        let shape: [Int]
        let type: ElementType
        let spacing: [Double]
        let scale: (Double, Double)
        let start: Int
        let byteCount: Int
        private let isBig: Bool
        private let place: String

        private static let types: [Int: ElementType] = [
            2: .uint8, 4: .int16, 8: .int32, 16: .float32, 64: .float64, 256: .int8, 512: .uint16, 768: .uint32,
            1024: .int64, 1280: .uint64,
        ]

        init(_ bytes: [UInt8], place: String) throws(ApusError) {
            func damaged(_ problem: String) -> ApusError {
                ApusError(
                    .format, in: place, problem, remedy: "this is no NIfTI-1 file, or it is damaged: copy it again")
            }
            guard bytes.count >= 348 else { throw damaged("it ends in its header of 348 bytes (byte \(bytes.count))") }
            // The header's own size tells the order of bytes.
            let isBig = bytes[0] == 0
            func word(_ offset: Int) -> Int {
                var reader = ByteReader(bytes, at: offset)
                return Int(Int16(bitPattern: reader.integer(UInt16.self, bigEndian: isBig) ?? 0))
            }
            func long(_ offset: Int) -> UInt32 {
                var reader = ByteReader(bytes, at: offset)
                return reader.integer(UInt32.self, bigEndian: isBig) ?? 0
            }
            func number(_ offset: Int) -> Double { Double(Float(bitPattern: long(offset))) }
            guard long(0) == 348, bytes[344] == UInt8(ascii: "n"), bytes[345] == UInt8(ascii: "+") else {
                throw damaged("it does not begin with 348, or lacks the mark n+1 (bytes 0 and 344)")
            }
            let rank = word(40)
            guard (1...7).contains(rank) else { throw damaged("it has \(rank) axes (byte 40)") }
            var shape = (1...rank).map { word(40 + 2 * $0) }
            guard shape.allSatisfy({ $0 > 0 }) else { throw damaged("its extents are \(shape) (byte 42)") }
            while shape.count > 3, shape.last == 1 { shape.removeLast() }
            guard let type = Self.types[word(70)] else {
                throw ApusError(
                    .unsupported, in: place, "voxels of type \(word(70)) are not read (byte 70)",
                    remedy: "convert them to integers or floating-point numbers")
            }
            let offset = number(108)
            guard offset >= 348, offset < 0x1p30, let size = RawArray.byteCount(of: type, shape: shape) else {
                throw damaged("voxels of shape \(shape) begin at byte \(offset) (byte 108)")
            }
            (self.shape, self.type, start, byteCount) = (shape, type, Int(offset), size)
            (self.isBig, self.place) = (isBig, place)
            spacing = (1...shape.count).map { number(76 + 4 * $0).magnitude }
            let slope = number(112)
            scale = slope == 0 || !slope.isFinite ? (1, 0) : (slope, number(116))
        }

        func cut(_ available: Int) -> ApusError {
            ApusError(
                .format, in: place,
                "voxels of shape \(shape) and type \(type.rawValue) take \(byteCount) bytes, but \(available) follow "
                    + "(byte \(start))", remedy: "the file is cut short: copy it again")
        }

        /// Files hold the first axis fastest; arrays have the last one so.
        func volume(_ bytes: [UInt8]) throws(ApusError) -> Volume {
            let size = type.byteCount
            var target = [UInt8](repeating: 0, count: bytes.count)
            var strides = [Int](repeating: size, count: shape.count)
            for axis in (0..<shape.count - 1).reversed() { strides[axis] = strides[axis + 1] * shape[axis + 1] }
            var position = [Int](repeating: 0, count: shape.count)
            var offset = 0
            bytes.withUnsafeBufferPointer { source in
                target.withUnsafeMutableBufferPointer { target in
                    for start in stride(from: 0, to: source.count, by: size) {
                        for index in 0..<size {
                            target[offset + index] = source[start + (isBig ? size - 1 - index : index)]
                        }
                        for axis in position.indices {
                            position[axis] += 1
                            offset += strides[axis]
                            if position[axis] < shape[axis] { break }
                            offset -= strides[axis] * shape[axis]
                            position[axis] = 0
                        }
                    }
                }
            }
            return Volume(values: try RawArray(type, shape: shape, bytes: target), spacing: spacing, scale: scale)
        }
    }
}
