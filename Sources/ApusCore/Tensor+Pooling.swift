/// The largest element of each window of channels-last images, in one to three spatial dimensions. Padding never wins,
/// NaN always does; of equal maxima the first gets the gradient.
///
/// - Parameters:
///   - x: `[batch, spatial.., channels]`
///   - strides: by default the window's extents: windows side by side
///   - roundsUp: whether a last window that is only partly inside counts
/// - Returns: `[batch, positions.., channels]`
public func maxPool(
    _ x: Tensor, window: PerAxis, strides: PerAxis? = nil, padding: Padding = .valid, dilation: PerAxis = 1,
    roundsUp: Bool = false
) -> Tensor {
    pooled(x, window, strides, padding, dilation, roundsUp, in: "operation maxPool") { window, _ in
        Tensor(MaxPool(window: window), [x])
    }
}

/// The largest element of each window as ``maxPool(_:window:strides:padding:dilation:roundsUp:)`` gives it, and where
/// it was: its position in the flattened spatial extents of its image, `int64`.
public func maxPoolWithPositions(
    _ x: Tensor, window: PerAxis, strides: PerAxis? = nil, padding: Padding = .valid, dilation: PerAxis = 1,
    roundsUp: Bool = false
) -> (values: Tensor, positions: Tensor) {
    let values = maxPool(
        x, window: window, strides: strides, padding: padding, dilation: dilation, roundsUp: roundsUp)
    guard values.error == nil else { return (values, values) }
    let positions = pooled(x, window, strides, padding, dilation, roundsUp, in: "operation maxPool") { window, _ in
        // Positions ride as floating-point numbers: float32 is exact up to 16 million cells.
        let cells = x.shape.spatial.reduce(1, *)
        let values = x.cast(to: cells > 1 << 24 ? .float64 : x.dtype).stopGradient()
        let numbered = Tensor.range(count: cells, dtype: values.dtype).reshaped(to: Shape([1] + x.shape.spatial + [1]))
        return Tensor(MaxPoolSelect(window: window), [values, numbered.broadcast(to: x.shape)]).cast(to: .int64)
    }
    return (values, positions)
}

/// Zeros with each value of a pooled tensor at its position, as
/// ``maxPoolWithPositions(_:window:strides:padding:dilation:roundsUp:)`` gave it. Values at equal positions are added.
///
/// - Parameter extents: the spatial extents of the output
public func maxUnpool(_ y: Tensor, positions: Tensor, extents: [Int]) -> Tensor {
    if let failed = y.error == nil ? positions.error : y.error { return Tensor(error: failed) }
    guard (3...5).contains(y.rank), extents.count == y.rank - 2, positions.shape == y.shape,
        extents.allSatisfy({ (0...1 << 20).contains($0) })
    else {
        return Tensor(
            error: ApusError(
                .shape, in: "operation maxUnpool",
                "values \(y.shape), positions \(positions.shape) and extents \(extents) do not fit",
                remedy: "give positions of the values' shape and one extent up to 1048576 for each spatial axis"))
    }
    let flat = Shape([y.shape[0], y.shape.spatial.reduce(1, *), y.shape[-1]])
    return y.reshaped(to: flat)
        .scatterAddAlong(indices: positions.reshaped(to: flat), axis: 1, extent: extents.reduce(1, *))
        .reshaped(to: Shape([y.shape[0]] + extents + [y.shape[-1]]))
}

/// The mean of each window of channels-last images, in one to three spatial dimensions.
///
/// - Parameters:
///   - x: `[batch, spatial.., channels]`
///   - strides: by default the window's extents: windows side by side
///   - countsPadding: whether padding counts as zeros; by default the mean is over the cells of the image alone
///   - roundsUp: whether a last window that is only partly inside counts; cells beyond the padding never do
/// - Returns: `[batch, positions.., channels]`
public func averagePool(
    _ x: Tensor, window: PerAxis, strides: PerAxis? = nil, padding: Padding = .valid, countsPadding: Bool = false,
    roundsUp: Bool = false
) -> Tensor {
    let place = "operation averagePool"
    return pooled(x, window, strides, padding, 1, roundsUp, in: place) { window, given throws(ApusError) in
        let positions = try window.geometry.positions(image: x.shape.spatial, window: window.extents, in: place)
        // One number for each position is listed below.
        try Memory.check(Shape(positions), .float64, in: place)
        let counts = cellCounts(window, given, positions, image: x.shape.spatial, countsPadding: countsPadding)
        let volume = window.extents.reduce(1, *)
        if counts.allSatisfy({ $0 == Double(volume) }) {
            return Tensor(SumPool(window: window, scale: 1 / Double(volume)), [x])
        }
        let sums = Tensor(SumPool(window: window, scale: 1), [x])
        guard sums.error == nil else { return sums }
        let factors = counts.map { 1 / Swift.max($0, 1) }
        return sums * Tensor.constant(factors, shape: Shape([1] + sums.shape.spatial + [1]), dtype: x.dtype)
    }
}

