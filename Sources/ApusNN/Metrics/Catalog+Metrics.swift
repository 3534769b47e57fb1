import ApusCore

extension Catalog {
    /// Figures of merit: members of ``Metric``, and states and types that stand for themselves.
    public static var metrics: [CatalogEntry] {
        classificationMetrics.grouped("classification")
            + curvesAndCalibrationMetrics.grouped("curves and calibration")
            + likelihoodsAndMarginsMetrics.grouped("likelihoods and margins")
            + regressionMetrics.grouped("regression")
            + imagesMetrics.grouped("images")
            + detectionMetrics.grouped("detection")
            + textMetrics.grouped("text")
            + audioMetrics.grouped("audio")
            + retrievalMetrics.grouped("retrieval")
            + associationAndClustersMetrics.grouped("association and clusters")
            + wrappersMetrics.grouped("wrappers")
    }

    private static let classificationMetrics: [CatalogEntry] = [
        CatalogEntry(
            "Metric.accuracy", "The share of samples whose largest score is that of their label",
            keras: ["SparseCategoricalAccuracy"], torch: ["Accuracy"]),
        CatalogEntry(
            "Metric.categoricalAccuracy",
            "The share of samples whose largest score is where their one-hot row has its largest",
            keras: ["CategoricalAccuracy"]),
        CatalogEntry("Metric.equality", "The share of outputs that equal their targets", keras: ["Accuracy"]),
        CatalogEntry(
            "Metric.binaryAccuracy", "The share of scores on the right side of a threshold", keras: ["BinaryAccuracy"]),
        CatalogEntry(
            "Metric.topKAccuracy", "The share of samples whose label is among the largest scores",
            keras: ["SparseTopKCategoricalAccuracy"]),
        CatalogEntry(
            "Metric.topKCategoricalAccuracy",
            "The share of samples whose one-hot row has its largest among the largest scores",
            keras: ["TopKCategoricalAccuracy"]),
        CatalogEntry(
            "Metric.exactMatch", "The share of samples of which every element is right", torch: ["ExactMatch"]),
        CatalogEntry("Metric.hammingDistance", "The share of elements that are wrong", torch: ["HammingDistance"]),
        CatalogEntry("Metric.balancedAccuracy", "The mean recall of the classes"),
        CatalogEntry(
            "Metric.precision", "The share of right predictions among those of a class", keras: ["Precision"],
            torch: ["Precision"]),
        CatalogEntry("Metric.recall", "The share of a class that was found", keras: ["Recall"], torch: ["Recall"]),
        CatalogEntry(
            "Metric.specificity", "The share of the others that were not taken for a class", torch: ["Specificity"]),
        CatalogEntry(
            "Metric.negativePredictiveValue", "The share of right predictions among those of other classes",
            torch: ["NegativePredictiveValue"]),
        CatalogEntry("Metric.f1", "The harmonic mean of precision and recall", keras: ["F1Score"], torch: ["F1Score"]),
        CatalogEntry(
            "Metric.fBeta", "The harmonic mean of precision and recall with a weight on recall", keras: ["FBetaScore"],
            torch: ["FBetaScore"]),
        CatalogEntry(
            "Metric.intersectionOverUnion", "Intersection over union of classes",
            keras: ["IoU", "BinaryIoU", "OneHotIoU"], torch: ["JaccardIndex"]),
        CatalogEntry(
            "Metric.meanIntersectionOverUnion", "Intersection over union, mean over the classes that occur",
            keras: ["MeanIoU", "OneHotMeanIoU"]),
        CatalogEntry("Metric.dice", "Twice the intersection over the sum of both sizes"),
        CatalogEntry("Metric.cohenKappa", "Agreement beyond chance", torch: ["CohenKappa"]),
        CatalogEntry(
            "Metric.matthewsCorrelation", "The correlation of predictions and labels", torch: ["MatthewsCorrCoef"]),
        CatalogEntry("Metric.confusionMatrix", "How often each class is taken for each", torch: ["ConfusionMatrix"]),
        CatalogEntry("Metric.truePositives", "How many scores above the threshold should be", keras: ["TruePositives"]),
        CatalogEntry(
            "Metric.falsePositives", "How many scores above the threshold should not be", keras: ["FalsePositives"]),
        CatalogEntry("Metric.trueNegatives", "How many scores below the threshold should be", keras: ["TrueNegatives"]),
        CatalogEntry(
            "Metric.falseNegatives", "How many scores below the threshold should not be", keras: ["FalseNegatives"]),
        CatalogEntry("Metric.statScores", "All four counts and the support", torch: ["StatScores"]),
        CatalogEntry("fleissKappa", "Agreement of any number of raters beyond chance", torch: ["FleissKappa"]),
        CatalogEntry("ConfusionMatrix", "Counts of labels against predictions, with all figures that follow from them"),
    ]

