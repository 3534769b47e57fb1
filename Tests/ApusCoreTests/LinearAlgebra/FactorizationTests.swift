import ApusCore
import TestSupport
import Testing

@Suite struct FactorizationTests {
    static let shapes: [Shape] = [
        [1, 1], [2, 2], [5, 5], [3, 4, 4], [2, 2, 3, 3], [40, 40], [7, 3], [3, 7], [2, 20, 6],
    ]
    static var squares: [Shape] { shapes.filter { $0[-1] == $0[-2] } }

    private func tensor(_ shape: Shape, _ seed: UInt64 = 3) throws -> Tensor {
        var random = TestRandom(seed)
        return try random.tensor(shape).cast(to: .float64).evaluated()
    }

    private func identity(_ size: Int) -> Tensor { Tensor.identity(size, dtype: .float64) }

    @Test(arguments: squares) func solutionsSolve(_ shape: Shape) throws {
        let (a, b) = (try tensor(shape), try tensor(shape, 4))
        #expect(try difference(matmul(a, a.solve(b)), b) < 1e-10)
        #expect(try difference(matmul(a, a.inverse()), identity(shape[-1]).broadcast(to: shape)) < 1e-10)
        // The factors of an elimination are triangles of full rank and modest size.
        let (_, lower, upper) = a.lu()
        #expect(try difference(matmul(lower, lower.solveTriangular(b)), b) < 1e-10)
        #expect(try difference(matmul(upper, upper.solveTriangular(b, upper: true)), b) < 1e-10)
        let turned = lower.solveTriangular(b, transposed: true, unitDiagonal: true)
        #expect(try difference(matmul(lower.matrixTransposed(), turned), b) < 1e-10)
        let vector = b.slice(axis: -1, 0..<1).squeezed(-1)
        #expect(try difference(matmul(a, a.solve(vector).expanded(at: -1)).squeezed(-1), vector) < 1e-10)
    }

    @Test(arguments: shapes) func factorsMultiplyToTheMatrix(_ shape: Shape) throws {
        let a = try tensor(shape)
        let (exchange, lower, upper) = a.lu()
        #expect(try difference(matmul(exchange, matmul(lower, upper)), a) < 1e-12)
        #expect(try lower.absolute().max().item() <= 1)

        let size = Swift.min(shape[-1], shape[-2])
        let (q, r) = a.qr()
        #expect(try difference(matmul(q, r), a) < 1e-12)
        #expect(try difference(q.transposedTimes(q), identity(size).broadcast(to: q.transposedTimes(q).shape)) < 1e-12)
        #expect(try difference(r, r.upperTriangle()) == 0)
        #expect(try r.diagonal().min().item() >= 0)

        let (whole, tall) = a.qr(mode: .complete)
        #expect(whole.shape[-1] == shape[-2] && whole.shape[-2] == shape[-2] && tall.shape == a.shape)
        #expect(try difference(matmul(whole, tall), a) < 1e-12)
        let square = whole.transposedTimes(whole)
        #expect(try difference(square, identity(shape[-2]).broadcast(to: square.shape)) < 1e-12)
        #expect(try difference(tall, tall.upperTriangle()) == 0)

        let (u, values, v) = a.svd()
        #expect(try difference(matmul(u * values.expanded(at: -2), v.matrixTransposed()), a) < 1e-12)
        for basis in [u, v] {
            let product = basis.transposedTimes(basis)
            #expect(try difference(product, identity(size).broadcast(to: product.shape)) < 1e-12)
        }
        #expect(try difference(values.sorted(descending: true), values) == 0)
        let p = a.pseudoInverse()
        #expect(try difference(matmul(matmul(a, p), a), a) < 1e-10)
        #expect(try difference(matmul(matmul(p, a), p), p) < 1e-10)
    }

    @Test func completeBasesHaveNoGradientOfTheirOwn() throws {
        let a = try tensor([4, 2])
        try checkGradients(at: [a]) { $0[0].qr(mode: .complete).r.square() + $0[0].qr(mode: .complete).r }
        try checkGradients(at: [a]) { $0[0].qr(mode: .complete).q.slice(axis: 1, 0..<2) }
        // Of dependent columns and of none the basis is complete all the same.
        for matrix in [
            Tensor.ones([3, 2], dtype: .float64), .zeros([3, 2], dtype: .float64), .zeros([3, 0], dtype: .float64),
        ] {
            let (q, r) = matrix.qr(mode: .complete)
            #expect(try difference(q.transposedTimes(q), identity(3)) < 1e-12)
            #expect(try r.shape == matrix.shape && difference(matmul(q, r), matrix) < 1e-12)
        }
        #expect(Tensor.zeros([3]).qr(mode: .complete).q.error?.kind == .shape)
    }

