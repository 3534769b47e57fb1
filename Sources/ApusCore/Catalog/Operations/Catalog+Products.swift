extension Catalog {
    /// Sums of products.
    static let products: [CatalogEntry] = [
        CatalogEntry(
            "matmul", "The product of matrices, leading axes broadcast", keras: ["ops.matmul", "ops.dot"],
            torch: ["matmul", "mm", "bmm", "mv", "addmm", "baddbmm"], mlx: ["matmul", "addMM"]),
        CatalogEntry(
            "einsum", "Sums of products in Einstein's notation", keras: ["ops.einsum"], torch: ["einsum"],
            mlx: ["einsum"]),
        CatalogEntry(
            "inner", "The sum of products over the last axes", keras: ["ops.inner"], torch: ["inner"], mlx: ["inner"]),
        CatalogEntry(
            "outer", "All products of two vectors' elements", keras: ["ops.outer"], torch: ["outer"], mlx: ["outer"]),
        CatalogEntry(
            "vdot", "The sum of products of corresponding elements", keras: ["ops.vdot"], torch: ["vdot", "dot"]),
        CatalogEntry("vecdot", "The scalar products of vectors along an axis", torch: ["linalg.vecdot"]),
        CatalogEntry(
            "tensordot", "Products summed over pairs of axes", keras: ["ops.tensordot"], torch: ["tensordot"],
            mlx: ["tensordot"]),
        CatalogEntry("correlate", "The sums of products with a moving vector", keras: ["ops.correlate"]),
        CatalogEntry("convolve", "The convolution of two vectors", mlx: ["convolve"]),
        CatalogEntry("hadamardTransform", "The product with the Hadamard matrix", mlx: ["hadamardTransform"]),
    ]
}