    private static let curvesAndCalibrationMetrics: [CatalogEntry] = [
        CatalogEntry(
            "Metric.areaUnderROC", "The chance that a positive scores above a negative", keras: ["AUC"],
            torch: ["AUROC"]),
        CatalogEntry("Metric.areaUnderPrecisionRecall", "The area under the curve of precision over recall"),
        CatalogEntry(
            "Metric.averagePrecision", "The mean of the precisions, weighted by the recall that each adds",
            torch: ["AveragePrecision"]),
        CatalogEntry(
            "Metric.logarithmicArea", "The area under the ROC curve over a logarithmic axis", torch: ["LogAUC"]),
        CatalogEntry(
            "Metric.precisionAtRecall", "The best precision with at least some recall", keras: ["PrecisionAtRecall"],
            torch: ["PrecisionAtFixedRecall"]),
        CatalogEntry(
            "Metric.recallAtPrecision", "The best recall with at least some precision", keras: ["RecallAtPrecision"],
            torch: ["RecallAtFixedPrecision"]),
        CatalogEntry(
            "Metric.sensitivityAtSpecificity", "The best sensitivity with at least some specificity",
            keras: ["SensitivityAtSpecificity"], torch: ["SensitivityAtSpecificity"]),
        CatalogEntry(
            "Metric.specificityAtSensitivity", "The best specificity with at least some sensitivity",
            keras: ["SpecificityAtSensitivity"], torch: ["SpecificityAtSensitivity"]),
        CatalogEntry("Metric.calibrationError", "How far confidences are from accuracies", torch: ["CalibrationError"]),
        CatalogEntry(
            "RankedScores", "All scores with their labels: ROC and precision-recall curves, exact areas",
            torch: ["ROC", "PrecisionRecallCurve"]),
        CatalogEntry("ThresholdCounts", "Counts at thresholds: approximate curves in little memory"),
        CatalogEntry("CalibrationBins", "Confidences and accuracies by bins, for reliability diagrams"),
    ]

    private static let likelihoodsAndMarginsMetrics: [CatalogEntry] = [
        CatalogEntry(
            "Metric.crossEntropy", "The mean negative log probability of the labels",
            keras: ["SparseCategoricalCrossentropy", "CategoricalCrossentropy"]),
        CatalogEntry(
            "Metric.binaryCrossEntropy", "The mean negative log probability of truth values",
            keras: ["BinaryCrossentropy"]),
        CatalogEntry("Metric.perplexity", "The exponential of the cross-entropy", torch: ["Perplexity"]),
        CatalogEntry("Metric.brierScore", "The squared distance of probabilities from what happened"),
        CatalogEntry("Metric.hinge", "max(1 - y p, 0)", keras: ["Hinge"], torch: ["HingeLoss"]),
        CatalogEntry("Metric.squaredHinge", "max(1 - y p, 0)²", keras: ["SquaredHinge"]),
        CatalogEntry(
            "Metric.categoricalHinge", "The margin between the right class and the best other one",
            keras: ["CategoricalHinge"]),
        CatalogEntry(
            "Metric.klDivergence", "The Kullback-Leibler divergence", keras: ["KLDivergence"], torch: ["KLDivergence"]),
        CatalogEntry("Metric.poisson", "The Poisson loss", keras: ["Poisson"]),
    ]

