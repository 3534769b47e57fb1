/// A complex number, for algorithms.
struct ComplexNumber {
    var real: Double
    var imaginary: Double

    init(_ real: Double, _ imaginary: Double = 0) {
        self.real = real
        self.imaginary = imaginary
    }

    var magnitude: Double { SymmetricEigenAlgorithm.length(real, imaginary) }
    var conjugate: ComplexNumber { ComplexNumber(real, -imaginary) }

    /// The root whose real part is not negative.
    var squareRoot: ComplexNumber {
        let length = magnitude
        guard length > 0 else { return ComplexNumber(0) }
        let root = ((length + abs(real)) / 2).squareRoot()
        let other = abs(imaginary) / (2 * root)
        if real >= 0 { return ComplexNumber(root, imaginary < 0 ? -other : other) }
        return ComplexNumber(other, imaginary < 0 ? -root : root)
    }

    static func + (a: ComplexNumber, b: ComplexNumber) -> ComplexNumber {
        ComplexNumber(a.real + b.real, a.imaginary + b.imaginary)
    }
    static func - (a: ComplexNumber, b: ComplexNumber) -> ComplexNumber {
        ComplexNumber(a.real - b.real, a.imaginary - b.imaginary)
    }
    static func * (a: ComplexNumber, b: ComplexNumber) -> ComplexNumber {
        ComplexNumber(
            a.real * b.real - a.imaginary * b.imaginary, a.real * b.imaginary + a.imaginary * b.real)
    }
    static func * (a: ComplexNumber, b: Double) -> ComplexNumber { ComplexNumber(a.real * b, a.imaginary * b) }
    /// Divided by the larger part first, so that squares do not overflow.
    static func / (a: ComplexNumber, b: ComplexNumber) -> ComplexNumber {
        if abs(b.real) >= abs(b.imaginary) {
            let ratio = b.imaginary / b.real
            let scale = b.real + b.imaginary * ratio
            return ComplexNumber((a.real + a.imaginary * ratio) / scale, (a.imaginary - a.real * ratio) / scale)
        }
        let ratio = b.real / b.imaginary
        let scale = b.real * ratio + b.imaginary
        return ComplexNumber((a.real * ratio + a.imaginary) / scale, (a.imaginary * ratio - a.real) / scale)
    }
}
