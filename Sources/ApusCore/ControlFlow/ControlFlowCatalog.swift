extension Catalog {
    /// Loops, choices and maps as parts of a graph.
    static let controlFlow: [CatalogEntry] = [
        CatalogEntry("scan", "A recurrence: one body step after step, with carried values", keras: ["ops.scan"]),
        CatalogEntry("forLoop", "A body for each index of a range", keras: ["ops.fori_loop"]),
        CatalogEntry("whileLoop", "A body as long as a condition holds", keras: ["ops.while_loop"]),
        CatalogEntry(
            "conditional", "One of several computations, by a truth value or an index",
            keras: ["ops.cond", "ops.switch"]),
        CatalogEntry(
            "vectorizedMap", "A function of one sample applied to all at once",
            keras: ["ops.vectorized_map", "ops.vectorize"], torch: ["vmap", "func.vmap"], mlx: ["vmap"]),
        CatalogEntry("sequentialMap", "A function of one sample applied to one after the other", keras: ["ops.map"]),
        CatalogEntry(
            "associativeScan", "Running combinations by an associative function", keras: ["ops.associative_scan"]),
    ]
}
