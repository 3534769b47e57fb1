import ApusCore

/// Reads and writes WAV files: integers of 8 to 32 bits, float32 and float64, and the 8-bit codes of telephony (A-law,
/// mu-law).
public enum WAV {
    /// Reads a file.
    public static func read(_ path: String) throws(ApusError) -> AudioClip {
        let source = try ByteSource(path: path, kind: "WAV file")
        return try decode(try source.bytes(), place: source.place)
    }

    /// How samples are written.
    public enum SampleFormat: String, Sendable, CaseIterable {
        case int16, int24, int32, float32
    }

    private enum Coding {
        case integer, float, aLaw, muLaw
    }

    /// Reads a file that is in memory; `place` stands in error messages.
    public static func decode(_ bytes: [UInt8], place: String = "WAV data") throws(ApusError) -> AudioClip {
        func damaged(_ problem: String) -> ApusError {
            ApusError(.format, in: place, problem, remedy: "this is no WAV file, or it is damaged: copy it again")
        }
        guard bytes.count >= 12, bytes.starts(with: "RIFF".utf8), bytes[8..<12].elementsEqual("WAVE".utf8) else {
            throw damaged("it does not begin with RIFF and WAVE (bytes 0 and 8)")
        }
        var reader = ByteReader(bytes, at: 12)
        var format: (coding: Coding, channels: Int, rate: Int, bits: Int)?
        while reader.remaining > 0 {
            let start = reader.offset
            guard let name = reader.take(4), let size = reader.little32() else {
                throw damaged("a chunk ends in its header (byte \(start))")
            }
            let begin = reader.offset
            if name.elementsEqual("fmt ".utf8) {
                guard let tag = reader.little16(), let channels = reader.little16(), let rate = reader.little32(),
                    reader.take(6) != nil, let bits = reader.little16(), size >= 16
                else { throw damaged("the format takes \(size) bytes, but ends before 16 (byte \(start))") }
                var code = tag
                if tag == 0xfffe {
                    guard size >= 26, reader.take(8) != nil, let sub = reader.little16() else {
                        throw damaged("the format takes \(size) bytes, but its kind needs 26 (byte \(start))")
                    }
                    code = sub
                }
                let coding: Coding
                switch (code, bits) {
                case (1, 8), (1, 16), (1, 24), (1, 32): coding = .integer
                case (3, 32), (3, 64): coding = .float
                case (6, 8): coding = .aLaw
                case (7, 8): coding = .muLaw
                default: throw damaged("samples of kind \(code) with \(bits) bits are not read (byte \(begin))")
                }
                guard (1...1024).contains(channels), (1...1_000_000_000).contains(rate) else {
                    throw damaged("it has \(channels) channels and \(rate) samples a second (byte \(begin + 2))")
                }
                format = (coding, channels, rate, bits)
            } else if name.elementsEqual("data".utf8) {
                guard let format else { throw damaged("samples stand before their format (byte \(start))") }
                // Programs that write into a pipe don't know the size.
                let length = size == 0xffff_ffff ? bytes.count - begin : size
                guard length <= bytes.count - begin else {
                    throw damaged("samples take \(length) bytes, but \(bytes.count - begin) follow (byte \(begin))")
                }
                let frame = format.channels * format.bits / 8
                guard length / frame * format.channels <= AudioClip.maximumSamples else {
                    throw damaged("it has more than \(AudioClip.maximumSamples) samples (byte \(begin))")
                }
                let used = begin..<begin + length / frame * frame
                let samples = values(of: bytes, used, format.coding, bits: format.bits)
                return try AudioClip(samples: samples, channels: format.channels, sampleRate: Double(format.rate))
            }
            // Chunks begin at even places.
            guard size + size % 2 <= bytes.count - begin || begin + size == bytes.count else {
                throw damaged("a chunk takes \(size) bytes, but \(bytes.count - begin) follow (byte \(begin))")
            }
            reader.offset = min(begin + size + size % 2, bytes.count)
        }
        throw damaged("it holds no samples (byte \(bytes.count))")
    }

