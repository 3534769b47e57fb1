extension Tensor {
    /// Folds axes, one adjacent run after the other.
    package func reduced(_ reduction: Reduction, _ axes: [Int]?, keepDimensions: Bool) -> Tensor {
        guard error == nil else { return self }
        let chosen: [Int]
        do throws(ApusError) {
            chosen = try shape.axes(axes, in: "operation \(reduction.rawValue)")
        } catch {
            return Tensor(error: error)
        }
        var result = self
        var end = chosen.count
        while end > 0 {
            var start = end - 1
            while start > 0, chosen[start - 1] == chosen[start] - 1 { start -= 1 }
            result = Tensor(Reduce(reduction, axes: chosen[start]..<chosen[end - 1] + 1), [result])
            end = start
        }
        if keepDimensions || result.error != nil { return result }
        return result.reshaped(to: shape.without(chosen))
    }

    /// The sum over axes (all of them by default); with `keepDimensions` they stay with extent 1.
    public func sum(axes: [Int]? = nil, keepDimensions: Bool = false) -> Tensor {
        reduced(.sum, axes, keepDimensions: keepDimensions)
    }

    /// The mean over axes (all of them by default); that of integers and truth values is `float32`.
    public func mean(axes: [Int]? = nil, keepDimensions: Bool = false) -> Tensor {
        let total = asFloatingPoint.sum(axes: axes, keepDimensions: keepDimensions)
        guard total.error == nil else { return total }
        return total / (Double(shape.count) / Double(Swift.max(total.shape.count, 1)))
    }

    /// The largest element along axes (all of them by default); NaN if there is one.
    public func max(axes: [Int]? = nil, keepDimensions: Bool = false) -> Tensor {
        reduced(.maximum, axes, keepDimensions: keepDimensions)
    }

    /// The smallest element along axes (all of them by default); NaN if there is one.
    public func min(axes: [Int]? = nil, keepDimensions: Bool = false) -> Tensor {
        reduced(.minimum, axes, keepDimensions: keepDimensions)
    }

    /// The product over axes (all of them by default).
    public func product(axes: [Int]? = nil, keepDimensions: Bool = false) -> Tensor {
        reduced(.product, axes, keepDimensions: keepDimensions)
    }

    /// The variance over axes: the mean squared distance from the mean, divided by `count - correction`.
    public func variance(axes: [Int]? = nil, correction: Int = 0, keepDimensions: Bool = false) -> Tensor {
        let x = asFloatingPoint
        let mean = x.mean(axes: axes, keepDimensions: true)
        let total = (x - mean).square().sum(axes: axes, keepDimensions: true)
        guard total.error == nil else { return total }
        let divisor = Double(shape.count) / Double(Swift.max(total.shape.count, 1)) - Double(correction)
        let variance = Tensor(Variance(divisor: divisor), [total / divisor, x, mean])
        guard !keepDimensions, let chosen = try? shape.axes(axes, in: "operation variance") else { return variance }
        return variance.reshaped(to: shape.without(chosen))
    }

    /// The sum that undoes a broadcast from `shape`.
    package func sum(to target: Shape) -> Tensor {
        guard error == nil, target != shape else { return self }
        let added = rank - target.rank
        let axes = (0..<rank).filter { $0 < added || target[$0 - added] == 1 && shape[$0] != 1 }
        return sum(axes: axes, keepDimensions: true).reshaped(to: target)
    }

    /// The logarithm of the sum of exponentials over the last axis, safe against overflow: `[..., 1]`.
    public func logSumExp() -> Tensor {
        let largest = self.max(axes: [-1], keepDimensions: true).stopGradient()
        return (self - largest).exp().sum(axes: [-1], keepDimensions: true).log() + largest
    }

    /// `exp(x) / sum(exp(x))` over an axis, safe against overflow.
    public func softmax(axis: Int = -1) -> Tensor {
        guard error == nil else { return self }
        do throws(ApusError) {
            _ = try shape.axis(axis, in: "operation softmax")
        } catch {
            return Tensor(error: error)
        }
        let largest = self.max(axes: [axis], keepDimensions: true).stopGradient()
        let powers = (self - largest).exp()
        return powers / powers.sum(axes: [axis], keepDimensions: true)
    }

    /// The logarithm of `softmax`, over the last axis.
    public func logSoftmax() -> Tensor { self - logSumExp() }
}

extension Shape {
    /// The shape with some axes left out.
    fileprivate func without(_ axes: [Int]) -> Shape {
        Shape(extents.indices.filter { !axes.contains($0) }.map { self[$0] })
    }
}

/// The product of matrices `[..., m, k] x [..., k, n] -> [..., m, n]`; leading axes broadcast. A vector on the left is
/// a row, on the right a column, and its axis is dropped from the result.
public func matmul(_ a: Tensor, _ b: Tensor) -> Tensor {
    if a.error != nil { return a }
    if b.error != nil { return b }
    guard a.rank > 0, b.rank > 0 else {
        return Tensor(
            error: ApusError(
                .shape, in: "operation matmul", "shapes \(a.shape) and \(b.shape): a scalar is no matrix",
                remedy: "multiply scalars with *"))
    }
    if a.rank == 1 { return matmul(a.expanded(at: 0), b).squeezedIfValid(b.rank == 1 ? -1 : -2) }
    if b.rank == 1 { return matmul(a, b.expanded(at: 1)).squeezedIfValid(-1) }
    guard a.shape[-1] == b.shape[-2] else {
        return Tensor(
            error: ApusError(
                .shape, in: "operation matmul",
                "shapes \(a.shape) and \(b.shape) do not fit: inner extents \(a.shape[-1]) and \(b.shape[-2])",
                remedy: "the last extent of the first must equal the last but one of the second"))
    }
    if a.rank > 2, b.rank == 2 {
        // One product for the whole batch.
        let rows = a.shape.extents.dropLast().reduce(1, *)
        return matmul(a.reshaped(to: [rows, a.shape[-1]]), b)
            .reshaped(to: Shape(a.shape.extents.dropLast() + [b.shape[-1]]))
    }
    let (first, second) = (Shape(Array(a.shape.extents.dropLast(2))), Shape(Array(b.shape.extents.dropLast(2))))
    guard let leading = try? Shape.broadcast(first, second, in: "") else {
        return Tensor(
            error: ApusError(
                .shape, in: "operation matmul",
                "shapes \(a.shape) and \(b.shape) do not fit: leading extents \(first) and \(second) do not broadcast",
                remedy: "make leading extents equal, or one of them 1"))
    }
    return Tensor(
        MatrixProduct(),
        [
            a.broadcast(to: Shape(leading.extents + a.shape.extents.suffix(2))),
            b.broadcast(to: Shape(leading.extents + b.shape.extents.suffix(2))),
        ])
}

extension Tensor {
    fileprivate func squeezedIfValid(_ axis: Int) -> Tensor { error == nil ? squeezed(axis) : self }
}
