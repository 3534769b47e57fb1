import ApusCore
import ApusNN
import TestSupport

/// The metric family: each case as a metric, Keras' in two batches.
func metricTable() -> GoldenTable {
    var table: GoldenTable = [:]
    let metrics: [String: @Sendable (GoldenArguments) throws -> Metric] = [
        "accuracy": { _ in .equality }, "balanced_accuracy": { _ in .balancedAccuracy() },
        "precision": { .precision(try average($0), classes: try classes($0)) },
        "recall": { .recall(try average($0), classes: try classes($0)) },
        "f1": { .f1(try average($0), classes: try classes($0)) },
        "fbeta": { .fBeta(try $0.number("beta"), try average($0)) },
        "specificity": { _ in .specificity() },
        "jaccard_score": { .intersectionOverUnion(try average($0)) },
        "mcc": { _ in .matthewsCorrelation() }, "cohen_kappa": { .cohenKappa(try disagreement($0)) },
        "hamming_loss": { _ in .hammingDistance }, "roc_auc": { _ in .areaUnderROC() },
        "average_precision": { _ in .averagePrecision }, "pr_auc": { _ in .areaUnderPrecisionRecall() },
        "roc_auc_multiclass": { _ in .areaUnderROC() }, "top_k_accuracy": { .topKAccuracy(try $0.integer("k")) },
        "log_loss": { _ in .crossEntropy(.probabilities(epsilon: nil, renormalizes: true)) },
        "perplexity": { _ in .perplexity(.probabilities(epsilon: nil, renormalizes: true)) },
        "brier": { _ in .brierScore },
        "expected_calibration_error": { .calibrationError(bins: try $0.integer("bins")) },
        "mean_squared_error": { _ in .meanSquaredError }, "mean_absolute_error": { _ in .meanAbsoluteError },
        "root_mean_squared_error": { _ in .rootMeanSquaredError }, "r2": { _ in .r2() },
        "explained_variance": { _ in .explainedVariance() },
        "median_absolute_error": { _ in .medianAbsoluteError }, "max_error": { _ in .largestError },
        "mean_absolute_percentage_error": { _ in .meanAbsolutePercentageError(epsilon: 2.2e-16) },
        "mean_squared_log_error": { _ in .meanSquaredLogError }, "pearson_correlation": { _ in .pearsonCorrelation },
        "spearman_correlation": { _ in .spearmanCorrelation }, "kendall_tau": { _ in .kendallCorrelation },
        "iou_per_class": { .intersectionOverUnion(.perClass, classes: try $0.integer("classes")) },
        "mean_iou": { .meanIntersectionOverUnion(classes: try $0.integer("classes")) },
        "dice_per_class": { .dice(.perClass, classes: try $0.integer("classes")) },
        "adjusted_rand_index": { _ in .adjustedRandIndex },
        "normalized_mutual_information": { _ in .normalizedMutualInformation },
        "ndcg": { .normalizedGain(at: $0.has("k") ? try $0.integer("k") : nil) },
        "psnr": { .peakSignalNoiseRatio(range: try $0.number("data_range")) },
        "ssim": { .structuralSimilarity(window: try window($0), range: try $0.number("data_range")) },
        "sparse_categorical_accuracy": { _ in .accuracy }, "categorical_accuracy": { _ in .categoricalAccuracy },
        "sparse_top_k_accuracy": { .topKAccuracy(try $0.integer("k")) },
        "binary_accuracy": { .binaryAccuracy(threshold: try $0.number("threshold")) },
        "binary_precision": { .precision(threshold: try $0.number("threshold")) },
        "binary_recall": { .recall(threshold: try $0.number("threshold")) },
        "true_positives": { .truePositives(threshold: try $0.number("threshold")) },
        "false_negatives": { .falseNegatives(threshold: try $0.number("threshold")) },
        "auc_thresholds": {
            let count = try $0.integer("thresholds")
            return try $0.text("curve") == "ROC"
                ? .areaUnderROC(thresholds: count) : .areaUnderPrecisionRecall(thresholds: count)
        },
        "f1_keras": { .f1(try average($0)) },
        "mean_iou_keras": { .meanIntersectionOverUnion(classes: try $0.integer("classes")) },
        "mean_squared_error_streaming": { _ in .meanSquaredError },
        "root_mean_squared_error_streaming": { _ in .rootMeanSquaredError },
        "mean_absolute_error_streaming": { _ in .meanAbsoluteError }, "r2_streaming": { _ in .r2() },
        "cosine_similarity_metric": { _ in .cosineSimilarity },
        "sparse_categorical_crossentropy_metric": { _ in .crossEntropy() },
    ]
    for (name, make) in metrics { table[name] = { [try inTwoBatches(try make($0), $0)] } }
    table["confusion_matrix"] = {
        var confusion = ConfusionMatrix(classes: try $0.integer("classes"))
        try confusion.update(try $0("prediction"), try $0("target"), weights: nil)
        return [confusion.tensor.cast(to: .int64)]
    }
    table["roc_curve"] = {
        var ranking = RankedScores()
        try ranking.update(try $0("score"), try $0("target"), weights: nil)
        let curve = ranking.curve().roc
        return [curve.falsePositiveRates, curve.truePositiveRates].map { Tensor($0, shape: [$0.count]) }
    }
    table["bleu"] = { arguments in
        var bleu = BLEU(
            order: try arguments.integer("max_n"),
            smoothing: try arguments.text("smoothing") == "add_one" ? .addOne : .none)
        for (hypothesis, references) in try sentences(arguments) { bleu.update(hypothesis, references: references) }
        return [Tensor(bleu.value, dtype: .float64)]
    }
    table["error_rate"] = { arguments in
        var errors = TranscriptionErrors()
        for (hypothesis, references) in try sentences(arguments) { errors.update(hypothesis, reference: references[0]) }
        return [Tensor(errors.errorRate, dtype: .float64)]
    }
    table["coco_detection"] = { arguments in
        func boxes(_ role: String) throws -> [BoundingBox] {
            let values: [Double] = try arguments(role).array()
            return stride(from: 0, to: values.count, by: 4).map {
                BoundingBox(left: values[$0], top: values[$0 + 1], right: values[$0 + 2], bottom: values[$0 + 3])
            }
        }
        func integers(_ role: String) throws -> [Int] { try arguments(role).array() }
        let (truth, found) = (try boxes("truth_boxes"), try boxes("boxes"))
        let (truthImages, foundImages) = (try integers("truth_images"), try integers("images"))
        let (truthLabels, labels) = (try integers("truth_labels"), try integers("labels"))
        let crowd = try integers("truth_crowd")
        let scores: [Double] = try arguments("scores").array()
        var (first, second) = (MeanAveragePrecision(), MeanAveragePrecision())
        for image in Set(truthImages + foundImages).sorted() {
            let objects = truth.indices.filter { truthImages[$0] == image }.map {
                TrueBox(truth[$0], label: truthLabels[$0], isCrowd: crowd[$0] == 1)
            }
            let detections = found.indices.filter { foundImages[$0] == image }.map {
                DetectedBox(found[$0], label: labels[$0], score: scores[$0])
            }
            if image < 1 { first.update(detections, truth: objects) } else { second.update(detections, truth: objects) }
        }
        first.merge(second)
        return [Tensor(first.summary().values, shape: [12])]
    }
    return table
}

