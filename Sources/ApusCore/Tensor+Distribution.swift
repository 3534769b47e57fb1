/// How the elements of a tensor are distributed: moments, counts, covariances.
extension Tensor {
    /// The mean and the variance over axes (all of them by default).
    public func moments(axes: [Int]? = nil, keepDimensions: Bool = false) -> (mean: Tensor, variance: Tensor) {
        (
            mean(axes: axes, keepDimensions: keepDimensions), variance(axes: axes, keepDimensions: keepDimensions)
        )
    }

    /// The mean over axes with weights that broadcast to the tensor: `sum(x w) / sum(w)`; that of integers is `float32`.
    public func average(weights: Tensor, axes: [Int]? = nil, keepDimensions: Bool = false) -> Tensor {
        Tensor.composed(of: [self, weights]) { () throws(ApusError) in
            let common = try Shape.broadcast(shape, weights.shape, in: "operation average")
            let factors = weights.asFloatingPoint.broadcast(to: common)
            return (asFloatingPoint * factors).sum(axes: axes, keepDimensions: keepDimensions)
                / factors.sum(axes: axes, keepDimensions: keepDimensions)
        }
    }

    /// The largest minus the smallest element over axes.
    public func peakToPeak(axes: [Int]? = nil, keepDimensions: Bool = false) -> Tensor {
        max(axes: axes, keepDimensions: keepDimensions) - min(axes: axes, keepDimensions: keepDimensions)
    }

    /// The value below which `percent` of 100 parts of an axis lie; see ``quantile(_:axis:keepDimensions:)``.
    public func percentile(_ percent: Double, axis: Int, keepDimensions: Bool = false) -> Tensor {
        quantile(percent / 100, axis: axis, keepDimensions: keepDimensions)
    }

    /// The element that occurs most often along an axis; of several the smallest.
    public func mode(axis: Int = -1, keepDimensions: Bool = false) -> Tensor {
        let place = "operation mode"
        return onAxis(axis, in: place) { index throws(ApusError) in
            guard shape[index] > 0 else {
                throw ApusError(
                    .shape, in: place, "axis \(axis) of shape \(shape) has no elements",
                    remedy: "use an axis with at least one element")
            }
            let ordered = sorted(axis: index)
            if let error = ordered.error { throw error }
            var column = [Int](repeating: 1, count: rank)
            column[index] = shape[index]
            let places = Tensor.range(count: shape[index], dtype: .int64).reshaped(to: Shape(column))
                .broadcast(to: shape)
            // How long the run of equal elements is that reaches up to here.
            let isStart =
                shape[index] == 1
                ? Tensor(repeating: 1, shape: shape, dtype: .bool)
                : Tensor.concatenate(
                    [
                        Tensor(repeating: 1, shape: shape.replacing(index, with: 1), dtype: .bool),
                        ordered.slice(axis: index, 1..<shape[index])
                            .!= ordered.slice(axis: index, 0..<shape[index] - 1),
                    ], axis: index)
            let starts = Tensor.select(isStart, places, places.filled(0)).cumulativeMax(axis: index)
            let longest = (places - starts).argmax(axis: index, keepDimensions: true)
            let result = ordered.takeAlong(indices: longest, axis: index)
            return keepDimensions || result.error != nil ? result : result.squeezed(index)
        }
    }

    /// How many elements lie in each of `bins` cells of equal width, `int64`, and the `bins + 1` edges. The range is
    /// by default that of the elements; what is outside is not counted. The last cell includes its upper edge.
    public func histogram(bins: Int, range: ClosedRange<Double>? = nil) -> (counts: Tensor, edges: Tensor) {
        let place = "operation histogram"
        var edges = self
        let counts = Tensor.composed(of: [self]) { () throws(ApusError) in
            guard bins >= 1, bins <= 1 << 24, dtype != .bool,
                range.map({ $0.upperBound.isFinite && $0.lowerBound.isFinite }) ?? true
            else {
                throw ApusError(
                    .value, in: place, "\(bins) bins for \(dtype)",
                    remedy: "use 1...\(1 << 24) bins, finite edges, and numbers")
            }
            let x = flattened().cast(to: .float64).stopGradient()
            var (low, high) = (Tensor(0, dtype: .float64), Tensor(1, dtype: .float64))
            if let range {
                (low, high) = (Tensor(range.lowerBound, dtype: .float64), Tensor(range.upperBound, dtype: .float64))
            } else if shape.count > 0 {
                (low, high) = (x.min(), x.max())
            }
            let isPoint = low .== high
            (low, high) = (Tensor.select(isPoint, low - 0.5, low), Tensor.select(isPoint, high + 0.5, high))
            let steps = Tensor.range(count: bins + 1, dtype: .float64) / Double(bins)
            edges = low + (high - low) * steps
            let cells = Tensor.minimum(((x - low) / (high - low) * Double(bins)).floor(), Double(bins - 1))
            let isInside = (x .>= low) & (x .<= high)
            let numbers = Tensor.select(isInside, cells, x.filled(Double(bins))).cast(to: .int64)
            return Tensor.ones(x.shape, dtype: .int64).scatterAdd(indices: numbers, extent: bins + 1)
                .slice(axis: 0, 0..<bins)
        }
        return (counts, counts.error == nil ? edges : counts)
    }

