import Apus
import TestSupport
import Testing

/// Chains of all geometric transforms: boxes, outlines and masks of one object stay one object's.
@Suite struct BoxAndMaskTests {
    /// All geometric transforms, each for pictures of any size.
    static let transforms: [ImageTransform] = [
        .horizontalFlip(), .verticalFlip(), .rotation(25), .affine(degrees: 15, shift: 0.05, zoom: 0.15),
        .perspective(0.2), .paddedCrop(5),
        ImageTransform(.shear) { image, random in
            try image.affine(shear: random.uniform(-12...12), shearY: random.uniform(-12...12))
        },
        ImageTransform(.elastic) { image, random in
            let side = Double(min(image.image.width, image.image.height))
            return try image.elastic(strength: side / 80, waves: 2, using: &random)
        },
        ImageTransform(.crop) { image, random in
            try image.cropped(
                x: random.integer(below: 6), y: random.integer(below: 6), width: image.image.width - 6,
                height: image.image.height - 6)
        },
        ImageTransform(.crop) { image, random in try image.padded(random.integer(below: 6)) },
        ImageTransform(.crop) { image, random in
            try image.resized(width: 75 + random.integer(below: 80), height: 75 + random.integer(below: 80))
        },
        ImageTransform(.crop) { image, random in
            let (width, height) = (75 + random.integer(below: 50), 75 + random.integer(below: 50))
            return try image.randomResizedCrop(width: width, height: height, area: 0.7...1, using: &random)
        },
    ]

    /// Which pixels' centres lie in an outline (by the parity of the crossings to their left).
    static func pixels(of object: ImageObject, width: Int, height: Int) -> [Bool] {
        var inside = [Bool](repeating: false, count: width * height)
        let outline = object.outline
        for row in 0..<height {
            let y = Double(row) + 0.5
            var crossings: [Double] = []
            for (index, point) in outline.enumerated() {
                let next = outline[(index + 1) % outline.count]
                guard (point.y <= y) != (next.y <= y) else { continue }
                crossings.append(point.x + (y - point.y) / (next.y - point.y) * (next.x - point.x))
            }
            crossings.sort()
            for pair in stride(from: 0, to: crossings.count - 1, by: 2) {
                for column in 0..<width where (crossings[pair]..<crossings[pair + 1]).contains(Double(column) + 0.5) {
                    inside[row * width + column] = true
                }
            }
        }
        return inside
    }

    static func overlap(_ first: [Bool], _ second: [Bool]) -> Double? {
        let both = zip(first, second).filter { $0 && $1 }.count
        let either = zip(first, second).filter { $0 || $1 }.count
        return either == 0 ? nil : Double(both) / Double(either)
    }

    private typealias Box = (left: Double, top: Double, right: Double, bottom: Double)

    private static func overlap(_ first: Box, _ second: Box) -> Double {
        let width = max(0, min(first.right, second.right) - max(first.left, second.left))
        let height = max(0, min(first.bottom, second.bottom) - max(first.top, second.top))
        func area(_ box: Box) -> Double { (box.right - box.left) * (box.bottom - box.top) }
        return width * height / (area(first) + area(second) - width * height)
    }

    /// The rectangle around the pixels of a value.
    private static func box(of value: UInt8, in mask: Image) -> Box? {
        var box: Box?
        for (index, pixel) in mask.pixels.enumerated() where pixel == value {
            let (x, y) = (Double(index % mask.width), Double(index / mask.width))
            let old = box ?? (x, y, x + 1, y + 1)
            box = (min(old.left, x), min(old.top, y), max(old.right, x + 1), max(old.bottom, y + 1))
        }
        return box
    }

    /// Applies 1 to 10 transforms, as long as the object is well in the picture.
    private static func chain(
        _ start: AnnotatedImage, _ random: inout RandomSource
    ) throws -> (image: AnnotatedImage, names: [String]) {
        var (image, names) = (start, [String]())
        for _ in 0..<1 + random.integer(below: 10) {
            let index = random.integer(below: transforms.count)
            let next = try transforms[index](image, using: &random)
            guard let mask = next.mask, mask.pixels.filter({ $0 != 0 }).count >= 400 else { break }
            (image, names) = (next, names + ["\(index) \(transforms[index].changes)"])
        }
        return (image, names)
    }

