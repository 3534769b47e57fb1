import ApusCore

/// Pictures of circles, squares and triangles on a noisy ground, with boxes, outlines and masks: for detectors and
/// segmentation, drawn from a seed.
///
///     let scenes = try ShapeScenes(count: 1000, size: 64, seed: 1)
///     let batches = scenes.pipeline.batch(16)                     // DetectionBatch
///     let masks = scenes.pipeline.map { try $0.withMaskAsTarget() }.batch(16)
public struct ShapeScenes: SampleSource {
    /// The name for listings.
    public let name = "shapes"
    /// How many pictures there are.
    public let count: Int
    /// Pixels a side.
    public let size: Int
    /// The most shapes in a picture; each has one or more.
    public let most: Int
    /// The deviation of the noise, in shades of 255.
    public let noise: Double
    /// Of all draws.
    public let seed: UInt64
    /// The names of the labels; in masks 0 is the ground, and the classes count from 1.
    public let classNames = ["circle", "square", "triangle"]

    /// - Parameter seed: of all draws; the same gives the same pictures
    /// - Throws: an `ApusError` for numbers out of range
    public init(
        count: Int, size: Int = 64, most: Int = 3, noise: Double = 8, seed: UInt64
    ) throws(ApusError) {
        guard count >= 1, (16...4096).contains(size), (1...256).contains(most), noise >= 0, noise <= 255 else {
            throw ApusError(
                .value, in: "shapes", "\(count) pictures of \(size) pixels a side, \(most) shapes, noise \(noise)",
                remedy: "use 1 or more pictures, 16 to 4096 pixels, 1 to 256 shapes and a noise of 0 to 255")
        }
        (self.count, self.size, self.most, self.noise, self.seed) = (count, size, most, noise, seed)
    }

    /// Draws a picture: always the same one for a number.
    public func sample(at index: Int) throws(ApusError) -> AnnotatedImage {
        try check(index)
        var random = RandomSource(seed: seed, element: index)
        let ground = (0..<3).map { _ in random.uniform(0...90) }
        var colors = (0..<size * size).flatMap { _ in ground }
        var mask = [UInt8](repeating: 0, count: size * size)
        var objects: [ImageObject] = []
        for _ in 0...random.integer(below: most) {
            let label = random.integer(below: 3)
            let radius = random.uniform(Double(size) / 12...Double(size) / 5)
            let x = random.uniform(radius...(Double(size) - radius)),
                y = random.uniform(radius...(Double(size) - radius))
            let color = (0..<3).map { _ in random.uniform(130...255) }
            var (left, top, right, bottom) = (size, size, 0, 0)
            for row in 0..<size {
                for column in 0..<size {
                    let (dx, dy) = (Double(column) + 0.5 - x, Double(row) + 0.5 - y)
                    let inside =
                        switch label {
                        case 0: dx * dx + dy * dy <= radius * radius
                        case 1: max(abs(dx), abs(dy)) <= radius * 0.85
                        default: abs(dy) <= radius && abs(dx) <= (dy + radius) / 2
                        }
                    guard inside else { continue }
                    for channel in 0..<3 { colors[(row * size + column) * 3 + channel] = color[channel] }
                    mask[row * size + column] = UInt8(label + 1)
                    (left, top) = (min(left, column), min(top, row))
                    (right, bottom) = (max(right, column + 1), max(bottom, row + 1))
                }
            }
            objects.append(
                ImageObject(
                    left: Double(left), top: Double(top), right: Double(right), bottom: Double(bottom), label: label))
        }
        let pixels = colors.map { UInt8(min(max($0 + noise * random.normal(), 0), 255)) }
        return AnnotatedImage(
            try Image(width: size, height: size, channels: 3, pixels: pixels), objects: objects,
            mask: try Image(width: size, height: size, channels: 1, pixels: mask))
    }
}
