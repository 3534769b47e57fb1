/// Everything that some nodes are computed from, in the order of its creation, so inputs come first.
package struct Trace: Sendable {
    package struct Step: Sendable {
        package let node: Node
        package let inputs: [Int]
        /// Given from outside: data, a placeholder, or a value computed earlier.
        package let isLeaf: Bool
    }

    package private(set) var steps: [Step] = []
    package private(set) var outputs: [Int] = []

    /// The leaves, in the order of a program's inputs.
    package var leaves: [Node] { steps.filter(\.isLeaf).map(\.node) }

    /// Throws the first error that a node carries. Nodes in `leaves` are treated as given even if they are computed.
    package init(_ roots: [Node], treatingAsLeaves leaves: Set<ObjectIdentifier> = []) throws(ApusError) {
        var found: [ObjectIdentifier: (node: Node, isLeaf: Bool)] = [:]
        var pending = roots
        while let node = pending.popLast() {
            let identifier = ObjectIdentifier(node)
            if found[identifier] != nil { continue }
            if let error = node.error { throw error }
            let isLeaf: Bool
            if case .leaf = node.operation.role {
                isLeaf = true
            } else {
                isLeaf = leaves.contains(identifier) || node.value.withLock { $0 != nil }
            }
            found[identifier] = (node, isLeaf)
            if !isLeaf { pending.append(contentsOf: node.inputs) }
        }
        var index: [ObjectIdentifier: Int] = [:]
        for (node, isLeaf) in found.values.sorted(by: { $0.node.id < $1.node.id }) {
            index[ObjectIdentifier(node)] = steps.count
            let inputs = isLeaf ? [] : node.inputs.compactMap { index[ObjectIdentifier($0)] }
            steps.append(Step(node: node, inputs: inputs, isLeaf: isLeaf))
        }
        outputs = roots.map { index[ObjectIdentifier($0)] ?? 0 }
    }

    /// What two traces must share to run the same program.
    package var key: TraceKey {
        TraceKey(
            steps: steps.map {
                TraceKey.Step(
                    operation: $0.isLeaf ? nil : OperationBox($0.node.operation), inputs: $0.inputs,
                    shape: $0.node.shape, dtype: $0.node.dtype)
            }, outputs: outputs)
    }
}

/// The structure of a computation, without its data.
package struct TraceKey: Hashable {
    struct Step: Hashable {
        let operation: OperationBox?
        let inputs: [Int]
        let shape: Shape
        let dtype: DType
    }
    let steps: [Step]
    let outputs: [Int]
    /// The positions of updates among outputs and leaves, and whatever else the program depends on.
    var options: [Int] = []

    init(steps: [Step], outputs: [Int]) {
        self.steps = steps
        self.outputs = outputs
    }
}
