import ApusCore

/// Reads Windows bitmaps: palettes of 1, 4 and 8 bits, colours of 16, 24 and 32 bits, runs, and masks of bits.
public enum BMP {
    /// Reads a picture: 3 channels, or 4 where the file declares bits for opacity. `place` stands in error messages.
    public static func decode(_ bytes: [UInt8], place: String = "BMP data") throws(ApusError) -> Image {
        let header = try Header(bytes, place: place)
        let (width, height) = (header.width, header.height)
        if header.isRunCoded {
            // A run of 255 pixels takes two bytes.
            try Image.check(width: width, height: height, bytes: bytes.count, perByte: 128, place: place)
            let indices = try Runs(header, bytes, place: place).indices()
            return try colours(of: indices, header, place: place)
        }
        // Rows are filled up to four bytes.
        let line = (width * header.depth + 31) / 32 * 4
        let available = bytes.count - header.start
        // The last row's filling may be missing.
        let needed = line * (height - 1) + (width * header.depth + 7) / 8
        guard needed <= available else {
            throw Image.damaged(
                place,
                "\(width) x \(height) pixels of \(header.depth) bits take \(needed) bytes, but \(max(available, 0)) "
                    + "follow (byte \(header.start))")
        }
        func row(_ y: Int) -> Int { header.start + (header.isTopDown ? y : height - 1 - y) * line }
        if header.depth <= 8 {
            var indices = [UInt8](repeating: 0, count: width * height)
            let mask = UInt8((1 << header.depth) - 1)
            for y in 0..<height {
                let start = row(y)
                for x in 0..<width {
                    let bit = x * header.depth
                    indices[y * width + x] = bytes[start + bit / 8] >> UInt8(8 - header.depth - bit % 8) & mask
                }
            }
            return try colours(of: indices, header, place: place)
        }
        let channels = header.masks[3].bits == 0 ? 3 : 4
        var pixels: [UInt8] = []
        pixels.reserveCapacity(width * height * channels)
        let size = header.depth / 8
        for y in 0..<height {
            var offset = row(y)
            for _ in 0..<width {
                if header.depth == 24 {
                    for channel in 0..<3 { pixels.append(bytes[offset + 2 - channel]) }
                } else {
                    var word: UInt32 = 0
                    for index in 0..<size { word |= UInt32(bytes[offset + index]) << UInt32(8 * index) }
                    for channel in 0..<channels { pixels.append(header.masks[channel].value(in: word)) }
                }
                offset += size
            }
        }
        return Image(trusted: pixels, width: width, height: height, channels: channels)
    }

    private static func colours(of indices: [UInt8], _ header: Header, place: String) throws(ApusError) -> Image {
        var pixels: [UInt8] = []
        pixels.reserveCapacity(indices.count * 3)
        for (position, index) in indices.enumerated() {
            guard 3 * Int(index) + 2 < header.palette.count else {
                throw Image.damaged(
                    place,
                    "pixel \(position) uses colour \(index), but the palette has \(header.palette.count / 3) colours")
            }
            pixels += header.palette[3 * Int(index)..<3 * Int(index) + 3]
        }
        return Image(trusted: pixels, width: header.width, height: header.height, channels: 3)
    }

    /// Bits of a pixel that stand for one colour.
    fileprivate struct Mask {
        let shift: Int
        let bits: Int

        init(_ mask: UInt32) {
            shift = mask == 0 ? 0 : mask.trailingZeroBitCount
            bits = mask.nonzeroBitCount
        }

        func value(in word: UInt32) -> UInt8 {
            guard bits > 0 else { return 0 }
            let largest = UInt64(1) << UInt64(bits) - 1
            return UInt8((UInt64(word >> UInt32(shift)) & largest) * 255 / largest)
        }
    }

