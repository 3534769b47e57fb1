/// Discrete Fourier transforms along the last axis, as products with small matrices, which any backend has fast and
/// which differentiate by themselves.
///
/// A length `n = n1 n2` is transformed by n1, multiplied by twiddle factors and transformed by n2 (Cooley and Tukey,
/// Math. Comp. 1965), with factors up to 64. A large prime length becomes a convolution of a smooth length (Bluestein,
/// IEEE Trans. AU 1970).
enum FourierTransform {
    /// The largest length that is transformed.
    static let longest = 1 << 24

    /// `sum over t of x[t] exp(-2 pi i k t / n)`; an imaginary part that is absent is 0.
    static func forward(_ real: Tensor, _ imaginary: Tensor?) -> (real: Tensor, imaginary: Tensor) {
        let n = real.shape[-1]
        if n <= 1 { return (real, imaginary ?? real.like(repeating: 0)) }
        if n <= 32 { return product(real, imaginary, FourierTables.matrix(n, real.dtype)) }
        guard let factor = factor(of: n) else {
            return n <= 256
                ? product(real, imaginary, FourierTables.matrix(n, real.dtype)) : byConvolution(real, imaginary)
        }
        let rest = n / factor
        // [.., factor, rest]: the slow axis first, as rows of the products.
        func split(_ part: Tensor) -> Tensor {
            part.reshaped(to: Shape(part.shape.extents.dropLast() + [factor, rest])).matrixTransposed()
        }
        let first = product(split(real), imaginary.map(split), FourierTables.matrix(factor, real.dtype))
        let twiddles = FourierTables.twiddles(rows: factor, columns: rest, real.dtype)
        let turned = multiplied(first, twiddles)
        let second = forward(turned.real.matrixTransposed(), turned.imaginary.matrixTransposed())
        func joined(_ part: Tensor) -> Tensor { part.matrixTransposed().reshaped(to: real.shape) }
        return (joined(second.real), joined(second.imaginary))
    }

    /// `sum over t of x[t] exp(2 pi i k t / n)`, not divided by n.
    static func backward(_ real: Tensor, _ imaginary: Tensor) -> (real: Tensor, imaginary: Tensor) {
        // With the parts exchanged the angle turns the other way.
        let exchanged = forward(imaginary, real)
        return (exchanged.imaginary, exchanged.real)
    }

    /// A divisor from 2 to 64 (or, if there is none, to 256) with which the fewest products do; `nil` if there is none.
    private static func factor(of n: Int) -> Int? {
        var stages = 1
        while pow(32, stages) < n { stages += 1 }
        let target = root(n, stages)
        for range in [2...64, 65...256] {
            let divisors = range.filter { $0 < n && n % $0 == 0 }
            if let best = divisors.min(by: { distance($0, target) < distance($1, target) }) { return best }
        }
        return nil
    }

    private static func pow(_ base: Int, _ exponent: Int) -> Int {
        (0..<exponent).reduce(1) { result, _ in result * base }
    }

    /// The smallest number whose power is not below `n`.
    private static func root(_ n: Int, _ exponent: Int) -> Int {
        var result = 2
        while pow(result, exponent) < n { result += 1 }
        return result
    }

    private static func distance(_ a: Int, _ b: Int) -> Double {
        a > b ? Double(a) / Double(b) : Double(b) / Double(a)
    }

    private static func product(
        _ real: Tensor, _ imaginary: Tensor?, _ matrix: ComplexTensor
    ) -> (real: Tensor, imaginary: Tensor) {
        let first = (real: matmul(real, matrix.real), imaginary: matmul(real, matrix.imaginary))
        guard let imaginary else { return first }
        return (
            first.real - matmul(imaginary, matrix.imaginary), first.imaginary + matmul(imaginary, matrix.real)
        )
    }

    private static func multiplied(
        _ x: (real: Tensor, imaginary: Tensor), _ y: ComplexTensor
    ) -> (real: Tensor, imaginary: Tensor) {
        (
            x.real * y.real - x.imaginary * y.imaginary, x.real * y.imaginary + x.imaginary * y.real
        )
    }

    private static func byConvolution(_ real: Tensor, _ imaginary: Tensor?) -> (real: Tensor, imaginary: Tensor) {
        let n = real.shape[-1]
        var length = 1
        while length < 2 * n - 1 { length *= 2 }
        let chirp = FourierTables.chirp(n, real.dtype)
        let spectrum = FourierTables.chirpSpectrum(n, length: length, real.dtype)
        var turned = (real: real * chirp.real, imaginary: real * chirp.imaginary)
        if let imaginary {
            turned = (turned.real - imaginary * chirp.imaginary, turned.imaginary + imaginary * chirp.real)
        }
        let widths = [(before: Int, after: Int)](repeating: (0, 0), count: real.rank - 1) + [(0, length - n)]
        let filtered = multiplied(forward(turned.real.padded(widths), turned.imaginary.padded(widths)), spectrum)
        let back = backward(filtered.real, filtered.imaginary)
        func kept(_ part: Tensor) -> Tensor { part.slice(axis: -1, 0..<n) }
        return multiplied((kept(back.real), kept(back.imaginary)), chirp)
    }
}
