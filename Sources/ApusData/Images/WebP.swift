import ApusCore

/// Reads WebP pictures, by the WebP library that is loaded when it is first needed.
public enum WebP {
    /// Reads a picture: 3 channels, or 4 with opacity. `place` stands in error messages.
    public static func decode(_ bytes: [UInt8], place: String = "WebP data") throws(ApusError) -> Image {
        let library = try WebPLibrary.shared.get()
        var features = WebPLibrary.Features()
        let status = bytes.withUnsafeBufferPointer { source in
            library.features(source.baseAddress, source.count, &features, WebPLibrary.version)
        }
        guard status == 0 else {
            throw Image.damaged(place, "its header makes no sense (byte 0, WebP error \(status))")
        }
        guard features.isAnimated == 0 else {
            throw ApusError(
                .unsupported, in: place, "it is an animation (byte 20)", remedy: "save its first frame as PNG")
        }
        let (width, height) = (Int(features.width), Int(features.height))
        try Image.check(width: width, height: height, bytes: bytes.count, place: place)
        let channels = features.hasOpacity == 0 ? 3 : 4
        let decode = channels == 3 ? library.decode : library.decodeWithOpacity
        var pixels = [UInt8](repeating: 0, count: width * height * channels)
        let result = bytes.withUnsafeBufferPointer { source in
            pixels.withUnsafeMutableBufferPointer { target in
                decode(source.baseAddress, source.count, target.baseAddress, target.count, Int32(width * channels))
            }
        }
        guard result != nil else {
            throw Image.damaged(place, "its pixels can't be decoded (somewhere before byte \(bytes.count))")
        }
        return Image(trusted: pixels, width: width, height: height, channels: channels)
    }
}

/// The functions of libwebp that are used.
private struct WebPLibrary: Sendable {
    /// What the header says.
    struct Features {
        var width: Int32 = 0, height: Int32 = 0
        var hasOpacity: Int32 = 0, isAnimated: Int32 = 0
        var format: Int32 = 0
        var room: (Int32, Int32, Int32, Int32, Int32) = (0, 0, 0, 0, 0)
    }

    typealias Bytes = UnsafePointer<UInt8>?
    typealias GetFeatures = @convention(c) @Sendable (Bytes, Int, UnsafeMutableRawPointer, Int32) -> Int32
    typealias Decode =
        @convention(c) @Sendable (Bytes, Int, UnsafeMutablePointer<UInt8>?, Int, Int32) -> UnsafeMutablePointer<UInt8>?

    let features: GetFeatures
    let decode: Decode
    let decodeWithOpacity: Decode

    /// The version of the interface, of which the library compares the first half.
    static let version: Int32 = 0x0209

    static let shared = Result { () throws(ApusError) in try WebPLibrary() }

    private init() throws(ApusError) {
        let library = try DynamicLibrary(
            "WebP",
            names: [
                "libwebp.so.7", "libwebp.so", "/opt/homebrew/opt/webp/lib/libwebp.dylib",
                "/usr/local/opt/webp/lib/libwebp.dylib",
            ], debian: "libwebp7", homebrew: "webp")
        features = try library.function("WebPGetFeaturesInternal", as: GetFeatures.self)
        decode = try library.function("WebPDecodeRGBInto", as: Decode.self)
        decodeWithOpacity = try library.function("WebPDecodeRGBAInto", as: Decode.self)
    }
}
