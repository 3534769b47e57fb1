/// Functions whose result's shape depends on the elements: they evaluate the tensor at once, and can't stand in a
/// traced or compiled function whose inputs have no values yet. They have no gradient of their own; what is chosen by
/// their positions has.
extension Tensor {
    /// The coordinates of the elements that are not 0 (or true), row-major: `[found, rank]`, `int64`.
    public func nonzero() -> Tensor {
        Tensor.composed(of: [self]) { () throws(ApusError) in
            let storage = try storage()
            let strides = shape.denseStrides
            var coordinates: [Int64] = []
            for index in 0..<shape.count where storage.value(at: index, dtype) != 0 {
                var rest = index
                for stride in strides {
                    coordinates.append(Int64(rest / stride))
                    rest %= stride
                }
            }
            let found = rank == 0 ? (storage.value(at: 0, dtype) == 0 ? 0 : 1) : coordinates.count / rank
            return Tensor(coordinates, shape: [found, rank])
        }
    }

    /// The elements where a mask of the tensor's shape is true, row-major, as a vector; differentiable in the tensor.
    public func masked(by mask: Tensor) -> Tensor {
        Tensor.composed(of: [self, mask]) { () throws(ApusError) in
            guard mask.shape == shape, mask.dtype == .bool else {
                throw ApusError(
                    .shape, in: "operation masked", "a mask \(mask.shape) of \(mask.dtype) for shape \(shape)",
                    remedy: "give a mask of type bool and the tensor's shape")
            }
            let found = mask.flattened().nonzero().flattened()
            return flattened().gather(indices: found)
        }
    }

    /// The different elements in ascending order (NaN once, at the end), for each element the position of its equal
    /// among them (in the tensor's shape), and how often each occurs; positions and counts are `int64`.
    public func unique() -> (values: Tensor, inverse: Tensor, counts: Tensor) {
        guard error == nil else { return (self, self, self) }
        do throws(ApusError) {
            let storage = try storage()
            let count = shape.count
            let order: [Int]
            let isEqual: (Int, Int) -> Bool
            if dtype.isInteger {
                let values = (0..<count).map { storage.integer(at: $0, dtype) }
                order = values.indices.sorted { values[$0] < values[$1] || values[$0] == values[$1] && $0 < $1 }
                isEqual = { values[$0] == values[$1] }
            } else {
                let values = (0..<count).map { storage.value(at: $0, dtype) }
                order = values.indices.sorted { a, b in
                    let (x, y) = (values[a], values[b])
                    if x.isNaN || y.isNaN { return x.isNaN == y.isNaN ? a < b : y.isNaN }
                    return x < y || x == y && a < b
                }
                isEqual = { values[$0] == values[$1] || values[$0].isNaN && values[$1].isNaN }
            }
            var (firsts, counts) = ([Int64](), [Int64]())
            var inverse = [Int64](repeating: 0, count: count)
            for (place, index) in order.enumerated() {
                if place == 0 || !isEqual(order[place - 1], index) {
                    firsts.append(Int64(index))
                    counts.append(0)
                }
                counts[counts.count - 1] += 1
                inverse[index] = Int64(firsts.count - 1)
            }
            let flat = flattened()
            let values =
                count == 0 ? flat : flat.gather(indices: Tensor(firsts, shape: [firsts.count]))
            return (values, Tensor(inverse, shape: shape), Tensor(counts, shape: [counts.count]))
        } catch {
            let failed = Tensor(error: error)
            return (failed, failed, failed)
        }
    }

    /// Whether each element is among those of another tensor, `bool`. Not evaluated before it is read.
    ///
    /// - Complexity: `count * others.count` comparisons, or a search in the sorted others where they are many
    public func isIn(_ others: Tensor) -> Tensor {
        Tensor.composed(of: [self, others]) { () throws(ApusError) in
            let flat = others.flattened()
            let candidates = flat.shape[0]
            guard candidates > 0 else { return Tensor(repeating: 0, shape: shape, dtype: .bool) }
            guard candidates > 64, [.float32, .float64, .int32, .int64].contains(dtype), dtype == flat.dtype else {
                return (expanded(at: -1) .== flat).any(axes: [-1])
            }
            let ordered = flat.sorted()
            let places = Tensor.minimum(ordered.insertionPoints(of: self), Double(candidates - 1))
            return ordered.gather(indices: places) .== self
        }
    }
}
