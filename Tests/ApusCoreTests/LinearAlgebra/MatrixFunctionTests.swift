import ApusCore
import TestSupport
import Testing

@Suite struct MatrixFunctionTests {
    private func tensor(_ shape: Shape, _ seed: UInt64 = 3) -> Tensor {
        var random = TestRandom(seed)
        return random.tensor(shape)
    }

    private func double(_ values: [Double], _ shape: Shape) -> Tensor { Tensor(values, shape: shape) }

    static let functions: [(name: String, apply: @Sendable (Tensor) -> Tensor)] = [
        ("inverse", { $0.inverse() }),
        ("lu", { $0.lu().lower + $0.lu().upper.square() }),
        ("qr", { $0.qr().q + $0.qr().r.square() }),
        ("determinant", { $0.determinant() }),
        ("logDeterminant", { $0.logDeterminant().logarithm }),
        ("singularValues", { $0.singularValues() }),
        ("svd", { $0.svd().u * 2 + $0.svd().v.square() }),
        ("symmetricEigen", { $0.symmetricEigen().vectors + $0.symmetricEigen().values.square().expanded(at: -2) }),
        ("eigenvalues", { $0.eigenvalues().real + $0.eigenvalues().imaginary.square() }),
        // Squares of magnitudes do not depend on a vector's phase.
        ("eigenvectors", { $0.eigen().vectors.magnitude().square() }),
        ("spectralRadius", { $0.spectralRadius() }),
        ("exponential", { $0.matrixExponential() }),
        ("power", { $0.matrixPower(5) }),
        ("negative power", { $0.matrixPower(-2) }),
        ("pseudoInverse", { $0.pseudoInverse() }),
        ("cholesky", { ($0.timesTransposed($0) + 1.5 * Tensor.identity(3, dtype: $0.dtype)).cholesky() }),
        ("spectral norm", { $0.matrixNorm(.spectral) }),
        ("nuclear norm", { $0.matrixNorm(.nuclear) }),
        ("condition", { $0.conditionNumber() }),
    ]

    @Test(arguments: functions.indices) func derivativesAgreeWithDifferences(_ number: Int) throws {
        let apply = Self.functions[number].apply
        var a = tensor([2, 3, 3], 8)
        a = a + 2 * Tensor.identity(3, dtype: .float64)
        try checkBothDerivatives(at: [try a.evaluated()], tolerance: 2e-5, sampleLimit: 9) { apply($0[0]) }
    }

    @Test(arguments: [Shape([4, 3]), [3, 5]]) func rectanglesHaveDerivatives(_ shape: Shape) throws {
        let a = tensor(shape, 5)
        let functions: [(Tensor) -> Tensor] = [
            { $0.qr().q.sum() + $0.qr().r.square().sum() },
            { $0.lu().lower.square().sum() + $0.lu().upper.square().sum() },
            { $0.svd().u.sum() + ($0.svd().v * 1.5).exp().sum() },
            { $0.svd().values.square() },
            { $0.pseudoInverse() },
        ]
        for function in functions {
            try checkBothDerivatives(at: [a], tolerance: 2e-5, sampleLimit: 12) { function($0[0]) }
        }
    }

    @Test func systemsHaveDerivatives() throws {
        let a = try (tensor([2, 3, 3], 8) + 2 * Tensor.identity(3, dtype: .float64)).evaluated()
        let b = tensor([3, 2], 9)
        try checkBothDerivatives(at: [a, b], tolerance: 1e-5, sampleLimit: 9) { $0[0].solve($0[1]) }
        for (upper, transposed, unit) in [(true, false, false), (false, true, false), (true, true, true)] {
            try checkBothDerivatives(at: [a, b], tolerance: 1e-5, sampleLimit: 9) {
                $0[0].solveTriangular($0[1], upper: upper, transposed: transposed, unitDiagonal: unit)
            }
        }
        let tall = tensor([5, 2], 10)
        try checkBothDerivatives(at: [tall, tensor([5, 3], 11)], tolerance: 1e-5, sampleLimit: 9) {
            $0[0].leastSquares($0[1])
        }
    }

