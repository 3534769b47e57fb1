import ApusCore
import TestSupport
import Testing

@Suite struct ReduceTests {
    static let shapes: [(Shape, [Int])] = [
        ([1], [0]), ([7], [0]), ([3, 5], [0]), ([3, 5], [1]), ([4, 1, 9], [1]), ([2, 3, 4], [0, 2]),
        ([2, 33, 17], [1]), ([1500], [0]), ([3, 2049], [1]), ([700, 3], [0]), ([2, 3, 4, 5], [1, 2]), ([5, 0, 3], [2]),
    ]

    @Test(arguments: shapes.indices, [Reduction.sum, .maximum, .minimum, .product])
    func agreesWithItsDefinition(_ number: Int, _ reduction: Reduction) throws {
        let (shape, axes) = Self.shapes[number]
        var random = TestRandom(1)
        let x = random.tensor(shape, reduction == .product ? 0.9...1.1 : -2...2)
        try checkDefinition(at: [x], float32: 2e-5, float64: 1e-12) {
            $0[0].reduced(reduction, axes, keepDimensions: false)
        }
    }

    @Test func integersBeyondTheirLimitsWrapAround() throws {
        let x = Tensor([Int64](repeating: -3, count: 77), shape: [7, 11])
        let wrapped = (0..<77).reduce(Int64(1)) { product, _ in product &* -3 }
        #expect(try x.product().array(of: Int64.self) == [wrapped])
        #expect(try x.product(axes: [0]).product().array(of: Int64.self) == [wrapped])
        let large = Tensor([Int64.max, 5], shape: [2])
        #expect(try large.sum().array(of: Int64.self) == [Int64.max &+ 5])
        // What follows from a number of more than 64 bits has no definition, which the reference says throughout.
        #expect(try ReferenceExecutor.evaluate((x.product() + 1).reshaped(to: [1])).values[0].isNaN)
    }

    @Test(arguments: [Reduction.sum, .maximum, .minimum, .product])
    func gradientsMatchCentralDifferences(_ reduction: Reduction) throws {
        var random = TestRandom(2)
        for (shape, axes) in [([3, 5], [0]), ([2, 3, 4], [0, 2]), ([2, 3, 4], [1]), ([6], [0])] as [(Shape, [Int])] {
            let x = random.tensor(shape)
            try checkGradients(at: [x]) { $0[0].reduced(reduction, axes, keepDimensions: true) }
        }
    }

    @Test func secondDerivativesOfProductsAreExactAtZeros() throws {
        let x = Tensor([1.5, 0, -2, 0, 0.5], shape: [5])
        try checkBothDerivatives(at: [x]) { $0[0].product() }
    }

    @Test func equalMaximaShareTheGradient() throws {
        let x = Tensor([3.0, 1, 3, 3], shape: [4])
        let dx = gradient(at: x) { $0.max() }
        #expect(try dx.array(of: Double.self) == [1 / 3.0, 0, 1 / 3.0, 1 / 3.0])
    }

    @Test func nanWins() throws {
        let values: [Double] = [1, .nan, 5]
        let x = Tensor(values, shape: [3])
        #expect(try x.max().item().isNaN)
        #expect(try x.min().item().isNaN)
    }

    @Test func anEmptyMaximumIsAnError() {
        #expect(
            Tensor.zeros([2, 0]).max(axes: [1]).error?.description
                == "operation maximum: shape [2, 0] has no elements to choose from; "
                + "reduce over axes with at least one element")
    }
}
