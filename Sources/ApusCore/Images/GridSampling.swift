/// What lies outside an image that is sampled.
public enum SamplingBorder: Sendable, Hashable {
    /// Zeros.
    case zeros
    /// The nearest pixel of the edge.
    case border
    /// The image mirrored at its edges (at the centres of the outer pixels with `alignCorners`).
    case reflection
    /// The image repeated.
    case wrap
}

extension Tensor {
    /// Images sampled at the points of a grid: `[batch, height, width, channels]` -> `[batch, h, w, channels]`.
    ///
    /// Differentiable with respect to the images, and (but for `nearest`) the grid.
    ///
    /// - Parameters:
    ///   - grid: `[batch, h, w, 2]` of `(x, y)`; -1 and 1 are the image's edges, or with `alignCorners` the centres of
    ///     its outer pixels. A batch of 1 serves all images.
    ///   - interpolation: `nearest`, `bilinear` or `bicubic`
    public func sampled(
        grid: Tensor, _ interpolation: Interpolation = .bilinear, border: SamplingBorder = .zeros,
        alignCorners: Bool = false
    ) -> Tensor {
        if let failed = error ?? grid.error { return Tensor(error: failed) }
        guard rank == 4, grid.rank == 4, grid.shape[3] == 2, grid.shape[0] == shape[0] || grid.shape[0] == 1,
            grid.dtype == dtype
        else {
            return Tensor(
                error: ApusError(
                    .shape, in: "operation gridSample",
                    "images of shape \(shape) (\(dtype)) and a grid of shape \(grid.shape) (\(grid.dtype))",
                    remedy: "give images [batch, height, width, channels] and a grid [batch, h, w, 2] of one type"))
        }
        func pixels(_ coordinate: Int, _ extent: Int) -> Tensor {
            let g = grid.slice(axis: 3, coordinate..<coordinate + 1).squeezed(3) + 1
            return alignCorners ? g * (Double(extent - 1) / 2) : g * (Double(extent) / 2) - 0.5
        }
        return sampled(
            rows: pixels(1, shape[1]), columns: pixels(0, shape[2]), interpolation, border: border,
            mirrorsAtCentres: alignCorners)
    }

    /// Images sampled at positions in pixels, where whole numbers are the centres of pixels:
    /// `[batch, height, width, channels]` -> `[batch, h, w, channels]`.
    ///
    /// - Parameters:
    ///   - rows: `[batch, h, w]`; a batch of 1 serves all images
    ///   - columns: of the shape of `rows`
    ///   - interpolation: `nearest`, `bilinear` or `bicubic`
    ///   - mirrorsAtCentres: reflect at the centres of the outer pixels instead of their outer edges
    ///   - fill: the colour of what lies outside with the border `zeros`
    public func sampled(
        rows: Tensor, columns: Tensor, _ interpolation: Interpolation = .bilinear, border: SamplingBorder = .zeros,
        mirrorsAtCentres: Bool = false, fill: Double = 0
    ) -> Tensor {
        let place = "operation gridSample"
        if let failed = error ?? rows.error ?? columns.error { return Tensor(error: failed) }
        guard rank == 4, rows.rank == 3, rows.shape == columns.shape, shape[1] > 0, shape[2] > 0,
            rows.shape[0] == shape[0] || rows.shape[0] == 1, rows.dtype == dtype, columns.dtype == dtype
        else {
            return Tensor(
                error: ApusError(
                    .shape, in: place,
                    "images of shape \(shape), rows \(rows.shape) and columns \(columns.shape)",
                    remedy: "give images [batch, height, width, channels] with pixels and positions [batch, h, w]"))
        }
        var axes: [SampledAxis] = []
        for (position, extent) in [(rows, shape[1]), (columns, shape[2])] {
            guard
                let axis = SampledAxis(
                    position, extent: extent, interpolation, border, mirrorsAtCentres: mirrorsAtCentres)
            else {
                return Tensor(
                    error: ApusError(
                        .value, in: place, "\(interpolation) is not supported here",
                        remedy: "use nearest, bilinear or bicubic"))
            }
            axes.append(axis)
        }
        var result: Tensor?
        for row in axes[0].taps {
            for column in axes[1].taps {
                let index = row.index * shape[2].asInt64(like: row.index) + column.index
                var term = pixels(at: index) * (row.inside * column.inside).expanded(at: -1)
                if fill != 0, border == .zeros {
                    let outside = row.weight * column.weight * (1 - row.exists * column.exists)
                    term = term + (outside * fill).expanded(at: -1)
                }
                result = result.map { $0 + term } ?? term
            }
        }
        return result ?? self
    }

    /// The pixels with the given numbers: `[batch or 1, h, w]` -> `[batch, h, w, channels]`.
    package func pixels(at index: Tensor) -> Tensor {
        let (batch, count, channels) = (shape[0], Shape.product(shape[1], shape[2]), shape[3])
        if index.shape[0] == 1 {
            return reshaped(to: [batch, count, channels])
                .gather(indices: index.reshaped(to: [index.shape[1], index.shape[2]]), axis: 1)
        }
        let first = Tensor.positions((0..<batch).map { $0 * count }).reshaped(to: [batch, 1, 1])
        return reshaped(to: [batch * count, channels]).gather(indices: index + first, axis: 0)
    }

