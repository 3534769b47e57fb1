import ApusCore

/// A change of pictures at random, with all that is known about them in step.
///
///     let photos = files.map(read).augment(
///         [.horizontalFlip(), .rotation(10), .colorJitter(brightness: 0.2, contrast: 0.2)], keeping: rules, seed: 1)
///
/// Random numbers come from the seed, the epoch and the number of the picture, so that a pipeline gives the same bits on
/// any number of threads.
public struct ImageTransform: Sendable, CustomStringConvertible {
    /// What it does, as far as labels may depend on it.
    public let changes: [ImageChange]
    /// What it is, with its settings, as pipelines print it.
    public let description: String
    let apply: @Sendable (AnnotatedImage, inout RandomSource) throws -> AnnotatedImage

    /// A change of one's own.
    ///
    /// - Parameters:
    ///   - change: what it does, as far as labels may depend on it
    ///   - description: what pipelines print; by default the change
    public init(
        _ change: ImageChange, _ description: String? = nil,
        _ apply: @escaping @Sendable (AnnotatedImage, inout RandomSource) throws -> AnnotatedImage
    ) {
        self.init([change], description ?? "\(change)", apply)
    }

    /// A change of one's own that does several things; none for one that never matters to labels.
    public init(
        _ changes: [ImageChange], _ description: String,
        _ apply: @escaping @Sendable (AnnotatedImage, inout RandomSource) throws -> AnnotatedImage
    ) {
        self.changes = changes
        self.description = description
        self.apply = apply
    }

    /// A change of the pixels' colours alone.
    static func ofPixels(
        _ changes: [ImageChange], _ description: String,
        _ change: @escaping @Sendable (Image, inout RandomSource) throws -> Image
    ) -> ImageTransform {
        ImageTransform(changes, description) { picture, random in
            var result = picture
            result.image = try change(picture.image, &random)
            return result
        }
    }

    /// Changes a picture.
    public func callAsFunction(_ image: AnnotatedImage, using random: inout RandomSource) throws -> AnnotatedImage {
        try apply(image, &random)
    }

    /// Changes a picture of which nothing else is known.
    public func callAsFunction(_ image: Image, using random: inout RandomSource) throws -> Image {
        try apply(AnnotatedImage(image), &random).image
    }

    /// A name with settings, such as `blur 0.1 to 2`.
    static func text(_ name: String, _ range: ClosedRange<Double>) -> String {
        "\(name) \(ElementField.text(range.lowerBound)) to \(ElementField.text(range.upperBound))"
    }

    /// A name with a number, such as `rotation 10`.
    static func text(_ name: String, _ value: Double) -> String { "\(name) \(ElementField.text(value))" }
}

extension ImageTransform {
    /// All of some transforms, one after the other.
    public static func chain(_ transforms: [ImageTransform]) -> ImageTransform {
        ImageTransform(transforms.flatMap(\.changes), names(transforms)) { image, random in
            var result = image
            for transform in transforms { result = try transform.apply(result, &random) }
            return result
        }
    }

    /// A transform that is applied with a probability.
    public static func sometimes(_ probability: Double = 0.5, _ transform: ImageTransform) -> ImageTransform {
        ImageTransform(transform.changes, text("\(transform) with probability", probability)) { image, random in
            random.chance(probability) ? try transform.apply(image, &random) : image
        }
    }

    /// One of some transforms.
    ///
    /// - Parameter weights: how likely each is; by default all alike
    public static func oneOf(_ transforms: [ImageTransform], weights: [Double]? = nil) -> ImageTransform {
        ImageTransform(transforms.flatMap(\.changes), "one of (\(names(transforms)))") { image, random in
            guard !transforms.isEmpty, weights?.count ?? transforms.count == transforms.count else {
                throw ApusError(
                    .value, in: "image transform oneOf",
                    "\(transforms.count) transforms and \(weights?.count ?? 0) weights",
                    remedy: "give one transform or more, and a weight for each")
            }
            let choice = weights.map { random.choice(weights: $0) } ?? random.integer(below: transforms.count)
            return try transforms[choice].apply(image, &random)
        }
    }

    /// All of some transforms, in an order that is drawn for each picture.
    public static func inRandomOrder(_ transforms: [ImageTransform]) -> ImageTransform {
        ImageTransform(transforms.flatMap(\.changes), "in random order (\(names(transforms)))") { image, random in
            var result = image
            for index in random.permutation(transforms.count) { result = try transforms[index].apply(result, &random) }
            return result
        }
    }

    private static func names(_ transforms: [ImageTransform]) -> String {
        transforms.map(\.description).joined(separator: ", ")
    }
}

extension Pipeline where Element == AnnotatedImage {
    /// Changes pictures at random, one transform after the other, anew each epoch.
    ///
    /// - Parameters:
    ///   - rules: what the labels of the data allow; a transform that they don't ends in an error
    ///   - isChosen: which pictures are changed, such as those of the rare classes; by default all
    public func augment(
        _ transforms: [ImageTransform], keeping rules: LabelRules? = nil, seed: UInt64,
        where isChosen: (@Sendable (AnnotatedImage) -> Bool)? = nil
    ) throws(ApusError) -> Pipeline<AnnotatedImage> {
        for transform in transforms { try rules?.check(changesOf: transform) }
        let chain = ImageTransform.chain(transforms)
        return map(chain.description, seed: seed) { image, random in
            guard isChosen?(image) ?? true else { return image }
            return try chain.apply(image, &random)
        }
    }
}

extension Pipeline where Element == Sample<Image, Int> {
    /// Changes pictures with one label each at random, one transform after the other, anew each epoch.
    ///
    /// - Parameters:
    ///   - rules: what the labels of the data allow; a transform that they don't ends in an error
    ///   - isChosen: which samples are changed, such as those of the rare classes; by default all
    public func augment(
        _ transforms: [ImageTransform], keeping rules: LabelRules? = nil, seed: UInt64,
        where isChosen: (@Sendable (Sample<Image, Int>) -> Bool)? = nil
    ) throws(ApusError) -> Pipeline<Sample<Image, Int>> {
        for transform in transforms { try rules?.check(changesOf: transform) }
        let chain = ImageTransform.chain(transforms)
        return map(chain.description, seed: seed) { sample, random in
            guard isChosen?(sample) ?? true else { return sample }
            let changed = try chain.apply(AnnotatedImage(sample.input, label: sample.target), &random)
            return Sample(input: changed.image, target: changed.label ?? sample.target, weight: sample.weight)
        }
    }
}
