import ApusCore

/// Colours plus a random number for each image while training.
/// `x + b`: `[batch, height, width, channels]` to the same shape; as it is at inference.
public final class RandomBrightness: RandomImageLayer {
    /// What is added, in -1...1.
    public let range: ClosedRange<Double>

    /// - Parameter factor: the largest change, 0...1
    public convenience init(_ factor: Double = 0.2, rate: Double = 1) { self.init(mirrored(factor), rate: rate) }

    /// - Parameter rate: the share of images that are changed, while training
    public init(_ range: ClosedRange<Double>, rate: Double = 1) {
        self.range = range
        super.init(rate: rate)
    }

    override func check() throws(ApusError) { try require(range, in: -1...1, "the brightness") }

    override func changed(_ x: Tensor, _ draws: ImageDraws) -> Tensor {
        (x + draws.uniform(range).perImage).clipped(0, 1)
    }
}

/// The range from -x to x; empty, and refused by its layer, for what is no number of 0 or more.
func mirrored(_ x: Double) -> ClosedRange<Double> { x >= 0 ? -x...x : -.infinity...Double.infinity }

/// The range from 1 - x to 1 + x, from 0 on.
func aroundOne(_ x: Double) -> ClosedRange<Double> {
    x >= 0 && x < .infinity ? max(0, 1 - x)...1 + x : -.infinity...Double.infinity
}

/// What layers have in common that draw a factor for each image: see ``RandomContrast``, ``RandomSaturation``,
/// ``RandomSharpness`` and ``RandomColorDegeneration``.
public class RandomFactorLayer: RandomImageLayer {
    /// The factors that are drawn from.
    public let range: ClosedRange<Double>

    /// - Parameter factor: how far factors are from 1 at most
    public convenience init(_ factor: Double = 0.2, rate: Double = 1) { self.init(aroundOne(factor), rate: rate) }

    /// - Parameter rate: the share of images that are changed, while training
    public required init(_ range: ClosedRange<Double>, rate: Double = 1) {
        self.range = range
        super.init(rate: rate)
    }

    override func check() throws(ApusError) { try require(range, in: 0...256, "the factor") }
}

/// The distance of colours from the image's mean grey times a random factor while training.
/// `m + f (x - m)` with the mean grey `m`: `[batch, height, width, channels]` to the same shape; as it is at inference.
public final class RandomContrast: RandomFactorLayer {
    override func changed(_ x: Tensor, _ draws: ImageDraws) -> Tensor { x.adjustedContrast(draws.uniform(range)) }
}

/// The distance of colours from their grey times a random factor while training.
/// `g + f (x - g)` with the grey `g`: `[batch, height, width, channels]` to the same shape; as it is at inference.
public final class RandomSaturation: RandomFactorLayer {
    override func changed(_ x: Tensor, _ draws: ImageDraws) -> Tensor { x.adjustedSaturation(draws.uniform(range)) }
}

/// The difference from a blurred image times a random factor while training: below 1 blurs, above 1 sharpens.
/// `s + f (x - s)` with the smoothed image `s`: `[batch, height, width, channels]` to the same shape; as it is at
/// inference.
public final class RandomSharpness: RandomFactorLayer {
    override func changed(_ x: Tensor, _ draws: ImageDraws) -> Tensor { x.adjustedSharpness(draws.uniform(range)) }
}

/// Images mixed with their grey by a random factor from 0 (grey) to 1 while training.
/// `g + f (x - g)` with the grey `g`: `[batch, height, width, channels]` to the same shape; as it is at inference.
public final class RandomColorDegeneration: RandomFactorLayer {
    /// - Parameter factor: how much of the colour is lost at most, 0...1
    public convenience init(_ factor: Double = 0.5, rate: Double = 1) {
        self.init(factor >= 0 && factor <= 1 ? 1 - factor...1 : -.infinity...Double.infinity, rate: rate)
    }

    override func check() throws(ApusError) { try require(range, in: 0...1, "the factor") }

    override func changed(_ x: Tensor, _ draws: ImageDraws) -> Tensor { x.adjustedSaturation(draws.uniform(range)) }
}

/// Hues turned by a random part of the colour circle while training.
/// `[batch, height, width, channels]` to the same shape; as it is at inference.
public final class RandomHue: RandomImageLayer {
    /// Turns of the circle, in -0.5...0.5.
    public let range: ClosedRange<Double>

    /// - Parameter factor: the largest turn, 0...0.5
    public convenience init(_ factor: Double = 0.1, rate: Double = 1) { self.init(mirrored(factor), rate: rate) }

