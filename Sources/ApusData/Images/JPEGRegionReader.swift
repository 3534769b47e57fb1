import ApusCore
import CImageCodecs

/// Decodes a part of a JPEG picture by libjpeg itself, which can skip what is beside it; TurboJPEG 2 can't.
struct JPEGRegionReader: @unchecked Sendable {
    private let functions: apus_jpeg_functions

    /// Nil where the library is missing or too old; then whole pictures are decoded, and parts cut out.
    private static let shared: JPEGRegionReader? = try? JPEGRegionReader()

    private init() throws(ApusError) {
        let library = try DynamicLibrary(
            "libjpeg", names: ["libjpeg.so.62", "libjpeg.so"], debian: "libjpeg62-turbo", homebrew: "jpeg-turbo")
        func function(_ name: String) throws(ApusError) -> UnsafeMutableRawPointer {
            try library.function(name, as: UnsafeMutableRawPointer.self)
        }
        functions = apus_jpeg_functions(
            standard_error: try function("jpeg_std_error"), create: try function("jpeg_CreateDecompress"),
            memory_source: try function("jpeg_mem_src"), read_header: try function("jpeg_read_header"),
            start: try function("jpeg_start_decompress"), crop: try function("jpeg_crop_scanline"),
            skip: try function("jpeg_skip_scanlines"), read: try function("jpeg_read_scanlines"),
            destroy: try function("jpeg_destroy_decompress"))
    }

    /// The part, or nil where the library can't give it.
    static func decode(
        _ bytes: [UInt8], _ part: ImageRegion, eighths: Int, channels: Int, place: String
    ) throws(ApusError) -> Image? {
        guard var functions = shared?.functions, let x = UInt32(exactly: part.x), let y = UInt32(exactly: part.y),
            let width = UInt32(exactly: part.width), let height = UInt32(exactly: part.height)
        else { return nil }
        var message = [CChar](repeating: 0, count: 200)
        var (status, warnings): (Int32, Int) = (0, 0)
        let count = part.width * part.height * channels
        let pixels = [UInt8](unsafeUninitializedCapacity: count) { target, initialized in
            status = bytes.withUnsafeBufferPointer { source in
                apus_jpeg_region(
                    &functions, source.baseAddress, source.count, Int32(eighths), x, y, width, height, Int32(channels),
                    target.baseAddress, &message, &warnings)
            }
            if status != 0 { target.initialize(repeating: 0) }
            initialized = count
        }
        if status == 1 { return nil }
        let text = String(decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        if status != 0 { throw JPEG.damaged(place, text, bytes) }
        // Bridged damage, or a file that is cut short: the other way tells them apart.
        return warnings > 0 ? nil : Image(trusted: pixels, width: part.width, height: part.height, channels: channels)
    }
}
