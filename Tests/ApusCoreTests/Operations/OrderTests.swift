import ApusCore
import TestSupport
import Testing

@Suite struct OrderTests {
    static let shapes: [(Shape, Int)] = [
        ([1], 0), ([9], 0), ([5, 7], 0), ([5, 7], 1), ([2, 33, 3], 1), ([3, 1, 4], 1), ([1000], 0), ([0, 3], 1),
    ]

    @Test(arguments: shapes.indices, Order.Kind.allCases)
    func agreesWithItsDefinition(_ number: Int, _ kind: Order.Kind) throws {
        let (shape, axis) = Self.shapes[number]
        var random = TestRandom(1)
        // Few distinct values: ties.
        let x = (random.tensor(shape) * 3).rounded()
        for dtype in [DType.float32, .float64, .int32, .int64] {
            try checkAgainstReference(Tensor(Order(kind: kind, axis: axis), [x.cast(to: dtype)]), tolerance: 0)
        }
    }

    @Test func nanHasItsPlace() throws {
        let values: [Double] = [2, .nan, 1, .infinity, .nan, -.infinity]
        let x = Tensor(values, shape: [6])
        #expect(try x.argsort().array(of: Int.self) == [5, 2, 0, 3, 1, 4])
        #expect(try x.argsort(descending: true).array(of: Int.self) == [3, 0, 2, 5, 1, 4])
        #expect(try x.argmax().item() == 1)
        #expect(try x.argmin().item() == 1)
    }

    @Test func sortedAndTopKAreDifferentiable() throws {
        var random = TestRandom(2)
        let x = random.tensor([4, 9])
        try checkGradients(at: [x]) { $0[0].sorted(axis: 1, descending: true).square() }
        try checkGradients(at: [x]) { $0[0].topK(3, axis: 0).values.square() }
        try checkGradients(at: [x]) { $0[0].median(axis: 1) + $0[0].quantile(0.3, axis: 1) }
    }

    @Test func mistakesAreNamed() {
        #expect(
            Tensor.zeros([2, 3]).topK(4).values.error?.description
                == "operation topK: 4 elements of axis -1 of shape [2, 3]; use a count in 0...3")
        #expect(
            Tensor.zeros([2, 0]).argmax(axis: 1).error?.description
                == "operation argmax: axis 1 of shape [2, 0] has no elements to choose from; "
                + "use an axis with at least one element")
        #expect(Tensor.zeros([2]).argsort(axis: 1).error?.kind == .axis)
        #expect(Tensor.zeros([2], dtype: .bool).argsort().error?.kind == .type)
    }
}

@Suite struct CumulativeTests {
    static let shapes: [(Shape, Int)] = [
        ([1], 0), ([9], 0), ([5, 7], 0), ([5, 7], 1), ([2, 33, 17], 1), ([3, 1, 4], 1), ([3000], 0), ([0, 3], 0),
        ([2, 0], 1),
    ]

    @Test(arguments: shapes.indices, [Reduction.sum, .product, .maximum, .minimum])
    func agreesWithItsDefinition(_ number: Int, _ reduction: Reduction) throws {
        let (shape, axis) = Self.shapes[number]
        var random = TestRandom(1)
        let x = random.tensor(shape, reduction == .product ? 0.97...1.03 : -2...2)
        for (reverse, exclusive) in [(false, false), (true, false), (false, true), (true, true)] {
            if exclusive && (reduction == .maximum || reduction == .minimum) { continue }
            let operation = Cumulative(reduction, axis: axis, reverse: reverse, exclusive: exclusive)
            try checkDefinition(at: [x], float32: 1e-4, float64: 1e-12) { Tensor(operation, $0) }
            guard shape.count > 0, shape.count < 100 else { continue }
            try checkGradients(at: [x], sampleLimit: 30) { Tensor(operation, $0) }
        }
    }

    @Test(arguments: [(false, false), (true, false), (false, true), (true, true)])
    func productsAreExactAtZerosToAnyOrder(reverse: Bool, exclusive: Bool) throws {
        let x = Tensor([1.5, 0, -2, 0, 0.5, 3], shape: [6])
        try checkBothDerivatives(at: [x]) {
            $0[0].cumulativeProduct(axis: 0, reverse: reverse, exclusive: exclusive)
        }
    }

    @Test func exclusiveExtremesAreRefused() {
        let y = Tensor(Cumulative(.maximum, axis: 0, reverse: false, exclusive: true), [Tensor.zeros([3])])
        #expect(
            y.error?.description
                == "operation cumulative maximum: the first element of an exclusive maximum is not defined; "
                + "use an inclusive one")
    }
}
