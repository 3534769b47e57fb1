/// Runs a body for each index of a range over values that it carries, as one operation.
///
///     let factorial = forLoop(1..<6, carry: [Tensor(1)]) { index, carry in [carry[0] * index.cast(to: .float32)] }
///
/// - Parameters:
///   - body: gets the index, a scalar of type `int32`, and the carried values; returns as many, of the same shapes and
///     types
/// - Returns: the values after the last index. Mistakes are carried by each.
public func forLoop<Failure: Error>(
    _ range: Range<Int>, carry: [Tensor],
    _ body: (_ index: Tensor, _ carry: [Tensor]) throws(Failure) -> [Tensor]
) throws(Failure) -> [Tensor] {
    guard Int32(exactly: range.lowerBound) != nil, Int32(exactly: range.upperBound) != nil else {
        let error = ApusError(
            .value, in: "operation forLoop", "the range \(range)", remedy: "use indices of 32 bits")
        return carry.map { _ in Tensor(error: error) }
    }
    let indices = Tensor.range(count: range.count, dtype: .int32) + Double(range.lowerBound)
    return try scan(over: [indices], carry: carry) { values, slices throws(Failure) in
        (try body(slices[0], values), [])
    }.carry
}

/// Runs a body over values that it carries as long as a condition holds.
///
///     // Halved until it is below 1.
///     let y = whileLoop([x], maximumIterations: 100) { ($0[0] .>= 1) } body: { [$0[0] / 2] }[0]
///
/// With `maximumIterations` the loop is one operation that can be part of compiled programs: it always makes so many
/// steps, of which those after the end change nothing. Without it, the condition's value is read after each step, so
/// that the values have to be at hand; the graph of the results then holds all steps. Both are differentiable, to any
/// order.
///
/// - Parameters:
///   - initial: the values before the first step
///   - maximumIterations: the most steps that are made, whatever the condition
///   - condition: gives one element of type `bool`
///   - body: gives as many values as it gets, of the same shapes and types
/// - Returns: the values for which the condition no longer holds, or those after the last step. Mistakes are carried by
///   each.
public func whileLoop<Failure: Error>(
    _ initial: [Tensor], maximumIterations: Int? = nil, condition: ([Tensor]) throws(Failure) -> Tensor,
    body: ([Tensor]) throws(Failure) -> [Tensor]
) throws(Failure) -> [Tensor] {
    let place = "operation whileLoop"
    func failed(_ error: ApusError) -> [Tensor] { initial.map { _ in Tensor(error: error) } }
    guard let maximumIterations else {
        var values = initial
        while true {
            let holds = try condition(values)
            do throws(ApusError) {
                guard try truthValue(holds, in: place).array(of: Bool.self) == [true] else { return values }
            } catch {
                return failed(error)
            }
            let next = try body(values)
            do throws(ApusError) { try requireSame([values, next], in: place) } catch { return failed(error) }
            values = next
        }
    }
    guard maximumIterations >= 0 else {
        return failed(
            ApusError(.value, in: place, "at most \(maximumIterations) iterations", remedy: "use 0 or more"))
    }
    let active = Tensor.ones([], dtype: .bool)
    let ends = try scan(carry: [active] + initial, count: maximumIterations) { carry, _ throws(Failure) in
        let values = Array(carry[1...])
        let holds = try condition(values)
        let active: Tensor
        do throws(ApusError) { active = try carry[0] & truthValue(holds, in: place) } catch {
            return (carry.map { _ in Tensor(error: error) }, [])
        }
        // After the end the body sees the beginning, where it is defined: its gradients there are 0, not 0 x infinity.
        let seen = zip(values, initial).map { Tensor.select(active, $0, $1) }
        let next = try body(seen)
        do throws(ApusError) { try requireSame([values, next], in: place) } catch {
            return (carry.map { _ in Tensor(error: error) }, [])
        }
        return ([active] + zip(next, values).map { Tensor.select(active, $0, $1) }, [])
    }.carry
    return Array(ends.dropFirst())
}
