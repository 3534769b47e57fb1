import ApusCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension ImageTransform {
    /// Mirrors left to right.
    ///
    /// - Parameter labels: where directions change their class, such as left and right turns
    public static func horizontalFlip(
        probability: Double = 0.5, labels: LabelPermutation = .none
    ) -> ImageTransform {
        // With partners for the classes that have directions, a mirrored picture has a true label.
        ImageTransform(labels == .none ? [.horizontalFlip] : [], text("horizontal flip", probability)) {
            image, random in
            random.chance(probability) ? try image.flippedHorizontally(labels) : image
        }
    }

    /// Turns upside down.
    public static func verticalFlip(probability: Double = 0.5, labels: LabelPermutation = .none) -> ImageTransform {
        ImageTransform(labels == .none ? [.verticalFlip] : [], text("vertical flip", probability)) { image, random in
            random.chance(probability) ? try image.flippedVertically(labels) : image
        }
    }

    /// Turns by up to so many degrees either way.
    public static func rotation(_ degrees: Double, fill: UInt8 = 0) -> ImageTransform {
        ImageTransform([.rotation(abs(degrees))], text("rotation", degrees)) { image, random in
            try image.rotated(degrees: degrees * random.uniform(-1...1), fill: fill)
        }
    }

    /// Turns, moves, scales and slants a little.
    ///
    /// - Parameters:
    ///   - shift: the largest move, as a share of the sides
    ///   - zoom: the largest change of scale
    ///   - shear: the largest slant along x, in degrees
    public static func affine(
        degrees: Double = 0, shift: Double = 0, zoom: Double = 0, shear: Double = 0, fill: UInt8 = 0
    ) -> ImageTransform {
        let settings: [(String, Double, ImageChange)] = [
            ("rotation", degrees, .rotation(abs(degrees))), ("shift", shift, .shift), ("zoom", zoom, .zoom),
            ("shear", shear, .shear),
        ]
        let used = settings.filter { $0.1 != 0 }
        let name = used.map { text($0.0, $0.1) }.joined(separator: ", ")
        return ImageTransform(used.map(\.2), "affine (\(name))") { image, random in
            let x = shift * random.uniform(-1...1) * Double(image.image.width)
            let y = shift * random.uniform(-1...1) * Double(image.image.height)
            let turn = degrees * random.uniform(-1...1), scale = 1 + zoom * random.uniform(-1...1)
            return try image.affine(
                degrees: turn, translation: ImagePoint(x, y), scale: scale,
                shear: shear == 0 ? 0 : shear * random.uniform(-1...1), fill: fill)
        }
    }

    /// Slants along x and y by up to so many degrees either way.
    public static func shear(_ degrees: Double, fill: UInt8 = 0) -> ImageTransform {
        ImageTransform([.shear], text("shear", degrees)) { image, random in
            try image.affine(
                shear: degrees * random.uniform(-1...1), shearY: degrees * random.uniform(-1...1), fill: fill)
        }
    }

    /// Moves by up to a share of the sides either way.
    public static func translation(_ share: Double, fill: UInt8 = 0) -> ImageTransform {
        affine(shift: share, fill: fill)
    }

    /// Scales about the centre by a factor from a range: below 1 more is seen, above 1 less.
    public static func zoom(_ factors: ClosedRange<Double>, fill: UInt8 = 0) -> ImageTransform {
        ImageTransform([.zoom], text("zoom", factors)) { image, random in
            try image.affine(scale: random.uniform(factors), fill: fill)
        }
    }

    /// Moves each corner inwards by up to a share of half the sides.
    public static func perspective(_ strength: Double, fill: UInt8 = 0) -> ImageTransform {
        ImageTransform([.perspective], text("perspective", strength)) { image, random in
            let (width, height) = (Double(image.image.width), Double(image.image.height))
            var corners: [ImagePoint] = []
            for (x, y) in [(0.0, 0.0), (1, 0), (1, 1), (0, 1)] {
                let (dx, dy) = (random.uniform() * strength * width / 2, random.uniform() * strength * height / 2)
                corners.append(ImagePoint(x == 0 ? dx : width - dx, y == 0 ? dy : height - dy))
            }
            return try image.perspective(to: corners, fill: fill)
        }
    }

    /// Deforms by smooth waves, each point by up to so many pixels.
    public static func elastic(_ strength: Double, waves: Int = 3) -> ImageTransform {
        ImageTransform([.elastic], text("elastic", strength)) { image, random in
            try image.elastic(strength: strength, waves: waves, using: &random)
        }
    }
}

