import ApusCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A recording: samples from -1 to 1 of one channel or more.
///
///     let clip = try AudioClip(path: "yes.wav").mono().resampled(to: 16_000).withLength(seconds: 1)
///     let features = try clip.tensor().melSpectrogram(MelFilterBank(bands: 40), length: 400, hop: 160)
public struct AudioClip: Sendable, Equatable {
    /// The most samples of a clip, all channels together.
    public static let maximumSamples = 1 << 30

    /// The samples of all channels at one time, then those of the next.
    public let samples: [Float]
    /// How many channels there are.
    public let channels: Int
    /// Samples a second of each channel.
    public let sampleRate: Double

    /// - Throws: an `ApusError` for samples that are no whole number of channels, or a rate that is not above 0
    public init(samples: [Float], channels: Int = 1, sampleRate: Double) throws(ApusError) {
        guard (1...1024).contains(channels), samples.count % channels == 0, sampleRate > 0, sampleRate <= 1e9 else {
            throw ApusError(
                .value, in: "audio clip", "\(samples.count) samples of \(channels) channels, \(sampleRate) a second",
                remedy: "give whole numbers of 1 to 1024 channels, and a rate above 0 of up to 1e9")
        }
        (self.samples, self.channels, self.sampleRate) = (samples, channels, sampleRate)
    }

    private init(trusted samples: [Float], _ channels: Int, _ sampleRate: Double) {
        (self.samples, self.channels, self.sampleRate) = (samples, channels, sampleRate)
    }

    /// Reads a WAV file.
    public init(path: String) throws(ApusError) { self = try WAV.read(path) }

    /// Samples of each channel.
    public var count: Int { samples.count / channels }

    /// How long it lasts, in seconds.
    public var duration: Double { Double(count) / sampleRate }

    /// One channel, the mean of all.
    public func mono() -> AudioClip {
        guard channels > 1 else { return self }
        let mixed = (0..<count).map { time in
            samples[time * channels..<(time + 1) * channels].reduce(0, +) / Float(channels)
        }
        return AudioClip(trusted: mixed, 1, sampleRate)
    }

    /// The first seconds, filled up with silence if it is shorter.
    public func withLength(seconds: Double) throws(ApusError) -> AudioClip {
        let length = (seconds * sampleRate).rounded()
        guard length >= 0, length * Double(channels) <= Double(Self.maximumSamples) else {
            throw ApusError(
                .value, in: "audio clip", "\(seconds) seconds of \(sampleRate) samples of \(channels) channels",
                remedy: "use 0 seconds or more, and \(Self.maximumSamples) samples at most")
        }
        let kept = samples.prefix(Int(length) * channels)
        let silence = [Float](repeating: 0, count: Int(length) * channels - kept.count)
        return AudioClip(trusted: Array(kept) + silence, channels, sampleRate)
    }

