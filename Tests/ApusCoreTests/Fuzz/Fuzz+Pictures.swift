import ApusCore
import TestSupport

/// Colours, filters and features of images; boxes and regions.
let fuzzPictures: [FuzzCase] = [
    .photos("adjustedBrightness") { x, random in
        random.flag() ? x.adjustedBrightness(random.wildFactor()) : x.adjustedBrightness(random.factors(x))
    },
    .photos("adjustedContrast") { x, random in
        random.flag() ? x.adjustedContrast(random.wildFactor()) : x.adjustedContrast(random.factors(x))
    },
    .photos("adjustedSaturation") { x, random in
        random.flag() ? x.adjustedSaturation(random.wildFactor()) : x.adjustedSaturation(random.factors(x))
    },
    .photos("adjustedSharpness") { x, random in
        random.flag() ? x.adjustedSharpness(random.wildFactor()) : x.adjustedSharpness(random.factors(x))
    },
    .photos("adjustedHue") { x, random in
        random.flag() ? x.adjustedHue(random.wildNumber()) : x.adjustedHue(random.factors(x))
    },
    .photos("adjustedGamma") { x, random in x.adjustedGamma(random.wildNumber(), gain: random.wildNumber()) },
    .photos("colorsInverted") { x, _ in x.colorsInverted() },
    .photos("solarized") { x, random in x.solarized(threshold: random.wildNumber()) },
    .photos("posterized") { x, random in x.posterized(bits: random.wildInteger()) },
    .photos("autocontrasted") { x, _ in x.autocontrasted() },
    .photos("grayscale") { x, random in x.grayscale(channels: random.wildSize()) },
    .photos("rgbToHSV") { x, _ in x.rgbToHSV() }, .photos("hsvToRGB") { x, _ in x.hsvToRGB() },
    .photos("flippedHorizontally") { x, _ in x.flippedHorizontally() },
    .photos("flippedVertically") { x, _ in x.flippedVertically() },
    .photos("cropped") { x, random in x.cropped(offset: random.wildIntegers(2), size: random.wildSizes(2)) },
    .photos("erased") { x, random in
        x.erased(offset: random.wildIntegers(2), size: random.wildSizes(2), value: random.wildNumber())
    },
    .photos("centerPadded") { x, random in
        x.centerPadded(to: random.wildSizes(2).map { $0 > 3 ? $0 : $0 &+ 5 }, value: random.wildNumber())
    },
    .photos("standardized") { x, random in
        let count = random.integer(0...5) == 0 ? 2 : x.shape[-1]
        return x.standardized(
            mean: (0..<count).map { _ in random.wildNumber() }, deviation: (0..<count).map { _ in random.wildNumber() })
    },
    .photos("standardizedPerImage") { x, _ in x.standardizedPerImage() },
    .photos("mixedUp") { x, random in
        let order = random.integer(0...5) == 0 ? random.wildIndices() : Tensor.randomPermutation(x.shape[0], seed: 1)
        return random.flag()
            ? x.mixedUp(permutation: order, weight: random.wildNumber())
            : x.mixedUp(permutation: order, weight: random.factors(x))
    },
    .photos("gaussianBlurred") { x, random in
        if random.flag() { return x.gaussianBlurred(size: random.wildSize(), sigma: random.factors(x)) }
        let count = random.integer(0...3)
        return x.gaussianBlurred(
            size: random.perAxis(), sigma: random.flag() ? nil : (0..<count).map { _ in random.wildNumber() })
    },
    .photos("sobel") { x, random in
        let all = x.sobel()
        return random.pick(all.magnitude, all.rows, all.columns)
    },
    .photos("sobelEdges") { x, _ in x.sobelEdges() },
    .photos("orientedGradientHistograms") { x, random in
        let normalization: BlockNormalization = random.pick(.l1, .l1Root, .l2, .l2Clipped)
        return x.orientedGradientHistograms(
            orientations: random.wildSize(), cell: random.perAxis(), block: random.perAxis(), normalization)
    },
    .photos("localBinaryPattern") { x, random in
        x.localBinaryPattern(points: random.wildSize(), radius: random.wildNumber())
    },
    .photos("equalized") { x, _ in x.equalized() }, .photos("otsuThreshold") { x, _ in x.otsuThreshold() },
    .photos("adaptivelyEqualized") { x, random in
        x.adaptivelyEqualized(tiles: random.wildSizes(random.integer(0...8) == 0 ? 1 : 2), limit: random.wildNumber())
    },
    FuzzCase("Tensor.gaborKernel", compared: .none) {
        let kernel = Tensor.gaborKernel(
            frequency: $0.wildNumber(), angle: $0.wildNumber(), sigma: ($0.wildNumber(), $0.wildNumber()),
            offset: $0.wildNumber(), reach: $0.wildNumber(), dtype: $0.wildType())
        return $0.flag() ? kernel.real : kernel.imaginary
    },
]