/// Parts and sizes.
extension ImageTransform {
    /// In another size, without keeping proportions.
    public static func resize(width: Int, height: Int) -> ImageTransform {
        ImageTransform([], "resize to \(width) x \(height)") { image, _ in
            try image.resized(width: width, height: height)
        }
    }

    /// In the size whose shorter side is so long, keeping proportions; one of the given lengths is drawn.
    public static func resizeShortSide(_ lengths: ClosedRange<Int>) -> ImageTransform {
        ImageTransform([], "resize short side to \(lengths)") { image, random in
            let length = lengths.lowerBound + random.integer(below: lengths.upperBound &- lengths.lowerBound &+ 1)
            return try image.scaled(by: Double(length) / Double(min(image.image.width, image.image.height)))
        }
    }

    /// Larger or smaller by a factor from a range, keeping proportions (Ghiasi et al., CVPR 2021).
    public static func scaleJitter(_ factors: ClosedRange<Double> = 0.1...2) -> ImageTransform {
        ImageTransform([.zoom], text("scale jitter", factors)) { image, random in
            try image.scaled(by: random.uniform(factors))
        }
    }

    /// The middle, in a given size; smaller pictures are padded.
    public static func centerCrop(width: Int, height: Int, fill: UInt8 = 0) -> ImageTransform {
        ImageTransform([.crop], "center crop \(width) x \(height)") { image, _ in
            let (x, y) = (image.image.width &- width, image.image.height &- height)
            return try image.cropped(x: x >> 1, y: y >> 1, width: width, height: height, fill: fill)
        }
    }

    /// A random part of a given size; smaller pictures are padded.
    public static func randomCrop(width: Int, height: Int, fill: UInt8 = 0) -> ImageTransform {
        ImageTransform([.crop], "random crop \(width) x \(height)") { image, random in
            func offset(_ old: Int, _ new: Int) -> Int {
                let room = old &- new
                return room < 0 ? -random.integer(below: 1 &- room) : random.integer(below: room &+ 1)
            }
            let x = offset(image.image.width, width), y = offset(image.image.height, height)
            return try image.cropped(x: x, y: y, width: width, height: height, fill: fill)
        }
    }

    /// A random part in a given size.
    public static func randomResizedCrop(
        width: Int, height: Int, area: ClosedRange<Double> = 0.08...1
    ) -> ImageTransform {
        ImageTransform([.crop], "random resized crop \(width) x \(height)") { image, random in
            try image.randomResizedCrop(width: width, height: height, area: area, using: &random)
        }
    }

    /// A random part of a padded picture, in the size of the picture.
    public static func paddedCrop(_ border: Int) -> ImageTransform {
        ImageTransform([.crop], "padded crop \(border)") { image, random in
            guard (0...1 << 14).contains(border) else {
                throw ApusError(.value, in: "image padded crop", "a border of \(border)", remedy: "use 0 to 16384")
            }
            let (x, y) = (random.integer(below: 2 * border + 1), random.integer(below: 2 * border + 1))
            return try image.cropped(
                x: x - border, y: y - border, width: image.image.width, height: image.image.height)
        }
    }

    /// A border on each side.
    public static func pad(_ border: Int, fill: UInt8 = 0) -> ImageTransform {
        ImageTransform([], "pad \(border)") { image, _ in try image.padded(border, fill: fill) }
    }

