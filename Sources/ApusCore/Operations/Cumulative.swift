import CKernels

/// Running sums, products, maxima or minima along an axis: element `j` folds the elements `0...j`, or `0..<j` if
/// exclusive; from the end if reverse.
package struct Cumulative: Operation {
    package static let name = "cumulative"
    let reduction: Reduction
    let axis: Int
    let reverse: Bool
    let exclusive: Bool

    package init(_ reduction: Reduction, axis: Int, reverse: Bool, exclusive: Bool) {
        self.reduction = reduction
        self.axis = axis
        self.reverse = reverse
        self.exclusive = exclusive
    }

    package var place: String { "operation cumulative \(reduction.rawValue)" }

    package func shape(of inputs: [Shape]) throws(ApusError) -> Shape {
        guard !exclusive || reduction == .sum || reduction == .product else {
            throw ApusError(
                .value, in: place, "the first element of an exclusive \(reduction.rawValue) is not defined",
                remedy: "use an inclusive one")
        }
        return inputs[0]
    }

    package func dtype(of inputs: [DType]) throws(ApusError) -> DType {
        try require(inputs, [.float32, .float64, .int32, .int64])
        return inputs[0]
    }

    package func gradient(_ dy: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
        let x = inputs[0]
        switch reduction {
        case .sum:
            return [Tensor(Cumulative(.sum, axis: axis, reverse: !reverse, exclusive: exclusive), [dy])]
        case .maximum, .minimum:
            let winners = x.cumulativeWinners(output, axis: axis, reverse: reverse)
            return [Tensor(ScatterAddAlong(axis: axis, extent: x.shape[axis]), [dy, winners])]
        case .product:
            func turned(_ tensor: Tensor) -> Tensor { reverse ? tensor.reversed(axes: [axis]) : tensor }
            return [turned(productGradient(turned(dy), turned(x)))]
        }
    }

    /// The gradient of running products: `before[i] * sum over j of dy[j] * product of x[i + 1] ... x[j]`. The sums
    /// obey `s[i] = dy[i] + x[i + 1] * s[i + 1]`, a recurrence solved in steps of double width. Nothing is divided, so
    /// it is exact at zeros, to any order.
    private func productGradient(_ dy: Tensor, _ x: Tensor) -> Tensor {
        let extent = x.shape[axis]
        let before = Tensor(Cumulative(.product, axis: axis, reverse: false, exclusive: true), [x])
        var factors = following(x, 1)
        var sums = exclusive ? following(dy, 1) : dy
        var width = 1
        while width < extent {
            sums = sums + factors * following(sums, width)
            factors = factors * following(factors, width)
            width *= 2
        }
        return before * sums
    }

    /// The elements that stand `distance` behind; zeros past the end.
    private func following(_ tensor: Tensor, _ distance: Int) -> Tensor {
        let extent = tensor.shape[axis]
        var widths = [(before: Int, after: Int)](repeating: (0, 0), count: tensor.rank)
        widths[axis].after = min(distance, extent)
        return tensor.slice(axis: axis, min(distance, extent)..<extent).padded(widths)
    }

    package var role: OperationRole { .kernel(offersEpilogue: false) }

    package func emit(_ kernel: inout KernelEmitter) throws(ApusError) {
        let x = kernel.inputs[0]
        var arguments = apus_cumulative()
        arguments.outer = x.shape.extents[..<axis].reduce(1, *)
        arguments.extent = x.shape[axis]
        arguments.inner = x.shape.extents[(axis + 1)...].reduce(1, *)
        arguments.kind =
            switch reduction {
            case .sum: 0
            case .product: 1
            case .maximum: 2
            case .minimum: 3
            }
        arguments.dtype = Int32(x.dtype.rawValue)
        arguments.reverse = reverse ? 1 : 0
        arguments.exclusive = exclusive ? 1 : 0
        var plan = apus_plan()
        apus_cumulative_plan(&arguments, &plan)
        kernel.call(
            arguments, plan: plan, workspace: \.workspace, [PointerField(\.x, x), PointerField(\.out, kernel.output)])
    }

    package func reference(_ inputs: [ReferenceTensor], shape: Shape) -> [Double] {
        var result = [Double](repeating: 0, count: shape.count)
        forEachLine(shape, axis: axis) { line in
            var running = reduction.identity
            for position in reverse ? line.reversed() : line {
                let folded = reduction.fold(running, inputs[0].values[position])
                result[position] = exclusive ? running : folded
                running = folded
            }
        }
        return result
    }
}

extension Tensor {
    /// The running sum along an axis; `exclusive` leaves each element itself out, `reverse` runs from the end.
    public func cumulativeSum(axis: Int = -1, reverse: Bool = false, exclusive: Bool = false) -> Tensor {
        cumulative(.sum, axis, reverse: reverse, exclusive: exclusive)
    }

    /// The running product along an axis; `exclusive` leaves each element itself out, `reverse` runs from the end.
    ///
    /// - Complexity: linear; the gradient takes `log2(extent)` passes and is exact at zeros.
    public func cumulativeProduct(axis: Int = -1, reverse: Bool = false, exclusive: Bool = false) -> Tensor {
        cumulative(.product, axis, reverse: reverse, exclusive: exclusive)
    }

    /// The running maximum along an axis; of equal elements the last one met gets the gradient.
    public func cumulativeMax(axis: Int = -1, reverse: Bool = false) -> Tensor {
        cumulative(.maximum, axis, reverse: reverse, exclusive: false)
    }

    /// The running minimum along an axis; of equal elements the last one met gets the gradient.
    public func cumulativeMin(axis: Int = -1, reverse: Bool = false) -> Tensor {
        cumulative(.minimum, axis, reverse: reverse, exclusive: false)
    }

    private func cumulative(_ reduction: Reduction, _ axis: Int, reverse: Bool, exclusive: Bool) -> Tensor {
        guard error == nil else { return self }
        do throws(ApusError) {
            let index = try shape.axis(axis, in: "operation cumulative \(reduction.rawValue)")
            return Tensor(Cumulative(reduction, axis: index, reverse: reverse, exclusive: exclusive), [self])
        } catch {
            return Tensor(error: error)
        }
    }

    /// For each element of a running extreme of this tensor the position, `int64`, from which it comes.
    package func cumulativeWinners(_ extremes: Tensor, axis: Int, reverse: Bool) -> Tensor {
        var column = [Int](repeating: 1, count: rank)
        column[axis] = shape[axis]
        let positions = Tensor.positions(0..<shape[axis]).reshaped(to: Shape(column)).broadcast(to: shape)
        let start = Tensor(repeating: reverse ? Double(shape[axis] - 1) : 0, shape: shape, dtype: .int64)
        let isExtreme = dtype.isFloatingPoint ? (self .== extremes) | isNaN() : self .== extremes
        let hit = Tensor.select(isExtreme, positions, start)
        return Tensor(
            Cumulative(reverse ? .minimum : .maximum, axis: axis, reverse: reverse, exclusive: false), [hit])
    }
}