    /// The grid of an affine map of output coordinates `(x, y, 1)` to input coordinates, all from -1 to 1:
    /// `[batch, 2, 3]` -> `[batch, height, width, 2]`, for ``sampled(grid:_:border:alignCorners:)`` (spatial
    /// transformer networks, NeurIPS 2015).
    ///
    /// - Parameter size: height and width
    public func affineGrid(size: [Int], alignCorners: Bool = false) -> Tensor {
        guard error == nil else { return self }
        guard rank == 3, shape[1] == 2, shape[2] == 3, size.count == 2, size.allSatisfy({ (1...1 << 24).contains($0) })
        else {
            return Tensor(
                error: ApusError(
                    .shape, in: "operation affineGrid", "maps of shape \(shape), size \(size)",
                    remedy: "give maps [batch, 2, 3] and a height and a width of 1 or more"))
        }
        func coordinates(_ count: Int) -> [Double] {
            (0..<count).map { index in
                guard alignCorners else { return (2 * Double(index) + 1) / Double(count) - 1 }
                return count > 1 ? 2 * Double(index) / Double(count - 1) - 1 : 0
            }
        }
        let (ys, xs) = (coordinates(size[0]), coordinates(size[1]))
        let points: [Double] = ys.flatMap { y -> [Double] in xs.flatMap { x -> [Double] in [x, y, 1] } }
        let base = Tensor.constant(points, shape: [size[0] * size[1], 3], dtype: dtype)
        return matmul(base, matrixTransposed()).reshaped(to: [shape[0], size[0], size[1], 2])
    }
}

/// What points read along one axis: pixels and their weights.
private struct SampledAxis {
    /// A pixel that a point reads, its weight, whether it exists (1 or 0), and the weight where it does.
    struct Tap {
        let index, weight, exists, inside: Tensor
    }
    var taps: [Tap] = []

    init?(
        _ position: Tensor, extent: Int, _ interpolation: Interpolation, _ border: SamplingBorder,
        mirrorsAtCentres: Bool
    ) {
        let last = Double(extent - 1)
        func outside(_ position: Tensor) -> Tensor {
            switch border {
            case .zeros: position
            case .border: position.clipped(0, last)
            case .wrap: position
            case .reflection: Self.reflected(position, extent, mirrorsAtCentres).clipped(0, last)
            }
        }
        func tap(_ place: Tensor, _ weight: Tensor?) -> Tap {
            let one = place.like(repeating: 1)
            if border == .wrap {
                let inside = place - (place / Double(extent)).floor() * Double(extent)
                let index = inside.clipped(0, last).cast(to: .int64)
                return Tap(index: index, weight: weight ?? one, exists: one, inside: weight ?? one)
            }
            let exists = ((place .>= 0.0) & (place .<= last)).cast(to: position.dtype)
            return Tap(
                index: place.clipped(0, last).cast(to: .int64), weight: weight ?? one, exists: exists,
                inside: weight.map { $0 * exists } ?? exists)
        }
        switch interpolation {
        case .nearest: taps = [tap(outside(position).rounded(), nil)]
        case .bilinear:
            let point = outside(position)
            let low = point.floor().stopGradient()
            let fraction = point - low
            taps = [tap(low, 1 - fraction), tap(low + 1, fraction)]
        case .bicubic(let a, _):
            let low = position.floor().stopGradient()
            let t = position - low
            for offset in -1...2 {
                let x = offset <= 0 ? t - Double(offset) : Double(offset) - t
                let near: Tensor = (x * (a + 2) - (a + 3)) * x * x + 1
                let far: Tensor = ((x * a - 5 * a) * x + 8 * a) * x - 4 * a
                taps.append(tap(outside(low + Double(offset)), offset == 0 || offset == 1 ? near : far))
            }
        case .nearestCorner, .lanczos3, .lanczos5, .area: return nil
        }
    }

    /// Positions mirrored into the image as often as it takes.
    private static func reflected(_ position: Tensor, _ extent: Int, _ mirrorsAtCentres: Bool) -> Tensor {
        let low = mirrorsAtCentres ? 0 : -0.5
        let span = mirrorsAtCentres ? Double(extent - 1) : Double(extent)
        guard span > 0 else { return position * 0 }
        let distance = (position - low).absolute()
        let flips = (distance / span).floor().stopGradient()
        let rest = distance - flips * span
        let isOdd = (flips - (flips / 2).floor() * 2) .> 0.5
        return Tensor.select(isOdd, span - rest, rest) + low
    }
}

extension Int {
    /// A scalar of the type of indices.
    fileprivate func asInt64(like tensor: Tensor) -> Tensor {
        Tensor(repeating: Double(self), shape: tensor.shape, dtype: .int64)
    }
}
