import ApusCore
import TestSupport

/// Complex numbers, Fourier transforms and sound.
let fuzzSignals: [FuzzCase] = [
    FuzzCase("ComplexTensor.init") { $0.part($0.complex()) },
    FuzzCase("ComplexTensor.init(magnitude:angle:)") {
        let x = $0.wild()
        return $0.part(ComplexTensor(magnitude: x, angle: $0.partner(x)))
    },
    FuzzCase("ComplexTensor.real") { $0.complex().real },
    FuzzCase("ComplexTensor.imaginary") { $0.complex().imaginary },
    FuzzCase("ComplexTensor.magnitude") { $0.complex().magnitude() },
    FuzzCase("ComplexTensor.angle", compared: .float64) { $0.complex().angle() },
    FuzzCase("ComplexTensor.conjugate") {
        let x = $0.complex()
        return $0.part($0.flag() ? x.conjugate() : x * $0.complex())
    },
    FuzzCase("ComplexTensor.fft") {
        let x = $0.complex()
        let axis = $0.axis(x.real)
        return $0.part(x.fft(axis: axis, count: $0.flag() ? nil : $0.wildSize(), scale: $0.scale()))
    },
    FuzzCase("ComplexTensor.ifft") {
        let x = $0.complex()
        if $0.flag() { return $0.part(x.ifft(axes: $0.axes(x.real) ?? [0, -1], scale: $0.scale())) }
        let axis = $0.axis(x.real)
        return $0.part(x.ifft(axis: axis, count: $0.flag() ? nil : $0.wildSize(), scale: $0.scale()))
    },
    FuzzCase("ComplexTensor.irfft") {
        let x = $0.complex()
        return x.irfft(axis: $0.axis(x.real), count: $0.flag() ? nil : $0.wildSize(), scale: $0.scale())
    },
    FuzzCase("rfft") {
        let x = $0.wild()
        let axis = $0.axis(x)
        return $0.part(x.rfft(axis: axis, count: $0.flag() ? nil : $0.wildSize(), scale: $0.scale()))
    },
    FuzzCase("fftShifted") {
        let x = $0.wild()
        return $0.flag() ? x.fftShifted(axes: $0.axes(x)) : x.ifftShifted(axes: $0.axes(x))
    },
    FuzzCase("Tensor.fftFrequencies") {
        let (count, spacing) = ($0.wildInteger(), $0.wildNumber())
        return $0.flag()
            ? Tensor.fftFrequencies(count: count, spacing: spacing, dtype: $0.wildType())
            : Tensor.rfftFrequencies(count: count, spacing: spacing, dtype: $0.wildType())
    },
    FuzzCase("dct") {
        let x = $0.wild()
        return x.dct(axis: $0.axis(x), isOrthonormal: $0.flag())
    },
    FuzzCase("idct") {
        let x = $0.wild()
        return x.idct(axis: $0.axis(x), isOrthonormal: $0.flag())
    },
    FuzzCase("stft") {
        let x = $0.sound()
        return $0.part(
            x.stft(
                length: $0.wildSize(), hop: $0.hop(), window: $0.window(), isCentered: $0.flag(), scale: $0.scale()))
    },
    FuzzCase("ComplexTensor.istft", compared: .none) {
        let x = $0.flag() ? $0.complex() : $0.sound().stft(length: 4, hop: 2)
        return x.istft(
            length: $0.flag() ? nil : $0.wildSize(), hop: $0.hop(), window: $0.window(), isCentered: $0.flag(),
            count: $0.flag() ? nil : $0.wildSize(), scale: $0.scale())
    },
    FuzzCase("spectrogram", compared: .float64) {
        let x = $0.sound()
        return x.spectrogram(
            length: $0.wildSize(), hop: $0.hop(), window: $0.window(), isCentered: $0.flag(), power: $0.wildNumber())
    },
    FuzzCase("melSpectrogram", compared: .float64) {
        let (low, high) = ($0.pick(0.0, 100, -1), $0.pick(8000.0, 100, 1e300))
        let filters = MelFilterBank(
            bands: $0.wildSize(), sampleRate: $0.pick(16_000, 0, .nan, 8000), range: $0.flag() ? nil : low...high,
            axis: $0.pick(.hertz, .mel), hasUnitArea: $0.flag())
        return $0.sound().melSpectrogram(filters, length: $0.wildSize(), hop: $0.hop(), window: $0.window())
    },
    FuzzCase("decibels", compared: .float64) {
        let x = $0.wild()
        return x.decibels(reference: $0.wildNumber(), least: $0.wildNumber(), range: $0.flag() ? nil : $0.wildNumber())
    },
    FuzzCase("mfcc", compared: .float64) {
        let x = $0.wild()
        return x.mfcc($0.wildSize())
    },
    window("Tensor.hannWindow") { Tensor.hannWindow($0, isPeriodic: $1, dtype: $2) },
    window("Tensor.hammingWindow") { Tensor.hammingWindow($0, isPeriodic: $1, dtype: $2) },
    window("Tensor.blackmanWindow") { Tensor.blackmanWindow($0, isPeriodic: $1, dtype: $2) },
    window("Tensor.bartlettWindow") { Tensor.bartlettWindow($0, isPeriodic: $1, dtype: $2) },
    FuzzCase("Tensor.kaiserWindow", compared: .none) {
        Tensor.kaiserWindow($0.wildInteger(), beta: $0.wildNumber(), isPeriodic: $0.flag(), dtype: $0.wildType())
    },
]

private func window(_ name: String, _ function: @escaping @Sendable (Int, Bool, DType) -> Tensor) -> FuzzCase {
    FuzzCase(name) { function($0.wildInteger(), $0.flag(), $0.wildType()) }
}

extension TestRandom {
    fileprivate mutating func complex() -> ComplexTensor {
        let x = wild(0...4, floatType())
        return ComplexTensor(x, integer(0...5) == 0 ? partner(x) : wild(x.shape, x.dtype))
    }

    fileprivate mutating func part(_ x: ComplexTensor) -> Tensor { flag() ? x.real : x.imaginary }

    fileprivate mutating func scale() -> FourierScale { pick(.backward, .orthonormal, .forward) }

    fileprivate mutating func sound() -> Tensor {
        integer(0...5) == 0 ? wild() : wild([integer(0...2), integer(0...40)], floatType())
    }

    fileprivate mutating func hop() -> Int? { flag() ? nil : wildSize() }

    fileprivate mutating func window() -> Tensor? { flag() ? nil : wild([integer(1...5)], floatType()) }
}
