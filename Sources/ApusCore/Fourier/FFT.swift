/// What a Fourier transform is divided by; n is the number of elements.
public enum FourierScale: Sendable, Hashable {
    /// The inverse transform by n.
    case backward
    /// Both by the root of n.
    case orthonormal
    /// The forward transform by n.
    case forward

    fileprivate func factor(_ n: Int, isInverse: Bool) -> Double {
        switch self {
        case .backward: isInverse ? 1 / Double(n) : 1
        case .orthonormal: 1 / Double(n).squareRoot()
        case .forward: isInverse ? 1 : 1 / Double(n)
        }
    }
}

extension ComplexTensor {
    /// The discrete Fourier transform along an axis, `X[k] = sum over t of x[t] exp(-2 pi i k t / n)`.
    ///
    ///     let spectrum = ComplexTensor(x).fft()
    ///
    /// - Parameters:
    ///   - count: the length n: the axis is cut or filled up with zeros; by default its extent
    ///   - scale: what the transform is divided by
    /// - Complexity: about `8 n (n1 + n2 + ..)` operations for a length that factors into `n1 n2 ..`, each up to 64
    public func fft(axis: Int = -1, count: Int? = nil, scale: FourierScale = .backward) -> ComplexTensor {
        transformed("fft", axis, count, scale, isInverse: false)
    }

    /// The inverse of ``fft(axis:count:scale:)``: `x[t] = sum over k of X[k] exp(2 pi i k t / n) / n`.
    public func ifft(axis: Int = -1, count: Int? = nil, scale: FourierScale = .backward) -> ComplexTensor {
        transformed("ifft", axis, count, scale, isInverse: true)
    }

    /// The transform of the last two axes.
    public func fft2(scale: FourierScale = .backward) -> ComplexTensor { fft(axes: [-2, -1], scale: scale) }

    /// The inverse transform of the last two axes.
    public func ifft2(scale: FourierScale = .backward) -> ComplexTensor { ifft(axes: [-2, -1], scale: scale) }

    /// The transform of several axes.
    public func fft(axes: [Int], scale: FourierScale = .backward) -> ComplexTensor {
        axes.reduce(self) { $0.fft(axis: $1, scale: scale) }
    }

    /// The inverse transform of several axes.
    public func ifft(axes: [Int], scale: FourierScale = .backward) -> ComplexTensor {
        axes.reduce(self) { $0.ifft(axis: $1, scale: scale) }
    }

    /// The real signal of `count` elements whose spectrum begins with these numbers (``Tensor/rfft(axis:count:scale:)``):
    /// the other half is their mirrored conjugate.
    ///
    /// - Parameter count: n, by default `2 (extent - 1)`; the first `n / 2 + 1` numbers are used, missing ones are 0
    public func irfft(axis: Int = -1, count: Int? = nil, scale: FourierScale = .backward) -> Tensor {
        let place = "operation irfft"
        return Tensor.composed(of: [real, imaginary]) { () throws(ApusError) in
            let axis = try shape.axis(axis, in: place)
            let n = try Self.length(count ?? Swift.max(1, 2 * (shape[axis] - 1)), shape, axis, real.dtype, place)
            let half = n / 2 + 1
            let (re, im) = (
                real.fitted(axis, to: half, real.numberType), imaginary.fitted(axis, to: half, real.numberType)
            )
            // Numbers that stand for two, themselves and their conjugates, count twice.
            let weights = (0..<half).map { $0 == 0 || 2 * $0 == n ? 1.0 : 2.0 }
            let weight = Tensor.constant(weights, shape: [half], dtype: re.dtype) * scale.factor(n, isInverse: true)
            var widths = [(before: Int, after: Int)](repeating: (0, 0), count: shape.rank)
            widths[shape.rank - 1].after = n - half
            let back = FourierTransform.backward((re * weight).padded(widths), (im * weight).padded(widths))
            return back.real.cast(to: real.dtype).movingAxis(-1, to: axis)
        }
    }

    /// The real signal of the last two axes: `ifft` of the last but one, `irfft` of the last.
    public func irfft2(count: Int? = nil, scale: FourierScale = .backward) -> Tensor {
        ifft(axis: -2, scale: scale).irfft(axis: -1, count: count, scale: scale)
    }

    /// Both parts moved so that the frequency 0 is in the middle of the axes (all by default).
    public func fftShifted(axes: [Int]? = nil) -> ComplexTensor {
        ComplexTensor(real.fftShifted(axes: axes), imaginary.fftShifted(axes: axes))
    }

