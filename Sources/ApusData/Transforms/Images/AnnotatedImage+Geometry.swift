import ApusCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension AnnotatedImage {
    /// Mirrored left to right.
    ///
    /// - Parameter labels: where directions change their class, such as left and right turns
    public func flippedHorizontally(_ labels: LabelPermutation = .none) throws(ApusError) -> AnnotatedImage {
        let width = Double(image.width)
        return try mapped(ProjectiveMap(m: [-1, 0, width, 0, 1, 0, 0, 0, 1])).relabelled(labels)
    }

    /// Upside down.
    public func flippedVertically(_ labels: LabelPermutation = .none) throws(ApusError) -> AnnotatedImage {
        let height = Double(image.height)
        return try mapped(ProjectiveMap(m: [1, 0, 0, 0, -1, height, 0, 0, 1])).relabelled(labels)
    }

    /// Turned about the centre, counter-clockwise, in the same size.
    public func rotated(degrees: Double, fill: UInt8 = 0) throws(ApusError) -> AnnotatedImage {
        try affine(degrees: -degrees, fill: fill)
    }

    /// Turned clockwise, sheared, scaled and moved about the centre, as ``Tensor/affinelyWarped(degrees:translation:scale:shear:_:fill:)``.
    ///
    /// - Parameters:
    ///   - translation: in pixels, to the right and down
    ///   - shear: along x, in degrees
    ///   - shearY: along y, in degrees, before that along x
    public func affine(
        degrees: Double = 0, translation: ImagePoint = ImagePoint(0, 0), scale: Double = 1, shear: Double = 0,
        shearY: Double = 0, fill: UInt8 = 0
    ) throws(ApusError) -> AnnotatedImage {
        guard degrees.isFinite, translation.x.isFinite, translation.y.isFinite, scale > 0, scale.isFinite,
            abs(shear) < 90, abs(shearY) < 90
        else {
            throw ApusError(
                .value, in: "image affine", "angle \(degrees), scale \(scale), shear \(shear) and \(shearY)",
                remedy: "use finite numbers, a scale above 0 and a shear below 90 degrees")
        }
        let (angle, slant) = (degrees * .pi / 180, tan(shear * .pi / 180))
        let (c, s) = (cos(angle) * scale, sin(angle) * scale)
        let centre = ImagePoint(Double(image.width) / 2, Double(image.height) / 2)
        let turn = ProjectiveMap(m: [c, -c * slant - s, 0, s, -s * slant + c, 0, 0, 0, 1])
        let lift = ProjectiveMap(m: [1, 0, 0, tan(shearY * .pi / 180), 1, 0, 0, 0, 1])
        let map = ProjectiveMap.translation(centre.x + translation.x, centre.y + translation.y)
            .after(turn).after(lift).after(.translation(-centre.x, -centre.y))
        return try mapped(map, fill: fill)
    }

    /// Seen from elsewhere: the corners, from the upper left one clockwise, move to the given points.
    public func perspective(to corners: [ImagePoint], fill: UInt8 = 0) throws(ApusError) -> AnnotatedImage {
        guard let square = ProjectiveMap.fromUnitSquare(to: corners) else {
            throw ApusError(
                .value, in: "image perspective", "\(corners.count) corners",
                remedy: "give four points, no three on a line")
        }
        let map = square.after(.scale(1 / Double(image.width), 1 / Double(image.height)))
        return try mapped(map, fill: fill)
    }

    /// The part whose upper left corner is (`x`, `y`); what lies outside the picture is filled, so that negative
    /// corners and larger sizes pad.
    public func cropped(x: Int, y: Int, width: Int, height: Int, fill: UInt8 = 0) throws(ApusError) -> AnnotatedImage {
        try mapped(.translation(-Double(x), -Double(y)), width: width, height: height, fill: fill)
    }

    /// With a border on each side.
    public func padded(_ border: Int, fill: UInt8 = 0) throws(ApusError) -> AnnotatedImage {
        guard (0...1 << 14).contains(border) else {
            throw ApusError(.value, in: "image padded", "a border of \(border)", remedy: "use 0 to 16384")
        }
        return try cropped(
            x: -border, y: -border, width: image.width + 2 * border, height: image.height + 2 * border, fill: fill)
    }

    /// In another size, without keeping proportions.
    public func resized(width: Int, height: Int) throws(ApusError) -> AnnotatedImage {
        let map = ProjectiveMap.scale(Double(width) / Double(image.width), Double(height) / Double(image.height))
        var result = try annotationsMapped(map, width: width, height: height)
        result.image = try image.resized(width: width, height: height)
        return result
    }

    /// A random part, resized: from 8 % to all of the area, of sides in the ratio 3:4 to 4:3 (Szegedy et al., CVPR
    /// 2015).
    public func randomResizedCrop(
        width: Int, height: Int, area: ClosedRange<Double> = 0.08...1, using random: inout RandomSource
    ) throws(ApusError) -> AnnotatedImage {
        let crop = ImageRegion.random(width: image.width, height: image.height, area: area, using: &random)
        return try cropped(x: crop.x, y: crop.y, width: crop.width, height: crop.height)
            .resized(width: width, height: height)
    }

    /// Deformed by smooth waves: each point moves by at most `strength` pixels.
    ///
    /// - Parameter waves: how many there are across the picture at most
    public func elastic(
        strength: Double, waves: Int = 3, fill: UInt8 = 0, using random: inout RandomSource
    ) throws(ApusError) -> AnnotatedImage {
        let length = Double(min(image.width, image.height))
        let steepness = 2 * Double.pi * Double(max(waves, 1)) * 2 / length
        guard strength >= 0, waves >= 1, strength * steepness < 1 else {
            throw ApusError(
                .value, in: "image elastic", "a strength of \(strength) with \(waves) waves in \(length) pixels",
                remedy: "use a strength below \(1 / steepness), so that the picture does not fold over itself")
        }
        var parts: [(x: Double, y: Double, phase: Double, dx: Double, dy: Double)] = []
        for _ in 0..<4 {
            let angle = random.uniform(0...2 * .pi)
            let frequency = 2 * Double.pi * Double(waves) * random.uniform() / length
            let push = random.uniform(0...2 * .pi)
            parts.append(
                (
                    frequency * cos(angle), frequency * sin(angle), random.uniform(0...2 * .pi),
                    cos(push) * strength / 4, sin(push) * strength / 4
                ))
        }
        let waves = parts
        @Sendable func source(_ p: ImagePoint) -> ImagePoint {
            var moved = p
            for wave in waves {
                let height = sin(wave.x * p.x + wave.y * p.y + wave.phase)
                moved.x += wave.dx * height
                moved.y += wave.dy * height
            }
            return moved
        }
        /// The point that is read at `p`: the displacement contracts, so that the iteration converges.
        func target(_ p: ImagePoint) -> ImagePoint {
            var guess = p
            for _ in 0..<60 {
                let image = source(guess)
                guess = ImagePoint(guess.x + p.x - image.x, guess.y + p.y - image.y)
            }
            return guess
        }
        var result = self
        result.image = image.sampled(width: image.width, height: image.height, fill: fill, source)
        try result.mapMask(of: self, width: image.width, height: image.height, source)
        result.objects = objects.map { object in
            object.refined(max(8, 128 / max(object.outline.count, 1))).mapped(target)
        }
        result.keyPoints = keyPoints.map(target)
        return result.clipped()
    }

    private func mapped(
        _ map: ProjectiveMap, width: Int? = nil, height: Int? = nil, fill: UInt8 = 0
    ) throws(ApusError) -> AnnotatedImage {
        let (newWidth, newHeight) = (width ?? image.width, height ?? image.height)
        guard newWidth > 0, newHeight > 0, newWidth <= Image.maximumPixels / newHeight, let back = map.inverse else {
            throw ApusError(
                .value, in: "image transform", "a size of \(newWidth) x \(newHeight), or a map that can't be undone",
                remedy: "give positive sizes with at most \(Image.maximumPixels) pixels, and no scale of 0")
        }
        var result = try annotationsMapped(map, width: newWidth, height: newHeight)
        result.image = image.sampled(width: newWidth, height: newHeight, fill: fill) { back($0) }
        return result
    }

    private func annotationsMapped(
        _ map: ProjectiveMap, width: Int, height: Int
    ) throws(ApusError) -> AnnotatedImage {
        guard width > 0, height > 0, width <= Image.maximumPixels / height, let back = map.inverse else {
            throw ApusError(
                .value, in: "image transform", "a size of \(width) x \(height)",
                remedy: "give positive sizes with at most \(Image.maximumPixels) pixels")
        }
        var result = self
        try result.mapMask(of: self, width: width, height: height) { back($0) }
        result.objects = objects.map { $0.mapped { map($0) } }
        result.keyPoints = keyPoints.map { map($0) }
        return result.clipped(width: width, height: height)
    }

    /// Takes over the mask of a picture by a map from the new points to that picture's.
    private mutating func mapMask(
        of old: AnnotatedImage, width: Int, height: Int, _ back: @escaping @Sendable (ImagePoint) -> ImagePoint
    ) throws(ApusError) {
        guard let oldMask = old.mask else { return }
        guard oldMask.width == old.image.width, oldMask.height == old.image.height, oldMask.channels == 1 else {
            throw ApusError(
                .shape, in: "image transform",
                "a mask of \(oldMask.width) x \(oldMask.height) x \(oldMask.channels) for a picture of "
                    + "\(old.image.width) x \(old.image.height)",
                remedy: "give a mask of the picture's size with one channel")
        }
        let (wide, tall) = (Double(oldMask.width), Double(oldMask.height))
        let earlier = old.maskOrigin
        let origin = MaskOrigin(given: earlier?.given ?? oldMask) { point in
            let from = back(point)
            guard from.x >= 0, from.y >= 0, from.x < wide, from.y < tall else { return nil }
            return earlier.map { $0.back(from) } ?? from
        }
        mask = origin.given.nearest(width: width, height: height, origin.back)
        maskOrigin = origin
    }

    /// Regions as far as they are in the picture, without those that are outside; key points keep their number.
    private func clipped(width: Int? = nil, height: Int? = nil) -> AnnotatedImage {
        var result = self
        let (wide, tall) = (Double(width ?? image.width), Double(height ?? image.height))
        let measured = objects.contains { $0.maskValue != nil } ? mask?.boxesOfValues : nil
        result.objects = objects.compactMap { object in
            if let measured, let value = object.maskValue {
                return measured[value].map { box in
                    ImageObject(
                        left: box.left, top: box.top, right: box.right, bottom: box.bottom, label: object.label,
                        maskValue: value)
                }
            }
            let inside = object.clipped(width: wide, height: tall)
            let box = inside.box
            return box.right > box.left && box.bottom > box.top ? inside : nil
        }
        return result
    }

    private func relabelled(_ labels: LabelPermutation) -> AnnotatedImage {
        guard labels != .none else { return self }
        var result = self
        result.label = label.map { labels($0) }
        for index in result.objects.indices { result.objects[index].label = labels(result.objects[index].label) }
        // A mask of classes has directions too, one that numbers objects has not.
        if !objects.contains(where: { $0.maskValue != nil }), let mask {
            let table = (0...255).map { UInt8(exactly: labels($0)) ?? UInt8($0) }
            let origin = maskOrigin
            result.mask = mask.recoloured(table)
            result.maskOrigin = origin.map { MaskOrigin(given: $0.given.recoloured(table), back: $0.back) }
        }
        return result
    }
}