/// Choices among boxes depend on the last bits; they must neither trap nor hang.
let fuzzDetection: [FuzzCase] = [
    FuzzCase("boxIoU", compared: .float64) {
        let boxes = $0.boxes()
        return boxIoU(boxes, $0.boxes(boxes.dtype), $0.any(of: BoxMatch.allCases))
    },
    FuzzCase("convertBoxes") {
        convertBoxes($0.boxes(), from: $0.any(of: BoxFormat.allCases), to: $0.any(of: BoxFormat.allCases))
    },
    FuzzCase("boxAreas") { boxAreas($0.boxes()) },
    FuzzCase("clipBoxes") { clipBoxes($0.boxes(), height: $0.wildNumber(), width: $0.wildNumber()) },
    FuzzCase("largeBoxes") { largeBoxes($0.boxes(), size: $0.wildNumber()) },
    FuzzCase("boxesOfMasks") {
        boxesOfMasks($0.wild($0.integer(0...5) == 0 ? 0...4 : 3...3, $0.flag() ? .bool : .float32))
    },
    FuzzCase("encodeBoxes", compared: .none) {
        let boxes = $0.boxes()
        return encodeBoxes(boxes, anchors: $0.flag() ? boxes : $0.boxes(boxes.dtype), weights: $0.weights())
    },
    FuzzCase("decodeBoxes", compared: .none) {
        let boxes = $0.boxes()
        return decodeBoxes(
            boxes, anchors: $0.flag() ? boxes : $0.boxes(boxes.dtype), weights: $0.weights(),
            largestLogarithm: $0.wildNumber())
    },
    FuzzCase("anchorBoxes") {
        anchorBoxes(
            sizes: $0.weights(), ratios: $0.weights(), image: ($0.wildSize(), $0.wildSize()),
            map: ($0.wildSize(), $0.wildSize()), isRounded: $0.flag(), dtype: $0.wildType())
    },
    regions("roiAlign") { x, regions, random in
        roiAlign(
            x, regions, size: random.wildSizes(random.integer(0...5) == 0 ? 1 : 2), scale: random.wildNumber(),
            samples: random.flag() ? nil : random.wildSize(), aligned: random.flag())
    },
    regions("multiScaleROIAlign") { x, regions, random in
        let other = random.integer(0...4) == 0 ? random.wild() : x.slice(axis: 1, 0..<1)
        let maps = [(features: x, scale: 1.0), (features: other, scale: random.flag() ? 0.5 : random.wildNumber())]
        return multiScaleROIAlign(
            random.integer(0...9) == 0 ? [] : maps, regions, size: random.wildSizes(2),
            samples: random.flag() ? nil : random.wildSize(), aligned: random.flag(),
            canonical: random.flag() ? 2 : random.wildNumber(),
            canonicalLevel: random.wildInteger())
    },
    regions("roiPool") { x, regions, random in
        roiPool(x, regions, size: random.wildSizes(2), scale: random.wildNumber())
    },
    regions("positionSensitiveROIAlign") { x, regions, random in
        positionSensitiveROIAlign(
            x, regions, size: random.wildSizes(2), scale: random.wildNumber(),
            samples: random.flag() ? nil : random.wildSize())
    },
    regions("positionSensitiveROIPool") { x, regions, random in
        positionSensitiveROIPool(x, regions, size: random.wildSizes(2), scale: random.wildNumber())
    },
    FuzzCase("nonMaximumSuppression", compared: .none) {
        let boxes = $0.boxes()
        let scores = $0.integer(0...5) == 0 ? $0.wild() : $0.wild([boxes.shape[0]], boxes.dtype)
        return nonMaximumSuppression(
            boxes, scores: scores, classes: $0.flag() ? nil : $0.indices([boxes.shape[0]]), threshold: $0.wildNumber(),
            limit: $0.flag() ? nil : $0.wildSize())
    },
    FuzzCase("softNonMaximumSuppression", compared: .none) {
        let boxes = $0.boxes()
        let scores = $0.integer(0...5) == 0 ? $0.wild() : $0.wild([boxes.shape[0]], boxes.dtype)
        let decay: ScoreDecay = $0.pick(
            .gaussian(), .gaussian(sigma: $0.wildNumber()), .linear(threshold: $0.wildNumber()))
        let both = softNonMaximumSuppression(boxes, scores: scores, decay: decay, least: $0.wildNumber())
        return $0.flag() ? both.indices : both.scores
    },
]

