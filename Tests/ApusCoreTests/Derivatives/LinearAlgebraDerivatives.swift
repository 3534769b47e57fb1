import ApusCore
import TestSupport

let linearAlgebraDerivatives: [DerivativeCase] = [
    DerivativeCase("solve") { random in
        let k = random.integer(1...4)
        return ([random.matrix([2, k, k]), random.tensor([2, k, random.integer(1...3)])], { $0[0].solve($0[1]) })
    },
    DerivativeCase("solveTriangular") { random in
        let k = random.integer(1...4)
        return (
            [random.matrix([k, k]), random.tensor([k, 2])], { $0[0].lowerTriangle().solveTriangular($0[1]) }
        )
    },
    square("inverse") { $0.inverse() },
    square("cholesky") { matmul($0, $0.matrixTransposed()).cholesky() },
    square("choleskyInverse") { $0.lowerTriangle().choleskyInverse() },
    square("choleskySolve") { $0.lowerTriangle().choleskySolve($0.square()) },
    square("qr") { $0.qr().q + $0.qr().r },
    square("determinant") { $0.determinant() },
    square("logDeterminant") { $0.logDeterminant().logarithm },
    square("symmetricEigen") { ($0 + $0.matrixTransposed()).symmetricEigen().values },
    square("svd") { $0.svd().values },
    square("pseudoInverse") { $0.pseudoInverse() },
    square("leastSquares") { $0.leastSquares($0.square()) },
    square("matrixPower") { $0.matrixPower(3) + $0.matrixPower(-1) },
    square("matrixExponential") { ($0 * 0.3).matrixExponential() },
    square("matrixNorm") { $0.matrixNorm() },
    square("conditionNumber") { $0.conditionNumber() },
    .ranked("trace", 2...4) { $0.square().trace() },
    DerivativeCase("kronecker") { random in
        let shapes = (0..<2).map { _ in random.shape(rank: 2...2) }
        return (shapes.map { random.tensor($0) }, { $0[0].kronecker($0[1]) })
    },
    DerivativeCase("cross") { random in
        let shape = Shape([random.integer(1...4), 3])
        return ([random.tensor(shape), random.tensor(shape)], { $0[0].cross($0[1]) })
    },
    DerivativeCase("pairwiseDistances") { random in
        let k = random.integer(1...4)
        return (
            [random.distinct([random.integer(1...4), k]), random.distinct([2, random.integer(1...3), k]) + 10],
            { $0[0].pairwiseDistances(to: $0[1]) }
        )
    },
    DerivativeCase("cosineSimilarity") { random in
        let shape = random.shape(rank: 1...3)
        return ([random.tensor(shape, 0.5...2), random.tensor(shape, 0.2...2)], { cosineSimilarity($0[0], $0[1]) })
    },
]

private func square(_ name: String, _ function: @escaping @Sendable (Tensor) -> Tensor) -> DerivativeCase {
    DerivativeCase(name) { random in
        let k = random.integer(1...4)
        return ([random.matrix(random.integer(0...1) == 0 ? [k, k] : [2, k, k])], { function($0[0]) })
    }
}

extension TestRandom {
    /// Square matrices with a dominant diagonal of different numbers.
    mutating func matrix(_ shape: Shape) -> Tensor {
        let extent = shape[-1]
        let diagonal = (Tensor.range(count: extent, dtype: .float64) + 2).diagonalMatrix()
        return (try? (tensor(shape, -0.4...0.4) + diagonal).evaluated()) ?? tensor(shape)
    }
}