    @Test func determinantsAreSmoothAtSingularMatrices() throws {
        let rankTwo = double([1, 2, 3, 4, 5, 6, 7, 8, 9], [3, 3])
        let rankOne = double([1, 2, 3, 2, 4, 6, 3, 6, 9], [3, 3])
        for a in [rankTwo, rankOne, Tensor.zeros([3, 3]), Tensor.identity(3), double([2], [1, 1])] {
            try checkBothDerivatives(at: [a], tolerance: 1e-5) { $0[0].determinant() }
        }
    }

    @Test func valuesOfRepeatedSpectraHaveGradients() throws {
        // d(sum of eigenvalues) is the trace's gradient, whatever the eigenvectors.
        let (_, gradient) = valueAndGradient(at: Tensor.identity(3, dtype: .float64)) {
            $0.symmetricEigenvalues().sum() + $0.singularValues().sum()
        }
        #expect(try difference(gradient, Tensor.identity(3, dtype: .float64) * 2) < 1e-12)
    }

    @Test func normsAgreeWithTheirDefinitions() throws {
        let a = double([1, -2, 3, -4, 5, 6], [2, 3])
        let expected: [MatrixNorm: Double] = [
            .frobenius: 9.539392014169456, .largestColumn: 9, .smallestColumn: 5, .largestRow: 15, .smallestRow: 6,
        ]
        for (kind, value) in expected { #expect(abs(try a.matrixNorm(kind).item() - value) < 1e-12) }
        let values: [Double] = try a.singularValues().array()
        #expect(abs(try a.matrixNorm(.spectral).item() - values[0]) < 1e-12)
        #expect(abs(try a.matrixNorm(.nuclear).item() - values[0] - values[1]) < 1e-12)
        #expect(abs(try a.matrixNorm(.smallestSingularValue).item() - values[1]) < 1e-12)
        #expect(abs(values[0] * values[0] + values[1] * values[1] - 91) < 1e-10)
    }

    @Test func exponentialsOfKnownMatricesAgree() throws {
        let turn = double([0, -10, 10, 0], [2, 2]).matrixExponential()
        let expected = double(
            [-0.8390715290764524, 0.5440211108893698, -0.5440211108893698, -0.8390715290764524], [2, 2])
        #expect(try difference(turn, expected) < 1e-13)
        let nilpotent = double([0, 1, 0, 0, 0, 1, 0, 0, 0], [3, 3]).matrixExponential()
        #expect(try difference(nilpotent, double([1, 1, 0.5, 0, 1, 1, 0, 0, 1], [3, 3])) < 1e-15)
        let zero = Tensor.zeros([2, 2], dtype: .float64)
        #expect(try difference(zero.matrixPower(0), Tensor.identity(2, dtype: .float64)) == 0)
        #expect(try difference(turn.matrixPower(3), double([0, -30, 30, 0], [2, 2]).matrixExponential()) < 1e-12)
    }

    @Test func productsOfVectorsAndMatricesAgree() throws {
        let (x, y) = (double([1, 2, 3], [3]), double([4, 5, 6], [3]))
        #expect(try x.cross(y).array(of: Double.self) == [-3, 6, -3])
        let k = double([1, 2], [2]).kronecker(double([1, 10, 100, 1000], [2, 2]))
        #expect(k.shape == [2, 4])
        #expect(try k.array(of: Double.self) == [1, 10, 2, 20, 100, 1000, 200, 2000])
        #expect(try double([1, 2, 3, 4, 5, 6], [2, 3]).trace().item() == 6)
        let points = double([0, 0, 3, 4], [2, 2])
        #expect(try points.pairwiseDistances(to: points).array(of: Double.self) == [0, 5, 5, 0])
        #expect(try points.pairwiseDistances(to: points, order: 1).array(of: Double.self) == [0, 7, 7, 0])
        try checkGradients(at: [points]) { $0[0].pairwiseDistances(to: $0[0]).square() }
    }

    @Test func powerIterationFindsTheLargestEigenvalue() throws {
        let a = double([2, -1, 0, -1, 2, -1, 0, -1, 2], [3, 3])
        let (value, vector) = a.powerIteration(steps: 60)
        #expect(abs(try value.item() - 3.414213562373095) < 1e-12)
        #expect(try difference(vector.absolute(), double([0.5, 0.7071067811865476, 0.5], [3])) < 1e-8)
        try checkGradients(at: [a], tolerance: 1e-5) { $0[0].symmetrized().powerIteration(steps: 200).value }
    }

    @Test func mistakesAreNamed() throws {
        func text(_ tensor: Tensor) -> String {
            do throws(ApusError) {
                _ = try tensor.storage()
                return "no error"
            } catch {
                return error.description
            }
        }
        #expect(
            text(Tensor.ones([2, 2]).inverse())
                == "operation solve: the matrix is singular: pivot 1 of the elimination is 0; use pseudoInverse() or "
                + "leastSquares(_:), or add a small multiple of the identity")
        #expect(
            text(
                (Tensor.identity(2).expanded(at: 0) * Tensor([1.0, 0, 1] as [Float], shape: [3, 1, 1])).solve(
                    Tensor.ones([2, 1])))
                == "operation solve: matrix [1] of the batch: the matrix is singular: pivot 0 of the elimination is 0; "
                + "use pseudoInverse() or leastSquares(_:), or add a small multiple of the identity")
        #expect(
            text((-Tensor.identity(3)).cholesky())
                == "operation cholesky: the matrix is not positive definite: its leading minor of 1 rows is not "
                + "positive; give a symmetric positive definite matrix, or add a multiple of the identity")
        #expect(
            text(Tensor.zeros([2, 2]).solveTriangular(Tensor.ones([2])))
                == "operation solveTriangular: element 0 of the diagonal is 0; give a triangular matrix without zeros on "
                + "its diagonal")
        #expect(
            text(Tensor.zeros([2, 3]).determinant())
                == "operation determinant: matrices of 2 rows and 3 columns are not square; give as many rows as columns"
        )
        #expect(
            text(Tensor([.nan, 0, 0, 1], shape: [2, 2]).symmetricEigenvalues())
                == "operation symmetricEigen: the matrix has elements that are not finite; find where infinities or NaN "
                + "come from")
        for broken in [Tensor(repeating: .infinity, shape: [3, 3]), Tensor(repeating: .nan, shape: [3, 3])] {
            #expect(text(broken.svd().u).contains("not finite"))
            #expect(text(broken.eigenvalues().real).contains("not finite"))
            #expect(text(broken.matrixExponential()).contains("not finite"))
            #expect(text(broken.pseudoInverse()).contains("not finite"))
        }
        #expect(Tensor.zeros([3]).qr().q.error?.kind == .shape)
        #expect(Tensor.zeros([3, 3], dtype: .int32).inverse().error?.kind == .type)
        #expect(Tensor.zeros([3, 3]).solve(Tensor.zeros([2, 1])).error?.kind == .shape)
        #expect(Tensor.zeros([2, 3, 3]).solve(Tensor.zeros([3, 3, 1])).error?.kind == .shape)
        #expect(Tensor.zeros([2, 4]).cross(Tensor.zeros([2, 4])).error?.kind == .shape)
        #expect(Tensor.zeros([2, 3]).matrixPower(2).error?.kind == .shape)
        #expect(Tensor.zeros([2, 3]).powerIteration().value.error?.kind == .shape)
        #expect(Tensor.zeros([3]).matrixNorm().error?.kind == .shape)
        #expect(Tensor.zeros([2, 2]).pseudoInverse(relativeTolerance: -1).error?.kind == .value)
        #expect(Tensor.zeros([2, 2]).leastSquares(Tensor.zeros([3, 1])).error?.kind == .shape)
        #expect(Tensor.zeros([2, 2]).pairwiseDistances(to: Tensor.zeros([2, 3])).error?.kind == .shape)
    }
}
