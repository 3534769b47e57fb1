/// The sum of products over the last axes of both: `[.., k] x [.., k]`, with all leading axes of the first, then those
/// of the second. Scalars multiply.
public func inner(_ a: Tensor, _ b: Tensor) -> Tensor {
    Tensor.composed(of: [a, b]) {
        a.rank == 0 || b.rank == 0 ? a * b : tensordot(a, b, axes: ([-1], [-1]), in: "operation inner")
    }
}

/// All products of an element of the first and an element of the second: `[n] x [m] -> [n, m]`; others are flattened.
public func outer(_ a: Tensor, _ b: Tensor) -> Tensor {
    Tensor.composed(of: [a, b]) { a.flattened().expanded(at: 1) * b.flattened() }
}

/// The sum of the products of corresponding elements, a scalar; the shapes must be equal.
public func vdot(_ a: Tensor, _ b: Tensor) -> Tensor {
    Tensor.composed(of: [a, b]) { () throws(ApusError) in
        guard a.shape.count == b.shape.count else {
            throw ApusError(
                .shape, in: "operation vdot", "shapes \(a.shape) and \(b.shape) have different numbers of elements",
                remedy: "give tensors with as many elements")
        }
        return (a.flattened() * b.flattened()).sum()
    }
}

/// Products summed over the corresponding elements along one axis, which both have: the scalar products of vectors
/// there. Other axes broadcast.
public func vecdot(_ a: Tensor, _ b: Tensor, axis: Int = -1) -> Tensor {
    Tensor.composed(of: [a, b]) { () throws(ApusError) in
        let place = "operation vecdot"
        guard a.shape[try a.shape.axis(axis, in: place)] == b.shape[try b.shape.axis(axis, in: place)] else {
            throw ApusError(
                .shape, in: place, "shapes \(a.shape) and \(b.shape) differ at axis \(axis)",
                remedy: "give vectors of one length")
        }
        return (a * b).sum(axes: [axis])
    }
}

/// Products summed over the last `axes` axes of the first and the first `axes` of the second.
public func tensordot(_ a: Tensor, _ b: Tensor, axes: Int = 2) -> Tensor {
    Tensor.composed(of: [a, b]) { () throws(ApusError) in
        guard axes >= 0, axes <= a.rank, axes <= b.rank else {
            throw ApusError(
                .axis, in: "operation tensordot", "\(axes) axes of shapes \(a.shape) and \(b.shape)",
                remedy: "use at most as many as either has")
        }
        return tensordot(a, b, axes: (Array(a.rank - axes..<a.rank), Array(0..<axes)))
    }
}

/// Products summed over pairs of axes, one of each tensor; the result has the other axes of the first, then those of
/// the second.
public func tensordot(_ a: Tensor, _ b: Tensor, axes: ([Int], [Int])) -> Tensor {
    tensordot(a, b, axes: axes, in: "operation tensordot")
}

private func tensordot(_ a: Tensor, _ b: Tensor, axes: ([Int], [Int]), in place: String) -> Tensor {
    Tensor.composed(of: [a, b]) { () throws(ApusError) in
        _ = try a.shape.axes(axes.0, in: place)
        _ = try b.shape.axes(axes.1, in: place)
        var (first, second) = ([Int](), [Int]())
        for axis in axes.0 { first.append(try a.shape.axis(axis, in: place)) }
        for axis in axes.1 { second.append(try b.shape.axis(axis, in: place)) }
        let extents = first.map { a.shape[$0] }
        guard extents == second.map({ b.shape[$0] }) else {
            throw ApusError(
                .shape, in: place, "axes \(axes.0) of \(a.shape) and \(axes.1) of \(b.shape) do not fit",
                remedy: "pair axes of equal extents")
        }
        let left = (0..<a.rank).filter { !first.contains($0) }
        let right = (0..<b.rank).filter { !second.contains($0) }
        let summed = extents.reduce(1, *)
        let rows = left.map { a.shape[$0] }
        let columns = right.map { b.shape[$0] }
        let product = matmul(
            a.permuted(left + first).reshaped(to: [rows.reduce(1, *), summed]),
            b.permuted(second + right).reshaped(to: [summed, columns.reduce(1, *)]))
        return product.reshaped(to: Shape(rows + columns))
    }
}

/// How far a moving sum of products reaches over the ends of a vector.
public enum CorrelationMode: String, Sendable, Hashable, CaseIterable {
    /// Only where both overlap entirely.
    case valid
    /// As many as the longer one has, centred.
    case same
    /// Wherever they overlap.
    case full
}

