import ApusCore
import ApusNN
import TestSupport

/// The reduction that a case asks for. Keras' cases take the mean over the last axis first.
private func reduced(_ losses: Tensor, _ arguments: GoldenArguments, weights: Tensor? = nil) throws -> Tensor {
    let names: [String: LossReduction] = [
        "none": .none, "mean": .mean, "sum": .sum, "weighted_mean": .weightedMean, "batchmean": .batchMean,
    ]
    guard let reduction = names[try arguments.text("reduction")] else { throw GoldenProblem("reduction") }
    let samples = arguments.has("per_sample") ? losses.mean(axes: [-1]) : losses
    return reduction(samples, weights: weights ?? arguments.optional("sample_weight"))
}

private func pointwise(
    _ function: @escaping (Tensor, Tensor, GoldenArguments) throws -> Tensor
) -> GoldenOperation {
    { [try reduced(try function(try $0("prediction"), try $0("target").cast(to: $0.dtype), $0), $0)] }
}

func lossTable() -> GoldenTable {
    var table: GoldenTable = [:]
    table["mse"] = pointwise { p, t, _ in squaredError(p, t) }
    table["mae"] = pointwise { p, t, _ in absoluteError(p, t) }
    table["mape"] = pointwise { p, t, arguments in percentageError(p, t, epsilon: try arguments.number("epsilon")) }
    table["msle"] = pointwise { p, t, arguments in
        squaredLogarithmicError(p, t, epsilon: try arguments.number("epsilon"))
    }
    table["huber"] = pointwise { p, t, arguments in huberLoss(p, t, delta: try arguments.number("delta")) }
    table["smooth_l1"] = pointwise { p, t, arguments in smoothL1Loss(p, t, beta: try arguments.number("beta")) }
    table["log_cosh"] = pointwise { p, t, _ in logCoshLoss(p, t) }
    table["poisson"] = pointwise { p, t, arguments in poissonLoss(p, t, epsilon: try arguments.number("epsilon")) }
    table["poisson_nll"] = pointwise { p, t, arguments in
        poissonNegativeLogLikelihood(
            p, t, isLogarithm: try arguments.flag("log_input"), full: try arguments.flag("full"),
            epsilon: try arguments.number("epsilon"))
    }
    table["gaussian_nll"] = pointwise { p, t, arguments in
        gaussianNegativeLogLikelihood(
            p, t, variance: try arguments("variance"), full: try arguments.flag("full"),
            epsilon: try arguments.number("epsilon"))
    }
    table["binary_cross_entropy"] = { [try reduced(try binaryElements($0), $0)] }
    table["binary_focal"] = { arguments in
        let (p, t, epsilon) = try kerasBinary(arguments)
        let alpha = arguments.has("alpha") ? try arguments.number("alpha") : nil
        let gamma = try arguments.number("gamma")
        var losses: Tensor
        if try arguments.flag("from_logits"), epsilon == nil {
            losses = binaryFocalLoss(logits: p, t, alpha: alpha, gamma: gamma)
        } else {
            let probabilities = try arguments.flag("from_logits") ? p.sigmoid() : p
            losses = binaryFocalLoss(
                probabilities: epsilon.map { probabilities.clipped($0, 1 - $0) } ?? probabilities, t, alpha: alpha,
                gamma: gamma)
        }
        if epsilon != nil, try arguments.text("reduction") == "none" { losses = losses.mean(axes: [-1]) }
        return [try reduced(losses, arguments)]
    }
    table["hinge"] = pointwise { p, t, _ in hingeLoss(p, signed(t)) }
    table["squared_hinge"] = pointwise { p, t, _ in hingeLoss(p, signed(t)).square() }
    table["soft_margin"] = pointwise { p, t, _ in softMarginLoss(p, t) }
    table["hinge_embedding"] = pointwise { p, t, arguments in
        hingeEmbeddingLoss(p, t, margin: try arguments.number("margin"))
    }
    table["margin_ranking"] = {
        [
            try reduced(
                marginRankingLoss(try $0("a"), try $0("b"), try $0("target"), margin: try $0.number("margin")), $0)
        ]
    }
    table["multi_label_soft_margin"] = pointwise { p, t, _ in binaryCrossEntropy(logits: p, t).mean(axes: [-1]) }
    table["ctc"] = {
        let lengths = try $0("target_lengths")
        let losses = ctcLoss(
            try $0("logits"), try $0("targets"), inputLengths: try $0("input_lengths"), labelLengths: lengths,
            blank: try $0.integer("blank"), zeroInfinity: try $0.flag("zero_infinity"))
        let isMean = try $0.text("reduction") == "mean"
        return [try reduced(isMean ? losses / Tensor.maximum(lengths, 1).cast(to: losses.dtype) : losses, $0)]
    }
    addClassLosses(&table)
    addEmbeddingLosses(&table)
    addRegionLosses(&table)
    return table
}

