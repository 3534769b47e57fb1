import ApusCore

/// A change of pictures at random, with all that is known about them in step.
///
///     let photos = files.map(read).augment(
///         [.horizontalFlip(), .rotation(10), .colorJitter(brightness: 0.2, contrast: 0.2)], keeping: rules, seed: 1)
public struct ImageTransform: Sendable {
    /// What it does, as far as labels may depend on it.
    public let change: ImageChange
    let apply: @Sendable (AnnotatedImage, inout RandomSource) throws -> AnnotatedImage

    /// A change of one's own.
    public init(
        _ change: ImageChange,
        _ apply: @escaping @Sendable (AnnotatedImage, inout RandomSource) throws -> AnnotatedImage
    ) {
        self.change = change
        self.apply = apply
    }

    /// Changes a picture.
    public func callAsFunction(_ image: AnnotatedImage, using random: inout RandomSource) throws -> AnnotatedImage {
        try apply(image, &random)
    }

    /// Mirrors left to right.
    public static func horizontalFlip(
        probability: Double = 0.5, labels: LabelPermutation = .none
    ) -> ImageTransform {
        ImageTransform(.horizontalFlip) { image, random in
            random.chance(probability) ? try image.flippedHorizontally(labels) : image
        }
    }

    /// Turns upside down.
    public static func verticalFlip(probability: Double = 0.5, labels: LabelPermutation = .none) -> ImageTransform {
        ImageTransform(.verticalFlip) { image, random in
            random.chance(probability) ? try image.flippedVertically(labels) : image
        }
    }

    /// Turns by up to so many degrees either way.
    public static func rotation(_ degrees: Double, fill: UInt8 = 0) -> ImageTransform {
        ImageTransform(.rotation(abs(degrees))) { image, random in
            try image.rotated(degrees: degrees * random.uniform(-1...1), fill: fill)
        }
    }

    /// Turns, moves and scales a little.
    ///
    /// - Parameters:
    ///   - shift: the largest move, as a share of the sides
    ///   - zoom: the largest change of scale
    public static func affine(
        degrees: Double = 0, shift: Double = 0, zoom: Double = 0, fill: UInt8 = 0
    ) -> ImageTransform {
        ImageTransform(.rotation(abs(degrees))) { image, random in
            let x = shift * random.uniform(-1...1) * Double(image.image.width)
            let y = shift * random.uniform(-1...1) * Double(image.image.height)
            return try image.affine(
                degrees: degrees * random.uniform(-1...1), translation: ImagePoint(x, y),
                scale: 1 + zoom * random.uniform(-1...1), fill: fill)
        }
    }

    /// Moves each corner inwards by up to a share of half the sides.
    public static func perspective(_ strength: Double, fill: UInt8 = 0) -> ImageTransform {
        ImageTransform(.perspective) { image, random in
            let (width, height) = (Double(image.image.width), Double(image.image.height))
            var corners: [ImagePoint] = []
            for (x, y) in [(0.0, 0.0), (1, 0), (1, 1), (0, 1)] {
                let (dx, dy) = (random.uniform() * strength * width / 2, random.uniform() * strength * height / 2)
                corners.append(ImagePoint(x == 0 ? dx : width - dx, y == 0 ? dy : height - dy))
            }
            return try image.perspective(to: corners, fill: fill)
        }
    }

    /// Deforms by smooth waves.
    public static func elastic(_ strength: Double, waves: Int = 3) -> ImageTransform {
        ImageTransform(.elastic) { image, random in
            try image.elastic(strength: strength, waves: waves, using: &random)
        }
    }

    /// A random part in a given size.
    public static func randomResizedCrop(
        width: Int, height: Int, area: ClosedRange<Double> = 0.08...1
    ) -> ImageTransform {
        ImageTransform(.crop) { image, random in
            try image.randomResizedCrop(width: width, height: height, area: area, using: &random)
        }
    }

    /// A random part of a padded picture, in the size of the picture.
    public static func paddedCrop(_ border: Int) -> ImageTransform {
        ImageTransform(.crop) { image, random in
            let (x, y) = (random.integer(below: 2 * border + 1), random.integer(below: 2 * border + 1))
            return try image.cropped(
                x: x - border, y: y - border, width: image.image.width, height: image.image.height)
        }
    }

    /// Brightness and contrast times factors of up to 1 plus or minus the given shares.
    public static func colorJitter(brightness: Double = 0, contrast: Double = 0) -> ImageTransform {
        ImageTransform(.color) { image, random in
            let factor = 1 + brightness * random.uniform(-1...1)
            let slope = 1 + contrast * random.uniform(-1...1)
            let pixels = image.image.pixels
            let mean = factor * Double(pixels.reduce(0) { $0 + Int($1) }) / Double(max(pixels.count, 1))
            return image.withPixels { _, value in (Double(value) * factor - mean) * slope + mean }
        }
    }

    /// Adds normal noise of a deviation in shades of 255.
    public static func noise(_ deviation: Double) -> ImageTransform {
        ImageTransform(.noise) { image, random in
            var source = random
            defer { random = source }
            return image.withPixels { _, value in Double(value) + deviation * source.normal() }
        }
    }

    /// Fills a rectangle of a random place and of a share of the area.
    public static func erase(area: ClosedRange<Double> = 0.02...0.33, value: UInt8 = 0) -> ImageTransform {
        ImageTransform(.erase) { image, random in
            let (width, height) = (image.image.width, image.image.height)
            let share = random.uniform(area).squareRoot()
            let wide = min(max(Int(share * Double(width)), 1), width)
            let tall = min(max(Int(share * Double(height)), 1), height)
            let x = random.integer(below: width - wide + 1), y = random.integer(below: height - tall + 1)
            let channels = image.image.channels
            return image.withPixels { index, old in
                let pixel = index / channels
                let inside = (x..<x + wide).contains(pixel % width) && (y..<y + tall).contains(pixel / width)
                return inside ? Double(value) : Double(old)
            }
        }
    }
}

extension AnnotatedImage {
    /// The picture with other values, rounded and kept within 0 to 255.
    func withPixels(_ value: (Int, UInt8) -> Double) -> AnnotatedImage {
        var pixels = image.pixels
        for index in pixels.indices { pixels[index] = UInt8(min(max(value(index, pixels[index]) + 0.5, 0), 255)) }
        var result = self
        result.image = Image(trusted: pixels, width: image.width, height: image.height, channels: image.channels)
        return result
    }
}

extension Pipeline where Element == AnnotatedImage {
    /// Changes pictures at random, one transform after the other, anew each epoch.
    ///
    /// - Parameter rules: what the labels of the data allow; a transform that they don't ends in an error
    public func augment(
        _ transforms: [ImageTransform], keeping rules: LabelRules? = nil, seed: UInt64
    ) throws(ApusError) -> Pipeline<AnnotatedImage> {
        for transform in transforms { try rules?.check(transform.change) }
        let label = transforms.map { "\($0.change)" }.joined(separator: ", ")
        return map(label, seed: seed) { image, random in
            var result = image
            for transform in transforms { result = try transform.apply(result, &random) }
            return result
        }
    }
}
