extension Tensor {
    /// The position of the largest element along an axis, `int64`; the first, if several.
    public func argmax(axis: Int = -1, keepDimensions: Bool = false) -> Tensor {
        ordered(.argmax, axis, keepDimensions: keepDimensions)
    }

    /// The position of the smallest element along an axis, `int64`; the first, if several.
    public func argmin(axis: Int = -1, keepDimensions: Bool = false) -> Tensor {
        ordered(.argmin, axis, keepDimensions: keepDimensions)
    }

    /// The order that sorts an axis, `int64`; equal elements keep their order, NaN stands last.
    public func argsort(axis: Int = -1, descending: Bool = false) -> Tensor {
        ordered(descending ? .argsortDescending : .argsort, axis, keepDimensions: true)
    }

    /// The elements in order along an axis; NaN stands last.
    public func sorted(axis: Int = -1, descending: Bool = false) -> Tensor {
        takeAlong(indices: argsort(axis: axis, descending: descending), axis: axis)
    }

    /// The `count` largest elements along an axis in descending order, and their positions, `int64`.
    public func topK(_ count: Int, axis: Int = -1) -> (values: Tensor, indices: Tensor) {
        guard error == nil else { return (self, self) }
        let order = argsort(axis: axis, descending: true)
        guard order.error == nil else { return (order, order) }
        guard count >= 0, count <= shape[axis] else {
            let failed = Tensor(
                error: ApusError(
                    .value, in: "operation topK", "\(count) elements of axis \(axis) of shape \(shape)",
                    remedy: "use a count in 0...\(shape[axis])"))
            return (failed, failed)
        }
        let indices = order.slice(axis: axis, 0..<count)
        return (takeAlong(indices: indices, axis: axis), indices)
    }

    private func ordered(_ kind: Order.Kind, _ axis: Int, keepDimensions: Bool) -> Tensor {
        guard error == nil else { return self }
        do throws(ApusError) {
            let index = try shape.axis(axis, in: "operation \(kind.rawValue)")
            let result = Tensor(Order(kind: kind, axis: index), [self])
            return keepDimensions || result.error != nil ? result : result.squeezed(index)
        } catch {
            return Tensor(error: error)
        }
    }
}
