import ApusCore
import TestSupport

/// Expected values computed with NumPy and SciPy.
extension Values {
    static let statistics: [ValueRow] = [
        ValueRow("average", [2], [1, -0.6666666666666666]) {
            x.average(weights: Tensor([1.0, 2, 3], shape: [3]), axes: [1])
        },
        ValueRow("peakToPeak", [3], [3, 7, 9]) { x.peakToPeak(axes: [0]) },
        ValueRow("percentile", [2], [-0.20000000000000018, 0]) { x.percentile(30, axis: 1) },
        ValueRow("mode", [2], [1, 3]) { Tensor([2.0, 1, 1, 2, 5, 3, 3, 3], shape: [2, 4]).mode() },
        ValueRow("histogram", [4], [1, 0, 1, 3]) { v.histogram(bins: 4).counts },
        ValueRow("edges", [5], [-1, 0, 1, 2, 3]) { v.histogram(bins: 4).edges },
        ValueRow("histogram of a range", [5], [2, 1, 1, 1, 2]) { y.histogram(bins: 5, range: 3...9).counts },
        ValueRow("occurrences with weights", [5], [2, 5, 0, 0, 0]) {
            Tensor([Int32(1), 3, 1, 0, 3]).occurrences(length: 5, weights: v)
        },
        ValueRow("digitized", [5], [3, 1, 2, 2, 0]) { v.digitized(edges: Tensor([0.0, 2, 3], shape: [3])) },
        ValueRow("digitized right", [5], [2, 1, 1, 1, 0]) {
            v.digitized(edges: Tensor([0.0, 2, 3], shape: [3]), right: true)
        },
        ValueRow("covariance", [2, 2], [6.333333333333333, -13, -13, 37]) { x.covariance() },
        ValueRow("correlationCoefficients", [2, 2], [1, -0.8492319348032175, -0.8492319348032173, 1]) {
            x.correlationCoefficients()
        },
        ValueRow(
            "normalized", [2, 3],
            [0.16666666666666666, -0.3333333333333333, 0.5, 0.26666666666666666, 0.3333333333333333, -0.4]
        ) { x.normalized(order: 1) },
        ValueRow("differences", [2, 1, 4], [0, 0, 0, 0, 0, 0, 0, 0]) { y.differences(times: 2, axis: 1) },
        ValueRow("trapezoid", [2], [0, 2]) { x.trapezoid(spacing: 0.5) },
        ValueRow("trapezoid of points", [2], [1, 3]) { x.trapezoid(points: Tensor([0.0, 1, 4], shape: [3])) },
        ValueRow("sumIgnoringNaN", [4], [1, 0, 7, 1]) { n.sumIgnoringNaN(axes: [0]) },
        ValueRow("productIgnoringNaN", [2], [6, -4]) { n.productIgnoringNaN(axes: [1]) },
        ValueRow("meanIgnoringNaN", [4], [1, .nan, 3.5, 0.5]) { n.meanIgnoringNaN(axes: [0]) },
        ValueRow("varianceIgnoringNaN", [2], [1, 12.5]) { n.varianceIgnoringNaN(axes: [1], correction: 1) },
        ValueRow("standardDeviationIgnoringNaN", [], [1.7204650534085253]) { n.standardDeviationIgnoringNaN() },
        ValueRow("maxIgnoringNaN", [4], [1, .nan, 4, 2]) { n.maxIgnoringNaN(axes: [0]) },
        ValueRow("minIgnoringNaN", [1, 4], [1, .nan, 3, -1]) { n.minIgnoringNaN(axes: [0], keepDimensions: true) },
        ValueRow("argmaxIgnoringNaN", [2], [2, 2]) { n.argmaxIgnoringNaN(axis: 1) },
        ValueRow("argminIgnoringNaN", [2], [0, 3]) { n.argminIgnoringNaN(axis: 1) },
        ValueRow("medianIgnoringNaN", [2], [2, 1.5]) { n.medianIgnoringNaN(axis: 1) },
        ValueRow("quantileIgnoringNaN", [4], [1, .nan, 3.3, -0.10000000000000009]) {
            n.quantileIgnoringNaN(0.3, axis: 0)
        },
        ValueRow("cumulativeSumIgnoringNaN", [2, 4], [1, 1, 4, 6, 0, 0, 4, 3]) { n.cumulativeSumIgnoringNaN() },
        ValueRow("cumulativeProductIgnoringNaN", [2, 4], [1, 1, 3, 6, 1, 1, 4, -4]) {
            n.cumulativeProductIgnoringNaN()
        },
        ValueRow("mean of integers", [], [2.25]) { i.mean() },
        ValueRow("variance of integers", [], [60.1875]) { i.variance() },
    ]
}
