import ApusCore
import Foundation
import TestSupport
import Testing

@Suite struct AudioTests {
    private func tensor(_ shape: Shape, _ seed: UInt64 = 3) -> Tensor {
        var random = TestRandom(seed)
        return random.tensor(shape, -1...1)
    }

    @Test func windowsHaveTheirForm() throws {
        func values(_ window: Tensor) throws -> [Double] { try window.array() }
        func isNear(_ window: Tensor, _ expected: [Double]) throws -> Bool {
            try zip(values(window), expected).allSatisfy { abs($0 - $1) < 1e-14 } && window.shape == [expected.count]
        }
        #expect(try isNear(.hannWindow(4, dtype: .float64), [0, 0.5, 1, 0.5]))
        #expect(try isNear(.hannWindow(5, isPeriodic: false, dtype: .float64), [0, 0.5, 1, 0.5, 0]))
        #expect(try isNear(.hammingWindow(4, dtype: .float64), [0.08, 0.54, 1, 0.54]))
        #expect(try isNear(.blackmanWindow(4, dtype: .float64), [0, 0.34, 1, 0.34]))
        #expect(try isNear(.bartlettWindow(4, dtype: .float64), [0, 0.5, 1, 0.5]))
        // NumPy: np.kaiser(5, 14).
        let kaiser = try values(.kaiserWindow(5, beta: 14, isPeriodic: false, dtype: .float64))
        for (value, expected) in zip(kaiser, [7.72686684e-06, 1.64932188e-01, 1, 1.64932188e-01, 7.72686684e-06]) {
            #expect(abs(value - expected) < 1e-8 * expected + 1e-14)
        }
        #expect(try isNear(.kaiserWindow(3, beta: 0, dtype: .float64), [1, 1, 1]))
        #expect(try isNear(.hannWindow(1, dtype: .float64), [1]))
        #expect(Tensor.hannWindow(0).shape == [0])
        #expect(Tensor.hannWindow(-1).error?.kind == .value)
        #expect(Tensor.kaiserWindow(4, beta: .infinity).error?.kind == .value)
    }

    @Test func framesAreTransformsOfPieces() throws {
        let x = tensor([2, 40])
        let window = Tensor.hammingWindow(12, dtype: .float64)
        let spectrum = x.stft(length: 16, hop: 5, window: window, isCentered: false)
        #expect(spectrum.shape == [2, 5, 9])
        let weights = window.padded([(2, 2)])
        for frame in 0..<5 {
            let piece = (x.slice(axis: 1, frame * 5..<frame * 5 + 16) * weights).rfft()
            let part = spectrum.real.slice(axis: 1, frame..<frame + 1).squeezed(1)
            #expect(try difference(part, piece.real) < 1e-14)
        }
        // A frame's middle is its sample: the signal continues mirrored.
        let centred = x.stft(length: 16, hop: 4)
        #expect(centred.shape == [2, 11, 9])
        let mirrored = x.padded([(0, 0), (8, 8)], mode: .reflect).stft(length: 16, hop: 4, isCentered: false)
        #expect(try difference(centred.imaginary, mirrored.imaginary) < 1e-14)
    }

    @Test(arguments: [(16, 4, 40), (15, 3, 40), (20, 7, 61), (32, 8, 33)])
    func theInverseReproduces(_ length: Int, _ hop: Int, _ count: Int) throws {
        let x = tensor([2, count])
        let window = Tensor.hammingWindow(length, dtype: .float64)
        let spectrum = x.stft(length: length, hop: hop, window: window)
        let back = spectrum.istft(length: length, hop: hop, window: window, count: count)
        #expect(back.shape == [2, count])
        let reached = Swift.min(count, (spectrum.shape[1] - 1) * hop + length - length / 2)
        #expect(try difference(back.slice(axis: 1, 0..<reached), x.slice(axis: 1, 0..<reached)) < 1e-12)
        try checkBothDerivatives(at: [x], tolerance: 1e-5, sampleLimit: 4) {
            let y = $0[0].stft(length: length, hop: hop)
            return ComplexTensor(y.real.square(), y.imaginary).istft(length: length, hop: hop)
        }
    }

