// Reading PNG pictures: all colour types, bit depths and interlacing.

import ApusCore

extension PNG {
    /// Reads a picture; `place` stands in error messages.
    ///
    /// Palettes become colours, transparency becomes the fourth channel, and 16-bit values are scaled to 8 bits.
    public static func decode(_ bytes: [UInt8], place: String = "PNG data") throws(ApusError) -> Image {
        let chunks = try PNGChunks(bytes, place: place)
        let header = chunks.header
        let size = header.passes.reduce(0) { $0 + $1.height * ($1.lineBytes(header) + 1) }
        // Deflate never expands more than 1032-fold.
        guard size / 1032 <= chunks.data.count else {
            throw PNGHeader.damaged(
                place, "\(chunks.data.count) bytes can't hold \(header.width) x \(header.height) pixels (byte 16)")
        }
        var inflater = try Inflater(chunks.data, wrapper: .zlib, place: place)
        let rows = try inflater.read(exactly: size)
        var samples = [UInt8](repeating: 0, count: header.width * header.height * header.samples * header.sampleBytes)
        var offset = 0
        for pass in header.passes {
            try unpack(pass, of: header, from: rows, at: &offset, to: &samples, place: place)
        }
        return try chunks.image(of: samples)
    }

    /// Undoes the filters of one pass and puts its samples where they belong.
    private static func unpack(
        _ pass: PNGPass, of header: PNGHeader, from rows: [UInt8], at offset: inout Int, to samples: inout [UInt8],
        place: String
    ) throws(ApusError) {
        let (line, step) = (pass.lineBytes(header), header.filterDistance)
        var (before, current) = ([UInt8](repeating: 0, count: line), [UInt8](repeating: 0, count: line))
        for row in 0..<pass.height {
            let filter = rows[offset]
            guard filter <= 4 else {
                throw ApusError(
                    .format, in: place, "row \(row) names filter \(filter), but there are 0 to 4",
                    remedy: "the picture is damaged: copy or save it again")
            }
            let start = offset + 1
            for index in 0..<line {
                let left = index >= step ? current[index - step] : 0
                let corner = index >= step ? before[index - step] : 0
                let prediction: UInt8 =
                    switch filter {
                    case 0: 0
                    case 1: left
                    case 2: before[index]
                    case 3: UInt8((Int(left) + Int(before[index])) / 2)
                    default: paeth(left, before[index], corner)
                    }
                current[index] = rows[start + index] &+ prediction
            }
            spread(current, pass, row: row, of: header, in: &samples)
            swap(&before, &current)
            offset = start + line
        }
    }

    private static func paeth(_ left: UInt8, _ above: UInt8, _ corner: UInt8) -> UInt8 {
        let estimate = Int(left) + Int(above) - Int(corner)
        let distances = (abs(estimate - Int(left)), abs(estimate - Int(above)), abs(estimate - Int(corner)))
        if distances.0 <= distances.1 && distances.0 <= distances.2 { return left }
        return distances.1 <= distances.2 ? above : corner
    }

    private static func spread(
        _ line: [UInt8], _ pass: PNGPass, row: Int, of header: PNGHeader, in samples: inout [UInt8]
    ) {
        let size = header.samples * header.sampleBytes
        let y = pass.y + row * pass.stepY
        for column in 0..<pass.width {
            let target = (y * header.width + pass.x + column * pass.stepX) * size
            if header.depth < 8 {
                let bit = column * header.depth
                let shift = 8 - header.depth - bit % 8
                samples[target] = line[bit / 8] >> UInt8(shift) & UInt8((1 << header.depth) - 1)
            } else {
                for index in 0..<size { samples[target + index] = line[column * size + index] }
            }
        }
    }
}

/// One of the seven passes of an interlaced picture, or the only one of others.
private struct PNGPass {
    let x: Int, y: Int, stepX: Int, stepY: Int
    let width: Int, height: Int

    init?(_ width: Int, _ height: Int, x: Int, y: Int, stepX: Int, stepY: Int) {
        guard width > x, height > y else { return nil }
        (self.x, self.y, self.stepX, self.stepY) = (x, y, stepX, stepY)
        (self.width, self.height) = ((width - x + stepX - 1) / stepX, (height - y + stepY - 1) / stepY)
    }

    func lineBytes(_ header: PNGHeader) -> Int { (width * header.samples * header.depth + 7) / 8 }
}

