/// Complex numbers as two tensors of one shape: real and imaginary parts.
///
///     let spectrum = x.rfft()
///     let power = spectrum.magnitude().square()
public struct ComplexTensor: Sendable {
    /// The real parts.
    public let real: Tensor
    /// The imaginary parts.
    public let imaginary: Tensor

    /// Complex numbers of their parts, which broadcast against each other.
    public init(_ real: Tensor, _ imaginary: Tensor) {
        if let failed = real.error ?? imaginary.error {
            (self.real, self.imaginary) = (Tensor(error: failed), Tensor(error: failed))
        } else if real.shape == imaginary.shape, real.dtype == imaginary.dtype {
            (self.real, self.imaginary) = (real, imaginary)
        } else {
            // Adding broadcasts, and names what does not fit.
            let sum = real + imaginary
            if sum.error != nil {
                (self.real, self.imaginary) = (sum, sum)
            } else {
                (self.real, self.imaginary) = (real.broadcast(to: sum.shape), imaginary.broadcast(to: sum.shape))
            }
        }
    }

    /// Complex numbers without imaginary parts.
    public init(_ real: Tensor) {
        self.init(real, real.error == nil ? Tensor.zeros(real.shape, dtype: real.dtype) : real)
    }

    /// Complex numbers of magnitudes and angles in radians.
    public init(magnitude: Tensor, angle: Tensor) { self.init(magnitude * angle.cos(), magnitude * angle.sin()) }

    /// The extents of the axes.
    public var shape: Shape { real.shape }
    /// The first error of the computation, if its rules were broken.
    public var error: ApusError? { real.error ?? imaginary.error }

    /// The distance from 0; its derivative at 0 is 0.
    public func magnitude() -> Tensor {
        let square = real.square() + imaginary.square()
        guard square.error == nil else { return square }
        let isZero = square .== 0.0
        let root = Tensor.select(isZero, Tensor.ones(square.shape, dtype: square.dtype), square).squareRoot()
        return Tensor.select(isZero, Tensor.zeros(square.shape, dtype: square.dtype), root)
    }

    /// The angle in radians, from -pi to pi.
    public func angle() -> Tensor { Tensor.atan2(imaginary, real) }

    /// The numbers with the opposite imaginary parts.
    public func conjugate() -> ComplexTensor { ComplexTensor(real, -imaginary) }

    /// The elementwise sum, difference, product and quotient; shapes broadcast.
    public static func + (a: ComplexTensor, b: ComplexTensor) -> ComplexTensor {
        ComplexTensor(a.real + b.real, a.imaginary + b.imaginary)
    }
    public static func - (a: ComplexTensor, b: ComplexTensor) -> ComplexTensor {
        ComplexTensor(a.real - b.real, a.imaginary - b.imaginary)
    }
    public static func * (a: ComplexTensor, b: ComplexTensor) -> ComplexTensor {
        ComplexTensor(
            a.real * b.real - a.imaginary * b.imaginary, a.real * b.imaginary + a.imaginary * b.real)
    }
    public static func / (a: ComplexTensor, b: ComplexTensor) -> ComplexTensor {
        let square = b.real.square() + b.imaginary.square()
        let product = a * b.conjugate()
        return ComplexTensor(product.real / square, product.imaginary / square)
    }
    /// The product with a real tensor.
    public static func * (a: ComplexTensor, b: Tensor) -> ComplexTensor {
        ComplexTensor(a.real * b, a.imaginary * b)
    }

    /// The product of complex matrices of the last two axes.
    public static func matmul(_ a: ComplexTensor, _ b: ComplexTensor) -> ComplexTensor {
        ComplexTensor(
            ApusCore.matmul(a.real, b.real) - ApusCore.matmul(a.imaginary, b.imaginary),
            ApusCore.matmul(a.real, b.imaginary) + ApusCore.matmul(a.imaginary, b.real))
    }

    /// The conjugates of the transposed matrices of the last two axes.
    public func matrixAdjoint() -> ComplexTensor {
        ComplexTensor(real.matrixTransposed(), -imaginary.matrixTransposed())
    }

    /// The solution `x` of `a x = b`, where `a` `[.., n, n]` is this tensor and b is `[.., n, k]`, as a real system of
    /// twice the size.
    public func solve(_ b: ComplexTensor) -> ComplexTensor {
        if let failed = error ?? b.error { return ComplexTensor(Tensor(error: failed)) }
        let left = Tensor.concatenate([real, imaginary], axis: -2)
        let right = Tensor.concatenate([-imaginary, real], axis: -2)
        let both = Tensor.concatenate([left, right], axis: -1)
        let solution = both.solve(Tensor.concatenate([b.real, b.imaginary], axis: -2))
        guard solution.error == nil else { return ComplexTensor(solution) }
        let rows = b.shape[-2]
        return ComplexTensor(
            solution.slice(axis: -2, 0..<rows), solution.slice(axis: -2, rows..<2 * rows))
    }

    /// A new axis of extent 1.
    public func expanded(at axis: Int) -> ComplexTensor {
        ComplexTensor(real.expanded(at: axis), imaginary.expanded(at: axis))
    }
}
