import ApusCore

/// The classes of the nearest samples vote: a model that remembers all samples and learns nothing.
///
///     let model = try NearestNeighbors.fit(x, labels, k: 5)
///     model.probabilities(query)                  // the shares of the votes, [n, classes]
public struct NearestNeighbors: ProbabilisticClassifier, Hashable, Codable {
    /// How much a neighbour's vote counts.
    public enum Weights: String, Sendable, Codable {
        /// All votes count the same.
        case uniform
        /// `1 / distance`; where neighbours have distance 0, they alone vote.
        case distance
    }

    /// The labels that occurred, ascending.
    public let classes: [Int]
    /// How many neighbours vote.
    public let k: Int
    /// How much each neighbour counts.
    public let weights: Weights
    private let samples: Table
    private let votes: [Int]

    /// - Parameters:
    ///   - x: `[n, features]`
    ///   - labels: `[n]` integers
    ///   - k: from 1 to `n`
    public static func fit(
        _ x: Tensor, _ labels: Tensor, k: Int = 5, weights: Weights = .uniform
    ) throws(ApusError) -> NearestNeighbors {
        let place = "NearestNeighbors"
        let samples = try Samples(x, in: place)
        let known = try samples.labels(labels, in: place)
        try require(k, in: 1...samples.count, "k", in: place)
        return NearestNeighbors(
            classes: known.classes, k: k, weights: weights, samples: try Table(samples.rows), votes: known.numbers)
    }

    /// The numbers of the nearest samples, nearest first, of equally near ones the first, `[n, k]`, `int64`, and their
    /// Euclidean distances.
    ///
    /// The query is evaluated at once.
    ///
    /// - Complexity: a matrix product of all queries and samples
    public func neighbors(_ x: Tensor) -> (indices: Tensor, distances: Tensor) {
        do throws(ApusError) {
            let found = try nearest(x)
            let shape: Shape = [x.shape[0], k]
            let distances = Tensor(found.flatMap { $0.map(\.distance) }, shape: shape)
            return (
                Tensor(found.flatMap { $0.map { Int64($0.index) } }, shape: shape),
                x.dtype == .float64 ? distances : distances.cast(to: .float32)
            )
        } catch {
            return (Tensor(error: error), Tensor(error: error))
        }
    }

    /// The shares of the votes for each class: `[n, features]` -> `[n, classes]`. The query is evaluated at once.
    public func probabilities(_ x: Tensor) -> Tensor {
        do throws(ApusError) {
            var shares: [Double] = []
            for neighbors in try nearest(x) {
                var row = [Double](repeating: 0, count: classes.count)
                let hasCopy = neighbors.contains { $0.distance == 0 }
                for neighbor in neighbors {
                    let weight =
                        weights == .uniform ? 1 : hasCopy ? (neighbor.distance == 0 ? 1 : 0) : 1 / neighbor.distance
                    // A damaged file may name classes that do not exist.
                    guard votes.indices.contains(neighbor.index), row.indices.contains(votes[neighbor.index]) else {
                        throw ApusError(
                            .data, in: "NearestNeighbors", "sample \(neighbor.index) has no class",
                            remedy: "fit the model again")
                    }
                    row[votes[neighbor.index]] += weight
                }
                let sum = row.reduce(0, +)
                shares += row.map { $0 / sum }
            }
            let result = Tensor(shares, shape: [x.shape[0], classes.count])
            return x.dtype == .float64 ? result : result.cast(to: .float32)
        } catch {
            return Tensor(error: error)
        }
    }

    private typealias Neighbor = (index: Int, distance: Double)

    private func nearest(_ x: Tensor) throws(ApusError) -> [[Neighbor]] {
        if let error = x.error { throw error }
        let points = prediction(x, features: samples.columns, in: "NearestNeighbors") { $0 }.cast(to: .float64)
        let (known, count, features) = (samples.tensor, samples.rows, samples.columns)
        guard count > 0, (1...count).contains(k) else {
            throw ApusError(
                .data, in: "NearestNeighbors", "\(k) neighbours among \(count) samples", remedy: "fit the model again")
        }
        let lengths = try known.square().sum(axes: [1]).evaluated()
        let transposed = try known.matrixTransposed().evaluated()
        let queries: [Double] = try points.array()
        var result: [[Neighbor]] = []
        // Products of a few million numbers at a time.
        let share = max(1, (1 << 22) / count)
        for start in stride(from: 0, to: points.shape[0], by: share) {
            let end = min(start + share, points.shape[0])
            let product = matmul(points.slice(axis: 0, start..<end), transposed)
            let near: [Double] = try (lengths - product * 2).array()
            for row in start..<end {
                let candidates = smallest(near, from: (row - start) * count, count: count)
                // The differences are exact where those of the products are not.
                var neighbors: [Neighbor] = candidates.map { index in
                    var sum = 0.0
                    for feature in 0..<features {
                        let gap = queries[row * features + feature] - samples.values[index * features + feature]
                        sum += gap * gap
                    }
                    return (index, sum.squareRoot())
                }
                neighbors.sort { $0.distance < $1.distance || $0.distance == $1.distance && $0.index < $1.index }
                result.append(neighbors)
            }
        }
        return result
    }

    /// The places of the `k` smallest of some numbers.
    private func smallest(_ values: [Double], from start: Int, count: Int) -> [Int] {
        var best: [(value: Double, index: Int)] = []
        for index in 0..<count {
            let value = values[start + index]
            if best.count == k, let last = best.last, !(value < last.value) { continue }
            let place = best.firstIndex { value < $0.value } ?? best.count
            best.insert((value, index), at: place)
            if best.count > k { best.removeLast() }
        }
        return best.map(\.index)
    }
}
