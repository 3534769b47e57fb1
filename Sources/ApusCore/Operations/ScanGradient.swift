/// Builds the gradients of a scan: a scan that runs the other way.
///
/// What the way back needs of the way forward is kept: carried values, and results of kernels; what is cheap is
/// computed again. Sums over all steps (the gradients of weights) are taken after the loop, as one product over all
/// steps, where the body allows it; else they are carried along.
struct ScanGradient {
    private let scan: Scan
    private let body: ScanBody
    private let cotangents: [Int: Tensor]
    private let inputs: [Tensor]
    private let wanted: [Bool]

    /// Derivatives of the loss with respect to one step's new carried values and outputs, by result.
    private var incoming: [Int: Node] = [:]
    private var gradients: [Int: Node] = [:]
    /// Values of the way forward of all steps, in the order in which they were asked for.
    private var kept: [Node] = []
    private var isKept: Set<ObjectIdentifier> = []
    private var isForward: Set<ObjectIdentifier> = []
    /// Further outputs of the way back, for sums over all steps.
    private var asked: [Node] = []

    init(_ scan: Scan, cotangents: [Int: Tensor], inputs: [Tensor], wanted: [Bool]) throws(ApusError) {
        self.scan = scan
        self.cotangents = cotangents
        self.inputs = inputs
        self.wanted = wanted
        body = scan.body
        if let error = cotangents.values.compactMap(\.error).first { throw error }
    }

    private var since: UInt64 { body.givens.map(\.id).min() ?? 0 }

    private mutating func keep(_ node: Node) {
        if isKept.insert(ObjectIdentifier(node)).inserted { kept.append(node) }
    }

    mutating func build() throws(ApusError) -> [Tensor?] {
        differentiate()
        if let error = gradients.values.compactMap(\.error).first { throw error }
        chooseKept()

        // What varies from step to step on the way back.
        let forwardGivens = body.carries + body.inputs
        let candidates =
            forwardGivens + incoming.filter { $0.key >= carryCount }.sorted { $0.key < $1.key }.map(\.value)
        let carried = (0..<carryCount).filter { incoming[$0] != nil }
        let varying = Set((candidates + kept + carried.compactMap { incoming[$0] }).map { ObjectIdentifier($0) })
        let newCarried = carried.compactMap { gradients[$0] }
        let inputIndices = (carryCount..<carryCount + body.inputs.count).filter { isUseful(gradients[$0]) }
        let inputGradients = inputIndices.compactMap { gradients[$0] }
        let core = Subgraph(newCarried + inputGradients, given: varying, since: since)

        // Sums over the steps: after the loop if there is a way, else carried.
        var sums = ScanSums(given: varying, core: Set(core.inside.map { ObjectIdentifier($0) }), since: since)
        var plans: [Int: ScanSums.Plan] = [:]
        var accumulated: [(index: Int, sum: Node, new: Node)] = []
        for index in constantRange where isUseful(gradients[index]) {
            guard let node = gradients[index] else { continue }
            if let plan = sums.plan(node) {
                plans[index] = plan
            } else {
                let sum = Tensor.placeholder(node.shape, node.dtype)
                accumulated.append((index, sum.node, (sum + Tensor(node: node)).node))
            }
        }
        // What is carried back is known of all steps only if the loop gives it.
        let known = Set((candidates + kept + inputGradients).map { ObjectIdentifier($0) })
        let asked = sums.asked.filter { !known.contains(ObjectIdentifier($0)) }

        let all = candidates + kept
        let closed = try ScanBody.close(
            carries: carried.compactMap { incoming[$0] } + accumulated.map(\.sum), candidates: all,
            newCarries: newCarried + accumulated.map(\.new), outputs: inputGradients + asked, since: since)

        // The way forward once more, with what has to be kept; the compiler makes one of both.
        var needed = Set(closed.inputs.map { ObjectIdentifier(all[$0]) })
        needed.formUnion(sums.asked.map { ObjectIdentifier($0) })
        var more: [Node] = []
        func give(_ node: Node) {
            if !(body.outputs + more).contains(where: { $0 === node }) { more.append(node) }
        }
        for (index, carry) in body.carries.enumerated() where needed.contains(ObjectIdentifier(carry)) {
            give(body.newCarries[index])
        }
        for node in kept where needed.contains(ObjectIdentifier(node)) { give(node) }
        let forward = Scan(body: try body.giving(more), steps: scan.steps, isReversed: scan.isReversed)
        let results = forward.results(of: Tensor(forward, inputs))
        func sequence(of node: Node) -> Tensor? {
            forward.body.outputs.firstIndex { $0 === node }.map { results[carryCount + $0] }
        }
        var pairs: [(node: Node, tensor: Tensor)] = []
        for (index, carry) in body.carries.enumerated() where needed.contains(ObjectIdentifier(carry)) {
            if let after = sequence(of: body.newCarries[index]) {
                pairs.append((carry, earlier(after, beginning: inputs[index])))
            }
        }
        for (index, input) in body.inputs.enumerated() { pairs.append((input, inputs[carryCount + index])) }
        for node in kept { if let tensor = sequence(of: node) { pairs.append((node, tensor)) } }
        for (index, node) in incoming where index >= carryCount {
            if let tensor = cotangents[index] { pairs.append((node, tensor)) }
        }
        var sequences: [ObjectIdentifier: Tensor] = [:]
        for (node, tensor) in pairs { sequences[ObjectIdentifier(node)] = tensor }
        var constants = Replay(zip(body.constants, inputs[constantRange]).map { ($0, $1) })

        // The way back.
        let beginnings = carried.map { index -> Tensor in
            let node = body.newCarries[index]
            return cotangents[index] ?? Tensor(repeating: 0, shape: node.shape, dtype: node.dtype)
        }
        let sumBeginnings = accumulated.map { Tensor(repeating: 0, shape: $0.sum.shape, dtype: $0.sum.dtype) }
        let backInputs = closed.inputs.map { sequences[ObjectIdentifier(all[$0])] ?? Tensor(error: Self.defect) }
        let back = Scan(body: closed.body, steps: scan.steps, isReversed: !scan.isReversed)
        let backConstants = closed.constants.map { constants($0) }
        let block = Tensor(back, beginnings + sumBeginnings + backInputs + backConstants)
        let given = back.results(of: block)

        var answers = [Tensor?](repeating: nil, count: inputs.count)
        for (position, index) in carried.enumerated() { answers[index] = given[position] }
        for (position, entry) in accumulated.enumerated() { answers[entry.index] = given[carried.count + position] }
        let outputs = given[(carried.count + accumulated.count)...]
        for (index, tensor) in zip(inputIndices, outputs) { answers[index] = tensor }
        for (node, tensor) in zip(inputGradients + asked, outputs) {
            sequences[ObjectIdentifier(node)] = tensor
        }
        var values = ScanSums.Values(sequences: sequences, constants: constants, steps: scan.steps)
        for index in constantRange { if let plan = plans[index] { answers[index] = plan(&values) } }
        return answers
    }

