/// The same elements, row-major, under another shape.
package struct Reshape: Operation {
    package static let name = "reshape"
    let target: Shape

    package func shape(of inputs: [Shape]) throws(ApusError) -> Shape {
        _ = try target.checkedCount(in: place)
        guard target.count == inputs[0].count else {
            throw ApusError(
                .shape, in: place, "shape \(inputs[0]) has \(inputs[0].count) elements, \(target) has \(target.count)",
                remedy: "use a shape with as many elements")
        }
        return target
    }

    package func gradient(_ dy: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
        [dy.reshaped(to: inputs[0].shape)]
    }

    package var role: OperationRole { .view { [target] in $0.reshaped(to: target) } }

    package func batched(_ inputs: [Tensor], isBatched: [Bool]) -> Tensor? {
        inputs[0].reshaped(to: Shape([inputs[0].shape[0]] + target.extents))
    }

    package var additivity: Additivity { .linear }

    package func reference(_ inputs: [ReferenceTensor], shape: Shape) -> [Double] { inputs[0].values }
}

/// The axes in another order: output axis `i` is input axis `order[i]`.
package struct Permute: Operation {
    package static let name = "permute"
    let order: [Int]

    package func shape(of inputs: [Shape]) throws(ApusError) -> Shape {
        guard order.sorted() == Array(0..<inputs[0].rank) else {
            throw ApusError(
                .axis, in: place, "\(order) is not an order of the \(inputs[0].rank) axes of shape \(inputs[0])",
                remedy: "name each axis once")
        }
        return Shape(order.map { inputs[0][$0] })
    }

    package func gradient(_ dy: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
        var inverse = [Int](repeating: 0, count: order.count)
        for (position, axis) in order.enumerated() { inverse[axis] = position }
        return [dy.permuted(inverse)]
    }

    package func batched(_ inputs: [Tensor], isBatched: [Bool]) -> Tensor? {
        inputs[0].permuted([0] + order.map { $0 + 1 })
    }

    package var additivity: Additivity { .linear }

    package var role: OperationRole {
        .view { [order] view in
            var result = view
            result.shape = Shape(order.map { view.shape[$0] })
            result.strides = order.map { view.strides[$0] }
            return result
        }
    }

    package func reference(_ inputs: [ReferenceTensor], shape: Shape) -> [Double] {
        let source = inputs[0].shape.denseStrides
        var result: [Double] = []
        forEachIndex(shape) { index in
            var position = 0
            for (axis, from) in order.enumerated() { position += index[axis] * source[from] }
            result.append(inputs[0].values[position])
        }
        return result
    }
}

