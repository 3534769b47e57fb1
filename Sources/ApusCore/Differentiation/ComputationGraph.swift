/// A computation of single numbers with its derivatives, written out as by hand: the value of each node, the derivative
/// along each edge that leads into it, and the derivative of the result with respect to the node.
///
///     let (a, b) = (Tensor([2.0], shape: []), Tensor([1.0], shape: []))
///     let c = a + b
///     let graph = try ComputationGraph(of: c * (b + 1))
///     graph[c]?.derivative                          // 2
///     graph[b]?.derivative                          // 5, the sum over two paths
///
/// What was computed before (values that were read) counts as given; adding a constant 0 or multiplying by a constant 1
/// makes no node.
public struct ComputationGraph: Sendable {
    /// A way from a node to one that is computed from it.
    public struct Edge: Sendable, Hashable {
        /// The position of the node that it comes from.
        public let source: Int
        /// The derivative of the one with respect to the other, all else unchanged.
        public let derivative: Double
    }

    /// A number that is given or computed.
    public struct Node: Sendable, Hashable {
        /// What computes it; `leaf` for what is given, `fill` for constants.
        public let operation: String
        /// The number itself.
        public let value: Double
        /// What it is computed from.
        public let edges: [Edge]
        /// The derivative of the graph's result with respect to it.
        public fileprivate(set) var derivative: Double
    }

    /// All nodes, what is computed from others behind them; the last one is the result.
    public private(set) var nodes: [Node]
    private let places: [UInt64: Int]

    /// Follows a result back to what it is computed from.
    ///
    /// - Throws: an `ApusError` for the first mistake in the computation, and for tensors of other than one element
    public init(of result: Tensor) throws(ApusError) {
        if let error = result.error { throw error }
        let trace = try Trace([result.node])
        guard let other = trace.steps.first(where: { $0.node.shape.count != 1 }) else {
            let tensors = trace.steps.map { Tensor(node: $0.node) }
            let slopes = trace.steps.map { step -> [Tensor?] in
                let node = step.node
                guard !step.isLeaf, node.dtype.isFloatingPoint else { return node.inputs.map { _ in nil } }
                let one = Tensor(repeating: 1, shape: node.shape, dtype: node.dtype)
                return node.operation.gradient(
                    one, inputs: node.inputs.map { Tensor(node: $0) }, output: Tensor(node: node))
            }
            try Tensor.evaluate(tensors + slopes.flatMap { $0.compactMap { $0 } })
            var nodes: [Node] = []
            for (position, step) in trace.steps.enumerated() {
                var edges: [Edge] = []
                for (source, slope) in zip(step.inputs, slopes[position]) {
                    guard let slope else { continue }
                    edges.append(Edge(source: source, derivative: try slope.cast(to: .float64).item()))
                }
                let name = step.isLeaf ? "leaf" : step.node.operation.place.replacing("operation ", with: "")
                nodes.append(
                    Node(
                        operation: name, value: try tensors[position].cast(to: .float64).item(), edges: edges,
                        derivative: 0))
            }
            self.nodes = nodes
            places = Dictionary(uniqueKeysWithValues: trace.steps.enumerated().map { ($1.node.id, $0) })
            propagate(from: trace.outputs.first ?? 0)
            return
        }
        throw ApusError(
            .shape, in: "ComputationGraph", "a tensor of shape \(other.node.shape)",
            remedy: "build it of tensors of one element each")
    }

    /// Backpropagation: each edge is visited once.
    private mutating func propagate(from result: Int) {
        guard nodes.indices.contains(result) else { return }
        nodes[result].derivative = 1
        for position in (0...result).reversed() {
            for edge in nodes[position].edges {
                nodes[edge.source].derivative += edge.derivative * nodes[position].derivative
            }
        }
    }

    /// The node that is a tensor's, if it is part of the computation.
    public subscript(tensor: Tensor) -> Node? { places[tensor.node.id].map { nodes[$0] } }

    /// How many edges there are: what backpropagation visits for all derivatives together.
    public var edgeCount: Int { nodes.map(\.edges.count).reduce(0, +) }

    /// The naive method: the derivative of the result with respect to one node as the sum over all paths of the products
    /// along them, with the number of paths and of edges that were visited.
    ///
    /// - Throws: an `ApusError` for a tensor that is not part of the computation, and for more than a million paths
    public func derivativeByPaths(
        from tensor: Tensor
    ) throws(ApusError) -> (derivative: Double, paths: Int, visits: Int) {
        guard let start = places[tensor.node.id] else {
            throw ApusError(
                .index, in: "ComputationGraph", "the tensor is not part of the computation",
                remedy: "ask for what the result is computed from")
        }
        var (derivative, paths, visits) = (0.0, 0, 0)
        // The ends of paths that begin at the result, with the products along them.
        var open: [(node: Int, product: Double, length: Int)] = [(nodes.count - 1, 1, 0)]
        while let path = open.popLast() {
            if path.node == start {
                derivative += path.product
                paths += 1
                visits += path.length
                guard paths <= 1_000_000 else {
                    throw ApusError(
                        .resource, in: "ComputationGraph", "there are more than 1000000 paths",
                        remedy: "use backpropagation, which visits each edge once")
                }
                continue
            }
            for edge in nodes[path.node].edges where edge.source >= start {
                open.append((edge.source, path.product * edge.derivative, path.length + 1))
            }
        }
        return (derivative, paths, visits)
    }
}
