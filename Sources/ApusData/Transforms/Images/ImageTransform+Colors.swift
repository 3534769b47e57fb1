import ApusCore

extension ImageTransform {
    /// Brightness, contrast and saturation times factors of up to 1 plus or minus the given shares, and hues turned by
    /// up to so many turns of the colour circle; in this order.
    public static func colorJitter(
        brightness: Double = 0, contrast: Double = 0, saturation: Double = 0, hue: Double = 0
    ) -> ImageTransform {
        let settings = [
            ("brightness", brightness), ("contrast", contrast), ("saturation", saturation), ("hue", hue),
        ].filter { $0.1 != 0 }
        let changes: [ImageChange] = saturation == 0 && hue == 0 ? [.color] : [.color, .hue]
        let name = settings.map { text($0.0, $0.1) }.joined(separator: ", ")
        return ofPixels(changes, "color jitter (\(name))") { image, random in
            func factor(_ share: Double) -> Double { max(0, 1 + share * random.uniform(-1...1)) }
            var result = image
            if brightness != 0 { result = try result.adjustedBrightness(factor(brightness)) }
            if contrast != 0 { result = try result.adjustedContrast(factor(contrast)) }
            if saturation != 0 { result = try result.adjustedSaturation(factor(saturation)) }
            if hue != 0 { result = try result.adjustedHue(hue * random.uniform(-1...1)) }
            return result
        }
    }

    /// Brightness times a factor from a range.
    public static func brightness(_ factors: ClosedRange<Double>) -> ImageTransform {
        drawn("brightness", [.color], factors) { try $0.adjustedBrightness($1) }
    }

    /// The distance of colours from the mean grey times a factor from a range.
    public static func contrast(_ factors: ClosedRange<Double>) -> ImageTransform {
        drawn("contrast", [.color], factors) { try $0.adjustedContrast($1) }
    }

    /// The distance of colours from their grey times a factor from a range.
    public static func saturation(_ factors: ClosedRange<Double>) -> ImageTransform {
        drawn("saturation", [.hue], factors) { try $0.adjustedSaturation($1) }
    }

    /// Hues turned by up to so many turns of the colour circle either way, up to 0.5.
    public static func hue(_ turns: Double) -> ImageTransform {
        ofPixels([.hue], text("hue", turns)) { image, random in
            try image.adjustedHue(turns * random.uniform(-1...1))
        }
    }

    /// Colours to the power of an exponent from a range: above 1 darkens.
    public static func gamma(_ exponents: ClosedRange<Double>) -> ImageTransform {
        drawn("gamma", [.color], exponents) { try $0.adjustedGamma($1) }
    }

    /// The difference from a blurred picture times a factor from a range: below 1 blurs, above 1 sharpens.
    public static func sharpness(_ factors: ClosedRange<Double>) -> ImageTransform {
        drawn("sharpness", [.blur], factors) { try $0.adjustedSharpness($1) }
    }

    /// Blurs by a normal distribution whose deviation, in pixels, is from a range.
    public static func blur(_ deviations: ClosedRange<Double> = 0.1...2) -> ImageTransform {
        drawn("blur", [.blur], deviations) { try $0.blurred(sigma: $1) }
    }

    /// Grey, with a probability.
    public static func grayscale(probability: Double = 0.1) -> ImageTransform {
        sometimes(probability, ofPixels([.hue], "grayscale") { image, _ in image.desaturated() })
    }

    /// Colours subtracted from white, with a probability.
    public static func invert(probability: Double = 0.5) -> ImageTransform {
        sometimes(probability, ofPixels([.inversion], "invert") { image, _ in image.inverted() })
    }

    /// Colours from a threshold on subtracted from white, with a probability.
    public static func solarize(threshold: Double = 128, probability: Double = 0.5) -> ImageTransform {
        sometimes(
            probability,
            ofPixels([.inversion], text("solarize", threshold)) { image, _ in
                image.solarized(threshold: threshold)
            })
    }

    /// Colours of so many bits, with a probability.
    public static func posterize(bits: Int = 4, probability: Double = 0.5) -> ImageTransform {
        sometimes(
            probability,
            ofPixels([.color], "posterize \(bits) bits") { image, _ in try image.posterized(bits: bits) })
    }

    /// Colours redistributed so that all occur about equally often, with a probability.
    public static func equalize(probability: Double = 0.5) -> ImageTransform {
        sometimes(probability, ofPixels([.color], "equalize") { image, _ in image.equalized() })
    }

    /// Colours stretched to the whole range, with a probability.
    public static func autoContrast(probability: Double = 0.5) -> ImageTransform {
        sometimes(probability, ofPixels([.color], "auto contrast") { image, _ in image.autocontrasted() })
    }

    /// Colours redistributed by the histograms of tiles, of limited contrast (CLAHE), with a probability.
    public static func adaptiveEqualize(
        tiles: Int = 8, limit: Double = 4, probability: Double = 0.5
    ) -> ImageTransform {
        sometimes(
            probability,
            ofPixels([.color], "adaptive equalize") { image, _ in
                try image.adaptivelyEqualized(tiles: tiles, limit: limit)
            })
    }

