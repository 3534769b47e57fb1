/// What becomes of an element that a value is written to.
public enum ScatterRule: String, Sendable, Hashable, CaseIterable {
    case replace, add, multiply, maximum, minimum

    package func combine(_ old: Tensor, _ new: Tensor) -> Tensor {
        switch self {
        case .replace: new
        case .add: old + new
        case .multiply: old * new
        case .maximum: Tensor.maximum(old, new)
        case .minimum: Tensor.minimum(old, new)
        }
    }
}

extension Tensor {
    /// The rows (of the outermost axis) that positions name, with values written to them or combined with them:
    /// `[n, ..]`, values `[m, ..]`, positions `[m]`. Where a position is named several times, the last value replaces.
    /// A position outside `0..<n` is an error when the result is read.
    ///
    /// - Complexity: a sort of the positions, unless values are added; `log2(m)` passes to multiply or for extremes
    public func scattered(_ values: Tensor, at positions: Tensor, by rule: ScatterRule = .replace) -> Tensor {
        let place = "operation scattered"
        return Tensor.composed(of: [self, values, positions]) { () throws(ApusError) in
            guard positions.rank == 1, rank > 0, values.rank == rank, values.shape[0] == positions.shape[0],
                values.shape.extents.dropFirst() == shape.extents.dropFirst(), values.dtype == dtype,
                positions.dtype.isInteger
            else {
                throw ApusError(
                    .shape, in: place,
                    "values \(values.shape) of \(values.dtype) at positions \(positions.shape) of \(positions.dtype) "
                        + "do not fit \(shape) of \(dtype)",
                    remedy: "give a vector of integers and a row of the tensor's type and extents for each")
            }
            if rule == .add { return self + values.scatterAdd(indices: positions, axis: 0, extent: shape[0]) }
            guard positions.shape[0] > 0, shape[0] > 0 else {
                guard positions.shape[0] == 0 else {
                    throw ApusError(
                        .index, in: place, "shape \(shape) has no rows for \(positions.shape[0]) positions",
                        remedy: "use a tensor with at least one row")
                }
                return self
            }
            let groups = IndexGroups(positions, count: shape[0])
            let combined: Tensor
            if rule == .replace {
                combined = values.gather(indices: groups.order.gather(indices: groups.lastPlaces), axis: 0)
            } else {
                combined = rule.combine(self, groups.folded(values, rule))
            }
            return Tensor.select(groups.isNamed(alongside: self), combined, self)
        }
    }

    /// The elements at coordinates: positions `[.., k]` choose from the first `k` axes, `[.., rest]`. A coordinate
    /// outside its axis is an error when the values are read.
    public func gatherND(_ positions: Tensor) -> Tensor {
        let place = "operation gatherND"
        return Tensor.composed(of: [self, positions]) { () throws(ApusError) in
            let depth = positions.shape[-1]
            guard positions.rank > 0, depth <= rank, positions.dtype.isInteger else {
                throw ApusError(
                    .shape, in: place, "positions \(positions.shape) of \(positions.dtype) for shape \(shape)",
                    remedy: "give integers whose last axis numbers at most \(rank) axes")
            }
            guard depth > 0 else { return broadcast(to: Shape(positions.shape.extents.dropLast() + shape.extents)) }
            return gathered(
                atEach: (0..<depth).map { positions.slice(axis: -1, $0..<$0 + 1).squeezed(-1).cast(to: .int64) })
        }
    }

    /// The tensor with values, `[.., rest]`, written to the coordinates `[.., k]` of its first `k` axes, or combined
    /// with what stands there.
    public func scatteredND(_ values: Tensor, at positions: Tensor, by rule: ScatterRule = .replace) -> Tensor {
        let place = "operation scatteredND"
        return Tensor.composed(of: [self, values, positions]) { () throws(ApusError) in
            let depth = positions.shape[-1]
            guard positions.rank > 0, depth > 0, depth <= rank, positions.dtype.isInteger,
                values.shape.extents == positions.shape.extents.dropLast() + shape.extents.dropFirst(depth)
            else {
                throw ApusError(
                    .shape, in: place,
                    "values \(values.shape) at positions \(positions.shape) of \(positions.dtype) do not fit \(shape)",
                    remedy: "the positions' last axis numbers axes; values have the other extents and those left over")
            }
            let rest = Array(shape.extents.dropFirst(depth))
            let rows = Shape(Array(shape.extents.prefix(depth)))
            let flat = flattenedPosition(
                (0..<depth).map { positions.slice(axis: -1, $0..<$0 + 1).squeezed(-1).cast(to: .int64) }, in: rows)
            return reshaped(to: Shape([rows.count] + rest))
                .scattered(
                    values.reshaped(to: Shape([flat.shape.count] + rest)), at: flat.flattened(), by: rule
                ).reshaped(to: shape)
        }
    }

    /// The elements where each of the first axes has the position that its tensor says; the tensors broadcast.
    package func gathered(atEach positions: [Tensor]) -> Tensor {
        let rows = Shape(Array(shape.extents.prefix(positions.count)))
        let flat = flattenedPosition(positions, in: rows)
        return reshaped(to: Shape([rows.count] + shape.extents.dropFirst(positions.count)))
            .gather(indices: flat, axis: 0)
    }

    /// Row-major numbers of coordinates, -1 where one is outside its axis.
    private func flattenedPosition(_ positions: [Tensor], in rows: Shape) -> Tensor {
        guard positions.count > 1 else { return positions[0] }
        var flat = Tensor(0, dtype: .int64)
        var isInside = Tensor(1, dtype: .bool)
        for (position, (stride, extent)) in zip(positions, zip(rows.denseStrides, rows.extents)) {
            flat = flat + position * Double(stride)
            isInside = isInside & (position .>= 0.0) & (position .< Double(extent))
        }
        return Tensor.select(isInside, flat, Tensor(-1, dtype: .int64))
    }

