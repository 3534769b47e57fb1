import ApusCore
import Foundation
import TestSupport
import Testing

@Suite struct FourierTests {
    private func tensor(_ shape: Shape, _ seed: UInt64 = 3) -> Tensor {
        var random = TestRandom(seed)
        return random.tensor(shape, -1...1)
    }

    private func complex(_ shape: Shape, _ seed: UInt64 = 3) -> ComplexTensor {
        ComplexTensor(tensor(shape, seed), tensor(shape, seed + 1))
    }

    private func distance(_ a: ComplexTensor, _ b: ComplexTensor) throws -> Double {
        try max(difference(a.real, b.real), difference(a.imaginary, b.imaginary))
    }

    /// The sum of the definition, for one vector.
    private func definition(_ re: [Double], _ im: [Double]) -> (re: [Double], im: [Double]) {
        let n = re.count
        var (real, imaginary) = ([Double](), [Double]())
        for k in 0..<n {
            var (a, b) = (0.0, 0.0)
            for t in 0..<n {
                let angle = -2 * Double.pi * Double(k * t % n) / Double(n)
                a += re[t] * cos(angle) - im[t] * sin(angle)
                b += re[t] * sin(angle) + im[t] * cos(angle)
            }
            real.append(a)
            imaginary.append(b)
        }
        return (real, imaginary)
    }

    /// Lengths of one factor, of several, primes small and large, and their products.
    @Test(arguments: [1, 2, 3, 5, 8, 12, 31, 32, 33, 37, 60, 64, 67, 96, 100, 128, 134, 257, 360, 514, 521, 1024, 1031])
    func agreesWithTheDefinition(_ n: Int) throws {
        let x = complex([n])
        let expected = try definition(x.real.array(), x.imaginary.array())
        let scale = Double(n).squareRoot()
        for (dtype, tolerance) in [(DType.float64, 1e-14), (.float32, 1e-6)] {
            let point = ComplexTensor(x.real.cast(to: dtype), x.imaginary.cast(to: dtype))
            let y = point.fft()
            #expect(y.real.dtype == dtype)
            let real: [Double] = try y.real.array()
            let imaginary: [Double] = try y.imaginary.array()
            let worst = (0..<n).map { max(abs(real[$0] - expected.re[$0]), abs(imaginary[$0] - expected.im[$0])) }
                .reduce(0, max)
            #expect(worst < tolerance * scale * 20, "\(n), \(dtype): \(worst)")
            #expect(try distance(y.ifft(), point) < tolerance * 20, "\(n), \(dtype)")
            let half = point.real.rfft()
            #expect(half.shape == [n / 2 + 1])
            #expect(try difference(half.irfft(count: n), point.real) < tolerance * 20, "\(n), \(dtype)")
        }
    }

