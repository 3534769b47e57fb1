/// Reductions that leave NaN out. Of axes with nothing but NaN the sum is 0, the product 1, all others NaN.
extension Tensor {
    /// The sum of the elements that are not NaN.
    public func sumIgnoringNaN(axes: [Int]? = nil, keepDimensions: Bool = false) -> Tensor {
        replacingNaN(0).sum(axes: axes, keepDimensions: keepDimensions)
    }
    /// The product of the elements that are not NaN.
    public func productIgnoringNaN(axes: [Int]? = nil, keepDimensions: Bool = false) -> Tensor {
        replacingNaN(1).product(axes: axes, keepDimensions: keepDimensions)
    }
    /// The mean of the elements that are not NaN; that of integers is `float32`.
    public func meanIgnoringNaN(axes: [Int]? = nil, keepDimensions: Bool = false) -> Tensor {
        asFloatingPoint.sumIgnoringNaN(axes: axes, keepDimensions: keepDimensions)
            / asFloatingPoint.numberCount(axes, keepDimensions)
    }
    /// The variance of the elements that are not NaN, divided by their count less `correction`.
    public func varianceIgnoringNaN(axes: [Int]? = nil, correction: Int = 0, keepDimensions: Bool = false) -> Tensor {
        let centred = asFloatingPoint - meanIgnoringNaN(axes: axes, keepDimensions: true)
        return centred.square().sumIgnoringNaN(axes: axes, keepDimensions: keepDimensions)
            / (asFloatingPoint.numberCount(axes, keepDimensions) - Double(correction))
    }
    /// The standard deviation of the elements that are not NaN; its gradient is 0 where it is 0.
    public func standardDeviationIgnoringNaN(
        axes: [Int]? = nil, correction: Int = 0, keepDimensions: Bool = false
    ) -> Tensor {
        varianceIgnoringNaN(axes: axes, correction: correction, keepDimensions: keepDimensions).rootWithFlatZero()
    }
    /// The largest of the elements that are not NaN.
    public func maxIgnoringNaN(axes: [Int]? = nil, keepDimensions: Bool = false) -> Tensor {
        orNaN(replacingNaN(-.infinity).max(axes: axes, keepDimensions: keepDimensions), axes, keepDimensions)
    }
    /// The smallest of the elements that are not NaN.
    public func minIgnoringNaN(axes: [Int]? = nil, keepDimensions: Bool = false) -> Tensor {
        orNaN(replacingNaN(.infinity).min(axes: axes, keepDimensions: keepDimensions), axes, keepDimensions)
    }
    /// The position of the largest element that is not NaN along an axis, `int64`; the first, if several, or if all
    /// are NaN.
    public func argmaxIgnoringNaN(axis: Int = -1, keepDimensions: Bool = false) -> Tensor {
        replacingNaN(-.infinity).argmax(axis: axis, keepDimensions: keepDimensions)
    }
    /// The position of the smallest element that is not NaN along an axis, `int64`; the first, if several, or if all
    /// are NaN.
    public func argminIgnoringNaN(axis: Int = -1, keepDimensions: Bool = false) -> Tensor {
        replacingNaN(.infinity).argmin(axis: axis, keepDimensions: keepDimensions)
    }
    /// The running sum along an axis; NaN counts as 0.
    public func cumulativeSumIgnoringNaN(axis: Int = -1) -> Tensor { replacingNaN(0).cumulativeSum(axis: axis) }
    /// The running product along an axis; NaN counts as 1.
    public func cumulativeProductIgnoringNaN(axis: Int = -1) -> Tensor { replacingNaN(1).cumulativeProduct(axis: axis) }
    /// The element in the middle of those that are not NaN along an axis; of an even count the mean of the two middle
    /// ones.
    public func medianIgnoringNaN(axis: Int, keepDimensions: Bool = false) -> Tensor {
        quantileIgnoringNaN(0.5, axis: axis, keepDimensions: keepDimensions)
    }
    /// The value below which the fraction `q` of the elements that are not NaN lies along an axis, interpolated
    /// linearly.
    public func quantileIgnoringNaN(_ q: Double, axis: Int, keepDimensions: Bool = false) -> Tensor {
        let place = "operation quantileIgnoringNaN"
        return onAxis(axis, in: place) { index throws(ApusError) in
            guard q >= 0, q <= 1, shape[index] > 0 else {
                throw ApusError(
                    .value, in: place, "the fraction \(q) of axis \(axis) of shape \(shape)",
                    remedy: "use a fraction in 0...1 and an axis with at least one element")
            }
            guard dtype.isFloatingPoint else { return quantile(q, axis: axis, keepDimensions: keepDimensions) }
            // NaN is sorted to the end.
            let ordered = sorted(axis: index)
            let last = Tensor.maximum(numberCount([index], true) - 1, 0)
            let position = last * q
            let low = position.floor()
            let high = Tensor.minimum(low + 1, last)
            let first = ordered.takeAlong(indices: low.cast(to: .int64), axis: index)
            let second = ordered.takeAlong(indices: high.cast(to: .int64), axis: index)
            let result = first + (second - first) * (position - low)
            return keepDimensions || result.error != nil ? result : result.squeezed(index)
        }
    }

    private func replacingNaN(_ value: Double) -> Tensor {
        error == nil && dtype.isFloatingPoint ? Tensor.select(isNaN(), filled(value), self) : self
    }

    /// How many elements are not NaN, in this tensor's type.
    private func numberCount(_ axes: [Int]?, _ keepDimensions: Bool) -> Tensor {
        guard error == nil else { return self }
        let ones = dtype.isFloatingPoint ? (!isNaN()).cast(to: dtype) : filled(1)
        return ones.sum(axes: axes, keepDimensions: keepDimensions)
    }

    private func orNaN(_ value: Tensor, _ axes: [Int]?, _ keepDimensions: Bool) -> Tensor {
        guard value.error == nil, dtype.isFloatingPoint else { return value }
        return Tensor.select(numberCount(axes, keepDimensions) .> 0.0, value, value.filled(.nan))
    }
}
