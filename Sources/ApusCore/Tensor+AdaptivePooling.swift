/// The means of as many cells as `extents` says, whatever the images' size: cell `i` of `m` averages the inputs from
/// `floor(i n / m)` up to below `ceil((i + 1) n / m)`.
///
/// - Parameters:
///   - x: `[batch, spatial.., channels]`
///   - extents: the spatial extents of the result
public func adaptiveAveragePool(_ x: Tensor, to extents: [Int]) -> Tensor {
    adaptivelyPooled(x, extents, in: "operation adaptiveAveragePool") { x, axis, ranges in
        // One small matrix for each axis.
        var weights = [Double](repeating: 0, count: x.shape[axis] * ranges.count)
        for (cell, range) in ranges.enumerated() {
            for position in range { weights[position * ranges.count + cell] = 1 / Double(range.count) }
        }
        var order = Array(0..<x.rank)
        order.swapAt(axis, x.rank - 1)
        let matrix = Tensor.constant(weights, shape: [x.shape[axis], ranges.count], dtype: x.dtype)
        return matmul(x.permuted(order), matrix).permuted(order)
    }
}

/// The maxima of as many cells as `extents` says, whatever the images' size; see ``adaptiveAveragePool(_:to:)``.
public func adaptiveMaxPool(_ x: Tensor, to extents: [Int]) -> Tensor {
    adaptivelyPooled(x, extents, in: "operation adaptiveMaxPool") { x, axis, ranges in
        // Short cells name their last element again.
        let longest = ranges.map(\.count).max() ?? 1
        let positions = ranges.flatMap { range in
            (0..<longest).map { Swift.min(range.lowerBound + $0, range.upperBound - 1) }
        }
        return x.gather(indices: Tensor.positions(positions).reshaped(to: [ranges.count, longest]), axis: axis)
            .max(axes: [axis + 1])
    }
}

private func adaptivelyPooled(
    _ x: Tensor, _ extents: [Int], in place: String, _ fold: (Tensor, _ axis: Int, _ ranges: [Range<Int>]) -> Tensor
) -> Tensor {
    guard x.error == nil else { return x }
    guard (3...5).contains(x.rank), extents.count == x.rank - 2, extents.allSatisfy({ $0 >= 1 }),
        x.shape.spatial.allSatisfy({ $0 > 0 })
    else {
        return Tensor(
            error: ApusError(
                .shape, in: place, "input \(x.shape), output extents \(extents)",
                remedy: "images are [batch, spatial.., channels]; give an extent of 1 or more for each spatial axis"))
    }
    var result = x
    for (number, count) in extents.enumerated() where result.error == nil {
        let extent = x.shape[number + 1]
        do throws(ApusError) {
            // The cells are listed with what is in them.
            try Memory.check([count, extent], .float64, in: place)
        } catch {
            return Tensor(error: error)
        }
        let ranges = (0..<count).map { $0 * extent / count..<(($0 + 1) * extent + count - 1) / count }
        result = fold(result, number + 1, ranges)
    }
    return result
}