    /// On a larger canvas at a random place: as if from further away (Liu et al., ECCV 2016).
    ///
    /// - Parameter factors: of the sides, from 1
    public static func zoomOut(_ factors: ClosedRange<Double> = 1...4, fill: UInt8 = 0) -> ImageTransform {
        ImageTransform([.zoom], text("zoom out", factors)) { image, random in
            let factor = random.uniform(factors)
            guard factor >= 1, factor <= 64 else {
                throw ApusError(.value, in: "image zoom out", "a factor of \(factor)", remedy: "use 1 to 64")
            }
            let (old, new) = (
                (image.image.width, image.image.height),
                (Int(Double(image.image.width) * factor), Int(Double(image.image.height) * factor))
            )
            return try image.cropped(
                x: -random.integer(below: new.0 - old.0 + 1), y: -random.integer(below: new.1 - old.1 + 1),
                width: new.0, height: new.1, fill: fill)
        }
    }

    /// A random part that holds the centre of an object, and overlaps one by at least a share that is drawn from some;
    /// or the whole picture (Liu et al., ECCV 2016).
    ///
    /// - Parameter overlaps: intersections over union of the part with an object's box
    public static func objectCrop(overlaps: [Double] = [0, 0.1, 0.3, 0.5, 0.7, 0.9]) -> ImageTransform {
        ImageTransform([.crop], "object crop") { image, random in
            let choice = random.integer(below: overlaps.count + 1)
            guard choice < overlaps.count, !image.objects.isEmpty else { return image }
            let (width, height) = (Double(image.image.width), Double(image.image.height))
            for _ in 0..<40 {
                let wide = (random.uniform(0.3...1) * width).rounded(),
                    tall = (random.uniform(0.3...1) * height).rounded()
                guard wide >= 1, tall >= 1, wide / tall >= 0.5, wide / tall <= 2 else { continue }
                let left = Double(random.integer(below: Int(width - wide) + 1))
                let top = Double(random.integer(below: Int(height - tall) + 1))
                let fits = image.objects.contains { object in
                    let box = object.box
                    let across = max(0, min(box.right, left + wide) - max(box.left, left))
                    let along = max(0, min(box.bottom, top + tall) - max(box.top, top))
                    let union = (box.right - box.left) * (box.bottom - box.top) + wide * tall - across * along
                    let (x, y) = ((box.left + box.right) / 2, (box.top + box.bottom) / 2)
                    let holdsCentre = x > left && x < left + wide && y > top && y < top + tall
                    return holdsCentre && across * along >= overlaps[choice] * union
                }
                if fits {
                    return try image.cropped(x: Int(left), y: Int(top), width: Int(wide), height: Int(tall))
                }
            }
            return image
        }
    }

    /// Leaves objects out whose boxes are smaller than so many pixels.
    public static func droppingSmallObjects(side: Double = 1, area: Double = 1) -> ImageTransform {
        ImageTransform([], "without objects below \(ElementField.text(side)) pixels") { image, _ in
            var result = image
            result.objects = image.objects.filter { object in
                let box = object.box
                let (width, height) = (box.right - box.left, box.bottom - box.top)
                return width >= side && height >= side && width * height >= area
            }
            return result
        }
    }
}

extension AnnotatedImage {
    /// In a size that is so many times the old one.
    func scaled(by factor: Double) throws(ApusError) -> AnnotatedImage {
        let (width, height) = (Double(image.width) * factor, Double(image.height) * factor)
        guard factor > 0, width * height <= Double(Image.maximumPixels) else {
            throw ApusError(
                .value, in: "image scaled", "\(image.width) x \(image.height) pixels times \(factor)",
                remedy: "use a factor above 0, with at most \(Image.maximumPixels) pixels")
        }
        return try resized(width: max(1, Int(width.rounded())), height: max(1, Int(height.rounded())))
    }

    /// The parts at the corners and in the middle, of one size.
    public func fiveCrops(width: Int, height: Int) throws(ApusError) -> [AnnotatedImage] {
        guard width > 0, height > 0, width <= image.width, height <= image.height else {
            throw ApusError(
                .value, in: "image five crops", "\(width) x \(height) of \(image.width) x \(image.height) pixels",
                remedy: "crop inside the picture")
        }
        let (right, bottom) = (image.width - width, image.height - height)
        var result: [AnnotatedImage] = []
        for (x, y) in [(0, 0), (right, 0), (0, bottom), (right, bottom), (right / 2, bottom / 2)] {
            result.append(try cropped(x: x, y: y, width: width, height: height))
        }
        return result
    }
}
