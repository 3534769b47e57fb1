import ApusCore

/// All samples with their clusters: what figures of clusterings without known classes are computed from.
/// Points `[samples, features]` with cluster numbers `[samples]`.
public struct ClusterSamples: MetricState {
    /// The features of each sample.
    public private(set) var samples: [[Double]] = []
    /// The cluster of each sample.
    public private(set) var clusters: [Int] = []

    /// No samples yet.
    public init() {}

    /// Adds a batch: samples `[batch, features]` and their clusters `[batch]`.
    public mutating func update(_ output: Tensor, _ target: Tensor, weights: Tensor?) throws(ApusError) {
        guard output.rank == 2, target.shape == [output.shape[0]], weights == nil,
            samples.isEmpty || samples[0].count == output.shape[1]
        else {
            throw ApusError(
                .shape, in: "clustering metric", "samples of shape \(output.shape), clusters of shape \(target.shape)",
                remedy: "give samples [batch, features] and clusters [batch], without weights")
        }
        let (values, labels, width) = (try output.numbers(), try target.labels(), output.shape[1])
        samples += labels.indices.map { Array(values[$0 * width..<($0 + 1) * width]) }
        clusters += labels
    }

    public mutating func merge(_ other: ClusterSamples) throws(ApusError) {
        guard let own = samples.first, let added = other.samples.first, own.count != added.count else {
            samples += other.samples
            clusters += other.clusters
            return
        }
        throw ApusError(
            .shape, in: "clustering metric", "samples of \(added.count) numbers after samples of \(own.count)",
            remedy: "merge samples of the same kind")
    }

    private var groups: [(center: [Double], members: [[Double]])] {
        Dictionary(grouping: clusters.indices, by: { clusters[$0] }).sorted { $0.key < $1.key }.map { _, indices in
            let members = indices.map { samples[$0] }
            return (Self.mean(members), members)
        }
    }

    private static func mean(_ points: [[Double]]) -> [Double] {
        var sum = [Double](repeating: 0, count: points.first?.count ?? 0)
        for point in points { for (index, value) in point.enumerated() { sum[index] += value } }
        return sum.map { $0 / Double(max(points.count, 1)) }
    }

    private static func squaredDistance(_ a: [Double], _ b: [Double]) -> Double {
        zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    }

    /// The dispersion between clusters over that within them (Caliński and Harabasz, 1974).
    public var calinskiHarabasz: Double {
        let (groups, center) = (groups, Self.mean(samples))
        let between = groups.reduce(0) { $0 + Double($1.members.count) * Self.squaredDistance($1.center, center) }
        let within = groups.reduce(0) { sum, group in
            group.members.reduce(sum) { $0 + Self.squaredDistance($1, group.center) }
        }
        let (n, k) = (Double(samples.count), Double(groups.count))
        return within == 0 ? 1 : between * (n - k) / (within * (k - 1))
    }

    /// The mean over clusters of the largest ratio of their widths to their distance (Davies and Bouldin, 1979); 0 is
    /// best.
    public var daviesBouldin: Double {
        let groups = groups
        let widths = groups.map { group in
            group.members.reduce(0) { $0 + Self.squaredDistance($1, group.center).squareRoot() }
                / Double(group.members.count)
        }
        let worst = groups.indices.map { i in
            groups.indices.filter { $0 != i }.map { j in
                (widths[i] + widths[j]) / Self.squaredDistance(groups[i].center, groups[j].center).squareRoot()
            }.max() ?? 0
        }
        return worst.reduce(0, +) / Double(max(worst.count, 1))
    }

    /// The smallest distance of centres over the largest distance of a sample from its centre (Dunn, 1973).
    public var dunn: Double {
        let groups = groups
        var nearest = Double.infinity
        for i in groups.indices {
            for j in 0..<i {
                nearest = min(nearest, Self.squaredDistance(groups[i].center, groups[j].center).squareRoot())
            }
        }
        let widest =
            groups.flatMap { group in
                group.members.map { Self.squaredDistance($0, group.center).squareRoot() }
            }.max() ?? 0
        return nearest / widest
    }
}

/// Figures of clusterings: samples `[batch, features]` and their clusters `[batch]`.
extension Metric {
    /// The dispersion between clusters over that within them.
    public static let calinskiHarabasz = Metric("Calinski-Harabasz", ClusterSamples()) { $0.calinskiHarabasz }
    /// The mean over clusters of the largest ratio of widths to distance.
    public static let daviesBouldin = Metric("Davies-Bouldin", ClusterSamples(), higherIsBetter: false) {
        $0.daviesBouldin
    }
    /// The smallest distance of centres over the largest distance from a centre.
    public static let dunn = Metric("Dunn", ClusterSamples()) { $0.dunn }
}
