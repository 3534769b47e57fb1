import ApusCore

/// Reads Truevision TGA pictures: palettes, colours and greys, plain or in runs.
public enum TGA {
    /// Reads a picture: 1 channel if it is grey, 3 if it has colours, 4 with opacity. `place` stands in error messages.
    public static func decode(_ bytes: [UInt8], place: String = "TGA data") throws(ApusError) -> Image {
        guard let header = Header(bytes) else {
            throw Image.damaged(place, "its header makes no sense (byte 0)")
        }
        let (width, height, size) = (header.width, header.height, header.depth / 8)
        // A run of 128 pixels takes two bytes at least.
        try Image.check(
            width: width, height: height, bytes: bytes.count, perByte: header.isRunCoded ? 64 : 1, place: place)
        var reader = ByteReader(bytes, at: min(18 + header.commentLength, bytes.count))
        var palette: [[UInt8]] = []
        for _ in 0..<header.paletteCount {
            guard let entry = reader.take(header.paletteDepth / 8) else {
                throw Image.damaged(place, "it ends in its palette (byte \(reader.offset))")
            }
            palette.append(colour([UInt8](entry), hasOpacity: header.paletteDepth == 32))
        }
        let count = width * height
        let data =
            try header.isRunCoded
            ? runs(&reader, count: count, size: size, place: place) : plain(&reader, count * size, place)
        let isGray = header.kind == 3
        let hasPalette = header.kind == 1
        let hasOpacity = hasPalette ? header.paletteDepth == 32 : header.depth == 32
        let channels = isGray ? 1 : hasOpacity ? 4 : 3
        var pixels = [UInt8](repeating: 0, count: count * channels)
        for index in 0..<count {
            let value = data[index * size..<(index + 1) * size]
            var colours: [UInt8]
            if hasPalette {
                let entry = Int(value[value.startIndex]) - header.paletteStart
                guard palette.indices.contains(entry) else {
                    throw Image.damaged(
                        place, "pixel \(index) uses colour \(entry), but the palette has \(palette.count) colours")
                }
                colours = palette[entry]
            } else {
                colours = isGray ? [value[value.startIndex]] : colour([UInt8](value), hasOpacity: hasOpacity)
            }
            let (row, column) = (index / width, index % width)
            let x = header.isMirrored ? width - 1 - column : column
            let target = ((header.isTopDown ? row : height - 1 - row) * width + x) * channels
            for channel in 0..<channels { pixels[target + channel] = colours[channel] }
        }
        return Image(trusted: pixels, width: width, height: height, channels: channels)
    }

    /// What is stored as blue, green, red.
    private static func colour(_ bytes: [UInt8], hasOpacity: Bool) -> [UInt8] {
        if bytes.count == 2 {
            let word = Int(bytes[1]) << 8 | Int(bytes[0])
            return [10, 5, 0].map { UInt8((word >> $0 & 31) * 255 / 31) }
        }
        return [bytes[2], bytes[1], bytes[0]] + (hasOpacity ? [bytes[3]] : [])
    }

    private static func plain(_ reader: inout ByteReader, _ count: Int, _ place: String) throws(ApusError) -> [UInt8] {
        let start = reader.offset
        guard let content = reader.take(count) else {
            throw Image.damaged(
                place, "its pixels take \(count) bytes, but \(reader.remaining) follow (byte \(start))")
        }
        return [UInt8](content)
    }

    private static func runs(
        _ reader: inout ByteReader, count: Int, size: Int, place: String
    ) throws(ApusError) -> [UInt8] {
        var result: [UInt8] = []
        while result.count < count * size {
            let start = reader.offset
            guard let mark = reader.take(1)?.first,
                let values = reader.take(mark & 0x80 == 0 ? (Int(mark) + 1) * size : size)
            else {
                throw Image.damaged(
                    place, "its runs end after \(result.count / size) of \(count) pixels (byte \(start))")
            }
            for _ in 0...(mark & 0x80 == 0 ? 0 : Int(mark & 0x7f)) { result += values }
        }
        return result
    }

    struct Header {
        let commentLength: Int
        /// 1: palette, 2: colours, 3: greys.
        let kind: Int
        let isRunCoded: Bool
        let paletteStart: Int, paletteCount: Int, paletteDepth: Int
        let width: Int, height: Int, depth: Int
        let isTopDown: Bool, isMirrored: Bool

        /// Nil if the header makes no sense.
        init?(_ bytes: [UInt8]) {
            guard bytes.count > 18 else { return nil }
            func word(_ index: Int) -> Int { Int(bytes[index]) | Int(bytes[index + 1]) << 8 }
            (commentLength, kind, isRunCoded) = (Int(bytes[0]), Int(bytes[2] & 7), bytes[2] & 8 != 0)
            (paletteStart, paletteCount, paletteDepth) = (word(3), word(5), Int(bytes[7]))
            (width, height, depth) = (word(12), word(14), Int(bytes[16]))
            (isTopDown, isMirrored) = (bytes[17] & 0x20 != 0, bytes[17] & 0x10 != 0)
            let depths = [1: [8], 2: [16, 24, 32], 3: [8]]
            guard bytes[2] & 0xf0 == 0, depths[kind]?.contains(depth) == true, width > 0, height > 0,
                bytes[17] & 0xc0 == 0, bytes[1] == (kind == 1 ? 1 : 0) || bytes[1] == 1 && kind == 2,
                bytes[1] == 0 ? paletteCount == 0 : [16, 24, 32].contains(paletteDepth) && paletteCount <= 65_535
            else { return nil }
        }
    }
}
