/// Applies a function of single samples to all samples at once: inputs `[count, ...]`, results `[count, ...]`.
///
/// The function is traced once, for one sample, and each of its operations is then applied to all of them by its own
/// rule (a matrix product becomes one larger product); an operation without such a rule runs sample by sample, as by
/// ``sequentialMap(over:_:)``. Random numbers drawn inside are the same for each sample.
///
///     // The distance of each pair of rows.
///     let d = vectorizedMap(over: [a, b]) { [($0[0] - $0[1]).square().sum()] }[0]
///
/// - Returns: the results of all samples. Mistakes are carried by each.
public func vectorizedMap<Failure: Error>(
    over inputs: [Tensor], _ function: ([Tensor]) throws(Failure) -> [Tensor]
) throws(Failure) -> [Tensor] {
    let place = "operation vectorizedMap"
    let count: Int
    do throws(ApusError) { count = try sampleCount(inputs, in: place) } catch {
        let failure = Tensor(error: error)
        // Called even so, as it says how many results there are.
        return try function(inputs.map { _ in failure }).map { _ in failure }
    }
    let samples = inputs.map { Tensor.placeholder(Shape(Array($0.shape.extents.dropFirst())), $0.dtype) }
    let results = try function(samples)
    do throws(ApusError) {
        return try batched(results, samples, inputs, count: count)
    } catch {
        return results.map { _ in Tensor(error: error) }
    }
}

/// Applies a function of single samples to all samples at once: see the variant for several inputs and results.
public func vectorizedMap<Failure: Error>(
    over input: Tensor, _ function: (Tensor) throws(Failure) -> Tensor
) throws(Failure) -> Tensor {
    try vectorizedMap(over: [input]) { samples throws(Failure) in [try function(samples[0])] }[0]
}

/// Applies a function to one sample after the other, in one operation: inputs `[count, ...]`, results `[count, ...]`.
///
/// It needs memory for the intermediate values of one sample; ``vectorizedMap(over:_:)-([Tensor],_)`` is faster.
public func sequentialMap<Failure: Error>(
    over inputs: [Tensor], _ function: ([Tensor]) throws(Failure) -> [Tensor]
) throws(Failure) -> [Tensor] {
    try scan(over: inputs, carry: []) { _, samples throws(Failure) in ([], try function(samples)) }.outputs
}

private func sampleCount(_ inputs: [Tensor], in place: String) throws(ApusError) -> Int {
    for input in inputs { if let error = input.error { throw error } }
    guard let first = inputs.first, first.rank > 0,
        inputs.allSatisfy({ $0.rank > 0 && $0.shape[0] == first.shape[0] })
    else {
        let shapes = inputs.map { "\($0.shape)" }.joined(separator: ", ")
        throw ApusError(
            .shape, in: place, inputs.isEmpty ? "there are no inputs" : "inputs of shapes \(shapes)",
            remedy: "give inputs [count, ...] with as many samples")
    }
    return first.shape[0]
}

private func batched(
    _ results: [Tensor], _ samples: [Tensor], _ inputs: [Tensor], count: Int
) throws(ApusError) -> [Tensor] {
    for result in results { if let error = result.error { throw error } }
    let given = zip(samples, inputs).map { ($0.node, $1, true) }
    return try batchedResults(results.map(\.node), given: given, count: count)
}

/// What nodes are for many samples at once, `[count, ...]`, given what the nodes behind them are: for each sample, or
/// for all the same.
package func batchedResults(
    _ roots: [Node], given: [(node: Node, tensor: Tensor, isBatched: Bool)], count: Int
) throws(ApusError) -> [Tensor] {
    var known: [ObjectIdentifier: (tensor: Tensor, isBatched: Bool)] = [:]
    for entry in given { known[ObjectIdentifier(entry.node)] = (entry.tensor, entry.isBatched) }
    let graph = Subgraph(roots, given: Set(known.keys), since: given.map(\.node.id).min() ?? .max)
    for node in graph.inside where graph.dependsOnGiven(node) {
        let inputs = node.inputs.map { known[ObjectIdentifier($0)] ?? (Tensor(node: $0), false) }
        let (tensors, isBatched) = (inputs.map(\.tensor), inputs.map(\.isBatched))
        let result: Tensor
        if isBatched.contains(true) {
            result = node.operation.batched(tensors, isBatched: isBatched) ?? oneByOne(node, tensors, isBatched)
        } else {
            result = OperationBox(node.operation).applied(to: tensors)
        }
        if let error = result.error { throw error }
        known[ObjectIdentifier(node)] = (result, isBatched.contains(true))
    }
    return roots.map { root in
        let (tensor, isBatched) = known[ObjectIdentifier(root)] ?? (Tensor(node: root), false)
        return isBatched ? tensor : tensor.broadcast(to: Shape([count] + tensor.shape.extents))
    }
}

/// An operation without a rule for many samples, sample by sample.
private func oneByOne(_ node: Node, _ arguments: [Tensor], _ isBatched: [Bool]) -> Tensor {
    let varying = arguments.indices.filter { isBatched[$0] }
    return scan(over: varying.map { arguments[$0] }, carry: []) { _, slices in
        var inputs = arguments
        for (slice, index) in zip(slices, varying) { inputs[index] = slice }
        return ([], [OperationBox(node.operation).applied(to: inputs)])
    }.outputs[0]
}