/// A regular part: on each axis `count` elements from `start` at distance `step` (negative runs backwards).
package struct Slice: Operation {
    package static let name = "slice"
    let starts: [Int]
    let counts: [Int]
    let steps: [Int]

    /// What no element depends on is made uniform, so that no later arithmetic meets extreme numbers.
    package init(starts: [Int], counts: [Int], steps: [Int]) {
        self.starts = zip(starts, counts).map { $1 == 0 ? 0 : $0 }
        self.counts = counts
        self.steps = zip(steps, counts).map { $1 <= 1 ? 1 : $0 }
    }

    package func shape(of inputs: [Shape]) throws(ApusError) -> Shape {
        guard starts.count == inputs[0].rank else {
            throw ApusError(
                .axis, in: place, "\(starts.count) ranges for shape \(inputs[0]) of rank \(inputs[0].rank)",
                remedy: "give one range an axis")
        }
        for axis in 0..<inputs[0].rank where counts[axis] > 0 {
            let (reach, overflow) = (counts[axis] - 1).multipliedReportingOverflow(by: steps[axis])
            let last = overflow ? .max : starts[axis] &+ reach
            for position in [starts[axis], last] where position < 0 || position >= inputs[0][axis] {
                throw ApusError(
                    .index, in: place, "position \(position) is outside axis \(axis) of shape \(inputs[0])",
                    remedy: "use positions in 0..<\(inputs[0][axis])")
            }
        }
        return Shape(counts)
    }

    package func gradient(_ dy: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
        [Tensor(Embed(starts: starts, steps: steps, target: inputs[0].shape, background: 0), [dy])]
    }

    package func batched(_ inputs: [Tensor], isBatched: [Bool]) -> Tensor? {
        let count = inputs[0].shape[0]
        return Tensor(Slice(starts: [0] + starts, counts: [count] + counts, steps: [1] + steps), inputs)
    }

    package var additivity: Additivity { .linear }

    package var role: OperationRole {
        .view { [starts, counts, steps] view in
            var result = view
            result.shape = Shape(counts)
            for axis in 0..<starts.count where result.shape.count > 0 {
                result.offset += starts[axis] * view.strides[axis]
                result.strides[axis] = steps[axis] * view.strides[axis]
            }
            return result
        }
    }

    package func reference(_ inputs: [ReferenceTensor], shape: Shape) -> [Double] {
        let source = inputs[0].shape.denseStrides
        var result: [Double] = []
        forEachIndex(shape) { index in
            var position = 0
            for axis in 0..<index.count { position += (starts[axis] + index[axis] * steps[axis]) * source[axis] }
            result.append(inputs[0].values[position])
        }
        return result
    }
}

/// The adjoint of a slice, and padding: a tensor of one number with the input written into a regular part.
package struct Embed: Operation {
    package static let name = "pad"
    let starts: [Int]
    let steps: [Int]
    let target: Shape
    let backgroundBits: UInt64

    init(starts: [Int], steps: [Int], target: Shape, background: Double) {
        self.starts = starts
        self.steps = steps
        self.target = target
        backgroundBits = background.bitPattern
    }

    package func shape(of inputs: [Shape]) throws(ApusError) -> Shape {
        guard starts.count == inputs[0].rank else {
            throw ApusError(
                .axis, in: place, "\(starts.count) pairs for shape \(inputs[0]) of rank \(inputs[0].rank)",
                remedy: "give one pair an axis")
        }
        return target
    }

    package func gradient(_ dy: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
        [Tensor(Slice(starts: starts, counts: inputs[0].shape.extents, steps: steps), [dy])]
    }

    package func batched(_ inputs: [Tensor], isBatched: [Bool]) -> Tensor? {
        Tensor(
            Embed(
                starts: [0] + starts, steps: [1] + steps, target: Shape([inputs[0].shape[0]] + target.extents),
                background: Double(bitPattern: backgroundBits)), inputs)
    }

    package func joined(with other: any Operation, shapes: [Shape], otherShapes: [Shape]) -> (any Operation)? {
        guard let own = Mosaic.mosaic(self, shapes), let others = Mosaic.mosaic(other, otherShapes) else { return nil }
        return Mosaic.joined(own, others)
    }

    package var additivity: Additivity { backgroundBits == 0 ? .linear : .none }

    package var role: OperationRole {
        .assemble(background: Double(bitPattern: backgroundBits)) { [starts, steps] output, shapes in
            var region = output
            region.shape = shapes[0]
            // Where nothing is written, nothing is known of the numbers.
            for axis in 0..<starts.count where shapes[0].count > 0 {
                region.offset += starts[axis] * output.strides[axis]
                region.strides[axis] = (shapes[0][axis] > 1 ? steps[axis] : 1) * output.strides[axis]
            }
            return [region]
        }
    }

    package func reference(_ inputs: [ReferenceTensor], shape: Shape) -> [Double] {
        var result = [Double](repeating: Double(bitPattern: backgroundBits), count: shape.count)
        let strides = shape.denseStrides
        var position = 0
        forEachIndex(inputs[0].shape) { index in
            var target = 0
            for axis in 0..<index.count { target += (starts[axis] + index[axis] * steps[axis]) * strides[axis] }
            result[target] = inputs[0].values[position]
            position += 1
        }
        return result
    }
}

