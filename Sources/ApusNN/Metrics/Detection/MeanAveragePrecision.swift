import ApusCore

/// Average precision and recall of detected boxes as the COCO challenge defines them (Lin et al., 2014).
///
///     var precision = MeanAveragePrecision()
///     for image in images { precision.update(image.detections, truth: image.objects) }
///     let summary = precision.summary()
///     summary.mean                                 // mean over the overlaps 0.5, 0.55, ..., 0.95
///     summary.atOverlap50
///
/// Detections are matched greedily by falling score, each with the true box of its class that it overlaps most.
/// Precision is interpolated at 101 recalls and averaged over the classes that occur.
public struct MeanAveragePrecision: Sendable {
    private struct Image: Sendable {
        let detections: [DetectedBox]
        let truth: [TrueBox]
    }

    private var images: [Image] = []

    /// No images yet.
    public init() {}

    /// Adds an image.
    public mutating func update(_ detections: [DetectedBox], truth: [TrueBox]) {
        images.append(Image(detections: detections.filter { !$0.score.isNaN }, truth: truth))
    }

    /// Adds the images of another.
    public mutating func merge(_ other: MeanAveragePrecision) { images += other.images }

    /// The figures of the challenge; -1 where there is nothing to measure.
    public struct Summary: Sendable, Equatable {
        /// Mean average precision over the overlaps 0.5, 0.55, ..., 0.95.
        public let mean: Double
        /// Mean average precision at one overlap.
        public let atOverlap50: Double
        /// At an overlap of 0.75.
        public let atOverlap75: Double
        /// Mean average precision of objects of less than 32^2, of less than 96^2, and of more pixels.
        public let small: Double
        /// Of objects of middle size.
        public let medium: Double
        /// Of large objects.
        public let large: Double
        /// Mean recall with up to 1, 10 and 100 detections an image.
        public let recallOf1: Double
        /// With 10 detections an image at most.
        public let recallOf10: Double
        /// With 100 detections an image at most.
        public let recallOf100: Double
        /// Mean recall by size.
        public let recallOfSmall: Double
        /// Of objects of middle size.
        public let recallOfMedium: Double
        /// Of large objects.
        public let recallOfLarge: Double

        /// All of them in this order.
        public var values: [Double] {
            [
                mean, atOverlap50, atOverlap75, small, medium, large, recallOf1, recallOf10, recallOf100,
                recallOfSmall, recallOfMedium, recallOfLarge,
            ]
        }
    }

    private static let overlaps: [Double] = (0..<10).map { 0.5 + 0.05 * Double($0) }
    private static let everySize = 0.0...1e10

    /// The figures of the challenge over all images.
    public func summary() -> Summary {
        let classes = Set(images.flatMap { $0.truth.map(\.label) + $0.detections.map(\.label) }).sorted()
        func figures(_ sizes: ClosedRange<Double>, _ limit: Int) -> (precision: [Double], recall: [Double]) {
            var precisions = [[Double]](repeating: [], count: Self.overlaps.count)
            var recalls = precisions
            for label in classes {
                let matches = images.map { Self.match($0, label, sizes, limit) }
                for index in Self.overlaps.indices {
                    guard let result = Self.average(matches, overlap: index) else { continue }
                    precisions[index].append(result.precision)
                    recalls[index].append(result.recall)
                }
            }
            return (precisions.map(Self.mean), recalls.map(Self.mean))
        }
        func mean(_ values: [Double]) -> Double { Self.mean(values.filter { $0 >= 0 }) }
        let all = figures(Self.everySize, 100)
        let small = figures(0...32 * 32, 100)
        let medium = figures(32 * 32...96 * 96, 100)
        let large = figures(96 * 96...1e10, 100)
        return Summary(
            mean: mean(all.precision), atOverlap50: all.precision[0], atOverlap75: all.precision[5],
            small: mean(small.precision), medium: mean(medium.precision), large: mean(large.precision),
            recallOf1: mean(figures(Self.everySize, 1).recall), recallOf10: mean(figures(Self.everySize, 10).recall),
            recallOf100: mean(all.recall), recallOfSmall: mean(small.recall), recallOfMedium: mean(medium.recall),
            recallOfLarge: mean(large.recall))
    }

    private static func mean(_ values: [Double]) -> Double {
        values.isEmpty ? -1 : values.reduce(0, +) / Double(values.count)
    }

    /// The detections of a class in an image, what became of them at each overlap, and how many objects count.
    private struct Matches {
        var scores: [Double] = []
        /// By overlap and detection: found, false alarm, or nil where it counts for nothing.
        var isHit: [[Bool?]] = []
        var objects = 0
    }

    private static func match(_ image: Image, _ label: Int, _ sizes: ClosedRange<Double>, _ limit: Int) -> Matches {
        func isIgnored(_ truth: TrueBox) -> Bool { truth.isCrowd || !sizes.contains(truth.box.area) }
        let own = image.truth.filter { $0.label == label }
        // What counts stands before what does not.
        let truth = own.filter { !isIgnored($0) } + own.filter(isIgnored)
        let ignored = truth.map(isIgnored)
        let detections = image.detections.filter { $0.label == label }.enumerated().sorted {
            ($0.element.score, $1.offset) > ($1.element.score, $0.offset)
        }.prefix(limit).map(\.element)
        let shared = detections.map { detection in
            truth.map { truth in
                guard truth.isCrowd else { return detection.box.overlap(truth.box) }
                return detection.box.area > 0
                    ? detection.box.intersection(truth.box) / detection.box.area : 0
            }
        }
        var result = Matches(scores: detections.map(\.score), objects: ignored.count { !$0 })
        for overlap in overlaps {
            var taken = [Bool](repeating: false, count: truth.count)
            result.isHit.append(
                detections.indices.map { index in
                    var best = min(overlap, 1 - 1e-10)
                    var match: Int?
                    for candidate in truth.indices where !taken[candidate] || truth[candidate].isCrowd {
                        if let match, !ignored[match], ignored[candidate] { break }
                        guard shared[index][candidate] >= best else { continue }
                        best = shared[index][candidate]
                        match = candidate
                    }
                    guard let match else { return sizes.contains(detections[index].box.area) ? false : nil }
                    taken[match] = true
                    return ignored[match] ? nil : true
                })
        }
        return result
    }

    /// Precision at 101 recalls, averaged, and the largest recall; nil where there is nothing to find.
    private static func average(_ images: [Matches], overlap: Int) -> (precision: Double, recall: Double)? {
        let objects = images.reduce(0) { $0 + $1.objects }
        guard objects > 0 else { return nil }
        let ranked = images.flatMap { Array(zip($0.scores, $0.isHit[overlap])) }.enumerated().sorted {
            ($0.element.0, $1.offset) > ($1.element.0, $0.offset)
        }
        var (hits, alarms) = (0.0, 0.0)
        var (precisions, recalls): ([Double], [Double]) = ([], [])
        for (_, (_, isHit)) in ranked {
            if isHit == true { hits += 1 } else if isHit == false { alarms += 1 }
            precisions.append(hits + alarms == 0 ? 0 : hits / (hits + alarms))
            recalls.append(hits / Double(objects))
        }
        for index in precisions.indices.dropLast().reversed() {
            precisions[index] = max(precisions[index], precisions[index + 1])
        }
        var (sum, position) = (0.0, 0)
        for step in 0...100 {
            while position < recalls.count, recalls[position] < Double(step) / 100 { position += 1 }
            if position < recalls.count { sum += precisions[position] }
        }
        return (sum / 101, recalls.last ?? 0)
    }
}