    /// The sum of weights (of this tensor's shape) for each of the numbers `0..<length`: see ``occurrences(length:)``.
    public func occurrences(length: Int, weights: Tensor) -> Tensor {
        Tensor.composed(of: [self, weights]) { () throws(ApusError) in
            guard weights.shape == shape else {
                throw ApusError(
                    .shape, in: "operation occurrences", "weights \(weights.shape) for numbers \(shape)",
                    remedy: "give one weight for each number")
            }
            return weights.flattened().scatterAdd(indices: flattened(), extent: length)
        }
    }

    /// The number of the cell between ascending edges in which each element lies, `int64`: 0 below the first edge. A
    /// cell includes its lower edge, or with `right` its upper one.
    public func digitized(edges: Tensor, right: Bool = false) -> Tensor {
        edges.insertionPoints(of: self, right: !right)
    }

    /// The covariances of variables, `[variables, observations] -> [variables, variables]`, divided by the number of
    /// observations less `correction`.
    public func covariance(correction: Int = 1) -> Tensor {
        observations("covariance") {
            let centred = $0 - $0.mean(axes: [1], keepDimensions: true)
            return matmul(centred, centred.matrixTransposed()) / (Double($0.shape[1]) - Double(correction))
        }
    }

    /// Pearson's correlation coefficients of variables, `[variables, observations] -> [variables, variables]`.
    public func correlationCoefficients() -> Tensor {
        observations("correlationCoefficients") {
            let centred = $0 - $0.mean(axes: [1], keepDimensions: true)
            let unit = centred / centred.norm(2, axes: [1], keepDimensions: true)
            return matmul(unit, unit.matrixTransposed())
        }
    }

    private func observations(_ name: String, _ build: (Tensor) -> Tensor) -> Tensor {
        Tensor.composed(of: [self]) { () throws(ApusError) in
            guard rank == 1 || rank == 2, dtype.isFloatingPoint else {
                throw ApusError(
                    .shape, in: "operation \(name)", "shape \(shape) of \(dtype)",
                    remedy: "give floating-point [variables, observations], or a vector of observations")
            }
            return build(rank == 1 ? expanded(at: 0) : self)
        }
    }

    /// The elements divided by their norm along an axis: `x / max(norm, epsilon)`; integers become `float32`.
    public func normalized(order: Double = 2, axis: Int = -1, epsilon: Double = 1e-12) -> Tensor {
        asFloatingPoint / Tensor.maximum(norm(order, axes: [axis], keepDimensions: true), epsilon)
    }

    /// The differences of neighbours along an axis, taken `times` times.
    public func differences(times: Int = 1, axis: Int = -1) -> Tensor {
        let place = "operation differences"
        return onAxis(axis, in: place) { index throws(ApusError) in
            guard times >= 0, times <= shape[index] else {
                throw ApusError(
                    .value, in: place, "\(times) times on axis \(axis) of shape \(shape)",
                    remedy: "use a number in 0...\(shape[index])")
            }
            var result = self
            for _ in 0..<times where result.error == nil && result.shape[index] > 0 {
                let extent = result.shape[index]
                result = result.slice(axis: index, 1..<extent) - result.slice(axis: index, 0..<extent - 1)
            }
            return result
        }
    }

    /// The integral along an axis by the trapezoidal rule, for points at distance `spacing`; that of integers is
    /// `float32`.
    public func trapezoid(spacing: Double = 1, axis: Int = -1) -> Tensor {
        onAxis(axis, in: "operation trapezoid") { index throws(ApusError) in
            let extent = shape[index]
            let x = asFloatingPoint
            guard extent > 1 else { return (x * 0).sum(axes: [index]) }
            let pairs = x.slice(axis: index, 1..<extent) + x.slice(axis: index, 0..<extent - 1)
            return pairs.sum(axes: [index]) * (spacing / 2)
        }
    }

    /// The integral along an axis by the trapezoidal rule, for points that broadcast to the tensor.
    public func trapezoid(points: Tensor, axis: Int = -1) -> Tensor {
        let place = "operation trapezoid"
        return Tensor.composed(of: [self, points]) { () throws(ApusError) in
            let index = try shape.axis(axis, in: place)
            let column = points.rank == 1 && rank > 1
            var extents = [Int](repeating: 1, count: rank)
            extents[index] = points.shape.count
            let places = column ? points.reshaped(to: Shape(extents)) : points
            guard try Shape.broadcast(places.shape, shape, in: place) == shape, shape[index] > 0 else {
                throw ApusError(
                    .shape, in: place, "points \(points.shape) for shape \(shape)",
                    remedy: "give one point for each element of the axis")
            }
            let (x, full) = (asFloatingPoint, places.asFloatingPoint.broadcast(to: shape))
            let extent = shape[index]
            let pairs = x.slice(axis: index, 1..<extent) + x.slice(axis: index, 0..<extent - 1)
            return (pairs * full.differences(axis: index)).sum(axes: [index]) / 2
        }
    }
}
