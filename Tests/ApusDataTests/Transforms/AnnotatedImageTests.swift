import Apus
import TestSupport
import Testing

@Suite struct AnnotatedImageTests {
    /// A bright rectangle with its box, its mask and its corners.
    static func rectangle(
        width: Int = 320, height: Int = 280, left: Int = 90, top: Int = 80, right: Int = 230, bottom: Int = 190
    ) throws -> AnnotatedImage {
        var (pixels, mask) = (
            [UInt8](repeating: 20, count: width * height), [UInt8](repeating: 0, count: width * height)
        )
        for y in top..<bottom {
            for x in left..<right { (pixels[y * width + x], mask[y * width + x]) = (220, 1) }
        }
        return AnnotatedImage(
            try Image(width: width, height: height, channels: 1, pixels: pixels),
            objects: [
                ImageObject(
                    left: Double(left), top: Double(top), right: Double(right), bottom: Double(bottom), label: 1)
            ],
            mask: try Image(width: width, height: height, channels: 1, pixels: mask),
            keyPoints: [ImagePoint(Double(left), Double(top)), ImagePoint(Double(right), Double(bottom))])
    }

    /// Intersection over union of the pixels whose centres are in an object's outline, and those of the mask.
    static func overlap(_ image: AnnotatedImage) -> Double? {
        guard let mask = image.mask, let object = image.objects.first else { return nil }
        let pairs = zip(
            BoxAndMaskTests.pixels(of: object, width: mask.width, height: mask.height), mask.pixels.map { $0 != 0 })
        let both = pairs.count { $0 && $1 }, either = pairs.count { $0 || $1 }
        return either == 0 ? nil : Double(both) / Double(either)
    }

