import ApusCore

/// Images mirrored at random while training, each way with a probability of a half.
/// `[batch, height, width, channels]` to the same shape; as it is at inference.
public final class RandomFlip: RandomImageLayer {
    /// Which ways.
    public enum Direction: String, Sendable {
        case horizontal, vertical, both
    }

    /// Which axes are flipped.
    public let direction: Direction

    /// - Parameter direction: which axes are flipped, each in half of the images
    public init(_ direction: Direction = .both) {
        self.direction = direction
        super.init(rate: 1)
    }

    public override var details: String { direction.rawValue }

    override func changed(_ x: Tensor, _ draws: ImageDraws) -> Tensor {
        var result = x
        if direction != .vertical {
            result = Tensor.select(draws.chance(0.5).perImage, result.flippedHorizontally(), result)
        }
        if direction != .horizontal {
            result = Tensor.select(draws.chance(0.5).perImage, result.flippedVertically(), result)
        }
        return result
    }
}

/// A window at a random place while training, the middle at inference; smaller images are enlarged first.
/// `[batch, height, width, channels] -> [batch, rows, columns, channels]`.
public final class RandomCrop: RandomImageLayer {
    /// Height and width.
    public let size: [Int]

    /// - Parameter size: height and width of the part that is cut out
    public init(_ size: [Int]) {
        self.size = size
        super.init(rate: 1)
    }

    public override var details: String { "to \(size.map(String.init).joined(separator: "x"))" }

    override func check() throws(ApusError) {
        guard size.count == 2, size.allSatisfy({ (1...1 << 16).contains($0) }) else {
            throw mistake(.value, "the size is \(size)", remedy: "give a height and a width in 1...65536")
        }
    }

    override func atInference(_ x: Tensor) -> Tensor {
        large(x) { $0.centerCropped(to: size) }
    }

    override func changed(_ x: Tensor, _ draws: ImageDraws) -> Tensor {
        large(x) { x in
            func starts(_ axis: Int) -> Tensor {
                let places = Double(x.shape[axis + 1] - size[axis] + 1)
                return (draws.uniform().cast(to: .float64) * places).floor().clipped(0, places - 1).cast(to: .int64)
            }
            let batch = x.shape[0]
            let rows =
                starts(0).reshaped(to: [batch, 1, 1]) + Tensor.range(count: size[0], dtype: .int64).expanded(at: 1)
            let columns = starts(1).reshaped(to: [batch, 1, 1]) + Tensor.range(count: size[1], dtype: .int64)
            let width = Tensor(repeating: Double(x.shape[2]), shape: [], dtype: .int64)
            return x.pixels(at: rows * width + columns)
        }
    }

    private func large(_ x: Tensor, _ build: (Tensor) -> Tensor) -> Tensor {
        Tensor.composed(of: [x]) { () throws(ApusError) in build(try atLeast(size, x)) }
    }
}

/// What layers have in common that read images at places moved at random: see ``RandomTranslation``,
/// ``RandomRotation``, ``RandomZoom``, ``RandomShear`` and ``RandomPerspective``.
public class RandomWarpLayer: RandomImageLayer {
    /// How colours between pixels are found.
    public let interpolation: Interpolation
    /// What lies outside the image.
    public let border: SamplingBorder
    /// The colour of what lies outside with the border ``SamplingBorder/zeros``.
    public let fill: Double

    init(_ interpolation: Interpolation, _ border: SamplingBorder, _ fill: Double, rate: Double) {
        self.interpolation = interpolation
        self.border = border
        self.fill = fill
        super.init(rate: rate)
    }

    override func changed(_ x: Tensor, _ draws: ImageDraws) -> Tensor {
        x.warped(by: maps(draws), interpolation, border: border, fill: fill)
    }

    func maps(_ draws: ImageDraws) -> Tensor { draws.uniform() }
}

/// Images moved by random parts of their extents while training.
///
///     RandomTranslation(height: 0.1, width: 0.1)
///
/// `[batch, height, width, channels]` to the same shape; as it is at inference.
public final class RandomTranslation: RandomWarpLayer {
    /// Parts of the height and the width, downwards and to the right.
    public let height, width: ClosedRange<Double>