/// What the first chunk says.
private struct PNGHeader {
    let width: Int
    let height: Int
    let depth: Int
    let colour: Int
    let passes: [PNGPass]

    /// Values per pixel in the file.
    var samples: Int { [0: 1, 2: 3, 3: 1, 4: 2, 6: 4][colour] ?? 1 }
    var sampleBytes: Int { depth == 16 ? 2 : 1 }
    /// How far back the filters look for the pixel to the left.
    var filterDistance: Int { max(1, samples * depth / 8) }

    init(_ content: ArraySlice<UInt8>, place: String) throws(ApusError) {
        var reader = ByteReader([UInt8](content))
        guard content.count == 13, let width = reader.big32(), let height = reader.big32(),
            let rest = reader.take(5).map([UInt8].init)
        else { throw Self.damaged(place, "its header has \(content.count) bytes instead of 13 (byte 8)") }
        let (depth, colour, interlace) = (Int(rest[0]), Int(rest[1]), rest[4])
        guard width > 0, height > 0, width < 1 << 31, height < 1 << 31 else {
            throw Self.damaged(place, "its size is \(width) x \(height) (byte 16)")
        }
        guard width <= Image.maximumPixels / height else {
            throw ApusError(
                .resource, in: place,
                "its size is \(width) x \(height), but \(Image.maximumPixels) pixels are the most allowed",
                remedy: "make the picture smaller with another program first")
        }
        let depths = [0: [1, 2, 4, 8, 16], 2: [8, 16], 3: [1, 2, 4, 8], 4: [8, 16], 6: [8, 16]]
        guard depths[colour]?.contains(depth) == true, rest[2] == 0, rest[3] == 0, interlace <= 1 else {
            throw Self.damaged(
                place,
                "colour type \(colour) with \(depth) bits, compression \(rest[2]), filter \(rest[3]) "
                    + "and interlace \(interlace) is not defined (byte 24)")
        }
        (self.width, self.height, self.depth, self.colour) = (width, height, depth, colour)
        let steps =
            interlace == 0
            ? [(0, 0, 1, 1)]
            : [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
        passes = steps.compactMap { PNGPass(width, height, x: $0.0, y: $0.1, stepX: $0.2, stepY: $0.3) }
    }

    static func damaged(_ place: String, _ problem: String) -> ApusError {
        ApusError(.format, in: place, problem, remedy: "the picture is damaged: copy or save it again")
    }
}

/// The chunks of a file that matter for its pixels.
private struct PNGChunks {
    let header: PNGHeader
    private(set) var data: [UInt8] = []
    private var palette: [UInt8] = []
    private var transparency: [UInt8]?
    private let place: String

    init(_ bytes: [UInt8], place: String) throws(ApusError) {
        self.place = place
        guard bytes.starts(with: PNG.signature) else {
            throw PNGHeader.damaged(place, "it does not begin as a PNG file does (byte 0)")
        }
        var reader = ByteReader(bytes, at: PNG.signature.count)
        var header: PNGHeader?
        var ended = false
        while !ended {
            let start = reader.offset
            guard let length = reader.big32(), let type = reader.take(4), let content = reader.take(length),
                let checksum = reader.big32()
            else { throw PNGHeader.damaged(place, "it ends in the middle of a chunk (byte \(start))") }
            let name = String(decoding: type, as: UTF8.self)
            // Chunks whose name begins with a capital letter are needed to read the picture.
            let critical = type[type.startIndex] & 0x20 == 0
            let sound = CRC32.zip.checksum(bytes[type.startIndex..<content.endIndex]) == checksum
            guard sound || !critical else {
                throw PNGHeader.damaged(place, "the checksum of the chunk \(name.quoted) is wrong (byte \(start))")
            }
            guard header != nil || name == "IHDR" else {
                throw PNGHeader.damaged(place, "the chunk \(name.quoted) comes before the header (byte \(start))")
            }
            switch name {
            case "IHDR":
                guard header == nil else { throw PNGHeader.damaged(place, "it has two headers (byte \(start))") }
                header = try PNGHeader(content, place: place)
            case "PLTE": palette = [UInt8](content)
            case "tRNS": if sound { transparency = [UInt8](content) }
            case "IDAT": data += content
            case "IEND": ended = true
            case "zTXt", "iTXt", "iCCP": try Self.checkText([UInt8](content), name, at: start, place: place)
            default:
                guard !critical else {
                    throw PNGHeader.damaged(place, "the chunk \(name.quoted) is not known (byte \(start))")
                }
            }
        }
        guard let header, !data.isEmpty else {
            throw PNGHeader.damaged(place, "it has no pixels (byte \(bytes.count))")
        }
        if header.colour == 3 {
            guard !palette.isEmpty, palette.count % 3 == 0, palette.count <= 768 else {
                throw PNGHeader.damaged(place, "its palette has \(palette.count) bytes (before byte \(bytes.count))")
            }
        }
        self.header = header
    }

