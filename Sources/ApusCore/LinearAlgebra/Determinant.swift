#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The determinant: `[.., n, n]` -> `[..]`.
struct Determinant: MatrixOperation {
    static let name = "determinant"

    func itemShape(of matrices: [Shape]) throws(ApusError) -> Shape {
        try requireSquare(matrices[0])
        return []
    }

    func workCount(_ matrices: [Shape]) -> Int { matrices[0].count + matrices[0][0] }

    func compute(_ item: MatrixItem) -> Int {
        let size = item.rows
        item.work.update(from: item.a, count: size * size)
        var result = Elimination.factor(
            item.work, rows: size, columns: size, order: item.work + size * size
        ).sign
        for row in 0..<size { result *= item.work[row * size + row] }
        item.output[0] = result
        return 0
    }

    func gradient(_ dy: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
        [dy.expanded(at: -1).expanded(at: -1) * Tensor(Cofactors(), inputs)]
    }
}

/// The cofactors of a square matrix: the gradient of its determinant, also where that is 0.
private struct Cofactors: MatrixOperation {
    static let name = "cofactors"

    func itemShape(of matrices: [Shape]) throws(ApusError) -> Shape { matrices[0] }

    func workCount(_ matrices: [Shape]) -> Int {
        SingularValues().workCount(matrices) + matrices[0].count + 3 * matrices[0][0]
    }

    /// `det(U) det(V) U diag(products of all other singular values) Vᵀ`.
    func compute(_ item: MatrixItem) -> Int {
        let size = item.rows
        let (u, v, values) = (item.work, item.work + size * size, item.work + 2 * size * size)
        let (others, order, free) = (values + size, values + 2 * size, values + 3 * size)
        guard SingularValueAlgorithm.run(item.a, rows: size, columns: size, u: u, values: values, v: v, work: free)
        else { return 1 }
        var sign = 1.0
        for rows in [u, v] {
            free.update(from: rows, count: size * size)
            sign *= Elimination.factor(free, rows: size, columns: size, order: order).sign
            for row in 0..<size where free[row * size + row] < 0 { sign = -sign }
        }
        for part in 0..<size {
            others[part] = sign
            for other in 0..<size where other != part { others[part] *= values[other] }
        }
        for row in 0..<size {
            for column in 0..<size {
                var sum = 0.0
                for part in 0..<size { sum += u[part * size + row] * others[part] * v[part * size + column] }
                item.output[row * size + column] = sum
            }
        }
        return 0
    }

    /// In the basis of the singular vectors the cofactors of `diag(s) + E` change by the products `p[i, j]` of all
    /// singular values but two: that at `(i, i)` by `p[i, j] E[j, j]`, that at `(i, j)` by `-p[i, j] E[j, i]`.
    func gradient(_ dy: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
        let size = inputs[0].shape[-1]
        let (u, values, v) = inputs[0].svd()
        let sign = (u.determinant() * v.determinant()).sign().expanded(at: -1).expanded(at: -1)
        let number = Tensor.range(count: size, dtype: .int64)
        let (i, j) = (number.expanded(at: 1).expanded(at: 1), number.expanded(at: 1))
        let isLeftOut = (number .== i) | (number .== j)
        let batch = inputs[0].shape.batch
        let factors = values.expanded(at: -2).expanded(at: -2)
            .broadcast(to: Shape(batch.extents + [size, size, size]))
        let products =
            Tensor.select(isLeftOut, Tensor.ones(factors.shape, dtype: factors.dtype), factors)
            .product(axes: [-1]) * (1 - Tensor.identity(size, dtype: values.dtype))
        let inner = matmul(u.transposedTimes(dy), v)
        let diagonal = matmul(products, inner.diagonal().expanded(at: -1)).squeezed(-1)
        let middle = diagonal.diagonalMatrix() - (inner * products).matrixTransposed()
        return [matmul(u, middle).timesTransposed(v) * sign]
    }
}

/// The sign of the determinant, then the logarithm of its magnitude: `[.., n, n]` -> `[.., 2]`.
struct LogDeterminant: MatrixOperation {
    static let name = "logDeterminant"

    func itemShape(of matrices: [Shape]) throws(ApusError) -> Shape {
        try requireSquare(matrices[0])
        return [2]
    }

    func workCount(_ matrices: [Shape]) -> Int { Determinant().workCount(matrices) }

    func compute(_ item: MatrixItem) -> Int {
        let size = item.rows
        item.work.update(from: item.a, count: size * size)
        var sign = Elimination.factor(item.work, rows: size, columns: size, order: item.work + size * size).sign
        var sum = 0.0
        for row in 0..<size {
            let pivot = item.work[row * size + row]
            sign *= pivot < 0 ? -1 : pivot == 0 ? 0 : 1
            sum += log(abs(pivot))
        }
        item.output[0] = sign
        item.output[1] = sum
        return 0
    }

    func gradient(_ dy: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
        let change = dy.slice(axis: -1, 1..<2).expanded(at: -1)
        return [change * inputs[0].inverse().matrixTransposed()]
    }
}

extension Tensor {
    /// The determinant of each matrix of the last two axes: `[.., n, n]` -> `[..]`.
    ///
    /// The first and second derivatives are exact at singular matrices too.
    public func determinant() -> Tensor { Tensor(Determinant(), [self]) }

    /// The sign of the determinant of each matrix of the last two axes and the logarithm of its magnitude, which does
    /// not overflow: `[.., n, n]` -> `[..]` each.
    ///
    /// A singular matrix has sign 0 and logarithm -infinity; there the gradient ends in an error.
    public func logDeterminant() -> (sign: Tensor, logarithm: Tensor) {
        let packed = Tensor(LogDeterminant(), [self])
        guard packed.error == nil else { return (packed, packed) }
        let parts = packed.unpacked([[], []])
        return (parts[0], parts[1])
    }
}
