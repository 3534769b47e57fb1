/// One step of a scan as a graph of its own: from carried values, the step's inputs and constants to the new carried
/// values and the step's outputs.
package struct ScanBody: Sendable, Hashable {
    /// Leaves without data that stand for what a step is given.
    package let carries: [Node]
    package let inputs: [Node]
    package let constants: [Node]
    package let newCarries: [Node]
    package private(set) var outputs: [Node]
    /// Everything behind the new carried values and the outputs, in this order.
    package private(set) var trace: Trace

    /// What bodies with the same steps share, whatever they give as outputs.
    private let structure: Structure

    private struct Structure: Hashable {
        let steps: [TraceKey.Step]
        /// Which given each leaf is.
        let leaves: [Int]
        let counts: [Int]
    }

    package var givens: [Node] { carries + inputs + constants }

    package static func == (a: ScanBody, b: ScanBody) -> Bool {
        a.trace.outputs == b.trace.outputs && a.structure == b.structure
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(structure)
        hasher.combine(trace.outputs)
    }

    package var family: AnyHashable { structure }

    /// Whether this body gives everything that the other one of its family gives, at the same places.
    package func covers(_ other: ScanBody) -> Bool { trace.outputs.starts(with: other.trace.outputs) }

    private init(
        carries: [Node], inputs: [Node], constants: [Node], newCarries: [Node], outputs: [Node]
    ) throws(ApusError) {
        self.carries = carries
        self.inputs = inputs
        self.constants = constants
        self.newCarries = newCarries
        self.outputs = outputs
        trace = try Trace(newCarries + outputs)
        var positions: [ObjectIdentifier: Int] = [:]
        for (position, given) in (carries + inputs + constants).enumerated() {
            positions[ObjectIdentifier(given)] = position
        }
        structure = Structure(
            steps: trace.key.steps, leaves: trace.leaves.map { positions[ObjectIdentifier($0)] ?? -1 },
            counts: [carries.count, inputs.count, constants.count])
    }

    /// The same body with some of its values as further outputs.
    package func giving(_ more: [Node]) throws(ApusError) -> ScanBody {
        var result = self
        result.outputs += more
        result.trace = try Trace(newCarries + result.outputs)
        return result
    }

    /// Copies what leads from the given nodes to the results into a body. Whatever does not depend on them becomes a
    /// constant: it is computed once, outside. Of `candidates` only those that are needed become inputs.
    ///
    /// - Parameter since: nodes made before were made outside
    package static func close(
        carries: [Node], candidates: [Node], newCarries: [Node], outputs: [Node], since: UInt64
    ) throws(ApusError) -> (body: ScanBody, inputs: [Int], constants: [Node]) {
        let given = Set((carries + candidates).map { ObjectIdentifier($0) })
        let graph = Subgraph(newCarries + outputs, given: given, since: since)
        if let error = graph.error { throw error }
        var copies: [ObjectIdentifier: Node] = [:]
        func placeholder(_ node: Node) -> Node {
            let copy = Node(Leaf(), [], shape: node.shape, dtype: node.dtype)
            copies[ObjectIdentifier(node)] = copy
            return copy
        }
        let newCarried = carries.map(placeholder)
        let needed = graph.needed
        let used = candidates.indices.filter { needed.contains(ObjectIdentifier(candidates[$0])) }
        let newInputs = used.map { placeholder(candidates[$0]) }
        let constants = graph.constants
        let newConstants = constants.map(placeholder)
        for node in graph.inside {
            copies[ObjectIdentifier(node)] = Node(
                node.operation, node.inputs.compactMap { copies[ObjectIdentifier($0)] }, shape: node.shape,
                dtype: node.dtype)
        }
        let body = try ScanBody(
            carries: newCarried, inputs: newInputs, constants: newConstants,
            newCarries: newCarries.compactMap { copies[ObjectIdentifier($0)] },
            outputs: outputs.compactMap { copies[ObjectIdentifier($0)] })
        return (body, used, constants)
    }
}

/// What lies between given nodes and some results.
package struct Subgraph {
    /// Nodes to be computed inside, inputs first.
    package private(set) var inside: [Node] = []
    /// Nodes from outside that those inside read, and results that depend on nothing given.
    package private(set) var constants: [Node] = []
    /// The given nodes and constants that are read.
    package private(set) var needed: Set<ObjectIdentifier> = []
    package private(set) var error: ApusError?
    private var dependent: Set<ObjectIdentifier>

    package init(_ roots: [Node], given: Set<ObjectIdentifier>, since: UInt64) {
        dependent = given
        var found: [ObjectIdentifier: Node] = [:]
        var pending = roots
        while let node = pending.popLast() {
            guard found.updateValue(node, forKey: ObjectIdentifier(node)) == nil else { continue }
            if let failed = node.error { error = error ?? failed }
            if Self.isOpen(node, given, since) { pending += node.inputs }
        }
        let ordered = found.values.sorted { $0.id < $1.id }
        for node in ordered where Self.isOpen(node, given, since) {
            if node.inputs.contains(where: { dependent.contains(ObjectIdentifier($0)) }) {
                dependent.insert(ObjectIdentifier(node))
            }
        }
        needed = Set(roots.map { ObjectIdentifier($0) })
        for node in ordered.reversed() where needed.contains(ObjectIdentifier(node)) {
            let identifier = ObjectIdentifier(node)
            if given.contains(identifier) { continue }
            if staysInside(node, since) {
                inside.append(node)
                needed.formUnion(node.inputs.map { ObjectIdentifier($0) })
            } else {
                constants.append(node)
            }
        }
        inside.reverse()
        constants.reverse()
    }

    /// Whether a node was computed within, from something.
    private static func isOpen(_ node: Node, _ given: Set<ObjectIdentifier>, _ since: UInt64) -> Bool {
        if given.contains(ObjectIdentifier(node)) || node.id < since { return false }
        if case .leaf = node.operation.role { return false }
        return true
    }

    package func dependsOnGiven(_ node: Node) -> Bool { dependent.contains(ObjectIdentifier(node)) }

    /// Numbers, and other views of what comes from outside, cost nothing inside. Axes in another order do: a product
    /// would bring them in order again in each step.
    private func staysInside(_ node: Node, _ since: UInt64) -> Bool {
        if dependsOnGiven(node) { return true }
        if node.operation is Permute { return false }
        switch node.operation.role {
        case .fill: return true
        case .view, .broadcast, .identity: return node.id >= since
        default: return false
        }
    }
}

/// Computes nodes of a body again from other inputs.
package struct Replay {
    private var known: [ObjectIdentifier: Tensor] = [:]

    package init(_ pairs: [(node: Node, tensor: Tensor)]) {
        for (node, tensor) in pairs { known[ObjectIdentifier(node)] = tensor }
    }

    package mutating func callAsFunction(_ root: Node) -> Tensor {
        var pending = [root]
        while let node = pending.last {
            let identifier = ObjectIdentifier(node)
            if known[identifier] != nil {
                pending.removeLast()
                continue
            }
            let open = node.inputs.filter { known[ObjectIdentifier($0)] == nil }
            if open.isEmpty {
                known[identifier] =
                    node.inputs.isEmpty
                    ? Tensor(node: node)
                    : Tensor(node: remade(node))
                pending.removeLast()
            } else {
                pending += open
            }
        }
        return known[ObjectIdentifier(root)] ?? Tensor(node: root)
    }

    private func remade(_ node: Node) -> Node {
        func make(_ operation: some Operation) -> Node {
            Node.make(operation, node.inputs.map { known[ObjectIdentifier($0)]?.node ?? $0 })
        }
        return make(node.operation)
    }
}
