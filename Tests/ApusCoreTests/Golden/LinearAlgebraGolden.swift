import ApusCore
import TestSupport

func linearAlgebraTable() -> GoldenTable {
    var table: GoldenTable = [:]
    table["inverse"] = unary { $0.inverse() }
    table["solve"] = { [try $0("a").solve(try $0("b"))] }
    table["cholesky"] = unary { $0.cholesky() }
    table["cholesky_solve"] = { [try $0("l").choleskySolve(try $0("b"))] }
    table["triangular_solve"] = { [try $0("a").solveTriangular(try $0("b"), upper: try $0.flag("upper"))] }
    table["det"] = unary { $0.determinant() }
    table["slogdet"] = {
        let (sign, logarithm) = try $0("a").logDeterminant()
        return [sign, logarithm]
    }
    table["svd_values"] = unary { $0.singularValues() }
    table["eigh_values"] = unary { $0.symmetricEigenvalues() }
    table["eigh_projectors"] = unary {
        let vectors = $0.symmetricEigen().vectors.matrixTransposed()
        return vectors.expanded(at: -1) * vectors.expanded(at: -2)
    }
    table["qr"] = {
        let (q, r) = try $0("a").qr()
        return [q, r]
    }
    table["matrix_power"] = { [try $0("a").matrixPower(try $0.integer("n"))] }
    table["matrix_exp"] = unary { $0.matrixExponential() }
    table["trace"] = unary { $0.trace() }
    table["pinv"] = unary { $0.pseudoInverse() }
    table["lstsq"] = { [try $0("a").leastSquares(try $0("b"))] }
    table["matrix_norm"] = {
        let kind: MatrixNorm
        switch $0.attributes["ord"] {
        case .string("fro"): kind = .frobenius
        case .string("nuc"): kind = .nuclear
        default: kind = try $0.number("ord") == 2 ? .spectral : .smallestSingularValue
        }
        return [try $0("a").matrixNorm(kind)]
    }
    table["kron"] = binary { $0.kronecker($1) }
    table["cross"] = { [try $0("a").cross(try $0("b"), axis: try $0.integer("axis"))] }
    table["cdist"] = { [try $0("a").pairwiseDistances(to: try $0("b"), order: try $0.number("p"))] }
    table["cosine_similarity"] = {
        [
            cosineSimilarity(
                try $0("a"), try $0("b"), axis: try $0.integer("axis"), epsilon: try $0.number("epsilon"))
        ]
    }
    return table
}
