/// Runs a recurrence: `body` maps what is carried and the step's inputs to what is carried on and the step's outputs.
///
/// The body is traced once, whatever the number of steps; in a program it is one operation whose steps allocate
/// nothing. What it captures from outside are constants, and what follows from these alone is computed once. It is
/// differentiable to any order: the way back is a scan in the other direction over the values carried, and gradients
/// of constants are summed up in one product after it where that is possible.
///
/// Put products that need no carried value before the scan: one product for all steps is much faster than one a step.
///
///     // h[t] = tanh(x[t] W + h[t - 1] U)
///     let (end, all) = scan(over: [matmul(x, w)], carry: [h]) { carry, step in
///         let h = (step[0] + matmul(carry[0], u)).tanh()
///         return ([h], [h])
///     }
///
/// - Parameters:
///   - inputs: tensors `[steps, ...]`; each step gets its slices `[...]`
///   - carry: the values before the first step
///   - count: the number of steps, if there are no inputs
///   - reverse: from the last position to the first; outputs stand where their inputs do
///   - body: gets the carried values and the slices; returns as many carried values, of the same shapes and types, and
///     the outputs
/// - Returns: the values after the last step, and the outputs of all steps, `[steps, ...]`. Mistakes are carried by
///   each of them; if the body's results do not tell how many there are, by the carried ones.
public func scan<Failure: Error>(
    over inputs: [Tensor] = [], carry: [Tensor], count: Int? = nil, reverse: Bool = false,
    _ body: (_ carry: [Tensor], _ inputs: [Tensor]) throws(Failure) -> (carry: [Tensor], outputs: [Tensor])
) throws(Failure) -> (carry: [Tensor], outputs: [Tensor]) {
    if let problem = mistake(inputs, carry, count) {
        let error = Tensor(error: problem)
        // Called even so, as it says how many outputs there are.
        let results = try body(carry.map { _ in error }, inputs.map { _ in error })
        return (carry.map { _ in error }, results.outputs.map { _ in error })
    }
    let steps = inputs.first.map { $0.shape[0] } ?? count ?? 0
    let firsts = carry.map { Tensor.placeholder($0.shape, $0.dtype) }
    let slices = inputs.map { Tensor.placeholder(Shape(Array($0.shape.extents.dropFirst())), $0.dtype) }
    let results: (carry: [Tensor], outputs: [Tensor]) = try body(firsts, slices)
    do throws(ApusError) {
        let all = try scanned(
            inputs, carry, steps: steps, reverse: reverse, placeholders: (firsts, slices), results: results)
        return (Array(all[..<carry.count]), Array(all[carry.count...]))
    } catch {
        let failure = Tensor(error: error)
        return (carry.map { _ in failure }, results.outputs.map { _ in failure })
    }
}

private func mistake(_ inputs: [Tensor], _ carry: [Tensor], _ count: Int?) -> ApusError? {
    let place = "operation scan"
    for tensor in inputs + carry { if let error = tensor.error { return error } }
    let shapes = inputs.map { "\($0.shape)" }.joined(separator: ", ")
    for input in inputs where input.rank == 0 || input.shape[0] != inputs[0].shape[0] {
        return ApusError(
            .shape, in: place, "inputs of shapes \(shapes) differ in their first axis, the steps",
            remedy: "give inputs [steps, ...] with as many steps")
    }
    switch (inputs.first, count) {
    case (nil, let count?) where count >= 0: return nil
    case (let first?, let count) where count == nil || count == first.shape[0]: return nil
    default:
        return ApusError(
            .value, in: place,
            "a count of \(count.map(String.init) ?? "nil") for \(inputs.count) inputs"
                + (shapes.isEmpty ? "" : " of shapes \(shapes)"),
            remedy: "give inputs [steps, ...], or the number of steps")
    }
}

private func scanned(
    _ inputs: [Tensor], _ carry: [Tensor], steps: Int, reverse: Bool, placeholders: (carry: [Tensor], inputs: [Tensor]),
    results: (carry: [Tensor], outputs: [Tensor])
) throws(ApusError) -> [Tensor] {
    for tensor in results.carry + results.outputs { if let error = tensor.error { throw error } }
    let given = carry.map { "\($0.dtype) \($0.shape)" }.joined(separator: ", ")
    let carried = results.carry.map { "\($0.dtype) \($0.shape)" }.joined(separator: ", ")
    guard given == carried else {
        throw ApusError(
            .shape, in: "operation scan", "the body carries on \(carried), it was given \(given)",
            remedy: "carry on values of the same number, shapes and types")
    }
    if steps == 0 {
        return carry
            + results.outputs.map { Tensor(repeating: 0, shape: Shape([0] + $0.shape.extents), dtype: $0.dtype) }
    }
    let (firsts, slices) = (placeholders.carry.map { $0.node }, placeholders.inputs.map { $0.node })
    let closed = try ScanBody.close(
        carries: firsts, candidates: slices, newCarries: results.carry.map { $0.node },
        outputs: results.outputs.map { $0.node }, since: (firsts + slices).map { $0.id }.min() ?? .max)
    let operation = Scan(body: closed.body, steps: steps, isReversed: reverse)
    let constants = closed.constants.map { Tensor(node: $0) }
    return operation.results(of: Tensor(operation, carry + closed.inputs.map { inputs[$0] } + constants))
}
