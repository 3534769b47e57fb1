import ApusCore

/// Samples in groups around centres (Lloyd, 1982).
///
///     let groups = try KMeans.fit(x, clusters: 3, seed: 1)
///     groups.predict(x)                           // the number of the nearest centre, [n]
public struct KMeans: FeatureTransform, Hashable, Codable {
    private let middles: Table
    /// The sum of the squared distances of the samples from their centres.
    public let inertia: Double

    /// `[clusters, features]`
    public var centers: Tensor { middles.tensor }

    /// Starts from samples that are far from each other (k-means++, Arthur and Vassilvitskii, 2007), several times, and
    /// keeps the result of least inertia.
    ///
    /// - Parameters:
    ///   - x: `[n, features]`
    ///   - clusters: from 1 to `n`
    ///   - starts: how many times
    ///   - steps: at most so many for each start
    public static func fit(
        _ x: Tensor, clusters: Int, starts: Int = 10, steps: Int = 300, seed: UInt64 = 0
    ) throws(ApusError) -> KMeans {
        let place = "KMeans"
        let samples = try Samples(x, in: place)
        try require(clusters, in: 1...samples.count, "the number of clusters", in: place)
        try require(starts, in: 1...1 << 16, "the number of starts", in: place)
        let values = try samples.values()
        var best: KMeans?
        for start in 0..<starts {
            // A random number for each centre to be chosen.
            let chances: [Double] = try Tensor.randomUniform(
                [clusters], seed: seed &+ UInt64(start) &* 0x9e37_79b9, dtype: .float64
            ).array()
            let centers = Tensor.positions(scattered(values, samples.features, chances))
            let found = try descend(samples, samples.rows.gather(indices: centers), steps)
            if found.inertia < best?.inertia ?? .infinity { best = found }
        }
        guard let best else {
            throw ApusError(
                .numeric, in: place, "distances that are not finite", remedy: "scale the features to a small range")
        }
        return best
    }

    /// Starts from given centres `[clusters, features]` and moves them until nothing changes.
    public static func fit(_ x: Tensor, from centers: Tensor, steps: Int = 300) throws(ApusError) -> KMeans {
        let samples = try Samples(x, in: "KMeans")
        let start = try Samples(centers, in: "KMeans")
        guard start.features == samples.features else {
            throw ApusError(
                .shape, in: "KMeans", "centres of shape \(centers.shape) for samples of shape \(x.shape)",
                remedy: "give centres of \(samples.features) features")
        }
        return try descend(samples, start.rows, steps)
    }

    /// The number of the nearest centre: `[n, features]` -> `[n]`, `int64`.
    public func predict(_ x: Tensor) -> Tensor {
        let distances = transform(x)
        return distances.error == nil ? distances.argmin(axis: 1) : distances
    }

    /// The distances from the centres: `[n, features]` -> `[n, clusters]`.
    public func transform(_ x: Tensor) -> Tensor {
        prediction(x, features: middles.columns, in: "KMeans") { Self.squares($0, centers).squareRoot() }
    }

    private static func squares(_ x: Tensor, _ centers: Tensor) -> Tensor {
        let lengths = x.square().sum(axes: [1]).expanded(at: 1) + centers.square().sum(axes: [1])
        return Tensor.maximum(lengths - matmul(x, centers.matrixTransposed()) * 2, 0)
    }

    private static func descend(_ samples: Samples, _ start: Tensor, _ steps: Int) throws(ApusError) -> KMeans {
        let clusters = start.shape[0]
        var centers = try start.evaluated()
        var labels: [Int] = []
        for _ in 0..<max(steps, 1) {
            let nearest = try squares(samples.rows, centers).argmin(axis: 1).evaluated()
            let new: [Int] = try nearest.array()
            if new == labels { break }
            labels = new
            let member = oneHot(nearest, depth: clusters, dtype: .float64)
            let counts = member.sum(axes: [0]).expanded(at: 1)
            let means = matmul(member.matrixTransposed(), samples.rows) / Tensor.maximum(counts, 1)
            // A centre that no sample is nearest to stays.
            centers = try Tensor.select(counts .> 0.0, means, centers).evaluated()
        }
        let inertia = try (samples.rows - centers.gather(indices: Tensor.positions(labels))).square().sum().item()
        return KMeans(middles: try Table(centers), inertia: inertia)
    }

    /// The numbers of samples, each drawn with a probability in proportion to its squared distance from those before.
    private static func scattered(_ values: [Double], _ features: Int, _ chances: [Double]) -> [Int] {
        let count = values.count / features
        var chosen: [Int] = []
        var gaps = [Double](repeating: 1, count: count)
        for chance in chances {
            var left = chance * gaps.reduce(0, +)
            var next = gaps.lastIndex { $0 > 0 } ?? min(Int(chance * Double(count)), count - 1)
            for index in 0..<count where gaps[index] > 0 {
                left -= gaps[index]
                if left < 0 {
                    next = index
                    break
                }
            }
            for index in 0..<count {
                var sum = 0.0
                for feature in 0..<features {
                    let gap = values[index * features + feature] - values[next * features + feature]
                    sum += gap * gap
                }
                gaps[index] = chosen.isEmpty ? sum : min(gaps[index], sum)
            }
            chosen.append(next)
        }
        return chosen
    }
}
