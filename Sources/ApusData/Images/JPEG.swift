// JPEG pictures, by the TurboJPEG library that is loaded when it is first needed.

import ApusCore

/// Reads and writes JPEG pictures.
public enum JPEG {
    /// Reads a picture: 1 channel if it is grey, 3 if it has colours. `place` stands in error messages.
    ///
    /// Damage that the decoder can bridge is let through; a file that is cut short is an error.
    ///
    /// - Parameters:
    ///   - region: the part to read, in pixels of the whole picture; nil for all of it
    ///   - least: sizes that the result must have at least: pictures are decoded at half, a quarter or an eighth of their
    ///     size if that is enough. The edges of a part then lie on whole pixels of the smaller picture.
    public static func decode(
        _ bytes: [UInt8], place: String = "JPEG data", region: ImageRegion? = nil,
        atLeast least: (width: Int, height: Int)? = nil
    ) throws(ApusError) -> Image {
        let library = try TurboJPEG.shared.get()
        guard let decoder = library.initialize() else {
            throw ApusError(.resource, in: place, "the JPEG decoder can't be started", remedy: "free memory")
        }
        defer { _ = library.destroy(decoder) }
        let header = try header(bytes, library, decoder, place: place)
        let whole = ImageRegion(x: 0, y: 0, width: header.width, height: header.height)
        let part = region ?? whole
        guard part.isInside(header.width, header.height) else {
            throw ApusError(
                .value, in: place, "\(part) are not all in the picture of \(header.width) x \(header.height)",
                remedy: "crop inside the picture")
        }
        let eighths = eighths(of: part, atLeast: least)
        func scaled(_ size: Int) -> Int { (size * eighths + 7) / 8 }
        let (width, height) = (scaled(header.width), scaled(header.height))
        var scaledPart = ImageRegion(x: part.x * eighths / 8, y: part.y * eighths / 8, width: 0, height: 0)
        scaledPart.width = max(1, min(width, scaled(part.x + part.width)) - scaledPart.x)
        scaledPart.height = max(1, min(height, scaled(part.y + part.height)) - scaledPart.y)
        let printed = header.colours == 3 || header.colours == 4
        if part != whole && header.isSequential || header.isOddlySampled,
            let image = try JPEGRegionReader.decode(
                bytes, scaledPart, eighths: eighths, channels: header.colours == 2 ? 1 : printed ? 4 : 3, place: place)
        {
            return printed ? image.withPixels(colorsOfPrint(image.pixels), channels: 3) : image
        }
        // TurboJPEG numbers the colour spaces: 2 is grey, 3 and 4 are those of printers.
        let channels = header.colours == 2 ? 1 : printed ? 4 : 3
        let format: Int32 = header.colours == 2 ? 6 : printed ? 11 : 0
        var decoded: Int32 = 0
        var pixels = [UInt8](unsafeUninitializedCapacity: width * height * channels) { target, initialized in
            // Of a file that is cut short the decoder leaves rows untouched.
            if header.isSequential { target.initialize(repeating: 0) }
            decoded = bytes.withUnsafeBufferPointer { source in
                library.decompress(
                    decoder, source.baseAddress, UInt(source.count), target.baseAddress, Int32(width), 0,
                    Int32(height), format, TurboJPEG.limitScans)
            }
            initialized = width * height * channels
        }
        guard decoded == 0 || library.bridged(decoder) && hasEnd(bytes) else {
            throw damaged(place, library.message(decoder), bytes)
        }
        if printed { pixels = colorsOfPrint(pixels) }
        let image = Image(trusted: pixels, width: width, height: height, channels: printed ? 3 : channels)
        if part == whole { return image }
        return try image.cropped(
            x: scaledPart.x, y: scaledPart.y, width: scaledPart.width, height: scaledPart.height)
    }