    private static let regressionMetrics: [CatalogEntry] = [
        CatalogEntry(
            "Metric.meanAbsoluteError", "The mean of |p - t|", keras: ["MeanAbsoluteError"],
            torch: ["MeanAbsoluteError"]),
        CatalogEntry(
            "Metric.meanSquaredError", "The mean of (p - t)²", keras: ["MeanSquaredError"],
            torch: ["MeanSquaredError"]),
        CatalogEntry(
            "Metric.rootMeanSquaredError", "The root of the mean of (p - t)²", keras: ["RootMeanSquaredError"]),
        CatalogEntry(
            "Metric.normalizedRootMeanSquaredError", "The same over the mean, range, deviation or norm of the targets",
            torch: ["NormalizedRootMeanSquaredError"]),
        CatalogEntry(
            "Metric.meanAbsolutePercentageError", "The mean of |p - t| / |t|", keras: ["MeanAbsolutePercentageError"],
            torch: ["MeanAbsolutePercentageError"]),
        CatalogEntry(
            "Metric.symmetricPercentageError", "The mean of 2 |p - t| / (|p| + |t|)",
            torch: ["SymmetricMeanAbsolutePercentageError"]),
        CatalogEntry(
            "Metric.weightedPercentageError", "The sum of |p - t| over the sum of |t|",
            torch: ["WeightedMeanAbsolutePercentageError"]),
        CatalogEntry(
            "Metric.meanSquaredLogError", "The mean squared difference of log(1 + x)",
            keras: ["MeanSquaredLogarithmicError"], torch: ["MeanSquaredLogError"]),
        CatalogEntry("Metric.logCosh", "The mean of log cosh(p - t)", keras: ["LogCoshError"], torch: ["LogCoshError"]),
        CatalogEntry(
            "Metric.minkowskiDistance", "The root of some order of the sum of |p - t| to that order",
            torch: ["MinkowskiDistance"]),
        CatalogEntry(
            "Metric.tweedieDeviance", "The deviance of a Tweedie distribution", torch: ["TweedieDevianceScore"]),
        CatalogEntry(
            "Metric.criticalSuccessIndex", "Events that were forecast among all that were forecast or happened",
            torch: ["CriticalSuccessIndex"]),
        CatalogEntry(
            "Metric.cosineSimilarity", "The cosine of the angle between rows", keras: ["CosineSimilarity"],
            torch: ["CosineSimilarity"]),
        CatalogEntry(
            "Metric.r2", "The share of the variance that is explained, less the bias", keras: ["R2Score"],
            torch: ["R2Score"]),
        CatalogEntry(
            "Metric.explainedVariance", "The share of the variance that is explained", torch: ["ExplainedVariance"]),
        CatalogEntry(
            "Metric.relativeSquaredError", "The squared error over that of the mean", torch: ["RelativeSquaredError"]),
        CatalogEntry(
            "Metric.pearsonCorrelation", "The linear correlation", keras: ["PearsonCorrelation"],
            torch: ["PearsonCorrCoef"]),
        CatalogEntry("Metric.spearmanCorrelation", "The correlation of ranks", torch: ["SpearmanCorrCoef"]),
        CatalogEntry(
            "Metric.kendallCorrelation", "Pairs in order less pairs out of order", torch: ["KendallRankCorrCoef"]),
        CatalogEntry(
            "Metric.concordanceCorrelation", "The correlation, less what location and scale differ",
            keras: ["ConcordanceCorrelation"], torch: ["ConcordanceCorrCoef"]),
        CatalogEntry("Metric.medianAbsoluteError", "The median of |p - t|"),
        CatalogEntry("Metric.largestError", "The largest |p - t|"),
        CatalogEntry("PairMoments", "Moments of outputs and targets, and the figures that follow from them"),
        CatalogEntry("PairSamples", "All pairs, for figures of ranks and medians"),
        CatalogEntry("LargestDifference", "The largest |p - t| so far"),
    ]