    @Test func singleTransformsMoveEverythingExactly() throws {
        let image = try Self.rectangle()
        let mirrored = try image.flippedHorizontally()
        #expect(mirrored.objects[0].box == (90, 80, 230, 190) && mirrored.keyPoints[0] == ImagePoint(230, 80))
        #expect(
            try mirrored.flippedHorizontally().image == image.image && mirrored.flippedHorizontally().mask == image.mask
        )
        let crop = try image.cropped(x: 100, y: 60, width: 200, height: 100)
        #expect(crop.objects[0].box == (0, 20, 130, 100))
        #expect(try crop.image == image.image.cropped(x: 100, y: 60, width: 200, height: 100))
        #expect(try image.cropped(x: 240, y: 0, width: 20, height: 20).objects.isEmpty)
        let padded = try image.padded(10, fill: 7)
        #expect(padded.image.width == 340 && padded.image.pixels[0] == 7 && padded.objects[0].box.left == 100)
        let small = try image.resized(width: 160, height: 140)
        #expect(small.objects[0].box == (45, 40, 115, 95) && Self.overlap(small) == 1)
        let turned = try image.rotated(degrees: 90)
        #expect(abs(turned.objects[0].box.left - 100) < 1e-9 && abs(turned.objects[0].box.top - 70) < 1e-9)
    }

    /// Any chain of four: intersection over union of box and mask stays at 0.99 or above.
    @Test func boxAndMaskStayTogetherThroughChains() throws {
        let transforms: [ImageTransform] = [
            .horizontalFlip(), .verticalFlip(), .rotation(15), .affine(degrees: 10, shift: 0.03, zoom: 0.1),
            .perspective(0.1), .paddedCrop(8),
            ImageTransform(.crop) { image, _ in try image.padded(6) },
            ImageTransform(.crop) { image, _ in try image.resized(width: 340, height: 300) },
        ]
        var random = RandomSource(seed: 11)
        let start = try Self.rectangle(left: 30, top: 30, right: 290, bottom: 250)
        for _ in 0..<6 {
            var image = start
            var names: [String] = []
            for _ in 0..<4 {
                let transform = transforms[random.integer(below: transforms.count)]
                image = try transform(image, using: &random)
                names.append("\(transform.changes)")
            }
            let overlap = try #require(Self.overlap(image))
            #expect(overlap >= 0.99, "\(names): \(overlap)")
        }
        let bent = try start.elastic(strength: 4, waves: 2, using: &random)
        #expect(try #require(Self.overlap(bent)) >= 0.99)
    }

    /// As the tensor operations, which are compared with the golden values.
    @Test func geometryIsThatOfTheOperations() throws {
        var random = RandomSource(seed: 2)
        let pixels = (0..<20 * 16 * 3).map { _ in UInt8(random.integer(below: 256)) }
        let image = AnnotatedImage(try Image(width: 20, height: 16, channels: 3, pixels: pixels))
        let tensor = Tensor(pixels.map(Float.init), shape: [1, 16, 20, 3])
        func compare(_ ours: AnnotatedImage, _ theirs: Tensor) throws {
            let expected = try theirs.array(of: Float.self)
            let worst = zip(ours.image.pixels, expected).map { abs(Float($0) - $1) }.max() ?? 0
            #expect(ours.image.pixels.count == expected.count && worst <= 0.51)
        }
        try compare(image.rotated(degrees: 33), tensor.rotated(degrees: 33))
        try compare(
            image.affine(degrees: 12, translation: ImagePoint(2, -1.5), scale: 1.2, shear: 8),
            tensor.affinelyWarped(
                degrees: 12, translation: ImagePoint(2, -1.5), scale: 1.2, shear: ImagePoint(8, 0)))
        try compare(image.flippedVertically(), tensor.flippedVertically())
    }

    /// Exercise reg-mirror-labels-001p2d.
    @Test func mirroringChangesDirections() throws {
        let (left, right, stop) = (0, 1, 2)
        let mirror = try LabelPermutation([(left, right)])
        #expect([left, right, stop].map { mirror($0) } == [right, left, stop])
        #expect([left, right, stop].map { mirror(mirror($0)) } == [left, right, stop])
        var sign = try Self.rectangle()
        sign.label = left
        #expect(try sign.flippedHorizontally(mirror).label == right)
        #expect(refusal { _ = try LabelPermutation([(0, 1), (1, 2)]) } != nil)
        for change in [ImageChange.horizontalFlip, .verticalFlip, .rotation(180)] {
            #expect(refusal { try LabelRules.digits.check(change) }?.kind == .data)
        }
        try LabelRules.digits.check(.rotation(10))
        let source = Pipeline([sign])
        #expect(
            refusal { _ = try source.augment([.noise(3), .horizontalFlip()], keeping: .digits, seed: 1) }?.problem
                == "horizontal flip may change what a picture shows")
    }

    @Test func pixelsChangeAsAsked() throws {
        let grey = AnnotatedImage(
            try Image(width: 100, height: 100, channels: 1, pixels: [UInt8](repeating: 128, count: 10_000)))
        var random = RandomSource(seed: 8)
        let noisy = try ImageTransform.noise(12)(grey, using: &random).image.pixels.map { Double($0) - 128 }
        let variance = noisy.reduce(0) { $0 + $1 * $1 } / 10_000
        // Four standard errors of a variance, and a twelfth from rounding.
        #expect(abs(variance - 144 - 1 / 12.0) < 4 * 144 * (2 / 10_000.0).squareRoot())
        let brighter = try ImageTransform.colorJitter(brightness: 0.5)(grey, using: &random).image.pixels
        #expect(Set(brighter).count == 1 && brighter[0] != 128)
        let erased = try ImageTransform.erase(area: 0.25...0.25)(grey, using: &random).image.pixels
        #expect(erased.filter { $0 == 0 }.count == 2500)
    }

    @Test func augmentationIsTheSameOnAnyNumberOfThreads() throws {
        let images = Pipeline(
            [AnnotatedImage](
                repeating: try Self.rectangle(width: 40, height: 30, left: 5, top: 5, right: 20, bottom: 20), count: 20)
        )
        let pipeline = try images.augment(
            [.rotation(20), .noise(5), .randomResizedCrop(width: 24, height: 24)], seed: 4)
        let expected = try pipeline.workers(1).elements().map(\.image)
        #expect(try pipeline.workers(4).elements().map(\.image) == expected && Set(expected.map(\.pixels)).count == 20)
        #expect(try pipeline.elements(epoch: 1).map(\.image) != expected)
    }
}
