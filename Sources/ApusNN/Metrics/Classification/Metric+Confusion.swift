import ApusCore

/// Figures computed from the counts of a confusion matrix.
///
/// Outputs are scores `[..., classes]`, labels `[...]`, or single scores `[...]` above or below `threshold`; targets are
/// labels `[...]`, or one-hot rows.
extension Metric {
    private static func confusion(
        _ name: String, _ classes: Int?, _ threshold: Double = 0.5, ignored: Int? = nil,
        average: ConfusionMatrix.Average = .automatic, higherIsBetter: Bool? = true,
        _ result: @escaping @Sendable (ConfusionMatrix) -> [Double]
    ) -> Metric {
        Metric(
            name, ConfusionMatrix(classes: classes, threshold: threshold, ignored: ignored),
            higherIsBetter: higherIsBetter, isPerClass: average == .perClass
        ) { (state: ConfusionMatrix) throws(ApusError) in result(state) }
    }

    /// The share of right predictions among those of a class.
    public static func precision(
        _ average: ConfusionMatrix.Average = .automatic, classes: Int? = nil, threshold: Double = 0.5
    ) -> Metric { confusion("precision", classes, threshold, average: average) { $0.precision(average) } }

    /// The share of a class that was found; also called sensitivity.
    public static func recall(
        _ average: ConfusionMatrix.Average = .automatic, classes: Int? = nil, threshold: Double = 0.5
    ) -> Metric { confusion("recall", classes, threshold, average: average) { $0.recall(average) } }

    /// The share of the others that were not taken for a class.
    public static func specificity(
        _ average: ConfusionMatrix.Average = .automatic, classes: Int? = nil, threshold: Double = 0.5
    ) -> Metric { confusion("specificity", classes, threshold, average: average) { $0.specificity(average) } }

    /// The share of right predictions among those of other classes.
    public static func negativePredictiveValue(
        _ average: ConfusionMatrix.Average = .automatic, classes: Int? = nil, threshold: Double = 0.5
    ) -> Metric {
        confusion("negative predictive value", classes, threshold, average: average) {
            $0.negativePredictiveValue(average)
        }
    }

    /// The harmonic mean of precision and recall.
    public static func f1(
        _ average: ConfusionMatrix.Average = .automatic, classes: Int? = nil, threshold: Double = 0.5
    ) -> Metric { confusion("F1", classes, threshold, average: average) { $0.f1(average) } }

    /// The harmonic mean of precision and recall with weight `beta^2` on recall.
    public static func fBeta(
        _ beta: Double, _ average: ConfusionMatrix.Average = .automatic, classes: Int? = nil, threshold: Double = 0.5
    ) -> Metric { confusion("F-beta", classes, threshold, average: average) { $0.fBeta(beta, average) } }

    /// Intersection over union (Jaccard index) of sets of samples or pixels; the Dice coefficient is `f1`.
    public static func intersectionOverUnion(
        _ average: ConfusionMatrix.Average = .automatic, classes: Int? = nil, threshold: Double = 0.5,
        ignored: Int? = nil
    ) -> Metric {
        confusion("IoU", classes, threshold, ignored: ignored, average: average) { $0.intersectionOverUnion(average) }
    }

    /// The mean intersection over union of the classes that occur, or of `chosen` ones.
    public static func meanIntersectionOverUnion(
        classes: Int? = nil, chosen: [Int]? = nil, ignored: Int? = nil
    ) -> Metric {
        confusion("mean IoU", classes, ignored: ignored) { confusion in
            guard let chosen else { return [confusion.meanIntersectionOverUnion] }
            let all = confusion.intersectionOverUnion(.perClass)
            let values = chosen.map { all.indices.contains($0) ? all[$0] : 0 }
            return [values.reduce(0, +) / Double(max(values.count, 1))]
        }
    }

    /// The Dice coefficient of sets of pixels: `2 |A and B| / (|A| + |B|)`.
    public static func dice(
        _ average: ConfusionMatrix.Average = .automatic, classes: Int? = nil, threshold: Double = 0.5
    ) -> Metric { confusion("Dice", classes, threshold, average: average) { $0.f1(average) } }

    /// The mean recall of the classes that occur in the targets.
    public static func balancedAccuracy(classes: Int? = nil) -> Metric {
        confusion("balanced accuracy", classes) { [$0.balancedAccuracy] }
    }

    /// Agreement beyond chance.
    public static func cohenKappa(
        _ disagreement: ConfusionMatrix.Disagreement = .plain, classes: Int? = nil
    ) -> Metric { confusion("Cohen's kappa", classes) { [$0.cohenKappa(disagreement)] } }

    /// The correlation of labels and predictions, for any number of classes.
    public static func matthewsCorrelation(classes: Int? = nil) -> Metric {
        confusion("Matthews correlation", classes) { [$0.matthewsCorrelation] }
    }

    /// How often class `target` was taken for class `prediction`: `classes * classes` values, row-major.
    public static func confusionMatrix(classes: Int) -> Metric {
        confusion("confusion", classes, average: .perClass, higherIsBetter: nil) { $0.counts }
    }

    /// The weight of samples of class 1 that were found.
    public static func truePositives(threshold: Double = 0.5) -> Metric {
        confusion("true positives", 2, threshold) { [$0[1, 1]] }
    }

    /// The weight of samples of class 0 that were taken for class 1.
    public static func falsePositives(threshold: Double = 0.5) -> Metric {
        confusion("false positives", 2, threshold, higherIsBetter: false) { [$0[0, 1]] }
    }

    /// The weight of samples of class 0 that were found.
    public static func trueNegatives(threshold: Double = 0.5) -> Metric {
        confusion("true negatives", 2, threshold) { [$0[0, 0]] }
    }

    /// The weight of samples of class 1 that were not found.
    public static func falseNegatives(threshold: Double = 0.5) -> Metric {
        confusion("false negatives", 2, threshold, higherIsBetter: false) { [$0[1, 0]] }
    }

    /// True and false positives, true and false negatives and support of class 1, in this order.
    public static func statScores(threshold: Double = 0.5) -> Metric {
        confusion("stat scores", 2, threshold, average: .perClass, higherIsBetter: nil) {
            [$0[1, 1], $0[0, 1], $0[0, 0], $0[1, 0], $0[1, 1] + $0[1, 0]]
        }
    }
}
