extension Catalog {
    static let linearAlgebra: [CatalogEntry] = [
        CatalogEntry("solve", "The solution of a x = b", keras: ["ops.solve"], torch: ["linalg.solve"], mlx: ["solve"]),
        CatalogEntry(
            "solveTriangular", "The solution of a x = b for a triangle", keras: ["ops.solve_triangular"],
            torch: ["linalg.solve_triangular"], mlx: ["solveTriangular", "triInv"]),
        CatalogEntry(
            "inverse", "The inverse", keras: ["ops.inv"], torch: ["linalg.inv"], mlx: ["inv"]),
        CatalogEntry(
            "cholesky", "The lower triangle L with L Lᵀ = a", keras: ["ops.cholesky"], torch: ["linalg.cholesky"],
            mlx: ["cholesky"]),
        CatalogEntry(
            "choleskyInverse", "The inverse of L Lᵀ", keras: ["ops.cholesky_inverse"], torch: ["cholesky_inverse"],
            mlx: ["choleskyInv"]),
        CatalogEntry("choleskySolve", "The solution of L Lᵀ x = b", torch: ["cholesky_solve"]),
        CatalogEntry(
            "lu", "An exchange of rows, a lower and an upper triangle", keras: ["ops.lu_factor"],
            torch: ["linalg.lu", "linalg.lu_factor"], mlx: ["lu", "lu_factor"]),
        CatalogEntry(
            "qr", "Orthonormal columns and an upper triangle", keras: ["ops.qr"], torch: ["linalg.qr"], mlx: ["qr"]),
        CatalogEntry("determinant", "The determinant", keras: ["ops.det"], torch: ["linalg.det"]),
        CatalogEntry(
            "logDeterminant", "The determinant's sign and the logarithm of its magnitude",
            keras: ["ops.slogdet", "ops.logdet"], torch: ["linalg.slogdet"]),
        CatalogEntry(
            "symmetricEigen", "Eigenvalues and eigenvectors of symmetric matrices", keras: ["ops.eigh"],
            torch: ["linalg.eigh", "linalg.eigvalsh"]),
        CatalogEntry(
            "eigen", "Complex eigenvalues and eigenvectors of any square matrix", keras: ["ops.eig"],
            torch: ["linalg.eig", "linalg.eigvals"]),
        CatalogEntry("spectralRadius", "The largest magnitude of an eigenvalue"),
        CatalogEntry(
            "svd", "Singular values and vectors", keras: ["ops.svd"], torch: ["linalg.svd", "linalg.svdvals"],
            mlx: ["svd"]),
        CatalogEntry(
            "pseudoInverse", "The Moore-Penrose inverse", keras: ["ops.pinv"], torch: ["linalg.pinv"]),
        CatalogEntry(
            "leastSquares", "The x for which a x is nearest to b", keras: ["ops.lstsq"], torch: ["linalg.lstsq"]),
        CatalogEntry(
            "matrixRank", "How many singular values are not 0", keras: ["ops.matrix_rank"],
            torch: ["linalg.matrix_rank"]),
        CatalogEntry(
            "matrixPower", "A whole power of a matrix", keras: ["ops.matrix_power"], torch: ["linalg.matrix_power"]),
        CatalogEntry("matrixExponential", "The exponential of a matrix", torch: ["linalg.matrix_exp"]),
        CatalogEntry(
            "matrixNorm", "A norm of matrices", keras: ["ops.norm"], torch: ["linalg.matrix_norm"],
            mlx: ["norm"]),
        CatalogEntry("conditionNumber", "Largest over smallest singular value", torch: ["linalg.cond"]),
        CatalogEntry("powerIteration", "The largest eigenvalue and its vector by repeated products"),
        CatalogEntry("trace", "The sum of the diagonal", keras: ["ops.trace"], torch: ["trace"], mlx: ["trace"]),
        CatalogEntry("kronecker", "The Kronecker product", keras: ["ops.kron"], torch: ["kron"], mlx: ["kron"]),
        CatalogEntry(
            "cross", "The cross product of vectors", keras: ["ops.cross"], torch: ["linalg.cross"], mlx: ["cross"]),
        CatalogEntry(
            "pairwiseDistances", "The distances between all rows", keras: ["ops.cdist"], torch: ["cdist"]),
        CatalogEntry(
            "cosineSimilarity", "The cosine of the angle between vectors", torch: ["CosineSimilarity"]),
    ]
}