    /// The same sound with another number of samples a second.
    ///
    /// Each sample is the sum of those around it, weighed by a sinc under a Hann window that keeps what lies above half of
    /// the smaller rate out (Smith, Digital Audio Resampling, 2002; the kernel is that of torchaudio).
    ///
    /// - Parameters:
    ///   - rate: a whole number, as the present one
    ///   - zeros: how many zero crossings of the sinc are looked at on each side
    ///   - rolloff: up to what share of half the smaller rate frequencies are kept
    public func resampled(to rate: Double, zeros: Int = 6, rolloff: Double = 0.99) throws(ApusError) -> AudioClip {
        guard rate != sampleRate else { return self }
        guard rate >= 1, rate <= 1e7, rate == rate.rounded(), sampleRate == sampleRate.rounded(), sampleRate <= 1e7,
            (1...256).contains(zeros), rolloff > 0, rolloff <= 1
        else {
            throw ApusError(
                .value, in: "audio clip",
                "\(sampleRate) samples a second to \(rate), \(zeros) zero crossings, rolloff \(rolloff)",
                remedy: "use whole rates of 1 to 10000000, 1 to 256 crossings and a rolloff above 0 of up to 1")
        }
        var (a, b) = (Int(sampleRate), Int(rate))
        while b != 0 { (a, b) = (b, a % b) }
        let (old, new) = (Int(sampleRate) / a, Int(rate) / a)
        let cutoff = min(1, Double(new) / Double(old)) * rolloff
        let reach = Int((Double(zeros) / cutoff).rounded(.up))
        let length = (count.multipliedReportingOverflow(by: new).partialValue + old - 1) / old
        guard Double(count) * rate / sampleRate * Double(channels) <= Double(Self.maximumSamples), reach <= 1 << 20,
            count <= Int.max / new - old
        else {
            throw ApusError(
                .resource, in: "audio clip", "\(count) samples at \(sampleRate) a second become too many at \(rate)",
                remedy: "resample shorter pieces, or in steps")
        }
        // The weights depend on the place between two samples alone, of which there are `new`.
        var kernels = [[Float]?](repeating: nil, count: min(new, max(length, 1)))
        var result = [Float](repeating: 0, count: length * channels)
        for place in 0..<length {
            let (phase, begin) = (place % new, place / new * old)
            let position = Double(phase) * Double(old) / Double(new)
            let first = Int(position) - reach
            let kernel: [Float]
            if let known = kernels[phase] {
                kernel = known
            } else {
                kernel = (0...2 * reach + 1).map { tap in
                    let x = (Double(first + tap) - position) * cutoff
                    guard abs(x) < Double(zeros) else { return 0 }
                    let window = cos(x * .pi / Double(zeros) / 2)
                    let sinc = x == 0 ? 1 : sin(.pi * x) / (.pi * x)
                    return Float(sinc * window * window * cutoff)
                }
                kernels[phase] = kernel
            }
            let start = begin + first
            for tap in max(0, -start)..<max(max(0, -start), min(kernel.count, count - start)) {
                for channel in 0..<channels {
                    result[place * channels + channel] += kernel[tap] * samples[(start + tap) * channels + channel]
                }
            }
        }
        return AudioClip(trusted: result, channels, rate)
    }

    /// The sound times a factor given in decibels.
    public func amplified(decibels: Double) -> AudioClip {
        let factor = Float(pow(10, decibels / 20))
        return AudioClip(trusted: samples.map { $0 * factor }, channels, sampleRate)
    }

    /// The sound with normal noise, so many decibels weaker than it; silence stays as it is.
    public func withNoise(decibelsBelow ratio: Double, using random: inout RandomSource) -> AudioClip {
        let power = samples.reduce(0) { $0 + Double($1) * Double($1) } / Double(max(samples.count, 1))
        let deviation = (power * pow(10, -ratio / 10)).squareRoot()
        guard deviation.isFinite else { return self }
        let noisy = samples.map { Float(Double($0) + deviation * random.normal()) }
        return AudioClip(trusted: noisy, channels, sampleRate)
    }

    /// The sound later (or earlier, for negative numbers) by so many seconds, in the same length, with silence where
    /// there is nothing.
    public func shifted(seconds: Double) -> AudioClip {
        let steps = (seconds * sampleRate).rounded()
        let shift = Int(min(max(steps.isNaN ? 0 : steps, -Double(count)), Double(count))) * channels
        let silence = [Float](repeating: 0, count: abs(shift))
        let moved =
            shift >= 0 ? silence + Array(samples.dropLast(shift)) : Array(samples.dropFirst(-shift)) + silence
        return AudioClip(trusted: moved, channels, sampleRate)
    }
}

extension AudioClip: TensorElement {
    /// `[samples]` of one channel, else `[samples, channels]`, float32.
    public func tensor() -> Tensor {
        Tensor(samples, shape: channels == 1 ? [count] : [count, channels])
    }
}
