import ApusCore

/// Reads the first frame of GIF files, moving or not.
public enum GIF {
    /// Reads the first frame on the whole canvas: 3 channels, or 4 where some pixels are transparent or the frame leaves
    /// some uncovered. `place` stands in error messages.
    public static func decode(_ bytes: [UInt8], place: String = "GIF data") throws(ApusError) -> Image {
        let frame = try Frame(bytes, place: place)
        let covers =
            frame.x == 0 && frame.y == 0 && frame.width >= frame.canvas.width && frame.height >= frame.canvas.height
        let (width, height) = frame.canvas
        try Image.check(width: width, height: height, bytes: bytes.count, place: place)
        // A code of 12 bits stands for 4,096 pixels at most.
        try Image.check(
            width: frame.width, height: frame.height, bytes: bytes.count, perByte: 4096 * 8 / 12, place: place)
        let indices = try frame.indices(place: place)
        let channels = covers && frame.transparent == nil ? 3 : 4
        var pixels = [UInt8](repeating: 0, count: width * height * channels)
        for (position, index) in indices.enumerated() {
            let (x, y) = (frame.x + position % frame.width, frame.y + frame.row(position / frame.width))
            guard 3 * Int(index) + 2 < frame.palette.count else {
                throw Image.damaged(
                    place,
                    "pixel \(position) uses colour \(index), but the palette has \(frame.palette.count / 3) colours")
            }
            guard x < width, y < height else { continue }
            let target = (y * width + x) * channels
            for channel in 0..<3 { pixels[target + channel] = frame.palette[3 * Int(index) + channel] }
            if channels == 4 { pixels[target + 3] = frame.transparent == index ? 0 : 255 }
        }
        return Image(trusted: pixels, width: width, height: height, channels: channels)
    }

    private struct Frame {
        var canvas = (width: 0, height: 0)
        var (x, y, width, height) = (0, 0, 0, 0)
        var palette: [UInt8] = []
        var transparent: UInt8?
        var isInterlaced = false
        var codeSize = 0
        var data: [UInt8] = []

        init(_ bytes: [UInt8], place: String) throws(ApusError) {
            var reader = ByteReader(bytes, at: min(6, bytes.count))
            func cut(_ reader: ByteReader) -> ApusError {
                Image.damaged(place, "it ends before its first frame is complete (byte \(reader.offset))")
            }
            guard bytes.starts(with: "GIF87a".utf8) || bytes.starts(with: "GIF89a".utf8) else {
                throw Image.damaged(place, "it does not begin with GIF87a or GIF89a (byte 0)")
            }
            guard let width = reader.little16(), let height = reader.little16(), let flags = Self.byte(&reader),
                reader.take(2) != nil
            else { throw cut(reader) }
            canvas = (width, height)
            if flags & 0x80 != 0 {
                guard let colours = reader.take(3 << (Int(flags & 7) + 1)) else { throw cut(reader) }
                palette = [UInt8](colours)
            }
            while true {
                let start = reader.offset
                guard let kind = Self.byte(&reader) else { throw cut(reader) }
                switch kind {
                case 0x21:
                    guard let label = Self.byte(&reader), let content = Self.blocks(&reader) else { throw cut(reader) }
                    if label == 0xf9, content.count >= 4, content[0] & 1 == 1 { transparent = content[3] }
                case 0x2c:
                    guard let x = reader.little16(), let y = reader.little16(), let width = reader.little16(),
                        let height = reader.little16(), let flags = Self.byte(&reader)
                    else { throw cut(reader) }
                    (self.x, self.y, self.width, self.height) = (x, y, width, height)
                    isInterlaced = flags & 0x40 != 0
                    if flags & 0x80 != 0 {
                        guard let colours = reader.take(3 << (Int(flags & 7) + 1)) else { throw cut(reader) }
                        palette = [UInt8](colours)
                    }
                    guard let size = Self.byte(&reader) else { throw cut(reader) }
                    codeSize = Int(size)
                    // A file that ends within the frame may still hold all of its pixels.
                    data = Self.blocks(&reader, lenient: true) ?? []
                    if canvas.width == 0 || canvas.height == 0 { canvas = (x + width, y + height) }
                    guard (1...8).contains(codeSize), width > 0, height > 0 else {
                        throw Image.damaged(
                            place,
                            "a frame of \(width) x \(height) pixels with codes of \(codeSize) bits (byte \(start))")
                    }
                    return
                case 0x3b: throw Image.damaged(place, "it holds no frame (byte \(start))")
                default: throw Image.damaged(place, "a block begins with \(kind), which is not defined (byte \(start))")
                }
            }
        }

