/// The reduced factors of a `[.., m, n]`, with `k = min(m, n)`: Q `[m, k]`, then R `[k, n]`, packed.
struct QRFactors: MatrixOperation {
    static let name = "qr"

    func itemShape(of matrices: [Shape]) throws(ApusError) -> Shape {
        let (rows, columns) = (matrices[0][0], matrices[0][1])
        return [min(rows, columns) * (rows + columns)]
    }

    func workCount(_ matrices: [Shape]) -> Int { matrices[0].count + matrices[0].extents.reduce(0, +) }

    func compute(_ item: MatrixItem) -> Int {
        let (rows, columns) = (item.rows, item.columns)
        let size = min(rows, columns)
        let (q, r) = (item.output, item.output + rows * size)
        item.work.update(from: item.a, count: rows * columns)
        Reflections.factor(
            item.work, rows: rows, columns: columns, q: q, r: r, work: item.work + rows * columns)
        return 0
    }

    func gradient(_ dy: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
        let (rows, columns) = (inputs[0].shape[-2], inputs[0].shape[-1])
        let size = min(rows, columns)
        let shapes: [Shape] = [[rows, size], [size, columns]]
        let factors = output.unpacked(shapes)
        let changes = dy.unpacked(shapes)
        if rows >= columns { return [Self.tall(factors[0], factors[1], changes[0], changes[1])] }
        // a = [x y], so that r = [u v] with v = qᵀ y.
        func first(_ tensor: Tensor) -> Tensor { tensor.slice(axis: -1, 0..<rows) }
        func second(_ tensor: Tensor) -> Tensor { tensor.slice(axis: -1, rows..<columns) }
        let change = changes[0] + second(inputs[0]).timesTransposed(second(changes[1]))
        let head = Self.tall(factors[0], first(factors[1]), change, first(changes[1]))
        return [Tensor.concatenate([head, matmul(factors[0], second(changes[1]))], axis: -1)]
    }

    /// `(dQ + Q copy(M)) R⁻ᵀ` with `M = R dRᵀ - dQᵀ Q`, of which the lower triangle is copied to the upper one
    /// (Walter and Lehmann, 2018).
    private static func tall(_ q: Tensor, _ r: Tensor, _ dq: Tensor, _ dr: Tensor) -> Tensor {
        let m = r.timesTransposed(dr.upperTriangle()) - dq.transposedTimes(q)
        let copied = m.lowerTriangle() + m.lowerTriangle(diagonal: -1).matrixTransposed()
        return r.solveTriangular((dq + matmul(q, copied)).matrixTransposed(), upper: true).matrixTransposed()
    }
}

/// Householder reflections.
enum Reflections {
    typealias Numbers = UnsafeMutablePointer<Double>

    /// The direction `v` of the reflection `1 - 2 v vᵀ` that turns `count` numbers, `stride` apart, into a multiple of
    /// the first unit vector; its length is 1, or 0 where nothing has to be turned.
    static func direction(_ x: UnsafePointer<Double>, stride: Int, count: Int, into v: Numbers) {
        var largest = 0.0
        for index in 0..<count { largest = max(largest, abs(x[index * stride])) }
        guard largest > 0, largest.isFinite else {
            for index in 0..<count { v[index] = 0 }
            return
        }
        var sum = 0.0
        for index in 0..<count {
            v[index] = x[index * stride] / largest
            sum += v[index] * v[index]
        }
        v[0] += v[0] < 0 ? -sum.squareRoot() : sum.squareRoot()
        sum = 0
        for index in 0..<count { sum += v[index] * v[index] }
        let length = sum.squareRoot()
        for index in 0..<count { v[index] /= length }
    }

    /// Applies `1 - 2 v vᵀ` from the left to `count` rows of a matrix; `work` has room for a row.
    static func apply(
        _ v: UnsafePointer<Double>, _ matrix: Numbers, count: Int, width: Int, columns: Int, work: Numbers
    ) {
        for column in 0..<columns { work[column] = 0 }
        for row in 0..<count where v[row] != 0 {
            for column in 0..<columns { work[column] += v[row] * matrix[row * width + column] }
        }
        for row in 0..<count where v[row] != 0 {
            let factor = 2 * v[row]
            for column in 0..<columns { matrix[row * width + column] -= factor * work[column] }
        }
    }

