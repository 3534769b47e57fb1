import ApusCore
import TestSupport
import Testing

@Suite struct MatrixProductTests {
    static let shapes: [(Shape, Shape)] = [
        ([1, 1], [1, 1]), ([3, 5], [5, 2]), ([17, 33], [33, 65]), ([2, 3, 4], [2, 4, 5]), ([5, 1, 3, 4], [2, 4, 1]),
        ([4], [4, 3]), ([3, 4], [4]), ([6], [6]), ([3, 0], [0, 2]), ([0, 4], [4, 3]), ([1, 70], [70, 129]),
    ]

    @Test(arguments: shapes.indices)
    func agreesWithItsDefinition(_ number: Int) throws {
        let (a, b) = Self.shapes[number]
        var random = TestRandom(1)
        try checkDefinition(at: [random.tensor(a), random.tensor(b)], float32: 5e-6) { matmul($0[0], $0[1]) }
    }

    @Test(arguments: shapes.indices)
    func derivativesMatchCentralDifferences(_ number: Int) throws {
        let (a, b) = Self.shapes[number]
        guard a.count > 0, b.count > 0 else { return }
        var random = TestRandom(2)
        try checkBothDerivatives(at: [random.tensor(a), random.tensor(b)], sampleLimit: 12) { matmul($0[0], $0[1]) }
    }

    @Test func transposedViewsAndEpilogues() throws {
        var random = TestRandom(3)
        let inputs = [random.tensor([13, 7]), random.tensor([13, 19]), random.tensor([19])]
        try checkDefinition(at: inputs, float32: 5e-6) {
            (matmul($0[0].transposed(), $0[1]) + $0[2]).relu() * 2
        }
        try checkDefinition(at: [random.tensor([2, 5, 3, 4]), random.tensor([2, 5, 3, 6])], float32: 5e-6) {
            matmul($0[0].permuted([0, 2, 3, 1]), $0[1].permuted([0, 2, 1, 3])).tanh()
        }
    }

    /// Tasks divide a long inner extent, and pack rows that are a page apart. Sums of whole numbers are exact.
    @Test(arguments: [DType.float32, .float64], [[300, 440, 2100], [1024, 200, 4096]])
    func longInnerExtentsLeaveNothingOut(_ dtype: DType, _ extents: [Int]) throws {
        let (rows, columns, depth) = (extents[0], extents[1], extents[2])
        func whole(_ shape: Shape, _ seed: Int) throws -> Tensor {
            try (Tensor.randomUniform(shape, high: 7, seed: UInt64(seed)).floor() - 3).cast(to: dtype).evaluated()
        }
        let (a, b) = try (whole([depth, rows], 1), whole([depth, columns], 2))
        let product = try matmul(a.transposed(), b).evaluated()
        let byRows = try matmul(a.transposed(), b.sum(axes: [1], keepDimensions: true)).evaluated()
        let byColumns = try matmul(a.sum(axes: [1], keepDimensions: true).transposed(), b).evaluated()
        #expect(
            try product.sum(axes: [1], keepDimensions: true).array(of: Double.self) == byRows.array(of: Double.self))
        #expect(
            try product.sum(axes: [0], keepDimensions: true).array(of: Double.self) == byColumns.array(of: Double.self))
    }

    @Test func innerExtentsAreNamed() {
        #expect(
            matmul(Tensor.zeros([2, 3]), Tensor.zeros([4, 5])).error?.description
                == "operation matmul: shapes [2, 3] and [4, 5] do not fit: inner extents 3 and 4; "
                + "the last extent of the first must equal the last but one of the second")
    }
}

@Suite struct EinsumTests {
    static let cases: [(String, [Shape])] = [
        ("bij,bjk->bik", [[2, 3, 4], [2, 4, 5]]), ("ij,ij->", [[3, 4], [3, 4]]), ("i,j->ij", [[3], [4]]),
        ("bhqd,bkhd->bhqk", [[2, 3, 4, 5], [2, 6, 3, 5]]), ("ii->", [[4, 4]]), ("biji->jb", [[2, 3, 4, 3]]),
        ("ab,bc,cd->ad", [[2, 3], [3, 4], [4, 5]]), ("abc->b", [[2, 3, 4]]), ("ab,cd", [[2, 3], [4, 5]]),
        ("ni,ijo,nj->no", [[3, 4], [4, 5, 2], [3, 5]]), ("a,a,a->a", [[5], [5], [5]]), ("ij->ji", [[3, 4]]),
    ]

    @Test(arguments: cases.indices)
    func sumsOfProducts(_ number: Int) throws {
        let (notation, shapes) = Self.cases[number]
        var random = TestRandom(UInt64(number))
        let operands = shapes.map { random.tensor($0) }
        let expected = try einsumDefinition(notation, operands)
        let y = einsum(notation, operands)
        let values: [Double] = try y.array()
        #expect(values.count == expected.count)
        for (value, target) in zip(values, expected) { #expect(Swift.abs(value - target) < 1e-12) }
        try checkGradients(at: operands, sampleLimit: 20) { einsum(notation, $0) }
    }

    /// Loops over all letters.
    private func einsumDefinition(_ notation: String, _ operands: [Tensor]) throws -> [Double] {
        let halves = notation.components(arrow: "->")
        let inputs = halves[0].split(separator: ",").map(Array.init)
        let all = inputs.flatMap { $0 }
        let output =
            halves.count == 2
            ? Array(halves[1]) : Set(all).filter { letter in all.filter { $0 == letter }.count == 1 }.sorted()
        var extents: [Character: Int] = [:]
        for (letters, operand) in zip(inputs, operands) {
            for (axis, letter) in letters.enumerated() { extents[letter] = operand.shape[axis] }
        }
        let letters = output + Set(all).subtracting(output).sorted()
        let shape = Shape(output.map { extents[$0] ?? 1 })
        let values = try operands.map { try $0.array(of: Double.self) }
        var result = [Double](repeating: 0, count: shape.count)
        forEachIndex(Shape(letters.map { extents[$0] ?? 1 })) { index in
            let place = Dictionary(uniqueKeysWithValues: zip(letters, index))
            func position(_ letters: [Character]) -> Int {
                letters.reduce(0) { $0 * (extents[$1] ?? 1) + (place[$1] ?? 0) }
            }
            var product = 1.0
            for (number, letters) in inputs.enumerated() { product *= values[number][position(letters)] }
            result[position(output)] += product
        }
        return result
    }

    @Test func mistakesAreNamed() {
        let (a, b) = (Tensor.zeros([2, 3]), Tensor.zeros([4, 5]))
        #expect(
            einsum("ij,jk->ik", a, b).error?.description
                == "operation einsum: in \"ij,jk->ik\": axis \"j\" has extents 3 and 4; "
                + "give axes of one letter one extent"
        )
        #expect(
            einsum("ij->ik", a).error?.description
                == "operation einsum: in \"ij->ik\": axis \"k\" of the result is in no operand; "
                + "use letters of the operands")
        #expect(
            einsum("i.j->ij", a).error?.description
                == "operation einsum: in \"i.j->ij\": \".\" names no axis; use letters, commas and one ->")
        #expect(einsum("ijk->ij", a).error != nil)
        #expect(einsum("ij", a, b).error != nil)
    }
}

extension String {
    fileprivate func components(arrow: String) -> [Substring] {
        guard let range = firstRange(of: arrow) else { return [self[...]] }
        return [self[..<range.lowerBound], self[range.upperBound...]]
    }
}
