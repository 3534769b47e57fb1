#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Windows that fade a piece of a signal in and out.
///
/// They are periodic unless told otherwise: the next window would begin where they end, as spectra want it. Symmetric
/// ones, with equal ends, suit the design of filters.
extension Tensor {
    /// `0.5 - 0.5 cos(2 pi t / n)`.
    public static func hannWindow(_ count: Int, isPeriodic: Bool = true, dtype: DType = .float32) -> Tensor {
        cosineWindow(count, [0.5, 0.5], isPeriodic, dtype, "hannWindow")
    }

    /// `0.54 - 0.46 cos(2 pi t / n)`.
    public static func hammingWindow(_ count: Int, isPeriodic: Bool = true, dtype: DType = .float32) -> Tensor {
        cosineWindow(count, [0.54, 0.46], isPeriodic, dtype, "hammingWindow")
    }

    /// `0.42 - 0.5 cos(2 pi t / n) + 0.08 cos(4 pi t / n)`.
    public static func blackmanWindow(_ count: Int, isPeriodic: Bool = true, dtype: DType = .float32) -> Tensor {
        cosineWindow(count, [0.42, 0.5, 0.08], isPeriodic, dtype, "blackmanWindow")
    }

    /// A triangle from 0 to 1 and back.
    public static func bartlettWindow(_ count: Int, isPeriodic: Bool = true, dtype: DType = .float32) -> Tensor {
        window(count, isPeriodic, dtype, "bartlettWindow") { 1 - abs(2 * $0 - 1) }
    }

    /// `I0(beta sqrt(1 - (2 t / n - 1)^2)) / I0(beta)` with Bessel's function (Kaiser and Schafer, IEEE Trans. ASSP
    /// 1980).
    ///
    /// - Parameter beta: how narrow it is: 0 gives a rectangle, 14 is a good start; up to 700
    public static func kaiserWindow(
        _ count: Int, beta: Double = 12, isPeriodic: Bool = true, dtype: DType = .float32
    ) -> Tensor {
        guard abs(beta) <= 700 else {
            return refused(
                .value, in: "operation kaiserWindow", "beta is \(beta)", remedy: "use a number in -700...700")
        }
        return window(count, isPeriodic, dtype, "kaiserWindow") { place in
            let x = 2 * place - 1
            return kaiserCurve(beta * Swift.max(0, 1 - x * x).squareRoot()) / kaiserCurve(beta)
        }
    }

    private static func cosineWindow(
        _ count: Int, _ coefficients: [Double], _ isPeriodic: Bool, _ dtype: DType, _ name: String
    ) -> Tensor {
        window(count, isPeriodic, dtype, name) { place in
            coefficients.enumerated().reduce(0) { sum, term in
                sum + (term.offset % 2 == 0 ? 1 : -1) * term.element * turnCosine(place * Double(term.offset))
            }
        }
    }

    /// The values at the places `t / n` (periodic) or `t / (n - 1)`.
    private static func window(
        _ count: Int, _ isPeriodic: Bool, _ dtype: DType, _ name: String, _ value: (Double) -> Double
    ) -> Tensor {
        guard (0...FourierTransform.longest).contains(count), dtype.isFloatingPoint else {
            return refused(
                .value, in: "operation \(name)", "\(count) elements of \(dtype)",
                remedy: "use 0 to \(FourierTransform.longest) elements of a floating-point type")
        }
        guard count > 1 else { return ones([count], dtype: dtype) }
        let span = Double(isPeriodic ? count : count - 1)
        return constant((0..<count).map { value(Double($0) / span) }, shape: [count], dtype: dtype)
    }
}

/// The cosine of an angle in turns.
private func turnCosine(_ turns: Double) -> Double { cos(2 * .pi * turns) }

/// The modified Bessel function of order 0, by its power series.
private func kaiserCurve(_ x: Double) -> Double {
    var (sum, term, k) = (1.0, 1.0, 1.0)
    repeat {
        term *= (x / (2 * k)) * (x / (2 * k))
        sum += term
        k += 1
    } while term > sum * 1e-17
    return sum
}