extension Image {
    /// Each pixel of the result interpolated between the four around the point that a closure gives for its centre.
    func sampled(
        width newWidth: Int, height newHeight: Int, fill: UInt8, _ source: (ImagePoint) -> ImagePoint
    ) -> Image {
        var result = [UInt8](repeating: fill, count: newWidth * newHeight * channels)
        func value(_ x: Int, _ y: Int, _ channel: Int) -> Double {
            guard x >= 0, y >= 0, x < width, y < height else { return Double(fill) }
            return Double(pixels[(y * width + x) * channels + channel])
        }
        for y in 0..<newHeight {
            for x in 0..<newWidth {
                let point = source(ImagePoint(Double(x) + 0.5, Double(y) + 0.5))
                let (px, py) = (point.x - 0.5, point.y - 0.5)
                guard px > -1, py > -1, px < Double(width), py < Double(height) else { continue }
                let (left, top) = (Int(px.rounded(.down)), Int(py.rounded(.down)))
                let (fx, fy) = (px - Double(left), py - Double(top))
                for channel in 0..<channels {
                    let above = value(left, top, channel) * (1 - fx) + value(left + 1, top, channel) * fx
                    let below = value(left, top + 1, channel) * (1 - fx) + value(left + 1, top + 1, channel) * fx
                    let mixed = above * (1 - fy) + below * fy
                    result[(y * newWidth + x) * channels + channel] = UInt8(min(max(mixed + 0.5, 0), 255))
                }
            }
        }
        return Image(trusted: result, width: newWidth, height: newHeight, channels: channels)
    }

