import ApusCore
import TestSupport

let reductionDerivatives: [DerivativeCase] = [
    .folding("sum") { $0.square().sum(axes: $1, keepDimensions: $2) },
    .folding("mean") { $0.square().mean(axes: $1, keepDimensions: $2) },
    .folding("product") { ($0 * 0.5).product(axes: $1, keepDimensions: $2) },
    .folding("max") { $0.square().max(axes: $1, keepDimensions: $2) },
    .folding("min") { $0.square().min(axes: $1, keepDimensions: $2) },
    .folding("variance") { $0.variance(axes: $1, keepDimensions: $2) },
    .folding("standardDeviation") { ($0.square() + 1).standardDeviation(axes: $1, keepDimensions: $2) },
    .folding("moments") { x, axes, keeps in
        let (mean, variance) = x.moments(axes: axes, keepDimensions: keeps)
        return mean * variance
    },
    DerivativeCase("average") { random in
        let shapes = random.broadcastingShapes(2)
        return (
            [random.tensor(shapes[0]), random.tensor(shapes[1], 0.5...2)],
            { $0[0].square().average(weights: $0[1]) }
        )
    },
    .folding("norm") { $0.norm(2, axes: $1, keepDimensions: $2) + $0.norm(3, axes: $1, keepDimensions: $2) },
    .along("normalized") { $0.normalized(axis: $1) },
    .folding("peakToPeak") { $0.square().peakToPeak(axes: $1, keepDimensions: $2) },
    .folding("logSumExp") { $0.logSumExp(axes: $1, keepDimensions: $2) },
    .along("softmax") { $0.softmax(axis: $1) },
    .ranked("logSoftmax", 1...4) { $0.logSoftmax() },
    .along("median") { $0.median(axis: $1).square() },
    .along("quantile") { $0.quantile(0.3, axis: $1).square() },
    .along("percentile") { $0.percentile(80, axis: $1, keepDimensions: true).square() },
    .along("mode") { $0.mode(axis: $1).square() },
    DerivativeCase("occurrences") { random in
        let shape = random.shape(rank: 0...3)
        let numbers = random.positions(shape, below: 4)
        return ([random.tensor(shape)], { numbers.occurrences(length: 4, weights: $0[0].square()) })
    },
    DerivativeCase("covariance") { random in
        ([random.distinct([random.integer(1...3), random.integer(2...5)])], { $0[0].covariance() })
    },
    DerivativeCase("correlationCoefficients") { random in
        ([random.distinct([random.integer(1...3), random.integer(3...6)])], { $0[0].correlationCoefficients() })
    },
    .along("trapezoid", least: 2) { x, axis in
        let points = (Tensor.range(count: x.shape[axis], dtype: .float64) * 0.4).exp()
        return (x.square().trapezoid(points: points, axis: axis)) + x.square().trapezoid(axis: axis)
    },
    .folding("sumIgnoringNaN") { withNaN($0).square().sumIgnoringNaN(axes: $1, keepDimensions: $2) },
    .folding("productIgnoringNaN") { (withNaN($0) * 0.5).productIgnoringNaN(axes: $1, keepDimensions: $2) },
    .folding("meanIgnoringNaN") { $0.square().meanIgnoringNaN(axes: $1, keepDimensions: $2) },
    .folding("varianceIgnoringNaN") { $0.varianceIgnoringNaN(axes: $1, keepDimensions: $2) },
    .folding("standardDeviationIgnoringNaN") {
        ($0.square() + 1).standardDeviationIgnoringNaN(axes: $1, keepDimensions: $2)
    },
    .folding("maxIgnoringNaN") { $0.square().maxIgnoringNaN(axes: $1, keepDimensions: $2) },
    .folding("minIgnoringNaN") { $0.square().minIgnoringNaN(axes: $1, keepDimensions: $2) },
    .along("medianIgnoringNaN") { $0.medianIgnoringNaN(axis: $1).square() },
    .along("quantileIgnoringNaN") { $0.quantileIgnoringNaN(0.3, axis: $1).square() },
    .along("cumulativeSum") {
        $0.square().cumulativeSum(axis: $1) + $0.cumulativeSum(axis: $1, reverse: true, exclusive: true)
    },
    .along("cumulativeProduct") {
        $0.cumulativeProduct(axis: $1) + ($0 * 0.4).cumulativeProduct(axis: $1, reverse: true, exclusive: true)
    },
    .along("cumulativeMax") { $0.square().cumulativeMax(axis: $1) + $0.cumulativeMax(axis: $1, reverse: true) },
    .along("cumulativeMin") { $0.square().cumulativeMin(axis: $1) },
    .along("cumulativeLogSumExp") { $0.cumulativeLogSumExp(axis: $1) },
    .along("cumulativeSumIgnoringNaN") { withNaN($0).square().cumulativeSumIgnoringNaN(axis: $1) },
    .along("cumulativeProductIgnoringNaN") { (withNaN($0) * 0.5).cumulativeProductIgnoringNaN(axis: $1) },
    .along("differences", least: 3) { $0.square().differences(times: 2, axis: $1) },
    .along("sorted") { $0.sorted(axis: $1).square() + $0.sorted(axis: $1, descending: true) },
    .along("topK") { $0.topK(($0.shape[$1] + 1) / 2, axis: $1).values.square() },
    .ranked("unique", 0...3) { $0.unique().values.square() },
    .ranked("masked", 0...3) { x in
        let mask = (Tensor.range(count: x.shape.count).reshaped(to: x.shape) .!= 1.0)
        return x.square().masked(by: mask)
    },
]

/// The tensor with NaN in every fifth place.
private func withNaN(_ x: Tensor) -> Tensor {
    guard x.error == nil else { return x }
    let places = Tensor.range(count: x.shape.count, dtype: .float64).reshaped(to: x.shape)
    return Tensor.select(
        Tensor.remainder(places, places.like(repeating: 5)) .== 2.0, x.like(repeating: .nan), x)
}
