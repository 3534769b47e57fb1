import ApusCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// What policies of augmentation choose from: a change of a picture that has a strength.
///
///     ImageTransform.randAugment(operations: PolicyOperation.colors)      // nothing moves
public enum PolicyOperation: String, Sendable, Hashable, CaseIterable {
    case identity, shearX, shearY, translateX, translateY, rotate
    case brightness, saturation, contrast, sharpness, posterize, solarize, autoContrast, equalize, invert

    /// Those that move pixels.
    public static let geometric: [PolicyOperation] = [.shearX, .shearY, .translateX, .translateY, .rotate]
    /// All of RandAugment (Cubuk et al., NeurIPS 2020).
    public static let standard = allCases.filter { $0 != .invert }
    /// Those of the standard that leave all pixels where they are.
    public static let colors = standard.filter { !geometric.contains($0) }
    /// Those of AugMix, which leaves out what its corrupted test pictures are made by (Hendrycks et al., ICLR 2020).
    public static let augMix: [PolicyOperation] = [
        .autoContrast, .equalize, .rotate, .solarize, .posterize, .shearX, .shearY, .translateX, .translateY,
    ]

    /// How far operations go at full strength.
    struct Reach: Sendable {
        /// The slant, as pixels a pixel.
        var shear = 0.3
        /// The move as a share of a side, or in pixels.
        var shift = 150.0 / 331, shiftInPixels: Double?
        var degrees = 30.0
        /// How far a factor is from 1.
        var factor = 0.9
        /// Bits that are lost.
        var bits = 4.0

        static let standard = Reach()
        /// Of TrivialAugment (Müller and Hutter, ICCV 2021).
        static let wide = Reach(shear: 0.99, shiftInPixels: 32, degrees: 135, factor: 0.99, bits: 6)
    }

    /// What it does, as far as labels may depend on it.
    func changes(_ reach: Reach) -> [ImageChange] {
        switch self {
        case .identity: []
        case .shearX, .shearY: [.shear]
        case .translateX, .translateY: [.shift]
        case .rotate: [.rotation(reach.degrees)]
        case .brightness, .contrast, .posterize, .autoContrast, .equalize: [.color]
        case .saturation: [.hue]
        case .sharpness: [.blur]
        case .solarize, .invert: [.inversion]
        }
    }

    /// The picture changed with a strength from 0 to 1, in a direction of -1 or 1 where there are two.
    func apply(
        to image: AnnotatedImage, strength: Double, direction: Double, _ reach: Reach, fill: UInt8
    ) throws(ApusError) -> AnnotatedImage {
        let amount = strength * direction
        let slant = atan(reach.shear * amount) * 180 / .pi
        func shift(_ extent: Int) -> Double {
            ((reach.shiftInPixels ?? reach.shift * Double(extent)) * amount).rounded(.towardZero)
        }
        let factor = 1 + reach.factor * amount
        var result = image
        switch self {
        case .identity: break
        case .shearX: return try image.affine(shear: slant, fill: fill)
        case .shearY: return try image.affine(shearY: slant, fill: fill)
        case .translateX:
            return try image.affine(translation: ImagePoint(shift(image.image.width), 0), fill: fill)
        case .translateY:
            return try image.affine(translation: ImagePoint(0, shift(image.image.height)), fill: fill)
        case .rotate: return try image.rotated(degrees: reach.degrees * amount, fill: fill)
        case .brightness: result.image = try image.image.adjustedBrightness(factor)
        case .saturation: result.image = try image.image.adjustedSaturation(factor)
        case .contrast: result.image = try image.image.adjustedContrast(factor)
        case .sharpness: result.image = try image.image.adjustedSharpness(factor)
        case .posterize: result.image = try image.image.posterized(bits: 8 - Int((reach.bits * strength).rounded()))
        case .solarize: result.image = image.image.solarized(threshold: 255 * (1 - strength))
        case .autoContrast: result.image = image.image.autocontrasted()
        case .equalize: result.image = image.image.equalized()
        case .invert: result.image = image.image.inverted()
        }
        return result
    }
}
