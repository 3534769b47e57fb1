import ApusCore

extension AnnotatedImage {
    /// Four pictures around a random point of a new one (Bochkovskiy et al., 2020), with their objects, masks and key
    /// points: each is scaled to cover its quarter, and what sticks out is cut off at random sides.
    ///
    /// Objects with a number in a mask get new ones, so that all differ. The label is that of all four, if it is one.
    public static func mosaic(
        of pictures: [AnnotatedImage], width: Int, height: Int, using random: inout RandomSource
    ) throws(ApusError) -> AnnotatedImage {
        guard pictures.count == 4, width >= 8, height >= 8, width <= Image.maximumPixels / height else {
            throw ApusError(
                .value, in: "image mosaic", "\(pictures.count) pictures on \(width) x \(height) pixels",
                remedy: "give four, and sides of 8 pixels or more with at most \(Image.maximumPixels) pixels")
        }
        let across = Int((random.uniform(0.25...0.75) * Double(width)).rounded())
        let along = Int((random.uniform(0.25...0.75) * Double(height)).rounded())
        let channels = pictures.map(\.image.channels).max() ?? 1
        let hasMask = pictures.contains { $0.mask != nil }
        var pixels = [UInt8](repeating: 0, count: width * height * channels)
        var mask = [UInt8](repeating: 0, count: hasMask ? width * height : 0)
        var objects: [ImageObject] = [], keyPoints: [ImagePoint] = [], numbers = 0
        for (index, picture) in pictures.enumerated() {
            let (x, y) = (index % 2 == 0 ? 0 : across, index < 2 ? 0 : along)
            let (wide, tall) = (index % 2 == 0 ? across : width - across, index < 2 ? along : height - along)
            var part = try picture.covering(width: wide, height: tall, using: &random)
            part.numberObjects(from: &numbers)
            let tile = try part.image.withChannels(channels)
            for row in 0..<tall {
                let target = ((y + row) * width + x) * channels
                pixels.replaceSubrange(
                    target..<target + wide * channels,
                    with: tile.pixels[row * wide * channels..<(row + 1) * wide * channels])
                guard let values = part.mask?.pixels else { continue }
                let place = (y + row) * width + x
                mask.replaceSubrange(place..<place + wide, with: values[row * wide..<(row + 1) * wide])
            }
            func moved(_ point: ImagePoint) -> ImagePoint { ImagePoint(point.x + Double(x), point.y + Double(y)) }
            objects += part.objects.map { $0.mapped(moved) }
            keyPoints += part.keyPoints.map(moved)
        }
        let labels = Set(pictures.map(\.label))
        return AnnotatedImage(
            Image(trusted: pixels, width: width, height: height, channels: channels), objects: objects,
            mask: hasMask ? Image(trusted: mask, width: width, height: height, channels: 1) : nil,
            keyPoints: keyPoints, label: labels.count == 1 ? labels.first ?? nil : nil)
    }

    /// Scaled until it just covers a rectangle, and a random part of it of that size.
    private func covering(
        width: Int, height: Int, using random: inout RandomSource
    ) throws(ApusError) -> AnnotatedImage {
        let scale = max(Double(width) / Double(image.width), Double(height) / Double(image.height))
        let (wide, tall) = (Double(image.width) * scale, Double(image.height) * scale)
        guard wide * tall <= Double(Image.maximumPixels) else {
            throw ApusError(
                .value, in: "image mosaic", "\(image.width) x \(image.height) pixels to cover \(width) x \(height)",
                remedy: "use pictures that are less narrow")
        }
        let large = try resized(width: max(width, Int(wide.rounded())), height: max(height, Int(tall.rounded())))
        let x = random.integer(below: large.image.width - width + 1)
        return try large.cropped(
            x: x, y: random.integer(below: large.image.height - height + 1), width: width, height: height)
    }

    /// Gives objects with a number in the mask the numbers that follow those given so far; past 255 none.
    private mutating func numberObjects(from count: inout Int) {
        guard let mask, objects.contains(where: { $0.maskValue != nil }) else { return }
        var table = [UInt8](repeating: 0, count: 256)
        for index in objects.indices {
            guard let old = objects[index].maskValue else { continue }
            if table[Int(old)] == 0, count < 255 {
                count += 1
                table[Int(old)] = UInt8(count)
            }
            objects[index].maskValue = table[Int(old)] == 0 ? nil : table[Int(old)]
        }
        self.mask = mask.recoloured(table)
    }
}

extension Pipeline {
    /// Each element together with others that are drawn at random, anew each epoch.
    ///
    /// - Parameters:
    ///   - others: how many; the pipeline must be able to give elements by number
    ///   - transform: gets the element and the others
    public func combine(
        with others: Int, _ label: String = "", seed: UInt64,
        _ transform: @escaping @Sendable ([Element], inout RandomSource) throws -> Element
    ) -> Pipeline<Element> {
        let stage = next(.map, label: label, ["with \(others) others", "seed \(seed)"], isRandom: true)
        guard let access, (0...256).contains(others) else {
            return Pipeline(
                stage,
                error: access == nil
                    ? ApusError(
                        .unsupported, in: "pipeline combine", "the elements before it can't be asked for by number",
                        remedy: "combine before filters, or after a cache")
                    : ApusError(.value, in: "pipeline combine", "\(others) others", remedy: "use 0 to 256"))
        }
        let stream = stage.depth
        return Pipeline(stage, count: count, workers: workers, observers: observers) { run throws(ApusError) in
            let source = try access(run)
            return Access(count: source.count) { (indices) throws(ApusError) in
                var sources: [RandomSource] = [], wanted: [Int] = []
                for index in indices {
                    var random = RandomSource(seed: seed, stream: stream, epoch: run.epoch, element: index)
                    wanted.append(index)
                    for _ in 0..<others { wanted.append(random.integer(below: source.count)) }
                    sources.append(random)
                }
                let elements = try source.elements(wanted), (starts, size) = (sources, others + 1)
                return try run.team.map(indices.count) { (position) throws(ApusError) in
                    try onElement(indices[position], of: stage) {
                        var random = starts[position]
                        return try transform(Array(elements[position * size..<(position + 1) * size]), &random)
                    }
                }
            }
        }
    }
}

extension Pipeline where Element == AnnotatedImage {
    /// Four pictures in one, each with three others that are drawn at random: ``AnnotatedImage/mosaic(of:width:height:using:)``.
    ///
    /// - Parameter rules: what the labels of the data allow; an error where they don't allow mixing
    public func mosaic(
        width: Int, height: Int, probability: Double = 1, keeping rules: LabelRules? = nil, seed: UInt64
    ) throws(ApusError) -> Pipeline<AnnotatedImage> {
        try rules?.check(.mixing)
        return combine(with: 3, "mosaic \(width) x \(height)", seed: seed) { pictures, random in
            guard random.chance(probability) else { return pictures[0] }
            return try AnnotatedImage.mosaic(of: pictures, width: width, height: height, using: &random)
        }
    }
}
