import Apus
import TestSupport
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

@Suite struct AudioClipTests {
    /// A tone of a frequency.
    static func tone(_ hertz: Double, rate: Double, count: Int, channels: Int = 1) throws -> AudioClip {
        let samples = (0..<count * channels).map { Float(0.5 * sin(2 * .pi * hertz * Double($0 / channels) / rate)) }
        return try AudioClip(samples: samples, channels: channels, sampleRate: rate)
    }

    private func distance(_ one: [Float], _ other: [Float]) -> Float {
        zip(one, other).map { abs($0 - $1) }.max() ?? 0
    }

    @Test(arguments: [(WAV.SampleFormat.int16, Float(2e-5)), (.int24, 1e-7), (.int32, 1e-7), (.float32, 0)])
    func filesAreWrittenAndRead(format: WAV.SampleFormat, tolerance: Float) throws {
        let folder = TemporaryFolder()
        let clip = try Self.tone(440, rate: 8000, count: 101, channels: 3)
        try WAV.write(clip, to: folder.file("a.wav"), format: format)
        let read = try AudioClip(path: folder.file("a.wav"))
        #expect(read.channels == 3 && read.count == 101 && read.sampleRate == 8000)
        #expect(distance(read.samples, clip.samples) <= tolerance)
        let loud = try AudioClip(samples: [2, -2, .nan], sampleRate: 1)
        if format != .float32 {
            let cut = try WAV.decode(try WAV.encode(loud, format: format)).samples
            #expect(abs(cut[0] - 1) < 1e-4 && cut[1] == -1 && cut[2] == 0)
        }
    }

    /// A file with one chunk before its samples, of any kind.
    static func file(kind: Int, bits: Int, _ data: [UInt8], channels: Int = 1) -> [UInt8] {
        var bytes = Array("RIFF".utf8) + [0, 0, 0, 0] + Array("WAVELIST".utf8)
        bytes.appendLittle(UInt32(3))
        bytes += [1, 2, 3, 0] + Array("fmt ".utf8)
        bytes.appendLittle(UInt32(40))
        bytes.appendLittle(UInt16(0xfffe))
        bytes.appendLittle(UInt16(channels))
        bytes.appendLittle(UInt32(8000))
        bytes += [0, 0, 0, 0, 0, 0]
        bytes.appendLittle(UInt16(bits))
        bytes += [22, 0, 0, 0, 0, 0, 0, 0]
        bytes.appendLittle(UInt16(kind))
        bytes += [UInt8](repeating: 0, count: 14) + Array("data".utf8)
        bytes.appendLittle(UInt32(data.count))
        return bytes + data
    }

    @Test func allKindsOfSamplesAreRead() throws {
        func values(_ kind: Int, _ bits: Int, _ data: [UInt8]) throws -> [Float] {
            try WAV.decode(Self.file(kind: kind, bits: bits, data)).samples
        }
        #expect(try values(1, 8, [0, 128, 255]) == [-1, 0, 127.0 / 128])
        #expect(try values(1, 16, [0, 0x40, 0, 0x80]) == [0.5, -1])
        #expect(try values(1, 24, [0, 0, 0x40, 0, 0, 0x80]) == [0.5, -1])
        #expect(try values(1, 32, [0, 0, 0, 0xc0]) == [-0.5])
        #expect(try values(3, 32, [0, 0, 0x80, 0x3e]) == [0.25])
        #expect(try values(3, 64, [0, 0, 0, 0, 0, 0, 0xd0, 0xbf]) == [-0.25])
        // The largest and smallest levels of G.711.
        #expect(try values(6, 8, [0xaa, 0x2a, 0xd5]) == [32256.0 / 32768, -32256.0 / 32768, 8.0 / 32768])
        #expect(try values(7, 8, [0x80, 0x00, 0xff]) == [32124.0 / 32768, -32124.0 / 32768, 0])
    }

    @Test func mistakesNameTheirByte() throws {
        let sound = Self.file(kind: 1, bits: 16, [0, 0, 0, 0])
        func problem(_ change: (inout [UInt8]) -> Void) -> String? {
            var bytes = sound
            change(&bytes)
            return refusal { _ = try WAV.decode(bytes) }?.problem
        }
        #expect(problem { $0[8] = 0 } == "it does not begin with RIFF and WAVE (bytes 0 and 8)")
        #expect(problem { $0.removeLast() } == "samples take 4 bytes, but 3 follow (byte 80)")
        #expect(problem { $0.removeSubrange(72...) } == "it holds no samples (byte 72)")
        #expect(problem { $0[56] = 9 } == "samples of kind 9 with 16 bits are not read (byte 32)")
        #expect(problem { $0[34] = 0 } == "it has 0 channels and 8000 samples a second (byte 34)")
        #expect(problem { $0[16] = 200 } == "a chunk takes 200 bytes, but 64 follow (byte 20)")
        #expect(problem { $0[24] = 0 } == "samples stand before their format (byte 72)")
        FuzzRun.check(sound, rounds: 1000) { bytes throws(ApusError) in _ = try WAV.decode(bytes) }
    }

