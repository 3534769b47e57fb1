// PNG pictures: writing them, and the chunks that both directions share.

import ApusCore

/// Reads and writes PNG pictures.
public enum PNG {
    package static let signature: [UInt8] = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]

    /// The bytes of a PNG file. Without zlib on the machine they are valid too, only not compressed.
    public static func encode(_ image: Image) -> [UInt8] {
        encode(image, deflate: { (bytes) throws(ApusError) in try Zlib.deflate(bytes) })
    }

    package static func encode(
        _ image: Image, deflate: ([UInt8]) throws(ApusError) -> [UInt8]
    ) -> [UInt8] {
        let line = image.width * image.channels
        var rows: [UInt8] = []
        rows.reserveCapacity(image.height * (line + 1))
        for y in 0..<image.height {
            rows.append(0)  // no filter
            rows += image.pixels[y * line..<(y + 1) * line]
        }
        var header: [UInt8] = []
        header.appendBig(UInt32(image.width))
        header.appendBig(UInt32(image.height))
        header += [8, image.channels == 1 ? 0 : image.channels == 3 ? 2 : 6, 0, 0, 0]
        var bytes = signature
        append("IHDR", header, to: &bytes)
        append("IDAT", (try? deflate(rows)) ?? stored(rows), to: &bytes)
        append("IEND", [], to: &bytes)
        return bytes
    }

    private static func append(_ type: String, _ content: [UInt8], to bytes: inout [UInt8]) {
        bytes.appendBig(UInt32(content.count))
        let start = bytes.count
        bytes += type.utf8
        bytes += content
        bytes.appendBig(CRC32.zip.checksum(bytes[start...]))
    }

    /// zlib data in blocks that are not compressed.
    private static func stored(_ bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = [0x78, 0x01]
        for start in stride(from: 0, to: bytes.count, by: 65_535) {
            let end = min(start + 65_535, bytes.count)
            result.append(end == bytes.count ? 1 : 0)
            result.appendLittle(UInt16(end - start))
            result.appendLittle(~UInt16(end - start))
            result += bytes[start..<end]
        }
        result.appendBig(adler32(bytes))
        return result
    }
}
