/// Gaussian elimination with row exchanges on row-major matrices, in place.
enum Elimination {
    typealias Numbers = UnsafeMutablePointer<Double>

    /// Replaces a matrix by its factors: below the diagonal those of L (whose diagonal is 1), on and above it U.
    ///
    /// - Parameter order: receives, for each row of the factors, the row of the matrix that stands there
    /// - Returns: the sign of the exchanges, and the first pivot that is 0 (counted from 1; 0 if none is)
    static func factor(_ matrix: Numbers, rows: Int, columns: Int, order: Numbers) -> (sign: Double, zeroPivot: Int) {
        var sign = 1.0
        var zeroPivot = 0
        for row in 0..<rows { order[row] = Double(row) }
        for step in 0..<min(rows, columns) {
            var best = step
            for row in step + 1..<max(rows, step + 1)
            where abs(matrix[row * columns + step]) > abs(matrix[best * columns + step]) {
                best = row
            }
            if best != step {
                sign = -sign
                (order[best], order[step]) = (order[step], order[best])
                let (first, second) = (matrix + best * columns, matrix + step * columns)
                for column in 0..<columns { (first[column], second[column]) = (second[column], first[column]) }
            }
            let pivot = matrix + step * columns
            guard pivot[step] != 0 else {
                if zeroPivot == 0 { zeroPivot = step + 1 }
                continue
            }
            for row in step + 1..<max(rows, step + 1) {
                let target = matrix + row * columns
                let factor = target[step] / pivot[step]
                target[step] = factor
                if factor == 0 { continue }
                for column in step + 1..<max(columns, step + 1) { target[column] -= factor * pivot[column] }
            }
        }
        return (sign, zeroPivot)
    }

    /// Solves a square system with factored matrix; `x` holds the right sides, in the order of the factors' rows, and
    /// receives the solutions.
    static func substitute(_ factors: Numbers, size: Int, _ x: Numbers, columns: Int) {
        Triangle.solve(factors, size: size, lower: true, unit: true, x, columns: columns)
        Triangle.solve(factors, size: size, lower: false, unit: false, x, columns: columns)
    }

    /// Solves `matrix x = b` for square matrices, which the factors replace. `order` is room for `size` numbers.
    ///
    /// - Returns: the first pivot that is 0, counted from 1, or 0
    static func solve(
        _ matrix: Numbers, size: Int, _ b: UnsafePointer<Double>, columns: Int, into x: Numbers, order: Numbers
    ) -> Int {
        let zeroPivot = factor(matrix, rows: size, columns: size, order: order).zeroPivot
        if zeroPivot != 0 { return zeroPivot }
        for row in 0..<size {
            let source = b + Int(order[row]) * columns
            for column in 0..<columns { x[row * columns + column] = source[column] }
        }
        substitute(matrix, size: size, x, columns: columns)
        return 0
    }
}

/// Triangular systems, row-major; the other triangle is not read.
enum Triangle {
    /// Replaces right sides by solutions. The diagonal must not have zeros, unless `unit` says that it counts as 1.
    static func solve(
        _ matrix: UnsafePointer<Double>, size: Int, lower: Bool, unit: Bool, _ x: UnsafeMutablePointer<Double>,
        columns: Int
    ) {
        for step in 0..<size {
            let row = lower ? step : size - 1 - step
            let target = x + row * columns
            for other in lower ? 0..<row : row + 1..<max(size, row + 1) {
                let factor = matrix[row * size + other]
                if factor == 0 { continue }
                let source = x + other * columns
                for column in 0..<columns { target[column] -= factor * source[column] }
            }
            if unit { continue }
            let pivot = matrix[row * size + row]
            for column in 0..<columns { target[column] /= pivot }
        }
    }

    /// The same with the transposed matrix, which is the other triangle.
    static func solveTransposed(
        _ matrix: UnsafePointer<Double>, size: Int, lower: Bool, unit: Bool, _ x: UnsafeMutablePointer<Double>,
        columns: Int
    ) {
        for step in 0..<size {
            let row = lower ? size - 1 - step : step
            let source = x + row * columns
            if !unit {
                let pivot = matrix[row * size + row]
                for column in 0..<columns { source[column] /= pivot }
            }
            for other in lower ? 0..<row : row + 1..<max(size, row + 1) {
                let factor = matrix[row * size + other]
                if factor == 0 { continue }
                let target = x + other * columns
                for column in 0..<columns { target[column] -= factor * source[column] }
            }
        }
    }

    /// The first zero on the diagonal, counted from 1, or 0.
    static func zeroPivot(_ matrix: UnsafePointer<Double>, size: Int) -> Int {
        for row in 0..<size where matrix[row * size + row] == 0 { return row + 1 }
        return 0
    }
}
