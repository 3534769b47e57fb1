// A picture in memory, and the way from and to files.

import ApusCore

/// A picture: rows of pixels with 1 (grey), 3 (red, green, blue) or 4 (and opacity) values from 0 to 255 each.
///
///     let photo = try Image(path: "cat.jpg").resized(width: 224, height: 224)
public struct Image: Sendable, Equatable {
    /// The most pixels that are read from a file.
    public static let maximumPixels = 100_000_000

    /// Pixels per row.
    public let width: Int
    /// Rows.
    public let height: Int
    /// Values per pixel: 1, 3 or 4.
    public let channels: Int
    /// The values: row by row, pixel by pixel, channel by channel.
    public let pixels: [UInt8]

    /// A picture of pixels that are there.
    public init(width: Int, height: Int, channels: Int, pixels: [UInt8]) throws(ApusError) {
        guard width > 0, height > 0, [1, 3, 4].contains(channels) else {
            throw ApusError(
                .shape, in: "image", "width \(width), height \(height) and \(channels) channels make no picture",
                remedy: "give positive sizes and 1, 3 or 4 channels")
        }
        let size = RawArray.byteCount(of: .uint8, shape: [height, width, channels])
        guard size == pixels.count else {
            throw ApusError(
                .shape, in: "image",
                "\(width) x \(height) pixels of \(channels) channels don't match \(pixels.count) values",
                remedy: "give width * height * channels values")
        }
        (self.width, self.height, self.channels, self.pixels) = (width, height, channels, pixels)
    }

    /// Reads a picture file (PNG, JPEG, BMP, GIF, PNM, TIFF, WebP or TGA); which one its first bytes tell. Of those that
    /// hold several pictures the first is read.
    ///
    /// Photographs are turned upright as their camera noted, unless `upright` is false.
    ///
    /// - Throws: an `ApusError` with the path and what is wrong, or with the package to install where the library is
    ///   missing that JPEG, TIFF or WebP files need
    public init(path: String, upright: Bool = true) throws(ApusError) {
        let source = try ByteSource(path: path, kind: "image file")
        self = try Image(decoding: try source.bytes(), place: source.place, upright: upright)
    }

    /// Reads a picture file that is in memory; `place` stands in error messages.
    public init(decoding bytes: [UInt8], place: String = "image data", upright: Bool = true) throws(ApusError) {
        switch ImageFormat(detecting: bytes) {
        case .png: self = try PNG.decode(bytes, place: place)
        case .jpeg:
            let image = try JPEG.decode(bytes, place: place)
            self = upright ? image.turned(by: JPEG.orientation(bytes)) : image
        case .bmp: self = try BMP.decode(bytes, place: place)
        case .gif: self = try GIF.decode(bytes, place: place)
        case .pnm: self = try PNM.decode(bytes, place: place)
        case .tiff: self = try TIFF.decode(bytes, place: place)
        case .webp: self = try WebP.decode(bytes, place: place)
        case .tga: self = try TGA.decode(bytes, place: place)
        case nil:
            let start = bytes.prefix(4).map { String($0, radix: 16) }.joined(separator: " ")
            throw ApusError(
                .unsupported, in: place,
                bytes.isEmpty
                    ? "it is empty (byte 0)" : "no kind of picture file begins with the bytes \(start) (byte 0)",
                remedy: "convert it to PNG or JPEG")
        }
    }

    /// Writes a JPEG file if the path ends in `.jpg` or `.jpeg`, else a PNG file.
    ///
    /// - Parameter quality: of JPEG files, 1 (small) to 100
    public func write(to path: String, quality: Int = 90) throws(ApusError) {
        let isJPEG = ImageFormat(path: path) == .jpeg
        try AtomicFile.write(isJPEG ? try JPEG.encode(self, quality: quality) : PNG.encode(self), to: path)
    }

    /// The picture as an array of shape `[height, width, channels]`.
    public func array() throws(ApusError) -> RawArray {
        try RawArray(.uint8, shape: [height, width, channels], bytes: pixels)
    }

    /// Other values, in another number of channels, of the same pixels.
    func withPixels(_ pixels: [UInt8], channels: Int) -> Image {
        Image(trusted: pixels, width: width, height: height, channels: channels)
    }

    /// A picture whose values are known to be as many as they should be.
    package init(trusted pixels: [UInt8], width: Int, height: Int, channels: Int) {
        assert(pixels.count == width * height * channels)
        (self.width, self.height, self.channels, self.pixels) = (width, height, channels, pixels)
    }
}
