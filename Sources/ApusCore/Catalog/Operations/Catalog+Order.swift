extension Catalog {
    /// Running folds, order and search along an axis.
    static let order: [CatalogEntry] = [
        CatalogEntry("cumulativeSum", "The running sum", keras: ["ops.cumsum"], torch: ["cumsum"], mlx: ["cumsum"]),
        CatalogEntry(
            "cumulativeProduct", "The running product", keras: ["ops.cumprod"], torch: ["cumprod"], mlx: ["cumprod"]),
        CatalogEntry("cumulativeMax", "The running maximum", torch: ["cummax"], mlx: ["cummax"]),
        CatalogEntry("cumulativeMin", "The running minimum", torch: ["cummin"], mlx: ["cummin"]),
        CatalogEntry(
            "cumulativeLogSumExp", "The running logarithm of the sum of exponentials", torch: ["logcumsumexp"],
            mlx: ["logcumsumexp"]),
        CatalogEntry("cumulativeSumIgnoringNaN", "The running sum, NaN counting as 0", keras: ["ops.nancumsum"]),
        CatalogEntry(
            "cumulativeProductIgnoringNaN", "The running product, NaN counting as 1", keras: ["ops.nancumprod"]),
        CatalogEntry("differences", "The differences of neighbours", keras: ["ops.diff"], torch: ["diff"]),
        CatalogEntry(
            "argmax", "The position of the largest element", keras: ["ops.argmax"], torch: ["argmax"], mlx: ["argMax"]),
        CatalogEntry(
            "argmin", "The position of the smallest element", keras: ["ops.argmin"], torch: ["argmin"], mlx: ["argMin"]),
        CatalogEntry(
            "argsort", "The order that sorts an axis", keras: ["ops.argsort", "ops.argpartition"], torch: ["argsort"],
            mlx: ["argSort", "argPartition"]),
        CatalogEntry(
            "sorted", "The elements in order", keras: ["ops.sort"], torch: ["sort", "msort"],
            mlx: ["sorted", "partitioned"]),
        CatalogEntry(
            "topK", "The largest elements and their positions", keras: ["ops.top_k"], torch: ["topk"], mlx: ["top"]),
        CatalogEntry("isInTop", "Whether a class is among those with the largest values", keras: ["ops.in_top_k"]),
        CatalogEntry(
            "insertionPoints", "Where values would be inserted in a sorted vector", keras: ["ops.searchsorted"],
            torch: ["searchsorted"]),
        CatalogEntry("digitized", "The cells in which elements lie", keras: ["ops.digitize"], torch: ["bucketize"]),
        CatalogEntry(
            "unique", "The different elements, and where they occur", keras: ["ops.unique"], torch: ["unique"]),
        CatalogEntry(
            "isIn", "Whether elements are among those of another tensor", keras: ["ops.isin"], torch: ["isin"]),
        CatalogEntry(
            "nonzero", "The coordinates of the elements that are not 0", keras: ["ops.nonzero"],
            torch: ["nonzero", "argwhere"]),
        CatalogEntry("masked", "The elements where a mask is true", torch: ["masked_select"]),
    ]
}