    @Test func tonesKeepTheirPitch() throws {
        for (old, new) in [(8000.0, 16_000.0), (44_100, 16_000), (16_000, 11_025)] {
            let clip = try Self.tone(440, rate: old, count: Int(old / 4), channels: 2).resampled(to: new)
            let wanted = try Self.tone(440, rate: new, count: clip.count, channels: 2)
            #expect(clip.sampleRate == new && clip.count == Int((new / 4).rounded(.up)))
            // Away from the ends, where silence is taken into account.
            let middle = 200..<clip.samples.count - 200
            #expect(distance(Array(clip.samples[middle]), Array(wanted.samples[middle])) < 2e-3)
        }
        // What a lower rate can't hold is left out.
        let high = try Self.tone(7000, rate: 16_000, count: 4000).resampled(to: 8000)
        #expect(high.samples[100..<1900].allSatisfy { abs($0) < 5e-3 })
        let clip = try Self.tone(10, rate: 100, count: 50)
        #expect(try clip.resampled(to: 100) == clip)
        #expect(refusal { _ = try clip.resampled(to: 0.5) } != nil)
    }

    @Test func clipsAreChanged() throws {
        let clip = try AudioClip(samples: [0.25, 0.75, -1, 0, 0.5, 0.5], channels: 2, sampleRate: 2)
        #expect(clip.mono().samples == [0.5, -0.5, 0.5] && clip.duration == 1.5)
        #expect(try clip.withLength(seconds: 0.5).samples == [0.25, 0.75])
        #expect(try clip.mono().withLength(seconds: 2).samples == [0.5, -0.5, 0.5, 0])
        #expect(clip.mono().shifted(seconds: 0.5).samples == [0, 0.5, -0.5])
        #expect(clip.mono().shifted(seconds: -1).samples == [0.5, 0, 0])
        #expect(clip.mono().shifted(seconds: .infinity).samples == [0, 0, 0])
        #expect(abs(clip.amplified(decibels: -20).samples[2] + 0.1) < 1e-7)
        var random = RandomSource(seed: 1)
        let tone = try Self.tone(100, rate: 8000, count: 8000)
        let noise = zip(tone.withNoise(decibelsBelow: 20, using: &random).samples, tone.samples).map { $0 - $1 }
        let power = noise.reduce(0) { $0 + $1 * $1 } / 8000
        #expect(abs(power / (0.125 * 0.01) - 1) < 0.1)
        #expect(clip.tensor().shape == [3, 2] && tone.tensor().shape == [8000])
        #expect(refusal { _ = try AudioClip(samples: [1], channels: 2, sampleRate: 1) } != nil)
    }

    @Test func spectrogramsLoseBands() throws {
        let x = Tensor.ones([2, 40, 20])
        let augment = SpecAugment(frequencyMasks: 1, frequencyWidth: 6, timeMasks: 2, timeWidth: 10)
        var random = RandomSource(seed: 3)
        let y = try augment(x, using: &random)
        let values: [Float] = try y.array()
        #expect(y.shape == [2, 40, 20] && values.contains(0) && values.contains(1))
        // Whole rows and columns are left out, alike in all of a batch.
        let rows = try y.max(axes: [0, 2]).array(of: Float.self),
            columns = try y.max(axes: [0, 1]).array(of: Float.self)
        #expect(rows.count { $0 == 0 } <= 20 && columns.count { $0 == 0 } <= 6)
        for (index, value) in values.enumerated() {
            #expect(value == rows[index / 20 % 40] * columns[index % 20])
        }
        var again = RandomSource(seed: 3)
        #expect(try augment(x, using: &again).array(of: Float.self) == values)
        // Time only moves: a ramp stays a ramp with the same ends.
        let ramp = Tensor((0..<50).map { Float($0) }, shape: [50, 1])
        let warped: [Float] = try SpecAugment(timeWarp: 10, frequencyMasks: 0, timeMasks: 0)(ramp, using: &random)
            .array()
        #expect(warped.first == 0 && warped.last == 49 && warped == warped.sorted())
        #expect(warped != (0..<50).map { Float($0) } && zip(warped, 0...).allSatisfy { abs($0 - Float($1)) <= 10.001 })
        #expect(refusal { _ = try augment(Tensor.ones([3]), using: &random) } != nil)
    }

    /// From files to features in batches.
    @Test func foldersBecomeBatches() throws {
        let folder = TemporaryFolder(), parent = folder.path
        for (name, hertz) in [("high", 2000.0), ("low", 300)] {
            try #require(mkdir("\(parent)/\(name)", 0o700) == 0)
            for index in 0..<3 {
                try WAV.write(
                    Self.tone(hertz, rate: 8000, count: 700 + 40 * index), to: "\(parent)/\(name)/\(index).wav")
            }
        }
        defer {
            for name in ["high", "low"] {
                for index in 0..<3 { unlink("\(parent)/\(name)/\(index).wav") }
                rmdir("\(parent)/\(name)")
            }
        }
        let words = try AudioFolder(parent)
        #expect(words.classNames == ["high", "low"] && words.count == 6)
        let batches = words.pipeline
            .map("features") { word in
                let clip = try word.clip.mono().resampled(to: 4000).withLength(seconds: 0.1)
                let filters = MelFilterBank(bands: 12, sampleRate: 4000)
                let features = clip.tensor().melSpectrogram(filters, length: 64, hop: 32).decibels()
                return Sample(input: features, target: word.label)
            }
            .map("augment", seed: 3) { sample, random in
                let augment = SpecAugment(frequencyMasks: 1, frequencyWidth: 2, timeMasks: 0)
                return Sample(input: try augment(sample.input, using: &random), target: sample.target)
            }
            .batch(6)
        let batch = try #require(try batches.elements().first)
        #expect(batch.inputs.shape == [6, 13, 12] && batch.targets.shape == [6])
        #expect(
            refusal { _ = try words.sample(at: 6) } != nil && refusal { _ = try AudioFolder("\(parent)/low") } != nil)
    }
}
