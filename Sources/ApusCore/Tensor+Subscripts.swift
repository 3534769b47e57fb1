extension Tensor {
    /// A part of the tensor: one entry for each axis, outermost first; axes that are left out stay whole.
    ///
    ///     x[0]                              // the first of the outermost axis, which is dropped
    ///     x[1..<3, (-2)...]                 // two rows, the last two columns
    ///     x[.ellipsis, .newAxis]            // a new last axis
    ///     x[.all, .strided(by: -2)]         // every second column, backwards
    ///     x[stride(from: 0, to: 8, by: 2)]  // even rows
    ///     x[Tensor([Int64(2), -1])]         // rows by number
    ///     x[x .> 0]                         // the positive elements, as a vector
    ///
    /// Negative positions count from the end. Positions outside the axis are an error: of ranges at once, of
    /// tensors when the values are read. Several tensors of positions broadcast against each other; their axes
    /// stand where the first of them stood, or first if other entries stand between them. A mask of type `bool`
    /// covers as many axes as it has, and is evaluated at once: the shape of the result depends on it.
    ///
    /// Assignment makes a new tensor, as everywhere; see ``updating(_:with:by:)``.
    public subscript(_ indices: any TensorIndexing...) -> Tensor {
        get { part(indices) }
        set { self = updated(indices, newValue, .replace) }
    }

    /// The tensor with a part, chosen as by a subscript, replaced by values or combined with them. The values broadcast
    /// to the part's shape. Where tensors name a position several times, the last value replaces.
    ///
    ///     x.updating(0, 1..<3, with: Tensor(7))
    ///     counts.updating(labels, with: Tensor(1), by: .add)
    public func updating(_ indices: any TensorIndexing..., with values: Tensor, by rule: ScatterRule = .replace)
        -> Tensor
    {
        updated(indices, values, rule)
    }

    private func part(_ indices: [any TensorIndexing]) -> Tensor {
        Tensor.composed(of: [self]) { () throws(ApusError) in
            let plan = try SubscriptPlan(indices.map(\.tensorIndex), shape)
            return plan.chosen(from: plan.sliced(self))
        }
    }

    private func updated(_ indices: [any TensorIndexing], _ values: Tensor, _ rule: ScatterRule) -> Tensor {
        Tensor.composed(of: [self, values]) { () throws(ApusError) in
            let place = "operation updating"
            let plan = try SubscriptPlan(indices.map(\.tensorIndex), shape)
            if plan.tensors.isEmpty {
                let region = try values.requiredBroadcast(to: Shape(plan.extents), in: place)
                    .reshaped(to: Shape(plan.counts))
                let embed = Embed(starts: plan.starts, steps: plan.steps, target: shape, background: 0)
                let covered = Tensor(embed, [Tensor(repeating: 1, shape: Shape(plan.counts), dtype: .bool)])
                return Tensor.select(covered, rule.combine(self, Tensor(embed, [region])), self)
            }
            let numbers = Tensor.range(count: shape.count, dtype: .int64).reshaped(to: shape)
            let positions = plan.chosen(from: plan.sliced(numbers))
            if let error = positions.error { throw error }
            return flattened().scattered(
                try values.requiredBroadcast(to: positions.shape, in: place).flattened(), at: positions.flattened(),
                by: rule
            ).reshaped(to: shape)
        }
    }

    private func requiredBroadcast(to target: Shape, in place: String) throws(ApusError) -> Tensor {
        guard try Shape.broadcast(shape, target, in: place) == target else {
            throw ApusError(
                .shape, in: place, "values of shape \(shape) do not broadcast to the part's shape \(target)",
                remedy: "give values of the part's shape, or one for all")
        }
        return broadcast(to: target)
    }
}

/// A subscript resolved for a shape: one regular slice, then axes dropped and added, then tensors of positions.
private struct SubscriptPlan {
    var starts: [Int] = []
    var counts: [Int] = []
    var steps: [Int] = []
    /// The extents after the slice, without dropped and with new axes.
    var extents: [Int] = []
    /// Tensors of positions, by the axis of `extents` that they choose from.
    var tensors: [(axis: Int, positions: Tensor)] = []

    private static let place = "operation subscript"

    init(_ indices: [TensorIndex], _ shape: Shape) throws(ApusError) {
        let kinds = try Self.expanded(indices)
        let used = kinds.filter(\.usesAxis).count
        guard used <= shape.rank else {
            throw ApusError(
                .axis, in: Self.place, "\(used) entries for shape \(shape) of rank \(shape.rank)",
                remedy: "give at most one entry an axis")
        }
        var pending = kinds
        let whole = [TensorIndex.Kind](
            repeating: .range(start: nil, end: nil, step: 1), count: shape.rank - used)
        if let place = pending.firstIndex(where: \.isEllipsis) {
            pending.replaceSubrange(place...place, with: whole)
        } else {
            pending += whole
        }
        guard !pending.contains(where: \.isEllipsis) else {
            throw ApusError(
                .axis, in: Self.place, "there is more than one ellipsis", remedy: "use one ellipsis")
        }
        for kind in pending { try add(kind, shape) }
    }

