import ApusCore
import TestSupport
import Testing

@Suite struct ColorTests {
    private func tensor(_ shape: Shape, _ seed: UInt64 = 3, _ range: ClosedRange<Double> = 0.05...0.95) -> Tensor {
        var random = TestRandom(seed)
        return random.tensor(shape, range)
    }

    private func bytes(_ shape: Shape, _ seed: UInt64 = 3) throws -> Tensor {
        var random = TestRandom(seed)
        return try random.positions(shape, below: 256).cast(to: .uint8).evaluated()
    }

    @Test func colorSpacesAreInverse() throws {
        let x = tensor([2, 4, 5, 3])
        #expect(try difference(x.rgbToHSV().hsvToRGB(), x) < 1e-14)
        let known = Tensor(
            [1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 1, 0, 0.5, 0.5, 0.5, 0, 0, 0, 0.5, 0, 0.25] as [Double], shape: [7, 3])
        let expected: [Double] = [
            0, 1, 1, 1 / 3.0, 1, 1, 2 / 3.0, 1, 1, 1 / 6.0, 1, 1, 0, 0, 0.5, 0, 0, 0, 11 / 12.0, 1, 0.5,
        ]
        #expect(try difference(known.rgbToHSV(), Tensor(expected, shape: [7, 3])) < 1e-15)
        // A whole turn changes nothing, and a third of one moves red to green.
        #expect(try difference(x.adjustedHue(1), x) < 1e-14)
        let red = Tensor([1, 0, 0] as [Double], shape: [1, 1, 1, 3])
        #expect(try difference(red.adjustedHue(1 / 3.0), Tensor([0, 1, 0] as [Double], shape: [1, 1, 1, 3])) < 1e-14)
    }

    @Test func colorsHaveBothDerivatives() throws {
        let x = tensor([1, 3, 4, 3])
        let functions: [@Sendable (Tensor) -> Tensor] = [
            { $0.rgbToHSV() }, { $0.hsvToRGB() }, { $0.adjustedHue(0.2) }, { $0.adjustedBrightness(0.8) },
            { $0.adjustedContrast(0.7) }, { $0.adjustedSaturation(0.4) }, { $0.adjustedSharpness(0.5) },
            { $0.adjustedGamma(1.7) }, { $0.standardizedPerImage() }, { $0.grayscale(channels: 3).square() },
            { $0.standardized(mean: [0.1, 0.2, 0.3], deviation: [0.5]).square() }, { $0.colorsInverted().square() },
            { $0.autocontrasted().square() }, { $0.solarized(threshold: 0.5).square() },
        ]
        for function in functions {
            try checkBothDerivatives(at: [x], tolerance: 1e-5, sampleLimit: 12) { function($0[0]) }
        }
    }

    /// uint8 images give what floating-point ones of the same colours give, rounded down.
    @Test func bytesAreImages() throws {
        let image = try bytes([2, 5, 4, 3])
        let x = image.cast(to: .float64)
        func same(_ y: Tensor, _ expected: Tensor) throws {
            #expect(y.dtype == .uint8)
            #expect(try difference(y.cast(to: .float64), expected.clipped(0, 255).floor()) == 0)
        }
        try same(image.adjustedBrightness(1.5), x * 1.5)
        try same(image.colorsInverted(), 255 - x)
        try same(image.solarized(threshold: 100), Tensor.select(x .>= 100.0, 255 - x, x))
        try same(image.posterized(bits: 2), (x / 64).floor() * 64)
        try same(image.grayscale(), (x.cast(to: .float32).grayscale() / 1).cast(to: .float64))
        try same(image.adjustedSaturation(1), x)
        try same(image.adjustedContrast(1), x)
        try same(image.adjustedSharpness(1), x)
        #expect(try difference(image.adjustedHue(0).cast(to: .float64), x) <= 1)
        #expect(try difference(image.adjustedGamma(1).cast(to: .float64), x) <= 1)
        let stretched: [UInt8] = try image.autocontrasted().array()
        #expect(stretched.min() == 0 && stretched.max() == 255)
    }

