import ApusCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A tree of questions whether a feature is above a threshold, with the mean targets of the samples in its leaves.
struct QuestionTree: Sendable, Hashable {
    private struct Node: Hashable, Codable {
        /// Below 0 for a leaf.
        var feature = -1
        var threshold = 0.0
        /// The node for features up to the threshold, and the one for others: both behind this one.
        var low = 0
        var high = 0
        var values: [Double] = []
    }

    private let features: Int
    private let width: Int
    private var nodes: [Node] = []
    private(set) var depth = 0

    var leafCount: Int { nodes.count { $0.feature < 0 } }

    /// - Parameters:
    ///   - targets: `[n, width]`
    ///   - isEntropy: whether questions lower the entropy of the targets, or else their squared error (which for ones
    ///     and zeros is the Gini impurity)
    init(
        _ samples: Samples, targets: [Double], width: Int, isEntropy: Bool, depth: Int?, leaf: Int, in place: String
    ) throws(ApusError) {
        try require(depth ?? 0, in: 0...Int.max, "the depth", in: place)
        try require(leaf, in: 1...Int.max, "the leaf's number of samples", in: place)
        features = samples.features
        self.width = width
        let question = QuestionSearch(
            x: try samples.values(), targets: targets, features: features, width: width, isEntropy: isEntropy,
            leaf: leaf)
        nodes = [Node()]
        var pending = [(node: 0, members: Array(0..<samples.count), level: 0)]
        while let (node, members, level) = pending.popLast() {
            self.depth = max(self.depth, level)
            nodes[node].values = question.mean(members)
            guard level < depth ?? .max, let best = question.best(members) else { continue }
            nodes[node].feature = best.feature
            nodes[node].threshold = best.threshold
            nodes[node].low = nodes.count
            nodes[node].high = nodes.count + 1
            nodes += [Node(), Node()]
            let isLow = { question.x[$0 * samples.features + best.feature] <= best.threshold }
            pending.append((nodes[node].high, members.filter { !isLow($0) }, level + 1))
            pending.append((nodes[node].low, members.filter(isLow), level + 1))
        }
    }

    /// The values of the leaf of each sample: `[n, features]` -> `[n, width]`.
    func values(_ x: Tensor, in place: String) -> Tensor {
        prediction(x, features: features, in: place) { (x: Tensor) throws(ApusError) in
            let numbers: [Double] = try x.array()
            var result: [Double] = []
            for row in 0..<x.shape[0] {
                var node = nodes[0]
                while node.feature >= 0 {
                    node = nodes[numbers[row * features + node.feature] <= node.threshold ? node.low : node.high]
                }
                result += node.values
            }
            return Tensor(result, shape: [x.shape[0], width])
        }
    }
}

extension QuestionTree: Codable {
    private enum CodingKeys: CodingKey { case features, width, nodes, depth }

    /// Refuses nodes that lead nowhere, or back.
    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        features = try values.decode(Int.self, forKey: .features)
        width = try values.decode(Int.self, forKey: .width)
        nodes = try values.decode([Node].self, forKey: .nodes)
        depth = try values.decode(Int.self, forKey: .depth)
        let isSound = nodes.enumerated().allSatisfy { place, node in
            guard node.values.count == width, node.feature < features else { return false }
            return node.feature < 0
                || node.low > place && node.high > place && node.low < nodes.count && node.high < nodes.count
        }
        guard isSound, !nodes.isEmpty else {
            throw DecodingError.dataCorruptedError(
                forKey: .nodes, in: values, debugDescription: "the nodes do not make a tree")
        }
    }
}

/// Looks for the question that tells the targets of samples apart best.
private struct QuestionSearch {
    let x: [Double]
    let targets: [Double]
    let features: Int
    let width: Int
    let isEntropy: Bool
    let leaf: Int

    private func sums(_ members: [Int]) -> [Double] {
        var sums = [Double](repeating: 0, count: width)
        for member in members {
            for column in 0..<width { sums[column] += targets[member * width + column] }
        }
        return sums
    }

    func mean(_ members: [Int]) -> [Double] { sums(members).map { $0 / Double(members.count) } }

    /// How pure so many samples with these sums of targets are; larger is purer.
    private func purity(_ sums: [Double], _ count: Int) -> Double {
        sums.reduce(0) { total, sum in
            if isEntropy { return total + (sum > 0 ? sum * log(sum / Double(count)) : 0) }
            return total + sum * sum / Double(count)
        }
    }

    /// `nil` where no question helps.
    func best(_ members: [Int]) -> (feature: Int, threshold: Double)? {
        guard members.count >= 2 * leaf else { return nil }
        let all = sums(members)
        let start = purity(all, members.count)
        let scale =
            isEntropy
            ? Double(members.count)
            : members.reduce(0) { sum, member in
                sum + (0..<width).reduce(0) { $0 + targets[member * width + $1] * targets[member * width + $1] }
            }
        // Differences by rounding are none.
        let least = 1e-12 * max(scale, abs(start))
        guard isEntropy ? start < -least : scale - start > least else { return nil }
        var found: (feature: Int, threshold: Double)?
        var best = start + least
        for feature in 0..<features {
            let order = members.sorted { x[$0 * features + feature] < x[$1 * features + feature] }
            var low = [Double](repeating: 0, count: width)
            var high = all
            for (place, member) in order.dropLast().enumerated() {
                for column in 0..<width {
                    let target = targets[member * width + column]
                    low[column] += target
                    high[column] -= target
                }
                let (value, next) = (x[member * features + feature], x[order[place + 1] * features + feature])
                guard value < next, place + 1 >= leaf, members.count - place - 1 >= leaf else { continue }
                let reached = purity(low, place + 1) + purity(high, members.count - place - 1)
                if reached > best + least {
                    let middle = value + (next - value) / 2
                    (best, found) = (reached, (feature, middle < next ? middle : value))
                }
            }
        }
        return found
    }
}
