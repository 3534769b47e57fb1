/// Evaluates a graph by the operations' plain definitions: naive loops in float64, no simplification, no fusion.
package enum ReferenceExecutor {
    package static func evaluate(_ tensor: Tensor) throws(ApusError) -> ReferenceTensor {
        try evaluate(Trace([tensor.node]))[0]
    }

    /// The outputs of a trace; `given` holds the values of leaves without data, by their position among the leaves.
    package static func evaluate(
        _ trace: Trace, given: [Int: ReferenceTensor] = [:]
    ) throws(ApusError) -> [ReferenceTensor] {
        var leafCount = 0
        var values: [ReferenceTensor] = []
        for step in trace.steps {
            let node = step.node
            if step.isLeaf {
                leafCount += 1
                if let value = given[leafCount - 1] {
                    values.append(value)
                    continue
                }
                guard let storage = node.value.withLock({ $0 }) else {
                    throw ApusError(.value, in: "reference", "an input has no value", remedy: "give it one")
                }
                values.append(
                    ReferenceTensor(
                        shape: node.shape, values: (0..<node.shape.count).map { storage.value(at: $0, node.dtype) }))
            } else {
                values.append(
                    ReferenceTensor(
                        shape: node.shape,
                        values: node.operation.reference(step.inputs.map { values[$0] }, shape: node.shape)))
            }
        }
        return trace.outputs.map { values[$0] }
    }
}
