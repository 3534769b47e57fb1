import ApusCore

/// Reads the portable bitmaps, graymaps and pixmaps of Netpbm (`P1` to `P6`), as numbers or as bytes.
public enum PNM {
    /// Reads a picture: 1 channel, or 3 for pixmaps. Values are scaled to 255. `place` stands in error messages.
    public static func decode(_ bytes: [UInt8], place: String = "PNM data") throws(ApusError) -> Image {
        var reader = Reader(bytes: bytes, place: place)
        guard bytes.count > 2, bytes[0] == UInt8(ascii: "P"), (0x31...0x36).contains(bytes[1]) else {
            throw Image.damaged(place, "it does not begin with P1 to P6 (byte 0)")
        }
        let kind = Int(bytes[1]) - 0x30
        reader.offset = 2
        let (width, height) = (try reader.number("its width"), try reader.number("its height"))
        let isBitmap = kind == 1 || kind == 4
        let largest = isBitmap ? 1 : try reader.number("its largest value")
        guard (1...65_535).contains(largest) else {
            throw Image.damaged(
                place, "its largest value is \(largest) (byte \(reader.offset)): 1 to 65535 are defined")
        }
        guard width > 0, height > 0, width <= Image.maximumPixels / height else {
            throw ApusError(
                .resource, in: place,
                "its size is \(width) x \(height), but pictures have 1 to \(Image.maximumPixels) pixels",
                remedy: "check the file, or make the picture smaller with another program")
        }
        let channels = kind == 3 || kind == 6 ? 3 : 1
        let count = width * height * channels
        if kind >= 4 { reader.offset += 1 }  // One blank ends the header.
        let size = largest > 255 ? 2 : 1
        let needed = kind == 4 ? (width + 7) / 8 * height : kind > 4 ? count * size : kind == 1 ? count : 2 * count - 1
        guard needed <= bytes.count - reader.offset else {
            throw Image.damaged(
                place,
                "\(width) x \(height) pixels take \(needed) bytes or more, but "
                    + "\(max(0, bytes.count - reader.offset)) follow (byte \(reader.offset))")
        }
        var pixels: [UInt8] = []
        pixels.reserveCapacity(count)
        func scaled(_ value: Int) -> UInt8 { UInt8((min(value, largest) * 255 + largest / 2) / largest) }
        switch kind {
        case 1: for _ in 0..<count { pixels.append(try reader.bit() ? 0 : 255) }
        case 2, 3:
            for _ in 0..<count { pixels.append(scaled(try reader.number("a value"))) }
        case 4:
            let line = (width + 7) / 8
            for y in 0..<height {
                for x in 0..<width {
                    let byte = bytes[reader.offset + y * line + x / 8]
                    pixels.append(byte >> UInt8(7 - x % 8) & 1 == 0 ? 255 : 0)
                }
            }
        default:
            let start = reader.offset
            if largest == 255 {
                pixels += bytes[start..<start + count]
            } else {
                for index in 0..<count {
                    let value =
                        size == 1
                        ? Int(bytes[start + index])
                        : Int(bytes[start + 2 * index]) << 8 | Int(bytes[start + 2 * index + 1])
                    pixels.append(scaled(value))
                }
            }
        }
        return Image(trusted: pixels, width: width, height: height, channels: channels)
    }

    /// Numbers between blanks and comments.
    private struct Reader {
        let bytes: [UInt8]
        let place: String
        var offset = 0

        mutating func number(_ what: String) throws(ApusError) -> Int {
            skipBlanks()
            let start = offset
            var value = 0
            while offset < bytes.count, (0x30...0x39).contains(bytes[offset]), offset - start < 10 {
                value = value * 10 + Int(bytes[offset] - 0x30)
                offset += 1
            }
            guard offset > start else { throw Image.damaged(place, "\(what) is missing (byte \(start))") }
            return value
        }

        /// A digit of a plain bitmap, which needs no blanks around it.
        mutating func bit() throws(ApusError) -> Bool {
            skipBlanks()
            guard offset < bytes.count, bytes[offset] == 0x30 || bytes[offset] == 0x31 else {
                throw Image.damaged(place, "a value is missing (byte \(offset))")
            }
            offset += 1
            return bytes[offset - 1] == 0x31
        }

        private mutating func skipBlanks() {
            while offset < bytes.count {
                if bytes[offset] == UInt8(ascii: "#") {
                    while offset < bytes.count, bytes[offset] != 10, bytes[offset] != 13 { offset += 1 }
                } else if bytes[offset] == 32 || (9...13).contains(bytes[offset]) {
                    offset += 1
                } else {
                    return
                }
            }
        }
    }
}
