/// Summaries composed of reductions, order and running folds.
extension Tensor {
    /// Whether any element is true (or not 0) along axes, `bool`.
    public func any(axes: [Int]? = nil, keepDimensions: Bool = false) -> Tensor {
        countNonzero(axes: axes, keepDimensions: keepDimensions) .> 0.0
    }

    /// Whether all elements are true (or not 0) along axes, `bool`.
    public func all(axes: [Int]? = nil, keepDimensions: Bool = false) -> Tensor {
        let zeros = (cast(to: .bool) .== 0.0).cast(to: .int64)
        return zeros.sum(axes: axes, keepDimensions: keepDimensions) .== 0.0
    }

    /// How many elements are not 0 along axes, `int64`.
    public func countNonzero(axes: [Int]? = nil, keepDimensions: Bool = false) -> Tensor {
        cast(to: .bool).cast(to: .int64).sum(axes: axes, keepDimensions: keepDimensions)
    }

    /// How often each of the numbers `0..<length` occurs, `int64`. Other numbers are an error when the counts are read.
    public func occurrences(length: Int) -> Tensor {
        let flat = flattened()
        guard flat.error == nil else { return flat }
        return Tensor.ones(flat.shape, dtype: .int64).scatterAdd(indices: flat, extent: length)
    }

    /// The standard deviation over axes: the root of the variance. Its gradient is 0 where it is 0.
    public func standardDeviation(axes: [Int]? = nil, correction: Int = 0, keepDimensions: Bool = false) -> Tensor {
        variance(axes: axes, correction: correction, keepDimensions: keepDimensions).rootWithFlatZero()
    }

    /// `(sum |x|^order)^(1 / order)` over axes; `.infinity` gives the largest magnitude, 0 the count of nonzeros. Norms of
    /// integers are `float32`.
    public func norm(_ order: Double = 2, axes: [Int]? = nil, keepDimensions: Bool = false) -> Tensor {
        guard error != nil || dtype.isFloatingPoint else {
            return asFloatingPoint.norm(order, axes: axes, keepDimensions: keepDimensions)
        }
        switch order {
        case 0: return countNonzero(axes: axes, keepDimensions: keepDimensions).cast(to: dtype)
        case 1: return absolute().sum(axes: axes, keepDimensions: keepDimensions)
        case 2: return square().sum(axes: axes, keepDimensions: keepDimensions).rootWithFlatZero()
        case .infinity: return absolute().max(axes: axes, keepDimensions: keepDimensions)
        case -.infinity: return absolute().min(axes: axes, keepDimensions: keepDimensions)
        default:
            let powers = Tensor.power(absolute(), order).sum(axes: axes, keepDimensions: keepDimensions)
            return Tensor.power(powers, 1 / order)
        }
    }

    /// The square root with derivative 0 at 0.
    package func rootWithFlatZero() -> Tensor {
        guard error == nil else { return self }
        let isZero = self .== 0.0
        let root = Tensor.select(isZero, Tensor.ones(shape, dtype: dtype), self).squareRoot()
        return Tensor.select(isZero, Tensor.zeros(shape, dtype: dtype), root)
    }

    /// The logarithm of the sum of exponentials over axes (all by default), safe against overflow.
    public func logSumExp(axes: [Int]?, keepDimensions: Bool = false) -> Tensor {
        guard error == nil else { return self }
        let largest = self.max(axes: axes, keepDimensions: true).stopGradient()
        guard largest.error == nil else { return largest }
        let shift = Tensor.select(largest.isFinite(), largest, Tensor.zeros(largest.shape, dtype: dtype))
        let result = (self - shift).exp().sum(axes: axes, keepDimensions: true).log() + shift
        guard !keepDimensions, let folded = try? shape.axes(axes, in: "") else { return result }
        return result.reshaped(to: Shape((0..<rank).filter { !folded.contains($0) }.map { shape[$0] }))
    }

    /// The running logarithm of the sum of exponentials along an axis, safe against overflow.
    ///
    /// - Complexity: `log2(extent)` passes
    public func cumulativeLogSumExp(axis: Int = -1) -> Tensor {
        guard error == nil else { return self }
        do throws(ApusError) {
            let index = try shape.axis(axis, in: "operation cumulativeLogSumExp")
            var result = self
            var width = 1
            while width < shape[index] {
                let later = Tensor.logAddExp(
                    result.slice(axis: index, width..<shape[index]),
                    result.slice(axis: index, 0..<shape[index] - width))
                result = Tensor.concatenate([result.slice(axis: index, 0..<width), later], axis: index)
                width *= 2
            }
            return result
        } catch {
            return Tensor(error: error)
        }
    }

    /// The element in the middle along an axis; of an even count the mean of the two middle ones
    /// (of integers `float32`), or the lower one.
    public func median(axis: Int, lower: Bool = false, keepDimensions: Bool = false) -> Tensor {
        (lower ? self : asFloatingPoint).middle(axis, "median", keepDimensions) { ordered, index, extent in
            let low = ordered.slice(axis: index, (extent - 1) / 2..<(extent - 1) / 2 + 1)
            if lower || extent % 2 == 1 { return low }
            return (low + ordered.slice(axis: index, extent / 2..<extent / 2 + 1)) / 2
        }
    }

    /// The value below which the fraction `q` of an axis lies, interpolated linearly between elements; that of
    /// integers is `float32`.
    public func quantile(_ q: Double, axis: Int, keepDimensions: Bool = false) -> Tensor {
        guard q >= 0, q <= 1 else {
            return Tensor(
                error: ApusError(
                    .value, in: "operation quantile", "the fraction \(q) is out of range", remedy: "use 0...1"))
        }
        return asFloatingPoint.middle(axis, "quantile", keepDimensions) { ordered, index, extent in
            let position = q * Double(extent - 1)
            let low = Int(position.rounded(.down))
            let high = Swift.min(low + 1, extent - 1)
            let first = ordered.slice(axis: index, low..<low + 1)
            return first + (ordered.slice(axis: index, high..<high + 1) - first) * (position - Double(low))
        }
    }

    private func middle(
        _ axis: Int, _ name: String, _ keepDimensions: Bool, _ choose: (Tensor, _ axis: Int, _ extent: Int) -> Tensor
    ) -> Tensor {
        guard error == nil else { return self }
        do throws(ApusError) {
            let index = try shape.axis(axis, in: "operation \(name)")
            guard shape[index] > 0 else {
                throw ApusError(
                    .shape, in: "operation \(name)", "axis \(axis) of shape \(shape) has no elements",
                    remedy: "use an axis with at least one element")
            }
            let result = choose(sorted(axis: index), index, shape[index])
            return keepDimensions || result.error != nil ? result : result.squeezed(index)
        } catch {
            return Tensor(error: error)
        }
    }

    /// For each value the number of elements of this ascending vector that are smaller (with `right`: not larger),
    /// `int64`: where it would be inserted.
    public func insertionPoints(of values: Tensor, right: Bool = false) -> Tensor {
        let before = right ? self .<= values.expanded(at: -1) : self .< values.expanded(at: -1)
        return before.cast(to: .int64).sum(axes: [-1])
    }
}