    @Test func aToneIsWhereItsFrequencyIs() throws {
        // 1 kHz at 16 kHz: bin 32 of 512.
        let x = (Tensor.range(count: 4096, dtype: .float64) * (2 * Double.pi / 16)).sin()
        let power = x.spectrogram(length: 512, hop: 256)
        let loudest: [Int] = try power.slice(axis: 0, 2..<14).argmax(axis: 1).array()
        #expect(loudest.allSatisfy { $0 == 32 })
        let magnitude = x.spectrogram(length: 512, hop: 256, power: 1)
        #expect(try difference(magnitude.square(), power) < 1e-9)
        let filters = MelFilterBank(bands: 40)
        let mel = x.melSpectrogram(filters, length: 512, hop: 256)
        #expect(mel.shape == [17, 40])
        // The band whose middle is next to 1 kHz.
        let step = MelScale.htk.mel(hertz: 8000) / 41
        let band = Int((MelScale.htk.mel(hertz: 1000) / step).rounded()) - 1
        let bands: [Int] = try mel.slice(axis: 0, 2..<14).argmax(axis: 1).array()
        #expect(bands.allSatisfy { $0 == band })
        let level = mel.decibels()
        #expect(try level.max().item() - level.min().item() <= 80 + 1e-9)
        #expect(level.mfcc(13).shape == [17, 13])
        #expect(try difference(level.mfcc(40).idct(), level) < 1e-10)
        try checkGradients(at: [tensor([64])], tolerance: 1e-5, sampleLimit: 6) {
            $0[0].melSpectrogram(MelFilterBank(bands: 6), length: 32, hop: 16).decibels(range: nil).mfcc(4)
        }
    }

    @Test func melBandsPartitionTheSpectrum() throws {
        // Between the middles of the first and the last band the triangles sum up to 1, along their axis.
        for axis in [MelFilterBank.Axis.hertz, .mel] {
            let filters = MelFilterBank(bands: 10, sampleRate: 8000, range: 100...4000, scale: .slaney, axis: axis)
            let weights = filters.weights(bins: 257, dtype: .float64)
            #expect(weights.shape == [257, 10])
            let sums: [Double] = try weights.sum(axes: [1]).array()
            let step = (MelScale.slaney.mel(hertz: 4000) - MelScale.slaney.mel(hertz: 100)) / 11
            let first = MelScale.slaney.hertz(mel: MelScale.slaney.mel(hertz: 100) + step)
            let last = MelScale.slaney.hertz(mel: MelScale.slaney.mel(hertz: 4000) - step)
            for (bin, sum) in sums.enumerated() {
                let frequency = 4000 * Double(bin) / 256
                if frequency >= first, frequency <= last { #expect(abs(sum - 1) < 1e-12) }
                if frequency <= 100 { #expect(sum == 0) }
            }
        }
        for scale in [MelScale.htk, .slaney] {
            for hertz in [0.0, 300, 1000, 1001, 7000] {
                #expect(abs(scale.hertz(mel: scale.mel(hertz: hertz)) - hertz) < 1e-9)
            }
        }
        #expect(abs(MelScale.slaney.mel(hertz: 1000) - 15) < 1e-12)
        #expect(abs(MelScale.htk.mel(hertz: 700) - 2595 * log10(2)) < 1e-9)
        // Triangles of unit area: the sum over a fine spectrum times the distance of its bins is 1.
        let fine = MelFilterBank(bands: 4, sampleRate: 8000, hasUnitArea: true).weights(bins: 4001, dtype: .float64)
        for area in try fine.sum(axes: [0]).array(of: Double.self) { #expect(abs(area - 1) < 1e-2) }
    }

    @Test func mistakesAreNamed() {
        let x = Tensor.zeros([2, 10])
        #expect(
            x.stft(length: 32).error?.description
                == "operation stft: 10 samples for transforms of 32; feed more than 16 samples, or transform without "
                + "isCentered")
        #expect(x.stft(length: 16, isCentered: false).error?.kind == .shape)
        #expect(x.stft(length: 0).error?.kind == .value)
        #expect(x.stft(length: 8, hop: 0).error?.kind == .value)
        #expect(x.stft(length: 8, window: Tensor.ones([9])).error?.kind == .shape)
        #expect(x.stft(length: 8, window: Tensor.ones([2, 2])).error?.kind == .shape)
        #expect(Tensor.zeros([]).stft(length: 8).error?.kind == .shape)
        #expect(ComplexTensor(x).istft(length: 8).error?.kind == .shape)
        #expect(ComplexTensor(x).istft(hop: .max).error?.kind == .value)
        #expect(ComplexTensor(x).istft(count: -1).error?.kind == .value)
        #expect(x.spectrogram(length: 8, power: 0).error?.kind == .value)
        #expect(x.melSpectrogram(MelFilterBank(bands: 0), length: 8).error?.kind == .value)
        #expect(x.melSpectrogram(MelFilterBank(range: 0...9000), length: 8).error?.kind == .value)
        #expect(MelFilterBank(sampleRate: .nan).weights(bins: 9).error?.kind == .value)
        #expect(x.decibels(least: 0).error?.kind == .value)
        #expect(x.mfcc(11).error?.kind == .shape)
    }
}