    /// - Parameter height: by what share of the height images are moved at most, up or down
    public convenience init(
        height: Double, width: Double, _ interpolation: Interpolation = .bilinear, border: SamplingBorder = .reflection,
        fill: Double = 0, rate: Double = 1
    ) {
        self.init(
            height: mirrored(height), width: mirrored(width), interpolation, border: border, fill: fill, rate: rate)
    }

    /// - Parameter height: the shares of the height by which images are moved down
    public init(
        height: ClosedRange<Double>, width: ClosedRange<Double>, _ interpolation: Interpolation = .bilinear,
        border: SamplingBorder = .reflection, fill: Double = 0, rate: Double = 1
    ) {
        self.height = height
        self.width = width
        super.init(interpolation, border, fill, rate: rate)
    }

    public override var details: String { "height \(height), width \(width)" }

    override func check() throws(ApusError) {
        try require(height, in: -1...1, "the part of the height")
        try require(width, in: -1...1, "the part of the width")
    }

    override func maps(_ draws: ImageDraws) -> Tensor {
        let (down, right) = (draws.uniform(height), draws.uniform(width))
        let (one, zero) = (down.like(repeating: 1), down.like(repeating: 0))
        return draws.centredMaps(
            a: one, b: zero, c: right * -Double(draws.images.shape[2]), d: zero, e: one,
            f: down * -Double(draws.images.shape[1]))
    }
}

/// Images turned about their middle by random angles while training.
///
///     RandomRotation(0.05)                           // up to 18 degrees both ways
///
/// `[batch, height, width, channels]` to the same shape; as it is at inference.
public final class RandomRotation: RandomWarpLayer {
    /// Parts of a whole turn, counter-clockwise.
    public let range: ClosedRange<Double>

    /// - Parameter factor: the largest part of a whole turn, both ways
    public convenience init(
        _ factor: Double, _ interpolation: Interpolation = .bilinear, border: SamplingBorder = .reflection,
        fill: Double = 0, rate: Double = 1
    ) {
        self.init(mirrored(factor), interpolation, border: border, fill: fill, rate: rate)
    }

    /// - Parameter range: of angles, as shares of a full turn
    public init(
        _ range: ClosedRange<Double>, _ interpolation: Interpolation = .bilinear, border: SamplingBorder = .reflection,
        fill: Double = 0, rate: Double = 1
    ) {
        self.range = range
        super.init(interpolation, border, fill, rate: rate)
    }

    public override var details: String { "\(range) of a turn" }

    override func check() throws(ApusError) { try require(range, in: -1...1, "the part of a turn") }

    override func maps(_ draws: ImageDraws) -> Tensor {
        let angle = draws.uniform(range) * (2 * Double.pi)
        let (cosine, sine, zero) = (angle.cos(), angle.sin(), angle.like(repeating: 0))
        return draws.centredMaps(a: cosine, b: -sine, c: zero, d: sine, e: cosine, f: zero)
    }
}

/// Images seen from nearer or farther at random while training.
/// `[batch, height, width, channels]` to the same shape; as it is at inference.
public final class RandomZoom: RandomWarpLayer {
    /// Parts by which height and width grow (out, above 0) or shrink (in, below 0); without a width both are the same.
    public let height: ClosedRange<Double>
    /// The factors of the width; `nil` for those of the height.
    public let width: ClosedRange<Double>?

    /// - Parameter factor: the largest part, both ways
    public convenience init(
        _ factor: Double, _ interpolation: Interpolation = .bilinear, border: SamplingBorder = .reflection,
        fill: Double = 0, rate: Double = 1
    ) {
        self.init(height: mirrored(factor), interpolation, border: border, fill: fill, rate: rate)
    }