/// The metric over all rows, once in one batch and once in two that are merged: both must agree.
private func inTwoBatches(_ metric: Metric, _ arguments: GoldenArguments) throws -> Tensor {
    let prediction = ["prediction", "score", "a"].compactMap { arguments.optional($0) }.first
    let wanted = ["target", "relevance", "b"].compactMap { arguments.optional($0) }.first
    guard var output = prediction, var target = wanted else { throw GoldenProblem("no inputs") }
    if arguments.optional("a") != nil { (output, target) = (output.expanded(at: 0), target.expanded(at: 0)) }
    let weights = arguments.optional("sample_weight")
    var (whole, first, second) = (metric, metric, metric)
    try whole.update(output, target, weights: weights)
    let rows = output.shape[0]
    for (index, range) in [0..<rows / 2, rows / 2..<rows].enumerated() where !range.isEmpty {
        func part(_ tensor: Tensor) -> Tensor { tensor.slice(axis: 0, range) }
        if index == 0 {
            try first.update(part(output), part(target), weights: weights.map(part))
        } else {
            try second.update(part(output), part(target), weights: weights.map(part))
        }
    }
    try first.merge(second)
    let (values, merged) = (try whole.values(), try first.values())
    for (value, other) in zip(values, merged) where abs(value - other) > 1e-6 * max(abs(value), 1) {
        throw GoldenProblem("\(value) in one batch, \(other) in two")
    }
    return Tensor(values, shape: metric.isPerClass ? [values.count] : [])
}

private func average(_ arguments: GoldenArguments) throws -> ConfusionMatrix.Average {
    switch try arguments.text("average") {
    case "micro": .micro
    case "macro": .macro
    case "weighted": .weighted
    case "binary": .binary
    default: .perClass
    }
}

private func classes(_ arguments: GoldenArguments) throws -> Int? {
    arguments.has("classes") ? try arguments.integer("classes") : nil
}

private func disagreement(_ arguments: GoldenArguments) throws -> ConfusionMatrix.Disagreement {
    switch try arguments.text("weights") {
    case "linear": .linear
    case "quadratic": .quadratic
    default: .plain
    }
}

private func window(_ arguments: GoldenArguments) throws -> SimilarityWindow {
    let size = try arguments.integer("size")
    return try arguments.text("window") == "uniform"
        ? .uniform(size, isUnbiased: try arguments.flag("unbiased_covariance"))
        : .gaussian(size, sigma: try arguments.number("sigma"))
}

/// Hypotheses and references as sequences of numbers without padding.
private func sentences(_ arguments: GoldenArguments) throws -> [([Int], [[Int]])] {
    let (hypotheses, references) = (try arguments("hypothesis"), try arguments("references"))
    let (own, wanted): ([Int], [Int]) = (try hypotheses.array(), try references.array())
    let (length, count, width) = (hypotheses.shape[1], references.shape[1], references.shape[2])
    return (0..<hypotheses.shape[0]).map { row in
        let hypothesis = own[row * length..<(row + 1) * length].filter { $0 >= 0 }
        let others = (0..<count).map { number in
            let start = (row * count + number) * width
            return wanted[start..<start + width].filter { $0 >= 0 }
        }
        return (hypothesis, others)
    }
}
