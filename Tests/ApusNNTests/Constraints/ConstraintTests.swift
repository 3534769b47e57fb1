import Apus
import TestSupport
import Testing

@Suite struct ConstraintTests {
    /// Columns of the norms 5, 0.5 and 0.
    static let w = Tensor([3.0, 0.3, 0, -4, -0.4, 0], shape: [2, 3])

    static let cases: [(rule: Constraint, expected: [Double])] = [
        (.maxNorm(2), [1.2, 0.3, 0, -1.6, -0.4, 0]),
        (.minMaxNorm(1, 2), [1.2, 0.6, 0, -1.6, -0.8, 0]),
        (.minMaxNorm(1, 2, rate: 0.5), [2.1, 0.45, 0, -2.8, -0.6, 0]),
        (.nonNegative, [3, 0.3, 0, 0, 0, 0]),
        (.unitNorm(), [0.6, 0.6, 0, -0.8, -0.8, 0]),
        (.unitNorm(axes: [1]), [0.99503719, 0.09950372, 0, -0.99503719, -0.09950372, 0]),
    ]

    @Test(arguments: cases.indices)
    func valuesAreProjected(_ index: Int) throws {
        let (rule, expected) = Self.cases[index]
        try expectEqual(rule(Self.w), [2, 3], expected, tolerance: 1e-6)
    }

    @Test func vectorsHaveOneNorm() throws {
        try expectEqual(Constraint.maxNorm(1)(Tensor([3.0, 4], shape: [2])), [2], [0.6, 0.8], tolerance: 1e-7)
    }

    @Test func shapesMustStay() {
        #expect(
            Constraint("own") { $0.sum() }(Self.w).error?.description
                == "constraint own: it made shape [] of [2, 3]; keep the shape")
    }
}
