import ApusCore

// Losses of samples or positions: of classes, regions, vectors and sequences.
extension Loss {
    /// Cross-entropy of class scores (logits) with integer labels.
    public static let softmaxCrossEntropy = Loss(
        "softmax cross-entropy", takesLabels: true, mean: { ApusNN.softmaxCrossEntropy($0, $1) }
    ) {
        (
            labelled(
                $0, $1, in: "softmaxCrossEntropy", scores: "logits",
                { [logits = $0, labels = $1] in
                    (logits.logSumExp() - $0).reshaped(to: labels.shape)
                }), nil
        )
    }

    /// Cross-entropy with integer labels `[...]` or distributions `[..., classes]`, smoothed, weighted by class, with a
    /// label that is not counted. Means are over what counts, as PyTorch takes them.
    ///
    /// - Parameters:
    ///   - scores: what outputs are
    ///   - labelSmoothing: the part of each target that is spread evenly over the classes
    ///   - ignoredLabel: the label whose positions count for nothing, which need not be a class
    ///   - classWeights: one number of 0 or more for each class
    public static func crossEntropy(
        scores: CrossEntropy.Scores = .logits, labelSmoothing: Double = 0, ignoredLabel: Int? = nil,
        classWeights: [Double]? = nil
    ) -> Loss {
        let function = CrossEntropy(scores: scores, labelSmoothing: labelSmoothing, ignoredLabel: ignoredLabel)
        let weights = (classWeights ?? []).enumerated().map { ("class weight \($0)", $1, 0...Double.infinity) }
        return Loss("cross-entropy", problem: .outOfRange(in: "cross-entropy", weights)) { output, target in
            function(
                output, target,
                classWeights: classWeights.map { Tensor($0, shape: [$0.count]).cast(to: output.dtype) })
        }
    }

    /// Cross-entropy of logits with integer labels that counts what is answered well already less: times
    /// `(1 - p)^gamma`.
    public static func categoricalFocal(gamma: Double = 2, alpha: [Double]? = nil) -> Loss {
        var ranges: Ranges = [("gamma", gamma, 0...Double.infinity)]
        ranges += (alpha ?? []).enumerated().map { ("alpha \($0)", $1, 0...Double.infinity) }
        return Loss(
            "categorical focal", takesLabels: true, problem: .outOfRange(in: "loss categorical focal", ranges)
        ) { output, target in
            let alpha = alpha.map { Tensor($0, shape: [$0.count]).cast(to: output.dtype) }
            return (categoricalFocalLoss(logits: output, target, alpha: alpha, gamma: gamma), nil)
        }
    }

    /// `(1 - p^q) / q` of the probability `p` of the label, which forgives wrong labels; outputs are probabilities
    /// `[..., classes]` (Zhang and Sabuncu, NeurIPS 2018).
    public static func generalizedCrossEntropy(q: Double = 0.5) -> Loss {
        Loss(
            "generalized cross-entropy", takesLabels: true,
            problem: .outOfRange(in: "loss generalized cross-entropy", [("q", q, 1e-6...1)])
        ) { (ApusNN.generalizedCrossEntropy($0, $1, q: q), nil) }
    }

    /// The divergence of logarithms of probabilities `[..., classes]` from distributions (or their logarithms), summed over
    /// the classes.
    public static func klDivergence(targetsAreLogarithms: Bool = false) -> Loss {
        elementwise("kl divergence") {
            ApusNN.klDivergence(logarithms: $0, $1, isLogarithm: targetsAreLogarithms).sum(axes: [-1])
        }
    }

    /// `max(0, 1 - score of the right class + best other score)`; targets are 0 and 1, `[..., classes]`.
    public static let categoricalHinge = elementwise("categorical hinge") { categoricalHingeLoss($0, $1) }

    /// The margins by which classes come too near to the label's: outputs are scores, targets integer labels.
    public static func multiMargin(margin: Double = 1, p: Double = 1) -> Loss {
        Loss(
            "multi-margin", takesLabels: true,
            problem: .outOfRange(in: "loss multi-margin", [("p", p, 1e-6...Double.infinity)])
        ) { (multiMarginLoss($0, $1, margin: margin, p: p), nil) }
    }

    /// The margins by which classes that are no labels come too near to labels; targets are 0 and 1, `[..., classes]`.
    public static let multiLabelMargin = elementwise("multi-label margin") { multiLabelMarginLoss($0, $1) }