    @Test(arguments: squares) func eigenvectorsAreTurnedIntoMultiples(_ shape: Shape) throws {
        let a = try tensor(shape)
        let symmetric = a.symmetrized()
        let (values, vectors) = symmetric.symmetricEigen()
        #expect(try difference(matmul(symmetric, vectors), vectors * values.expanded(at: -2)) < 1e-11)
        let product = vectors.transposedTimes(vectors)
        #expect(try difference(product, identity(shape[-1]).broadcast(to: shape)) < 1e-12)
        #expect(try difference(values.sorted(), values) == 0)

        let (complexValues, complexVectors) = a.eigen()
        let left = ComplexTensor.matmul(ComplexTensor(a), complexVectors)
        let right = complexVectors * complexValues.expanded(at: -2)
        #expect(try difference(left.real, right.real) < 1e-10)
        #expect(try difference(left.imaginary, right.imaginary) < 1e-10)
        // Traces are sums of eigenvalues; those of a real matrix come in conjugate pairs.
        #expect(try difference(complexValues.real.sum(axes: [-1]), a.trace()) < 1e-10)
        #expect(try complexValues.imaginary.sum(axes: [-1]).absolute().max().item() == 0)
        let length = (complexVectors.real.square() + complexVectors.imaginary.square()).sum(axes: [-2])
        #expect(try difference(length, Tensor.ones(length.shape, dtype: .float64)) < 1e-12)
    }

    @Test(arguments: squares) func positiveDefiniteMatricesHaveCholeskyFactors(_ shape: Shape) throws {
        let x = try tensor(shape)
        let a = x.timesTransposed(x) + identity(shape[-1])
        let l = a.cholesky()
        #expect(try difference(l.timesTransposed(l), a) < 1e-11)
        #expect(try difference(l, l.lowerTriangle()) == 0)
        #expect(try difference(matmul(l.choleskyInverse(), a), identity(shape[-1]).broadcast(to: shape)) < 1e-9)
        let (sign, logarithm) = a.logDeterminant()
        #expect(try difference(logarithm, l.diagonal().log().sum(axes: [-1]) * 2) < 1e-10)
        #expect(try sign.min().item() == 1)
    }

    @Test func singularAndRepeatedCasesHold() throws {
        let ones = Tensor.ones([3, 3], dtype: .float64)
        let (u, values, v) = ones.svd()
        #expect(try difference(values, Tensor([3.0, 0, 0] as [Double], shape: [3])) < 1e-14)
        #expect(try difference(u.transposedTimes(u), identity(3)) < 1e-14)
        #expect(try difference(v.transposedTimes(v), identity(3)) < 1e-14)
        #expect(try ones.matrixRank().item() == 1)
        #expect(try ones.determinant().item() == 0)
        #expect(try ones.conditionNumber().item() > 1e15)
        let (sign, logarithm) = ones.logDeterminant()
        #expect(try sign.item() == 0)
        #expect(try logarithm.item() == -.infinity)
        let zero = Tensor.zeros([2, 4], dtype: .float64)
        #expect(try zero.matrixRank().item() == 0)
        #expect(try difference(zero.pseudoInverse(), Tensor.zeros([4, 2], dtype: .float64)) == 0)
        #expect(try difference(zero.svd().u.transposedTimes(zero.svd().u), identity(2)) == 0)
        #expect(try difference(identity(4).symmetricEigenvalues(), Tensor.ones([4], dtype: .float64)) < 1e-15)
        #expect(try difference(identity(4).eigenvalues().real, Tensor.ones([4], dtype: .float64)) < 1e-15)
        // A Jordan block has one eigenvector only, and is found none the less.
        let block = Tensor([2.0, 1, 0, 2] as [Double], shape: [2, 2])
        #expect(try difference(block.eigenvalues().real, Tensor([2.0, 2] as [Double], shape: [2])) < 1e-7)
        // Quarter turns have no real eigenvalue.
        let turn = Tensor([0.0, -1, 1, 0] as [Double], shape: [2, 2]).eigenvalues()
        #expect(try difference(turn.imaginary, Tensor([1.0, -1] as [Double], shape: [2])) < 1e-15)
        #expect(try turn.real.absolute().max().item() < 1e-15)
        // A cyclic exchange: the roots of one, all of magnitude 1.
        let cycle = identity(5).rolled(1, axis: 1)
        #expect(try difference(cycle.eigenvalues().magnitude(), Tensor.ones([5], dtype: .float64)) < 1e-14)
    }

    @Test func emptyBatchesAndMatricesHaveResults() throws {
        #expect(try Tensor.zeros([0, 3, 3]).inverse().array(of: Float.self).isEmpty)
        #expect(try Tensor.zeros([0, 0]).determinant().item() == 1)
        #expect(try Tensor.zeros([0, 0]).logDeterminant().logarithm.item() == 0)
        #expect(try Tensor.zeros([0, 4]).svd().values.array(of: Float.self).isEmpty)
        #expect(try Tensor.zeros([0, 0]).eigenvalues().real.array(of: Float.self).isEmpty)
        #expect(Tensor.zeros([3, 0]).qr().r.shape == [0, 0])
        #expect(Tensor.zeros([0, 0]).matrixExponential().shape == [0, 0])
    }

    @Test func resultsAreTheSameOnAnyNumberOfThreads() throws {
        var random = TestRandom(5)
        let a = random.tensor([100, 6, 6])
        let threads = Device.threads
        defer { Device.threads = threads }
        Device.threads = 1
        let once: [Float] = try a.svd().v.array()
        Device.threads = 4
        let again: [Float] = try (a + 0.0).svd().v.array()
        #expect(once == again)
    }
}
