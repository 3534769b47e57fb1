import ApusCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Whether two sets of samples are alike, and in what they differ: what helps when a model that is good on one set fails
/// on the other.
///
///     let found = try SetComparison(web.map(\.attributes), phone.map(\.attributes), names: Image.attributeNames)
///     found.areDifferent                             // a classifier can tell them apart
///     found.differences[0].name                      // "sharpness"
///
/// A classifier says for each sample which set it is from, by the nearest other samples (a two-sample test: Lopez-Paz and
/// Oquab, ICLR 2017). If both sets come from one source it is right half of the time.
public struct SetComparison: Sendable {
    /// How much one attribute differs.
    public struct Difference: Sendable, Hashable {
        /// The attribute.
        public let name: String
        /// The means in both sets.
        public let first, second: Double
        /// The difference of the means over the common standard deviation (Cohen's d); 0 where nothing varies.
        public let effect: Double
        /// The largest difference of the cumulative distributions, from 0 to 1 (Kolmogorov and Smirnov).
        public let distance: Double
    }

    /// The share of samples whose set the classifier tells, each set counted alike.
    public let accuracy: Double
    /// How probable such an accuracy is, or a higher one, if both sets are alike.
    public let pValue: Double
    /// All attributes, those that differ most first.
    public let differences: [Difference]

    /// Whether the sets differ at the 1 % level.
    public var areDifferent: Bool { pValue < 0.01 }

    /// - Parameters:
    ///   - first, second: the attributes of each sample, in one order
    ///   - names: of the attributes
    ///   - neighbours: an odd number of samples that vote
    public init(
        _ first: [[Double]], _ second: [[Double]], names: [String], neighbours: Int = 5
    ) throws(ApusError) {
        let all = first + second, width = names.count
        guard first.count > neighbours, second.count > neighbours, neighbours >= 1, neighbours % 2 == 1, width > 0,
            all.allSatisfy({ $0.count == width && $0.allSatisfy(\.isFinite) })
        else {
            throw ApusError(
                .data, in: "set comparison",
                "\(first.count) and \(second.count) samples with \(width) names, and \(neighbours) neighbours",
                remedy: "give more samples than neighbours, with as many finite attributes as names, and an odd number "
                    + "of neighbours")
        }
        var rows = all, differences: [Difference] = []
        for column in 0..<width {
            let values = all.map { $0[column] }
            let (mean, deviation) = Self.moments(values)
            for index in rows.indices { rows[index][column] = deviation > 0 ? (values[index] - mean) / deviation : 0 }
            let (a, b) = (Array(values[..<first.count]), Array(values[first.count...]))
            let (own, other) = (Self.moments(a), Self.moments(b))
            let common = ((own.deviation * own.deviation + other.deviation * other.deviation) / 2).squareRoot()
            differences.append(
                Difference(
                    name: names[column], first: own.mean, second: other.mean,
                    effect: common > 0 ? (other.mean - own.mean) / common : own.mean == other.mean ? 0 : .infinity,
                    distance: Self.distance(a.sorted(), b.sorted())))
        }
        // Votes of sets are weighed, so that the larger one has no advantage.
        var right = [0, 0]
        let weights = [1 / Double(first.count), 1 / Double(second.count)]
        for (index, row) in rows.enumerated() {
            var nearest: [(distance: Double, set: Int)] = []
            for (other, values) in rows.enumerated() where other != index {
                var distance = 0.0
                for column in 0..<width { distance += (row[column] - values[column]) * (row[column] - values[column]) }
                guard nearest.count < neighbours || distance < nearest[nearest.count - 1].distance else { continue }
                let place = nearest.firstIndex { $0.distance > distance } ?? nearest.count
                nearest.insert((distance, other < first.count ? 0 : 1), at: place)
                if nearest.count > neighbours { nearest.removeLast() }
            }
            let votes = nearest.reduce(into: [0.0, 0.0]) { $0[$1.set] += weights[$1.set] }
            let (own, said) = (index < first.count ? 0 : 1, votes[1] > votes[0] ? 1 : 0)
            if own == said { right[own] += 1 }
        }
        let shares = [Double(right[0]) / Double(first.count), Double(right[1]) / Double(second.count)]
        accuracy = (shares[0] + shares[1]) / 2
        // The mean of two shares of a half each, nearly normal.
        let deviation = (0.25 * (weights[0] + weights[1])).squareRoot() / 2
        pValue = 0.5 * erfc((accuracy - 0.5) / deviation / 2.0.squareRoot())
        self.differences = differences.sorted { abs($0.effect) > abs($1.effect) }
    }

