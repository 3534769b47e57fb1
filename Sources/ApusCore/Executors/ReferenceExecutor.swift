/// Evaluates a graph by the operations' plain definitions: naive loops in float64, no simplification, no fusion.
package enum ReferenceExecutor {
    package static func evaluate(_ tensor: Tensor) throws(ApusError) -> ReferenceTensor {
        let trace = try Trace([tensor.node])
        var values: [ReferenceTensor] = []
        for step in trace.steps {
            let node = step.node
            if step.isLeaf {
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
        return values[trace.outputs[0]]
    }
}
