import Apus
import TestSupport
import Testing

@Suite struct PolicyTests {
    @Test func publishedPoliciesAreWhole() {
        for policy in [AutoAugmentPolicy.imageNet, .cifar10, .svhn] {
            #expect(policy.parts.count == 25 && policy.parts.allSatisfy { $0.count == 2 }, "\(policy.name)")
            for step in policy.parts.flatMap({ $0 }) {
                #expect((0...1).contains(step.probability) && (0...9).contains(step.magnitude ?? 0))
                let hasNone: [PolicyOperation] = [.autoContrast, .equalize, .invert]
                #expect((step.magnitude == nil) == hasNone.contains(step.operation))
            }
        }
        #expect(
            AutoAugmentPolicy.imageNet.parts[0] == [
                .init(.posterize, probability: 0.4, magnitude: 8), .init(.rotate, probability: 0.6, magnitude: 9),
            ])
        #expect(
            AutoAugmentPolicy.cifar10.parts[24] == [
                .init(.translateY, probability: 0.7, magnitude: 9), .init(.autoContrast, probability: 0.9),
            ])
        #expect(AutoAugmentPolicy.svhn.parts[15][1] == .init(.translateY, probability: 0, magnitude: 2))
    }

    /// A policy of one certain step is that step: strength 9 of 9 is the full reach.
    @Test func stepsReachAsFarAsPublished() throws {
        let image = AnnotatedImage(try ImageColorTests.photo(), keyPoints: [ImagePoint(18.5, 4.5)])
        func result(_ operation: PolicyOperation, _ magnitude: Int? = 9) throws -> AnnotatedImage {
            let policy = AutoAugmentPolicy(
                name: "own", parts: [[.init(operation, probability: 1, magnitude: magnitude)]])
            var random = RandomSource(seed: 3)
            return try ImageTransform.autoAugment(policy)(image, using: &random)
        }
        func isOne(_ found: AnnotatedImage, of expected: [AnnotatedImage]) -> Bool {
            expected.contains { $0.image == found.image && $0.keyPoints == found.keyPoints }
        }
        #expect(try isOne(result(.rotate), of: [image.rotated(degrees: 30), image.rotated(degrees: -30)]))
        let moved = [16.0, -16].map { try? image.affine(translation: ImagePoint($0, 0)) }.compactMap { $0 }
        #expect(try isOne(result(.translateX), of: moved))
        // A slant of 0.3 moves what is ten pixels above the middle by three.
        let slanted = try result(.shearX).keyPoints[0]
        #expect(abs(abs(slanted.x - 18.5) - 3) < 1e-9 && slanted.y == 4.5)
        #expect(
            try [0.1, 1.9].contains { try result(.brightness).image == image.image.adjustedBrightness($0) })
        #expect(try result(.posterize).image == image.image.posterized(bits: 4))
        #expect(try result(.solarize).image == image.image.solarized(threshold: 0))
        #expect(try result(.posterize, 0).image == image.image && result(.identity).image == image.image)
        #expect(try result(.equalize, nil).image == image.image.equalized())
        #expect(try result(.invert, nil).image == image.image.inverted())
    }

    @Test func policiesAreTheSameOnAnyNumberOfThreads() throws {
        let photos = Pipeline(
            try (0..<12).map { Sample(input: try ImageColorTests.photo(seed: UInt64($0)), target: $0 % 3) })
        for policy in [
            ImageTransform.randAugment(), .trivialAugment(), .autoAugment(.cifar10), .augMix(),
            .inRandomOrder([.photometricDistort(), .hue(0.2), .blur(), .saltAndPepper(0.1)]),
        ] {
            let pipeline = try photos.augment([policy], seed: 9)
            let once = try pipeline.workers(1).elements()
            #expect(try pipeline.workers(3).elements() == once && once.map(\.target) == (0..<12).map { $0 % 3 })
            #expect(try pipeline.elements(epoch: 1) != once, "\(policy)")
            #expect(pipeline.stage.description.contains(policy.description))
        }
        #expect(ImageTransform.randAugment().description == "RandAugment 2 x 0.3")
    }

    @Test func labelsRefusePoliciesThatGoTooFar() throws {
        let photos = Pipeline([AnnotatedImage(try ImageColorTests.photo())])
        let refused = refusal { _ = try photos.augment([.randAugment()], keeping: .digits, seed: 1) }
        #expect(refused?.problem == "rotation by 30 degrees may change what a picture shows")
        _ = try photos.augment([.randAugment(operations: PolicyOperation.colors)], keeping: .digits, seed: 1)
        _ = try photos.augment([.randAugment(), .augMix()], keeping: .photographs, seed: 1)
        #expect(refusal { _ = try photos.augment([.trivialAugment()], keeping: .photographs, seed: 1) } != nil)
        let lights = LabelRules(data: "traffic lights", allowing: [.color, .shift])
        for transform in [
            ImageTransform.hue(0.1), .grayscale(), .colorJitter(saturation: 0.1), .invert(), .channelPermutation(),
            .photometricDistort(), .sometimes(0.1, .solarize()), .oneOf([.brightness(1...2), .saturation(0...1)]),
            .autoAugment(), .shear(3), .zoom(1...2), .objectCrop(), .jpeg(), .saltAndPepper(0.1), .elastic(1),
        ] {
            #expect(refusal { _ = try photos.augment([transform], keeping: lights, seed: 1) }?.kind == .data)
        }
        _ = try photos.augment(
            [.brightness(0.5...1), .translation(0.1), .equalize(), .resize(width: 8, height: 8)], keeping: lights,
            seed: 1)
    }

    @Test func mixturesDontMoveBoxes() throws {
        let photo = try AnnotatedImageTests.rectangle(width: 40, height: 30, left: 5, top: 5, right: 20, bottom: 20)
        var random = RandomSource(seed: 4)
        #expect(refusal { _ = try ImageTransform.augMix()(photo, using: &random) }?.kind == .data)
        let mixed = try ImageTransform.augMix(operations: PolicyOperation.colors)(photo, using: &random)
        #expect(mixed.objects == photo.objects && mixed.image != photo.image)
        // Boxes move with the others' pictures.
        let moved = try ImageTransform.randAugment(steps: 3, strength: 0.5, operations: PolicyOperation.geometric)(
            photo, using: &random)
        #expect(moved.objects != photo.objects && moved.mask != photo.mask)
        for policy in [
            ImageTransform.randAugment(steps: -1), .randAugment(strength: 2), .randAugment(operations: []),
            .augMix(chains: 0), .augMix(alpha: 0), .autoAugment(AutoAugmentPolicy(name: "none", parts: [])),
            .trivialAugment(operations: []), .oneOf([]), .oneOf([.hue(0)], weights: []), .paddedCrop(-1), .noise(-1),
            .erase(area: 2...3), .zoomOut(0.5...0.6), .scaleJitter(0...0), .resize(width: 0, height: 1), .hue(3),
            .centerCrop(width: -5, height: Int.max), .randomCrop(width: Int.min, height: 4),
            .resizeShortSide(Int.min...Int.min), .pad(-1), .blur(-2...(-1)), .posterize(bits: 12, probability: 1),
        ] {
            #expect(refusal { _ = try policy(photo, using: &random) }?.kind == .value, "\(policy)")
        }
    }
}