    /// - Parameter width: parts of the width; `nil` takes the same factor as for the height
    public init(
        height: ClosedRange<Double>, width: ClosedRange<Double>? = nil, _ interpolation: Interpolation = .bilinear,
        border: SamplingBorder = .reflection, fill: Double = 0, rate: Double = 1
    ) {
        self.height = height
        self.width = width
        super.init(interpolation, border, fill, rate: rate)
    }

    public override var details: String { "height \(height)" + (width.map { ", width \($0)" } ?? "") }

    override func check() throws(ApusError) {
        try require(height, in: -0.99...10, "the part of the height")
        if let width { try require(width, in: -0.99...10, "the part of the width") }
    }

    override func maps(_ draws: ImageDraws) -> Tensor {
        let vertical = draws.uniform(height) + 1
        let horizontal = width.map { draws.uniform($0) + 1 } ?? vertical
        let zero = vertical.like(repeating: 0)
        return draws.centredMaps(a: horizontal, b: zero, c: zero, d: zero, e: vertical, f: zero)
    }
}

/// Images slanted at random along both axes while training.
/// `[batch, height, width, channels]` to the same shape; as it is at inference.
public final class RandomShear: RandomWarpLayer {
    /// Columns a row (x) and rows a column (y).
    public let x, y: ClosedRange<Double>

    /// - Parameter x: columns a row at most, either way; `y` the same for rows a column
    public convenience init(
        x: Double = 0, y: Double = 0, _ interpolation: Interpolation = .bilinear, border: SamplingBorder = .reflection,
        fill: Double = 0, rate: Double = 1
    ) {
        self.init(x: mirrored(x), y: mirrored(y), interpolation, border: border, fill: fill, rate: rate)
    }

    /// - Parameter x: columns a row; `y` rows a column
    public init(
        x: ClosedRange<Double>, y: ClosedRange<Double>, _ interpolation: Interpolation = .bilinear,
        border: SamplingBorder = .reflection, fill: Double = 0, rate: Double = 1
    ) {
        self.x = x
        self.y = y
        super.init(interpolation, border, fill, rate: rate)
    }

    public override var details: String { "x \(x), y \(y)" }

    override func check() throws(ApusError) {
        try require(x, in: -1...1, "the slant along x")
        try require(y, in: -1...1, "the slant along y")
    }

    override func maps(_ draws: ImageDraws) -> Tensor {
        let (slantX, slantY) = (draws.uniform(x), draws.uniform(y))
        let (one, zero) = (slantX.like(repeating: 1), slantX.like(repeating: 0))
        return draws.centredMaps(a: one, b: slantX, c: zero, d: slantY, e: one, f: zero)
    }
}

/// Images seen at random slants while training: the horizon of a plane is drawn in at both axes.
/// `[batch, height, width, channels]` to the same shape; as it is at inference.
public final class RandomPerspective: RandomWarpLayer {
    /// How much the scale may change from the middle to an edge, 0 to below 1.
    public let strength: Double

    /// - Parameter strength: how much the scale may change from the middle to an edge, 0 to below 1
    public init(
        _ strength: Double = 0.3, _ interpolation: Interpolation = .bilinear, border: SamplingBorder = .zeros,
        fill: Double = 0, rate: Double = 1
    ) {
        self.strength = strength
        super.init(interpolation, border, fill, rate: rate)
    }

    public override var details: String { "strength \(strength)" }

    override func check() throws(ApusError) {
        guard strength >= 0, strength <= 0.49 else {
            throw mistake(.value, "the strength is \(strength)", remedy: "use a number in 0...0.49")
        }
    }

    override func maps(_ draws: ImageDraws) -> Tensor {
        let (height, width) = (Double(draws.images.shape[1]), Double(draws.images.shape[2]))
        let g = draws.uniform(mirrored(strength)) * (2 / max(width, 1))
        let h = draws.uniform(mirrored(strength)) * (2 / max(height, 1))
        let (cx, cy) = ((width - 1) / 2, (height - 1) / 2)
        // With u = x - cx and v = y - cy: u / w + cx and v / w + cy, where w = 1 + g u + h v, divided by w at x = y = 0.
        let origin: Tensor = 1 - g * cx - h * cy
        let constantX: Tensor = origin * cx - cx
        let constantY: Tensor = origin * cy - cy
        let rows: [Tensor] = [g * cx + 1, h * cx, constantX, g * cy, h * cy + 1, constantY, g, h]
        return Tensor.stack(rows.map { $0 / origin }, axis: 1)
    }
}

