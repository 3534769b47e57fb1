import ApusCore

/// Graphs in which everybody is near: rings of neighbours some of whose ties lead anywhere (Watts and Strogatz, Nature 1998),
/// with features and classes for networks on graphs.
///
///     let graph = try SmallWorlds.graph(nodes: 400, neighbors: 6, rewiring: 0.1, seed: 1)
///     graph.clusteringCoefficient         // near that of the ring, 0.6
public enum SmallWorlds {
    /// Draws a graph.
    ///
    /// Arcs of the ring are the classes, so that neighbours mostly share theirs. Each node has three of eight features of
    /// each class, of its own class with the probability `signal` and else of any. Twenty nodes of each class (at most half
    /// of them) are to learn from, a third of the others to choose by, and the rest to test with.
    ///
    /// - Parameters:
    ///   - neighbors: ties of each node to its nearest in the ring, an even number
    ///   - rewiring: the probability with which a tie's far end is drawn anew: 0 leaves a ring, 1 a random graph
    /// - Throws: an `ApusError` for numbers out of range
    public static func graph(
        nodes: Int = 400, neighbors: Int = 6, rewiring: Double = 0.1, classes: Int = 4, signal: Double = 0.3,
        seed: UInt64
    ) throws(ApusError) -> Graph {
        guard (4...1 << 22).contains(nodes), neighbors >= 2, neighbors % 2 == 0, neighbors < nodes, neighbors <= 1024,
            (0...1).contains(rewiring), (0...1).contains(signal), classes >= 1, classes <= min(nodes / 2, 1 << 16)
        else {
            throw ApusError(
                .value, in: "small world",
                "\(nodes) nodes of \(classes) classes with \(neighbors) neighbours, rewiring \(rewiring), signal \(signal)",
                remedy:
                    "use 4 to 4194304 nodes, an even number of neighbours below that and up to 1024, shares of 0 to 1, "
                    + "and a class for two nodes at most")
        }
        let labels = (0..<nodes).map { $0 * classes / nodes }
        var features: [[Int]] = []
        for node in 0..<nodes {
            var random = RandomSource(seed: seed, stream: 1, element: node)
            features.append(
                Array(
                    Set(
                        (0..<3).map { _ in
                            let isOwn = random.uniform() < signal
                            let kind = isOwn ? labels[node] : random.integer(below: classes)
                            return kind * 8 + random.integer(below: 8)
                        })
                ).sorted())
        }
        var parts: (train: [Int], validation: [Int], test: [Int]) = ([], [], [])
        for label in 0..<classes {
            let members = (0..<nodes).filter { labels[$0] == label }
            var random = RandomSource(seed: seed, stream: 2, element: label)
            let order = random.permutation(members.count).map { members[$0] }
            let train = min(20, members.count / 2)
            let validation = (order.count - train) / 3
            parts.train += order.prefix(train)
            parts.validation += order[train..<train + validation]
            parts.test += order[(train + validation)...]
        }
        return try Graph(
            name: "small-world", features: features, labels: labels,
            edges: ties(nodes, neighbors, rewiring, seed: seed), train: parts.train.sorted(),
            validation: parts.validation.sorted(), test: parts.test.sorted())
    }

    /// The ties of the ring, round by round, each drawn anew or left as it is.
    private static func ties(_ nodes: Int, _ neighbors: Int, _ rewiring: Double, seed: UInt64) -> [(Int, Int)] {
        func key(_ one: Int, _ other: Int) -> Int { min(one, other) * nodes + max(one, other) }
        var ends: [(Int, Int)] = []
        var present: Set<Int> = []
        for distance in 1...neighbors / 2 {
            for node in 0..<nodes {
                let other = (node + distance) % nodes
                // In the smallest rings both ways around lead to the same node.
                if present.insert(key(node, other)).inserted { ends.append((node, other)) }
            }
        }
        var random = RandomSource(seed: seed)
        var degrees = [Int](repeating: 0, count: nodes)
        for (one, other) in ends {
            degrees[one] += 1
            degrees[other] += 1
        }
        for (index, (node, old)) in ends.enumerated() where random.uniform() < rewiring && degrees[node] < nodes - 1 {
            var other = random.integer(below: nodes)
            while other == node || present.contains(key(node, other)) { other = random.integer(below: nodes) }
            present.remove(key(node, old))
            present.insert(key(node, other))
            degrees[old] -= 1
            degrees[other] += 1
            ends[index] = (node, other)
        }
        return ends
    }
}

extension Graph {
    /// How often two neighbours of a node are neighbours too, on average over the nodes (those with fewer than two count as
    /// 0): 1 in a clique, near 0 in a large random graph.
    public var clusteringCoefficient: Double {
        var neighbors = [Set<Int>](repeating: [], count: nodeCount)
        for (one, other) in edges {
            neighbors[one].insert(other)
            neighbors[other].insert(one)
        }
        var sum = 0.0
        for near in neighbors where near.count > 1 {
            let ties = near.reduce(0) { $0 + neighbors[$1].intersection(near).count }
            sum += Double(ties) / Double(near.count * (near.count - 1))
        }
        return sum / Double(nodeCount)
    }
}