/// Tensors one behind the other along an axis.
package struct Concatenate: Operation {
    package static let name = "concatenate"
    let axis: Int

    package func shape(of inputs: [Shape]) throws(ApusError) -> Shape {
        for shape in inputs {
            guard shape.rank == inputs[0].rank,
                (0..<shape.rank).allSatisfy({ $0 == axis || shape[$0] == inputs[0][$0] })
            else {
                throw ApusError(
                    .shape, in: place, "shapes \(inputs[0]) and \(shape) differ beside axis \(axis)",
                    remedy: "make all other extents equal")
            }
        }
        return inputs[0].replacing(axis, with: inputs.reduce(0) { $0 + $1[axis] })
    }

    package func dtype(of inputs: [DType]) throws(ApusError) -> DType {
        try require(inputs, DType.allCases)
        return inputs[0]
    }

    package func gradient(_ dy: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
        var start = 0
        return inputs.map { input in
            defer { start += input.shape[axis] }
            return dy.slice(axis: axis, start..<start + input.shape[axis])
        }
    }

    package func batched(_ inputs: [Tensor], isBatched: [Bool]) -> Tensor? {
        guard let count = zip(inputs, isBatched).first(where: { $1 })?.0.shape[0] else { return nil }
        return Tensor(
            Concatenate(axis: axis + 1),
            zip(inputs, isBatched).map { input, isBatched in
                isBatched ? input : input.broadcast(to: Shape([count] + input.shape.extents))
            })
    }

    package var additivity: Additivity { .linear }

    package var role: OperationRole {
        .assemble(background: nil) { [axis] output, shapes in
            var start = 0
            return shapes.map { shape in
                var region = output
                region.shape = shape
                region.offset += start * output.strides[axis]
                start += shape[axis]
                return region
            }
        }
    }

    package func reference(_ inputs: [ReferenceTensor], shape: Shape) -> [Double] {
        var result = [Double](repeating: 0, count: shape.count)
        let strides = shape.denseStrides
        var start = 0
        for input in inputs {
            var position = 0
            forEachIndex(input.shape) { index in
                var target = start * strides[axis]
                for other in 0..<index.count { target += index[other] * strides[other] }
                result[target] = input.values[position]
                position += 1
            }
            start += input.shape[axis]
        }
        return result
    }
}

/// Repeats along axes of extent 1 and new leading axes.
package struct Broadcast: Operation {
    package static let name = "broadcast"
    let target: Shape

    package func shape(of inputs: [Shape]) throws(ApusError) -> Shape {
        guard inputs[0].rank <= target.rank, try Shape.broadcast(inputs[0], target, in: place) == target else {
            throw ApusError(
                .shape, in: place, "shape \(inputs[0]) does not broadcast to \(target)",
                remedy: "only extents of 1 and missing leading axes are repeated")
        }
        return target
    }

    package func gradient(_ dy: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
        [dy.sum(to: inputs[0].shape)]
    }

    package func batched(_ inputs: [Tensor], isBatched: [Bool]) -> Tensor? {
        let (source, count) = (inputs[0].shape, inputs[0].shape[0])
        let ones = [Int](repeating: 1, count: target.rank + 1 - source.rank)
        return inputs[0].reshaped(to: Shape([count] + ones + source.extents.dropFirst()))
            .broadcast(to: Shape([count] + target.extents))
    }

    package var additivity: Additivity { .linear }

    package var role: OperationRole { .broadcast }

    package func reference(_ inputs: [ReferenceTensor], shape: Shape) -> [Double] {
        let source = inputs[0].shape
        let strides = source.denseStrides
        var result: [Double] = []
        forEachIndex(shape) { index in
            var position = 0
            for axis in 0..<source.rank where source[axis] != 1 {
                position += index[shape.rank - source.rank + axis] * strides[axis]
            }
            result.append(inputs[0].values[position])
        }
        return result
    }
}