    private static func values(
        of bytes: [UInt8], _ range: Range<Int>, _ coding: Coding, bits: Int
    ) -> [Float] {
        let size = bits / 8
        var samples = [Float](repeating: 0, count: range.count / size)
        for index in samples.indices {
            var word: UInt64 = 0
            for byte in 0..<size { word |= UInt64(bytes[range.lowerBound + index * size + byte]) << UInt64(8 * byte) }
            switch coding {
            case .integer where bits == 8: samples[index] = (Float(word) - 128) / 128
            case .integer:
                let signed = Int32(truncatingIfNeeded: UInt32(word) << UInt32(32 - bits))
                samples[index] = Float(signed) * 0x1p-31
            case .float where bits == 32: samples[index] = Float(bitPattern: UInt32(word))
            case .float: samples[index] = Float(Double(bitPattern: word))
            case .aLaw: samples[index] = aLaw(UInt8(word))
            case .muLaw: samples[index] = muLaw(UInt8(word))
            }
        }
        return samples
    }

    /// ITU-T G.711.
    private static func aLaw(_ code: UInt8) -> Float {
        let flipped = code ^ 0x55
        let (segment, step) = (Int(flipped >> 4 & 7), Int(flipped & 15))
        let level = segment == 0 ? step * 16 + 8 : (step * 16 + 264) << (segment - 1)
        return Float(flipped & 0x80 != 0 ? level : -level) / 32768
    }

    private static func muLaw(_ code: UInt8) -> Float {
        let flipped = ~code
        let (segment, step) = (Int(flipped >> 4 & 7), Int(flipped & 15))
        let level = (step * 8 + 132) << segment - 132
        return Float(flipped & 0x80 != 0 ? -level : level) / 32768
    }

    /// Writes a file; samples beyond -1 and 1 are cut off where they are integers.
    public static func write(
        _ clip: AudioClip, to path: String, format: SampleFormat = .int16
    ) throws(ApusError) { try AtomicFile.write(try encode(clip, format: format), to: path) }

    /// The bytes that `write` would put into a file.
    public static func encode(_ clip: AudioClip, format: SampleFormat = .int16) throws(ApusError) -> [UInt8] {
        let bits = format == .int16 ? 16 : format == .int24 ? 24 : 32
        let size = clip.samples.count * bits / 8
        guard size < 1 << 32 - 64, let rate = UInt32(exactly: clip.sampleRate.rounded()) else {
            throw ApusError(
                .resource, in: "WAV data",
                "\(clip.samples.count) samples of \(bits) bits at \(clip.sampleRate) a second",
                remedy: "write pieces below 4 gigabytes, at whole rates")
        }
        var bytes = Array("RIFF".utf8)
        bytes.appendLittle(UInt32(36 + size + size % 2))
        bytes += Array("WAVEfmt ".utf8)
        bytes.appendLittle(UInt32(16))
        bytes.appendLittle(UInt16(format == .float32 ? 3 : 1))
        bytes.appendLittle(UInt16(clip.channels))
        bytes.appendLittle(rate)
        bytes.appendLittle(UInt32(truncatingIfNeeded: Int(rate) * clip.channels * bits / 8))
        bytes.appendLittle(UInt16(clip.channels * bits / 8))
        bytes.appendLittle(UInt16(bits))
        bytes += Array("data".utf8)
        bytes.appendLittle(UInt32(size))
        bytes.reserveCapacity(bytes.count + size)
        let scale = Double(1 << (bits - 1))
        for sample in clip.samples {
            if format == .float32 {
                bytes.appendLittle(sample.bitPattern)
            } else {
                let level = (Double(sample) * scale).rounded()
                let value = Int32(level.isNaN ? 0 : min(max(level, -scale), scale - 1))
                for byte in 0..<bits / 8 { bytes.append(UInt8(truncatingIfNeeded: value >> Int32(8 * byte))) }
            }
        }
        if size % 2 == 1 { bytes.append(0) }
        return bytes
    }
}