/// Targets of 0 and 1 become -1 and 1.
private func signed(_ target: Tensor) -> Tensor {
    let isBinary = ((target .== 0.0) | (target .== 1.0)).all()
    return Tensor.select(isBinary, target * 2 - 1, target)
}

/// Prediction, smoothed target and, for Keras' cases, the limit of probabilities.
private func kerasBinary(_ arguments: GoldenArguments) throws -> (Tensor, Tensor, Double?) {
    var target = try arguments("target").cast(to: arguments.dtype)
    let smoothing = arguments.has("label_smoothing") ? try arguments.number("label_smoothing") : 0
    if smoothing > 0 { target = target * (1 - smoothing) + smoothing / 2 }
    return (try arguments("prediction"), target, arguments.has("epsilon") ? try arguments.number("epsilon") : nil)
}

private func binaryElements(_ arguments: GoldenArguments) throws -> Tensor {
    let (p, t, epsilon) = try kerasBinary(arguments)
    var losses: Tensor
    if try arguments.flag("from_logits") {
        losses = binaryCrossEntropy(logits: p, t, positiveWeight: arguments.optional("pos_weight"))
    } else {
        losses = binaryCrossEntropy(probabilities: epsilon.map { p.clipped($0, 1 - $0) } ?? p, t)
    }
    return arguments.optional("weight").map { losses * $0 } ?? losses
}

private func addClassLosses(_ table: inout GoldenTable) {
    table["cross_entropy"] = {
        var loss = CrossEntropy(scores: .logits)
        if $0.has("label_smoothing") { loss.labelSmoothing = try $0.number("label_smoothing") }
        if $0.has("ignore_index") { loss.ignoredLabel = try $0.integer("ignore_index") }
        if $0.has("log_probabilities"), try $0.flag("log_probabilities") {
            loss.scores = .logProbabilities
        } else if try !$0.flag("from_logits") {
            loss.scores = .probabilities(
                epsilon: $0.has("epsilon") ? try $0.number("epsilon") : nil,
                renormalizes: $0.has("renormalize") ? try $0.flag("renormalize") : false)
        }
        let (losses, weights) = loss(try $0("prediction"), try $0("target"), classWeights: $0.optional("class_weight"))
        if try $0.text("reduction") == "mean", let weights { return [losses.sum() / weights.sum()] }
        return [try reduced(losses, $0)]
    }
    table["categorical_focal"] = {
        if let alpha = $0.optional("alpha") {
            return [
                categoricalFocalLoss(
                    logits: try $0("prediction"), try $0("target"), alpha: alpha, gamma: try $0.number("gamma")
                ).mean()
            ]
        }
        let (prediction, smoothing) = (try $0("prediction"), try $0.number("label_smoothing"))
        let target = try $0("target") * (1 - smoothing) + smoothing / Double(prediction.shape[-1])
        return [
            categoricalFocalLoss(
                probabilities: try $0.flag("from_logits") ? prediction.softmax() : prediction, distribution: target,
                alpha: try $0.number("alpha"), gamma: try $0.number("gamma"), epsilon: try $0.number("epsilon")
            ).mean()
        ]
    }
    table["categorical_hinge"] = pointwise { p, t, _ in categoricalHingeLoss(p, t) }
    table["multi_margin"] = {
        [
            try reduced(
                multiMarginLoss(
                    try $0("prediction"), try $0("target"), margin: try $0.number("margin"), p: try $0.number("p")), $0)
        ]
    }
    table["generalized_cross_entropy"] = {
        [try reduced(generalizedCrossEntropy(try $0("prediction"), try $0("target"), q: try $0.number("q")), $0)]
    }
    table["kl_divergence"] = {
        [
            try reduced(
                klDivergence(
                    logarithms: try $0("prediction"), try $0("target"), isLogarithm: try $0.flag("log_target")), $0)
        ]
    }
    table["kl_divergence_probabilities"] = pointwise { p, t, arguments in
        klDivergence(probabilities: p, t, epsilon: try arguments.number("epsilon"))
    }
    table["distillation"] = {
        [distillationLoss(try $0("student"), teacher: try $0("teacher"), temperature: try $0.number("temperature"))]
    }
    table["vae_kl"] = { [standardNormalDivergence(mean: try $0("mean"), logVariance: try $0("log_variance"))] }
}