    /// The sums of the rows of each segment: `[n, ..]`, segments `[n]` -> `[count, ..]`. Segments need not be sorted;
    /// one outside `0..<count` is an error when the values are read.
    public func segmentSum(_ segments: Tensor, count: Int) -> Tensor {
        segmented(segments, count, "segmentSum") { scatterAdd(indices: segments, axis: 0, extent: count) }
    }

    /// The means of the rows of each segment, 0 where a segment has none; those of integers are `float32`.
    public func segmentMean(_ segments: Tensor, count: Int) -> Tensor {
        guard error != nil || dtype.isFloatingPoint else { return asFloatingPoint.segmentMean(segments, count: count) }
        return segmented(segments, count, "segmentMean") {
            let sizes = Tensor.ones(segments.shape, dtype: .int64).scatterAdd(indices: segments, axis: 0, extent: count)
            let column = Shape([count] + [Int](repeating: 1, count: rank - 1))
            let sums = scatterAdd(indices: segments, axis: 0, extent: count)
            return sums / Tensor.maximum(sizes, 1).cast(to: dtype).reshaped(to: column)
        }
    }

    /// The products of the rows of each segment, 1 where a segment has none.
    ///
    /// - Complexity: a sort, and `log2(n)` passes
    public func segmentProduct(_ segments: Tensor, count: Int) -> Tensor {
        segmentFold(segments, count, .multiply, "segmentProduct", empty: 1)
    }

    /// The largest elements of the rows of each segment, `empty` where a segment has none.
    ///
    /// - Complexity: a sort, and `log2(n)` passes
    public func segmentMax(_ segments: Tensor, count: Int, empty: Double = 0) -> Tensor {
        segmentFold(segments, count, .maximum, "segmentMax", empty: empty)
    }

    /// The smallest elements of the rows of each segment, `empty` where a segment has none.
    ///
    /// - Complexity: a sort, and `log2(n)` passes
    public func segmentMin(_ segments: Tensor, count: Int, empty: Double = 0) -> Tensor {
        segmentFold(segments, count, .minimum, "segmentMin", empty: empty)
    }

    private func segmentFold(
        _ segments: Tensor, _ count: Int, _ rule: ScatterRule, _ name: String, empty: Double
    ) -> Tensor {
        segmented(segments, count, name) {
            let target = Tensor(repeating: empty, shape: shape.replacing(0, with: count), dtype: dtype)
            guard shape[0] > 0, count > 0 else { return target }
            let groups = IndexGroups(segments, count: count)
            return Tensor.select(groups.isNamed(alongside: target), groups.folded(self, rule), target)
        }
    }

    private func segmented(_ segments: Tensor, _ count: Int, _ name: String, _ build: () -> Tensor) -> Tensor {
        Tensor.composed(of: [self, segments]) { () throws(ApusError) in
            let place = "operation \(name)"
            guard rank > 0, segments.shape == [shape[0]], segments.dtype.isInteger, count >= 0,
                count > 0 || shape[0] == 0
            else {
                throw ApusError(
                    .shape, in: place,
                    "\(count) segments, numbered by \(segments.shape) of \(segments.dtype), for shape \(shape)",
                    remedy: "give an integer below the count for each row")
            }
            _ = try shape.replacing(0, with: count).checkedCount(in: place)
            return build()
        }
    }
}

/// Positions sorted into groups of equal ones.
private struct IndexGroups {
    /// How often each position is named, and up to where it reaches in the sorted list.
    let sizes: Tensor
    let ends: Tensor
    /// The stable order that sorts the positions, and the positions in it.
    let order: Tensor
    let sorted: Tensor

    init(_ positions: Tensor, count: Int) {
        let wide = positions.cast(to: .int64)
        sizes = Tensor.ones(wide.shape, dtype: .int64).scatterAdd(indices: wide, axis: 0, extent: count)
        ends = sizes.cumulativeSum(axis: 0)
        order = wide.argsort(axis: 0)
        sorted = wide.gather(indices: order)
    }

    /// Where in the sorted list each group ends; anywhere for groups without members.
    var lastPlaces: Tensor { Tensor.maximum(ends - 1, 0) }

    /// Whether each row of the tensor is named, shaped to broadcast with it.
    func isNamed(alongside tensor: Tensor) -> Tensor {
        (sizes .> 0.0).reshaped(to: Shape([tensor.shape[0]] + [Int](repeating: 1, count: tensor.rank - 1)))
    }

    /// Each group's rows folded: running folds of double width within the groups, of which the last is taken.
    func folded(_ values: Tensor, _ rule: ScatterRule) -> Tensor {
        let count = values.shape[0]
        var rows = values.gather(indices: order, axis: 0)
        var width = 1
        while width < count, rows.error == nil {
            let isSame = sorted.slice(axis: 0, width..<count) .== sorted.slice(axis: 0, 0..<count - width)
            let column = isSame.reshaped(to: Shape([count - width] + [Int](repeating: 1, count: values.rank - 1)))
            let later = rows.slice(axis: 0, width..<count)
            let joined = rule.combine(rows.slice(axis: 0, 0..<count - width), later)
            rows = Tensor.concatenate(
                [rows.slice(axis: 0, 0..<width), Tensor.select(column, joined, later)], axis: 0)
            width *= 2
        }
        return rows.gather(indices: lastPlaces, axis: 0)
    }
}