/// The sums of products of a vector with another one that moves over it: `y[k] = sum over i of a[i + k] b[i]`, by
/// default where they overlap entirely.
public func correlate(_ a: Tensor, _ b: Tensor, mode: CorrelationMode = .valid) -> Tensor {
    moved(a, b, mode, "correlate") { a, b in
        if a.shape[0] >= b.shape[0] { return (a, b, false) }
        // The shorter one moves; the result then runs backwards.
        return (b, a, true)
    }
}

/// The convolution of two vectors: `y[k] = sum over i of a[i] b[k - i]`, by default of full length.
public func convolve(_ a: Tensor, _ b: Tensor, mode: CorrelationMode = .full) -> Tensor {
    moved(a, b, mode, "convolve") { a, b in
        let (long, short) = a.shape[0] >= b.shape[0] ? (a, b) : (b, a)
        return (long, short.reversed(axes: [0]), false)
    }
}

private func moved(
    _ a: Tensor, _ b: Tensor, _ mode: CorrelationMode, _ name: String,
    _ arrange: (Tensor, Tensor) -> (long: Tensor, short: Tensor, isReversed: Bool)
) -> Tensor {
    Tensor.composed(of: [a, b]) { () throws(ApusError) in
        guard a.rank == 1, b.rank == 1, a.shape[0] > 0, b.shape[0] > 0 else {
            throw ApusError(
                .shape, in: "operation \(name)", "shapes \(a.shape) and \(b.shape)",
                remedy: "give vectors with at least one element")
        }
        let (long, short, isReversed) = arrange(a, b)
        let size = short.shape[0]
        let widths: (before: Int, after: Int)
        switch mode {
        case .valid: widths = (0, 0)
        case .same:
            // The middle of the full result; where it is turned round, so is the odd one.
            let before = isReversed || name == "convolve" ? size / 2 : size / 2
            widths = isReversed ? (size - 1 - (size - 1) / 2, (size - 1) / 2) : (before, size - 1 - before)
        case .full: widths = (size - 1, size - 1)
        }
        let rows = long.padded([widths]).windows(axis: 0, size: size)
        let result = matmul(rows, short)
        return isReversed && result.error == nil ? result.reversed(axes: [0]) : result
    }
}

extension Tensor {
    /// The vectors of the last axis, of a power of two elements, times the Hadamard matrix (Sylvester's order) and
    /// `scale`, by default `1 / sqrt(n)`, which makes it its own inverse.
    ///
    /// - Complexity: `log2(n)` passes
    public func hadamardTransform(scale: Double? = nil) -> Tensor {
        onAxis(-1, in: "operation hadamardTransform") { axis throws(ApusError) in
            let extent = shape[axis]
            guard extent > 0, extent & (extent - 1) == 0, dtype.isFloatingPoint else {
                throw ApusError(
                    .shape, in: "operation hadamardTransform", "an axis of extent \(extent) of \(dtype)",
                    remedy: "use floating-point vectors of a power of two elements")
            }
            var result = self
            var width = 1
            while width < extent {
                let pairs = result.reshaped(to: Shape(shape.extents.dropLast() + [extent / (2 * width), 2, width]))
                let (a, b) = (pairs.slice(axis: -2, 0..<1), pairs.slice(axis: -2, 1..<2))
                result = Tensor.concatenate([a + b, a - b], axis: -2).reshaped(to: shape)
                width *= 2
            }
            return result * (scale ?? 1 / Double(extent).squareRoot())
        }
    }

    /// For each row of predictions `[n, classes]` whether the class that this vector `[n]` names is among the `count`
    /// with the largest values, `bool`. A row with a value that is not finite at its class has none.
    public func isInTop(_ count: Int, of predictions: Tensor) -> Tensor {
        Tensor.composed(of: [self, predictions]) { () throws(ApusError) in
            guard rank == 1, predictions.rank == 2, predictions.shape[0] == shape[0], dtype.isInteger, count >= 0
            else {
                throw ApusError(
                    .shape, in: "operation isInTop", "classes \(shape) of \(dtype), predictions \(predictions.shape)",
                    remedy: "give one integer for each row of predictions and a count of 0 or more")
            }
            let own = predictions.takeAlong(indices: expanded(at: 1), axis: 1, for: "operation isInTop")
            let better = (predictions .> own).countNonzero(axes: [1])
            return (better .< Double(count)) & own.isFinite().squeezed(1)
        }
    }
}