    /// What to do, in sentences: nothing if the sets are alike.
    public var advice: String? {
        guard areDifferent else { return nil }
        let main = differences.prefix(3).filter { abs($0.effect) >= 0.5 || $0.distance >= 0.3 }.map(\.name)
        let what = main.isEmpty ? "no single attribute stands out" : "mostly in \(main.joined(separator: ", "))"
        return "a classifier tells the sets apart in \((accuracy * 1000).rounded() / 10) % of the cases; they differ "
            + "\(what). Collect more samples like the second set, or change those of the first to look like it, "
            + "and keep some of both apart to measure the mismatch"
    }

    private static func moments(_ values: [Double]) -> (mean: Double, deviation: Double) {
        let mean = values.reduce(0, +) / Double(values.count)
        let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
        return (mean, variance.squareRoot())
    }

    private static func distance(_ first: [Double], _ second: [Double]) -> Double {
        var (i, j, largest) = (0, 0, 0.0)
        while i < first.count, j < second.count {
            let value = min(first[i], second[j])
            while i < first.count, first[i] <= value { i += 1 }
            while j < second.count, second[j] <= value { j += 1 }
            largest = max(largest, abs(Double(i) / Double(first.count) - Double(j) / Double(second.count)))
        }
        return largest
    }
}

extension Image {
    /// The names of ``attributes``.
    public static let attributeNames = [
        "width", "height", "brightness", "contrast", "saturation", "red against blue", "sharpness",
    ]

    /// Numbers that tell how a picture was taken, rather than what it shows: see ``attributeNames``. Colours count from
    /// 0 to 1; sharpness is the mean difference of neighbours.
    public var attributes: [Double] {
        let greys = grayscale().pixels, count = Double(greys.count)
        let mean = greys.reduce(0) { $0 + Double($1) } / count
        let variance = greys.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / count
        var steps = 0
        for y in 0..<height {
            for x in 1..<max(width, 1) { steps += abs(Int(greys[y * width + x]) - Int(greys[y * width + x - 1])) }
        }
        var (saturation, warmth) = (0.0, 0.0)
        if channels >= 3 {
            for start in stride(from: 0, to: pixels.count, by: channels) {
                let (r, g, b) = (pixels[start], pixels[start + 1], pixels[start + 2])
                saturation += Double(max(r, g, b) - min(r, g, b))
                warmth += Double(r) - Double(b)
            }
        }
        return [
            Double(width), Double(height), mean / 255, variance.squareRoot() / 255, saturation / count / 255,
            warmth / count / 255, Double(steps) / Double(max(1, (width - 1) * height)) / 255,
        ]
    }
}

/// The errors of a classifier by where samples come from.
public struct ErrorsByOrigin<Origin: Hashable & Sendable>: Sendable {
    /// The share of wrong answers, and the number of samples, of each origin; the worst first.
    public let rates: [(origin: Origin, errorRate: Double, count: Int)]

    /// - Parameters:
    ///   - isRight: whether each sample was recognised
    ///   - origins: where each sample is from
    public init(isRight: [Bool], origins: [Origin]) throws(ApusError) {
        guard isRight.count == origins.count else {
            throw ApusError(
                .data, in: "errors by origin", "\(isRight.count) answers and \(origins.count) origins",
                remedy: "give an origin for each answer")
        }
        rates = Split.groups(origins).map { members in
            let wrong = members.filter { !isRight[$0] }.count
            return (origins[members[0]], Double(wrong) / Double(members.count), members.count)
        }.sorted { $0.errorRate > $1.errorRate }
    }
}