    @Test func extremesAreKnown() throws {
        let x = tensor([2, 4, 5, 3])
        #expect(try x.adjustedBrightness(0).max().item() == 0)
        #expect(try difference(x.adjustedSaturation(0), x.grayscale(channels: 3)) < 1e-15)
        let mean = x.grayscale().mean(axes: [1, 2, 3], keepDimensions: true)
        #expect(try difference(x.adjustedContrast(0), mean.broadcast(to: x.shape)) < 1e-15)
        #expect(try difference(x.adjustedSharpness(1), x) < 1e-15)
        // Another factor for each image.
        let factors = Tensor([0.5, 2] as [Double], shape: [2])
        let each = Tensor.concatenate([
            x.slice(axis: 0, 0..<1).adjustedContrast(0.5), x.slice(axis: 0, 1..<2).adjustedContrast(2),
        ])
        #expect(try difference(x.adjustedContrast(factors), each) < 1e-15)
        // Gray images and thin ones pass.
        let gray = tensor([1, 2, 2, 1])
        for y in [gray.adjustedSaturation(0.5), gray.adjustedHue(0.5), gray.adjustedSharpness(0)] {
            #expect(try difference(y, gray) == 0)
        }
        let flat = Tensor(repeating: 0.3, shape: [1, 3, 3, 1], dtype: .float64)
        #expect(try difference(flat.autocontrasted(), flat) == 0)
        #expect(try (x.autocontrasted().min(axes: [1, 2]) .== 0.0).all().item() == 1)
        #expect(try difference((x * 4).floor() / 4, x.posterized(bits: 2)) < 1e-15)
    }

    @Test func equalizedColorsOccurEquallyOften() throws {
        // 256 pixels, of which each colour of 0..<64 occurs four times: those become 0, 4, 8, ...
        let image = Tensor((0..<256).map { UInt8($0 / 4) }, shape: [1, 16, 16, 1])
        let values: [UInt8] = try image.equalized().array()
        let step = (256 - 4) / 255
        #expect(step == 0 && values == (0..<256).map { UInt8($0 / 4) })
        let large = Tensor((0..<1024).map { UInt8($0 / 16) }, shape: [1, 32, 32, 1])
        let spread: [UInt8] = try large.equalized().array()
        let lut = (0..<64).map { level in level == 0 ? 0 : min((level * 16 + 1) / ((1024 - 16) / 255), 255) }
        #expect(spread == (0..<1024).map { UInt8(lut[$0 / 16]) })
        let x = large.cast(to: .float32) / 255
        #expect(try difference(x.equalized() * 255, large.equalized().cast(to: .float32)) < 1e-4)
    }

    /// Numbers of a plain computation by the definition, in other software.
    @Test func tilesAreEqualizedEachByItsHistogram() throws {
        let colours: [UInt8] = (0..<35).map { place -> UInt8 in
            let (y, x): (Int, Int) = (place / 7, place % 7)
            return UInt8((7 * y * y + 13 * x * (y + 1) + 20) % 256)
        }
        let image = Tensor(colours, shape: [1, 5, 7, 1])
        let expected: [(limit: Double, colours: [Double])] = [
            (
                0,
                [
                    28.333333, 85.0, 94.444444, 99.166667, 75.555556, 85.0, 113.333333, 56.666667, 170.0, 174.722222,
                    170.0,
                    160.555556, 170.0, 212.5, 127.5, 203.055556, 207.777778, 217.222222, 231.388889, 255.0, 33.055556,
                    141.666667, 212.5, 219.583333, 247.916667, 23.611111, 101.527778, 162.916667, 160.555556, 255.0,
                    39.351852, 75.555556, 168.425926, 226.666667, 47.222222,
                ]
            ),
            (
                40,
                [
                    28.333333, 85.0, 94.444444, 99.166667, 75.555556, 85.0, 106.219713, 56.666667, 170.0, 174.722222,
                    170.0,
                    160.555556, 169.572525, 205.38638, 126.279687, 203.121321, 209.126577, 217.057809, 229.708827,
                    254.202618, 23.413263, 141.469371, 209.047318, 221.269484, 246.338298, 25.673586, 98.658512,
                    151.886067,
                    154.289578, 245.464022, 28.677159, 73.244634, 162.83587, 215.812394, 19.361941,
                ]
            ),
        ]
        for (limit, numbers) in expected {
            let bytes = image.adaptivelyEqualized(tiles: [2, 3], limit: limit)
            #expect(try bytes.array(of: UInt8.self) == numbers.map { UInt8($0) })
            let wide = (image.cast(to: .float64) / 255).adaptivelyEqualized(tiles: [2, 3], limit: limit) * 255
            #expect(try difference(wide, Tensor(numbers, shape: [1, 5, 7, 1])) < 1e-5)
        }
        // Whole levels are not cut to the ones below by rounding: the definition's, the plain and the fused result agree.
        for seed in 1...8 as ClosedRange<UInt64> {
            let noise = try bytes([1, 7, 5, 1], seed)
            let result = noise.adaptivelyEqualized(tiles: [3, 4], limit: 2.3)
            let levels: [UInt8] = try result.array()
            #expect(try ReferenceExecutor.evaluate(result).values == levels.map { Double($0) })
        }
        // Channels and images have tiles of their own.
        let other = (255 - image.cast(to: .float32)).cast(to: .uint8)
        let both = Tensor.concatenate(
            [Tensor.concatenate([image, other], axis: 3), Tensor.concatenate([other, image], axis: 3)], axis: 0)
        let result = both.adaptivelyEqualized(tiles: [3, 2])
        for (batch, channel, source) in [(0, 0, image), (0, 1, other), (1, 0, other), (1, 1, image)] {
            let part = result.slice(axis: 0, batch..<batch + 1).slice(axis: 3, channel..<channel + 1)
            #expect(try part.array(of: UInt8.self) == source.adaptivelyEqualized(tiles: [3, 2]).array())
        }
        #expect(Tensor.zeros([0, 4, 4, 1]).adaptivelyEqualized().shape == [0, 4, 4, 1])
    }

