/// Eigenvalues and eigenvectors of symmetric matrices: reflections to a tridiagonal matrix, then implicit QL steps.
enum SymmetricEigenAlgorithm {
    typealias Numbers = UnsafeMutablePointer<Double>

    /// - Parameters:
    ///   - matrix: `size` rows; destroyed
    ///   - values: receives the eigenvalues, ascending
    ///   - rows: receives the eigenvectors as rows, of length 1, their largest element positive
    ///   - work: room for `3 size` numbers
    /// - Returns: whether the steps converged; they do for every finite matrix
    static func run(_ matrix: Numbers, size: Int, values: Numbers, rows: Numbers, work: Numbers) -> Bool {
        let (direction, product, beside) = (work, work + size, work + 2 * size)
        tridiagonalize(matrix, size, rows: rows, direction, product)
        for index in 0..<size {
            values[index] = matrix[index * size + index]
            beside[index] = index + 1 < size ? matrix[index * size + index + 1] : 0
        }
        guard diagonalize(values, beside, size, rows: rows) else { return false }
        sort(values, size, rows: rows, ascending: true)
        for row in 0..<size { _ = orient(rows + row * size, count: size, stride: 1) }
        return true
    }

    /// `H ... H A H ... H`, where each reflection clears one column; `rows` receives their product.
    private static func tridiagonalize(
        _ matrix: Numbers, _ size: Int, rows: Numbers, _ direction: Numbers, _ product: Numbers
    ) {
        for index in 0..<size * size { rows[index] = index % (size + 1) == 0 ? 1 : 0 }
        for step in 0..<max(size - 2, 0) {
            let first = step + 1
            let count = size - first
            Reflections.direction(matrix + first * size + step, stride: size, count: count, into: direction)
            // A - 2 v wᵀ - 2 w vᵀ with w = A v - (vᵀ A v) v, where columns and rows before `first` change too.
            for row in 0..<size {
                var sum = 0.0
                for index in 0..<count { sum += matrix[row * size + first + index] * direction[index] }
                product[row] = sum
            }
            var middle = 0.0
            for index in 0..<count { middle += direction[index] * product[first + index] }
            for index in 0..<count { product[first + index] -= middle * direction[index] }
            for row in step..<size {
                let factor = row >= first ? direction[row - first] : 0
                for index in 0..<count {
                    matrix[row * size + first + index] -= 2 * product[row] * direction[index]
                    if factor != 0 { matrix[row * size + first + index] -= 2 * factor * product[first + index] }
                }
            }
            for row in first..<size { matrix[row * size + step] = matrix[step * size + row] }
            Reflections.apply(
                direction, rows + first * size, count: count, width: size, columns: size, work: product)
        }
    }

    /// Implicit QL steps with Wilkinson's shift on a diagonal and the elements beside it; rotations are applied to
    /// pairs of rows.
    private static func diagonalize(_ diagonal: Numbers, _ beside: Numbers, _ size: Int, rows: Numbers) -> Bool {
        for start in 0..<size {
            var steps = 0
            while true {
                var end = start
                while end + 1 < size {
                    let scale = abs(diagonal[end]) + abs(diagonal[end + 1])
                    if abs(beside[end]) <= 0x1p-53 * scale { break }
                    end += 1
                }
                if end == start { break }
                steps += 1
                if steps > 80 { return false }
                let half = (diagonal[start + 1] - diagonal[start]) / (2 * beside[start])
                let root = length(half, 1)
                var bulge =
                    diagonal[end] - diagonal[start] + beside[start] / (half + (half < 0 ? -root : root))
                var (sine, cosine, shift) = (1.0, 1.0, 0.0)
                var split = false
                for index in stride(from: end - 1, through: start, by: -1) {
                    let (across, along) = (sine * beside[index], cosine * beside[index])
                    let radius = length(across, bulge)
                    beside[index + 1] = radius
                    if radius == 0 {
                        diagonal[index + 1] -= shift
                        beside[end] = 0
                        split = true
                        break
                    }
                    (sine, cosine) = (across / radius, bulge / radius)
                    let before = diagonal[index + 1] - shift
                    let change = (diagonal[index] - before) * sine + 2 * cosine * along
                    shift = sine * change
                    diagonal[index + 1] = before + shift
                    bulge = cosine * change - along
                    let (low, high) = (rows + index * size, rows + (index + 1) * size)
                    for column in 0..<size {
                        let (x, y) = (low[column], high[column])
                        high[column] = sine * x + cosine * y
                        low[column] = cosine * x - sine * y
                    }
                }
                if split { continue }
                diagonal[start] -= shift
                beside[start] = bulge
                beside[end] = 0
            }
        }
        return true
    }

    static func length(_ x: Double, _ y: Double) -> Double {
        let (low, high) = (min(abs(x), abs(y)), max(abs(x), abs(y)))
        return low == 0 ? high : high * (1 + (low / high) * (low / high)).squareRoot()
    }

    /// Sorts values, and rows with them, by exchanges of the next in order.
    static func sort(_ values: Numbers, _ size: Int, rows: Numbers?, width: Int? = nil, ascending: Bool) {
        let width = width ?? size
        for place in 0..<size {
            var best = place
            for other in place + 1..<max(size, place + 1)
            where ascending ? values[other] < values[best] : values[other] > values[best] {
                best = other
            }
            if best == place { continue }
            (values[place], values[best]) = (values[best], values[place])
            guard let rows else { continue }
            let (first, second) = (rows + place * width, rows + best * width)
            for column in 0..<width { (first[column], second[column]) = (second[column], first[column]) }
        }
    }

    /// Makes the first of the largest elements positive; returns the sign it had.
    static func orient(_ vector: Numbers, count: Int, stride: Int) -> Double {
        var best = 0
        for index in 0..<count where abs(vector[index * stride]) > abs(vector[best * stride]) * (1 + 1e-9) {
            best = index
        }
        guard count > 0, vector[best * stride] < 0 else { return 1 }
        for index in 0..<count { vector[index * stride] *= -1 }
        return -1
    }
}
