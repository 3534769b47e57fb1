/// How ``Tensor/padded(_:mode:)`` fills what it adds.
public enum PaddingMode: String, Sendable, Hashable, CaseIterable {
    /// Mirrored at the edge, which is not repeated.
    case reflect
    /// The edge repeated.
    case replicate
    /// The other end.
    case circular
}

extension Tensor {
    /// `count` elements of one axis from `start` at distance `step`; a negative step runs backwards.
    public func slice(axis: Int, from start: Int, count: Int, step: Int) -> Tensor {
        along(axis, "slice") { index in
            guard count >= 0, step != 0 else {
                return Tensor(
                    error: ApusError(
                        .value, in: "operation slice", "\(count) elements at distance \(step)",
                        remedy: "use a count of 0 or more and a step other than 0"))
            }
            var (starts, steps) = ([Int](repeating: 0, count: rank), [Int](repeating: 1, count: rank))
            starts[index] = start
            steps[index] = step
            return Tensor(
                Slice(starts: starts, counts: shape.replacing(index, with: count).extents, steps: steps), [self])
        }
    }

    /// Consecutive pieces of the given sizes along an axis; they must fill it.
    public func split(sizes: [Int], axis: Int = 0) -> [Tensor] {
        guard error == nil else { return sizes.map { _ in self } }
        guard let index = try? shape.axis(axis, in: ""), sizes.allSatisfy({ $0 >= 0 && $0 <= shape[index] }),
            sizes.reduce(0, +) == shape[index]
        else {
            let failed = Tensor(
                error: ApusError(
                    .value, in: "operation split", "sizes \(sizes) do not fill axis \(axis) of shape \(shape)",
                    remedy: "use sizes of 0 or more that add up to the axis' extent"))
            return sizes.map { _ in failed }
        }
        var start = 0
        let empty = slice(axis: index, 0..<0)
        return sizes.map { size in
            defer { start += size }
            return size == 0 ? empty : slice(axis: index, start..<start + size)
        }
    }

    /// The whole tensor repeated, `repeats[i]` times along axis `i`.
    public func tiled(_ repeats: [Int]) -> Tensor {
        guard error == nil else { return self }
        guard repeats.count == rank, repeats.allSatisfy({ $0 >= 0 }) else {
            return Tensor(
                error: ApusError(
                    .value, in: "operation tiled", "repeats \(repeats) for shape \(shape)",
                    remedy: "give a count of 0 or more for each of the \(rank) axes"))
        }
        let single = shape.extents.flatMap { [1, $0] }
        let full = zip(repeats, shape.extents).flatMap { [$0, $1] }
        return reshaped(to: Shape(single)).broadcast(to: Shape(full))
            .reshaped(to: Shape(zip(repeats, shape.extents).map(Shape.product)))
    }

    /// Each slice along an axis repeated in place.
    public func repeated(_ count: Int, axis: Int) -> Tensor {
        along(axis, "repeated") { index in
            guard count >= 0 else {
                return Tensor(
                    error: ApusError(
                        .value, in: "operation repeated", "count \(count) is negative", remedy: "use 0 or more"))
            }
            var full = shape.extents
            full.insert(count, at: index + 1)
            return expanded(at: index + 1).broadcast(to: Shape(full))
                .reshaped(to: shape.replacing(index, with: Shape.product(shape[index], count)))
        }
    }

    /// A circular shift: element `i` of the result is element `i - shift`.
    public func rolled(_ shift: Int, axis: Int) -> Tensor {
        along(axis, "rolled") { index in
            let extent = shape[index]
            guard extent > 0 else { return self }
            let first = ((shift % extent) + extent) % extent
            return Tensor.concatenate(
                [slice(axis: index, extent - first..<extent), slice(axis: index, 0..<extent - first)], axis: index)
        }
    }

    /// The matrices of the last two axes, zero above the diagonal with that number.
    public func lowerTriangle(diagonal: Int = 0) -> Tensor {
        triangle("lowerTriangle") { row, column in column - row .<= Double(diagonal) }
    }

    /// The matrices of the last two axes, zero below the diagonal with that number.
    public func upperTriangle(diagonal: Int = 0) -> Tensor {
        triangle("upperTriangle") { row, column in column - row .>= Double(diagonal) }
    }

    private func triangle(_ name: String, _ keeps: (_ row: Tensor, _ column: Tensor) -> Tensor) -> Tensor {
        guard error == nil else { return self }
        guard rank >= 2 else { return Tensor(error: noMatrix(in: "operation \(name)")) }
        let rows = Tensor.range(count: shape[-2], dtype: .int64).expanded(at: 1)
        let kept = keeps(rows, Tensor.range(count: shape[-1], dtype: .int64))
        return Tensor.select(kept, self, Tensor(repeating: 0, shape: shape, dtype: dtype))
    }

    /// The diagonal of the matrices of the last two axes; `offset` counts to the right of the main one.
    public func diagonal(offset: Int = 0) -> Tensor {
        guard error == nil else { return self }
        guard rank >= 2 else { return Tensor(error: noMatrix(in: "operation diagonal")) }
        let (rows, columns) = (shape[-2], shape[-1])
        // Diagonals beyond the corners are all empty.
        let offset = Swift.min(Swift.max(offset, -rows), columns)
        let first = offset < 0 ? -offset : 0
        let count = Swift.max(0, Swift.min(rows - first, columns - Swift.max(offset, 0)))
        let positions = Tensor.positions((0..<count).map { (first + $0) * columns + $0 + Swift.max(offset, 0) })
        return reshaped(to: Shape(shape.extents.dropLast(2) + [rows * columns])).gather(indices: positions, axis: -1)
    }

