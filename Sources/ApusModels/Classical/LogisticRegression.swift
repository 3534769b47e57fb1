import ApusCore

/// A linear classifier with probabilities: of two classes `sigmoid(x · w + b)` for the second one, of more
/// `softmax(x · weights + bias)`.
///
///     let model = try LogisticRegression.fit(x, labels, c: 10)
///     model.probabilities(query)                  // [n, classes]
public struct LogisticRegression: ProbabilisticClassifier, Hashable, Codable {
    /// The labels that occurred, ascending.
    public let classes: [Int]
    /// A row of weights and a bias for each score.
    private let slope: Table
    private let offset: Table

    /// A row for each class, `[classes, features]`; of two classes one row, whose score speaks for the second.
    public var weights: Tensor { slope.tensor }
    /// `[classes]`; of two classes `[1]`.
    public var bias: Tensor { offset.vector }

    /// The smallest `|w|² / 2 + c · sum(-log probability of the label)`; the bias is not penalised.
    ///
    /// - Parameters:
    ///   - x: `[n, features]`
    ///   - labels: `[n]` integers of two or more classes
    ///   - c: how much the samples weigh against the penalty
    ///   - steps: of Newton's method, each solved by conjugate gradients
    /// - Throws: an `ApusError` if the minimum is not found in so many steps
    public static func fit(
        _ x: Tensor, _ labels: Tensor, c: Double = 1, steps: Int = 100
    ) throws(ApusError) -> LogisticRegression {
        let place = "LogisticRegression"
        try requirePositive(c, "c", in: place)
        let samples = try Samples(x, in: place)
        let known = try samples.labels(labels, in: place, least: 2)
        let isBinary = known.classes.count == 2
        let targets = isBinary ? known.oneHot.slice(axis: 1, 1..<2) : known.oneHot
        // A column of ones learns the bias.
        let ones = Tensor.ones([samples.count, 1], dtype: .float64)
        let problem = LogisticProblem(
            x: try Tensor.concatenate([samples.rows, ones], axis: 1).evaluated(), targets: try targets.evaluated(),
            c: c, isBinary: isBinary)
        let solution = try problem.minimum(steps: steps, in: place)
        let rows = solution.matrixTransposed()
        return LogisticRegression(
            classes: known.classes, slope: try Table(rows.slice(axis: 1, 0..<samples.features)),
            offset: try Table(rows.slice(axis: 1, samples.features..<samples.features + 1).squeezed(1)))
    }

    /// The scores before sigmoid or softmax: `[n, features]` -> `[n]` for two classes, else `[n, classes]`.
    public func decision(_ x: Tensor) -> Tensor {
        prediction(x, features: slope.columns, in: "LogisticRegression") {
            let scores = matmul($0, weights.matrixTransposed()) + bias
            return slope.rows == 1 ? scores.squeezed(1) : scores
        }
    }

    /// The probability of each class for each sample: `[samples, classes]`.
    public func probabilities(_ x: Tensor) -> Tensor {
        let scores = decision(x)
        guard scores.error == nil else { return scores }
        guard slope.rows == 1 else { return scores.softmax() }
        return Tensor.stack([(-scores).sigmoid(), scores.sigmoid()], axis: 1)
    }

    /// The signed distance of each sample from the plane on which a score is 0: `[n, features]` -> `[n]` for two
    /// classes, else `[n, classes]`. The rows of weights are planes independent of each other.
    public func distances(_ x: Tensor) -> Tensor {
        let lengths = weights.norm(axes: [1])
        let scores = decision(x)
        guard scores.error == nil else { return scores }
        return scores / (slope.rows == 1 ? lengths.squeezed(0) : lengths).cast(to: scores.dtype)
    }
}

/// The convex function that logistic regression minimises.
private struct LogisticProblem {
    /// `[n, features + 1]`
    let x: Tensor
    /// `[n, scores]`
    let targets: Tensor
    let c: Double
    let isBinary: Bool

    /// All rows of the weights but that of the bias.
    private func penalised(_ w: Tensor) -> Tensor {
        let rows = Tensor.range(count: w.shape[0], dtype: .float64).expanded(at: 1)
        return w * (rows .< Double(w.shape[0] - 1)).cast(to: .float64)
    }

    private func loss(_ w: Tensor) throws(ApusError) -> Double {
        let scores = matmul(x, w)
        let likelihood =
            isBinary
            ? (scores.softplus() - scores * targets).sum()
            : (scores.logSumExp() - (scores * targets).sum(axes: [1], keepDimensions: true)).sum()
        return try (penalised(w).square().sum() * 0.5 + likelihood * c).item()
    }

    /// Newton's method; the Hessian is never made.
    func minimum(steps: Int, in place: String) throws(ApusError) -> Tensor {
        var w = Tensor.zeros([x.shape[1], targets.shape[1]], dtype: .float64)
        var value = try loss(w)
        for _ in 0..<max(steps, 0) {
            let scores = matmul(x, w)
            let p = try (isBinary ? scores.sigmoid() : scores.softmax()).evaluated()
            let gradient = try (penalised(w) + matmul(x.matrixTransposed(), p - targets) * c).evaluated()
            let size = try gradient.square().sum().item().squareRoot()
            if size <= 1e-9 * max(1, value) { return w }
            let step = try newtonStep(gradient, p, tolerance: min(0.1, size.squareRoot()) * size)
            // Half the step until the function falls.
            let slope = try (gradient * step).sum().item()
            var (length, found) = (1.0, false)
            for _ in 0..<40 {
                let next = try (w + step * length).evaluated()
                let reached = try loss(next)
                if reached <= value + 1e-4 * length * slope || abs(reached - value) <= 1e-13 * abs(value) {
                    (w, value, found) = (next, reached, true)
                    break
                }
                length *= 0.5
            }
            guard found else { break }
        }
        throw ApusError(
            .numeric, in: place, "no minimum in \(steps) steps", remedy: "scale the features, or use a smaller c")
    }

    /// Minus the inverse Hessian times the gradient, by conjugate gradients.
    private func newtonStep(_ gradient: Tensor, _ p: Tensor, tolerance: Double) throws(ApusError) -> Tensor {
        func curved(_ v: Tensor) -> Tensor {
            let change = matmul(x, v)
            let weighted =
                isBinary
                ? p * (1 - p) * change : p * (change - (p * change).sum(axes: [1], keepDimensions: true))
            return penalised(v) + matmul(x.matrixTransposed(), weighted) * c
        }
        var step = gradient.filled(0)
        var rest = try (-gradient).evaluated()
        var direction = rest
        var size = try rest.square().sum().item()
        for _ in 0..<max(50, 2 * gradient.shape.count) where size.squareRoot() > tolerance {
            let product = try curved(direction).evaluated()
            let curvature = try (direction * product).sum().item()
            guard curvature > 0 else { break }
            let length = size / curvature
            step = try (step + direction * length).evaluated()
            rest = try (rest - product * length).evaluated()
            let next = try rest.square().sum().item()
            direction = try (rest + direction * (next / size)).evaluated()
            size = next
        }
        return step
    }
}