    /// The size that a picture declares, as it is stored: not turned upright.
    public static func size(
        of bytes: [UInt8], place: String = "JPEG data"
    ) throws(ApusError) -> (width: Int, height: Int) {
        let library = try TurboJPEG.shared.get()
        guard let decoder = library.initialize() else {
            throw ApusError(.resource, in: place, "the JPEG decoder can't be started", remedy: "free memory")
        }
        defer { _ = library.destroy(decoder) }
        let header = try header(bytes, library, decoder, place: place)
        return (header.width, header.height)
    }

    /// The bytes of a JPEG file, of 1 (grey) or 3 channels; opacity is dropped.
    ///
    /// - Parameter quality: 1 (small) to 100 (nearly as it was)
    public static func encode(_ image: Image, quality: Int = 90) throws(ApusError) -> [UInt8] {
        let place = "JPEG encoder"
        guard (1...100).contains(quality) else {
            throw ApusError(.value, in: place, "a quality of \(quality)", remedy: "use 1 to 100")
        }
        guard image.width <= 65_500, image.height <= 65_500 else {
            throw ApusError(
                .value, in: place, "a picture of \(image.width) x \(image.height)",
                remedy: "the format has 65500 rows and columns at most: make it smaller, or write PNG")
        }
        let library = try TurboJPEG.shared.get()
        guard let encoder = library.initializeWriting() else {
            throw ApusError(.resource, in: place, "the JPEG encoder can't be started", remedy: "free memory")
        }
        defer { _ = library.destroy(encoder) }
        let format: Int32 = image.channels == 1 ? 6 : image.channels == 3 ? 0 : 7
        // 3 stands for grey; above a quality of 90 colours keep their full resolution.
        let sampling: Int32 = image.channels == 1 ? 3 : quality > 90 ? 0 : 2
        var (buffer, size): (UnsafeMutablePointer<UInt8>?, UInt) = (nil, 0)
        let status = image.pixels.withUnsafeBufferPointer {
            library.compress(
                encoder, $0.baseAddress, Int32(image.width), 0, Int32(image.height), format, &buffer, &size, sampling,
                Int32(quality), 0)
        }
        defer { library.free(buffer) }
        guard status == 0, let buffer else {
            throw ApusError(.resource, in: place, library.message(encoder), remedy: "free memory")
        }
        return [UInt8](UnsafeBufferPointer(start: buffer, count: Int(size)))
    }

    private struct Header {
        let width: Int, height: Int
        /// TurboJPEG's number of the colour space.
        let colours: Int32
        /// Whether the file holds the picture once, from top to bottom.
        let isSequential: Bool
        let isOddlySampled: Bool
    }

    private static func header(
        _ bytes: [UInt8], _ library: TurboJPEG, _ decoder: TurboJPEG.Codec, place: String
    ) throws(ApusError) -> Header {
        var (width, height, sampling, colours): (Int32, Int32, Int32, Int32) = (0, 0, 0, 0)
        let status = bytes.withUnsafeBufferPointer {
            library.header(decoder, $0.baseAddress, UInt($0.count), &width, &height, &sampling, &colours)
        }
        // The library itself reads more ways of leaving out colours than its header function knows.
        let isOddlySampled = status != 0 && library.message(decoder).contains("subsampling") && colours >= 0
        guard status == 0 || width > 0 && height > 0 && (library.bridged(decoder) || isOddlySampled) else {
            throw damaged(place, library.message(decoder), bytes)
        }
        try Image.check(width: Int(width), height: Int(height), bytes: bytes.count, place: place)
        // A block of eight by eight pixels takes a bit at the very least, except where numbers are coded as one fraction.
        if marker(bytes, [0xffc0, 0xffc1, 0xffc2]) != nil {
            func whole(_ size: Int32) -> Int { (Int(size) + 7) / 8 * 8 }
            try Image.check(
                width: whole(width), height: whole(height), bytes: bytes.count, perByte: 512, place: place)
        }
        return Header(
            width: Int(width), height: Int(height), colours: colours, isSequential: isSequential(bytes),
            isOddlySampled: isOddlySampled)
    }

