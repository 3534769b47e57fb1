import ApusCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// What makes recognition hard although nothing new is in the picture, each in five severities.
///
///     let dim = RecognitionChallenge.illumination.transform(severity: 4)
public enum RecognitionChallenge: String, Sendable, Hashable, CaseIterable {
    /// Turned, slanted and seen from aside: 6 degrees and a perspective of 0.1 a step.
    case viewpoint
    /// Darker or brighter, and light from one side.
    case illumination
    /// Bent by smooth waves, up to 95 % of what they can without folding.
    case deformation
    /// A noisy rectangle over 8 % of the picture a step.
    case occlusion
    /// Clutter behind the objects, 20 % more visible a step. Objects are where the mask is not 0; without a mask, where
    /// the colour differs from the border's.
    case background
    /// Other members of the class: wider or narrower by 8 % a step, with other contrast and hue.
    case intraClass

    /// The severities, from slight to strong.
    public static let severities = 1...5

    /// The challenge as a transform. Its strength is the severity's; directions, places and patterns are random.
    ///
    /// - Parameter severity: 1 to 5; others end in an error when it is applied
    public func transform(severity: Int) -> ImageTransform {
        let step = Double(severity)
        return ImageTransform(changes(step), "\(rawValue) \(severity)") { image, random in
            guard Self.severities.contains(severity) else {
                throw ApusError(
                    .value, in: "challenge \(rawValue)", "a severity of \(severity)", remedy: "use 1 to 5")
            }
            switch self {
            case .viewpoint: return try Self.turned(image, step, &random)
            case .illumination: return try Self.lit(image, step, &random)
            case .deformation:
                let length = Double(min(image.image.width, image.image.height))
                // Waves fold from a strength of length / (4 pi waves) on.
                return try image.elastic(
                    strength: 0.19 * step * length / (4 * .pi * 3), waves: 3, using: &random)
            case .occlusion:
                let area = 0.08 * step
                return try ImageTransform.erase(area: area...area, ratio: 0.5...2, value: nil)(image, using: &random)
            case .background: return Self.cluttered(image, 0.2 * step, &random)
            case .intraClass: return try Self.varied(image, step, &random)
            }
        }
    }

    private func changes(_ step: Double) -> [ImageChange] {
        switch self {
        case .viewpoint: [.rotation(6 * step), .shear, .perspective]
        case .illumination: [.color]
        case .deformation: [.elastic]
        case .occlusion: [.erase]
        case .background: [.noise]
        case .intraClass: [.zoom, .color, .hue]
        }
    }

    private static func turned(
        _ image: AnnotatedImage, _ step: Double, _ random: inout RandomSource
    ) throws -> AnnotatedImage {
        let (width, height) = (Double(image.image.width), Double(image.image.height))
        let fill = image.image.borderColour
        // One side is further away.
        let (away, side) = (0.1 * step / 2, random.integer(below: 4))
        var corners = [ImagePoint(0, 0), ImagePoint(width, 0), ImagePoint(width, height), ImagePoint(0, height)]
        for corner in [side, (side + 1) % 4] {
            if side % 2 == 0 {
                corners[corner].x += (corners[corner].x == 0 ? away : -away) * width
            } else {
                corners[corner].y += (corners[corner].y == 0 ? away : -away) * height
            }
        }
        return try image.perspective(to: corners, fill: fill).affine(
            degrees: 6 * step * (random.chance(0.5) ? 1 : -1), shear: 2 * step * (random.chance(0.5) ? 1 : -1),
            fill: fill)
    }

    private static func lit(
        _ image: AnnotatedImage, _ step: Double, _ random: inout RandomSource
    ) throws -> AnnotatedImage {
        var result = image
        let exponent = 1 + 0.3 * step
        let base = try image.image.adjustedGamma(random.chance(0.5) ? exponent : 1 / exponent)
        let angle = random.uniform(0...2 * .pi)
        let (across, along) = (cos(angle), sin(angle))
        var pixels = base.pixels
        for y in 0..<base.height {
            for x in 0..<base.width {
                let place =
                    across * (Double(x) / Double(base.width) - 0.5) + along * (Double(y) / Double(base.height) - 0.5)
                let light = max(0, 1 + 0.25 * step * (place - 0.5))
                let start = (y * base.width + x) * base.channels
                for channel in 0..<min(base.channels, 3) {
                    pixels[start + channel] = UInt8(min(Double(pixels[start + channel]) * light, 255))
                }
            }
        }
        result.image = base.withPixels(pixels, channels: base.channels)
        return result
    }

