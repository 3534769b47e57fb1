import ApusCore

/// Groups of samples that are dense, of any shape, and noise between them (Ester et al., KDD 1996).
///
///     let labels = try DBSCAN(epsilon: 0.5, minimum: 5).labels(x)      // [n], -1 for noise
public struct DBSCAN: Sendable, Hashable {
    /// Samples not farther apart are neighbours.
    public var epsilon: Double
    /// A sample with so many neighbours, itself among them, is the core of a group.
    public var minimum: Int

    /// - Parameter minimum: of neighbours, itself among them, that make a sample the core of a group
    public init(epsilon: Double = 0.5, minimum: Int = 5) {
        self.epsilon = epsilon
        self.minimum = minimum
    }

    /// The group of each sample: `[n, features]` -> `[n]`, `int64`; -1 for noise. Groups are numbered by their first
    /// core, and a sample on the edge of several belongs to the first.
    ///
    /// - Complexity: quadratic in the number of samples
    public func labels(_ x: Tensor) throws(ApusError) -> Tensor {
        try requirePositive(epsilon, "epsilon", in: "DBSCAN")
        try require(minimum, in: 1...Int.max, "the minimum", in: "DBSCAN")
        let samples = try Samples(x, in: "DBSCAN")
        let (values, count, features) = (try samples.values(), samples.count, samples.features)
        let limit = epsilon * epsilon
        let neighbors = (0..<count).map { a in
            (0..<count).filter { b in
                var sum = 0.0
                for feature in 0..<features {
                    let gap = values[a * features + feature] - values[b * features + feature]
                    sum += gap * gap
                }
                return sum <= limit
            }
        }
        var labels = [Int64](repeating: -1, count: count)
        var groups: Int64 = 0
        for first in 0..<count where labels[first] < 0 && neighbors[first].count >= minimum {
            labels[first] = groups
            var pending = [first]
            while let core = pending.popLast() {
                for other in neighbors[core] where labels[other] < 0 {
                    labels[other] = groups
                    if neighbors[other].count >= minimum { pending.append(other) }
                }
            }
            groups += 1
        }
        return Tensor(labels, shape: [count])
    }
}
