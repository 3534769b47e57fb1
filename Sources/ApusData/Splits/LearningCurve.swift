import ApusCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// How good a model gets with how many samples: whether more data would help.
///
///     let curve = try LearningCurve(labels: train.labels, sizes: [100, 300, 1000, 3000], seed: 1) { part in
///         let model = ...                            // a new one each time
///         _ = try Trainer(model, ...).fit(train.select(part).batched(32), epochs: 5)
///         return try accuracy(model, on: validation)
///     }
///     curve.isLevel                                  // more data would not help much
public struct LearningCurve: Sendable, CustomStringConvertible {
    /// The scores with one number of samples.
    public struct Point: Sendable, Hashable {
        /// How many samples were learnt from.
        public let size: Int
        /// One for each repetition.
        public let scores: [Double]
        /// The mean of the scores.
        public var mean: Double { scores.reduce(0, +) / Double(scores.count) }
        /// The standard deviation over repetitions; 0 of one.
        public var deviation: Double {
            (scores.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(max(1, scores.count - 1))).squareRoot()
        }
    }

    /// In ascending order of sizes.
    public let points: [Point]

    /// Trains with parts of the training set, drawn with the share of each class as in the whole; smaller parts are
    /// contained in larger ones.
    ///
    /// - Parameters:
    ///   - labels: the class of each training sample; all alike where there are none
    ///   - repetitions: with other parts each
    ///   - score: trains a new model with the samples of the given numbers, and scores it on held-out ones, where more is
    ///     better
    public init(
        labels: [Int], sizes: [Int], repetitions: Int = 1, seed: UInt64, score: ([Int]) throws -> Double
    ) throws {
        let sizes = Array(Set(sizes)).sorted()
        guard let smallest = sizes.first, let largest = sizes.last, smallest > 0, largest <= labels.count,
            (1...1000).contains(repetitions)
        else {
            throw ApusError(
                .value, in: "learning curve", "sizes \(sizes) of \(labels.count) samples, \(repetitions) repetitions",
                remedy: "use sizes of 1 to all samples, and 1 to 1000 repetitions")
        }
        let groups = Split.groups(labels)
        var scores = [[Double]](repeating: [], count: sizes.count)
        for repetition in 0..<repetitions {
            var random = RandomSource(seed: seed, epoch: repetition)
            // Each class is spread evenly over the order, so that every beginning of it has the shares of the whole.
            let places = groups.flatMap { members -> [(place: Double, sample: Int)] in
                let offset = random.uniform()
                return random.permutation(members.count).enumerated().map { rank, member in
                    ((Double(rank) + offset) / Double(members.count), members[member])
                }
            }
            let order = places.sorted { ($0.place, $0.sample) < ($1.place, $1.sample) }.map(\.sample)
            for (index, size) in sizes.enumerated() { scores[index].append(try score(Array(order[..<size]))) }
        }
        points = zip(sizes, scores).map { Point(size: $0, scores: $1) }
    }

    /// By how much the score rises from each size to the next, for each doubling.
    public var gainsPerDoubling: [Double] {
        zip(points, points.dropFirst()).map { earlier, later in
            (later.mean - earlier.mean) / log2(Double(later.size) / Double(earlier.size))
        }
    }

    /// Whether the last doubling has brought less than a threshold: another model, not more data, is what helps.
    public func isLevel(below gain: Double = 0.005) -> Bool { (gainsPerDoubling.last ?? 0) < gain }

    /// A line a size.
    public var description: String {
        points.map { point in
            "\(point.size) samples: \(ElementField.text((point.mean * 1e4).rounded() / 1e4))"
                + (point.scores.count > 1 ? " +- \(ElementField.text((point.deviation * 1e4).rounded() / 1e4))" : "")
        }.joined(separator: "\n")
    }
}