    /// Each pixel of the result the one in which the point lies that a closure gives for its centre; 0 outside.
    func nearest(width newWidth: Int, height newHeight: Int, _ source: (ImagePoint) -> ImagePoint?) -> Image {
        var result = [UInt8](repeating: 0, count: newWidth * newHeight * channels)
        for y in 0..<newHeight {
            for x in 0..<newWidth {
                guard let point = source(ImagePoint(Double(x) + 0.5, Double(y) + 0.5)) else { continue }
                guard point.x >= 0, point.y >= 0, point.x < Double(width), point.y < Double(height) else { continue }
                let from = (Int(point.y) * width + Int(point.x)) * channels
                for channel in 0..<channels {
                    result[(y * newWidth + x) * channels + channel] = pixels[from + channel]
                }
            }
        }
        return Image(trusted: result, width: newWidth, height: newHeight, channels: channels)
    }

    /// The rectangle around the pixels of each value that occurs in the first channel, `right` and `bottom` behind the
    /// last pixel.
    var boxesOfValues: [UInt8: (left: Double, top: Double, right: Double, bottom: Double)] {
        var boxes = [(left: Int, top: Int, right: Int, bottom: Int)?](repeating: nil, count: 256)
        for y in 0..<height {
            for x in 0..<width {
                let value = Int(pixels[(y * width + x) * channels])
                let box = boxes[value] ?? (x, y, x + 1, y + 1)
                boxes[value] = (min(box.left, x), min(box.top, y), max(box.right, x + 1), y + 1)
            }
        }
        var result: [UInt8: (left: Double, top: Double, right: Double, bottom: Double)] = [:]
        for (value, box) in boxes.enumerated() {
            guard let box else { continue }
            result[UInt8(value)] = (Double(box.left), Double(box.top), Double(box.right), Double(box.bottom))
        }
        return result
    }
}
