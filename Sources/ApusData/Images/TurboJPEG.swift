import ApusCore

/// The functions of TurboJPEG that are used.
struct TurboJPEG: Sendable {
    typealias Bytes = UnsafePointer<UInt8>
    typealias Number = UnsafeMutablePointer<Int32>
    typealias Codec = UnsafeMutableRawPointer
    typealias Initialize = @convention(c) @Sendable () -> Codec?
    typealias Header = @convention(c) @Sendable (Codec, Bytes?, UInt, Number, Number, Number, Number) -> Int32
    typealias Decompress =
        @convention(c) @Sendable (
            Codec, Bytes?, UInt, UnsafeMutablePointer<UInt8>?, Int32, Int32, Int32, Int32, Int32
        ) -> Int32
    typealias Compress =
        @convention(c) @Sendable (
            Codec, Bytes?, Int32, Int32, Int32, Int32, UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>,
            UnsafeMutablePointer<UInt>, Int32, Int32, Int32
        ) -> Int32
    typealias Query = @convention(c) @Sendable (Codec) -> Int32
    typealias Text = @convention(c) @Sendable (Codec) -> UnsafePointer<CChar>?
    typealias Free = @convention(c) @Sendable (UnsafeMutablePointer<UInt8>?) -> Void

    let initialize: Initialize
    let header: Header
    let decompress: Decompress
    let initializeWriting: Initialize
    let compress: Compress
    let free: Free
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
        initializeWriting = try library.function("tjInitCompress", as: Initialize.self)
        compress = try library.function("tjCompress2", as: Compress.self)
        free = try library.function("tjFree", as: Free.self)
        destroy = try library.function("tjDestroy", as: Query.self)
        errorText = try library.function("tjGetErrorStr2", as: Text.self)
    }

    /// Whether the decoder went on after the last thing that it complained about. The library's own error code does
    /// not say: once there was a warning, it calls everything that follows a warning.
    func bridged(_ decoder: Codec) -> Bool { message(decoder).hasPrefix("Corrupt JPEG data: ") }

    func message(_ decoder: Codec) -> String {
        errorText(decoder).map { String(cString: $0) } ?? "no reason given"
    }
}
