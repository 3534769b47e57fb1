import ApusCore

/// Areas under curves and points on them. Outputs are scores of class 1 `[...]`, or of each class `[..., classes]`;
/// targets are labels `[...]`.
extension Metric {
    /// The area under the ROC curve: exact, or in fixed memory from so many thresholds for single scores in 0...1.
    public static func areaUnderROC(thresholds: Int? = nil) -> Metric {
        guard let thresholds else { return Metric("ROC AUC", RankedScores()) { $0.areaUnderROC } }
        return Metric("ROC AUC", ThresholdCounts(thresholds)) { $0.areaUnderROC }
    }

    /// The area under the precision-recall curve: by trapezoids, or in fixed memory from so many thresholds,
    /// interpolated, for single scores in 0...1.
    public static func areaUnderPrecisionRecall(thresholds: Int? = nil) -> Metric {
        guard let thresholds else { return Metric("PR AUC", RankedScores()) { $0.areaUnderPrecisionRecall } }
        return Metric("PR AUC", ThresholdCounts(thresholds)) { $0.areaUnderPrecisionRecall }
    }

    /// The area under the ROC curve over the logarithm of the false positive rate.
    public static func logarithmicArea(from low: Double = 0.001, to high: Double = 0.1) -> Metric {
        Metric("log AUC", RankedScores()) { $0.logarithmicArea(from: low, to: high) }
    }

    /// The sum over thresholds of the gain in recall times the precision.
    public static let averagePrecision = Metric("average precision", RankedScores()) { $0.averagePrecision }

    /// The largest precision at a recall of at least `recall`.
    public static func precisionAtRecall(_ recall: Double) -> Metric {
        bestPoint("precision at recall \(recall)") { curve in
            let (precisions, recalls) = curve.precisionRecall
            return zip(recalls, precisions).filter { $0.0 >= recall }.map(\.1)
        }
    }

    /// The largest recall at a precision of at least `precision`.
    public static func recallAtPrecision(_ precision: Double) -> Metric {
        bestPoint("recall at precision \(precision)") { curve in
            let (precisions, recalls) = curve.precisionRecall
            return zip(recalls, precisions).filter { $0.1 >= precision }.map(\.0)
        }
    }

    /// The largest sensitivity (recall) at a specificity of at least `specificity`.
    public static func sensitivityAtSpecificity(_ specificity: Double) -> Metric {
        bestPoint("sensitivity at specificity \(specificity)") { curve in
            let (alarms, hits) = curve.roc
            return zip(alarms, hits).filter { 1 - $0.0 >= specificity }.map(\.1)
        }
    }

    /// The largest specificity at a sensitivity (recall) of at least `sensitivity`.
    public static func specificityAtSensitivity(_ sensitivity: Double) -> Metric {
        bestPoint("specificity at sensitivity \(sensitivity)") { curve in
            let (alarms, hits) = curve.roc
            return zip(alarms, hits).filter { $0.1 >= sensitivity }.map { 1 - $0.0 }
        }
    }

    private static func bestPoint(
        _ name: String, _ candidates: @escaping @Sendable (RankedScores.Curve) -> [Double]
    ) -> Metric {
        Metric(name, RankedScores()) { $0.meanOverClasses { candidates($0).max() ?? 0 } }
    }
}
