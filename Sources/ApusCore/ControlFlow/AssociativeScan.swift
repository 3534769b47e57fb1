/// The running combinations of slices along an axis by an associative function: result `i` combines the slices `0...i`
/// (from the end if `reverse`). Takes about `2 log(extent)` rounds of whole-tensor operations instead of one step a
/// slice (Blelloch, 1990).
///
///     // h[t] = a[t] h[t - 1] + b[t] for all t at once
///     let h = associativeScan(over: [a, b]) { first, second in
///         [first[0] * second[0], second[0] * first[1] + second[1]]
///     }[1]
///
/// - Parameters:
///   - inputs: tensors with the same extent along the axis
///   - combine: combines runs of slices, element by element along the axis: gets two lists like `inputs` with a smaller
///     extent there, those of the earlier slices first, and returns one like them
/// - Returns: as many tensors as inputs, of their shapes. Mistakes are carried by each.
public func associativeScan<Failure: Error>(
    over inputs: [Tensor], axis: Int = 0, reverse: Bool = false,
    _ combine: (_ first: [Tensor], _ second: [Tensor]) throws(Failure) -> [Tensor]
) throws(Failure) -> [Tensor] {
    let place = "operation associativeScan"
    func failed(_ error: ApusError) -> [Tensor] { inputs.map { _ in Tensor(error: error) } }
    let position: Int
    do throws(ApusError) { position = try commonAxis(inputs, axis, in: place) } catch { return failed(error) }
    func checked(_ first: [Tensor], _ second: [Tensor]) throws(Failure) -> [Tensor] {
        let result = try combine(first, second)
        do throws(ApusError) { try requireSame([first, result], in: place) } catch { return failed(error) }
        return result
    }
    func every(_ list: [Tensor], from start: Int) -> [Tensor] {
        list.map { tensor in
            let extent = tensor.error == nil ? tensor.shape[position] : 0
            return tensor.slice(axis: position, from: start, count: Swift.max(0, (extent - start + 1) / 2), step: 2)
        }
    }
    func part(_ list: [Tensor], _ range: Range<Int>) -> [Tensor] { list.map { $0.slice(axis: position, range) } }
    func running(_ list: [Tensor], _ extent: Int) throws(Failure) -> [Tensor] {
        guard extent > 1, !list.contains(where: { $0.error != nil }) else { return list }
        let pairs = extent / 2
        let whole = part(list, 0..<2 * pairs)
        // Runs of two; their running combinations are the results at odd positions.
        let odd = try running(checked(every(whole, from: 0), every(whole, from: 1)), pairs)
        if let problem = odd.first(where: { $0.error != nil }) { return list.map { _ in problem } }
        let later = (extent - 1) / 2
        var even = part(list, 0..<1)
        if later > 0 {
            let next = try checked(part(odd, 0..<later), every(part(list, 2..<extent), from: 0))
            even = zip(even, next).map { Tensor.concatenate([$0, $1], axis: position) }
        }
        return zip(even, odd).map { even, odd in
            if let problem = [even, odd].first(where: { $0.error != nil }) { return problem }
            var extents = even.shape.extents
            extents[position] = 2 * pairs
            let first = even.slice(axis: position, 0..<pairs)
            let mixed = Tensor.stack([first, odd], axis: position + 1).reshaped(to: Shape(extents))
            guard extent > 2 * pairs else { return mixed }
            return Tensor.concatenate([mixed, even.slice(axis: position, pairs..<pairs + 1)], axis: position)
        }
    }
    func turned(_ list: [Tensor]) -> [Tensor] { reverse ? list.map { $0.reversed(axes: [position]) } : list }
    return turned(try running(turned(inputs), inputs.first?.shape[position] ?? 0))
}

private func commonAxis(_ inputs: [Tensor], _ axis: Int, in place: String) throws(ApusError) -> Int {
    for input in inputs { if let error = input.error { throw error } }
    guard let first = inputs.first else { return 0 }
    let position = axis < 0 ? first.rank + axis : axis
    guard (0..<first.rank).contains(position),
        inputs.allSatisfy({ $0.rank > position && $0.shape[position] == first.shape[position] })
    else {
        let shapes = inputs.map { "\($0.shape)" }.joined(separator: ", ")
        throw ApusError(
            .axis, in: place, "axis \(axis) of inputs of shapes \(shapes)",
            remedy: "name an axis that all have, with the same extent")
    }
    return position
}