/// The sum of each window of channels-last images, in one to three spatial dimensions: `[batch, positions..,
/// channels]`.
public func sumPool(
    _ x: Tensor, window: PerAxis, strides: PerAxis? = nil, padding: Padding = .valid, roundsUp: Bool = false
) -> Tensor {
    pooled(x, window, strides, padding, 1, roundsUp, in: "operation sumPool") { window, _ in
        Tensor(SumPool(window: window, scale: 1), [x])
    }
}

/// The norm of each window of channels-last images, `(sum |x|^order)^(1 / order)`, in one to three spatial dimensions:
/// `[batch, positions.., channels]`. The gradient of a window of zeros is 0.
public func lpPool(
    _ x: Tensor, order: Double, window: PerAxis, strides: PerAxis? = nil, padding: Padding = .valid,
    roundsUp: Bool = false
) -> Tensor {
    guard order > 0, order.isFinite else {
        return Tensor(
            error: ApusError(
                .value, in: "operation lpPool", "the order is \(order)", remedy: "use a number over 0"))
    }
    let sums = sumPool(
        Tensor.power(x.absolute(), order), window: window, strides: strides, padding: padding, roundsUp: roundsUp)
    guard sums.error == nil else { return sums }
    let isZero = sums .== 0.0
    let roots = Tensor.power(Tensor.select(isZero, Tensor.ones(sums.shape, dtype: x.dtype), sums), 1 / order)
    return Tensor.select(isZero, Tensor.zeros(sums.shape, dtype: x.dtype), roots)
}

/// Checks the arguments and builds the operation from the windows and the padding as it was given.
private func pooled(
    _ x: Tensor, _ window: PerAxis, _ strides: PerAxis?, _ padding: Padding, _ dilation: PerAxis, _ roundsUp: Bool,
    in place: String,
    _ build: (_ window: PoolingWindow, _ given: WindowGeometry) throws(ApusError) -> Tensor
) -> Tensor {
    guard x.error == nil else { return x }
    do throws(ApusError) {
        guard (3...5).contains(x.rank) else {
            throw ApusError(
                .shape, in: place, "input \(x.shape) is not images of 1 to 3 spatial axes",
                remedy: "images are [batch, spatial.., channels]")
        }
        let image = x.shape.spatial
        let extents = try window.resolved(
            rank: image.count, allowed: WindowGeometry.windowRange, "window extent", in: place)
        let given = try WindowGeometry(
            image: image, window: extents, strides: strides ?? window, padding: padding, dilation: dilation, in: place)
        guard image.indices.allSatisfy({ given.before[$0] <= given.dilation[$0] * (extents[$0] - 1) }) else {
            throw ApusError(
                .value, in: place, "padding \(given.before) is not smaller than the window \(extents)",
                remedy: "use a padding that leaves a cell of the image in the first window")
        }
        guard roundsUp else { return try build(PoolingWindow(geometry: given, extents: extents), given) }
        // The window that is partly inside must start within the image or the padding before it.
        let after = image.indices.map { axis in
            let room =
                image[axis] + given.before[axis] + given.after[axis]
                - given.dilation[axis] * (extents[axis] - 1) - 1
            let stride = given.strides[axis]
            let missing = (stride - room % stride) % stride
            let start = room + missing - given.before[axis]
            return given.after[axis] + (room < 0 || start >= image[axis] ? 0 : missing)
        }
        let enlarged = WindowGeometry(
            strides: given.strides, dilation: given.dilation, before: given.before, after: after)
        return try build(PoolingWindow(geometry: enlarged, extents: extents), given)
    } catch {
        return Tensor(error: error)
    }
}

/// How many cells of each window count: products of the counts on each axis, row-major.
private func cellCounts(
    _ window: PoolingWindow, _ given: WindowGeometry, _ positions: [Int], image: [Int], countsPadding: Bool
) -> [Double] {
    var result = [1.0]
    for axis in image.indices {
        let first = countsPadding ? -given.before[axis] : 0
        let end = image[axis] + (countsPadding ? given.after[axis] : 0)
        let counts = (0..<positions[axis]).map { position in
            let start = position * given.strides[axis] - given.before[axis]
            return Double(Swift.max(0, Swift.min(start + window.extents[axis], end) - Swift.max(start, first)))
        }
        result = result.flatMap { outer in counts.map { outer * $0 } }
    }
    return result
}
