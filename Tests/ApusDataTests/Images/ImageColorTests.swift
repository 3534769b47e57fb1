import Apus
import TestSupport
import Testing

/// Changes of pictures' bytes against the operations on tensors, which are compared with the golden values.
@Suite struct ImageColorTests {
    static func photo(width: Int = 37, height: Int = 29, channels: Int = 3, seed: UInt64 = 5) throws -> Image {
        var random = RandomSource(seed: seed)
        let pixels = (0..<width * height * channels).map { UInt8(min(255, 20 + random.integer(below: 200) + $0 % 36)) }
        return try Image(width: width, height: height, channels: channels, pixels: pixels)
    }

    private func expectSame(
        _ ours: Image, _ operation: (Tensor) -> Tensor, of image: Image, within tolerance: Int = 0,
        _ location: SourceLocation = #_sourceLocation
    ) throws {
        let tensor = Tensor(image.pixels, shape: [1, image.height, image.width, image.channels])
        let theirs = try operation(tensor).array(of: UInt8.self)
        let worst = zip(ours.pixels, theirs).map { abs(Int($0) - Int($1)) }.max() ?? 0
        #expect(ours.pixels.count == theirs.count && worst <= tolerance, "off by \(worst)", sourceLocation: location)
    }

    @Test(arguments: [1, 3]) func bytesChangeAsTensorsDo(_ channels: Int) throws {
        let image = try Self.photo(channels: channels)
        for factor in [0, 0.4, 1, 1.7] {
            try expectSame(image.adjustedBrightness(factor), { $0.adjustedBrightness(factor) }, of: image)
            try expectSame(image.adjustedContrast(factor), { $0.adjustedContrast(factor) }, of: image, within: 1)
            try expectSame(image.adjustedSaturation(factor), { $0.adjustedSaturation(factor) }, of: image, within: 1)
            try expectSame(image.adjustedSharpness(factor), { $0.adjustedSharpness(factor) }, of: image, within: 1)
        }
        for turns in [-0.5, -0.2, 0, 0.1, 0.45] {
            try expectSame(image.adjustedHue(turns), { $0.adjustedHue(turns) }, of: image, within: 1)
        }
        try expectSame(image.adjustedGamma(2.2, gain: 0.9), { $0.adjustedGamma(2.2, gain: 0.9) }, of: image, within: 1)
        try expectSame(image.inverted(), { $0.colorsInverted() }, of: image)
        try expectSame(image.solarized(threshold: 100), { $0.solarized(threshold: 100) }, of: image)
        for bits in 0...8 { try expectSame(image.posterized(bits: bits), { $0.posterized(bits: bits) }, of: image) }
        try expectSame(image.autocontrasted(), { $0.autocontrasted() }, of: image, within: 1)
        try expectSame(image.equalized(), { $0.equalized() }, of: image)
        try expectSame(image.adaptivelyEqualized(), { $0.adaptivelyEqualized() }, of: image)
        try expectSame(
            image.blurred(sigma: 1.3, size: 7),
            { ($0.cast(to: .float32).gaussianBlurred(size: 7, sigma: [1.3]) + 0.5).cast(to: .uint8) }, of: image,
            within: 1)
    }

    @Test func largePicturesAreEqualizedByHistogram() throws {
        let image = try Self.photo(width: 120, height: 90)
        try expectSame(image.equalized(), { $0.equalized() }, of: image)
        #expect(image.equalized() != image)
    }

    @Test func greyAndOneColourAndOpacityStay() throws {
        let grey = try Self.photo(channels: 1)
        #expect(try grey.adjustedHue(0.3) == grey && grey.adjustedSaturation(0) == grey && grey.desaturated() == grey)
        let flat = try Image(width: 2, height: 2, channels: 1, pixels: [7, 7, 7, 7])
        #expect(flat.autocontrasted() == flat && flat.equalized() == flat)
        let clear = try Self.photo(channels: 4)
        let opacity = clear.pixels.enumerated().filter { $0.offset % 4 == 3 }.map(\.element)
        for changed in [
            try clear.adjustedBrightness(0), clear.inverted(), try clear.adjustedHue(0.2), clear.equalized(),
            try clear.adjustedSharpness(2), clear.autocontrasted(), clear.desaturated(),
        ] {
            #expect(changed != clear)
            #expect(changed.pixels.enumerated().filter { $0.offset % 4 == 3 }.map(\.element) == opacity)
        }
        #expect(try Self.photo(width: 2, height: 9).adjustedSharpness(0) == Self.photo(width: 2, height: 9))
        #expect(try grey.blurred(sigma: 0) == grey && flat.blurred(sigma: 40) == flat)
    }

    @Test func wrongFactorsAreRefused() throws {
        let image = try Self.photo()
        for factor in [-1, .nan, .infinity] {
            #expect(refusal { _ = try image.adjustedBrightness(factor) }?.kind == .value)
            #expect(refusal { _ = try image.adjustedContrast(factor) }?.kind == .value)
            #expect(refusal { _ = try image.adjustedSaturation(factor) }?.kind == .value)
            #expect(refusal { _ = try image.adjustedSharpness(factor) }?.kind == .value)
            #expect(refusal { _ = try image.adjustedGamma(factor) }?.kind == .value)
            #expect(refusal { _ = try image.blurred(sigma: factor) }?.kind == .value)
        }
        #expect(
            refusal { _ = try image.adjustedHue(0.6) }?.description
                == "image hue: a turn of 0.6; use a number from -0.5 to 0.5")
        #expect(refusal { _ = try image.posterized(bits: 9) }?.kind == .value)
        #expect(refusal { _ = try image.blurred(sigma: 1, size: 4) }?.kind == .value)
        #expect(refusal { _ = try image.withChannelOrder([0, 0, 1]) }?.kind == .value)
        #expect(try image.withChannelOrder([2, 1, 0]).withChannelOrder([2, 1, 0]) == image)
    }
}
