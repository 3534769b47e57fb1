#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A point of an image in pixels: the column and the row, whole numbers at the centres of pixels.
public struct ImagePoint: Sendable, Hashable {
    /// The column.
    public var x: Double
    /// The row.
    public var y: Double

    /// A point at column `x` and row `y`.
    public init(_ x: Double, _ y: Double) {
        self.x = x
        self.y = y
    }
}

/// The matrix `[[a, b], [c, d]]` of a clockwise turn and a shear, angles in degrees; `nil` where a shear is no map.
private func linearMap(degrees: Double, shear: ImagePoint) -> (a: Double, b: Double, c: Double, d: Double)? {
    let (angle, shearX, shearY) = (degrees * .pi / 180, shear.x * .pi / 180, shear.y * .pi / 180)
    guard [angle, shearX, shearY].allSatisfy(\.isFinite), abs(cos(shearX)) > 1e-9, abs(cos(shearY)) > 1e-9 else {
        return nil
    }
    let turned = angle - shearY
    return (
        cos(turned) / cos(shearY), -cos(turned) * tan(shearX) / cos(shearY) - sin(angle),
        sin(turned) / cos(shearY), -sin(turned) * tan(shearX) / cos(shearY) + cos(angle)
    )
}

extension Tensor {
    /// Images turned about their centre, counter-clockwise: `[batch, height, width, channels]`, of the same size.
    ///
    /// - Parameters:
    ///   - degrees: the angle
    ///   - fill: what appears in the corners
    public func rotated(
        degrees: Double, _ interpolation: Interpolation = .bilinear, fill: Double = 0
    ) -> Tensor {
        affinelyWarped(degrees: -degrees, interpolation, fill: fill)
    }

    /// Images turned clockwise, sheared, scaled and moved about their centre:
    /// `M = T C R(angle) Shear Scale C^-1`, as torchvision's `affine` has it.
    ///
    /// - Parameters:
    ///   - degrees: the angle, clockwise
    ///   - translation: by how many pixels to the right and down
    ///   - scale: above 0
    ///   - shear: angles in degrees along x and y
    ///   - fill: what appears outside
    public func affinelyWarped(
        degrees: Double = 0, translation: ImagePoint = ImagePoint(0, 0), scale: Double = 1,
        shear: ImagePoint = ImagePoint(0, 0), _ interpolation: Interpolation = .bilinear, fill: Double = 0
    ) -> Tensor {
        guard error == nil else { return self }
        guard rank == 4, scale > 0, scale.isFinite, translation.x.isFinite, translation.y.isFinite,
            let map = linearMap(degrees: degrees, shear: shear)
        else {
            return Tensor(
                error: ApusError(
                    .value, in: "operation affine",
                    "images of shape \(shape), angle \(degrees), scale \(scale), shear \((shear.x, shear.y))",
                    remedy:
                        "images are [batch, height, width, channels]; use a scale above 0 and shears below 90 degrees"))
        }
        let centre = ImagePoint(Double(shape[2] - 1) / 2, Double(shape[1] - 1) / 2)
        return warped(interpolation, fill: fill) { point in
            let (x, y) = (point.x - centre.x - translation.x, point.y - centre.y - translation.y)
            // The determinant of the map is 1.
            return ImagePoint(
                (map.d * x - map.b * y) / scale + centre.x, (map.a * y - map.c * x) / scale + centre.y)
        }
    }

    /// Images seen from elsewhere: four points of the images are moved to four others.
    public func perspectivelyWarped(
        from start: [ImagePoint], to end: [ImagePoint], _ interpolation: Interpolation = .bilinear, fill: Double = 0
    ) -> Tensor {
        guard error == nil else { return self }
        guard rank == 4, start.count == 4, end.count == 4, let map = Self.projection(from: end, to: start) else {
            return Tensor(
                error: ApusError(
                    .value, in: "operation perspective",
                    "images of shape \(shape), \(start.count) points and \(end.count) targets",
                    remedy: "images are [batch, height, width, channels]; give 4 points each, no three on a line"))
        }
        // The map is solved for corners given as pixels but applied to their centres, as torchvision does.
        return warped(interpolation, fill: fill) { point in
            let (x, y) = (point.x + 0.5, point.y + 0.5)
            let scale = map[6] * x + map[7] * y + 1
            return ImagePoint(
                (map[0] * x + map[1] * y + map[2]) / scale - 0.5, (map[3] * x + map[4] * y + map[5]) / scale - 0.5)
        }
    }

    /// Images under projective maps of their own: the pixel at column x and row y of a result is read at
    /// `((a x + b y + c) / w, (d x + e y + f) / w)` with `w = g x + h y + 1`.
    ///
    /// - Parameters:
    ///   - maps: `[batch or 1, 8]` of `a, b, .., h`; an affine map has `g = h = 0`
    ///   - fill: the colour of what lies outside with the border `zeros`
    public func warped(
        by maps: Tensor, _ interpolation: Interpolation = .bilinear, border: SamplingBorder = .zeros, fill: Double = 0
    ) -> Tensor {
        Tensor.composed(of: [self, maps]) { () throws(ApusError) in
            guard rank == 4, maps.rank == 2, maps.shape[1] == 8, maps.shape[0] == shape[0] || maps.shape[0] == 1,
                dtype.isFloatingPoint, maps.dtype.isFloatingPoint
            else {
                throw ApusError(
                    .shape, in: "operation warped",
                    "images of shape \(shape) (\(dtype)), maps \(maps.shape) (\(maps.dtype))",
                    remedy: "give floating-point images [batch, height, width, channels] and maps [batch, 8]")
            }
            let numbers = dtype == .float64 ? DType.float64 : .float32
            func coefficient(_ number: Int) -> Tensor {
                maps.cast(to: numbers).slice(axis: 1, number..<number + 1).expanded(at: 2)
            }
            let x = Tensor.range(count: shape[2], dtype: numbers)
            let y = Tensor.range(count: shape[1], dtype: numbers).expanded(at: 1)
            func linear(_ first: Int) -> Tensor { coefficient(first) * x + coefficient(first + 1) * y }
            let depth = linear(6) + 1
            let result = cast(to: numbers).sampled(
                rows: (linear(3) + coefficient(5)) / depth, columns: (linear(0) + coefficient(2)) / depth,
                interpolation, border: border, fill: fill)
            return result.cast(to: dtype)
        }
    }