        private static func byte(_ reader: inout ByteReader) -> UInt8? { reader.take(1)?.first }

        /// Blocks up to the empty one that ends them, as one; nil if the file ends before.
        private static func blocks(_ reader: inout ByteReader, lenient: Bool = false) -> [UInt8]? {
            var result: [UInt8] = []
            while let length = byte(&reader) {
                if length == 0 { return result }
                guard let content = reader.take(min(Int(length), lenient ? reader.remaining : Int(length))) else {
                    return nil
                }
                result += content
            }
            return lenient ? result : nil
        }

        /// The row of the picture that a row of the data is.
        func row(_ index: Int) -> Int {
            guard isInterlaced else { return index }
            var index = index
            for (start, step) in [(0, 8), (4, 8), (2, 4), (1, 2)] {
                let rows = max(0, (height - start + step - 1) / step)
                if index < rows { return start + index * step }
                index -= rows
            }
            return height
        }

        /// The palette indices of all pixels: Lempel-Ziv-Welch codes, read bit by bit. Memory is taken as pixels come.
        func indices(place: String) throws(ApusError) -> [UInt8] {
            let count = width * height
            let (clear, end) = (1 << codeSize, 1 << codeSize + 1)
            // Of each code, the code before its last pixel, and that pixel.
            var prefix = [Int16](repeating: 0, count: 4096)
            var suffix = [UInt8](repeating: 0, count: 4096)
            for index in 0..<min(clear, 256) { suffix[index] = UInt8(index) }
            var (next, bits, last, first) = (end + 1, codeSize + 1, -1, UInt8(0))
            var (word, available, position) = (UInt32(0), 0, 0)
            var result: [UInt8] = []
            result.reserveCapacity(min(count, data.count * 4))
            var stack: [UInt8] = []
            while result.count < count {
                while available < bits, position < data.count {
                    word |= UInt32(data[position]) << UInt32(available)
                    available += 8
                    position += 1
                }
                guard available >= bits else { break }
                let code = Int(word & (1 << UInt32(bits) - 1))
                word >>= UInt32(bits)
                available -= bits
                if code == clear {
                    (next, bits, last) = (end + 1, codeSize + 1, -1)
                    continue
                }
                if code == end { break }
                guard code < next || code == next && last >= 0, code < 4096, last >= 0 || code < clear else {
                    throw Image.damaged(
                        place, "its pixels use code \(code) before it is defined (frame byte \(position))")
                }
                var walk = code
                if code == next {
                    stack.append(first)
                    walk = last
                }
                while walk > end {
                    stack.append(suffix[walk])
                    walk = Int(prefix[walk])
                }
                first = suffix[walk]
                result.append(first)
                while let value = stack.popLast() { if result.count < count { result.append(value) } }
                if last >= 0, next < 4096 {
                    prefix[next] = Int16(last)
                    suffix[next] = first
                    next += 1
                    if next == 1 << bits, bits < 12 { bits += 1 }
                }
                last = code
            }
            guard result.count == count else {
                throw Image.damaged(
                    place, "its first frame ends after \(result.count) of \(count) pixels (frame byte \(position))")
            }
            return result
        }
    }
}
