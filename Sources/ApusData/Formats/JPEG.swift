// JPEG pictures, by the TurboJPEG library that is loaded when it is first needed.

import ApusCore

/// Reads JPEG pictures.
public enum JPEG {
    /// Reads a picture: 1 channel if it is grey, 3 if it has colours. `place` stands in error messages.
    ///
    /// Damage that the decoder can bridge is let through; a file that is cut short is an error.
    public static func decode(_ bytes: [UInt8], place: String = "JPEG data") throws(ApusError) -> Image {
        let library = try TurboJPEG.shared.get()
        guard let decoder = library.initialize() else {
            throw ApusError(
                .resource, in: place, "the JPEG decoder can't be started", remedy: "free memory")
        }
        defer { _ = library.destroy(decoder) }
        var (width, height, sampling, colours): (Int32, Int32, Int32, Int32) = (0, 0, 0, 0)
        let status = bytes.withUnsafeBufferPointer {
            library.header(decoder, $0.baseAddress, UInt($0.count), &width, &height, &sampling, &colours)
        }
        guard status == 0 || width > 0 && height > 0 && library.bridged(decoder) else {
            throw damaged(place, library.message(decoder))
        }
        guard width > 0, height > 0, Int(width) <= Image.maximumPixels / Int(height) else {
            throw ApusError(
                .resource, in: place,
                "its size is \(width) x \(height), but \(Image.maximumPixels) pixels are the most allowed",
                remedy: "make the picture smaller with another program first")
        }
        // Eight by eight pixels take a bit at the very least, so a giant picture in a tiny file is made to fill memory.
        guard Int(width) * Int(height) / 4096 <= max(bytes.count, 1024) else {
            throw damaged(place, "\(bytes.count) bytes can't hold \(width) x \(height) pixels")
        }
        // TurboJPEG numbers the colour spaces: 2 is grey, 3 and 4 are those of printers.
        let printed = colours == 3 || colours == 4
        let channels = colours == 2 ? 1 : printed ? 4 : 3
        let format: Int32 = colours == 2 ? 6 : printed ? 11 : 0
        var pixels = [UInt8](repeating: 0, count: Int(width) * Int(height) * channels)
        let decoded = bytes.withUnsafeBufferPointer { source in
            pixels.withUnsafeMutableBufferPointer { target in
                library.decompress(
                    decoder, source.baseAddress, UInt(source.count), target.baseAddress, width, 0, height, format,
                    TurboJPEG.limitScans)
            }
        }
        guard decoded == 0 || library.bridged(decoder) else { throw damaged(place, library.message(decoder)) }
        if printed { pixels = colorsOfPrint(pixels) }
        return try Image(width: Int(width), height: Int(height), channels: printed ? 3 : channels, pixels: pixels)
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

    private static func damaged(_ place: String, _ message: String) -> ApusError {
        ApusError(
            .format, in: place, "it can't be decoded: \(message)",
            remedy: "the picture is damaged or cut short: copy or save it again")
    }
}

/// The functions of TurboJPEG that are used.
private struct TurboJPEG: Sendable {
    typealias Bytes = UnsafePointer<UInt8>
    typealias Number = UnsafeMutablePointer<Int32>
    typealias Decoder = UnsafeMutableRawPointer
    typealias Initialize = @convention(c) @Sendable () -> Decoder?
    typealias Header =
        @convention(c) @Sendable (Decoder, Bytes?, UInt, Number, Number, Number, Number) -> Int32
    typealias Decompress =
        @convention(c) @Sendable (
            Decoder, Bytes?, UInt, UnsafeMutablePointer<UInt8>?, Int32, Int32, Int32, Int32, Int32
        ) -> Int32
    typealias Query = @convention(c) @Sendable (Decoder) -> Int32
    typealias Text = @convention(c) @Sendable (Decoder) -> UnsafePointer<CChar>?

    let initialize: Initialize
    let header: Header
    let decompress: Decompress
    let destroy: Query
    let errorText: Text

    /// Stops files whose many scans over the picture are made to take hours.
    static let limitScans: Int32 = 32_768

    static let shared = Result { () throws(ApusError) in try TurboJPEG() }

    private init() throws(ApusError) {
        let library = try DynamicLibrary(
            "TurboJPEG",
            names: [
                "libturbojpeg.so.0", "libturbojpeg.so", "/opt/homebrew/opt/jpeg-turbo/lib/libturbojpeg.dylib",
                "/usr/local/opt/jpeg-turbo/lib/libturbojpeg.dylib",
            ], debian: "libturbojpeg0", homebrew: "jpeg-turbo")
        initialize = try library.function("tjInitDecompress", as: Initialize.self)
        header = try library.function("tjDecompressHeader3", as: Header.self)
        decompress = try library.function("tjDecompress2", as: Decompress.self)
        destroy = try library.function("tjDestroy", as: Query.self)
        errorText = try library.function("tjGetErrorStr2", as: Text.self)
    }

    /// Whether the decoder went on after the last thing that it complained about. The library's own error code does
    /// not say: once there was a warning, it calls everything that follows a warning.
    func bridged(_ decoder: Decoder) -> Bool { message(decoder).hasPrefix("Corrupt JPEG data: ") }

    func message(_ decoder: Decoder) -> String {
        errorText(decoder).map { String(cString: $0) } ?? "no reason given"
    }
}
