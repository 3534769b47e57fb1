import ApusCore
import TestSupport
import Testing

/// Worked exercises with known numbers.
@Suite struct LinearAlgebraExerciseTests {
    private func double(_ values: [Double], _ shape: Shape) -> Tensor { Tensor(values, shape: shape) }

    @Test func principalComponentsOfThreePointsOnALine() throws {
        let x = double([1, 1, 2, 2, 3, 3], [3, 2])
        let centred = x - x.mean(axes: [0], keepDimensions: true)
        let covariance = centred.transposedTimes(centred) / 2
        let (values, vectors) = covariance.symmetricEigen()
        #expect(try difference(values, double([0, 2], [2])) < 1e-12)
        let first = vectors.slice(axis: 1, 1..<2)
        #expect(try difference(first.absolute(), double([0.707106781186547, 0.707106781186547], [2, 1])) < 1e-12)
        let projection = matmul(centred, first).absolute()
        #expect(try difference(projection, double([1.4142135623731, 0, 1.4142135623731], [3, 1])) < 1e-9)
    }

    static let scales: [(Double, [Double])] = [
        (0.9, [0.9, 0.3486784401, 0.00515377520732012]), (1, [1, 1, 1]), (1.1, [1.1, 2.5937424601, 117.390852879696]),
    ]

    /// A recurrence keeps, shrinks or blows up a gradient by the power of its spectral radius.
    @Test(arguments: scales)
    func spectralRadiusDecidesWhatBecomesOfGradients(_ scale: Double, _ expected: [Double]) throws {
        var random = TestRandom(4)
        let orthogonal = random.tensor([6, 6]).cast(to: .float64).qr().q
        let theta = orthogonal * scale
        #expect(abs(try theta.spectralRadius().item() - scale) < 1e-12)
        for (steps, norm) in zip([1, 10, 50], expected) {
            let value = try theta.matrixPower(steps).matrixNorm(.spectral).item()
            #expect(abs(value - norm) <= 1e-9 * (1 + norm))
        }
    }

    @Test func curvatureOfAQuadraticGivesStepAndCondition() throws {
        let h = double([3, 1, 1, 2], [2, 2])
        let b = double([1, 1], [2])
        #expect(try difference(h.solve(b), double([0.2, 0.4], [2])) < 1e-12)
        #expect(try difference(h.inverse(), double([0.4, -0.2, -0.2, 0.6], [2, 2])) < 1e-12)
        #expect(abs(try h.conditionNumber().item() - 2.6180339887499) < 1e-9)
        let largest = try h.symmetricEigenvalues().max().item()
        #expect(abs(2 / largest - 0.552786404500042) < 1e-9)
    }

    @Test func aSaddleHasEigenvaluesOfBothSigns() throws {
        let hessian = hessian(at: double([0, 0], [2])) { point in
            let square = point.square()
            return (square * Tensor([1.0, -1] as [Double], shape: [2])).sum()
        }
        #expect(try difference(hessian.symmetricEigenvalues(), double([-2, 2], [2])) < 1e-12)
    }
}