    private static let imagesMetrics: [CatalogEntry] = [
        CatalogEntry(
            "Metric.peakSignalNoiseRatio", "The squared range over the mean squared error, in dB",
            torch: ["PeakSignalNoiseRatio"]),
        CatalogEntry(
            "Metric.structuralSimilarity", "How alike windows are in mean, variance and covariance",
            keras: ["ops.image.ssim"], torch: ["StructuralSimilarityIndexMeasure"]),
        CatalogEntry(
            "Metric.multiScaleStructuralSimilarity", "The same over several scales",
            torch: ["MultiScaleStructuralSimilarityIndexMeasure"]),
        CatalogEntry(
            "Metric.universalImageQuality", "Structural similarity without constants",
            torch: ["UniversalImageQualityIndex"]),
        CatalogEntry(
            "Metric.spectralAngle", "The angle between the channels of pixels", torch: ["SpectralAngleMapper"]),
        CatalogEntry("SampleCoverage", "Precision, recall, density, coverage and diversity of generated samples"),
        CatalogEntry(
            "frechetDistance", "The distance of two sets of features as normal distributions (FID)",
            torch: ["FrechetInceptionDistance"]),
        CatalogEntry(
            "Metric.totalVariation", "The sum of the differences of neighbouring pixels", torch: ["TotalVariation"]),
        CatalogEntry(
            "Metric.relativeGlobalError", "ERGAS, of images of different resolutions",
            torch: ["ErrorRelativeGlobalDimensionlessSynthesis"]),
        CatalogEntry(
            "Metric.slidingRootMeanSquaredError", "The root mean squared error in windows",
            torch: ["RootMeanSquaredErrorUsingSlidingWindow"]),
        CatalogEntry("Metric.relativeSpectralError", "RASE, in windows", torch: ["RelativeAverageSpectralError"]),
        CatalogEntry(
            "Metric.spectralDistortion", "How far channels resemble each other otherwise than they should",
            torch: ["SpectralDistortionIndex"]),
    ]

    private static let detectionMetrics: [CatalogEntry] = [
        CatalogEntry(
            "MeanAveragePrecision", "COCO's average precisions and recalls of boxes", torch: ["MeanAveragePrecision"]),
        CatalogEntry(
            "Metric.panopticQuality", "How well categories and instances of all pixels are found",
            torch: ["PanopticQuality", "ModifiedPanopticQuality"]),
        CatalogEntry("PanopticQuality", "The same with the quality of each category"),
    ]

    private static let textMetrics: [CatalogEntry] = [
        CatalogEntry(
            "BLEU", "Runs of words that translations share with references", torch: ["BLEUScore", "SacreBLEUScore"]),
        CatalogEntry("ROUGE", "How much of references summaries contain", torch: ["ROUGEScore"]),
        CatalogEntry("CharacterFScore", "chrF: the F-score of runs of characters and words", torch: ["CHRFScore"]),
        CatalogEntry(
            "TranslationEditRate", "Edits and shifts that turn a translation into a reference",
            torch: ["TranslationEditRate"]),
        CatalogEntry(
            "TranscriptionErrors", "Word, character and match error rates, information lost and preserved",
            torch: [
                "WordErrorRate", "CharErrorRate", "MatchErrorRate", "WordInfoLost", "WordInfoPreserved", "EditDistance",
            ]),
        CatalogEntry("AnswerScore", "Exact matches and F1 of answers to questions", torch: ["SQuAD"]),
        CatalogEntry("editDistance", "Insertions, deletions and substitutions between two sequences"),
        CatalogEntry("extendedEditDistance", "An edit distance with jumps, of texts", torch: ["ExtendedEditDistance"]),
    ]

    private static let audioMetrics: [CatalogEntry] = [
        CatalogEntry(
            "Metric.signalNoiseRatio", "The power of the target over that of the difference, in dB",
            torch: ["SignalNoiseRatio"]),
        CatalogEntry(
            "Metric.scaleInvariantDistortionRatio", "The same of the target scaled to fit",
            torch: ["ScaleInvariantSignalDistortionRatio"]),
        CatalogEntry(
            "Metric.scaleInvariantNoiseRatio", "The same of signals without mean",
            torch: ["ScaleInvariantSignalNoiseRatio"]),
        CatalogEntry(
            "Metric.signalDistortionRatio", "The same after the best filter of the target",
            torch: ["SignalDistortionRatio"]),
        CatalogEntry(
            "Metric.permutationInvariant", "A figure under the best assignment of signals to speakers",
            torch: ["PermutationInvariantTraining"]),
    ]

