/// Sums that are less work in another form.
extension Graph {
    /// The sum of products with a factor that is the same along the axes, or of negated values, as that of the values
    /// alone: `sum(a b) = b sum(a)`. Sums of a gradient, as of a bias and of a mean, are then one.
    mutating func factored(
        _ sum: any Operation, _ axes: Range<Int>, _ input: Int, shape: Shape, dtype: DType
    ) -> Int? {
        // Half the bits end at numbers that a sum without its small factor passes soon. An empty sum is 0 whatever the
        // factor.
        guard dtype == .float32 || dtype == .float64, axes.allSatisfy({ entries[input].shape[$0] > 0 }),
            let function = (entries[input].operation as? Elementwise)?.function
        else { return nil }
        let operands = entries[input].inputs
        switch function {
        case .negate:
            let value = add(sum, operands, shape: shape, dtype: dtype)
            return add(Elementwise(.negate), [value], shape: shape, dtype: dtype)
        case .multiply:
            for (factor, other) in [(operands[1], operands[0]), (operands[0], operands[1])] {
                guard let constant = factorOutside(axes, factor, shape: shape, dtype: dtype) else { continue }
                let value = add(sum, [other], shape: shape, dtype: dtype)
                return add(Elementwise(.multiply), [value, constant], shape: shape, dtype: dtype)
            }
            return nil
        default: return nil
        }
    }

    /// A factor that is the same along the axes, with extents of 1 there.
    private mutating func factorOutside(_ axes: Range<Int>, _ factor: Int, shape: Shape, dtype: DType) -> Int? {
        if let value = fill(factor) { return addFill(value, shape: shape, dtype: dtype) }
        guard case .broadcast = entries[factor].role else { return nil }
        let source = entries[factor].inputs[0]
        let missing = shape.rank - entries[source].shape.rank
        guard axes.allSatisfy({ $0 < missing || entries[source].shape[$0 - missing] == 1 }) else { return nil }
        if entries[source].shape == shape { return source }
        if entries[source].shape.count == shape.count {
            return add(Reshape(target: shape), [source], shape: shape, dtype: dtype)
        }
        return add(Broadcast(target: shape), [source], shape: shape, dtype: dtype)
    }

    /// `a + c s` or `a - c s` of scattered elements `s`, fewer than half of those of `a`, and a number `c`: the
    /// elements times `c`, scattered onto `a`.
    mutating func scattered(
        _ function: ElementwiseFunction, _ inputs: [Int], shape: Shape, dtype: DType
    ) -> Int? {
        guard dtype.isFloatingPoint else { return nil }
        var (source, factor) = (inputs[1], Int?.none)
        if (entries[source].operation as? Elementwise)?.function == .multiply {
            let operands = entries[source].inputs
            let isFirst = entries[operands[0]].operation is ScatterAdd
            (source, factor) = (operands[isFirst ? 0 : 1], operands[isFirst ? 1 : 0])
        }
        guard let scatter = entries[source].operation as? ScatterAdd else { return nil }
        var elements = entries[source].inputs[0]
        let indices = entries[source].inputs[1]
        guard entries[elements].shape.count * 2 <= shape.count else { return nil }
        let sign = function == .subtract ? -1.0 : 1
        let number: Int
        if let value = factor == nil ? 1 : factor.flatMap(fill) {
            number = addFill(sign * value, shape: [], dtype: dtype)
        } else if let factor, case .broadcast = entries[factor].role,
            entries[entries[factor].inputs[0]].shape.count == 1
        {
            let value = add(Reshape(target: []), entries[factor].inputs, shape: [], dtype: dtype)
            number = sign == 1 ? value : add(Elementwise(.negate), [value], shape: [], dtype: dtype)
        } else {
            return nil
        }
        elements = scaled(elements, by: number)
        return append(
            ScatterAddOnto(axis: scatter.axis), [inputs[0], elements, indices], shape: shape, dtype: dtype)
    }

    /// A value times a number, which goes to the smallest factor.
    private mutating func scaled(_ value: Int, by number: Int) -> Int {
        let entry = entries[value]
        func product(_ graph: inout Graph, _ a: Int, _ b: Int) -> Int {
            graph.add(Elementwise(.multiply), [a, b], shape: entry.shape, dtype: entry.dtype)
        }
        if (entry.operation as? Elementwise)?.function == .multiply {
            for (factor, other) in [(entry.inputs[1], entry.inputs[0]), (entry.inputs[0], entry.inputs[1])] {
                guard case .broadcast = entries[factor].role else { continue }
                let source = entries[factor].inputs[0]
                guard entries[source].shape.count * 4 <= entry.shape.count else { continue }
                let small = scaled(source, by: number)
                let spread = add(Broadcast(target: entry.shape), [small], shape: entry.shape, dtype: entry.dtype)
                return product(&self, other, spread)
            }
        }
        let spread = add(Broadcast(target: entry.shape), [number], shape: entry.shape, dtype: entry.dtype)
        return product(&self, value, spread)
    }
}
