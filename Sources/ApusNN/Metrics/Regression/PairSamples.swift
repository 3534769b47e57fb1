import ApusCore

/// All outputs and targets: what medians and rank correlations are computed from.
/// Outputs and targets of one shape, `[samples]` or `[samples, columns]`.
public struct PairSamples: MetricState {
    /// The outputs so far.
    public private(set) var outputs: [Double] = []
    /// The targets so far.
    public private(set) var targets: [Double] = []

    /// No pairs yet.
    public init() {}

    /// Adds a batch of outputs and targets of one shape; weights are not taken.
    public mutating func update(_ output: Tensor, _ target: Tensor, weights: Tensor?) throws(ApusError) {
        guard output.shape == target.shape, weights == nil else {
            throw ApusError(
                .shape, in: "rank metric",
                weights == nil
                    ? "an output of shape \(output.shape), a target of shape \(target.shape)" : "weights are given",
                remedy: weights == nil ? "make the shapes equal" : "leave them out: ranks can't be weighted")
        }
        let (p, t) = (try output.numbers(), try target.numbers())
        outputs += p
        targets += t
    }

    public mutating func merge(_ other: PairSamples) {
        outputs += other.outputs
        targets += other.targets
    }

    /// The median of absolute differences (the mean of the middle two).
    public var medianAbsoluteError: Double {
        let errors = zip(outputs, targets).map { abs($0 - $1) }.sorted()
        guard !errors.isEmpty else { return .nan }
        return (errors[(errors.count - 1) / 2] + errors[errors.count / 2]) / 2
    }

    /// The correlation of ranks, where ties have mean ranks.
    public var spearman: Double {
        let (a, b) = (Self.ranks(outputs), Self.ranks(targets))
        let mean = Double(a.count + 1) / 2
        var (products, squaresA, squaresB) = (0.0, 0.0, 0.0)
        for (x, y) in zip(a, b) {
            products += (x - mean) * (y - mean)
            squaresA += (x - mean) * (x - mean)
            squaresB += (y - mean) * (y - mean)
        }
        return products / (squaresA * squaresB).squareRoot()
    }

    /// Ranks from 1; equal values share the mean of theirs.
    static func ranks(_ values: [Double]) -> [Double] {
        let order = values.indices.sorted { values[$0] < values[$1] }
        var ranks = [Double](repeating: 0, count: values.count)
        var start = 0
        while start < order.count {
            var end = start + 1
            while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
            for index in order[start..<end] { ranks[index] = Double(start + end + 1) / 2 }
            start = end
        }
        return ranks
    }

    /// Kendall's tau-b: concordant minus discordant pairs over the geometric mean of the pairs without ties, counted by
    /// sorting (Knight, 1966).
    public var kendall: Double {
        let count = outputs.count
        let order = outputs.indices.sorted {
            outputs[$0] != outputs[$1] ? outputs[$0] < outputs[$1] : targets[$0] < targets[$1]
        }
        let sorted = order.map { targets[$0] }
        func pairs(_ count: Int) -> Double { Double(count) * Double(count - 1) / 2 }
        func ties(_ isTied: (Int, Int) -> Bool) -> Double {
            var (sum, run) = (0.0, 1)
            for position in order.indices.dropFirst() {
                if isTied(position - 1, position) {
                    run += 1
                } else {
                    sum += pairs(run)
                    run = 1
                }
            }
            return sum + pairs(run)
        }
        guard count > 1 else { return .nan }
        let tiedOutputs = ties { outputs[order[$0]] == outputs[order[$1]] }
        let tiedBoth = ties { outputs[order[$0]] == outputs[order[$1]] && sorted[$0] == sorted[$1] }
        var (values, buffer) = (sorted, sorted)
        let swaps = Self.inversions(&values, &buffer)
        let tiedTargets = ties { values[$0] == values[$1] }
        let total = pairs(count)
        let difference = total - tiedOutputs - tiedTargets + tiedBoth - 2 * swaps
        return difference / ((total - tiedOutputs) * (total - tiedTargets)).squareRoot()
    }

    /// Sorts by merging runs and counts the pairs that stood in the wrong order.
    private static func inversions(_ values: inout [Double], _ buffer: inout [Double]) -> Double {
        var (count, width) = (0.0, 1)
        while width < values.count {
            for start in stride(from: 0, to: values.count, by: 2 * width) {
                let (middle, end) = (min(start + width, values.count), min(start + 2 * width, values.count))
                var (left, right) = (start, middle)
                for position in start..<end {
                    if left < middle, right >= end || values[left] <= values[right] {
                        buffer[position] = values[left]
                        left += 1
                    } else {
                        buffer[position] = values[right]
                        count += Double(middle - left)
                        right += 1
                    }
                }
            }
            swap(&values, &buffer)
            width *= 2
        }
        return count
    }
}

/// The largest absolute difference.
/// `max |output - target|` over all elements.
public struct LargestDifference: MetricState {
    /// The largest difference so far.
    public private(set) var value = 0.0

    /// No pairs yet.
    public init() {}

    public mutating func update(_ output: Tensor, _ target: Tensor, weights: Tensor?) throws(ApusError) {
        let difference = equallyShaped(output, target, in: "metric largest error") { ($0 - $1).absolute() }
        guard difference.error != nil || difference.shape.count > 0 else { return }
        value = Swift.max(value, try difference.max().item())
    }

    public mutating func merge(_ other: LargestDifference) { value = Swift.max(value, other.value) }
}

/// Figures of order between outputs and targets of one shape.
extension Metric {
    /// The median of absolute differences.
    public static let medianAbsoluteError = Metric("median absolute error", PairSamples(), higherIsBetter: false) {
        $0.medianAbsoluteError
    }
    /// The largest absolute difference.
    public static let largestError = Metric("largest error", LargestDifference(), higherIsBetter: false) { $0.value }
    /// The correlation of ranks.
    public static let spearmanCorrelation = Metric("Spearman correlation", PairSamples()) { $0.spearman }
    /// Kendall's tau-b.
    public static let kendallCorrelation = Metric("Kendall correlation", PairSamples()) { $0.kendall }
}