    /// Matrices with the last axis on their diagonal and zeros elsewhere.
    public func diagonalMatrix() -> Tensor {
        guard error == nil, rank > 0 else { return error == nil ? reshaped(to: [1, 1]) : self }
        return expanded(at: -1) * Tensor.identity(shape[-1], dtype: dtype)
    }

    /// Sliding windows along an axis: the axis counts the windows, a new last axis their elements.
    public func windows(axis: Int, size: Int, step: Int = 1) -> Tensor {
        along(axis, "windows") { index in
            guard size >= 1, step >= 1, size <= shape[index] else {
                return Tensor(
                    error: ApusError(
                        .value, in: "operation windows",
                        "windows of \(size) with step \(step) on axis \(axis) of shape \(shape)",
                        remedy: "use a step of 1 or more and a size in 1...\(shape[index])"))
            }
            let count = (shape[index] - size) / step + 1
            let positions = Tensor.positions((0..<count).flatMap { start in (0..<size).map { start * step + $0 } })
            var order = Array(0...rank)
            order.remove(at: index + 1)
            return gather(indices: positions.reshaped(to: [count, size]), axis: index).permuted(order + [index + 1])
        }
    }

    /// The patches of channels-last images under a moving window: `[batch, positions.., window x channels]`, the
    /// channels varying fastest. Padding is filled with zeros.
    public func patches(
        window: PerAxis, strides: PerAxis = 1, padding: Padding = .valid, dilation: PerAxis = 1
    ) -> Tensor {
        guard error == nil else { return self }
        let place = "operation patches"
        do throws(ApusError) {
            guard (3...5).contains(rank) else {
                throw ApusError(
                    .shape, in: place, "shape \(shape) is not that of images of 1 to 3 spatial axes",
                    remedy: "images are [batch, spatial.., channels]")
            }
            let image = shape.spatial
            let extents = try window.resolved(
                rank: image.count, allowed: WindowGeometry.windowRange, "window extent", in: place)
            let geometry = try WindowGeometry(
                image: image, window: extents, strides: strides, padding: padding, dilation: dilation, in: place)
            let counts = try geometry.positions(image: image, window: extents, in: place)
            var result = padded([(0, 0)] + zip(geometry.before, geometry.after).map { ($0, $1) } + [(0, 0)])
            for axis in image.indices {
                // The positions take memory even where the image is empty.
                let windows = Shape([counts[axis], extents[axis]])
                let (bytes, overflow) = try windows.checkedCount(in: place).multipliedReportingOverflow(by: 32)
                guard !overflow, bytes <= Memory.limit else {
                    throw Memory.tooLarge(windows, .int64, bytes: overflow ? .max : bytes, in: place)
                }
                let cells = (0..<counts[axis]).flatMap { position in
                    (0..<extents[axis]).map { position * geometry.strides[axis] + $0 * geometry.dilation[axis] }
                }
                result = result.gather(
                    indices: Tensor.positions(cells).reshaped(to: [counts[axis], extents[axis]]), axis: 1 + 2 * axis)
            }
            // [batch, position, cell, position, cell, ..., channels]
            let order = [0] + image.indices.map { 1 + 2 * $0 } + image.indices.map { 2 + 2 * $0 }
            return result.permuted(order + [1 + 2 * image.count])
                .reshaped(to: Shape([shape[0]] + counts + [extents.reduce(shape[-1], *)]))
        } catch {
            return Tensor(error: error)
        }
    }

    /// Rows added around that continue the tensor: `(before, after)` for each axis.
    public func padded(_ widths: [(before: Int, after: Int)], mode: PaddingMode) -> Tensor {
        guard error == nil else { return self }
        let fits = widths.indices.allSatisfy { axis in
            let least = Swift.min(widths[axis].before, widths[axis].after)
            let most = Swift.max(widths[axis].before, widths[axis].after)
            let limit: Int
            switch mode {
            case .replicate: limit = WindowGeometry.paddingRange.upperBound
            case .reflect: limit = shape[axis] - 1
            case .circular: limit = shape[axis]
            }
            return least >= 0 && (most == 0 || most <= limit && shape[axis] > 0)
        }
        guard widths.count == rank, fits else {
            return Tensor(
                error: ApusError(
                    .value, in: "operation pad",
                    "widths \(Padding.explicit(widths)) do not fit shape \(shape) in mode \(mode)",
                    remedy: "give a pair of widths of 0 or more for each axis, smaller than its extent for reflect, "
                        + "not larger for circular"))
        }
        var result = self
        for axis in 0..<rank where widths[axis] != (0, 0) {
            let extent = shape[axis]
            let cells = (-widths[axis].before..<extent + widths[axis].after).map { position in
                switch mode {
                case .reflect: position < 0 ? -position : position < extent ? position : 2 * extent - 2 - position
                case .replicate: Swift.min(Swift.max(position, 0), extent - 1)
                case .circular: (position + extent) % extent
                }
            }
            result = result.gather(indices: Tensor.positions(cells), axis: axis)
        }
        return result
    }

    private func noMatrix(in place: String) -> ApusError {
        ApusError(.shape, in: place, "shape \(shape) has fewer than two axes", remedy: "reshape it to matrices")
    }

    private func along(_ axis: Int, _ name: String, _ build: (Int) -> Tensor) -> Tensor {
        guard error == nil else { return self }
        do throws(ApusError) {
            return build(try shape.axis(axis, in: "operation \(name)"))
        } catch {
            return Tensor(error: error)
        }
    }
}