    @Test func axesScalesAndCounts() throws {
        let x = complex([3, 4, 5])
        let both = x.fft2()
        for row in 0..<3 {
            // Column by column, then row by row.
            let plane = ComplexTensor(x.real.slice(axis: 0, row..<row + 1), x.imaginary.slice(axis: 0, row..<row + 1))
            let expected = plane.fft(axis: 1).fft(axis: 2)
            #expect(
                try distance(
                    ComplexTensor(
                        both.real.slice(axis: 0, row..<row + 1), both.imaginary.slice(axis: 0, row..<row + 1)), expected
                )
                    < 1e-13)
        }
        #expect(try distance(both.ifft2(), x) < 1e-14)
        #expect(try distance(x.fft(axes: [0, 1, 2]).ifft(axes: [0, 1, 2]), x) < 1e-14)
        for scale in [FourierScale.backward, .orthonormal, .forward] {
            #expect(try distance(x.fft(axis: 1, scale: scale).ifft(axis: 1, scale: scale), x) < 1e-14)
            #expect(try difference(x.real.rfft2(scale: scale).irfft2(count: 5, scale: scale), x.real) < 1e-14)
        }
        // Parseval's theorem.
        let energy = try (x.real.square() + x.imaginary.square()).sum().item()
        let spectrum = x.fft(axes: [0, 1, 2], scale: .orthonormal)
        #expect(abs(try (spectrum.real.square() + spectrum.imaginary.square()).sum().item() - energy) < 1e-12)
        // Cut and filled up.
        let long = ComplexTensor(
            x.real.padded([(0, 0), (0, 0), (0, 3)]), x.imaginary.padded([(0, 0), (0, 0), (0, 3)]))
        #expect(try distance(x.fft(count: 8), long.fft()) < 1e-14)
        #expect(
            try distance(
                x.fft(axis: 0, count: 2),
                ComplexTensor(x.real.slice(axis: 0, 0..<2), x.imaginary.slice(axis: 0, 0..<2)).fft(axis: 0)) < 1e-14)
        #expect(ComplexTensor(Tensor.zeros([0, 6])).fft().shape == [0, 6])
        let half = tensor([2, 6]).cast(to: .bfloat16).rfft()
        #expect(half.real.dtype == .bfloat16 && half.shape == [2, 4])
    }

    /// A product of spectra is a circular convolution, at a length that needs one to be transformed.
    @Test func productsAreCircularConvolutions() throws {
        let n = 263
        let (a, b) = (tensor([n]), tensor([n], 5))
        let (p, q): ([Double], [Double]) = (try a.array(), try b.array())
        let expected = (0..<n).map { t in (0..<n).reduce(0) { $0 + p[$1] * q[(t - $1 + n) % n] } }
        let y = (a.rfft() * b.rfft()).irfft(count: n)
        #expect(try difference(y, Tensor(expected, shape: [n])) < 1e-12)
    }

    @Test(arguments: [5, 12, 40, 67])
    func derivativesOfAllOrders(_ n: Int) throws {
        try checkBothDerivatives(at: [tensor([2, n]), tensor([2, n], 9)], tolerance: 1e-5, sampleLimit: 6) {
            let y = ComplexTensor($0[0], $0[1]).fft()
            return y.real.square() * y.imaginary
        }
        try checkBothDerivatives(at: [tensor([2, n])], tolerance: 1e-5, sampleLimit: 6) {
            $0[0].rfft().irfft(count: n).square() + $0[0].dct().square() + $0[0].idct()
        }
    }

    @Test func complexNumbersHaveBothDerivatives() throws {
        try checkBothDerivatives(at: [tensor([3, 2]) + 2, tensor([3, 2], 9) + 2], tolerance: 1e-5, sampleLimit: 6) {
            let z = ComplexTensor($0[0], $0[1])
            let polar = ComplexTensor(magnitude: z.magnitude(), angle: z.angle() * 2)
            let w = polar * z.conjugate() / (z + polar)
            return w.real * w.imaginary
        }
    }

    @Test func longPrimesHaveDerivatives() throws {
        try checkGradients(at: [tensor([263])], tolerance: 1e-5, sampleLimit: 6) {
            $0[0].rfft().magnitude().square()
        }
    }

    @Test(arguments: [1, 2, 7, 16, 45, 300])
    func cosineTransformsAgreeWithTheDefinition(_ n: Int) throws {
        let x = tensor([n])
        let values: [Double] = try x.array()
        let expected = (0..<n).map { k in
            2 * (0..<n).reduce(0) { $0 + values[$1] * cos(Double.pi * Double(k * (2 * $1 + 1)) / Double(2 * n)) }
        }
        #expect(try difference(x.dct(isOrthonormal: false), Tensor(expected, shape: [n])) < 1e-11)
        #expect(try difference(x.dct().idct(), x) < 1e-13)
        #expect(try difference(x.dct(isOrthonormal: false).idct(isOrthonormal: false), x) < 1e-13)
        #expect(abs(try x.dct().square().sum().item() - x.square().sum().item()) < 1e-11)
    }

    @Test func frequenciesAndShifts() throws {
        #expect(try Tensor.fftFrequencies(count: 4, spacing: 0.5).array(of: Float.self) == [0, 0.5, -1, -0.5])
        #expect(try Tensor.fftFrequencies(count: 5, spacing: 0.2).array(of: Float.self) == [0, 1, 2, -2, -1])
        #expect(try Tensor.rfftFrequencies(count: 5, spacing: 0.2).array(of: Float.self) == [0, 1, 2])
        let x = Tensor.range(count: 5)
        #expect(try x.fftShifted().array(of: Float.self) == [3, 4, 0, 1, 2])
        #expect(try x.fftShifted().ifftShifted().array(of: Float.self) == [0, 1, 2, 3, 4])
        #expect(try ComplexTensor(x).fftShifted().real.array(of: Float.self) == [3, 4, 0, 1, 2])
    }

    @Test func mistakesAreNamed() {
        let x = Tensor.zeros([2, 4])
        #expect(
            x.rfft(count: 0).error?.description
                == "operation fft: a length of 0 along axis 1 of shape [2, 4]; use a length in 1...16777216")
        #expect(ComplexTensor(x).fft(axis: 2).error?.kind == .axis)
        #expect(ComplexTensor(x).irfft(count: .max).error?.kind == .value)
        #expect(Tensor.zeros([4], dtype: .int32).rfft().error?.kind == .type)
        #expect(Tensor.zeros([]).rfft().error?.kind == .axis)
        #expect(Tensor.zeros([0]).rfft().error?.kind == .value)
        #expect(Tensor.zeros([0]).dct().error?.kind == .shape)
        #expect(Tensor.fftFrequencies(count: 0).error?.kind == .value)
        #expect(Tensor.fftFrequencies(count: 4, spacing: 0).error?.kind == .value)
        #expect(x.fftShifted(axes: [2]).error?.kind == .axis)
    }
}
