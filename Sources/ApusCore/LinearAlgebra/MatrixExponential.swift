#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// `exp(a)`, by a rational approximation of order 13 with scaling and squaring (Higham, 2005): `[.., n, n]`.
struct MatrixExponential: MatrixOperation {
    static let name = "matrixExponential"

    private static let coefficients: [Double] = [
        64_764_752_532_480_000, 32_382_376_266_240_000, 7_771_770_303_897_600, 1_187_353_796_428_800,
        129_060_195_264_000, 10_559_470_521_600, 670_442_572_800, 33_522_128_640, 1_323_241_920, 40_840_800, 960_960,
        16_380, 182, 1,
    ]
    /// Up to this norm the approximation is exact to rounding.
    private static let limit = 5.37

    func itemShape(of matrices: [Shape]) throws(ApusError) -> Shape {
        try requireSquare(matrices[0])
        return matrices[0]
    }

    func workCount(_ matrices: [Shape]) -> Int { 7 * matrices[0].count + matrices[0][0] }

    func compute(_ item: MatrixItem) -> Int {
        let size = item.rows
        let count = size * size
        let (a, a2, a4) = (item.work, item.work + count, item.work + 2 * count)
        let (a6, odd, even) = (item.work + 3 * count, item.work + 4 * count, item.work + 5 * count)
        let (free, order) = (item.work + 6 * count, item.work + 7 * count)
        var norm = 0.0
        for column in 0..<size {
            var sum = 0.0
            for row in 0..<size { sum += abs(item.a[row * size + column]) }
            guard sum.isFinite else { return 1 }
            norm = max(norm, sum)
        }
        let squarings = norm > Self.limit ? Int(log2(norm / Self.limit).rounded(.up)) : 0
        let scale = exp2(-Double(squarings))
        for index in 0..<count { a[index] = item.a[index] * scale }
        multiply(a, a, into: a2, size)
        multiply(a2, a2, into: a4, size)
        multiply(a2, a4, into: a6, size)
        let c = Self.coefficients
        polynomial(c[13], c[11], c[9], a2, a4, a6, into: free, count)
        multiply(a6, free, into: even, size)
        for index in 0..<count { even[index] += c[7] * a6[index] + c[5] * a4[index] + c[3] * a2[index] }
        for row in 0..<size { even[row * size + row] += c[1] }
        multiply(a, even, into: odd, size)
        polynomial(c[12], c[10], c[8], a2, a4, a6, into: free, count)
        multiply(a6, free, into: even, size)
        for index in 0..<count { even[index] += c[6] * a6[index] + c[4] * a4[index] + c[2] * a2[index] }
        for row in 0..<size { even[row * size + row] += c[0] }
        for index in 0..<count {
            free[index] = even[index] + odd[index]
            even[index] -= odd[index]
        }
        let code = Elimination.solve(even, size: size, free, columns: size, into: item.output, order: order)
        if code != 0 { return 2 }
        for _ in 0..<squarings {
            multiply(item.output, item.output, into: free, size)
            item.output.update(from: free, count: count)
        }
        return 0
    }

    private func polynomial(
        _ x: Double, _ y: Double, _ z: Double, _ a2: UnsafePointer<Double>, _ a4: UnsafePointer<Double>,
        _ a6: UnsafePointer<Double>, into result: UnsafeMutablePointer<Double>, _ count: Int
    ) {
        for index in 0..<count { result[index] = x * a6[index] + y * a4[index] + z * a2[index] }
    }

    private func multiply(
        _ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>, into c: UnsafeMutablePointer<Double>, _ size: Int
    ) {
        for row in 0..<size {
            for column in 0..<size { c[row * size + column] = 0 }
            for inner in 0..<size {
                let factor = a[row * size + inner]
                for column in 0..<size { c[row * size + column] += factor * b[inner * size + column] }
            }
        }
    }

    /// The upper right block of `exp([[aᵀ, dy], [0, aᵀ]])`.
    func gradient(_ dy: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
        let size = inputs[0].shape[-1]
        let turned = inputs[0].matrixTransposed()
        let zero = Tensor.zeros(turned.shape, dtype: turned.dtype)
        let block = Tensor.concatenate(
            [Tensor.concatenate([turned, dy], axis: -1), Tensor.concatenate([zero, turned], axis: -1)], axis: -2)
        return [Tensor(self, [block]).slice(axis: -2, 0..<size).slice(axis: -1, size..<2 * size)]
    }
}

extension Tensor {
    /// The exponential `1 + a + a a / 2 + ...` of each square matrix of the last two axes.
    public func matrixExponential() -> Tensor { Tensor(MatrixExponential(), [self]) }

    /// Each square matrix of the last two axes to a whole power; negative powers are those of the inverse.
    ///
    /// - Complexity: about `2 log2(|exponent|)` products
    public func matrixPower(_ exponent: Int) -> Tensor {
        guard error == nil else { return self }
        guard rank >= 2, shape[-1] == shape[-2] else {
            return Tensor(
                error: ApusError(
                    .shape, in: "operation matrixPower", "shape \(shape) is not that of square matrices",
                    remedy: "give matrices [.., n, n]"))
        }
        if exponent < 0 { return inverse().matrixPower(exponent == .min ? .max : -exponent) }
        var result: Tensor?
        var (factor, rest) = (self, exponent)
        while rest > 0 {
            if rest & 1 == 1 { result = result.map { matmul($0, factor) } ?? factor }
            rest >>= 1
            if rest > 0 { factor = matmul(factor, factor) }
        }
        return result ?? Tensor.identity(shape[-1], dtype: dtype).broadcast(to: shape)
    }
}
