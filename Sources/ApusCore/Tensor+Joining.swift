extension Tensor {
    /// Pieces of equal size along an axis; `isEven` false lets the first ones be larger by one.
    public func split(_ count: Int, axis: Int = 0, isEven: Bool = true) -> [Tensor] {
        guard count >= 1, count <= 1 << 20 else {
            return [
                Tensor.refused(
                    .value, in: "operation split", "\(count) pieces of shape \(shape)",
                    remedy: "use a count in 1...\(1 << 20)")
            ]
        }
        guard error == nil, let index = try? shape.axis(axis, in: "") else {
            return [Tensor](repeating: onAxis(axis, in: "operation split") { _ in self }, count: count)
        }
        let (size, rest) = shape[index].quotientAndRemainder(dividingBy: count)
        guard rest == 0 || !isEven else {
            let failed = Tensor.refused(
                .value, in: "operation split", "\(count) equal pieces of axis \(axis) of shape \(shape)",
                remedy: "use a divisor of \(shape[index]), or isEven: false")
            return [Tensor](repeating: failed, count: count)
        }
        return split(sizes: (0..<count).map { size + ($0 < rest ? 1 : 0) }, axis: index)
    }

    /// The slices along an axis, which is dropped.
    public func unstacked(axis: Int = 0) -> [Tensor] {
        guard error == nil, let index = try? shape.axis(axis, in: "") else {
            return [onAxis(axis, in: "operation unstacked") { _ in self }]
        }
        return (0..<shape[index]).map { slice(axis: index, $0..<$0 + 1).squeezed(index) }
    }

    /// Tensors side by side: vectors one behind the other, others along their second axis.
    public static func horizontalStack(_ tensors: [Tensor]) -> Tensor {
        let parts = tensors.map { $0.atLeast(rank: 1) }
        return concatenate(parts, axis: parts.first?.rank == 1 ? 0 : 1)
    }

    /// Tensors one below the other along their first axis; vectors are rows.
    public static func verticalStack(_ tensors: [Tensor]) -> Tensor {
        concatenate(tensors.map { $0.atLeast(rank: 2) }, axis: 0)
    }

    /// Tensors along their third axis; matrices and vectors get one, a vector as a row.
    public static func depthStack(_ tensors: [Tensor]) -> Tensor {
        concatenate(
            tensors.map { tensor in
                let matrix = tensor.atLeast(rank: 2)
                return matrix.error == nil && matrix.rank == 2 ? matrix.expanded(at: 2) : matrix
            }, axis: 2)
    }

    /// Vectors as the columns of a matrix; matrices side by side.
    public static func columnStack(_ tensors: [Tensor]) -> Tensor {
        concatenate(
            tensors.map { $0.error == nil && $0.rank < 2 ? $0.reshaped(to: [-1, 1]) : $0 }, axis: 1)
    }

    /// Axes of extent 1 put before the others until there are `rank` of them.
    public func atLeast(rank: Int) -> Tensor {
        guard error == nil, rank > self.rank else { return self }
        guard rank <= 64 else {
            return Tensor.refused(
                .value, in: "operation atLeast", "a rank of \(rank)", remedy: "use a rank of at most 64")
        }
        return reshaped(to: Shape([Int](repeating: 1, count: rank - self.rank) + shape.extents))
    }

    /// An axis at another place.
    public func movingAxis(_ axis: Int, to place: Int) -> Tensor { movingAxes([axis], to: [place]) }

    /// Axes at other places; the others keep their order.
    public func movingAxes(_ axes: [Int], to places: [Int]) -> Tensor {
        Tensor.composed(of: [self]) { () throws(ApusError) in
            let name = "operation movingAxes"
            guard axes.count == places.count else {
                throw ApusError(
                    .axis, in: name, "\(axes.count) axes to \(places.count) places",
                    remedy: "give a place for each axis")
            }
            _ = try shape.axes(axes, in: name)
            _ = try shape.axes(places, in: name)
            var order = [Int](repeating: -1, count: rank)
            for (axis, place) in zip(axes, places) {
                order[try shape.axis(place, in: name)] = try shape.axis(axis, in: name)
            }
            var others = (0..<rank).filter { !order.contains($0) }.makeIterator()
            return permuted(order.map { $0 < 0 ? others.next() ?? 0 : $0 })
        }
    }

    /// Two axes exchanged.
    public func swappingAxes(_ first: Int, _ second: Int) -> Tensor {
        Tensor.composed(of: [self]) { () throws(ApusError) in
            var order = Array(0..<rank)
            order.swapAt(
                try shape.axis(first, in: "operation swappingAxes"),
                try shape.axis(second, in: "operation swappingAxes"))
            return permuted(order)
        }
    }

    /// Turned by quarters in the plane of two axes, from the first towards the second.
    public func rotated90(times: Int = 1, axes: (Int, Int) = (0, 1)) -> Tensor {
        Tensor.composed(of: [self]) { () throws(ApusError) in
            let name = "operation rotated90"
            _ = try shape.axes([axes.0, axes.1], in: name)
            let (first, second) = (try shape.axis(axes.0, in: name), try shape.axis(axes.1, in: name))
            switch ((times % 4) + 4) % 4 {
            case 1: return reversed(axes: [second]).swappingAxes(first, second)
            case 2: return reversed(axes: [first, second])
            case 3: return swappingAxes(first, second).reversed(axes: [second])
            default: return self
            }
        }
    }

    /// One axis as several, row-major; one extent may be -1 and follows from the others.
    public func unflattened(axis: Int, to extents: [Int]) -> Tensor {
        onAxis(axis, in: "operation unflattened") { index throws(ApusError) in
            var inner = extents
            if let free = inner.firstIndex(of: -1) {
                let others = inner.reduce(1) { $1 == -1 ? $0 : Shape.product($0, $1) }
                if others > 0, shape[index] % others == 0 { inner[free] = shape[index] / others }
            }
            guard inner.allSatisfy({ $0 >= 0 }), inner.reduce(1, Shape.product) == shape[index] else {
                throw ApusError(
                    .shape, in: "operation unflattened", "axis \(axis) of shape \(shape) as \(extents)",
                    remedy: "use extents whose product is \(shape[index]), one of them -1 to let it follow")
            }
            return reshaped(to: Shape(shape.extents[..<index] + inner + shape.extents[(index + 1)...]))
        }
    }

    /// All tensors repeated to the shape that they have in common.
    public static func broadcastTogether(_ tensors: [Tensor]) -> [Tensor] {
        if let failed = tensors.first(where: { $0.error != nil }) { return tensors.map { _ in failed } }
        do throws(ApusError) {
            var common: Shape = []
            for tensor in tensors { common = try Shape.broadcast(common, tensor.shape, in: "operation broadcast") }
            return tensors.map { $0.broadcast(to: common) }
        } catch {
            return tensors.map { _ in Tensor(error: error) }
        }
    }

    /// The elements, row-major, seen with other strides: element `[i, j, ..]` of the result is element
    /// `offset + i strides[0] + j strides[1] + ...` of the flattened tensor. Places may be seen several times.
    public func strided(shape target: Shape, strides: [Int], offset: Int = 0) -> Tensor {
        let place = "operation strided"
        return Tensor.composed(of: [self]) { () throws(ApusError) in
            guard try target.checkedCount(in: place) > 0 else {
                return Tensor(repeating: 0, shape: target, dtype: dtype)
            }
            var (low, high) = (offset, offset)
            var overflows = strides.count != target.rank
            for (extent, stride) in zip(target.extents, strides) {
                let (reach, first) = (extent - 1).multipliedReportingOverflow(by: stride)
                let (sum, second) = (reach < 0 ? low : high).addingReportingOverflow(reach)
                overflows = overflows || first || second
                if reach < 0 { low = sum } else { high = sum }
            }
            guard !overflows, low >= 0, high < shape.count else {
                throw ApusError(
                    .index, in: place, "strides \(strides) from \(offset) for shape \(target) leave \(shape)",
                    remedy: "give a stride for each axis that stays within the \(shape.count) elements")
            }
            var positions = Tensor(Double(offset), dtype: .int64)
            for (axis, (extent, stride)) in zip(target.extents, strides).enumerated() {
                var column = [Int](repeating: 1, count: target.rank)
                column[axis] = extent
                let steps = Tensor.range(count: extent, dtype: .int64) * Double(stride)
                positions = positions + steps.reshaped(to: Shape(column))
            }
            return flattened().gather(indices: positions)
        }
    }

    /// The coordinates in a shape of row-major positions: `[..] -> [.., rank]`, `int64`.
    public func unraveled(in target: Shape) -> Tensor {
        let place = "operation unraveled"
        return Tensor.composed(of: [self]) { () throws(ApusError) in
            guard dtype.isInteger, target.rank > 0, try target.checkedCount(in: place) > 0 else {
                throw ApusError(
                    .value, in: place, "positions of \(dtype) in shape \(target)",
                    remedy: "use integers and a shape with elements")
            }
            var rest = cast(to: .int64)
            var coordinates: [Tensor] = []
            for stride in target.denseStrides {
                let divisor = rest.filled(Double(stride))
                coordinates.append(Tensor.floorDivide(rest, divisor))
                rest = Tensor.remainder(rest, divisor)
            }
            return Tensor.stack(coordinates, axis: -1)
        }
    }

    /// The sum of patches at their places, the adjoint of ``patches(window:strides:padding:dilation:)``: where
    /// windows overlap, values are added.
    ///
    /// - Parameters:
    ///   - image: the spatial extents of the result
    /// - Returns: `[batch, image.., channels]`
    public func folded(
        to image: [Int], window: PerAxis, strides: PerAxis = 1, padding: Padding = .valid, dilation: PerAxis = 1
    ) -> Tensor {
        let place = "operation folded"
        return Tensor.composed(of: [self]) { () throws(ApusError) in
            let extents = try window.resolved(
                rank: image.count, allowed: WindowGeometry.windowRange, "window extent", in: place)
            let volume = extents.reduce(1, Shape.product)
            guard rank == image.count + 2, shape[-1] % volume == 0 else {
                throw ApusError(
                    .shape, in: place, "patches \(shape) of windows \(extents) for images \(image)",
                    remedy: "give [batch, positions.., window x channels]")
            }
            let result = Shape([shape[0]] + image + [shape[-1] / volume])
            _ = try result.checkedCount(in: place)
            let zeros = Tensor(repeating: 0, shape: result, dtype: dtype)
            // The patches are linear in the image: their derivative is the adjoint.
            return vjp(at: [zeros], cotangent: self) {
                $0[0].patches(window: window, strides: strides, padding: padding, dilation: dilation)
            }.gradients[0]
        }
    }
}
