import ApusCore

/// How often each class occurs, and what follows from it.
///
///     let balance = try ClassBalance(labels: data.labels)
///     print(balance.majorityAccuracy)                // what a model that always says the same reaches
///     let weights = balance.weights                  // for the loss
public struct ClassBalance: Sendable, Hashable {
    /// The number of samples of each class.
    public let counts: [Int]

    /// - Parameters:
    ///   - labels: from 0
    ///   - classCount: where some classes may have no samples
    public init(labels: [Int], classCount: Int? = nil) throws(ApusError) {
        let classes = max(classCount ?? 0, (labels.max() ?? -1) + 1)
        guard !labels.isEmpty, labels.allSatisfy({ $0 >= 0 }), classes <= 1 << 24 else {
            throw ApusError(
                .data, in: "class balance",
                labels.isEmpty ? "there are no labels" : "labels from \(labels.min() ?? 0) to \(labels.max() ?? 0)",
                remedy: "give class numbers from 0 to 16777215")
        }
        var counts = [Int](repeating: 0, count: classes)
        for label in labels { counts[label] += 1 }
        self.counts = counts
    }

    /// All samples.
    public var total: Int { counts.reduce(0, +) }
    /// The share of each class.
    public var frequencies: [Double] { counts.map { Double($0) / Double(total) } }
    /// The accuracy of always guessing the most frequent class.
    public var majorityAccuracy: Double { frequencies.max() ?? 0 }
    /// The balanced accuracy of the same guess: one over the number of classes.
    public var majorityBalancedAccuracy: Double { 1 / Double(counts.filter { $0 > 0 }.count) }
    /// How many times more frequent the most frequent class is than the least frequent one that occurs.
    public var ratio: Double {
        Double(counts.max() ?? 0) / Double(counts.filter { $0 > 0 }.min() ?? 1)
    }

    /// Weights for a loss that count all classes alike: `samples / (classes * count)`; 0 for one that does not occur.
    public var weights: [Double] {
        let classes = Double(counts.filter { $0 > 0 }.count)
        return counts.map { $0 == 0 ? 0 : Double(total) / (classes * Double($0)) }
    }

    /// How often each sample of a class must come for all to be as frequent as the most frequent one.
    public var oversamplingFactors: [Double] {
        counts.map { $0 == 0 ? 0 : Double(counts.max() ?? 0) / Double($0) }
    }

    /// A sentence about the imbalance; nil below the given ratio.
    public func warning(above limit: Double = 3) -> String? {
        guard ratio > limit, let most = counts.firstIndex(of: counts.max() ?? 0) else { return nil }
        let percent = (majorityAccuracy * 1000).rounded() / 10
        return "class \(most) is \((ratio * 10).rounded() / 10) times as frequent as the rarest: always guessing it "
            + "is right for \(percent) % of the samples, so look at recall by class, and use weights or sampling"
    }
}

/// Which samples to train with, by their numbers.
public enum Sampling {
    /// Every sample, and those of rare classes again at random until all classes are equally frequent.
    public static func oversampled(_ labels: [Int], seed: UInt64) throws(ApusError) -> [Int] {
        let largest = try ClassBalance(labels: labels).counts.max() ?? 0
        var random = RandomSource(seed: seed)
        var result: [Int] = []
        for members in Split.groups(labels) {
            result += members
            for _ in members.count..<largest { result.append(members[random.integer(below: members.count)]) }
        }
        return random.permutation(result.count).map { result[$0] }
    }

    /// As many samples of each class, at random, as the rarest has.
    public static func undersampled(_ labels: [Int], seed: UInt64) throws(ApusError) -> [Int] {
        let smallest = try ClassBalance(labels: labels).counts.filter { $0 > 0 }.min() ?? 0
        var random = RandomSource(seed: seed)
        return Split.groups(labels).flatMap { members in
            random.permutation(members.count).prefix(smallest).map { members[$0] }
        }.sorted()
    }

    /// Numbers drawn with replacement, in proportion to weights.
    public static func weighted(_ weights: [Double], count: Int, seed: UInt64) throws(ApusError) -> [Int] {
        let draw = try WeightedDraw(weights)
        var random = RandomSource(seed: seed)
        return (0..<max(count, 0)).map { _ in draw(&random) }
    }
}

/// Draws numbers in proportion to weights, in logarithmic time.
struct WeightedDraw: Sendable {
    private let ends: [Double]

    init(_ weights: [Double]) throws(ApusError) {
        guard weights.allSatisfy({ $0 >= 0 && $0.isFinite }), weights.contains(where: { $0 > 0 }) else {
            throw ApusError(
                .value, in: "weighted sampling", "\(weights.count) weights, of which one is negative or none above 0",
                remedy: "give finite weights of 0 or more")
        }
        var sum = 0.0
        ends = weights.map {
            sum += $0
            return sum
        }
    }

    func callAsFunction(_ random: inout RandomSource) -> Int {
        let place = random.uniform() * (ends.last ?? 0)
        var (low, high) = (0, ends.count - 1)
        while low < high {
            let middle = (low + high) / 2
            if ends[middle] > place { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

extension Pipeline {
    /// Elements drawn with replacement in proportion to weights, anew each epoch.
    ///
    /// - Parameters:
    ///   - weights: one for each element of the pipeline, which must be able to give elements by number
    ///   - count: how many are drawn an epoch; by default as many as there are
    public func sample(weights: [Double], count drawn: Int? = nil, seed: UInt64) -> Pipeline<Element> {
        let number = max(drawn ?? weights.count, 0)
        let stage = next(.sample, ["\(number) by weight", "seed \(seed)"], isRandom: true)
        guard let access else {
            return Pipeline(
                stage,
                error: ApusError(
                    .unsupported, in: "pipeline sample", "the elements before it can't be asked for by number",
                    remedy: "sample before filters, or after a cache"))
        }
        let stream = stage.depth
        return Pipeline(stage, count: number, workers: workers, observers: observers) { run throws(ApusError) in
            let source = try access(run)
            guard source.count == weights.count else {
                throw ApusError(
                    .value, in: "pipeline sample", "\(weights.count) weights for \(source.count) elements",
                    remedy: "give a weight for each element")
            }
            let draw = try WeightedDraw(weights)
            var random = RandomSource(seed: seed, stream: stream, epoch: run.epoch)
            let order = (0..<number).map { _ in draw(&random) }
            return source.rearranged(count: number) { order[$0] }
        }
    }

    /// Elements drawn so that all classes are equally frequent on average, anew each epoch.
    ///
    /// - Parameter labels: the class of each element
    public func balanced(by labels: [Int], count: Int? = nil, seed: UInt64) throws(ApusError) -> Pipeline<Element> {
        let weights = try ClassBalance(labels: labels).weights
        return sample(weights: labels.map { weights[$0] }, count: count, seed: seed)
    }

    /// Changes only some elements at random, such as those of the rare classes.
    public func augment(
        _ label: String = "", seed: UInt64, where isChosen: @escaping @Sendable (Element) -> Bool,
        _ transform: @escaping @Sendable (Element, inout RandomSource) throws -> Element
    ) -> Pipeline<Element> {
        map(label, seed: seed) { element, random in isChosen(element) ? try transform(element, &random) : element }
    }
}
