/// Eigenvalues and eigenvectors of any real square matrix: Hessenberg form, then QR steps with single complex shifts.
struct GeneralEigenAlgorithm {
    private let size: Int
    /// Upper triangular in the end: `matrix = basis * triangle * basisᴴ`.
    private var triangle: [ComplexNumber]
    private var basis: [ComplexNumber]
    private(set) var values: [ComplexNumber] = []
    /// Eigenvectors one after the other, of length 1, their largest element real and positive.
    private(set) var vectors: [ComplexNumber] = []

    /// `nil` if the steps did not converge.
    init?(_ matrix: UnsafePointer<Double>, size: Int) {
        self.size = size
        let (real, directions) = Self.hessenberg(matrix, size)
        triangle = real.map { ComplexNumber($0) }
        basis = directions.map { ComplexNumber($0) }
        guard reduce() else { return nil }
        let scale = triangle.reduce(0) { max($0, $1.magnitude) }
        findVectors(scale)
        arrange(scale)
    }

    /// The matrix with zeros below the first subdiagonal and the orthogonal matrix that led there.
    private static func hessenberg(_ source: UnsafePointer<Double>, _ size: Int) -> ([Double], [Double]) {
        var matrix = Array(UnsafeBufferPointer(start: source, count: size * size))
        var turns = (0..<size * size).map { $0 % (size + 1) == 0 ? 1.0 : 0.0 }
        var direction = [Double](repeating: 0, count: size)
        var work = [Double](repeating: 0, count: size)
        func reflectColumns(_ target: inout [Double], first: Int, count: Int) {
            for row in 0..<size {
                var sum = 0.0
                for index in 0..<count { sum += target[row * size + first + index] * direction[index] }
                for index in 0..<count { target[row * size + first + index] -= 2 * sum * direction[index] }
            }
        }
        for step in 0..<max(size - 2, 0) {
            let first = step + 1
            let count = size - first
            matrix.withUnsafeMutableBufferPointer { matrix in
                direction.withUnsafeMutableBufferPointer { direction in
                    work.withUnsafeMutableBufferPointer { work in
                        guard let matrix = matrix.baseAddress, let v = direction.baseAddress,
                            let work = work.baseAddress
                        else { return }
                        Reflections.direction(matrix + first * size + step, stride: size, count: count, into: v)
                        Reflections.apply(
                            v, matrix + first * size, count: count, width: size, columns: size, work: work)
                    }
                }
            }
            reflectColumns(&matrix, first: first, count: count)
            reflectColumns(&turns, first: first, count: count)
            for row in first + 1..<size { matrix[row * size + step] = 0 }
        }
        return (matrix, turns)
    }

    /// QR steps until all elements below the diagonal are gone.
    private mutating func reduce() -> Bool {
        var last = size - 1
        var steps = 0
        while last > 0 {
            var first = last
            while first > 0 {
                let beside = triangle[first * size + first - 1].magnitude
                let scale =
                    triangle[first * size + first].magnitude + triangle[(first - 1) * size + first - 1].magnitude
                if beside <= 0x1p-53 * scale || beside < 1e-300 {
                    triangle[first * size + first - 1] = ComplexNumber(0)
                    break
                }
                first -= 1
            }
            if first == last {
                last -= 1
                steps = 0
                continue
            }
            steps += 1
            if steps > 100 { return false }
            step(first, last, shift: steps % 10 == 0 ? exceptionalShift(last) : shift(last))
        }
        return true
    }

    /// The eigenvalue of the last two rows' block that is nearer to its last element.
    private func shift(_ last: Int) -> ComplexNumber {
        let (a, b) = (triangle[(last - 1) * size + last - 1], triangle[(last - 1) * size + last])
        let (c, d) = (triangle[last * size + last - 1], triangle[last * size + last])
        let half = (a - d) * 0.5
        let root = (half * half + b * c).squareRoot
        let (plus, minus) = (half + root, half - root)
        return d + (plus.magnitude < minus.magnitude ? plus : minus)
    }

    private func exceptionalShift(_ last: Int) -> ComplexNumber {
        triangle[last * size + last] + ComplexNumber(triangle[last * size + last - 1].magnitude)
    }

