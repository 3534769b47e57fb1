import ApusCore

/// Classes as normal distributions of independent features (naive Bayes).
public struct GaussianNaiveBayes: ProbabilisticClassifier, Hashable, Codable {
    /// The labels that occurred, ascending.
    public let classes: [Int]
    private let means: Table
    private let spreads: Table
    private let shares: Table

    /// The means of each class, `[classes, features]`.
    public var mean: Tensor { means.tensor }
    /// The (biased) variances of each class, smoothed, `[classes, features]`.
    public var variance: Tensor { spreads.tensor }
    /// The share of each class among the samples, `[classes]`.
    public var priors: Tensor { shares.vector }

    /// - Parameters:
    ///   - x: `[n, features]`
    ///   - labels: `[n]` integers
    ///   - smoothing: this part of the largest variance of a feature is added to all variances
    public static func fit(
        _ x: Tensor, _ labels: Tensor, smoothing: Double = 1e-9
    ) throws(ApusError) -> GaussianNaiveBayes {
        let place = "GaussianNaiveBayes"
        try requirePositive(smoothing, "the smoothing", in: place, orZero: true)
        let samples = try Samples(x, in: place)
        let known = try samples.labels(labels, in: place)
        let (means, rest) = centred(samples.rows, known)
        let counts = known.counts.expanded(at: 1)
        let spread = matmul(known.oneHot.matrixTransposed(), rest.square()) / counts
        let added = samples.rows.variance(axes: [0]).max() * smoothing
        return GaussianNaiveBayes(
            classes: known.classes, means: try Table(means), spreads: try Table(spread + added),
            shares: try Table(known.counts / Double(samples.count)))
    }

    /// The logarithm of the joint density of features and class: `[n, features]` -> `[n, classes]`.
    public func jointLogarithm(_ x: Tensor) -> Tensor {
        prediction(x, features: means.columns, in: "GaussianNaiveBayes") {
            let distance = ($0.expanded(at: 1) - mean).square() / variance
            let scale = (variance * (2 * Double.pi)).log()
            return priors.log() - (distance + scale).sum(axes: [2]) * 0.5
        }
    }

    /// The probability of each class for each sample: `[samples, classes]`.
    public func probabilities(_ x: Tensor) -> Tensor {
        let joint = jointLogarithm(x)
        return joint.error == nil ? joint.softmax() : joint
    }
}

/// Classes as normal distributions with one covariance in common, which linear planes tell apart (Fisher, 1936).
public struct LinearDiscriminantAnalysis: ProbabilisticClassifier, Hashable, Codable {
    /// The labels that occurred, ascending.
    public let classes: [Int]
    private let slope: Table
    private let offset: Table

    /// A row of weights for each class, `[classes, features]`.
    public var weights: Tensor { slope.tensor }
    /// `[classes]`
    public var bias: Tensor { offset.vector }

    /// With the (biased) covariance within the classes; where it is singular its pseudo-inverse counts.
    ///
    /// - Parameters:
    ///   - x: `[n, features]`
    ///   - labels: `[n]` integers of two or more classes
    public static func fit(_ x: Tensor, _ labels: Tensor) throws(ApusError) -> LinearDiscriminantAnalysis {
        let place = "LinearDiscriminantAnalysis"
        let samples = try Samples(x, in: place)
        let known = try samples.labels(labels, in: place, least: 2)
        let (means, rest) = centred(samples.rows, known)
        let covariance = matmul(rest.matrixTransposed(), rest) / Double(samples.count)
        let weights = matmul(means, covariance.pseudoInverse())
        let priors = known.counts / Double(samples.count)
        return LinearDiscriminantAnalysis(
            classes: known.classes, slope: try Table(weights),
            offset: try Table(priors.log() - (weights * means).sum(axes: [1]) * 0.5))
    }

    /// The probability of each class for each sample: `[samples, classes]`.
    public func probabilities(_ x: Tensor) -> Tensor {
        prediction(x, features: slope.columns, in: "LinearDiscriminantAnalysis") {
            (matmul($0, weights.matrixTransposed()) + bias).softmax()
        }
    }
}

/// The mean of each class, `[classes, features]`, and the samples less that of their class.
private func centred(_ rows: Tensor, _ labels: Labels) -> (means: Tensor, rest: Tensor) {
    let means = matmul(labels.oneHot.matrixTransposed(), rows) / labels.counts.expanded(at: 1)
    return (means, rows - matmul(labels.oneHot, means))
}