    /// - Parameter rate: the share of images that are changed, while training
    public init(_ range: ClosedRange<Double>, rate: Double = 1) {
        self.range = range
        super.init(rate: rate)
    }

    override func check() throws(ApusError) { try require(range, in: -0.5...0.5, "the turn") }

    override func changed(_ x: Tensor, _ draws: ImageDraws) -> Tensor { x.adjustedHue(draws.uniform(range)) }
}

/// Grey images, with a probability, while training.
/// `[batch, height, width, channels]` to the same shape; as it is at inference.
public final class RandomGrayscale: RandomImageLayer {
    public override init(rate: Double = 0.1) { super.init(rate: rate) }

    override func changed(_ x: Tensor, _ draws: ImageDraws) -> Tensor {
        x.shape[3] == 3 ? x.grayscale(channels: 3) : x
    }
}

/// Colours subtracted from white, with a probability, while training.
/// `white - x`: `[batch, height, width, channels]` to the same shape; as it is at inference.
public final class RandomInvert: RandomImageLayer {
    public override init(rate: Double = 0.5) { super.init(rate: rate) }

    override func changed(_ x: Tensor, _ draws: ImageDraws) -> Tensor { x.colorsInverted() }
}

/// Colours of few bits, with a probability, while training. Not differentiable.
/// `[batch, height, width, channels]` to the same shape; as it is at inference.
public final class RandomPosterization: RandomImageLayer {
    /// Of each colour that stay.
    public let bits: Int

    /// - Parameter bits: of each colour that stay, 1...8
    public init(bits: Int = 4, rate: Double = 0.5) {
        self.bits = bits
        super.init(rate: rate)
    }

    override func check() throws(ApusError) { try require(bits, in: 1...8, "the number of bits") }

    override func changed(_ x: Tensor, _ draws: ImageDraws) -> Tensor { x.posterized(bits: bits) }
}

/// Brightness, contrast, saturation and hue changed at random while training, in this order.
///
///     RandomColorJitter(brightness: 0.2, contrast: 0.2, saturation: 0.2, hue: 0.05)
///
/// `[batch, height, width, channels]` to the same shape; as it is at inference.
public final class RandomColorJitter: RandomImageLayer {
    /// The largest change of each; see the initialiser.
    public let brightness, contrast, saturation, hue: Double

    /// The largest changes: of brightness what is added, of contrast and saturation how far factors are from 1, of hue
    /// turns of the colour circle.
    public init(
        brightness: Double = 0.2, contrast: Double = 0.2, saturation: Double = 0.2, hue: Double = 0.05, rate: Double = 1
    ) {
        self.brightness = brightness
        self.contrast = contrast
        self.saturation = saturation
        self.hue = hue
        super.init(rate: rate)
    }

    override func check() throws(ApusError) {
        try require(mirrored(brightness), in: -1...1, "the brightness")
        try require(aroundOne(contrast), in: 0...256, "the contrast")
        try require(aroundOne(saturation), in: 0...256, "the saturation")
        try require(mirrored(hue), in: -0.5...0.5, "the turn")
    }

    override func changed(_ x: Tensor, _ draws: ImageDraws) -> Tensor {
        (x + draws.uniform(mirrored(brightness)).perImage).clipped(0, 1)
            .adjustedContrast(draws.uniform(aroundOne(contrast)))
            .adjustedSaturation(draws.uniform(aroundOne(saturation)))
            .adjustedHue(draws.uniform(mirrored(hue)))
    }
}

/// Images blurred by a normal distribution of random width while training.
/// `[batch, height, width, channels]` to the same shape; as it is at inference.
public final class RandomGaussianBlur: RandomImageLayer {
    /// The odd number of weights.
    public let size: Int
    /// Standard deviations, in pixels.
    public let sigma: ClosedRange<Double>

    /// - Parameter size: of the blur's window in pixels, odd
    public init(size: Int = 3, sigma: ClosedRange<Double> = 0.1...2, rate: Double = 1) {
        self.size = size
        self.sigma = sigma
        super.init(rate: rate)
    }

    override func check() throws(ApusError) {
        try require(sigma, in: 1e-3...1e6, "the deviation")
        guard size % 2 == 1, (1...255).contains(size) else {
            throw mistake(.value, "the size is \(size)", remedy: "use an odd number in 1...255")
        }
    }

    override func changed(_ x: Tensor, _ draws: ImageDraws) -> Tensor {
        x.gaussianBlurred(size: size, sigma: draws.uniform(sigma))
    }
}
