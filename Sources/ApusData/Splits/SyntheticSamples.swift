import ApusCore

/// New samples of rare classes, made from those that are there.
///
///     let train = try data.balanced(bySynthetic: .interpolation(), seed: 1)       // as many of each class
public enum SyntheticSamples: Sendable {
    /// Between a sample and one of its nearest of the same class (SMOTE: Chawla et al., JAIR 2002).
    case interpolation(neighbors: Int = 5)
    /// From a normal distribution with the mean and the covariance of the class, up to 512 numbers a sample.
    ///
    /// - Parameter shrinkage: the share of the covariance that is taken from its diagonal alone, needed where samples are
    ///   fewer than numbers
    case gaussian(shrinkage: Double = 0.1)
    /// From a generative model of one's own, such as a decoder of a variational autoencoder: gives so many samples of a class,
    /// `[count, ...]` as inputs are.
    case model(@Sendable (_ label: Int, _ count: Int, _ seed: UInt64) throws -> Tensor)
}

extension Dataset {
    /// The samples with synthetic ones after them, so that each class that occurs has as many as the most frequent one.
    ///
    /// Use it on what is learnt from, never on what is tested with. Inputs become `float32`, as the network gets them.
    ///
    /// - Throws: an `ApusError` for data without classes, a class with too few samples (2, for ``SyntheticSamples/model(_:)``
    ///   none), or samples of another shape
    public func balanced(bySynthetic method: SyntheticSamples, seed: UInt64) throws(ApusError) -> Dataset {
        let place = "synthetic samples of \(name)"
        guard classCount != nil, inputs.delivered == .float32 else {
            throw ApusError(
                .data, in: place,
                "the samples have \(classCount == nil ? "no classes" : "inputs of \(inputs.delivered)")",
                remedy: "give samples of numbers with labels")
        }
        guard weights == nil else {
            throw ApusError(.data, in: place, "the samples have weights", remedy: "use weights or synthetic samples")
        }
        let (labels, size) = (labels, inputShape.count)
        var values: [Float] = []
        for index in 0..<count { values += try input(at: index).array(of: Float.self) }
        let balance = try ClassBalance(labels: labels, classCount: classCount)
        let most = balance.counts.max() ?? 0
        var (targets, all) = (labels.map(Int32.init), values)
        for (label, present) in balance.counts.enumerated() where present > 0 && present < most {
            let rows = labels.indices.filter { labels[$0] == label }.map { Array(values[$0 * size..<($0 + 1) * size]) }
            let missing = most - present
            var random = RandomSource(seed: seed, stream: label)
            switch method {
            case .interpolation(let neighbors):
                try Self.check(rows.count, label, neighbors >= 1, "\(neighbors) neighbours", place)
                all += SyntheticRows.interpolated(rows, neighbors, missing, &random)
            case .gaussian(let shrinkage):
                try Self.check(rows.count, label, (0...1).contains(shrinkage), "a shrinkage of \(shrinkage)", place)
                guard size <= 512 else {
                    throw ApusError(
                        .value, in: place, "samples of \(size) numbers, but 512 are the most for a covariance",
                        remedy: "use interpolation, or a generative model")
                }
                all += SyntheticRows.gaussian(rows, shrinkage, missing, &random)
            case .model(let make):
                let made: Tensor
                do {
                    made = try make(label, missing, random.next())
                } catch {
                    throw error as? ApusError
                        ?? ApusError(.data, in: place, "the model threw \(error)", remedy: "mend the model")
                }
                guard made.shape == Shape([missing] + inputShape.extents) || made.error != nil else {
                    throw ApusError(
                        .shape, in: place, "the model gave \(made.shape) for \(missing) samples of \(inputShape)",
                        remedy: "give [\(missing)] samples of the shape of the inputs")
                }
                all += try made.cast(to: .float32).array(of: Float.self)
            }
            targets += [Int32](repeating: Int32(label), count: missing)
        }
        return try Dataset(
            inputs: Tensor(all, shape: Shape([targets.count] + inputShape.extents)),
            targets: Tensor(targets, shape: [targets.count]), name: name, classNames: classNames)
    }

    private static func check(
        _ count: Int, _ label: Int, _ isSound: Bool, _ setting: String, _ place: String
    ) throws(ApusError) {
        guard count >= 2 else {
            throw ApusError(
                .data, in: place, "class \(label) has \(count) sample",
                remedy: "give 2 or more, or use a generative model")
        }
        guard isSound else {
            throw ApusError(.value, in: place, setting, remedy: "use 1 neighbour or more, and a shrinkage of 0 to 1")
        }
    }
}

/// The arithmetic of synthetic samples, on rows of numbers.
private enum SyntheticRows {
    static func interpolated(_ rows: [[Float]], _ neighbors: Int, _ count: Int, _ random: inout RandomSource) -> [Float]
    {
        var nearest: [Int: [Int]] = [:]
        var result: [Float] = []
        for index in 0..<count {
            // Each sample as often as any other.
            let base = index % rows.count
            if nearest[base] == nil {
                let distances = rows.map { row in
                    zip(row, rows[base]).reduce(0 as Float) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
                }
                let others = rows.indices.filter { $0 != base }.sorted {
                    distances[$0] < distances[$1] || distances[$0] == distances[$1] && $0 < $1
                }
                nearest[base] = Array(others.prefix(neighbors))
            }
            let candidates = nearest[base] ?? []
            let other = candidates[random.integer(below: candidates.count)]
            let share = Float(random.uniform())
            result += zip(rows[base], rows[other]).map { $0 + share * ($1 - $0) }
        }
        return result
    }

    static func gaussian(_ rows: [[Float]], _ shrinkage: Double, _ count: Int, _ random: inout RandomSource) -> [Float]
    {
        let size = rows[0].count
        var mean = [Double](repeating: 0, count: size)
        for row in rows { for index in 0..<size { mean[index] += Double(row[index]) / Double(rows.count) } }
        var factor = [[Double]](repeating: [Double](repeating: 0, count: size), count: size)
        for row in rows {
            let centred = (0..<size).map { Double(row[$0]) - mean[$0] }
            for one in 0..<size {
                for other in 0...one { factor[one][other] += centred[one] * centred[other] / Double(rows.count - 1) }
            }
        }
        for one in 0..<size { for other in 0..<one { factor[one][other] *= 1 - shrinkage } }
        // Cholesky's factor in place; what is no more than rounding counts as 0.
        for column in 0..<size {
            let square =
                factor[column][column] - (0..<column).reduce(0.0) { $0 + factor[column][$1] * factor[column][$1] }
            let pivot = square > 1e-12 * factor[column][column] ? square.squareRoot() : 0
            factor[column][column] = pivot
            for row in column + 1..<max(size, column + 1) {
                let sum = (0..<column).reduce(0.0) { $0 + factor[row][$1] * factor[column][$1] }
                factor[row][column] = pivot > 0 ? (factor[row][column] - sum) / pivot : 0
            }
        }
        var result: [Float] = []
        for _ in 0..<count {
            let noise = (0..<size).map { _ in random.normal() }
            for row in 0..<size {
                result.append(Float(mean[row] + (0...row).reduce(0.0) { $0 + factor[row][$1] * noise[$1] }))
            }
        }
        return result
    }
}
