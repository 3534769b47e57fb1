import CKernels

/// How a reduction folds elements.
package enum Reduction: String, Sendable, Hashable {
    case sum, maximum, minimum, product

    /// What an empty reduction gives.
    package var identity: Double {
        switch self {
        case .sum: 0
        case .product: 1
        case .maximum: -.infinity
        case .minimum: .infinity
        }
    }

    package var rowOpcode: UInt8 {
        switch self {
        case .sum: UInt8(APUS_ROW_SUM)
        case .maximum: UInt8(APUS_ROW_MAX)
        case .minimum: UInt8(APUS_ROW_MIN)
        case .product: UInt8(APUS_ROW_PRODUCT)
        }
    }

    package var opcode: UInt8 {
        switch self {
        case .sum: UInt8(APUS_REDUCE_SUM)
        case .maximum: UInt8(APUS_REDUCE_MAX)
        case .minimum: UInt8(APUS_REDUCE_MIN)
        case .product: UInt8(APUS_REDUCE_PRODUCT)
        }
    }

    package func fold(_ a: Double, _ b: Double) -> Double {
        switch self {
        case .sum: a + b
        case .product: a * b
        case .maximum: a.isNaN || a > b ? a : b
        case .minimum: a.isNaN || a < b ? a : b
        }
    }
}

/// Folds a run of adjacent axes, which stay with extent 1.
package struct Reduce: Operation {
    package static let name = "reduce"
    let reduction: Reduction
    let axes: Range<Int>

    package init(_ reduction: Reduction, axes: Range<Int>) {
        self.reduction = reduction
        self.axes = axes
    }

    package var place: String { "operation \(reduction.rawValue)" }

    package func shape(of inputs: [Shape]) throws(ApusError) -> Shape {
        guard axes.upperBound <= inputs[0].rank else {
            throw ApusError(
                .axis, in: place, "axes \(axes) do not exist in shape \(inputs[0])", remedy: "use existing axes")
        }
        let result = Shape(inputs[0].extents.enumerated().map { axes.contains($0.offset) ? 1 : $0.element })
        if reduction == .maximum || reduction == .minimum, inputs[0].count == 0, result.count > 0 {
            throw ApusError(
                .shape, in: place, "shape \(inputs[0]) has no elements to choose from",
                remedy: "reduce over axes with at least one element")
        }
        return result
    }

    package func dtype(of inputs: [DType]) throws(ApusError) -> DType {
        guard inputs[0] != .bool else {
            throw ApusError(
                .type, in: place, "elements of type bool are not supported", remedy: "cast to int32 or float32 first")
        }
        return inputs[0]
    }

    package func gradient(_ dy: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
        let x = inputs[0]
        switch reduction {
        case .sum:
            return [dy.broadcast(to: x.shape)]
        case .maximum, .minimum:
            // Equal extremes share the gradient equally.
            let hits = (x .== output.broadcast(to: x.shape)).cast(to: dy.dtype)
            let share = dy / Tensor(Reduce(.sum, axes: axes), [hits])
            return [hits * share.broadcast(to: x.shape)]
        case .product:
            // Products of all the others, exact at zeros: products of what stands before and after each element.
            var moved = Array(0..<x.rank).filter { !axes.contains($0) }
            moved += Array(axes)
            let kept = moved.prefix(x.rank - axes.count).map { x.shape[$0] }
            let flat = x.permuted(moved).reshaped(to: Shape(kept + [axes.reduce(1) { $0 * x.shape[$1] }]))
            let before = Tensor(Cumulative(.product, axis: kept.count, reverse: false, exclusive: true), [flat])
            let after = Tensor(Cumulative(.product, axis: kept.count, reverse: true, exclusive: true), [flat])
            let others = (before * after).reshaped(to: Shape(moved.map { x.shape[$0] }))
            var inverse = [Int](repeating: 0, count: moved.count)
            for (position, axis) in moved.enumerated() { inverse[axis] = position }
            return [others.permuted(inverse) * dy.broadcast(to: x.shape)]
        }
    }

    package var role: OperationRole { .reduce(reduction, axes: axes) }

    package func batched(_ inputs: [Tensor], isBatched: [Bool]) -> Tensor? {
        Tensor(Reduce(reduction, axes: axes.lowerBound + 1..<axes.upperBound + 1), inputs)
    }

    package var additivity: Additivity { reduction == .sum ? .linear : .none }

    package func reference(_ inputs: [ReferenceTensor], shape: Shape) -> [Double] {
        var result = [Double](repeating: reduction.identity, count: shape.count)
        let strides = shape.denseStrides
        var position = 0
        forEachIndex(inputs[0].shape) { index in
            var target = 0
            for axis in 0..<index.count where !axes.contains(axis) { target += index[axis] * strides[axis] }
            result[target] = reduction.fold(result[target], inputs[0].values[position])
            position += 1
        }
        return result
    }
}