    /// The colour channels in random order, with a probability.
    public static func channelPermutation(probability: Double = 0.5) -> ImageTransform {
        sometimes(
            probability,
            ofPixels([.hue], "channel permutation") { image, random in
                try image.withChannelOrder(random.permutation(min(image.channels, 3)))
            })
    }

    /// Brightness, contrast, saturation, hue and the order of channels, each changed with a probability, contrast before
    /// or after saturation and hue (Liu et al., ECCV 2016).
    public static func photometricDistort(probability: Double = 0.5) -> ImageTransform {
        let contrast = sometimes(probability, .contrast(0.5...1.5))
        let rest = chain([sometimes(probability, .saturation(0.5...1.5)), sometimes(probability, .hue(0.05))])
        return ImageTransform([.color, .hue], "photometric distort") { image, random in
            let steps = random.chance(0.5) ? [contrast, rest] : [rest, contrast]
            return try chain(
                [sometimes(probability, .brightness(0.875...1.125))] + steps
                    + [channelPermutation(probability: probability)]
            ).apply(image, &random)
        }
    }

    /// What is left after being written as JPEG with a quality from a range.
    public static func jpeg(quality: ClosedRange<Int> = 30...90) -> ImageTransform {
        ofPixels([.blur], "jpeg \(quality)") { image, random in
            let span = quality.upperBound &- quality.lowerBound &+ 1
            let bytes = try JPEG.encode(image, quality: quality.lowerBound + random.integer(below: span))
            return try Image(decoding: bytes).withChannels(image.channels)
        }
    }

    /// Adds normal noise of a deviation in shades of 255.
    public static func noise(_ deviation: Double) -> ImageTransform {
        ofPixels([.noise], text("noise", deviation)) { image, random in
            guard deviation >= 0, deviation <= 1e6 else {
                throw ApusError(
                    .value, in: "image noise", "a deviation of \(deviation)",
                    remedy: "use a number from 0 to 1000000")
            }
            var pixels = image.pixels
            for index in pixels.indices where image.channels < 4 || index & 3 != 3 {
                let value = Double(pixels[index]) + deviation * random.normal()
                pixels[index] = UInt8(min(max(value + 0.5, 0), 255))
            }
            return image.withPixels(pixels, channels: image.channels)
        }
    }

    /// Single pixels black or white.
    ///
    /// - Parameter share: of the pixels
    public static func saltAndPepper(_ share: Double) -> ImageTransform {
        ofPixels([.noise], text("salt and pepper", share)) { image, random in
            var pixels = image.pixels
            for start in stride(from: 0, to: pixels.count, by: image.channels) where random.chance(share) {
                let value: UInt8 = random.chance(0.5) ? 0 : 255
                for channel in 0..<min(image.channels, 3) { pixels[start + channel] = value }
            }
            return image.withPixels(pixels, channels: image.channels)
        }
    }

    /// Fills a rectangle of a random place and of a share of the area (Zhong et al., AAAI 2020; DeVries and Taylor, 2017).
    ///
    /// - Parameters:
    ///   - value: the colour; nil for random pixels
    ///   - ratio: of the rectangle's width to its height, relative to the picture's
    public static func erase(
        area: ClosedRange<Double> = 0.02...0.33, ratio: ClosedRange<Double> = 1...1, value: UInt8? = 0,
        probability: Double = 1
    ) -> ImageTransform {
        let change = ofPixels([.erase], text("erase", area)) { image, random in
            let (width, height, channels) = (image.width, image.height, image.channels)
            let share = random.uniform(area)
            let stretch = ratio.lowerBound < ratio.upperBound ? random.uniform(ratio) : ratio.lowerBound
            guard share >= 0, share <= 1, stretch > 0, stretch < 1e6 else {
                throw ApusError(
                    .value, in: "image erase", "\(share) of the area, in the ratio \(stretch)",
                    remedy: "use shares from 0 to 1 and ratios above 0")
            }
            func side(_ extent: Int, _ share: Double) -> Int {
                min(max(Int(share.squareRoot() * Double(extent)), 1), extent)
            }
            let wide = side(width, share * stretch), tall = side(height, share / stretch)
            let x = random.integer(below: width - wide + 1), y = random.integer(below: height - tall + 1)
            var pixels = image.pixels
            for row in y..<y + tall {
                for index in (row * width + x) * channels..<(row * width + x + wide) * channels
                where channels < 4 || index & 3 != 3 {
                    pixels[index] = value ?? UInt8(truncatingIfNeeded: random.next())
                }
            }
            return image.withPixels(pixels, channels: channels)
        }
        return probability >= 1 ? change : sometimes(probability, change)
    }

    /// A change of colours by a number from a range.
    private static func drawn(
        _ name: String, _ changes: [ImageChange], _ range: ClosedRange<Double>,
        _ change: @escaping @Sendable (Image, Double) throws -> Image
    ) -> ImageTransform {
        ofPixels(changes, text(name, range)) { image, random in
            try change(image, random.uniform(range))
        }
    }
}
