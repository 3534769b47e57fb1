extension Catalog {
    /// Elements at positions that tensors give.
    static let indexing: [CatalogEntry] = [
        CatalogEntry(
            "gather", "The elements at positions of an axis", keras: ["ops.take"],
            torch: ["index_select", "nn.functional.embedding"], mlx: ["take"]),
        CatalogEntry("gatherND", "The elements at coordinates", torch: ["gather_nd"]),
        CatalogEntry(
            "takeAlong", "The elements at a position for each index of the other axes", keras: ["ops.take_along_axis"],
            torch: ["gather", "take_along_dim"], mlx: ["takeAlong"]),
        CatalogEntry(
            "scatterAdd", "The adjoint of gather: elements added at positions of an axis", torch: ["index_add"]),
        CatalogEntry("scatterAddAlong", "The adjoint of takeAlong", torch: ["scatter_add"]),
        CatalogEntry(
            "scattered", "Rows with values written to them or combined with them",
            keras: ["ops.scatter", "ops.scatter_update"],
            torch: ["index_copy", "index_add", "index_reduce", "scatter_reduce"], mlx: ["putAlong"]),
        CatalogEntry(
            "scatteredND", "Values written to coordinates or combined with what stands there",
            keras: ["ops.scatter", "ops.scatter_update"], torch: ["index_put"]),
        CatalogEntry(
            "segmentSum", "The sums of the rows of each segment", keras: ["ops.segment_sum"], torch: ["segment_reduce"]),
        CatalogEntry("segmentMean", "The means of the rows of each segment", torch: ["segment_reduce"]),
        CatalogEntry(
            "segmentProduct", "The products of the rows of each segment", keras: ["ops.segment_prod"],
            torch: ["segment_reduce"]),
        CatalogEntry(
            "segmentMax", "The largest elements of the rows of each segment", keras: ["ops.segment_max"],
            torch: ["segment_reduce"]),
        CatalogEntry(
            "segmentMin", "The smallest elements of the rows of each segment", keras: ["ops.segment_min"],
            torch: ["segment_reduce"]),
        CatalogEntry(
            "oneHot", "Rows of zeros with a 1 at each index", keras: ["ops.one_hot"], torch: ["nn.functional.one_hot"]),
        CatalogEntry("multiHot", "Ones at each of some numbers", keras: ["ops.multi_hot"]),
        CatalogEntry(
            "unraveled", "The coordinates of row-major positions", keras: ["ops.unravel_index"],
            torch: ["unravel_index"]),
    ]
}
