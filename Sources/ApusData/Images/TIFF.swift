import ApusCore

/// Reads TIFF pictures, by the TIFF library that is loaded when it is first needed.
public enum TIFF {
    /// Reads the first picture of a file: 1 channel if it is grey, 3 if it has colours, 4 with opacity. Values of more
    /// than 8 bits are scaled. `place` stands in error messages.
    public static func decode(_ bytes: [UInt8], place: String = "TIFF data") throws(ApusError) -> Image {
        let header = try Header(bytes, place: place)
        let (width, height) = (header.width, header.height)
        try Image.check(
            width: width, height: height, bytes: bytes.count, perByte: header.pixelsPerByte, place: place)
        let library = try TIFFLibrary.shared.get()
        var raster = [UInt32](repeating: 0, count: width * height)
        let decoded = bytes.withUnsafeBytes { source in
            raster.withUnsafeMutableBufferPointer { target in
                // The library may not take more than the picture and the file need.
                library.read(
                    source, into: target, width, height, memory: 16 * width * height + 4 * source.count + 1 << 20)
            }
        }
        guard decoded else {
            throw Image.damaged(place, "its pixels can't be decoded (directory at byte \(header.directory))")
        }
        let channels = header.isGray ? 1 : header.hasOpacity ? 4 : 3
        var pixels: [UInt8] = []
        pixels.reserveCapacity(raster.count * channels)
        for word in raster {
            for channel in 0..<channels { pixels.append(UInt8(truncatingIfNeeded: word >> UInt32(8 * channel))) }
        }
        return Image(trusted: pixels, width: width, height: height, channels: channels)
    }

    /// What the first directory says.
    private struct Header {
        let width: Int, height: Int
        let isGray: Bool, hasOpacity: Bool
        /// Where the directory is.
        let directory: Int
        /// How many pixels a byte of the file holds at the very best, by its compression.
        let pixelsPerByte: Int

        init(_ bytes: [UInt8], place: String) throws(ApusError) {
            let big = bytes.first == 0x4d
            var reader = ByteReader(bytes, at: min(4, bytes.count))
            func word(_ reader: inout ByteReader) -> Int? {
                reader.integer(UInt16.self, bigEndian: big).map(Int.init)
            }
            func long(_ reader: inout ByteReader) -> Int? {
                reader.integer(UInt32.self, bigEndian: big).map(Int.init)
            }
            let marks: [[UInt8]] = [[0x49, 0x49, 42, 0], [0x4d, 0x4d, 0, 42]]
            guard marks.contains(Array(bytes.prefix(4))) else {
                throw Image.damaged(place, "it does not begin with II and 42, or MM and 42 (byte 0)")
            }
            guard let start = long(&reader), start >= 8, start < bytes.count else {
                throw Image.damaged(place, "its directory is not in the file (byte 4)")
            }
            reader.offset = start
            var (values, counts): ([Int: Int], [Int: Int]) = ([:], [:])
            for entry in 0..<(word(&reader) ?? 0) {
                let position = reader.offset
                guard let tag = word(&reader), let type = word(&reader), let count = long(&reader) else {
                    throw Image.damaged(place, "it ends in entry \(entry) of its directory (byte \(position))")
                }
                let value = type == 3 ? word(&reader) : long(&reader)
                // The library writes by its own idea of the size, without a look at the room: both must agree.
                if tag == 256 || tag == 257, values[tag] != nil || count != 1 || !(3...4).contains(type) {
                    throw Image.damaged(place, "its size is not one number (byte \(position))")
                }
                if let value, count >= 1, values[tag] == nil { (values[tag], counts[tag]) = (value, count) }
                reader.offset = position + 12
                guard reader.remaining >= 0 else {
                    throw Image.damaged(place, "it ends in entry \(entry) of its directory (byte \(position))")
                }
            }
            guard let width = values[256], let height = values[257] else {
                throw Image.damaged(place, "its directory names no size (byte \(start))")
            }
            (self.width, self.height, directory) = (width, height, start)
            isGray = values[262].map { $0 <= 1 } ?? false && values[277] ?? 1 == 1
            hasOpacity = values[338] == 1 || values[338] == 2
            // Bits of one value of a pixel; several values have theirs somewhere else in the file, of 8 bits or more.
            let isSubsampled = values[262] == 6
            let bits = counts[258] ?? 1 > 1 ? 8 * (isSubsampled ? 1 : values[277] ?? 1) : values[258] ?? 1
            pixelsPerByte = Self.expansion(values[259] ?? 1).map { max(1, 8 * $0 / max(1, bits)) } ?? 4096
        }

        /// The bytes that one byte becomes at the very best; nil where the coding knows no bound that matters.
        private static func expansion(_ compression: Int) -> Int? {
            switch compression {
            case 1: 1
            case 32_773: 64  // A run of 128 bytes takes two.
            case 5: 4096 * 8 / 12  // A code of 12 bits stands for 4,096 bytes at most.
            case 8, 32_946: 1032
            default: nil
            }
        }
    }
}

/// A file in memory that the library reads.
private struct TIFFInput {
    let base: UnsafeRawPointer?
    let count: Int
    var position = 0
}

