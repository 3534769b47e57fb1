import ApusCore

/// The short-time Fourier transform of signals `[batch, time] -> [batch, frames, length / 2 + 1]`, with Hann's window.
///
///     STFTSpectrogram(length: 256, hop: 128, .logPower)
public final class STFTSpectrogram: Layer {
    /// What is shown of each complex number.
    public enum Quantity: String, Sendable {
        case magnitude, power, real, imaginary, angle
        /// `log(max(power, 1e-10))`.
        case logPower
    }

    /// Samples of a frame, and between frames.
    public let length, hop: Int
    /// What is computed of each coefficient.
    public let quantity: Quantity
    /// Whether signals are continued at both ends by their mirror images, so that frames are around samples.
    public let isCentered: Bool

    /// - Parameter length: samples of a window
    public init(length: Int = 256, hop: Int? = nil, _ quantity: Quantity = .logPower, isCentered: Bool = true) {
        self.length = length
        self.hop = hop ?? max(1, length / 4)
        self.quantity = quantity
        self.isCentered = isCentered
    }

    public var details: String { "length \(length), hop \(hop), \(quantity.rawValue)" }

    public func forward(_ x: Tensor) throws(ApusError) -> Tensor {
        try require(x, rank: 2, "[batch, time]")
        let spectrum = x.stft(length: length, hop: hop, isCentered: isCentered)
        switch quantity {
        case .real: return spectrum.real
        case .imaginary: return spectrum.imaginary
        case .angle: return spectrum.angle()
        case .magnitude: return spectrum.magnitude()
        case .power: return spectrum.real.square() + spectrum.imaginary.square()
        case .logPower: return Tensor.maximum(spectrum.real.square() + spectrum.imaginary.square(), 1e-10).log()
        }
    }
}

/// How strong the bands of pitch of signals are over time: `[batch, time] -> [batch, frames, bands]`, in decibels
/// unless told otherwise. (Keras has the last two axes exchanged.)
///
///     MelSpectrogram(MelFilterBank(bands: 80, sampleRate: 16_000), length: 400, hop: 160)
public final class MelSpectrogram: Layer {
    /// The bands.
    public let filters: MelFilterBank
    /// Samples of a frame, and between frames.
    public let length, hop: Int
    /// 1 for magnitudes, 2 for power.
    public let power: Double
    /// Whether results are in decibels, at most 80 below the maximum of each spectrogram.
    public let isInDecibels: Bool

    /// - Parameter isInDecibels: whether the result is `10 log10` of the bands
    public init(
        _ filters: MelFilterBank = MelFilterBank(axis: .mel), length: Int = 2048, hop: Int = 512, power: Double = 2,
        isInDecibels: Bool = true
    ) {
        self.filters = filters
        self.length = length
        self.hop = hop
        self.power = power
        self.isInDecibels = isInDecibels
    }

    public var details: String { "\(filters.bands) bands, length \(length), hop \(hop)" }

    public func forward(_ x: Tensor) throws(ApusError) -> Tensor {
        try require(x, rank: 2, "[batch, time]")
        let mel = x.melSpectrogram(filters, length: length, hop: hop, power: power)
        return isInDecibels ? mel.decibels() : mel
    }
}
