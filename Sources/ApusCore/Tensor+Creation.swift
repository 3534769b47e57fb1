extension Tensor {
    /// A tensor of this one's shape and type, filled with one number.
    public func like(repeating value: Double) -> Tensor { error == nil ? filled(value) : self }

    /// `start, start + step, ...` up to before `end`.
    public static func range(from start: Double, to end: Double, by step: Double = 1, dtype: DType = .float32) -> Tensor
    {
        let count = ((end - start) / step).rounded(.up)
        guard step != 0, count.isFinite, count < 0x1p62 else {
            return refused(
                .value, in: "operation range", "from \(start) to \(end) by \(step)",
                remedy: "use finite ends and a step other than 0")
        }
        return range(count: Int(Swift.max(0, count)), from: start, step: step, dtype: dtype)
    }

    /// `count` numbers at equal distances from `start` to `end`, which is the last one unless `includesEnd` is false.
    public static func linearSpace(
        from start: Double, to end: Double, count: Int, includesEnd: Bool = true, dtype: DType = .float32
    ) -> Tensor {
        spaced(count, dtype, "linearSpace") { position in
            let steps = Swift.max(includesEnd ? count - 1 : count, 1)
            return includesEnd && count > 1 && position == count - 1
                ? end : start + (end - start) * (Double(position) / Double(steps))
        }
    }

    /// `count` powers of `base` whose exponents lie at equal distances from `start` to `end`.
    public static func logarithmicSpace(
        from start: Double, to end: Double, count: Int, base: Double = 10, includesEnd: Bool = true,
        dtype: DType = .float32
    ) -> Tensor {
        let exponents = linearSpace(from: start, to: end, count: count, includesEnd: includesEnd, dtype: .float64)
        return power(exponents.like(repeating: base), exponents).cast(to: dtype)
    }

    /// `count` numbers from `start` to `end`, each by the same factor larger than the one before. Both ends must have
    /// the same sign and not be 0.
    public static func geometricSpace(
        from start: Double, to end: Double, count: Int, includesEnd: Bool = true, dtype: DType = .float32
    ) -> Tensor {
        guard start * end > 0 else {
            return refused(
                .value, in: "operation geometricSpace", "from \(start) to \(end)",
                remedy: "use ends of the same sign, not 0")
        }
        let ratio = end / start
        let exponents = linearSpace(from: 0, to: 1, count: count, includesEnd: includesEnd, dtype: .float64)
        return (power(exponents.like(repeating: ratio), exponents) * start).cast(to: dtype)
    }

    private static func spaced(_ count: Int, _ dtype: DType, _ name: String, _ value: (Int) -> Double) -> Tensor {
        composed(of: []) { () throws(ApusError) in
            try Memory.check([count], .float64, in: "operation \(name)")
            return constant((0..<count).map(value), shape: [count], dtype: dtype)
        }
    }

    /// A matrix with ones on the diagonal with the given number (counted to the right of the main one), zeros
    /// elsewhere.
    public static func identity(rows: Int, columns: Int, diagonal: Int = 0, dtype: DType = .float32) -> Tensor {
        distances(rows, columns, "identity") { ($0 .== Double(diagonal)).cast(to: dtype) }
    }

    /// A matrix with ones on and below the diagonal with the given number, zeros above.
    public static func lowerTriangle(rows: Int, columns: Int, diagonal: Int = 0, dtype: DType = .float32) -> Tensor {
        distances(rows, columns, "lowerTriangle") { ($0 .<= Double(diagonal)).cast(to: dtype) }
    }

    /// How far each cell of a matrix is to the right of the main diagonal.
    private static func distances(_ rows: Int, _ columns: Int, _ name: String, _ build: (Tensor) -> Tensor) -> Tensor {
        composed(of: []) { () throws(ApusError) in
            _ = try Shape([rows, columns]).checkedCount(in: "operation \(name)")
            return build(range(count: columns, dtype: .int64) - range(count: rows, dtype: .int64).expanded(at: 1))
        }
    }

    /// The coordinates of a grid: for vectors of `n0, n1, ...` elements as many tensors of shape `[n0, n1, ..]`, of
    /// which the `i`-th varies along axis `i`. With `transposesFirst` the first two axes are exchanged (`xy` order).
    public static func meshGrid(_ vectors: [Tensor], transposesFirst: Bool = false) -> [Tensor] {
        if let failed = vectors.first(where: { $0.error != nil }) { return vectors.map { _ in failed } }
        guard vectors.allSatisfy({ $0.rank == 1 }) else {
            let failed = refused(
                .shape, in: "operation meshGrid", "shapes \(vectors.map(\.shape))", remedy: "give vectors")
            return vectors.map { _ in failed }
        }
        let grid = Shape(vectors.map { $0.shape[0] })
        return vectors.indices.map { axis in
            var column = [Int](repeating: 1, count: vectors.count)
            column[axis] = grid[axis]
            let full = vectors[axis].reshaped(to: Shape(column)).broadcast(to: grid)
            return transposesFirst && vectors.count > 1 ? full.swappingAxes(0, 1) : full
        }
    }

    /// The powers of a vector's elements as columns, `[n] -> [n, count]`, the highest first unless `increasing`.
    public func vandermonde(_ count: Int? = nil, increasing: Bool = false) -> Tensor {
        Tensor.composed(of: [self]) { () throws(ApusError) in
            let columns = count ?? shape[0]
            guard rank == 1, columns >= 0, columns <= 1 << 16 else {
                throw ApusError(
                    .shape, in: "operation vandermonde", "\(columns) powers of shape \(shape)",
                    remedy: "give a vector and a count in 0...\(1 << 16)")
            }
            guard columns > 0 else { return Tensor(repeating: 0, shape: [shape[0], 0], dtype: dtype) }
            // Running products: exact for integers, with a gradient at 0.
            let factors = Tensor.concatenate(
                [
                    Tensor(repeating: 1, shape: [shape[0], 1], dtype: dtype),
                    expanded(at: 1).broadcast(to: [shape[0], columns - 1]),
                ], axis: 1)
            let powers = factors.cumulativeProduct(axis: 1)
            return increasing ? powers : powers.reversed(axes: [1])
        }
    }

    /// Ones at each of the numbers that a vector on the last axis names: `[.., n] -> [.., depth]`. Numbers outside
    /// `0..<depth` are left out.
    public func multiHot(depth: Int, dtype target: DType = .float32) -> Tensor {
        guard rank > 0 || error != nil else { return oneHot(self, depth: depth, dtype: target) }
        let rows = oneHot(self, depth: depth, dtype: .bool)
        return rows.error == nil ? rows.any(axes: [-2]).cast(to: target) : rows
    }
}