    @Test func thresholdsDivideTwoColors() throws {
        let image = Tensor([10, 12, 11, 10, 200, 210, 205, 200] as [UInt8], shape: [1, 2, 4, 1])
        #expect(try image.otsuThreshold().array(of: Int.self) == [12])
        #expect(
            try Tensor(repeating: 7, shape: [1, 2, 2, 1], dtype: .uint8).otsuThreshold().array(of: Int.self) == [7])
        let x = image.cast(to: .float64) / 255
        let threshold = try x.otsuThreshold().item()
        #expect(threshold > 11 / 255.0 && threshold < 200 / 255.0)
        // By trying all thresholds, for every image and channel.
        let many = try bytes([2, 6, 5, 2], 9)
        let numbers: [Int] = try many.array()
        for (place, best) in try many.otsuThreshold().array(of: Int.self).enumerated() {
            let (batch, channel) = (place / 2, place % 2)
            let pixels = (0..<30).map { Double(numbers[(batch * 30 + $0) * 2 + channel]) }
            func variance(_ threshold: Int) -> Double {
                let (dark, bright) = (
                    pixels.filter { $0 <= Double(threshold) }, pixels.filter { $0 > Double(threshold) }
                )
                guard !dark.isEmpty, !bright.isEmpty else { return 0 }
                let (a, b) = (dark.reduce(0, +) / Double(dark.count), bright.reduce(0, +) / Double(bright.count))
                return Double(dark.count * bright.count) * (a - b) * (a - b)
            }
            #expect(variance(best) >= (0..<255).map(variance).reduce(0, max) * (1 - 1e-12))
        }
    }

    @Test func mistakesAreNamed() {
        let x = Tensor.zeros([1, 4, 4, 3])
        #expect(
            x.adjustedBrightness(-1).error?.description
                == "operation adjustedBrightness: the factor is -1.0; use a finite number of 0 or more")
        #expect(
            Tensor.zeros([4, 4]).adjustedContrast(1).error?.description
                == "operation adjustedContrast: shape [4, 4]; feed images [.., height, width, channels]")
        #expect(
            Tensor.zeros([1, 4, 4, 2]).rgbToHSV().error?.description
                == "operation rgbToHSV: shape [1, 4, 4, 2]; feed images [.., height, width, channels] with 3 channels")
        #expect(Tensor.zeros([1, 4, 4, 3], dtype: .int32).adjustedHue(0.1).error?.kind == .type)
        #expect(x.adjustedHue(.nan).error?.kind == .value)
        #expect(x.adjustedBrightness(Tensor.ones([2])).error?.kind == .shape)
        #expect(x.adjustedGamma(1, gain: -1).error?.kind == .value)
        #expect(x.adjustedGamma(-1).error?.kind == .value)
        #expect(x.posterized(bits: 9).error?.kind == .value)
        #expect(x.solarized(threshold: .nan).error?.kind == .value)
        #expect(x.grayscale(channels: 2).error?.kind == .value)
        #expect(x.standardized(mean: [0, 1], deviation: [1]).error?.kind == .value)
        #expect(x.standardized(mean: [0], deviation: [0]).error?.kind == .value)
        #expect(Tensor.zeros([1, 0, 4, 3]).otsuThreshold().error?.kind == .shape)
        #expect(Tensor.zeros([0, 4, 4, 3]).equalized().shape == [0, 4, 4, 3])
    }
}