private func addEmbeddingLosses(_ table: inout GoldenTable) {
    table["circle"] = {
        [
            try reduced(
                circleLoss(
                    try $0("prediction"), try $0("target"), gamma: try $0.number("gamma"),
                    margin: try $0.number("margin")), $0)
        ]
    }
    table["contrastive"] = {
        [try reduced(contrastiveLoss(try $0("a"), try $0("b"), try $0("target"), margin: try $0.number("margin")), $0)]
    }
    table["cosine_embedding"] = {
        [
            try reduced(
                cosineEmbeddingLoss(try $0("a"), try $0("b"), try $0("target"), margin: try $0.number("margin")), $0)
        ]
    }
    table["cosine_similarity_loss"] = {
        let axis = try $0.integer("axis")
        return [try reduced(-cosineSimilarity(try $0("prediction"), try $0("target"), axis: axis, epsilon: 1e-12), $0)]
    }
    table["info_nce"] = {
        [
            infoNCELoss(
                try $0("query"), try $0("key"), temperature: try $0.number("temperature"),
                isSymmetric: try $0.flag("symmetric"))
        ]
    }
    table["nt_xent"] = {
        [normalizedTemperatureLoss(try $0("a"), try $0("b"), temperature: try $0.number("temperature"))]
    }
    table["triplet"] = {
        let losses = tripletLoss(
            anchor: try $0("anchor"), positive: try $0("positive"), negative: try $0("negative"),
            margin: try $0.number("margin"), p: try $0.number("p"), swaps: try $0.flag("swap"),
            epsilon: try $0.number("epsilon"))
        return [try reduced(losses, $0)]
    }
    table["gram_matrix"] = unary(gramMatrix)
    table["total_variation"] = unary(totalVariation)
}

private func addRegionLosses(_ table: inout GoldenTable) {
    for kind in BoxLoss.allCases {
        table["\(kind.rawValue)_loss"] = {
            [try reduced(kind(try $0("prediction"), try $0("target"), epsilon: try $0.number("epsilon")), $0)]
        }
    }
    table["dice"] = pointwise { p, t, arguments in
        diceLoss(
            p, t, axes: try arguments.axes(), smooth: try arguments.number("smooth"),
            squared: try arguments.flag("squared"))
    }
    table["dice_keras"] = pointwise { p, t, arguments in
        diceLoss(p, t, axes: try arguments.axes(), smooth: 0, epsilon: try arguments.number("epsilon"))
    }
    table["jaccard"] = pointwise { p, t, arguments in
        jaccardLoss(p, t, axes: try arguments.axes(), smooth: try arguments.number("smooth"))
    }
    table["tversky"] = pointwise { p, t, arguments in
        tverskyLoss(
            p, t, alpha: try arguments.number("alpha"), beta: try arguments.number("beta"),
            gamma: try arguments.number("gamma"), axes: try arguments.axes(), smooth: try arguments.number("smooth"))
    }
    table["tversky_keras"] = pointwise { p, t, arguments in
        // Keras' alpha weighs the false negatives.
        tverskyLoss(
            p, t, alpha: try arguments.number("beta"), beta: try arguments.number("alpha"), axes: try arguments.axes(),
            smooth: 0, epsilon: try arguments.number("epsilon"))
    }
}