    /// The pixels in the outline, which began as a box, and the mask's.
    @Test func outlinesAndMasksStayTogetherThroughAnyChain() throws {
        var random = RandomSource(seed: 2026)
        let start = try AnnotatedImageTests.rectangle(
            width: 110, height: 100, left: 25, top: 20, right: 85, bottom: 75)
        var longest = 0
        for number in 0..<60 {
            let (image, names) = try Self.chain(start, &random)
            let mask = try #require(image.mask), object = try #require(image.objects.first)
            let area = Self.pixels(of: object, width: mask.width, height: mask.height)
            let overlap = try #require(Self.overlap(area, mask.pixels.map { $0 != 0 }))
            #expect(overlap >= 0.99, "chain \(number): \(overlap) after \(names)")
            longest = max(longest, names.count)
        }
        #expect(longest == 10, "the chains are short: \(longest)")
    }

    /// Discs, whose boxes don't turn with them: the object's box is that of its pixels, exactly.
    @Test func boxesAreThoseOfTheirMasksAfterAnyChain() throws {
        var random = RandomSource(seed: 77)
        let (width, height) = (100, 90)
        var mask = [UInt8](repeating: 0, count: width * height)
        for y in 0..<height {
            for x in 0..<width {
                func distance(_ cx: Double, _ cy: Double) -> Double {
                    let (dx, dy) = (Double(x) + 0.5 - cx, Double(y) + 0.5 - cy)
                    return (dx * dx + dy * dy).squareRoot()
                }
                if distance(35, 45) < 20 { mask[y * width + x] = 3 }
                if distance(75, 30) < 6 { mask[y * width + x] = 8 }
            }
        }
        let picture = try Image(width: width, height: height, channels: 1, pixels: mask)
        let start = AnnotatedImage(
            picture,
            objects: [
                ImageObject(left: 15, top: 25, right: 55, bottom: 65, label: 1, maskValue: 3),
                ImageObject(left: 69, top: 24, right: 81, bottom: 36, label: 2, maskValue: 8),
            ], mask: picture)
        var pairs = 0
        for number in 0..<60 {
            let (image, names) = try Self.chain(start, &random)
            let mask = try #require(image.mask)
            for value in [UInt8(3), 8] {
                let object = image.objects.first { $0.maskValue == value }
                let expected = Self.box(of: value, in: mask)
                #expect((object == nil) == (expected == nil), "chain \(number) \(names)")
                guard let object, let expected else { continue }
                let overlap = Self.overlap(object.box, expected)
                #expect(overlap >= 0.99, "chain \(number): \(overlap) after \(names)")
                pairs += 1
            }
        }
        #expect(pairs > 80)
        // A turned disc keeps its size; a box that is nothing but corners can't know.
        let turned = try start.rotated(degrees: 45).objects[0].box
        #expect(abs(turned.right - turned.left - 40) <= 1 && abs(turned.bottom - turned.top - 40) <= 1)
    }

    /// A mask that went through ten turns is that of one turn: pixels are read from the first mask.
    @Test func nothingWearsOff() throws {
        let start = try AnnotatedImageTests.rectangle(width: 120, height: 120, left: 40, top: 30, right: 90, bottom: 85)
        var image = start
        for _ in 0..<10 { image = try image.rotated(degrees: 9) }
        let once = try start.rotated(degrees: 90)
        #expect(image.mask == once.mask)
        // What a crop has cut off does not come back.
        let cut = try start.cropped(x: 60, y: 0, width: 60, height: 120).cropped(x: -60, y: 0, width: 120, height: 120)
        #expect(cut.mask?.pixels.filter { $0 != 0 }.count == 30 * 55 && cut.objects[0].box.left == 60)
        // A mask of one's own begins anew.
        var own = try start.rotated(degrees: 5)
        own.mask = start.mask
        #expect(try own.cropped(x: 0, y: 0, width: 120, height: 120).mask == start.mask)
    }

    @Test func masksOfClassesChangeTheirDirections() throws {
        var image = try AnnotatedImageTests.rectangle(width: 20, height: 20, left: 2, top: 2, right: 9, bottom: 9)
        let permutation = try LabelPermutation([(1, 2)])
        let mirrored = try image.flippedHorizontally(permutation)
        #expect(Set(mirrored.mask?.pixels ?? []) == [0, 2] && mirrored.objects[0].label == 2)
        #expect(try mirrored.flippedHorizontally(permutation).mask == image.mask)
        image.objects[0].maskValue = 1
        let numbered = try image.flippedHorizontally(permutation)
        #expect(Set(numbered.mask?.pixels ?? []) == [0, 1] && numbered.objects[0].label == 2)
        #expect(numbered.objects[0].box == (11, 2, 18, 9))
    }
}
