import ApusCore
import TestSupport

/// Sums of products, and linear algebra.
let fuzzProducts: [FuzzCase] = [
    FuzzCase("matmul") {
        let x = $0.wild(0...5, $0.floatType())
        let inner = $0.integer(0...9) == 0 ? $0.integer(0...5) : x.shape[-1]
        let head = $0.flag() ? [] : Array(x.shape.extents.dropLast(2))
        return matmul(x, $0.wild(Shape(head + [inner] + ($0.flag() ? [$0.integer(0...6)] : [])), x.dtype))
    },
    FuzzCase("einsum") {
        let (x, notation) = (
            $0.wild($0.flag() ? 2...2 : 0...4, $0.floatType()),
            $0.pick(
                "ij,jk->ik", "ij,kj->ik", "ij,ij->", "ii->i", "ij->ji", "...j,jk->...k", "ij,jk", "i,j->ij", "ij,j->i",
                "bij,bjk->bik", "->", "ij", "i j -> j", "ij,,->", "i->ii", "aa,aa->a", "x", "ij->k", "...->...", "^")
        )
        return $0.flag() ? einsum(notation, x) : einsum(notation, x, $0.partner(x))
    },
    .binary("inner") { inner($0, $1) },
    FuzzCase("outer") {
        let x = $0.wild(0...2)
        return outer(x, $0.partner(x))
    },
    .binary("vdot") { vdot($0, $1) },
    FuzzCase("vecdot") {
        let x = $0.wild()
        return vecdot(x, $0.partner(x), axis: $0.axis(x))
    },
    FuzzCase("tensordot") {
        let x = $0.wild(0...3)
        if $0.flag() { return tensordot(x, $0.partner(x), axes: $0.wildInteger()) }
        return tensordot(x, $0.partner(x), axes: ([$0.axis(x)], [$0.axis(x)]))
    },
    FuzzCase("correlate") {
        let x = $0.wild($0.integer(0...9) == 0 ? 0...2 : 1...1)
        return correlate(x, $0.wild(1...1, x.dtype), mode: $0.any(of: CorrelationMode.allCases))
    },
    FuzzCase("convolve") {
        let x = $0.wild($0.integer(0...9) == 0 ? 0...2 : 1...1)
        return convolve(x, $0.wild(1...1, x.dtype), mode: $0.any(of: CorrelationMode.allCases))
    },
    FuzzCase("hadamardTransform") {
        let x = $0.wild(Shape($0.wildShape(0...2).extents + [$0.pick(1, 2, 4, 8, 0, 3)]), $0.wildType())
        return x.hadamardTransform(scale: $0.flag() ? nil : $0.wildNumber())
    },
]

/// Factorisations are compared by what they are good for elsewhere: here they must neither trap nor hang, and agree with
/// themselves.
let fuzzLinearAlgebra: [FuzzCase] = [
    FuzzCase("solve", compared: .none) {
        let a = $0.matrices()
        return a.solve($0.flag() ? $0.wild(a.shape, a.dtype) : $0.partner(a))
    },
    FuzzCase("solveTriangular", compared: .none) {
        let a = $0.matrices()
        return a.solveTriangular(
            $0.flag() ? $0.wild(a.shape, a.dtype) : $0.partner(a), upper: $0.flag(), transposed: $0.flag(),
            unitDiagonal: $0.flag())
    },
    .matrix("inverse", compared: .none) { $0.inverse() },
    FuzzCase("cholesky", compared: .float64) { $0.definite().cholesky() },
    .matrix("choleskyInverse", compared: .none) { $0.choleskyInverse() },
    FuzzCase("choleskySolve", compared: .none) {
        let a = $0.definite().cholesky()
        return a.choleskySolve($0.partner(a))
    },
    FuzzCase("lu", compared: .none) {
        let all = $0.matrices().lu()
        return $0.pick(all.exchange, all.lower, all.upper)
    },
    FuzzCase("qr", compared: .none) {
        let both = $0.matrices().qr(mode: $0.flag() ? .complete : .reduced)
        return $0.flag() ? both.q : both.r
    },
    .matrix("determinant", compared: .float64) { $0.determinant() },
    FuzzCase("logDeterminant", compared: .none) {
        let both = $0.matrices().logDeterminant()
        return $0.flag() ? both.sign : both.logarithm
    },
    FuzzCase("symmetricEigen", compared: .none) {
        let both = $0.definite().symmetricEigen()
        return $0.flag() ? both.values : both.vectors
    },
    FuzzCase("eigen", compared: .none) {
        let both = $0.matrices().eigen()
        return $0.pick(both.values.real, both.values.imaginary, both.vectors.real, both.vectors.imaginary)
    },
    .matrix("spectralRadius", compared: .none) { $0.spectralRadius() },
    FuzzCase("svd", compared: .none) {
        let all = $0.matrices().svd()
        return $0.pick(all.u, all.values, all.v)
    },
    FuzzCase("pseudoInverse", compared: .none) {
        $0.matrices().pseudoInverse(relativeTolerance: $0.flag() ? nil : $0.wildNumber())
    },
    FuzzCase("leastSquares", compared: .none) {
        let a = $0.matrices()
        return a.leastSquares($0.flag() ? $0.wild(a.shape, a.dtype) : $0.partner(a))
    },
    FuzzCase("matrixRank", compared: .none) {
        $0.matrices().matrixRank(relativeTolerance: $0.flag() ? nil : $0.wildNumber())
    },
    FuzzCase("matrixPower", compared: .none) { $0.matrices().matrixPower($0.wildInteger()) },
    .matrix("matrixExponential", compared: .none) { $0.matrixExponential() },
    FuzzCase("matrixNorm", compared: .float64) { $0.matrices().matrixNorm($0.any(of: MatrixNorm.allCases)) },
    .matrix("conditionNumber", compared: .none) { $0.conditionNumber() },
    FuzzCase("powerIteration", compared: .none) {
        let both = $0.matrices().powerIteration(steps: $0.wildSize())
        return $0.flag() ? both.value : both.vector
    },
    FuzzCase("trace") {
        let x = $0.wild()
        return x.trace(offset: $0.wildInteger())
    },
    FuzzCase("kronecker") {
        let x = $0.wild(0...3)
        return x.kronecker($0.wild($0.wildShape(0...3), x.dtype))
    },
    FuzzCase("cross") {
        let x = $0.wild(Shape($0.wildShape(0...2).extents + [3]), $0.wildType())
        return x.cross($0.integer(0...7) == 0 ? $0.partner(x) : $0.wild(x.shape, x.dtype), axis: $0.axis(x))
    },
    FuzzCase("pairwiseDistances") {
        let x = $0.wild($0.integer(0...9) == 0 ? 0...4 : 2...3, $0.floatType())
        return x.pairwiseDistances(to: $0.partner(x), order: $0.wildNumber())
    },
    FuzzCase("cosineSimilarity") {
        let x = $0.wild()
        return cosineSimilarity(x, $0.partner(x), axis: $0.axis(x))
    },
]
