/// Singular values by one-sided Jacobi rotations, which find small ones as accurately as large ones
/// (Demmel and Veselic, 1992).
enum SingularValueAlgorithm {
    typealias Numbers = UnsafeMutablePointer<Double>

    /// The numbers that `run` works with.
    static func workCount(rows: Int, columns: Int) -> Int {
        let (high, low) = (max(rows, columns), min(rows, columns))
        return high * low + 2 * low * low + high + 2 * low
    }

    /// The decomposition `a = Uᵀ diag(s) V` with `k = min(rows, columns)`.
    ///
    /// - Parameters:
    ///   - u: receives `k` rows of `rows` numbers, orthonormal, each with its largest element positive
    ///   - values: receives the `k` singular values, descending
    ///   - v: receives `k` rows of `columns` numbers
    /// - Returns: false if the matrix has elements that are not finite
    static func run(
        _ a: UnsafePointer<Double>, rows: Int, columns: Int, u: Numbers, values: Numbers, v: Numbers, work: Numbers
    ) -> Bool {
        for index in 0..<rows * columns where !a[index].isFinite { return false }
        let isTall = rows >= columns
        let (high, low) = (max(rows, columns), min(rows, columns))
        guard low > 0 else { return true }
        // The tall one of a and its transpose is q r; the rotations turn the rows of r, whose products with q and with
        // each other's turns are what is asked for.
        let (tall, turned, triangle) = (work, work + high * low, work + high * low + low * low)
        for row in 0..<high {
            for column in 0..<low {
                tall[row * low + column] = isTall ? a[row * columns + column] : a[column * columns + row]
            }
        }
        let (long, short) = (isTall ? u : v, isTall ? v : u)
        // `long` is room for q: `low` columns, later turned into rows.
        Reflections.factor(
            tall, rows: high, columns: low, q: long, r: triangle, work: triangle + low * low)
        // r = W T with rows of rᵀ... : columns of r are turned until they are orthogonal: r Vs = Us diag(s).
        for row in 0..<low {
            for column in 0..<low {
                turned[row * low + column] = triangle[column * low + row]
                short[row * low + column] = row == column ? 1 : 0
            }
        }
        orthogonalize(turned, short, low)
        for row in 0..<low {
            var largest = 0.0
            for column in 0..<low { largest = max(largest, abs(turned[row * low + column])) }
            var sum = 0.0
            if largest > 0 {
                for column in 0..<low {
                    let part = turned[row * low + column] / largest
                    sum += part * part
                }
            }
            values[row] = largest * sum.squareRoot()
            for column in 0..<low where values[row] > 0 { turned[row * low + column] /= values[row] }
        }
        sort(values, turned, short, low)
        complete(turned, values, low)
        // The rows of `turned` are the directions in q's columns.
        for row in 0..<low {
            for index in 0..<high {
                var sum = 0.0
                for column in 0..<low { sum += turned[row * low + column] * long[index * low + column] }
                tall[row * high + index] = sum
            }
        }
        long.update(from: tall, count: high * low)
        for row in 0..<low {
            if SymmetricEigenAlgorithm.orient(u + row * rows, count: rows, stride: 1) < 0 {
                for column in 0..<columns { v[row * columns + column] *= -1 }
            }
        }
        return true
    }

    /// Turns pairs of rows until all are orthogonal, and the rows of another matrix with them.
    private static func orthogonalize(_ rows: Numbers, _ turns: Numbers, _ size: Int) {
        for _ in 0..<60 {
            var isDone = true
            for first in 0..<size {
                for second in first + 1..<max(size, first + 1) {
                    let (x, y) = (rows + first * size, rows + second * size)
                    var (xx, yy, xy) = (0.0, 0.0, 0.0)
                    for column in 0..<size {
                        xx += x[column] * x[column]
                        yy += y[column] * y[column]
                        xy += x[column] * y[column]
                    }
                    guard abs(xy) > 1e-15 * (xx * yy).squareRoot(), abs(xy) > 1e-300 else { continue }
                    isDone = false
                    let zeta = (yy - xx) / (2 * xy)
                    let root = abs(zeta) + SymmetricEigenAlgorithm.length(zeta, 1)
                    let tangent = (zeta < 0 ? -1 : 1) / root
                    let cosine = 1 / (1 + tangent * tangent).squareRoot()
                    let sine = cosine * tangent
                    rotate(x, y, cosine, sine, size)
                    rotate(turns + first * size, turns + second * size, cosine, sine, size)
                }
            }
            if isDone { return }
        }
    }

    private static func rotate(_ x: Numbers, _ y: Numbers, _ cosine: Double, _ sine: Double, _ count: Int) {
        for index in 0..<count {
            let (first, second) = (x[index], y[index])
            x[index] = cosine * first - sine * second
            y[index] = sine * first + cosine * second
        }
    }

    private static func sort(_ values: Numbers, _ first: Numbers, _ second: Numbers, _ size: Int) {
        for place in 0..<size {
            var best = place
            for other in place + 1..<max(size, place + 1) where values[other] > values[best] { best = other }
            if best == place { continue }
            (values[place], values[best]) = (values[best], values[place])
            for rows in [first, second] {
                for column in 0..<size {
                    let (x, y) = (place * size + column, best * size + column)
                    (rows[x], rows[y]) = (rows[y], rows[x])
                }
            }
        }
    }

    /// Gives rows of singular value 0 directions that are orthogonal to all rows before.
    private static func complete(_ rows: Numbers, _ values: Numbers, _ size: Int) {
        for row in 0..<size where values[row] == 0 {
            let target = rows + row * size
            for candidate in 0..<size {
                for column in 0..<size { target[column] = column == candidate ? 1 : 0 }
                for _ in 0..<2 {
                    for other in 0..<row {
                        var product = 0.0
                        for column in 0..<size { product += target[column] * rows[other * size + column] }
                        for column in 0..<size { target[column] -= product * rows[other * size + column] }
                    }
                }
                var sum = 0.0
                for column in 0..<size { sum += target[column] * target[column] }
                // Among the unit vectors one keeps at least this share.
                guard sum * Double(size) >= 0.5 else { continue }
                let length = sum.squareRoot()
                for column in 0..<size { target[column] /= length }
                break
            }
        }
    }
}
