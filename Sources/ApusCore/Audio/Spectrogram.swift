#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension Tensor {
    /// How strong each frequency is over time: `[.., time] -> [.., frames, length / 2 + 1]`, the magnitudes of
    /// ``stft(length:hop:window:isCentered:scale:)`` to a power.
    ///
    /// - Parameter power: 1 for magnitudes, 2 for power
    public func spectrogram(
        length: Int, hop: Int? = nil, window: Tensor? = nil, isCentered: Bool = true, power: Double = 2
    ) -> Tensor {
        guard power > 0, power.isFinite else {
            return .refused(
                .value, in: "operation spectrogram", "the power is \(power)", remedy: "use a number above 0")
        }
        let spectrum = stft(length: length, hop: hop, window: window, isCentered: isCentered)
        if power == 2 { return spectrum.real.square() + spectrum.imaginary.square() }
        let magnitude = spectrum.magnitude()
        return power == 1 ? magnitude : Tensor.power(magnitude, power)
    }

    /// A spectrogram in bands of equal width in mel: `[.., time] -> [.., frames, bands]`.
    ///
    ///     let features = signal.melSpectrogram(MelFilterBank(bands: 80), length: 400, hop: 160).decibels()
    public func melSpectrogram(
        _ filters: MelFilterBank = MelFilterBank(), length: Int, hop: Int? = nil, window: Tensor? = nil,
        isCentered: Bool = true, power: Double = 2
    ) -> Tensor {
        let spectrum = spectrogram(length: length, hop: hop, window: window, isCentered: isCentered, power: power)
        guard spectrum.error == nil else { return spectrum }
        return matmul(spectrum, filters.weights(bins: spectrum.shape[-1], dtype: spectrum.dtype))
    }

    /// Powers in decibels: `10 log10(max(x, least) / reference)`.
    ///
    /// - Parameters:
    ///   - reference: the power of 0 dB
    ///   - least: what smaller powers are taken for
    ///   - range: nothing is more than so many dB below the maximum of its spectrogram (the last two axes); `nil` for
    ///     no such limit
    public func decibels(reference: Double = 1, least: Double = 1e-10, range: Double? = 80) -> Tensor {
        Tensor.composed(of: [self]) { () throws(ApusError) in
            guard reference > 0, reference.isFinite, least > 0, least.isFinite, range.map({ $0 >= 0 }) ?? true else {
                throw ApusError(
                    .value, in: "operation decibels",
                    "reference \(reference), least power \(least), range \(range.map { "\($0)" } ?? "none")",
                    remedy: "use powers above 0 and a range of 0 or more")
            }
            let level = Tensor.maximum(self, least).log10() * 10 - 10 * logarithm10(Swift.max(reference, least))
            guard let range, shape.count > 0 else { return level }
            let axes = rank >= 2 ? [-2, -1] : rank == 1 ? [-1] : []
            return Tensor.maximum(level, level.max(axes: axes, keepDimensions: true) - range)
        }
    }

    /// Mel-frequency cepstral coefficients: the first numbers of the orthonormal cosine transform of a logarithmic mel
    /// spectrogram, `[.., frames, bands] -> [.., frames, count]` (Davis and Mermelstein, IEEE Trans. ASSP 1980).
    ///
    ///     let coefficients = signal.melSpectrogram(length: 400, hop: 160).decibels().mfcc(40)
    public func mfcc(_ count: Int = 40) -> Tensor {
        Tensor.composed(of: [self]) { () throws(ApusError) in
            guard rank >= 1, (1...Swift.max(shape[-1], 1)).contains(count) else {
                throw ApusError(
                    .shape, in: "operation mfcc", "\(count) coefficients of shape \(shape)",
                    remedy: "feed [.., frames, bands] and ask for 1 to as many as there are bands")
            }
            let coefficients = dct()
            return coefficients.error == nil ? coefficients.slice(axis: -1, 0..<count) : coefficients
        }
    }
}

private func logarithm10(_ x: Double) -> Double { log10(x) }