/// Recurrences.
let fuzzScan: [FuzzCase] = [
    FuzzCase("scan") { random in
        let x = random.wild()
        let h =
            random.integer(0...7) == 0
            ? random.wild() : random.wild(Shape(x.shape.extents.dropFirst().map { $0 }), x.dtype)
        let isOutput = random.flag()
        let both = scan(
            over: random.integer(0...9) == 0 ? [] : [x], carry: [h],
            count: random.flag() ? nil : random.integer(-1...9),
            reverse: random.flag()
        ) { carry, inputs in
            let next = inputs.first.map { carry[0] + $0 } ?? carry[0] * 0.5
            return (carry: [next], outputs: isOutput ? [next * 2] : [])
        }
        return isOutput ? both.outputs.first ?? x : both.carry[0]
    }
]

private func regions(
    _ name: String, _ function: @escaping @Sendable (Tensor, Tensor, inout TestRandom) -> Tensor
) -> FuzzCase {
    FuzzCase(name, compared: .none) {
        let x = $0.wild(
            Shape([$0.integer(0...2), $0.integer(1...5), $0.integer(1...5), $0.pick(1, 4, 8, 3)]), $0.floatType())
        let count = $0.integer(0...3)
        let regions = $0.indices([count, 5], below: 5).cast(to: x.dtype)
        return function(x, $0.integer(0...7) == 0 ? $0.wild() : regions, &$0)
    }
}

extension FuzzCase {
    /// A function of images, mostly with three channels. Colours depend on comparisons of rounded numbers.
    fileprivate static func photos(
        _ name: String, _ function: @escaping @Sendable (Tensor, inout TestRandom) -> Tensor
    ) -> FuzzCase {
        var fuzz = FuzzCase(name, compared: .float64) {
            let shape = $0.wildShape($0.integer(0...5) == 0 ? 0...4 : 3...3)
            let channels = $0.integer(0...4) == 0 ? [] : [$0.integer(0...3) == 0 ? 1 : 3]
            let x = $0.wild(Shape(shape.extents + channels), $0.integer(0...2) == 0 ? .uint8 : $0.floatType())
            return function(x, &$0)
        }
        // Colours end at 0 and 1.
        fuzz.derivativeJumps = true
        return fuzz
    }
}

extension TestRandom {
    /// Numbers so large that only the rounding of what they multiply would be left are not among them.
    fileprivate mutating func wildFactor() -> Double {
        let number = wildNumber()
        return number.isFinite ? Swift.min(number, 1000) : number
    }

    fileprivate mutating func factors(_ x: Tensor) -> Tensor {
        integer(0...5) == 0 ? wild() : wild([x.shape[0]], x.dtype.isFloatingPoint ? x.dtype : .float32)
    }

    fileprivate mutating func boxes(_ dtype: DType? = nil) -> Tensor {
        if integer(0...7) == 0 { return wild() }
        return wild([integer(0...5), 4], dtype ?? floatType())
    }

    fileprivate mutating func weights() -> [Double] {
        (0..<(integer(0...5) == 0 ? 2 : 4)).map { _ in integer(0...3) == 0 ? wildNumber() : 1.5 }
    }
}