    /// The first marker of those asked for, and where it is; nil if pixels or the end come first.
    private static func marker(_ bytes: [UInt8], _ wanted: Set<Int>) -> (code: Int, offset: Int)? {
        var reader = ByteReader(bytes, at: min(2, bytes.count))
        while let marker = reader.big16() {
            if wanted.contains(marker) { return (marker, reader.offset - 2) }
            guard marker > 0xff01, marker != 0xffda, let length = reader.big16(), reader.take(length - 2) != nil else {
                return nil
            }
        }
        return nil
    }

    /// Whether the picture is stored once, from top to bottom.
    private static func isSequential(_ bytes: [UInt8]) -> Bool {
        guard let frame = marker(bytes, [0xffc0, 0xffc1, 0xffc2]) else { return false }
        return frame.code != 0xffc2
    }

    /// Whether the pixels are followed by the mark of the end.
    private static func hasEnd(_ bytes: [UInt8]) -> Bool {
        guard let scan = marker(bytes, [0xffda]) else { return true }
        return bytes.indices.dropFirst(scan.offset + 1).contains { bytes[$0 - 1] == 0xff && bytes[$0] == 0xd9 }
    }

    /// The least number of eighths of a picture's size (1, 2, 4 or 8) that leaves enough of a part.
    private static func eighths(of part: ImageRegion, atLeast least: (width: Int, height: Int)?) -> Int {
        guard let least else { return 8 }
        return [1, 2, 4].first { part.width * $0 / 8 >= least.width && part.height * $0 / 8 >= least.height } ?? 8
    }

    /// How the camera was held: 1 (upright) to 8, as the Exif block at the start of a file says; 1 if it says nothing.
    package static func orientation(_ bytes: [UInt8]) -> Int {
        var reader = ByteReader(bytes, at: min(2, bytes.count))
        while let marker = reader.big16(), marker >= 0xffe0 || marker == 0xffdb, let length = reader.big16(),
            let content = reader.take(length - 2)
        {
            guard marker == 0xffe1, content.starts(with: "Exif\0\0".utf8) else { continue }
            return orientation(inExif: [UInt8](content.dropFirst(6))) ?? 1
        }
        return 1
    }

    private static func orientation(inExif bytes: [UInt8]) -> Int? {
        guard bytes.starts(with: "II".utf8) || bytes.starts(with: "MM".utf8) else { return nil }
        let big = bytes[0] == UInt8(ascii: "M")
        var reader = ByteReader(bytes, at: 4)
        guard let start = reader.integer(UInt32.self, bigEndian: big), start <= bytes.count else { return nil }
        reader.offset = Int(start)
        guard let count = reader.integer(UInt16.self, bigEndian: big) else { return nil }
        for _ in 0..<count {
            guard let tag = reader.integer(UInt16.self, bigEndian: big), reader.take(6) != nil,
                let value = reader.integer(UInt16.self, bigEndian: big), reader.take(2) != nil
            else { return nil }
            if tag == 0x112 { return Int(value) }
        }
        return nil
    }

    /// Inks (which such files hold inverted) as light.
    private static func colorsOfPrint(_ inks: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(inks.count / 4 * 3)
        for start in stride(from: 0, to: inks.count, by: 4) {
            let black = Int(inks[start + 3])
            for ink in inks[start..<start + 3] { result.append(UInt8((Int(ink) * black + 127) / 255)) }
        }
        return result
    }

    /// What the decoder says, which names no place, with the last part that is whole.
    static func damaged(_ place: String, _ message: String, _ bytes: [UInt8]) -> ApusError {
        var offset = 2
        // Marker, length and content, up to the scan.
        while offset + 4 <= bytes.count, bytes[offset] == 0xff, bytes[offset + 1] != 0xda {
            let length = Int(bytes[offset + 2]) << 8 | Int(bytes[offset + 3])
            guard length >= 2, offset + 2 + length <= bytes.count else { break }
            offset += 2 + length
        }
        return Image.damaged(
            place, "it can't be decoded: \(message) (near byte \(min(offset, bytes.count)))")
    }
}
