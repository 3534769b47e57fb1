/// Reverse-mode differentiation: one walk back over the graph, each edge once, summing over all paths.
package enum Reverse {
    /// The derivatives of `sum(outputs * cotangents)` with respect to `inputs`; zeros where there is no path.
    package static func gradients(
        of outputs: [Tensor], cotangents: [Tensor], withRespectTo inputs: [Tensor]
    ) -> [Tensor] {
        if let failed = (outputs + cotangents + inputs).first(where: { $0.error != nil }) {
            return inputs.map { _ in failed }
        }
        let wanted = Set(inputs.map { ObjectIdentifier($0.node) })
        let order = sorted(outputs.map(\.node))
        // Only nodes that lead from an input to an output are visited.
        var active = wanted
        for node in order where !active.contains(ObjectIdentifier(node)) {
            if node.inputs.contains(where: { active.contains(ObjectIdentifier($0)) }) {
                active.insert(ObjectIdentifier(node))
            }
        }
        var accumulated: [ObjectIdentifier: Tensor] = [:]
        // Of operations with several results: by result.
        var parts: [ObjectIdentifier: [Int: Tensor]] = [:]
        func accumulate(_ gradient: Tensor, _ node: Node) {
            let key = ObjectIdentifier(node)
            accumulated[key] = accumulated[key].map { $0 + gradient } ?? gradient
        }
        for (output, cotangent) in zip(outputs, cotangents) {
            guard output.dtype.isFloatingPoint else {
                let error = ApusError(
                    .type, in: "gradient", "the function's result has type \(output.dtype)",
                    remedy: "differentiate a floating-point result")
                return inputs.map { _ in Tensor(error: error) }
            }
            accumulate(cotangent, output.node)
        }
        for node in order.reversed() {
            let key = ObjectIdentifier(node)
            guard active.contains(key), !wanted.contains(key) || hasActiveInput(node, active, wanted) else { continue }
            let gradients: [Tensor?]
            if let cotangents = parts[key] {
                gradients = node.operation.gradients(
                    cotangents, inputs: node.inputs.map(Tensor.init(node:)), output: Tensor(node: node),
                    wanted: node.inputs.map { active.contains(ObjectIdentifier($0)) })
            } else if let dy = accumulated[key] {
                if let error = dy.error { return inputs.map { _ in Tensor(error: error) } }
                if let part = node.operation.part {
                    let source = ObjectIdentifier(node.inputs[0])
                    let known = parts[source]?[part]
                    parts[source, default: [:]][part] = known.map { $0 + dy } ?? dy
                    continue
                }
                gradients = node.operation.gradient(
                    dy, inputs: node.inputs.map(Tensor.init(node:)), output: Tensor(node: node))
            } else {
                continue
            }
            for (input, gradient) in zip(node.inputs, gradients) where active.contains(ObjectIdentifier(input)) {
                if let gradient { accumulate(gradient, input) }
            }
        }
        return inputs.map { input in
            accumulated[ObjectIdentifier(input.node)]
                ?? Tensor(repeating: 0, shape: input.shape, dtype: input.dtype)
        }
    }

    /// An input may itself be computed from another input.
    private static func hasActiveInput(
        _ node: Node, _ active: Set<ObjectIdentifier>, _ wanted: Set<ObjectIdentifier>
    ) -> Bool {
        wanted.count > 1 && node.inputs.contains { active.contains(ObjectIdentifier($0)) }
    }

    /// All nodes behind the roots, inputs first.
    private static func sorted(_ roots: [Node]) -> [Node] {
        var found: [ObjectIdentifier: Node] = [:]
        var pending = roots
        while let node = pending.popLast() {
            if found.updateValue(node, forKey: ObjectIdentifier(node)) == nil {
                pending.append(contentsOf: node.inputs)
            }
        }
        return found.values.sorted { $0.id < $1.id }
    }
}