    private static let retrievalMetrics: [CatalogEntry] = [
        CatalogEntry(
            "Metric.retrievalAveragePrecision", "The mean precision at the relevant answers", torch: ["RetrievalMAP"]),
        CatalogEntry(
            "Metric.meanReciprocalRank", "One over the rank of the first relevant answer", torch: ["RetrievalMRR"]),
        CatalogEntry(
            "Metric.normalizedGain", "nDCG: relevances discounted by rank, over the best order's",
            torch: ["RetrievalNormalizedDCG"]),
        CatalogEntry(
            "Metric.retrievalPrecision", "Relevant answers among the first, as a share", torch: ["RetrievalPrecision"]),
        CatalogEntry(
            "Metric.retrievalRecall", "The share of the relevant answers that are among the first",
            torch: ["RetrievalRecall"]),
        CatalogEntry(
            "Metric.hitRate", "The share of queries with a relevant answer among the first", torch: ["RetrievalHitRate"]
        ),
        CatalogEntry(
            "Metric.fallOut", "The share of the irrelevant answers that are among the first",
            torch: ["RetrievalFallOut"]),
        CatalogEntry(
            "Metric.rPrecision", "The precision among as many answers as are relevant", torch: ["RetrievalRPrecision"]),
        CatalogEntry(
            "Retrieval", "Answers to queries: all figures above, curves and recall at a precision",
            torch: ["RetrievalPrecisionRecallCurve", "RetrievalRecallAtFixedPrecision"]),
    ]

    private static let associationAndClustersMetrics: [CatalogEntry] = [
        CatalogEntry("Metric.cramersV", "Cramér's V of two labellings", torch: ["CramersV"]),
        CatalogEntry("Metric.tschuprowsT", "Tschuprow's T", torch: ["TschuprowsT"]),
        CatalogEntry(
            "Metric.contingency", "Pearson's contingency coefficient", torch: ["PearsonsContingencyCoefficient"]),
        CatalogEntry(
            "Metric.theilsU", "The share of one labelling's entropy that the other explains", torch: ["TheilsU"]),
        CatalogEntry("Metric.mutualInformation", "What two labellings tell of each other", torch: ["MutualInfoScore"]),
        CatalogEntry(
            "Metric.normalizedMutualInformation", "The same over the mean of the entropies",
            torch: ["NormalizedMutualInfoScore"]),
        CatalogEntry("Metric.adjustedMutualInformation", "The same beyond chance", torch: ["AdjustedMutualInfoScore"]),
        CatalogEntry("Metric.randIndex", "The share of pairs that both labellings treat alike", torch: ["RandScore"]),
        CatalogEntry("Metric.adjustedRandIndex", "The same beyond chance", torch: ["AdjustedRandScore"]),
        CatalogEntry("Metric.homogeneity", "Whether clusters hold one class each", torch: ["HomogeneityScore"]),
        CatalogEntry("Metric.completeness", "Whether classes lie in one cluster each", torch: ["CompletenessScore"]),
        CatalogEntry("Metric.vMeasure", "The harmonic mean of both", torch: ["VMeasureScore"]),
        CatalogEntry(
            "Metric.fowlkesMallows", "The geometric mean of the precision and recall of pairs",
            torch: ["FowlkesMallowsIndex"]),
        CatalogEntry(
            "Metric.calinskiHarabasz", "The dispersion between clusters over that within",
            torch: ["CalinskiHarabaszScore"]),
        CatalogEntry("Metric.daviesBouldin", "How wide clusters are for their distance", torch: ["DaviesBouldinScore"]),
        CatalogEntry("Metric.dunn", "The smallest distance of centres over the largest width", torch: ["DunnIndex"]),
        CatalogEntry("ClusterSamples", "Samples with their clusters, and the figures that follow from them"),
    ]

    private static let wrappersMetrics: [CatalogEntry] = [
        CatalogEntry(
            "Metric",
            "A figure of merit over batches, of your own: a mean of a function, or a state and a function of it",
            keras: ["MeanMetricWrapper"], torch: ["Metric"]),
        CatalogEntry(
            "Aggregate", "The mean, sum, minimum or maximum of numbers, all or the last few, or all of them",
            keras: ["Mean", "Sum"],
            torch: ["MeanMetric", "SumMetric", "MinMetric", "MaxMetric", "RunningMean", "RunningSum", "CatMetric"]),
        CatalogEntry(
            "MetricCollection", "Several metrics that see the same batches",
            torch: ["MetricCollection", "MultitaskWrapper"]),
        CatalogEntry(
            "MetricTracker", "The values of a metric over epochs, and the best of them",
            torch: ["MetricTracker", "MinMaxMetric"]),
        CatalogEntry(
            "Metric.multiOutput", "A metric of each column", torch: ["MultioutputWrapper", "ClasswiseWrapper"]),
        CatalogEntry("Metric.byGroup", "A metric of each group of samples"),
        CatalogEntry("Metric.bootstrapped", "A metric with its standard error", torch: ["BootStrapper"]),
    ]
}
