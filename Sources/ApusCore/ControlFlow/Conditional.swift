/// One of two computations, as a truth value says: `[Tensor]` of the same number, shapes and types from both.
///
/// Both are computed and one is chosen, so that the choice can be part of a compiled program; only the chosen one
/// influences the results and has gradients. Where the value is at hand, a plain `if` computes one alone.
///
///     let y = conditional(x.sum() .> 0, then: { [x.squareRoot()] }, else: { [-x] })[0]
///
/// - Parameter condition: one element of type `bool`
public func conditional<Failure: Error>(
    _ condition: Tensor, then first: () throws(Failure) -> [Tensor], else second: () throws(Failure) -> [Tensor]
) throws(Failure) -> [Tensor] {
    let place = "operation conditional"
    let (a, b) = (try first(), try second())
    do throws(ApusError) {
        let flag = try truthValue(condition, in: place)
        try requireSame([a, b], in: place)
        return zip(a, b).map { Tensor.select(flag, $0, $1) }
    } catch {
        return (a.isEmpty ? b : a).map { _ in Tensor(error: error) }
    }
}

/// One of two computations of one tensor: see the variant for several.
public func conditional<Failure: Error>(
    _ condition: Tensor, then first: () throws(Failure) -> Tensor, else second: () throws(Failure) -> Tensor
) throws(Failure) -> Tensor {
    let results = try conditional(condition) { () throws(Failure) in
        [try first()]
    } else: { () throws(Failure) in
        [try second()]
    }
    return results[0]
}

/// One of several computations, as an index says. An index below 0 chooses the first, one past the end the last.
///
/// All are computed and one is chosen, as by ``conditional(_:then:else:)-(Tensor,_,_)``.
///
/// - Parameter index: one integer
public func conditional<Failure: Error>(
    at index: Tensor, _ branches: [() throws(Failure) -> [Tensor]]
) throws(Failure) -> [Tensor] {
    let place = "operation conditional"
    var results: [[Tensor]] = []
    for branch in branches { results.append(try branch()) }
    guard let last = results.last else { return [] }
    do throws(ApusError) {
        if let error = index.error { throw error }
        guard index.dtype.isInteger, index.shape.count == 1 else {
            throw ApusError(
                .shape, in: place, "an index of type \(index.dtype) and shape \(index.shape)",
                remedy: "give one integer")
        }
        try requireSame(results, in: place)
        var chosen = last
        let scalar = index.reshaped(to: [])
        for (position, result) in results.enumerated().dropLast().reversed() {
            chosen = zip(result, chosen).map { Tensor.select(scalar .<= Double(position), $0, $1) }
        }
        return chosen
    } catch {
        return last.map { _ in Tensor(error: error) }
    }
}

/// A condition as a scalar.
func truthValue(_ condition: Tensor, in place: String) throws(ApusError) -> Tensor {
    if let error = condition.error { throw error }
    guard condition.dtype == .bool, condition.shape.count == 1 else {
        throw ApusError(
            .type, in: place, "a condition of type \(condition.dtype) and shape \(condition.shape)",
            remedy: "give one element of type bool, for example by any() or all()")
    }
    return condition.reshaped(to: [])
}

/// Refuses alternatives that differ in number, shapes or types.
func requireSame(_ alternatives: [[Tensor]], in place: String) throws(ApusError) {
    for tensor in alternatives.joined() { if let error = tensor.error { throw error } }
    func text(_ tensors: [Tensor]) -> String {
        "(" + tensors.map { "\($0.dtype) \($0.shape)" }.joined(separator: ", ") + ")"
    }
    let texts = alternatives.map(text)
    guard let other = texts.first(where: { $0 != texts[0] }) else { return }
    throw ApusError(
        .shape, in: place, "alternatives of \(texts[0]) and \(other)",
        remedy: "give tensors of the same number, shapes and types")
}
