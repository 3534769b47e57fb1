import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// What transforms of one length multiply by, made once and kept.
enum FourierTables {
    private struct Key: Hashable {
        enum Kind { case matrix, twiddles, chirp, chirpSpectrum, halfShift }
        let kind: Kind
        let sizes: [Int]
        let dtype: DType
    }

    private static let tables = Mutex<[Key: ComplexTensor]>([:])

    /// `exp(-2 pi i k t / n)` for all `t` and `k` below n: `[n, n]`.
    static func matrix(_ n: Int, _ dtype: DType) -> ComplexTensor {
        table(.matrix, [n], dtype) {
            points([n, n], dtype) { turn in (0..<n).flatMap { t in (0..<n).map { k in turn(k * t % n, n) } } }
        }
    }

    /// `exp(-2 pi i k t / (rows columns))` for the column `t` and the row `k`: `[columns, rows]`.
    static func twiddles(rows: Int, columns: Int, _ dtype: DType) -> ComplexTensor {
        table(.twiddles, [rows, columns], dtype) {
            points([columns, rows], dtype) { turn in
                (0..<columns).flatMap { t in (0..<rows).map { k in turn(k * t, rows * columns) } }
            }
        }
    }

    /// `exp(-pi i t^2 / n)` for `t` below n.
    static func chirp(_ n: Int, _ dtype: DType) -> ComplexTensor {
        table(.chirp, [n], dtype) {
            points([n], dtype) { turn in (0..<n).map { t in turn(t * t % (2 * n), 2 * n) } }
        }
    }

    /// The transform of length m of the conjugate chirp, mirrored at 0, divided by m.
    static func chirpSpectrum(_ n: Int, length m: Int, _ dtype: DType) -> ComplexTensor {
        table(.chirpSpectrum, [n, m], dtype) {
            let chirp = chirp(n, .float64).conjugate()
            func spread(_ part: Tensor) -> Tensor {
                Tensor.concatenate([
                    part, Tensor.zeros([m - 2 * n + 1], dtype: .float64),
                    part.slice(axis: 0, 1..<n).reversed(axes: [0]),
                ])
            }
            let spectrum = FourierTransform.forward(spread(chirp.real), spread(chirp.imaginary))
            func kept(_ part: Tensor) -> Tensor {
                do throws(ApusError) {
                    return try (part / Double(m)).cast(to: dtype).evaluated()
                } catch {
                    return Tensor(error: error)
                }
            }
            return ComplexTensor(kept(spectrum.real), kept(spectrum.imaginary))
        }
    }

    /// `exp(-pi i k / (2 n))` for k below n.
    static func halfShift(_ n: Int, _ dtype: DType) -> ComplexTensor {
        table(.halfShift, [n], dtype) { points([n], dtype) { turn in (0..<n).map { turn($0, 4 * n) } } }
    }

    private static func points(
        _ shape: Shape, _ dtype: DType, _ make: ((_ part: Int, _ whole: Int) -> (Double, Double)) -> [(Double, Double)]
    ) -> ComplexTensor {
        // Angles are fractions of a turn with whole numbers, so that they are as exact as sine and cosine.
        let values = make { part, whole in
            let angle = -2 * Double.pi * Double(part) / Double(whole)
            return (cos(angle), sin(angle))
        }
        return ComplexTensor(
            .constant(values.map(\.0), shape: shape, dtype: dtype),
            .constant(values.map(\.1), shape: shape, dtype: dtype))
    }

    private static func table(
        _ kind: Key.Kind, _ sizes: [Int], _ dtype: DType, _ make: () -> ComplexTensor
    ) -> ComplexTensor {
        let key = Key(kind: kind, sizes: sizes, dtype: dtype)
        if let known = tables.withLock({ $0[key] }) { return known }
        let made = make()
        tables.withLock {
            // Programs that transform ever new lengths keep no more than so many tables.
            if $0.count >= 256 { $0.removeAll() }
            $0[key] = made
        }
        return made
    }
}