    private var carryCount: Int { body.carries.count }
    private var constantRange: Range<Int> { carryCount + body.inputs.count..<inputs.count }
    private static let defect = ApusError(
        .unsupported, in: "operation scan", "a value of the way forward is missing", remedy: "report this as a defect")

    /// One step of the way back, as a graph over the body's own nodes.
    private mutating func differentiate() {
        var roots: [Tensor] = []
        var seeds: [Tensor] = []
        for (index, node) in (body.newCarries + body.outputs).enumerated() where node.dtype.isFloatingPoint {
            guard index < carryCount || cotangents[index] != nil else { continue }
            let seed = Tensor.placeholder(node.shape, node.dtype)
            incoming[index] = seed.node
            roots.append(Tensor(node: node))
            seeds.append(seed)
        }
        let targets = body.givens.indices.filter {
            body.givens[$0].dtype.isFloatingPoint && ($0 < carryCount || wanted[$0])
        }
        let results = Reverse.gradients(
            of: roots, cotangents: seeds, withRespectTo: targets.map { Tensor(node: body.givens[$0]) })
        for (index, result) in zip(targets, results) { gradients[index] = result.node }
    }

    private func isUseful(_ gradient: Node?) -> Bool {
        guard let gradient else { return false }
        if case .fill(0) = gradient.operation.role { return false }
        return true
    }

    /// Walks from the gradients to what they use of the way forward.
    private mutating func chooseKept() {
        isForward = Set(body.trace.steps.filter { !$0.isLeaf }.map { ObjectIdentifier($0.node) })
        var visited = Set<ObjectIdentifier>()
        var pending = gradients.values.sorted { $0.id < $1.id }
        var frontier: [Node] = []
        while let node = pending.popLast() {
            guard visited.insert(ObjectIdentifier(node)).inserted else { continue }
            if isForward.contains(ObjectIdentifier(node)) { frontier.append(node) } else { pending += node.inputs }
        }
        var resolved = Set<ObjectIdentifier>()
        pending = frontier.sorted { $0.id > $1.id }
        while let node = pending.popLast() {
            guard resolved.insert(ObjectIdentifier(node)).inserted, isForward.contains(ObjectIdentifier(node)) else {
                continue
            }
            if mustBeKept(node) { keep(node) } else { pending += node.inputs }
        }
    }

    /// Results of kernels are kept, as what an elementwise step makes of them at once; so is what is kept anyway.
    private func mustBeKept(_ node: Node) -> Bool {
        if node.operation.part != nil || (body.newCarries + body.outputs).contains(where: { $0 === node }) {
            return true
        }
        switch node.operation.role {
        case .kernel, .assemble: return true
        case .elementwise:
            return node.inputs.contains { input in
                guard isForward.contains(ObjectIdentifier(input)) else { return false }
                switch input.operation.role {
                case .kernel, .assemble: return true
                default: return false
                }
            }
        default: return false
        }
    }

    /// What was carried into each step, given what came out of each.
    private func earlier(_ after: Tensor, beginning: Tensor) -> Tensor {
        let first = beginning.expanded(at: 0)
        return scan.isReversed
            ? Tensor.concatenate([after.slice(axis: 0, 1..<scan.steps), first])
            : Tensor.concatenate([first, after.slice(axis: 0, 0..<scan.steps - 1)])
    }
}