    private func transformed(
        _ name: String, _ axis: Int, _ count: Int?, _ scale: FourierScale, isInverse: Bool
    ) -> ComplexTensor {
        if let error { return ComplexTensor(Tensor(error: error)) }
        let place = "operation \(name)"
        do throws(ApusError) {
            let axis = try shape.axis(axis, in: place)
            let n = try Self.length(count ?? shape[axis], shape, axis, real.dtype, place)
            let type = real.numberType
            let (re, im) = (real.fitted(axis, to: n, type), imaginary.fitted(axis, to: n, type))
            let isReal = imaginary.fillValue == 0
            let parts =
                isInverse
                ? FourierTransform.backward(re, im) : FourierTransform.forward(re, isReal ? nil : im)
            let factor = scale.factor(n, isInverse: isInverse)
            func placed(_ part: Tensor) -> Tensor { (part * factor).cast(to: real.dtype).movingAxis(-1, to: axis) }
            return ComplexTensor(placed(parts.real), placed(parts.imaginary))
        } catch {
            return ComplexTensor(Tensor(error: error))
        }
    }

    fileprivate static func length(
        _ n: Int, _ shape: Shape, _ axis: Int, _ dtype: DType, _ place: String
    ) throws(ApusError) -> Int {
        guard (1...FourierTransform.longest).contains(n) else {
            throw ApusError(
                .value, in: place, "a length of \(n) along axis \(axis) of shape \(shape)",
                remedy: "use a length in 1...\(FourierTransform.longest)")
        }
        guard dtype.isFloatingPoint else {
            throw ApusError(
                .type, in: place, "elements of type \(dtype)", remedy: "cast them to a floating-point type")
        }
        return n
    }
}

extension Tensor {
    /// The first half of the discrete Fourier transform of a real signal, `n / 2 + 1` numbers from the frequency 0 on:
    /// the rest are their mirrored conjugates.
    ///
    ///     let power = x.rfft().magnitude().square()
    ///
    /// - Parameters:
    ///   - count: the length n: the axis is cut or filled up with zeros; by default its extent
    ///   - scale: what the transform is divided by
    public func rfft(axis: Int = -1, count: Int? = nil, scale: FourierScale = .backward) -> ComplexTensor {
        let whole = ComplexTensor(self).fft(axis: axis, count: count, scale: scale)
        guard whole.error == nil else { return whole }
        let half = whole.shape[axis] / 2 + 1
        return ComplexTensor(
            whole.real.slice(axis: axis, 0..<half), whole.imaginary.slice(axis: axis, 0..<half))
    }

    /// The transform of the last two axes of real signals, of the last one the first half.
    public func rfft2(scale: FourierScale = .backward) -> ComplexTensor {
        rfft(axis: -1, scale: scale).fft(axis: -2, scale: scale)
    }

    /// The frequencies of ``ComplexTensor/fft(axis:count:scale:)`` in cycles a unit of time: `0, 1, .., -2, -1` over
    /// `count * spacing`.
    public static func fftFrequencies(count: Int, spacing: Double = 1, dtype: DType = .float32) -> Tensor {
        frequencies(count, spacing, dtype, "fftFrequencies") {
            (0..<count).map { $0 < (count + 1) / 2 ? $0 : $0 - count }
        }
    }

    /// The frequencies of ``rfft(axis:count:scale:)``: `0, 1, .., count / 2` over `count * spacing`.
    public static func rfftFrequencies(count: Int, spacing: Double = 1, dtype: DType = .float32) -> Tensor {
        frequencies(count, spacing, dtype, "rfftFrequencies") { Array(0...count / 2) }
    }

    private static func frequencies(
        _ count: Int, _ spacing: Double, _ dtype: DType, _ name: String, _ numbers: () -> [Int]
    ) -> Tensor {
        guard (1...FourierTransform.longest).contains(count), spacing != 0, spacing.isFinite else {
            return refused(
                .value, in: "operation \(name)", "\(count) frequencies of steps of \(spacing)",
                remedy: "use a count of 1 or more and a spacing other than 0")
        }
        let values = numbers().map { Double($0) / (Double(count) * spacing) }
        return constant(values, shape: [values.count], dtype: dtype)
    }

    /// A spectrum moved so that the frequency 0 is in the middle of the axes (all by default).
    public func fftShifted(axes: [Int]? = nil) -> Tensor { shifted(axes, "fftShifted") { $0 / 2 } }

    /// The inverse of ``fftShifted(axes:)``.
    public func ifftShifted(axes: [Int]? = nil) -> Tensor { shifted(axes, "ifftShifted") { -($0 / 2) } }

    private func shifted(_ axes: [Int]?, _ name: String, _ distance: (Int) -> Int) -> Tensor {
        Tensor.composed(of: [self]) { () throws(ApusError) in
            try shape.axes(axes, in: "operation \(name)").reduce(self) { $0.rolled(distance(shape[$1]), axis: $1) }
        }
    }

    /// The type in which transforms are computed.
    fileprivate var numberType: DType { dtype == .float64 ? .float64 : .float32 }

    /// An axis moved to the end, cut or filled up to a length.
    fileprivate func fitted(_ axis: Int, to count: Int, _ type: DType) -> Tensor {
        let moved = cast(to: type).movingAxis(axis, to: -1)
        let extent = moved.shape[-1]
        if extent >= count { return extent == count ? moved : moved.slice(axis: -1, 0..<count) }
        var widths = [(before: Int, after: Int)](repeating: (0, 0), count: rank)
        widths[rank - 1].after = count - extent
        return moved.padded(widths)
    }
}
