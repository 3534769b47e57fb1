import ApusCore

/// Data sets that are drawn from a seed, by name: nothing has to be there for them.
///
///     let moons = try GeneratedData.named("moons").contents(count: 600, seed: 1)
public struct GeneratedData: Sendable {
    /// Such as `moons`.
    public let name: String
    /// What it is, in a sentence.
    public let summary: String
    /// Whether it consists of labelled samples, for classifiers.
    public let isLabelled: Bool
    /// How many samples are drawn where nothing else is said.
    public let count: Int
    private let make: @Sendable (_ count: Int, _ seed: UInt64) throws(ApusError) -> KnownData.Contents

    /// Draws so many samples, training and test together: one in six is for testing.
    ///
    /// - Parameter count: nil for the usual number
    public func contents(count: Int? = nil, seed: UInt64 = 1) throws(ApusError) -> KnownData.Contents {
        try make(count ?? self.count, seed)
    }

    /// The generator of a name.
    public static func named(_ name: String) throws(ApusError) -> GeneratedData {
        if let found = all.first(where: { $0.name == name }) { return found }
        throw ApusError(
            .name, in: "generated data \(name)", "it is not known",
            remedy: "use one of \(all.map(\.name).joined(separator: ", "))")
    }

    /// All that have a name.
    public static let all: [GeneratedData] = [
        GeneratedData(
            name: "digits", summary: "handwritten digits, 28 x 28, grey", isLabelled: true, count: 12_000
        ) { (count, seed) throws(ApusError) in
            let digits = try Digits.generate(count: count, seed: seed)
            return .labelled(train: try digits.train.dataset, test: try digits.test.dataset)
        },
        parted("moons", "points of two half circles that reach into each other", isLabelled: true) {
            (count, seed) throws(ApusError) in try PointSets.moons(count: count, seed: seed)
        },
        parted("circles", "points of a circle inside another", isLabelled: true) {
            (count, seed) throws(ApusError) in try PointSets.circles(count: count, seed: seed)
        },
        parted("blobs", "points of three round clouds", isLabelled: true) {
            (count, seed) throws(ApusError) in try PointSets.blobs(count: count, seed: seed)
        },
        parted("spirals", "points of two arms that wind around each other", isLabelled: true) {
            (count, seed) throws(ApusError) in try PointSets.spirals(count: count, seed: seed)
        },
        parted("recall", "keys with values, and a key whose value is asked for", isLabelled: true) {
            (count, seed) throws(ApusError) in try SequenceTasks.recall(count: count, seed: seed)
        },
        parted("copy", "symbols to be repeated after a delay", isLabelled: false) {
            (count, seed) throws(ApusError) in try SequenceTasks.copy(count: count, seed: seed)
        },
        parted("sines", "sums of sine waves, and how they go on", isLabelled: false) {
            (count, seed) throws(ApusError) in try SequenceTasks.sines(count: count, seed: seed)
        },
        GeneratedData(
            name: "shapes", summary: "circles, squares and triangles with boxes and masks, 64 x 64", isLabelled: false,
            count: 1200
        ) { (count, seed) throws(ApusError) in .scenes(try ShapeScenes(count: count, seed: seed)) },
        GeneratedData(
            name: "small-world", summary: "a graph in which everybody is near, with classes", isLabelled: false,
            count: 400
        ) { (count, seed) throws(ApusError) in .graph(try SmallWorlds.graph(nodes: count, seed: seed)) },
    ]

    private static func parted(
        _ name: String, _ summary: String, isLabelled: Bool,
        _ make: @escaping @Sendable (Int, UInt64) throws(ApusError) -> Dataset
    ) -> GeneratedData {
        GeneratedData(name: name, summary: summary, isLabelled: isLabelled, count: 1200) {
            (count, seed) throws(ApusError) in
            guard count >= 6 else {
                throw ApusError(
                    .value, in: "data set \(name)", "\(count) samples, training and test together",
                    remedy: "use 6 or more")
            }
            let data = try make(count, seed)
            let test = count / 6
            return .labelled(
                train: try data.select(Array(0..<count - test)),
                test: try data.select(Array(count - test..<count)))
        }
    }
}