/// Plans sums of a body's values over all steps as computations after the loop.
struct ScanSums {
    typealias Plan = (inout Values) -> Tensor

    /// What the plans are computed from.
    struct Values {
        let sequences: [ObjectIdentifier: Tensor]
        var constants: Replay
        let steps: Int

        fileprivate func sequence(_ node: Node) -> Tensor {
            sequences[ObjectIdentifier(node)]
                ?? Tensor(
                    error: ApusError(
                        .unsupported, in: "operation scan", "the values of a step are missing",
                        remedy: "report this as a defect"))
        }
    }

    /// Values that the plans need of all steps.
    private(set) var asked: [Node] = []
    private let given: Set<ObjectIdentifier>
    private let core: Set<ObjectIdentifier>
    private let since: UInt64

    /// - Parameters:
    ///   - given: nodes whose values of all steps are known
    ///   - core: nodes that the loop computes anyway
    init(given: Set<ObjectIdentifier>, core: Set<ObjectIdentifier>, since: UInt64) {
        self.given = given
        self.core = core
        self.since = since
    }

    private func varies(_ node: Node) -> Bool {
        let graph = Subgraph([node], given: given, since: since)
        return graph.dependsOnGiven(node)
    }

    /// The sum of a node's values over all steps; `nil` if the loop has to add it up.
    mutating func plan(_ node: Node) -> Plan? {
        let before = asked
        let result = sum(node)
        if result == nil { asked = before }
        return result
    }

    private mutating func sum(_ node: Node) -> Plan? {
        guard varies(node) else { return { $0.constants(node) * Double($0.steps) } }
        if given.contains(ObjectIdentifier(node)) || core.contains(ObjectIdentifier(node)) { return total(node) }
        switch node.operation.additivity {
        case .linear:
            var parts: [Plan] = []
            for input in node.inputs {
                guard let part = sum(input) else { return nil }
                parts.append(part)
            }
            let operation = OperationBox(node.operation)
            return { values in
                let tensors = parts.map { $0(&values) }
                return operation.applied(to: tensors)
            }
        case .multilinear(let contract):
            let varying = node.inputs.indices.filter { varies(node.inputs[$0]) }
            if varying.count == node.inputs.count {
                var parts: [Plan] = []
                for input in node.inputs {
                    guard let part = sequence(input) else { return nil }
                    parts.append(part)
                }
                return { values in
                    let tensors = parts.map { $0(&values) }
                    return contract(tensors)
                }
            }
            guard varying.count == 1, let part = sum(node.inputs[varying[0]]) else { return nil }
            let operation = OperationBox(node.operation)
            return { values in
                var tensors: [Tensor] = []
                for (index, input) in node.inputs.enumerated() {
                    tensors.append(index == varying[0] ? part(&values) : values.constants(input))
                }
                return operation.applied(to: tensors)
            }
        case .none: return nil
        }
    }

    private mutating func total(_ node: Node) -> Plan? {
        guard let all = sequence(node) else { return nil }
        return { values in
            let tensor = all(&values)
            return tensor.sum(axes: [0])
        }
    }

    /// A node's values of all steps: known, given by the loop, or computed afterwards from such.
    private mutating func sequence(_ node: Node) -> Plan? {
        let identifier = ObjectIdentifier(node)
        if given.contains(identifier) {
            ask(node)
            return { $0.sequence(node) }
        }
        var isView = false
        switch node.operation.role {
        case .view, .broadcast, .identity: isView = node.operation.part == nil
        default: break
        }
        if core.contains(identifier), !isView {
            ask(node)
            return { $0.sequence(node) }
        }
        let isCheap: Bool
        switch node.operation.role {
        case .view, .broadcast, .identity: isCheap = isView
        case .elementwise, .cast: isCheap = true
        default: isCheap = false
        }
        guard isCheap else {
            // Something that only the sum needs: cheaper in the loop than to keep all that it is made from.
            ask(node)
            return { $0.sequence(node) }
        }
        let varying = node.inputs.map { varies($0) }
        var parts: [Plan] = []
        for (index, input) in node.inputs.enumerated() {
            if varying[index] {
                guard let part = sequence(input) else { return nil }
                parts.append(part)
            } else {
                parts.append { $0.constants(input) }
            }
        }
        return { values in
            let tensors = parts.map { $0(&values) }
            return node.operation.batched(tensors, isBatched: varying)
                ?? Tensor(
                    error: ApusError(
                        .unsupported, in: node.operation.place, "it has no rule for many values at once",
                        remedy: "report this as a defect"))
        }
    }

    private mutating func ask(_ node: Node) {
        if !asked.contains(where: { $0 === node }) { asked.append(node) }
    }
}

extension OperationBox {
    /// The operation on tensors.
    package func applied(to inputs: [Tensor]) -> Tensor {
        func make(_ operation: some Operation) -> Tensor { Tensor(operation, inputs) }
        return make(operation)
    }
}
