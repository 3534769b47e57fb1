import ApusCore

/// How well categories and instances of all pixels are found (Kirillov et al., 2019): the sum of the intersections over
/// union of matched segments, over matches and half the segments that are left; mean over the categories that occur.
///
///     var quality = PanopticQuality(things: [0, 1], stuffs: [6, 7])
///     try quality.update(output, target)          // [batch, ..., 2]: category and instance of each pixel
///     try quality.value()
///
/// `sum IoU / (tp + fp / 2 + fn / 2)` for each category, then the mean.
public struct PanopticQuality: MetricState {
    /// The counts of one category.
    private struct Counts {
        var overlap = 0.0
        var matches = 0.0
        var others = 0.0
    }

    private struct Segment: Hashable {
        let category: Int
        let instance: Int
    }

    /// A segment of the target and one of the output.
    private struct Overlap: Hashable {
        let target: Segment
        let output: Segment
    }

    private let things: Set<Int>
    private let stuffs: Set<Int>
    private let isModified: Bool
    private var counts: [Int: Counts] = [:]

    /// - Parameters:
    ///   - things: categories with instances
    ///   - stuffs: categories without
    ///   - isModified: stuff counts by its overlap alone, matched or not (Porzi et al., 2019)
    public init(things: Set<Int>, stuffs: Set<Int>, isModified: Bool = false) {
        (self.things, self.stuffs, self.isModified) = (things, stuffs, isModified)
    }

    /// Adds a batch: `[batch, ..., 2]`, category and instance of each pixel. Pixels of other categories are ignored.
    public mutating func update(_ output: Tensor, _ target: Tensor, weights: Tensor? = nil) throws(ApusError) {
        guard output.shape == target.shape, output.rank >= 2, output.shape[-1] == 2, weights == nil else {
            throw ApusError(
                .shape, in: "panoptic quality",
                "an output of shape \(output.shape), a target of shape \(target.shape)\(weights == nil ? "" : ", weights")",
                remedy: "give category and instance of each pixel: [batch, ..., 2], without weights")
        }
        let (predicted, wanted) = (try output.labels(), try target.labels())
        let images = output.shape[0]
        guard images > 0 else { return }
        let pixels = predicted.count / 2 / images
        for image in 0..<images {
            add(
                (0..<pixels).map { pixel in
                    let index = 2 * (image * pixels + pixel)
                    return Overlap(
                        target: segment(wanted[index], wanted[index + 1]),
                        output: segment(predicted[index], predicted[index + 1]))
                })
        }
    }

    /// Stuff has one instance; what is neither stuff nor thing is void.
    private func segment(_ category: Int, _ instance: Int) -> Segment {
        if stuffs.contains(category) { return Segment(category: category, instance: 0) }
        return things.contains(category)
            ? Segment(category: category, instance: instance) : Segment(category: -1, instance: 0)
    }

    private mutating func add(_ pixels: [Overlap]) {
        var areas: (target: [Segment: Double], output: [Segment: Double]) = ([:], [:])
        var overlaps: [Overlap: Double] = [:]
        for pixel in pixels {
            areas.target[pixel.target, default: 0] += 1
            areas.output[pixel.output, default: 0] += 1
            overlaps[pixel, default: 0] += 1
        }
        let void = Segment(category: -1, instance: 0)
        func voidOverlap(_ segment: Segment) -> Double {
            overlaps[Overlap(target: void, output: segment)] ?? 0
        }
        var matched: Set<Overlap> = []
        let order = overlaps.keys.sorted {
            ($0.target.category, $0.target.instance, $0.output.instance)
                < ($1.target.category, $1.target.instance, $1.output.instance)
        }
        for pair in order where pair.target.category == pair.output.category && pair.target != void {
            let shared = overlaps[pair] ?? 0
            let ignored = voidOverlap(pair.output)
            let union = (areas.target[pair.target] ?? 0) + (areas.output[pair.output] ?? 0) - shared - ignored
            let overlap = union > 0 ? shared / union : 0
            if isModified, stuffs.contains(pair.target.category) {
                counts[pair.target.category, default: Counts()].overlap += overlap
            } else if overlap > 0.5 {
                matched.insert(pair)
                counts[pair.target.category, default: Counts()].overlap += overlap
                counts[pair.target.category, default: Counts()].matches += 1
            }
        }
        let found = Set(matched.map(\.target))
        let right = Set(matched.map(\.output))
        for segment in areas.target.keys where segment != void {
            if isModified, stuffs.contains(segment.category) {
                counts[segment.category, default: Counts()].matches += 1
            } else if !found.contains(segment) {
                counts[segment.category, default: Counts()].others += 1
            }
        }
        for segment in areas.output.keys where segment != void && !right.contains(segment) {
            if isModified, stuffs.contains(segment.category) { continue }
            // False alarms that lie mostly on void do not count.
            guard voidOverlap(segment) <= (areas.output[segment] ?? 0) / 2 else { continue }
            counts[segment.category, default: Counts()].others += 1
        }
    }

    public mutating func merge(_ other: PanopticQuality) {
        for (category, added) in other.counts {
            counts[category, default: Counts()].overlap += added.overlap
            counts[category, default: Counts()].matches += added.matches
            counts[category, default: Counts()].others += added.others
        }
    }

    /// The quality of each category that occurs.
    public var qualities: [Int: Double] {
        counts.mapValues { $0.overlap / max($0.matches + $0.others / 2, 1e-300) }
    }

    /// The mean over the categories that occur; 0 without any.
    public func value() -> Double {
        let values = qualities.sorted { $0.key < $1.key }.map(\.value)
        return values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
    }
}

extension Metric {
    /// Panoptic quality of `[batch, ..., 2]`: category and instance of each pixel.
    public static func panopticQuality(things: Set<Int>, stuffs: Set<Int>, isModified: Bool = false) -> Metric {
        Metric("panoptic quality", PanopticQuality(things: things, stuffs: stuffs, isModified: isModified)) {
            $0.value()
        }
    }
}