    /// Binary cross-entropy of logits, mean over the classes.
    public static let multiLabelSoftMargin = elementwise("multi-label soft margin") { multiLabelSoftMarginLoss($0, $1) }

    /// Minus the cosine of the angle between outputs and targets along an axis.
    public static func cosineSimilarity(axis: Int = -1) -> Loss {
        elementwise("cosine similarity") { -ApusCore.cosineSimilarity($0, $1, axis: axis, epsilon: 1e-12) }
    }

    /// One minus the overlap of regions, for probabilities and targets of 0 and 1, of each sample:
    /// ``diceLoss(_:_:axes:smooth:squared:epsilon:)``.
    public static func dice(smooth: Double = 1, squared: Bool = false) -> Loss {
        regions("dice", [("smooth", smooth, 0...Double.infinity)]) {
            diceLoss($0, $1, axes: $2, smooth: smooth, squared: squared, epsilon: 1e-7)
        }
    }

    /// One minus intersection over union of each sample: ``jaccardLoss(_:_:axes:smooth:)``.
    public static func jaccard(smooth: Double = 1) -> Loss {
        regions("jaccard", [("smooth", smooth, 1e-12...Double.infinity)]) {
            jaccardLoss($0, $1, axes: $2, smooth: smooth)
        }
    }

    /// Dice's loss with factors for what is wrongly in (`alpha`) and wrongly out (`beta`), to a power, of each sample.
    public static func tversky(
        alpha: Double = 0.5, beta: Double = 0.5, gamma: Double = 1, smooth: Double = 1
    ) -> Loss {
        regions(
            "tversky",
            [
                ("alpha", alpha, 0...Double.infinity), ("beta", beta, 0...Double.infinity),
                ("gamma", gamma, 1e-6...Double.infinity), ("smooth", smooth, 0...Double.infinity),
            ]
        ) { tverskyLoss($0, $1, alpha: alpha, beta: beta, gamma: gamma, axes: $2, smooth: smooth, epsilon: 1e-7) }
    }

    private static func regions(
        _ name: String, _ ranges: Ranges, _ function: @escaping @Sendable (Tensor, Tensor, [Int]) -> Tensor
    ) -> Loss {
        elementwise(name, ranges) { function($0, $1, Array(min(1, $0.rank)..<$0.rank)) }
    }

    /// How badly boxes `[..., (x1, y1, x2, y2)]` match.
    public static func boxes(_ kind: BoxLoss = .giou) -> Loss {
        Loss("boxes (\(kind.rawValue))") { (kind($0, $1), nil) }
    }

    /// Embeddings `[batch, features]` of length 1 with labels `[batch]`: those of one class come together
    /// (Sun et al., CVPR 2020).
    public static func circle(gamma: Double = 80, margin: Double = 0.4) -> Loss {
        Loss("circle", problem: .outOfRange(in: "loss circle", [("gamma", gamma, 0...Double.infinity)])) {
            (circleLoss($0, $1, gamma: gamma, margin: margin), nil)
        }
    }

    /// Connectionist temporal classification: outputs are logits `[batch, frames, classes]`, targets integers `[batch,
    /// labels]` filled up at their end with the blank or negative numbers. All frames count. See
    /// ``ctcLoss(_:_:inputLengths:labelLengths:blank:zeroInfinity:)``.
    public static func ctc(blank: Int = 0, zeroInfinity: Bool = false) -> Loss {
        Loss("ctc") { output, target in
            guard output.rank == 3, target.rank == 2, output.shape[2] > 0, target.dtype.isInteger else {
                return (ctcLoss(output, target, blank: blank), nil)
            }
            let number = blank < 0 ? Double(output.shape[2]) + Double(blank) : Double(blank)
            let isLabel = (target .>= 0.0) & (target .!= number)
            // The last label, not the number of labels: a blank between two is an error of the data that must not move them.
            let positions = Tensor.range(count: target.shape[1], from: 1, dtype: .int64)
            let lengths =
                target.shape[1] == 0
                ? Tensor.zeros([target.shape[0]], dtype: .int64)
                : (isLabel.cast(to: .int64) * positions).max(axes: [1])
            return (
                ctcLoss(output, target, labelLengths: lengths, blank: blank, zeroInfinity: zeroInfinity), nil
            )
        }
    }
}