    fileprivate struct Header {
        let width: Int
        let height: Int
        let isTopDown: Bool
        let depth: Int
        let compression: Int
        /// Where the pixels begin.
        let start: Int
        private(set) var palette: [UInt8] = []
        /// Red, green, blue, opacity.
        private(set) var masks: [Mask] = []

        var isRunCoded: Bool { compression == 1 || compression == 2 }

        init(_ bytes: [UInt8], place: String) throws(ApusError) {
            var reader = ByteReader(bytes, at: min(10, bytes.count))
            guard bytes.starts(with: "BM".utf8), let start = reader.little32(), let size = reader.little32() else {
                throw Image.damaged(place, "it ends in the header (byte \(bytes.count))")
            }
            self.start = start
            let isCore = size == 12
            guard isCore || (40...1024).contains(size), bytes.count >= 14 + size else {
                throw Image.damaged(place, "its header claims \(size) bytes (byte 14)")
            }
            func signed(_ value: Int?) -> Int { value.map { Int(Int32(truncatingIfNeeded: $0)) } ?? 0 }
            let columns = isCore ? reader.little16() ?? 0 : signed(reader.little32())
            let rows = isCore ? reader.little16() ?? 0 : signed(reader.little32())
            _ = reader.little16()
            depth = reader.little16() ?? 0
            compression = isCore ? 0 : reader.little32() ?? 0
            (width, height, isTopDown) = (columns, abs(rows), rows < 0)
            guard width > 0, height > 0 else {
                throw Image.damaged(place, "its size is \(columns) x \(rows) (byte 18)")
            }
            guard width <= Image.maximumPixels / height else {
                throw ApusError(
                    .resource, in: place,
                    "its size is \(width) x \(height), but \(Image.maximumPixels) pixels are the most allowed",
                    remedy: "make the picture smaller with another program first")
            }
            let allowed: [Int: [Int]] = [0: [1, 4, 8, 16, 24, 32], 1: [8], 2: [4], 3: [16, 32], 6: [16, 32]]
            guard let depths = allowed[compression] else {
                throw ApusError(
                    .unsupported, in: place, "its compression \(compression) is not read (byte 30)",
                    remedy: "save it as PNG with another program")
            }
            guard depths.contains(depth), !(isTopDown && isRunCoded) else {
                throw Image.damaged(place, "pixels of \(depth) bits with compression \(compression) (byte 28)")
            }
            if depth <= 8 {
                reader.offset = min(46, bytes.count)
                let used = isCore ? 0 : reader.little32() ?? 0
                let count = used == 0 || used > 1 << depth ? 1 << depth : used
                let entry = isCore ? 3 : 4
                let from = 14 + size
                // Some files leave out colours that they do not use.
                let present = max(0, min(count, (min(start > from ? start : bytes.count, bytes.count) - from) / entry))
                for index in 0..<present {
                    let offset = from + index * entry
                    palette += [bytes[offset + 2], bytes[offset + 1], bytes[offset]]
                }
            }
            var words: [UInt32] =
                depth == 16 ? [0x7c00, 0x3e0, 0x1f, 0] : [0xff_0000, 0xff00, 0xff, 0]
            if compression == 3 || compression == 6 {
                reader.offset = min(54, bytes.count)
                let masks = size >= 56 || compression == 6 ? 4 : 3
                for index in 0..<masks {
                    guard let mask = reader.integer(UInt32.self, bigEndian: false) else {
                        throw Image.damaged(place, "it ends in the masks of its colours (byte 54)")
                    }
                    words[index] = mask
                }
            }
            masks = words.map(Mask.init)
        }
    }

    /// Pixels as runs of one palette index each.
    private struct Runs {
        let header: Header
        let bytes: [UInt8]
        let place: String

        init(_ header: Header, _ bytes: [UInt8], place: String) {
            (self.header, self.bytes, self.place) = (header, bytes, place)
        }

        func indices() throws(ApusError) -> [UInt8] {
            let (width, height) = (header.width, header.height)
            var result = [UInt8](repeating: 0, count: width * height)
            var reader = ByteReader(bytes, at: min(header.start, bytes.count))
            var (x, y) = (0, 0)
            func put(_ value: UInt8) {
                if x < width, y < height { result[(height - 1 - y) * width + x] = value }
                x += 1
            }
            while y < height {
                guard let pair = reader.take(2) else {
                    // What ends with its last pixel needs no mark of the end.
                    if y == height - 1, x >= width { break }
                    throw Image.damaged(place, "its runs end in row \(y) of \(height) (byte \(reader.offset))")
                }
                let (count, code) = (Int(pair[pair.startIndex]), Int(pair[pair.startIndex + 1]))
                if count > 0 {
                    for index in 0..<count { put(nibble(UInt8(code), index)) }
                } else if code == 0 {
                    (x, y) = (0, y + 1)
                } else if code == 1 {
                    break
                } else if code == 2 {
                    guard let step = reader.take(2) else { continue }
                    x += Int(step[step.startIndex])
                    y += Int(step[step.startIndex + 1])
                } else {
                    let length = header.depth == 8 ? code : (code + 1) / 2
                    guard let values = reader.take(length + length % 2) else { continue }
                    for index in 0..<code {
                        let byte = values[values.startIndex + (header.depth == 8 ? index : index / 2)]
                        put(nibble(byte, index))
                    }
                }
            }
            return result
        }

        /// The index that a byte holds: itself, or its high and low halves in turn.
        private func nibble(_ byte: UInt8, _ index: Int) -> UInt8 {
            header.depth == 8 ? byte : index % 2 == 0 ? byte >> 4 : byte & 15
        }
    }
}