    private static func cluttered(
        _ image: AnnotatedImage, _ share: Double, _ random: inout RandomSource
    ) -> AnnotatedImage {
        let picture = image.image
        let isObject: [Bool]
        if let mask = image.mask, mask.pixels.count == picture.width * picture.height {
            isObject = mask.pixels.map { $0 != 0 }
        } else {
            isObject = picture.differingFromBorder()
        }
        // Bars at random angles in random colours, four to a picture's width.
        let waves = (0..<3).map { _ in
            (
                angle: random.uniform(0...2 * .pi), length: Double(picture.width) / random.uniform(2...6),
                phase: random.uniform(0...2 * .pi), colour: (0..<3).map { _ in random.uniform(0...255) }
            )
        }
        var pixels = picture.pixels
        for y in 0..<picture.height {
            for x in 0..<picture.width where !isObject[y * picture.width + x] {
                var clutter = [0.0, 0, 0]
                for wave in waves {
                    let place = Double(x) * cos(wave.angle) + Double(y) * sin(wave.angle)
                    let height = 0.5 + 0.5 * cos(2 * .pi * place / wave.length + wave.phase)
                    for channel in 0..<3 { clutter[channel] += wave.colour[channel] * height / 3 }
                }
                let start = (y * picture.width + x) * picture.channels
                for channel in 0..<min(picture.channels, 3) {
                    let mixed = Double(pixels[start + channel]) * (1 - share) + clutter[channel] * share
                    pixels[start + channel] = UInt8(min(max(mixed + 0.5, 0), 255))
                }
            }
        }
        var result = image
        result.image = picture.withPixels(pixels, channels: picture.channels)
        return result
    }

    private static func varied(
        _ image: AnnotatedImage, _ step: Double, _ random: inout RandomSource
    ) throws -> AnnotatedImage {
        let (width, height) = (Double(image.image.width), Double(image.image.height))
        let inset = 0.08 * step / 2, isNarrow = random.chance(0.5)
        let (dx, dy) = (isNarrow ? inset * width : 0, isNarrow ? 0 : inset * height)
        var result = try image.perspective(
            to: [
                ImagePoint(dx, dy), ImagePoint(width - dx, dy), ImagePoint(width - dx, height - dy),
                ImagePoint(dx, height - dy),
            ], fill: image.image.borderColour)
        let contrast = random.chance(0.5) ? 1 - 0.12 * step : 1 + 0.12 * step
        result.image = try result.image.adjustedContrast(contrast)
            .adjustedHue(0.04 * step * (random.chance(0.5) ? 1 : -1))
        return result
    }
}

extension Image {
    /// The middle value of the pixels along the border.
    var borderColour: UInt8 {
        let values = borderPixels.map { start in pixels[start] }.sorted()
        return values[values.count / 2]
    }

    /// Pixels whose colour is far from the border's.
    func differingFromBorder(by limit: Int = 48) -> [Bool] {
        let border = (0..<min(channels, 3)).map { channel in
            let values = borderPixels.map { pixels[$0 + channel] }.sorted()
            return Int(values[values.count / 2])
        }
        return (0..<width * height).map { pixel in
            border.indices.contains { abs(Int(pixels[pixel * channels + $0]) - border[$0]) > limit }
        }
    }

    /// Where the first values of the border's pixels stand.
    private var borderPixels: [Int] {
        let rows = (0..<width).flatMap { [$0, (height - 1) * width + $0] }
        let columns = (0..<height).flatMap { [$0 * width, ($0 + 1) * width - 1] }
        return (rows + columns).map { $0 * channels }
    }
}
