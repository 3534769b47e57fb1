extension Tensor {
    /// The same elements, row-major, under another shape; one extent may be -1 and follows from the others.
    public func reshaped(to shape: Shape) -> Tensor {
        guard error == nil else { return self }
        var extents = shape.extents
        if let free = extents.firstIndex(of: -1), extents.filter({ $0 < 0 }).count == 1 {
            let others = extents.reduce(1) { $1 == -1 ? $0 : Shape.product($0, $1) }
            guard others > 0, self.shape.count % others == 0 else {
                return Tensor(
                    error: ApusError(
                        .shape, in: "operation reshape",
                        "the \(self.shape.count) elements of shape \(self.shape) do not fill \(shape)",
                        remedy: "use extents whose product divides the number of elements beside -1"))
            }
            extents[free] = self.shape.count / others
        }
        let target = Shape(extents)
        if target == self.shape { return self }
        if node.operation is Reshape { return Tensor(Reshape(target: target), [Tensor(node: node.inputs[0])]) }
        return Tensor(Reshape(target: target), [self])
    }

    /// Axes of extent 1 removed: the given ones, or all.
    public func squeezed(_ axes: Int...) -> Tensor {
        guard error == nil else { return self }
        do throws(ApusError) {
            let chosen =
                axes.isEmpty
                ? shape.extents.indices.filter { shape[$0] == 1 }
                : try shape.axes(axes, in: "operation squeezed")
            for axis in chosen where shape[axis] != 1 {
                throw ApusError(
                    .shape, in: "operation squeezed", "axis \(axis) of shape \(shape) has extent \(shape[axis])",
                    remedy: "only axes of extent 1 can be removed")
            }
            return reshaped(to: Shape(shape.extents.indices.filter { !chosen.contains($0) }.map { shape[$0] }))
        } catch {
            return Tensor(error: error)
        }
    }

    /// A new axis of extent 1 before axis `axis` (`-1`: at the end).
    public func expanded(at axis: Int) -> Tensor {
        guard error == nil else { return self }
        let position = axis < 0 ? axis + rank + 1 : axis
        guard (0...rank).contains(position) else {
            return Tensor(
                error: ApusError(
                    .axis, in: "operation expanded", "position \(axis) does not exist for shape \(shape)",
                    remedy: "use a position in \(-rank - 1)...\(rank)"))
        }
        var extents = shape.extents
        extents.insert(1, at: position)
        return reshaped(to: Shape(extents))
    }

    /// All axes from `axis` on joined into one: `[batch, ...]` becomes `[batch, features]`.
    public func flattened(from axis: Int = 0) -> Tensor {
        guard error == nil else { return self }
        guard (0...rank).contains(axis) else {
            return Tensor(
                error: ApusError(
                    .axis, in: "operation flattened", "axis \(axis) does not exist in shape \(shape)",
                    remedy: "use an axis in 0...\(rank)"))
        }
        if axis == rank, rank > 0 { return self }
        let head = Array(shape.extents.prefix(axis))
        return reshaped(to: Shape(head + [shape.extents.dropFirst(axis).reduce(1, *)]))
    }

    /// The axes in another order: axis `i` of the result is axis `order[i]`.
    public func permuted(_ order: [Int]) -> Tensor {
        guard error == nil else { return self }
        let positive = order.map { $0 < 0 ? $0 + rank : $0 }
        if positive == Array(0..<rank) { return self }
        if let inner = node.operation as? Permute, positive.sorted() == Array(0..<rank) {
            return Tensor(node: node.inputs[0]).permuted(positive.map { inner.order[$0] })
        }
        return Tensor(Permute(order: positive), [self])
    }

    /// The last two axes exchanged.
    public func matrixTransposed() -> Tensor {
        guard error == nil else { return self }
        guard rank >= 2 else {
            return Tensor(
                error: ApusError(
                    .shape, in: "operation matrixTransposed", "shape \(shape) has fewer than two axes",
                    remedy: "reshape it to a matrix"))
        }
        return permuted(Array(0..<rank - 2) + [rank - 1, rank - 2])
    }

    /// All axes in reverse order.
    public func transposed() -> Tensor { permuted(Array((0..<rank).reversed())) }

    /// Repeated to a larger shape: axes are aligned at the end, extents of 1 are repeated.
    public func broadcast(to shape: Shape) -> Tensor {
        guard error == nil else { return self }
        if shape == self.shape { return self }
        if let value = fillValue, (try? Shape.broadcast(self.shape, shape, in: "")) == shape {
            return Tensor(repeating: value, shape: shape, dtype: dtype)
        }
        return Tensor(Broadcast(target: shape), [self])
    }

    /// The elements at `range` of one axis.
    public func slice(axis: Int, _ range: Range<Int>) -> Tensor {
        guard error == nil else { return self }
        do throws(ApusError) {
            let index = try shape.axis(axis, in: "operation slice")
            if range == 0..<shape[index] { return self }
            guard range.lowerBound >= 0, range.upperBound <= shape[index] else {
                throw ApusError(
                    .index, in: "operation slice", "range \(range) is outside axis \(axis) of shape \(shape)",
                    remedy: "use a range within 0..<\(shape[index])")
            }
            var starts = [Int](repeating: 0, count: rank)
            starts[index] = range.lowerBound
            return Tensor(
                Slice(
                    starts: starts, counts: shape.replacing(index, with: range.count).extents,
                    steps: [Int](repeating: 1, count: rank)), [self])
        } catch {
            return Tensor(error: error)
        }
    }

    /// The elements in reverse order along axes.
    public func reversed(axes: [Int]) -> Tensor {
        guard error == nil else { return self }
        do throws(ApusError) {
            let chosen = try shape.axes(axes, in: "operation reversed")
            return Tensor(
                Slice(
                    starts: (0..<rank).map { chosen.contains($0) ? Swift.max(shape[$0] - 1, 0) : 0 },
                    counts: shape.extents,
                    steps: (0..<rank).map { chosen.contains($0) ? -1 : 1 }), [self])
        } catch {
            return Tensor(error: error)
        }
    }

    /// Rows of `value` added around: `(before, after)` for each axis.
    public func padded(_ widths: [(before: Int, after: Int)], value: Double = 0) -> Tensor {
        guard error == nil else { return self }
        let allowed = WindowGeometry.paddingRange
        guard widths.count == rank, widths.allSatisfy({ allowed.contains($0.before) && allowed.contains($0.after) })
        else {
            return Tensor(
                error: ApusError(
                    .value, in: "operation pad",
                    "widths \(Padding.explicit(widths)) do not fit shape \(shape)",
                    remedy: "give a pair of widths in \(allowed) for each axis"))
        }
        if widths.allSatisfy({ $0 == (0, 0) }) { return self }
        return Tensor(
            Embed(
                starts: widths.map(\.before), steps: [Int](repeating: 1, count: rank),
                target: Shape((0..<rank).map { shape[$0] + widths[$0].before + widths[$0].after }),
                background: dtype.held(value)),
            [self])
    }

    /// The elements converted to another type.
    public func cast(to target: DType) -> Tensor {
        guard error == nil, target != dtype else { return self }
        if let value = fillValue {
            return Tensor(repeating: value, shape: shape, dtype: target)
        }
        return Tensor(Cast(target: target), [self])
    }

    /// This tensor if its elements are floating-point numbers, else as `float32`.
    package var asFloatingPoint: Tensor { error == nil && !dtype.isFloatingPoint ? cast(to: .float32) : self }

    /// Tensors one behind the other along an existing axis.
    public static func concatenate(_ tensors: [Tensor], axis: Int = 0) -> Tensor {
        guard let first = tensors.first else {
            return Tensor(
                error: ApusError(
                    .value, in: "operation concatenate", "there are no tensors to join", remedy: "give at least one"))
        }
        if let failed = tensors.first(where: { $0.error != nil }) { return failed }
        if tensors.count == 1 { return first }
        do throws(ApusError) {
            return Tensor(Concatenate(axis: try first.shape.axis(axis, in: "operation concatenate")), tensors)
        } catch {
            return Tensor(error: error)
        }
    }

    /// Tensors of one shape along a new axis.
    public static func stack(_ tensors: [Tensor], axis: Int = 0) -> Tensor {
        concatenate(tensors.map { $0.expanded(at: axis) }, axis: axis)
    }

    /// The value without its gradient.
    public func stopGradient() -> Tensor { Tensor(Identity(), [self]) }
}
