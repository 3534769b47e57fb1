import ApusCore

/// Some nodes of a graph with those around them, as a graph of its own.
public struct GraphBatch: Sendable {
    /// `[nodes, features]`; the nodes that are asked for come first.
    public var features: Tensor
    /// The neighbourhoods' own `D^(-1/2) (A + I) D^(-1/2)`: `[nodes, nodes]`.
    public var adjacency: Tensor
    /// The classes of the nodes that are asked for: `[count]`, int32.
    public var labels: Tensor
    /// The numbers of the nodes in the whole graph.
    public var nodes: [Int]

    /// A part of a graph.
    public init(features: Tensor, adjacency: Tensor, labels: Tensor, nodes: [Int]) {
        (self.features, self.adjacency, self.labels, self.nodes) = (features, adjacency, labels, nodes)
    }

    /// How many nodes are asked for.
    public var count: Int { labels.shape[0] }
}

extension Graph {
    /// Batches of nodes with a sample of those around them (Hamilton, Ying and Leskovec, NeurIPS 2017), drawn anew in each
    /// epoch: graphs of any size can be learnt from so.
    ///
    ///     let batches = cora.neighborhoods(of: cora.train, batch: 20, neighbors: [10, 5], seed: 7)
    ///
    /// - Parameters:
    ///   - nodes: those whose classes are asked for
    ///   - size: how many of them a batch
    ///   - neighbors: how many neighbours of each node, then of each of those, and so on
    ///   - normalized: whether features are divided by their sum
    public func neighborhoods(
        of nodes: [Int], batch size: Int, neighbors: [Int], normalized: Bool = true, seed: UInt64
    ) -> Pipeline<GraphBatch> {
        var around = [[Int]](repeating: [], count: nodeCount)
        for (one, other) in edges {
            around[one].append(other)
            around[other].append(one)
        }
        let lists = around
        return Pipeline(nodes, name: name)
            .shuffle(seed: seed)
            .batch(size, collate: { $0 })
            .map("neighbours", seed: seed) { nodes, random in
                try neighborhood(of: nodes, around: lists, neighbors, normalized: normalized, using: &random)
            }
    }

    private func neighborhood(
        of seeds: [Int], around: [[Int]], _ neighbors: [Int], normalized: Bool, using random: inout RandomSource
    ) throws(ApusError) -> GraphBatch {
        if let bad = seeds.first(where: { !labels.indices.contains($0) }) ?? neighbors.first(where: { $0 < 0 }) {
            throw ApusError(
                .index, in: "graph \(name)", "node or number of neighbours \(bad)",
                remedy: "use nodes in 0..<\(nodeCount) and numbers of 0 or more")
        }
        var places: [Int: Int] = [:]
        var nodes: [Int] = []
        func add(_ node: Int) -> Bool {
            guard places[node] == nil else { return false }
            places[node] = nodes.count
            nodes.append(node)
            return true
        }
        for node in seeds { _ = add(node) }
        let count = nodes.count
        var frontier = nodes[...]
        for limit in neighbors {
            let begin = nodes.count
            for node in frontier {
                for place in random.permutation(around[node].count).prefix(limit) { _ = add(around[node][place]) }
            }
            frontier = nodes[begin...]
        }
        var edges: [(Int, Int)] = []
        for (place, node) in nodes.enumerated() {
            for other in around[node] { if let there = places[other], there > place { edges.append((place, there)) } }
        }
        return GraphBatch(
            features: try featureTensor(of: nodes, normalized: normalized),
            adjacency: try Graph.normalizedAdjacency(nodes.count, edges, in: "graph \(name)"),
            labels: Tensor(nodes.prefix(count).map { Int32(labels[$0]) }, shape: [count]), nodes: nodes)
    }
}