    /// One step on rows `first ... last`: `T - shift = Q R`, then `R Q + shift`.
    private mutating func step(_ first: Int, _ last: Int, shift: ComplexNumber) {
        for row in first...last { triangle[row * size + row] = triangle[row * size + row] - shift }
        var turns: [(ComplexNumber, ComplexNumber)] = []
        for row in first..<last {
            let (a, b) = (triangle[row * size + row], triangle[(row + 1) * size + row])
            let length = SymmetricEigenAlgorithm.length(a.magnitude, b.magnitude)
            let (c, s) =
                length > 0 ? (a * (1 / length), b * (1 / length)) : (ComplexNumber(1), ComplexNumber(0))
            turns.append((c, s))
            for column in row..<size {
                let (x, y) = (triangle[row * size + column], triangle[(row + 1) * size + column])
                triangle[row * size + column] = c.conjugate * x + s.conjugate * y
                triangle[(row + 1) * size + column] = c * y - s * x
            }
        }
        for (number, (c, s)) in turns.enumerated() {
            let column = first + number
            for row in 0...min(column + 2, last) { Self.turn(&triangle, row * size + column, c, s) }
            for row in 0..<size { Self.turn(&basis, row * size + column, c, s) }
        }
        for row in first...last { triangle[row * size + row] = triangle[row * size + row] + shift }
    }

    private static func turn(
        _ matrix: inout [ComplexNumber], _ place: Int, _ c: ComplexNumber, _ s: ComplexNumber
    ) {
        let (x, y) = (matrix[place], matrix[place + 1])
        matrix[place] = x * c + y * s
        matrix[place + 1] = y * c.conjugate - x * s.conjugate
    }

    private mutating func findVectors(_ scale: Double) {
        let least = max(scale * 0x1p-53, 1e-300)
        for number in 0..<size {
            let value = triangle[number * size + number]
            var solution = [ComplexNumber](repeating: ComplexNumber(0), count: size)
            solution[number] = ComplexNumber(1)
            for row in stride(from: number - 1, through: 0, by: -1) {
                var sum = ComplexNumber(0)
                for column in row + 1...number { sum = sum + triangle[row * size + column] * solution[column] }
                var gap = value - triangle[row * size + row]
                if gap.magnitude < least { gap = ComplexNumber(least) }
                solution[row] = sum / gap
                // Nearly equal eigenvalues make large numbers.
                let size = solution[row].magnitude
                if size > 1e100 { for index in row...number { solution[index] = solution[index] * (1 / size) } }
            }
            var vector = (0..<size).map { row in
                (0...number).reduce(ComplexNumber(0)) { $0 + basis[row * size + $1] * solution[$1] }
            }
            Self.normalize(&vector)
            values.append(value)
            vectors += vector
        }
    }

    /// Length 1, the first of the largest elements real and positive.
    private static func normalize(_ vector: inout [ComplexNumber]) {
        let largest = vector.reduce(0) { max($0, $1.magnitude) }
        guard largest > 0, let pivot = vector.first(where: { $0.magnitude >= largest * (1 - 1e-9) }) else { return }
        let phase = pivot.conjugate * (1 / pivot.magnitude)
        var sum = 0.0
        for index in vector.indices {
            vector[index] = vector[index] * phase * (1 / largest)
            sum += vector[index].real * vector[index].real + vector[index].imaginary * vector[index].imaginary
        }
        let factor = 1 / sum.squareRoot()
        for index in vector.indices { vector[index] = vector[index] * factor }
    }

    /// Makes the results of a real matrix exactly what they must be, real or conjugate pairs, and orders them: by
    /// magnitude, largest first, then by real part; of a pair the positive imaginary part comes first.
    private mutating func arrange(_ scale: Double) {
        var pairs: [(first: Int, second: Int?)] = []
        var used = [Bool](repeating: false, count: size)
        let noise = scale * Double(size) * 0x1p-50
        for number in (0..<size).sorted(by: { values[$0].imaginary > values[$1].imaginary })
        where values[number].imaginary > noise && !used[number] {
            let partner = (0..<size).filter { !used[$0] && values[$0].imaginary < 0 }
                .min {
                    (values[$0].conjugate - values[number]).magnitude
                        < (values[$1].conjugate - values[number]).magnitude
                }
            guard let partner, (values[partner].conjugate - values[number]).magnitude < values[number].imaginary
            else { continue }
            (used[number], used[partner]) = (true, true)
            pairs.append((number, partner))
        }
        for number in 0..<size where !used[number] { pairs.append((number, nil)) }
        var results: [(value: ComplexNumber, isPair: Bool, vector: [ComplexNumber])] = pairs.map { pair in
            let value = values[pair.first]
            let vector = Array(vectors[pair.first * size..<(pair.first + 1) * size])
            if pair.second != nil { return (value, true, vector) }
            var real = vector.map { ComplexNumber($0.real) }
            Self.normalize(&real)
            return (ComplexNumber(value.real), false, real)
        }
        results.sort {
            let (first, second) = ($0.value.magnitude, $1.value.magnitude)
            return first == second ? $0.value.real > $1.value.real : first > second
        }
        values = results.flatMap { $0.isPair ? [$0.value, $0.value.conjugate] : [$0.value] }
        vectors = results.flatMap { $0.isPair ? $0.vector + $0.vector.map(\.conjugate) : $0.vector }
    }
}
