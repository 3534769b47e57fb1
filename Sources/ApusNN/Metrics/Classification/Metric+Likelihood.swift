import ApusCore

/// Losses as figures of merit: means over samples that are not minimised but reported.
extension Metric {
    /// A loss as a metric.
    public init(_ loss: Loss) {
        self.init(loss.name, higherIsBetter: false) { loss($0, $1) }
    }

    /// The mean negative logarithm of the label's probability.
    ///
    /// - Parameter scores: what outputs `[..., classes]` are: logits, logarithms or probabilities; targets are labels
    ///   `[...]` or distributions `[..., classes]`
    public static func crossEntropy(_ scores: CrossEntropy.Scores = .logits) -> Metric {
        Metric("cross-entropy", higherIsBetter: false) { CrossEntropy(scores: scores).checked($0, $1) }
    }

    /// `exp` of the mean cross-entropy of tokens; labels `ignored` count for nothing.
    ///
    /// - Parameter scores: what outputs `[..., classes]` are; targets are labels `[...]`
    public static func perplexity(_ scores: CrossEntropy.Scores = .logits, ignored: Int? = nil) -> Metric {
        guard let ignored else {
            return Metric(mean: "perplexity", higherIsBetter: false, finish: { Real.exp($0) }) {
                CrossEntropy(scores: scores).checked($0, $1)
            }
        }
        let state = SumState(finish: { Real.exp($0 / $1) }) { output, target, weights in
            let entropy = CrossEntropy(scores: scores, ignoredLabel: ignored)
            let losses = entropy.checked(output, target)
            guard losses.error == nil else { return [losses] }
            var counts = (target .!= Double(ignored)).cast(to: losses.dtype)
            if let weights {
                let factor = weights.reshaped(
                    to: Shape(weights.shape.extents + [Int](repeating: 1, count: Swift.max(0, losses.rank - 1))))
                counts = counts * factor.cast(to: losses.dtype)
            }
            let samples = Double(Swift.max(output.shape[0], 1))
            return [(losses * counts).sum() / samples, counts.sum() / samples]
        }
        return Metric("perplexity", state, higherIsBetter: false) { $0.value }
    }

    /// The cross-entropy of probabilities with targets (0 or 1) of the same shape; `epsilon` keeps logarithms finite.
    public static func binaryCrossEntropy(fromLogits: Bool = false, epsilon: Double = 1e-7) -> Metric {
        .elementwise("binary cross-entropy") { (output: Tensor, target: Tensor) in
            if fromLogits { return output.relu() - output * target + (-output.absolute()).exp().log1p() }
            let p = output.clipped(epsilon, 1 - epsilon)
            return -(target * p.log() + (1 - target) * (1 - p).log())
        }
    }

    /// The mean squared difference of probability and outcome (Brier, 1950): summed over classes for labels `[...]` and
    /// probabilities `[..., classes]`, of single probabilities for targets of their shape.
    public static let brierScore = Metric("Brier score", higherIsBetter: false) { output, target in
        if output.shape == target.shape {
            return equallyShaped(output, target, in: "metric Brier score") { ($0 - $1).square() }
        }
        guard target.shape.extents == Array(output.shape.extents.dropLast()) else {
            return equallyShaped(output, target, in: "metric Brier score") { a, _ in a }
        }
        let wanted = oneHot(target.cast(to: .int64), depth: output.shape[-1], dtype: output.dtype)
        return (output - wanted).square().sum(axes: [-1])
    }

    /// `max(0, 1 - y p)` for targets of -1 or 1 (0 counts as -1).
    public static let hinge = Metric.elementwise("hinge") { (output: Tensor, target: Tensor) in
        (1 - signed(target) * output).relu()
    }

    /// `max(0, 1 - y p)^2` for targets of -1 or 1 (0 counts as -1).
    public static let squaredHinge = Metric.elementwise("squared hinge") { (output: Tensor, target: Tensor) in
        (1 - signed(target) * output).relu().square()
    }

    /// `max(0, largest wrong score - right score + 1)` for one-hot targets.
    public static let categoricalHinge = Metric.elementwise("categorical hinge") { (output: Tensor, target: Tensor) in
        categoricalHingeLoss(output, target)
    }

    /// `sum(t log(t / p))` over the last axis.
    public static let klDivergence = Metric.elementwise("KL divergence") { (output: Tensor, target: Tensor) in
        ApusNN.klDivergence(probabilities: output, target)
    }

    /// `p - t log p`.
    public static let poisson = Metric.elementwise("Poisson") { (output: Tensor, target: Tensor) in
        output - target * (output + 1e-7).log()
    }
}

/// -1 and 1 of 0 and 1.
private func signed(_ target: Tensor) -> Tensor {
    Tensor.select(target .== 0.0, -Tensor.ones(target.shape, dtype: target.dtype), target)
}

extension CrossEntropy {
    /// The losses, or the error of shapes that do not fit.
    func checked(_ output: Tensor, _ target: Tensor) -> Tensor {
        let wanted = target.dtype.isInteger ? Array(output.shape.extents.dropLast()) : output.shape.extents
        guard output.rank >= 1, target.shape.extents == wanted else {
            return Tensor(
                error: ApusError(
                    .shape, in: "metric cross-entropy",
                    "an output of shape \(output.shape), a target of shape \(target.shape) and type \(target.dtype)",
                    remedy: "give integer labels of the output's shape without its last axis, or distributions of its "
                        + "shape"))
        }
        return self(output, target).losses
    }
}
