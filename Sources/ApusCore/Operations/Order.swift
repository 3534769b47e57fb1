import CKernels

/// Where along an axis the extremes are, or which order sorts it; int64, without gradient.
///
/// Of equal extremes the first is named; sorting is stable. NaN counts as the extreme, and is sorted to the end.
package struct Order: Operation {
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        case argmax, argmin, argsort, argsortDescending

        fileprivate var number: Int {
            switch self {
            case .argmax: APUS_ARG_MAX
            case .argmin: APUS_ARG_MIN
            case .argsort: APUS_ARG_SORT
            case .argsortDescending: APUS_ARG_SORT_DESCENDING
            }
        }

        fileprivate var folds: Bool { self == .argmax || self == .argmin }
    }

    package static let name = "order"
    let kind: Kind
    let axis: Int

    package init(kind: Kind, axis: Int) {
        self.kind = kind
        self.axis = axis
    }

    package var place: String { "operation \(kind.rawValue)" }

    /// `argmax` and `argmin` leave the axis with extent 1.
    package func shape(of inputs: [Shape]) throws(ApusError) -> Shape {
        guard kind.folds else { return inputs[0] }
        guard inputs[0][axis] > 0 else {
            throw ApusError(
                .shape, in: place, "axis \(axis) of shape \(inputs[0]) has no elements to choose from",
                remedy: "use an axis with at least one element")
        }
        return inputs[0].replacing(axis, with: 1)
    }

    package func dtype(of inputs: [DType]) throws(ApusError) -> DType {
        try require(inputs, [.float32, .float64, .int32, .int64])
        return .int64
    }

    package func gradient(_ dy: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] { [nil] }

    package var role: OperationRole { .kernel(offersEpilogue: false) }

    package func emit(_ kernel: inout KernelEmitter) throws(ApusError) {
        let x = kernel.inputs[0]
        var arguments = apus_order()
        arguments.outer = x.shape.extents[..<axis].reduce(1, *)
        arguments.extent = x.shape[axis]
        arguments.inner = x.shape.extents[(axis + 1)...].reduce(1, *)
        arguments.kind = Int32(kind.number)
        arguments.dtype = Int32(x.dtype.rawValue)
        var plan = apus_plan()
        apus_order_plan(&arguments, &plan)
        kernel.call(
            arguments, plan: plan, workspace: \.workspace, [PointerField(\.x, x), PointerField(\.out, kernel.output)])
    }

    package func reference(_ inputs: [ReferenceTensor], shape: Shape) -> [Double] {
        let x = inputs[0]
        var result = [Double](repeating: 0, count: shape.count)
        forEachLine(x.shape, axis: axis) { line in
            let values = line.map { x.values[$0] }
            let order = values.indices.sorted { a, b in
                let (first, second) = (values[a], values[b])
                if first.isNaN || second.isNaN {
                    // Extremes before everything, sorts behind it.
                    return first.isNaN == second.isNaN ? a < b : first.isNaN == kind.folds
                }
                if first == second { return a < b }
                return (kind == .argmax || kind == .argsortDescending) == (first > second)
            }
            if kind.folds {
                let inner = x.shape.extents[(axis + 1)...].reduce(1, *)
                result[line[0] / (inner * x.shape[axis]) * inner + line[0] % inner] = Double(order[0])
            } else {
                for (place, number) in order.enumerated() { result[line[place]] = Double(number) }
            }
        }
        return result
    }
}

/// Calls a closure with the positions of the elements of every line along an axis.
package func forEachLine(_ shape: Shape, axis: Int, _ body: ([Int]) -> Void) {
    let inner = shape.extents[(axis + 1)...].reduce(1, *)
    for outer in 0..<shape.extents[..<axis].reduce(1, *) {
        for offset in 0..<inner {
            body((0..<shape[axis]).map { (outer * shape[axis] + $0) * inner + offset })
        }
    }
}
