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
                let result = node.operation.reference(step.inputs.map { values[$0] }, shape: node.shape)
                // What follows from integers beyond 64 bits has no definition either.
                let isUndefined = step.inputs.contains {
                    trace.steps[$0].node.dtype.isInteger && values[$0].values.contains(where: \.isNaN)
                }
                // A bundle of several results is counted in bytes; its parts are held one by one.
                let isBundle = result.count != node.shape.count
                values.append(
                    ReferenceTensor(
                        shape: node.shape,
                        values: isBundle ? result : result.map { isUndefined && $0.isNaN ? .nan : held($0, node.dtype) }
                    ))
            }
        }
        return trace.outputs.map { values[$0] }
    }

    /// What the type of a node holds of a result: integers are truncated, wrap around and have 0 where there is no
    /// finite result; floating-point numbers overflow and underflow, but are not rounded. Integers of more than 64 bits are
    /// NaN: the definitions have no answer.
    private static func held(_ value: Double, _ dtype: DType) -> Double {
        switch dtype {
        case .float64, .bool: return value
        case .float32: return value == 0 || Float(value).isNormal ? value : Double(Float(value))
        case .bfloat16, .float16:
            let bits =
                dtype == .float16 ? HalfPrecision.float16(Float(value)) : HalfPrecision.bfloat16(Float(value))
            let rounded = dtype == .float16 ? HalfPrecision.float(float16: bits) : HalfPrecision.float(bfloat16: bits)
            return rounded.isNormal ? value : Double(rounded)
        case .int32, .int64, .uint8:
            guard value.isFinite else { return 0 }
            guard Swift.abs(value) <= 0x1p63 else { return .nan }
            let whole = Int64(saturating: value)
            if dtype == .int64 { return Double(whole) }
            return dtype == .int32
                ? Double(Int32(truncatingIfNeeded: whole)) : Double(UInt8(truncatingIfNeeded: whole))
        }
    }
}