    /// Refuses files whose notes are made to fill the memory of those who read them; the notes themselves are not used.
    private static func checkText(
        _ content: [UInt8], _ name: String, at start: Int, place: String
    ) throws(ApusError) {
        guard let end = content.firstIndex(of: 0), end + 2 < content.count else { return }
        var offset = end + 2
        if name == "iTXt" {
            let ends = content.indices.dropFirst(end + 3).filter { content[$0] == 0 }
            guard content[end + 1] == 1, ends.count >= 2 else { return }
            offset = ends[1] + 1
        }
        let limit = max(1 << 20, 100 * content.count)
        // What can't be expanded does no harm.
        guard var inflater = try? Inflater([UInt8](content[offset...]), wrapper: .zlib, place: place),
            let text = try? inflater.read(upTo: limit + 1), text.count > limit
        else { return }
        throw ApusError(
            .resource, in: place,
            "\(content.count) bytes of the chunk \(name.quoted) expand to more than \(limit) (byte \(start))",
            remedy: "it is made to fill memory: don't use it, or save it again with another program")
    }

    /// The picture that the samples mean.
    func image(of samples: [UInt8]) throws(ApusError) -> Image {
        let (width, height) = (header.width, header.height)
        let pixels: [UInt8]
        let channels: Int
        switch header.colour {
        case 3:
            channels = transparency == nil ? 3 : 4
            pixels = try colours(of: samples, channels: channels)
        case 4:
            channels = 4
            let values = eightBits(samples)
            var result: [UInt8] = []
            result.reserveCapacity(4 * width * height)
            for index in stride(from: 0, to: values.count, by: 2) {
                for _ in 0..<3 { result.append(values[index]) }
                result.append(values[index + 1])
            }
            pixels = result
        case 6: (channels, pixels) = (4, eightBits(samples))
        default:
            let size = header.samples * header.sampleBytes
            if let key = transparency.flatMap({ transparentSample($0) }) {
                channels = 4
                let values = eightBits(samples)
                var result: [UInt8] = []
                result.reserveCapacity(4 * width * height)
                for pixel in 0..<width * height {
                    let matches = samples[pixel * size..<(pixel + 1) * size].elementsEqual(key)
                    for channel in 0..<3 {
                        result.append(values[header.samples == 1 ? pixel : 3 * pixel + channel])
                    }
                    result.append(matches ? 0 : 255)
                }
                pixels = result
            } else {
                (channels, pixels) = (header.samples, eightBits(samples))
            }
        }
        return try Image(width: width, height: height, channels: channels, pixels: pixels)
    }

    private func colours(of samples: [UInt8], channels: Int) throws(ApusError) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(samples.count * channels)
        let opacity = transparency ?? []
        for index in samples.lazy.map(Int.init) {
            guard 3 * index + 2 < palette.count else {
                throw PNGHeader.damaged(
                    place, "a pixel uses colour \(index), but the palette has \(palette.count / 3) colours")
            }
            result += palette[3 * index..<3 * index + 3]
            if channels == 4 { result.append(index < opacity.count ? opacity[index] : 255) }
        }
        return result
    }

    /// The value that stands for transparent, in the form that samples have; nil if the chunk makes no sense.
    private func transparentSample(_ content: [UInt8]) -> [UInt8]? {
        guard content.count == 2 * header.samples else { return nil }
        if header.depth == 16 { return content }
        return stride(from: 1, to: content.count, by: 2).map { content[$0] & UInt8((1 << header.depth) - 1) }
    }

    /// Samples of any depth as values from 0 to 255.
    private func eightBits(_ samples: [UInt8]) -> [UInt8] {
        switch header.depth {
        case 8: return samples
        case 16:
            return stride(from: 0, to: samples.count, by: 2).map { index in
                let value = UInt32(samples[index]) << 8 | UInt32(samples[index + 1])
                return UInt8((value * 255 + 32_895) >> 16)
            }
        default:
            let scale = UInt8(255 / ((1 << header.depth) - 1))
            return samples.map { $0 * scale }
        }
    }
}
