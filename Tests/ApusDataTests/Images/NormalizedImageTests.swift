import ApusCore
import ApusData
import TestSupport
import Testing

@Suite struct NormalizedImageTests {
    private func picture(_ width: Int, _ height: Int, _ channels: Int) throws -> Image {
        var random = RandomSource(seed: 5)
        let pixels = (0..<width * height * channels).map { _ in UInt8(truncatingIfNeeded: random.integer(below: 256)) }
        return try Image(width: width, height: height, channels: channels, pixels: pixels)
    }

    /// The numbers are those of the resized picture, which is rounded to bytes.
    @Test(arguments: [(31, 23), (9, 40), (1, 1), (300, 200)]) func itIsTheResizedPicture(size: (Int, Int)) throws {
        for channels in [1, 3, 4] {
            let image = try picture(40, 30, channels)
            let means = [0.5, 0.25, 0.125, 0].prefix(channels).map { $0 }
            let deviations = [0.5, 0.25, 2, 1].prefix(channels).map { $0 }
            let values: [Float] = try image.normalized(
                width: size.0, height: size.1, means: means, deviations: deviations
            ).array()
            let expected = try image.resized(width: size.0, height: size.1).pixels
            #expect(values.count == expected.count)
            for (index, pair) in zip(values, expected).enumerated() {
                let byte = (Double(pair.0) * deviations[index % channels] + means[index % channels]) * 255
                #expect(abs(byte - Double(pair.1)) < 0.51)
            }
        }
    }

    @Test func aMirroredPictureHasItsPixelsTheOtherWay() throws {
        let image = try picture(20, 10, 3)
        func values(_ isMirrored: Bool) throws -> [Float] {
            try image.normalized(
                width: 7, height: 6, means: [0, 0, 0], deviations: [1, 1, 1], isMirrored: isMirrored
            ).array()
        }
        let (plain, mirrored) = (try values(false), try values(true))
        for y in 0..<6 {
            for x in 0..<7 {
                for channel in 0..<3 {
                    #expect(plain[(y * 7 + x) * 3 + channel] == mirrored[(y * 7 + 6 - x) * 3 + channel])
                }
            }
        }
    }

    @Test func whatDoesNotFitIsNamed() throws {
        let image = try picture(4, 4, 3)
        let ones = [1.0, 1, 1]
        #expect(
            refusal { _ = try image.normalized(width: 0, height: 4, means: ones, deviations: ones) }?.problem
                == "the size 0 x 4 is not possible")
        #expect(
            refusal { _ = try image.normalized(width: 4, height: 4, means: [0], deviations: ones) }?.problem
                == "means [0.0] and deviations [1.0, 1.0, 1.0] for 3 channels")
        #expect(
            refusal { _ = try image.normalized(width: 4, height: 4, means: ones, deviations: [1, 0, 1]) } != nil)
    }

    @Test func randomPartsAreInsideAndOfTheirSizes() {
        var random = RandomSource(seed: 3)
        for _ in 0..<200 {
            let part = ImageRegion.random(width: 50, height: 37, using: &random)
            #expect(part.x >= 0 && part.y >= 0 && part.x + part.width <= 50 && part.y + part.height <= 37)
            #expect(Double(part.width * part.height) > 0.06 * 50 * 37)
        }
        #expect(ImageRegion.random(width: 1000, height: 1, area: 1...1, using: &random).width == 1000)
    }
}