/// The functions of libtiff that are used.
private struct TIFFLibrary: Sendable {
    typealias Handle = UnsafeMutableRawPointer
    typealias Transfer = @convention(c) (Handle?, UnsafeMutableRawPointer?, Int) -> Int
    typealias Seek = @convention(c) (Handle?, UInt64, Int32) -> UInt64
    typealias Close = @convention(c) (Handle?) -> Int32
    typealias Size = @convention(c) (Handle?) -> UInt64
    typealias Map =
        @convention(c) (
            Handle?, UnsafeMutablePointer<UnsafeMutableRawPointer?>?, UnsafeMutablePointer<UInt64>?
        ) -> Int32
    typealias Unmap = @convention(c) (Handle?, UnsafeMutableRawPointer?, UInt64) -> Void
    typealias Text = UnsafePointer<CChar>
    typealias Open =
        @convention(c) @Sendable (Text, Text, Handle?, Transfer, Transfer, Seek, Close, Size, Map, Unmap) -> Handle?
    typealias OpenLimited =
        @convention(c) @Sendable (
            Text, Text, Handle?, Transfer, Transfer, Seek, Close, Size, Map, Unmap, Handle?
        ) -> Handle?
    typealias ReadPixels =
        @convention(c) @Sendable (Handle, UInt32, UInt32, UnsafeMutablePointer<UInt32>?, Int32, Int32) -> Int32
    typealias Make = @convention(c) @Sendable () -> Handle?
    typealias Release = @convention(c) @Sendable (Handle?) -> Void
    typealias SetLimit = @convention(c) @Sendable (Handle?, Int) -> Void
    typealias SetHandler = @convention(c) @Sendable (Handle?) -> Handle?

    let open: Open
    let readPixels: ReadPixels
    let close: Release
    /// From version 4.5 on, memory can be limited.
    let limited: (open: OpenLimited, make: Make, limit: SetLimit, release: Release)?

    static let shared = Result { () throws(ApusError) in try TIFFLibrary() }

    private init() throws(ApusError) {
        let library = try DynamicLibrary(
            "TIFF",
            names: [
                "libtiff.so.6", "libtiff.so.5", "libtiff.so", "/opt/homebrew/opt/libtiff/lib/libtiff.dylib",
                "/usr/local/opt/libtiff/lib/libtiff.dylib",
            ], debian: "libtiff6", homebrew: "libtiff")
        open = try library.function("TIFFClientOpen", as: Open.self)
        readPixels = try library.function("TIFFReadRGBAImageOriented", as: ReadPixels.self)
        close = try library.function("TIFFClose", as: Release.self)
        if let open = try? library.function("TIFFClientOpenExt", as: OpenLimited.self),
            let make = try? library.function("TIFFOpenOptionsAlloc", as: Make.self),
            let limit = try? library.function("TIFFOpenOptionsSetMaxSingleMemAlloc", as: SetLimit.self),
            let release = try? library.function("TIFFOpenOptionsFree", as: Release.self)
        {
            limited = (open, make, limit, release)
        } else {
            limited = nil
        }
        // By default it prints on standard error.
        for name in ["TIFFSetErrorHandler", "TIFFSetWarningHandler"] {
            _ = try library.function(name, as: SetHandler.self)(nil)
        }
    }

    /// Decodes the first picture as red, green, blue, opacity from the upper left corner on.
    func read(
        _ source: UnsafeRawBufferPointer, into target: UnsafeMutableBufferPointer<UInt32>, _ width: Int, _ height: Int,
        memory: Int
    ) -> Bool {
        var input = TIFFInput(base: source.baseAddress, count: source.count)
        return withUnsafeMutablePointer(to: &input) { pointer in
            let handle = UnsafeMutableRawPointer(pointer)
            let file: Handle?
            if let limited {
                let options = limited.make()
                limited.limit(options, memory)
                file = limited.open(
                    "picture", "r", handle, readBytes, refuseBytes, seekBytes, closeBytes, sizeOfBytes, mapBytes,
                    unmapBytes, options)
                limited.release(options)
            } else {
                file = open(
                    "picture", "r", handle, readBytes, refuseBytes, seekBytes, closeBytes, sizeOfBytes, mapBytes,
                    unmapBytes)
            }
            guard let file else { return false }
            defer { close(file) }
            return readPixels(file, UInt32(width), UInt32(height), target.baseAddress, 1, 1) != 0
        }
    }
}

private func input(_ handle: UnsafeMutableRawPointer?) -> UnsafeMutablePointer<TIFFInput>? {
    handle?.assumingMemoryBound(to: TIFFInput.self)
}

private let readBytes: TIFFLibrary.Transfer = { handle, target, count in
    guard let input = input(handle), let target, let base = input.pointee.base, count > 0 else { return 0 }
    let length = min(count, max(0, input.pointee.count - input.pointee.position))
    if length > 0 { target.copyMemory(from: base + input.pointee.position, byteCount: length) }
    input.pointee.position += length
    return length
}

private let refuseBytes: TIFFLibrary.Transfer = { _, _, _ in -1 }

private let seekBytes: TIFFLibrary.Seek = { handle, offset, origin in
    guard let input = input(handle) else { return .max }
    let step = Int(Int64(bitPattern: offset))
    let start = origin == 0 ? 0 : origin == 1 ? input.pointee.position : input.pointee.count
    let (position, overflow) = start.addingReportingOverflow(step)
    guard !overflow, position >= 0 else { return .max }
    input.pointee.position = position
    return UInt64(position)
}

private let closeBytes: TIFFLibrary.Close = { _ in 0 }

private let sizeOfBytes: TIFFLibrary.Size = { handle in UInt64(input(handle)?.pointee.count ?? 0) }

private let mapBytes: TIFFLibrary.Map = { handle, base, size in
    guard let input = input(handle), let base, let size else { return 0 }
    base.pointee = UnsafeMutableRawPointer(mutating: input.pointee.base)
    size.pointee = UInt64(input.pointee.count)
    return 1
}

private let unmapBytes: TIFFLibrary.Unmap = { _, _, _ in }
