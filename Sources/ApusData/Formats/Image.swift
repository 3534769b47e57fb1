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

    /// Reads a PNG or JPEG file; which one its first bytes tell.
    ///
    /// Photographs are turned upright as their camera noted, unless `upright` is false.
    public init(path: String, upright: Bool = true) throws(ApusError) {
        let source = try ByteSource(path: path, kind: "image file")
        self = try Image(decoding: try source.bytes(), place: source.place, upright: upright)
    }

    /// Reads a PNG or JPEG file that is in memory; `place` stands in error messages.
    public init(decoding bytes: [UInt8], place: String = "image data", upright: Bool = true) throws(ApusError) {
        if bytes.starts(with: PNG.signature) {
            self = try PNG.decode(bytes, place: place)
        } else if bytes.starts(with: [0xff, 0xd8]) {
            let image = try JPEG.decode(bytes, place: place)
            self = upright ? image.turned(by: JPEG.orientation(bytes)) : image
        } else {
            let start = bytes.prefix(4).map { String($0, radix: 16) }.joined(separator: " ")
            throw ApusError(
                .unsupported, in: place,
                bytes.isEmpty ? "it is empty" : "it is neither PNG nor JPEG: it begins with the bytes \(start)",
                remedy: "convert it to PNG or JPEG")
        }
    }

    /// Writes a PNG file.
    public func write(to path: String) throws(ApusError) {
        try AtomicFile.write(PNG.encode(self), to: path)
    }

    /// The picture as an array of shape `[height, width, channels]`.
    public func array() throws(ApusError) -> RawArray {
        try RawArray(.uint8, shape: [height, width, channels], bytes: pixels)
    }

    /// A picture whose values are known to be as many as they should be.
    package init(trusted pixels: [UInt8], width: Int, height: Int, channels: Int) {
        assert(pixels.count == width * height * channels)
        (self.width, self.height, self.channels, self.pixels) = (width, height, channels, pixels)
    }
}
