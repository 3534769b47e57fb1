import ApusCore

/// A classical model that names a class for each sample.
///
/// Classical models are values that `fit` returns: one that can predict has been fitted. Samples are rows
/// `[n, features]` of finite numbers; labels are any integers `[n]`.
///
///     let model = try LogisticRegression.fit(x, labels)
///     let accuracy = try model.score(query, expected)
public protocol ClassicalClassifier: Sendable {
    /// The labels that were seen, ascending.
    var classes: [Int] { get }
    /// The label of each sample: `[n, features]` -> `[n]`, `int64`.
    func predict(_ x: Tensor) -> Tensor
}

extension ClassicalClassifier {
    /// The share of samples `[n, features]` whose label `[n]` is predicted.
    public func score(_ x: Tensor, _ labels: Tensor) throws(ApusError) -> Double {
        let predicted = predict(x)
        try requireTargets(labels, count: predicted, in: "score")
        return try (predicted .== labels.cast(to: .int64)).cast(to: .float64).mean().item()
    }

    /// The labels of the largest of the numbers of each class, of equal ones the smallest: `[n, classes]` -> `[n]`.
    package func labels(ofLargest scores: Tensor) -> Tensor {
        guard scores.error == nil else { return scores }
        return Tensor(classes.map(Int64.init), shape: [classes.count])
            .gather(indices: scores.argmax(axis: 1))
    }
}

/// A classical model that gives each class a probability.
public protocol ProbabilisticClassifier: ClassicalClassifier {
    /// The probability of each class, in the order of `classes`: `[n, features]` -> `[n, classes]`.
    func probabilities(_ x: Tensor) -> Tensor
}

extension ProbabilisticClassifier {
    /// The likeliest label of each sample, of equally likely ones the smallest: `[n, features]` -> `[n]`, `int64`.
    public func predict(_ x: Tensor) -> Tensor { labels(ofLargest: probabilities(x)) }
}

/// A classical model that predicts a number for each sample.
public protocol ClassicalRegressor: Sendable {
    /// A number for each sample: `[n, features]` -> `[n]`.
    func predict(_ x: Tensor) -> Tensor
}

extension ClassicalRegressor {
    /// The coefficient of determination: 1 for perfect predictions, 0 for those no better than the mean of the targets.
    public func score(_ x: Tensor, _ targets: Tensor) throws(ApusError) -> Double {
        let predicted = predict(x)
        try requireTargets(targets, count: predicted, in: "score")
        let wanted = targets.cast(to: .float64)
        let (rest, spread) = ((predicted.cast(to: .float64) - wanted).square().sum(), wanted - wanted.mean())
        return 1 - (try rest.item()) / (try spread.square().sum().item())
    }
}

/// A map of features that is learnt from samples.
public protocol FeatureTransform: Sendable {
    /// The new features of each sample: `[n, features]` -> `[n, new features]`.
    func transform(_ x: Tensor) -> Tensor
}

private func requireTargets(_ targets: Tensor, count predicted: Tensor, in place: String) throws(ApusError) {
    if let failed = predicted.error ?? targets.error { throw failed }
    guard targets.shape == predicted.shape, targets.shape.count > 0 else {
        throw ApusError(
            .shape, in: place, "targets of shape \(targets.shape) for predictions of shape \(predicted.shape)",
            remedy: "give a target for each of one or more samples")
    }
}