    /// The reduced factors with a diagonal of `r` that is not negative. The matrix is destroyed; `work` has room for
    /// `rows + columns` numbers. The directions are kept below the diagonal, their first elements in `work`.
    static func factor(_ matrix: Numbers, rows: Int, columns: Int, q: Numbers, r: Numbers, work: Numbers) {
        let size = min(rows, columns)
        let (v, row) = (work, work + rows)
        // Row `step` of q keeps nothing yet, so the directions' first elements wait on q's diagonal.
        for step in 0..<size {
            let corner = matrix + step * columns + step
            direction(corner, stride: columns, count: rows - step, into: v)
            apply(v, corner, count: rows - step, width: columns, columns: columns - step, work: row)
            q[step * size + step] = v[0]
            for below in 1..<max(rows - step, 1) { corner[below * columns] = v[below] }
        }
        for index in 0..<size {
            for column in 0..<columns {
                r[index * columns + column] = column < index ? 0 : matrix[index * columns + column]
            }
        }
        for step in 0..<size { row[step] = q[step * size + step] }
        for index in 0..<rows * size { q[index] = 0 }
        // `row` is needed for the firsts; a column of the product at a time needs no more room.
        for column in 0..<size {
            for index in 0..<rows { v[index] = index == column ? 1 : 0 }
            for step in stride(from: column, through: 0, by: -1) {
                var product = row[step] * v[step]
                for below in step + 1..<max(rows, step + 1) { product += matrix[below * columns + step] * v[below] }
                product *= 2
                v[step] -= product * row[step]
                for below in step + 1..<max(rows, step + 1) { v[below] -= product * matrix[below * columns + step] }
            }
            let sign = r[column * columns + column] < 0 ? -1.0 : 1.0
            for index in 0..<rows { q[index * size + column] = sign * v[index] }
            if sign < 0 { for other in column..<columns { r[column * columns + other] *= -1 } }
        }
    }
}

/// How much of Q is wanted.
public enum QRMode: String, Sendable, Hashable, CaseIterable {
    /// As many columns as the matrix has rank at most: `Q` `[.., m, k]`, `R` `[.., k, n]` with `k = min(m, n)`.
    case reduced
    /// A basis of the whole space: `Q` `[.., m, m]`, `R` `[.., m, n]`, whose rows from `n` on are 0.
    case complete
}

extension Tensor {
    /// The factors of each matrix `[.., m, n]` with `a = Q R`: orthonormal columns and an upper triangular matrix
    /// whose diagonal is not negative, which makes them unique for a matrix of full rank.
    ///
    /// The gradient needs the first `min(m, n)` columns to be independent; else it ends in an error. No gradient passes
    /// through the columns that make a basis complete: they could be any.
    ///
    /// - Parameter mode: whether columns that R does not need make Q square
    /// - Returns: `Q` `[.., m, k]` and `R` `[.., k, n]`, `k = min(m, n)`, or `m` with `.complete`
    public func qr(mode: QRMode = .reduced) -> (q: Tensor, r: Tensor) {
        guard mode == .complete, error == nil, rank >= 2, shape[-2] > shape[-1] else { return reducedQR() }
        let (rows, columns) = (shape[-2], shape[-1])
        let (q, r) = reducedQR()
        guard q.error == nil else { return (q, q) }
        // Behind the matrix' own columns those of the identity give the others their directions.
        let leading = Shape(Array(shape.extents.dropLast(2)))
        let identity = Tensor.identity(rows, dtype: dtype).broadcast(to: Shape(leading.extents + [rows, rows]))
        let whole = Tensor.concatenate([stopGradient(), identity], axis: -1).reducedQR().q
        let others = whole.slice(axis: -1, columns..<rows).stopGradient()
        let below = Tensor.zeros(Shape(leading.extents + [rows - columns, columns]), dtype: dtype)
        return (Tensor.concatenate([q, others], axis: -1), Tensor.concatenate([r, below], axis: -2))
    }

    private func reducedQR() -> (q: Tensor, r: Tensor) {
        let packed = Tensor(QRFactors(), [self])
        guard packed.error == nil else { return (packed, packed) }
        let size = Swift.min(shape[-2], shape[-1])
        let parts = packed.unpacked([[shape[-2], size], [size, shape[-1]]])
        return (parts[0], parts[1])
    }
}
