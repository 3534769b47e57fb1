import ApusCore
import TestSupport

/// Sums and their like over axes, order and running sums.
let fuzzReductions: [FuzzCase] = [
    .folding("sum") { $0.sum(axes: $1, keepDimensions: $2) },
    .folding("mean") { $0.mean(axes: $1, keepDimensions: $2) },
    .folding("product", ranks: 0...3) { $0.product(axes: $1, keepDimensions: $2) },
    .folding("max") { $0.max(axes: $1, keepDimensions: $2) }, .folding("min") { $0.min(axes: $1, keepDimensions: $2) },
    FuzzCase("variance") {
        let x = $0.wild()
        return x.variance(axes: $0.axes(x), correction: $0.wildInteger(), keepDimensions: $0.flag())
    },
    FuzzCase("standardDeviation") {
        let x = $0.wild()
        return x.standardDeviation(axes: $0.axes(x), correction: $0.wildInteger(), keepDimensions: $0.flag())
    },
    FuzzCase("moments") {
        let x = $0.wild()
        let both = x.moments(axes: $0.axes(x), keepDimensions: $0.flag())
        return $0.flag() ? both.mean : both.variance
    },
    FuzzCase("average") {
        let x = $0.wild()
        return x.average(weights: $0.partner(x), axes: $0.axes(x), keepDimensions: $0.flag())
    },
    FuzzCase("norm") {
        let x = $0.wild()
        return x.norm($0.wildNumber(), axes: $0.axes(x), keepDimensions: $0.flag())
    },
    FuzzCase("normalized") {
        let x = $0.wild()
        return x.normalized(order: $0.wildNumber(), axis: $0.axis(x), epsilon: $0.pick(1e-12, 1e-3, 0, -1, .nan))
    },
    .folding("peakToPeak") { $0.peakToPeak(axes: $1, keepDimensions: $2) },
    .folding("logSumExp") { $0.logSumExp(axes: $1, keepDimensions: $2) },
    .along("softmax") { $0.softmax(axis: $1) }, .unary("logSoftmax") { $0.logSoftmax() },
    .folding("any") { $0.any(axes: $1, keepDimensions: $2) }, .folding("all") { $0.all(axes: $1, keepDimensions: $2) },
    .folding("countNonzero") { $0.countNonzero(axes: $1, keepDimensions: $2) },
    FuzzCase("median") {
        let x = $0.wild()
        return x.median(axis: $0.axis(x), lower: $0.flag(), keepDimensions: $0.flag())
    },
    FuzzCase("quantile") {
        let x = $0.wild()
        return x.quantile($0.wildNumber(), axis: $0.axis(x), keepDimensions: $0.flag())
    },
    FuzzCase("percentile") {
        let x = $0.wild()
        return x.percentile($0.wildNumber(), axis: $0.axis(x), keepDimensions: $0.flag())
    },
    FuzzCase("mode") {
        let x = $0.wild()
        return x.mode(axis: $0.axis(x), keepDimensions: $0.flag())
    },
    FuzzCase("histogram", compared: .float64) {
        let x = $0.wild(0...3)
        let (low, high) = ($0.wildNumber(), $0.wildNumber())
        let range: ClosedRange<Double>? = $0.flag() && low <= high ? low...high : nil
        let both = x.histogram(bins: $0.wildSize(), range: range)
        return $0.flag() ? both.counts : both.edges
    },
    FuzzCase("occurrences") {
        let x = $0.wildIndices(0...3)
        return $0.flag()
            ? x.occurrences(length: $0.wildSize())
            : x.occurrences(length: $0.wildSize(), weights: $0.wild(x.shape, $0.wildType()))
    },
    FuzzCase("covariance") { $0.wild(1...3).covariance(correction: $0.wildInteger()) },
    FuzzCase("correlationCoefficients") { $0.wild(1...3).correlationCoefficients() },
    FuzzCase("trapezoid") {
        let x = $0.wild(0...3)
        return $0.flag()
            ? x.trapezoid(spacing: $0.wildNumber(), axis: $0.axis(x))
            : x.trapezoid(points: $0.partner(x), axis: $0.axis(x))
    },
    .folding("sumIgnoringNaN") { $0.sumIgnoringNaN(axes: $1, keepDimensions: $2) },
    .folding("productIgnoringNaN", ranks: 0...3) { $0.productIgnoringNaN(axes: $1, keepDimensions: $2) },
    .folding("meanIgnoringNaN") { $0.meanIgnoringNaN(axes: $1, keepDimensions: $2) },
    .folding("varianceIgnoringNaN") { $0.varianceIgnoringNaN(axes: $1, keepDimensions: $2) },
    .folding("standardDeviationIgnoringNaN") { $0.standardDeviationIgnoringNaN(axes: $1, keepDimensions: $2) },
    .folding("maxIgnoringNaN") { $0.maxIgnoringNaN(axes: $1, keepDimensions: $2) },
    .folding("minIgnoringNaN") { $0.minIgnoringNaN(axes: $1, keepDimensions: $2) },
    .along("argmaxIgnoringNaN") { $0.argmaxIgnoringNaN(axis: $1) },
    .along("argminIgnoringNaN") { $0.argminIgnoringNaN(axis: $1) },
    .along("medianIgnoringNaN") { $0.medianIgnoringNaN(axis: $1) },
    FuzzCase("quantileIgnoringNaN") {
        let x = $0.wild()
        return x.quantileIgnoringNaN($0.wildNumber(), axis: $0.axis(x), keepDimensions: $0.flag())
    },
    FuzzCase("cumulativeSum") {
        let x = $0.wild()
        return x.cumulativeSum(axis: $0.axis(x), reverse: $0.flag(), exclusive: $0.flag())
    },
    FuzzCase("cumulativeProduct") {
        let x = $0.wild()
        return x.cumulativeProduct(axis: $0.axis(x), reverse: $0.flag(), exclusive: $0.flag())
    },
    FuzzCase("cumulativeMax") {
        let x = $0.wild()
        return x.cumulativeMax(axis: $0.axis(x), reverse: $0.flag())
    },
    FuzzCase("cumulativeMin") {
        let x = $0.wild()
        return x.cumulativeMin(axis: $0.axis(x), reverse: $0.flag())
    },
    .along("cumulativeLogSumExp") { $0.cumulativeLogSumExp(axis: $1) },
    .along("cumulativeSumIgnoringNaN") { $0.cumulativeSumIgnoringNaN(axis: $1) },
    .along("cumulativeProductIgnoringNaN") { $0.cumulativeProductIgnoringNaN(axis: $1) },
    FuzzCase("differences") {
        let x = $0.wild()
        return x.differences(times: $0.wildInteger(), axis: $0.axis(x))
    },
    FuzzCase("argmax") {
        let x = $0.wild()
        return x.argmax(axis: $0.axis(x), keepDimensions: $0.flag())
    },
    FuzzCase("argmin") {
        let x = $0.wild()
        return x.argmin(axis: $0.axis(x), keepDimensions: $0.flag())
    },
    FuzzCase("argsort") {
        let x = $0.wild()
        return x.argsort(axis: $0.axis(x), descending: $0.flag())
    },
    FuzzCase("sorted") {
        let x = $0.wild()
        return x.sorted(axis: $0.axis(x), descending: $0.flag())
    },
    FuzzCase("topK") {
        let x = $0.wild()
        let both = x.topK($0.wildSize(), axis: $0.axis(x))
        return $0.flag() ? both.values : both.indices
    },
    FuzzCase("isInTop") {
        let scores = $0.wild($0.integer(0...5) == 0 ? 0...3 : 2...2, $0.floatType())
        return $0.indices([scores.shape[0]], below: scores.shape[1]).isInTop($0.wildInteger(), of: scores)
    },
    FuzzCase("insertionPoints") {
        let x = $0.wild(0...2)
        let sorted = x.rank > 0 && x.dtype.isFloatingPoint ? x.sorted() : x
        return sorted.insertionPoints(of: $0.wild($0.wildShape(), x.dtype), right: $0.flag())
    },
    FuzzCase("digitized") {
        let x = $0.wild(0...3)
        return x.digitized(edges: $0.wild($0.wildShape(0...1), x.dtype), right: $0.flag())
    },
    FuzzCase("unique") {
        let all = $0.wild(0...3).unique()
        return $0.pick(all.values, all.inverse, all.counts)
    },
    .binary("isIn") { $0.isIn($1) },
    .unary("nonzero") { $0.nonzero() },
    FuzzCase("masked") {
        let x = $0.wild()
        let shape = $0.integer(0...3) == 0 ? Shape(x.shape.extents.prefix($0.integer(0...x.rank)).map { $0 }) : x.shape
        return x.masked(by: $0.wild(shape, $0.integer(0...5) == 0 ? $0.wildType() : .bool))
    },
]
