#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// How pitch as it is heard, in mel, follows from frequency.
public enum MelScale: Sendable, Hashable {
    /// `2595 log10(1 + f / 700)`.
    case htk
    /// Linear below 1000 Hz, logarithmic above (Slaney, Auditory Toolbox).
    case slaney

    /// The pitch of a frequency in Hz.
    public func mel(hertz: Double) -> Double {
        switch self {
        case .htk: 2595 * log10(1 + hertz / 700)
        case .slaney: hertz < 1000 ? hertz * 3 / 200 : 15 + log(hertz / 1000) * 27 / log(6.4)
        }
    }

    /// The frequency in Hz of a pitch.
    public func hertz(mel: Double) -> Double {
        switch self {
        case .htk: 700 * (pow(10, mel / 2595) - 1)
        case .slaney: mel < 15 ? mel * 200 / 3 : 1000 * exp((mel - 15) * log(6.4) / 27)
        }
    }
}

/// Overlapping triangles that sum the bins of a spectrum into bands of equal width in mel.
public struct MelFilterBank: Sendable, Hashable {
    /// The axis along which the sides of the triangles are straight.
    public enum Axis: Sendable, Hashable {
        /// As torchaudio and librosa have it.
        case hertz
        /// As TensorFlow and Keras have it, which also leave out the bin of frequency 0.
        case mel
    }

    /// The number of bands.
    public let bands: Int
    /// Samples a second.
    public let sampleRate: Double
    /// The lowest and highest frequency in Hz.
    public let range: ClosedRange<Double>
    /// The scale of pitches on which bands are equally wide.
    public let scale: MelScale
    /// Along what triangles are straight: hertz or the scale itself.
    public let axis: Axis
    /// Whether each triangle has the area 1 (librosa's `norm="slaney"`) instead of the height 1.
    public let hasUnitArea: Bool

    /// - Parameters:
    ///   - range: the lowest and highest frequency in Hz; by default 0 to half of the sample rate
    ///   - axis: along what triangles are straight
    ///   - hasUnitArea: whether each triangle has the area 1 instead of the height 1
    public init(
        bands: Int = 128, sampleRate: Double = 16_000, range: ClosedRange<Double>? = nil, scale: MelScale = .htk,
        axis: Axis = .hertz, hasUnitArea: Bool = false
    ) {
        self.bands = bands
        self.sampleRate = sampleRate
        self.range = range ?? 0...Swift.max(0, sampleRate.isFinite ? sampleRate / 2 : 0)
        self.scale = scale
        self.axis = axis
        self.hasUnitArea = hasUnitArea
    }

    /// The weight of each bin in each band: `[bins, bands]`.
    ///
    ///     let mel = matmul(power, MelFilterBank(bands: 80).weights(bins: 257))
    ///
    /// - Parameter bins: of a spectrum, from the frequency 0 to half the sample rate
    public func weights(bins: Int, dtype: DType = .float32) -> Tensor {
        guard (1...1 << 16).contains(bands), (2...1 << 24).contains(bins), sampleRate > 0, sampleRate.isFinite,
            range.lowerBound >= 0, range.upperBound > range.lowerBound, range.upperBound <= sampleRate / 2,
            dtype.isFloatingPoint
        else {
            return .refused(
                .value, in: "MelFilterBank",
                "\(bands) bands of \(bins) bins from \(range.lowerBound) to \(range.upperBound) Hz at \(sampleRate) Hz",
                remedy: "use 1 to 65536 bands, 2 bins or more, and frequencies from 0 to half the sample rate")
        }
        let (low, high) = (scale.mel(hertz: range.lowerBound), scale.mel(hertz: range.upperBound))
        let edges = (0..<bands + 2).map { low + (high - low) * Double($0) / Double(bands + 1) }
        let hertz = edges.map { scale.hertz(mel: $0) }
        let corners = axis == .hertz ? hertz : edges
        var weights = [Double](repeating: 0, count: bins * bands)
        for bin in (axis == .mel ? 1 : 0)..<bins {
            let frequency = sampleRate / 2 * Double(bin) / Double(bins - 1)
            let place = axis == .hertz ? frequency : scale.mel(hertz: frequency)
            for band in 0..<bands {
                let rise = (place - corners[band]) / (corners[band + 1] - corners[band])
                let fall = (corners[band + 2] - place) / (corners[band + 2] - corners[band + 1])
                let area = hasUnitArea ? 2 / (hertz[band + 2] - hertz[band]) : 1
                weights[bin * bands + band] = max(0, min(rise, fall)) * area
            }
        }
        return .constant(weights, shape: [bins, bands], dtype: dtype)
    }
}