/// Images deformed at random like rubber while training (Simard et al., ICDAR 2003).
/// `[batch, height, width, channels]` to the same shape; as it is at inference.
public final class RandomElasticTransform: RandomImageLayer {
    /// How far pixels move before blurring, in pixels.
    public let strength: Double
    /// The standard deviation of the blur, in pixels.
    public let sigma: Double
    /// What lies around the image.
    public let border: SamplingBorder

    /// - Parameter strength: how far pixels are moved, before the blur of `sigma` pixels
    public init(strength: Double = 20, sigma: Double = 5, border: SamplingBorder = .reflection, rate: Double = 1) {
        self.strength = strength
        self.sigma = sigma
        self.border = border
        super.init(rate: rate)
    }

    public override var details: String { "strength \(strength), sigma \(sigma)" }

    override func check() throws(ApusError) {
        guard strength.isFinite, sigma > 0, sigma <= 256 else {
            throw mistake(
                .value, "strength \(strength), sigma \(sigma)",
                remedy: "use a finite strength and a sigma above 0 of up to 256 pixels")
        }
    }

    override func changed(_ x: Tensor, _ draws: ImageDraws) -> Tensor {
        let wide = x.dtype == .float64 ? x : x.cast(to: .float32)
        let noise = draws.pass.random(.uniform, [x.shape[0], x.shape[1], x.shape[2], 2], wide.dtype) * 2 - 1
        let moved = noise.smoothDisplacement(strength: strength, sigma: sigma)
        return wide.displaced(by: moved, border: border).cast(to: x.dtype)
    }
}

/// A random rectangle of each image filled with one colour while training (Zhong et al., AAAI 2020).
/// `[batch, height, width, channels]` to the same shape; as it is at inference.
public final class RandomErasing: RandomImageLayer {
    /// The rectangle's part of the image's area.
    public let area: ClosedRange<Double>
    /// The colour.
    public let fill: Double

    /// - Parameter area: the share of the image that is filled
    public init(area: ClosedRange<Double> = 0.02...0.33, fill: Double = 0, rate: Double = 0.5) {
        self.area = area
        self.fill = fill
        super.init(rate: rate)
    }

    public override var details: String { "area \(area), rate \(rate)" }

    override func check() throws(ApusError) { try require(area, in: 0...1, "the area") }

    override func changed(_ x: Tensor, _ draws: ImageDraws) -> Tensor {
        // Proportions from 0.3 to 3.3.
        let aspect = draws.uniform(-1.2...1.2)
        let box = draws.box(area: draws.uniform(area), logAspect: aspect)
        return Tensor.select(box, x.like(repeating: fill), x)
    }
}

extension ImageDraws {
    /// Rectangles at random places, `[batch, height, width, 1]`, `bool`: of parts of the area and of logarithms of
    /// width over height, both `[batch]`.
    func box(area: Tensor, logAspect: Tensor) -> Tensor {
        let root = area.squareRoot()
        func inside(_ axis: Int, _ part: Tensor) -> Tensor {
            let extent = Double(images.shape[axis])
            let size = Tensor.minimum((part * extent).rounded(), extent)
            let start = (uniform() * (extent - size + 1)).floor()
            let place = Tensor.range(count: images.shape[axis], dtype: images.dtype)
            let (first, end) = (start.expanded(at: 1), (start + size).expanded(at: 1))
            return (place .>= first) & (place .< end)
        }
        let rows = inside(1, root * (logAspect * -0.5).exp())
        let columns = inside(2, root * (logAspect * 0.5).exp())
        guard rows.error == nil, columns.error == nil else { return rows.error == nil ? columns : rows }
        return rows.expanded(at: 2).expanded(at: 3) & columns.expanded(at: 1).expanded(at: 3)
    }
}