    /// Images whose pixels are moved a little each: the pixel at row y and column x is read at
    /// `(y + displacement[y, x, 0], x + displacement[y, x, 1])`.
    ///
    /// - Parameter displacement: `[batch or 1, height, width, 2]`, in pixels
    public func displaced(
        by displacement: Tensor, _ interpolation: Interpolation = .bilinear, border: SamplingBorder = .zeros,
        fill: Double = 0
    ) -> Tensor {
        Tensor.composed(of: [self, displacement]) { () throws(ApusError) in
            guard rank == 4, displacement.rank == 4, displacement.shape[3] == 2,
                displacement.shape[1] == shape[1], displacement.shape[2] == shape[2], displacement.dtype == dtype
            else {
                throw ApusError(
                    .shape, in: "operation displaced",
                    "images of shape \(shape) (\(dtype)) and displacements \(displacement.shape) (\(displacement.dtype))",
                    remedy: "give images [batch, height, width, channels] and displacements [batch, height, width, 2]")
            }
            let rows = Tensor.range(count: shape[1], dtype: dtype).expanded(at: 1)
            let columns = Tensor.range(count: shape[2], dtype: dtype)
            return sampled(
                rows: displacement.slice(axis: 3, 0..<1).squeezed(3) + rows,
                columns: displacement.slice(axis: 3, 1..<2).squeezed(3) + columns, interpolation, border: border,
                fill: fill)
        }
    }

    /// Images deformed at random like rubber (Simard et al., ICDAR 2003): displacements of uniform noise from -1 to 1,
    /// blurred by `sigma` and times `strength`, each in pixels.
    public func elasticallyDeformed(
        strength: Double = 20, sigma: Double = 5, _ interpolation: Interpolation = .bilinear,
        border: SamplingBorder = .zeros, fill: Double = 0, seed: UInt64
    ) -> Tensor {
        Tensor.composed(of: [self]) { () throws(ApusError) in
            guard rank == 4, dtype.isFloatingPoint else {
                throw ApusError(
                    .shape, in: "operation elasticallyDeformed", "images of shape \(shape) (\(dtype))",
                    remedy: "feed floating-point images [batch, height, width, channels]")
            }
            let noise = Tensor.randomUniform(
                [shape[0], shape[1], shape[2], 2], low: -1, high: 1, seed: seed,
                dtype: dtype == .float64 ? .float64 : .float32)
            let moved = noise.smoothDisplacement(strength: strength, sigma: sigma)
            return displaced(by: moved.cast(to: dtype), interpolation, border: border, fill: fill)
        }
    }

    /// Noise blurred over four standard deviations to each side and times a strength.
    package func smoothDisplacement(strength: Double, sigma: Double) -> Tensor {
        guard sigma > 0, sigma <= 256, strength.isFinite else {
            return .refused(
                .value, in: "operation elasticallyDeformed", "strength \(strength), sigma \(sigma)",
                remedy: "use a finite strength and a sigma above 0 of up to 256 pixels")
        }
        let reach = Int((4 * sigma).rounded(.up))
        return gaussianBlurred(size: PerAxis(2 * reach + 1), sigma: [sigma]) * strength
    }

    /// The eight coefficients of the projection that moves four points to others; `nil` if there is none.
    private static func projection(from: [ImagePoint], to: [ImagePoint]) -> [Double]? {
        var rows: [Double] = []
        for (p, q) in zip(from, to) {
            rows += [p.x, p.y, 1, 0, 0, 0, -q.x * p.x, -q.x * p.y]
            rows += [0, 0, 0, p.x, p.y, 1, -q.y * p.x, -q.y * p.y]
        }
        let sides = to.flatMap { [$0.x, $0.y] }
        guard (rows + sides).allSatisfy(\.isFinite) else { return nil }
        return try? Tensor(rows, shape: [8, 8]).solve(Tensor(sides, shape: [8])).array(of: Double.self)
    }

    /// Each pixel of the result read from where the closure says.
    private func warped(
        _ interpolation: Interpolation, fill: Double, _ source: (ImagePoint) -> ImagePoint
    ) -> Tensor {
        let (height, width) = (shape[1], shape[2])
        var (rows, columns) = ([Double](), [Double]())
        rows.reserveCapacity(height * width)
        columns.reserveCapacity(height * width)
        for y in 0..<height {
            for x in 0..<width {
                let point = source(ImagePoint(Double(x), Double(y)))
                // Far outside is outside, and what has no place at all (behind the observer) too.
                rows.append(point.y.isFinite ? Swift.min(Swift.max(point.y, -1e6), 1e6) : -1e6)
                columns.append(point.x.isFinite ? Swift.min(Swift.max(point.x, -1e6), 1e6) : -1e6)
            }
        }
        return sampled(
            rows: Tensor.constant(rows, shape: [1, height, width], dtype: dtype),
            columns: Tensor.constant(columns, shape: [1, height, width], dtype: dtype), interpolation, fill: fill)
    }
}
