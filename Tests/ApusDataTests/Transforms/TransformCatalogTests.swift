import Apus
import Foundation
import Testing

@Suite struct TransformCatalogTests {
    /// Each function that makes a transform or a mixing has an entry, and each entry is such a function.
    @Test func everyTransformIsListed() throws {
        let folder = URL(fileURLWithPath: "\(#filePath)").deletingLastPathComponent()
            .appendingPathComponent("../../../Sources/ApusData/Transforms").standardizedFileURL
        var made: Set<String> = ["mosaic", "fiveCrops"]
        let files = try #require(FileManager.default.enumerator(atPath: folder.path))
        for case let path as String in files where path.hasSuffix(".swift") {
            let text = try String(contentsOf: folder.appendingPathComponent(path), encoding: .utf8)
            let functions = text.matches(
                of: #/public static func (\w+)\([^{]*?\) -> (?:ImageTransform|BatchMixing) \{/#)
            made.formUnion(functions.map { String($0.1) })
        }
        let listed = Catalog.transforms.filter { $0.group.hasPrefix("images") || $0.group == "choosing" }.map(\.name)
        #expect(made.count > 45 && made.subtracting(listed) == [] && Set(listed).subtracting(made) == [])
    }

    /// Boxes, masks and key points pass every transform; no transform changes what it does not say that it changes.
    @Test func transformsKeepTheirPromises() throws {
        let start = try AnnotatedImageTests.rectangle(width: 48, height: 40, left: 8, top: 8, right: 40, bottom: 32)
        let colours: [ImageTransform] = [
            .colorJitter(brightness: 0.3, contrast: 0.3, saturation: 0.3, hue: 0.1), .brightness(0.5...0.6),
            .contrast(0.2...0.3), .saturation(0...2), .hue(0.4), .gamma(2...3), .sharpness(3...4), .grayscale(),
            .invert(probability: 1), .solarize(probability: 1), .posterize(bits: 1, probability: 1),
            .equalize(probability: 1), .autoContrast(probability: 1), .adaptiveEqualize(tiles: 2, probability: 1),
            .channelPermutation(), .photometricDistort(), .blur(1...2), .noise(9), .saltAndPepper(0.2),
            .erase(ratio: 0.3...3, value: nil), .jpeg(quality: 5...9),
        ]
        var random = RandomSource(seed: 12)
        for transform in colours {
            let changed = try transform(start, using: &random)
            #expect(changed.objects == start.objects && changed.mask == start.mask, "\(transform)")
            #expect(changed.keyPoints == start.keyPoints && changed.image.pixels.count == start.image.pixels.count)
        }
        let sizes: [(ImageTransform, Int?, Int?)] = [
            (.resize(width: 20, height: 30), 20, 30), (.centerCrop(width: 60, height: 10), 60, 10),
            (.randomCrop(width: 30, height: 60), 30, 60), (.pad(3), 54, 46), (.resizeShortSide(20...20), 24, 20),
            (.randomResizedCrop(width: 9, height: 7), 9, 7), (.paddedCrop(4), 48, 40), (.shear(10), 48, 40),
            (.zoom(0.5...2), 48, 40), (.zoomOut(2...2), 96, 80), (.scaleJitter(0.5...0.5), 24, 20),
            (.objectCrop(), nil, nil), (.translation(0.1), 48, 40),
        ]
        for (transform, width, height) in sizes {
            let changed = try transform(start, using: &random)
            #expect(width.map { changed.image.width == $0 && changed.image.height == height } ?? true, "\(transform)")
            #expect(changed.mask?.width == changed.image.width && changed.mask?.height == changed.image.height)
            guard let object = changed.objects.first, let mask = changed.mask else { continue }
            let area = BoxAndMaskTests.pixels(of: object, width: mask.width, height: mask.height)
            let overlap = try #require(BoxAndMaskTests.overlap(area, mask.pixels.map { $0 != 0 }))
            #expect(overlap >= 0.99, "\(transform): \(overlap)")
        }
        for _ in 0..<20 {
            let part = try ImageTransform.objectCrop(overlaps: [0.5])(start, using: &random)
            #expect(part.objects.count == 1)
        }
        #expect(try ImageTransform.droppingSmallObjects(side: 33)(start, using: &random).objects.isEmpty)
        #expect(try ImageTransform.droppingSmallObjects(side: 24)(start, using: &random).objects.count == 1)
        let five = try start.fiveCrops(width: 20, height: 10)
        #expect(five.map { $0.keyPoints[0].x } == [8, -20, 8, -20, -6])
    }
}
