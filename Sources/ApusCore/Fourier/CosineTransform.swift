extension Tensor {
    /// The discrete cosine transform (type II) along an axis: `X[k] = 2 sum over t of x[t] cos(pi k (2 t + 1) / (2 n))`;
    /// if orthonormal divided by `sqrt(2 n)`, the first number by `sqrt(4 n)`.
    public func dct(axis: Int = -1, isOrthonormal: Bool = true) -> Tensor {
        alongSignal(axis, "dct") { signal, n in
            // The transform of the signal followed by its mirror image is real but for a shift of half a sample.
            let mirrored = Tensor.concatenate([signal, signal.reversed(axes: [-1])], axis: -1)
            let spectrum = FourierTransform.forward(mirrored, nil)
            let shift = FourierTables.halfShift(n, signal.dtype)
            func kept(_ part: Tensor) -> Tensor { part.slice(axis: -1, 0..<n) }
            let result = kept(spectrum.real) * shift.real - kept(spectrum.imaginary) * shift.imaginary
            return isOrthonormal ? result * Tensor.cosineScale(n, signal.dtype) : result
        }
    }

    /// The inverse of ``dct(axis:isOrthonormal:)`` (type III).
    public func idct(axis: Int = -1, isOrthonormal: Bool = true) -> Tensor {
        alongSignal(axis, "idct") { spectrum, n in
            let scale = Tensor.cosineScale(n, spectrum.dtype)
            let scaled = spectrum * (isOrthonormal ? scale : scale.square())
            let shift = FourierTables.halfShift(n, spectrum.dtype)
            let widths = [(before: Int, after: Int)](repeating: (0, 0), count: rank - 1) + [(0, n)]
            let back = FourierTransform.backward(
                (scaled * shift.real).padded(widths), (scaled * -shift.imaginary).padded(widths))
            return back.real.slice(axis: -1, 0..<n) * 2
        }
    }

    /// What makes the transform orthonormal.
    private static func cosineScale(_ n: Int, _ dtype: DType) -> Tensor {
        let root = (1 / (2 * Double(n))).squareRoot()
        return constant((0..<n).map { $0 == 0 ? root * 0.5.squareRoot() : root }, shape: [n], dtype: dtype)
    }

    private func alongSignal(_ axis: Int, _ name: String, _ build: (Tensor, Int) -> Tensor) -> Tensor {
        onAxis(axis, in: "operation \(name)") { axis throws(ApusError) in
            let n = shape[axis]
            guard dtype.isFloatingPoint, (1...FourierTransform.longest / 2).contains(n) else {
                throw ApusError(
                    .shape, in: "operation \(name)", "axis \(axis) of shape \(shape) of \(dtype)",
                    remedy: "use a floating-point type and 1 to \(FourierTransform.longest / 2) elements")
            }
            let signal = cast(to: dtype == .float64 ? .float64 : .float32).movingAxis(axis, to: -1)
            return build(signal, n).cast(to: dtype).movingAxis(-1, to: axis)
        }
    }
}
