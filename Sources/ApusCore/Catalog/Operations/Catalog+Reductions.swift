extension Catalog {
    /// Sums and their like over axes, and what is composed of them.
    static let reductions: [CatalogEntry] = [
        CatalogEntry("sum", "The sum over axes", keras: ["ops.sum"], torch: ["sum"], mlx: ["sum"]),
        CatalogEntry("mean", "The mean over axes", keras: ["ops.mean"], torch: ["mean"], mlx: ["mean"]),
        CatalogEntry("product", "The product over axes", keras: ["ops.prod"], torch: ["prod"], mlx: ["product"]),
        CatalogEntry(
            "max", "The largest element over axes", keras: ["ops.max", "ops.amax"], torch: ["max", "amax"], mlx: ["max"]
        ),
        CatalogEntry(
            "min", "The smallest element over axes", keras: ["ops.min", "ops.amin"], torch: ["min", "amin"],
            mlx: ["min"]),
        CatalogEntry("variance", "The variance over axes", keras: ["ops.var"], torch: ["var"], mlx: ["variance"]),
        CatalogEntry(
            "standardDeviation", "The standard deviation over axes", keras: ["ops.std"], torch: ["std"], mlx: ["std"]),
        CatalogEntry("moments", "The mean and the variance over axes", keras: ["ops.moments"], torch: ["var_mean"]),
        CatalogEntry("average", "The mean with weights", keras: ["ops.average"]),
        CatalogEntry(
            "norm", "The norm of a vector over axes", keras: ["ops.norm"], torch: ["norm", "linalg.vector_norm"],
            mlx: ["norm"]),
        CatalogEntry(
            "normalized", "Divided by the norm along an axis", keras: ["ops.normalize"],
            torch: ["nn.functional.normalize"]),
        CatalogEntry("peakToPeak", "The largest minus the smallest element", keras: ["ops.ptp"], torch: ["aminmax"]),
        CatalogEntry(
            "logSumExp", "The logarithm of the sum of exponentials", keras: ["ops.logsumexp"], torch: ["logsumexp"],
            mlx: ["logSumExp"]),
        CatalogEntry(
            "softmax", "exp(x) / sum(exp(x)) over an axis", keras: ["ops.softmax"], torch: ["softmax"],
            mlx: ["softMax", "softmax"]),
        CatalogEntry(
            "logSoftmax", "The logarithm of softmax", keras: ["ops.log_softmax"], torch: ["log_softmax"],
            mlx: ["logSoftmax"]),
        CatalogEntry("any", "Whether any element is true", keras: ["ops.any"], torch: ["any"], mlx: ["any"]),
        CatalogEntry("all", "Whether all elements are true", keras: ["ops.all"], torch: ["all"], mlx: ["all"]),
        CatalogEntry(
            "countNonzero", "How many elements are not 0", keras: ["ops.count_nonzero"], torch: ["count_nonzero"]),
        CatalogEntry(
            "median", "The element in the middle along an axis", keras: ["ops.median"], torch: ["median", "quantile"],
            mlx: ["median"]),
        CatalogEntry("quantile", "The value below which a fraction lies", keras: ["ops.quantile"], torch: ["quantile"]),
        CatalogEntry("percentile", "The value below which a percentage lies", keras: ["ops.percentile"]),
        CatalogEntry("mode", "The element that occurs most often", torch: ["mode"]),
        CatalogEntry(
            "histogram", "How many elements lie in each of some cells", keras: ["ops.histogram"],
            torch: ["histc", "histogram"]),
        CatalogEntry(
            "occurrences", "How often each number occurs, or the sum of its weights", keras: ["ops.bincount"],
            torch: ["bincount"]),
        CatalogEntry("covariance", "The covariances of variables", torch: ["cov"]),
        CatalogEntry(
            "correlationCoefficients", "Pearson's correlation coefficients", keras: ["ops.corrcoef"],
            torch: ["corrcoef"]),
        CatalogEntry(
            "trapezoid", "The integral by the trapezoidal rule", keras: ["ops.trapezoid"], torch: ["trapezoid"]),
        CatalogEntry(
            "sumIgnoringNaN", "The sum of the elements that are not NaN", keras: ["ops.nansum"], torch: ["nansum"]),
        CatalogEntry("productIgnoringNaN", "The product of the elements that are not NaN", keras: ["ops.nanprod"]),
        CatalogEntry(
            "meanIgnoringNaN", "The mean of the elements that are not NaN", keras: ["ops.nanmean"], torch: ["nanmean"]),
        CatalogEntry("varianceIgnoringNaN", "The variance of the elements that are not NaN", keras: ["ops.nanvar"]),
        CatalogEntry(
            "standardDeviationIgnoringNaN", "The standard deviation of the elements that are not NaN",
            keras: ["ops.nanstd"]),
        CatalogEntry("maxIgnoringNaN", "The largest element that is not NaN", keras: ["ops.nanmax"]),
        CatalogEntry("minIgnoringNaN", "The smallest element that is not NaN", keras: ["ops.nanmin"]),
        CatalogEntry(
            "argmaxIgnoringNaN", "The position of the largest element that is not NaN", keras: ["ops.nanargmax"]),
        CatalogEntry(
            "argminIgnoringNaN", "The position of the smallest element that is not NaN", keras: ["ops.nanargmin"]),
        CatalogEntry(
            "medianIgnoringNaN", "The middle of the elements that are not NaN", keras: ["ops.nanmedian"],
            torch: ["nanmedian"]),
        CatalogEntry(
            "quantileIgnoringNaN", "A quantile of the elements that are not NaN",
            keras: ["ops.nanquantile", "ops.nanpercentile"], torch: ["nanquantile"]),
    ]
}