    private mutating func add(_ kind: TensorIndex.Kind, _ shape: Shape) throws(ApusError) {
        let axis = starts.count
        switch kind {
        case .newAxis: extents.append(1)
        case .ellipsis: break
        case .position(let position):
            let extent = shape[axis]
            let start = position < 0 ? position + extent : position
            guard start >= 0, start < extent else { throw Self.outside("position \(position)", axis, shape) }
            append(start, 1, 1)
        case .range(let start, let end, let step):
            let range = try Self.resolve(start, end, step, axis, shape)
            append(range.start, range.count, step)
            extents.append(range.count)
        case .list(let first, let step, let count):
            let extent = shape[axis]
            let start = first < 0 ? first + extent : first
            let (reach, overflow) = Swift.max(count - 1, 0).multipliedReportingOverflow(by: step)
            let last = overflow ? Int.max : start &+ reach
            guard count == 0 || start >= 0 && start < extent && last >= 0 && last < extent else {
                throw Self.outside("the stride from \(first) by \(step) with \(count) positions", axis, shape)
            }
            append(count == 0 ? 0 : start, count, step)
            extents.append(count)
        case .tensor(let positions):
            guard positions.dtype.isInteger else {
                throw ApusError(
                    .type, in: Self.place, "a tensor of positions has type \(positions.dtype)",
                    remedy: "use integers, or a mask of type bool")
            }
            let wide = positions.cast(to: .int64)
            addPositions(Tensor.select(wide .< 0.0, wide + Double(shape[axis]), wide), shape[axis])
        case .masked(let positions, let extent):
            guard shape[axis] == extent else {
                throw ApusError(
                    .shape, in: Self.place,
                    "a mask has extent \(extent) for axis \(axis) of shape \(shape)",
                    remedy: "use a mask of the extents that it covers")
            }
            addPositions(positions, extent)
        }
    }

    private mutating func addPositions(_ positions: Tensor, _ extent: Int) {
        append(0, extent, 1)
        tensors.append((extents.count, positions))
        extents.append(extent)
    }

    private mutating func append(_ start: Int, _ count: Int, _ step: Int) {
        starts.append(start)
        counts.append(count)
        steps.append(step)
    }

    /// Masks become one tensor of positions for each of their axes.
    private static func expanded(_ indices: [TensorIndex]) throws(ApusError) -> [TensorIndex.Kind] {
        var kinds: [TensorIndex.Kind] = []
        for index in indices {
            guard case .tensor(let mask) = index.kind else {
                kinds.append(index.kind)
                continue
            }
            if let error = mask.error { throw error }
            guard mask.dtype == .bool else {
                kinds.append(index.kind)
                continue
            }
            guard mask.rank > 0 else {
                throw ApusError(
                    .shape, in: place, "a mask without axes", remedy: "use a mask of the extents that it covers")
            }
            let found = mask.nonzero()
            if let error = found.error { throw error }
            for axis in 0..<mask.rank {
                let positions = found.slice(axis: 1, axis..<axis + 1).squeezed(1)
                kinds.append(.masked(positions, extent: mask.shape[axis]))
            }
        }
        return kinds
    }

    private static func resolve(
        _ start: Int?, _ end: Int?, _ step: Int, _ axis: Int, _ shape: Shape
    ) throws(ApusError) -> (start: Int, count: Int) {
        let extent = shape[axis]
        guard step != 0 else {
            throw ApusError(.value, in: place, "a stride by 0", remedy: "use a step other than 0")
        }
        func counted(_ given: Int) -> Int { given < 0 ? given + extent : given }
        let first = start.map(counted) ?? (step > 0 ? 0 : extent - 1)
        let last = end.map(counted) ?? (step > 0 ? extent : -1)
        let allowed = step > 0 ? 0...extent : -1...Swift.max(extent - 1, -1)
        guard allowed.contains(first), allowed.contains(last) else {
            let text = "\(start.map(String.init) ?? "")..<\(end.map(String.init) ?? "")"
            throw outside("range \(text)", axis, shape)
        }
        let distance = step > 0 ? last - first : first - last
        let magnitude = Int(clamping: step.magnitude)
        let count = distance <= 0 ? 0 : (distance - 1) / magnitude + 1
        return (count == 0 ? 0 : first, count)
    }

    private static func outside(_ what: String, _ axis: Int, _ shape: Shape) -> ApusError {
        ApusError(
            .index, in: place, "\(what) is outside axis \(axis) of shape \(shape)",
            remedy: "use positions in \(-shape[axis])..<\(shape[axis])")
    }

    func sliced(_ tensor: Tensor) -> Tensor {
        let isWhole = counts == tensor.shape.extents && steps.allSatisfy { $0 == 1 }
        let part = isWhole ? tensor : Tensor(Slice(starts: starts, counts: counts, steps: steps), [tensor])
        return part.reshaped(to: Shape(extents))
    }

    func chosen(from tensor: Tensor) -> Tensor {
        guard let first = tensors.first, tensor.error == nil else { return tensor }
        if tensors.count == 1 { return tensor.gather(indices: first.positions, axis: first.axis) }
        let axes = tensors.map(\.axis)
        let others = extents.indices.filter { !axes.contains($0) }
        let rows = tensor.permuted(axes + others)
        let chosen = rows.gathered(atEach: tensors.map(\.positions))
        let isAdjacent = axes.last.map { $0 - first.axis == axes.count - 1 } ?? false
        guard chosen.error == nil, isAdjacent, first.axis > 0 else { return chosen }
        let added = chosen.rank - others.count
        let before = first.axis
        return chosen.permuted(
            (0..<before).map { $0 + added } + Array(0..<added) + (before..<others.count).map { $0 + added })
    }
}

extension TensorIndex.Kind {
    fileprivate var usesAxis: Bool {
        switch self {
        case .newAxis, .ellipsis: false
        default: true
        }
    }

    fileprivate var isEllipsis: Bool {
        if case .ellipsis = self { true } else { false }
    }
}
