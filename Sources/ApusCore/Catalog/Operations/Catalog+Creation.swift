extension Catalog {
    /// Tensors of numbers that a rule gives.
    static let creation: [CatalogEntry] = [
        CatalogEntry(
            "Tensor.zeros", "Zeros", keras: ["ops.zeros", "ops.empty"], torch: ["zeros", "empty"], mlx: ["zeros"]),
        CatalogEntry("Tensor.ones", "Ones", keras: ["ops.ones"], torch: ["ones"], mlx: ["ones"]),
        CatalogEntry(
            "like(repeating:)", "One number in another tensor's shape and type",
            keras: ["ops.zeros_like", "ops.ones_like", "ops.full_like", "ops.empty_like"],
            torch: ["zeros_like", "ones_like", "full_like", "empty_like"], mlx: ["zeros(like:)", "ones(like:)"]),
        CatalogEntry("Tensor.init(repeating:)", "One number", keras: ["ops.full"], torch: ["full"], mlx: ["full"]),
        CatalogEntry(
            "Tensor.range", "Numbers at equal distances", keras: ["ops.arange"], torch: ["arange"], mlx: ["arange"]),
        CatalogEntry(
            "Tensor.linearSpace", "Numbers at equal distances between two ends", keras: ["ops.linspace"],
            torch: ["linspace"], mlx: ["linspace"]),
        CatalogEntry(
            "Tensor.logarithmicSpace", "Powers with exponents at equal distances", keras: ["ops.logspace"],
            torch: ["logspace"]),
        CatalogEntry("Tensor.geometricSpace", "Numbers at equal ratios", keras: ["ops.geomspace"]),
        CatalogEntry(
            "Tensor.identity", "The identity matrix", keras: ["ops.identity", "ops.eye"], torch: ["eye"],
            mlx: ["identity", "eye"]),
        CatalogEntry(
            "Tensor.lowerTriangle", "A matrix of ones with zeros above a diagonal", keras: ["ops.tri"],
            torch: ["tril_indices"], mlx: ["tri"]),
        CatalogEntry(
            "Tensor.meshGrid", "The coordinates of a grid", keras: ["ops.meshgrid"], torch: ["meshgrid"],
            mlx: ["meshGrid"]),
        CatalogEntry(
            "vandermonde", "The powers of a vector's elements as columns", keras: ["ops.vander"], torch: ["vander"]),
    ]
}
