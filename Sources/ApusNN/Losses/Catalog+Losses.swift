import ApusCore

extension Catalog {
    /// The losses, as `apus losses` lists them.
    public static var losses: [CatalogEntry] {
        numberLosses.grouped("numbers") + classLosses.grouped("classes") + marginLosses.grouped("margins")
            + regionLosses.grouped("regions") + embeddingLosses.grouped("embeddings")
            + sequenceLosses.grouped("sequences") + lossForms.grouped("forms")
    }

    private static let numberLosses: [CatalogEntry] = [
        CatalogEntry(
            "Loss.meanSquaredError", "(output - target)^2", keras: ["MeanSquaredError"], torch: ["MSELoss"],
            mlx: ["mseLoss"]),
        CatalogEntry(
            "Loss.meanAbsoluteError", "|output - target|", keras: ["MeanAbsoluteError"], torch: ["L1Loss"],
            mlx: ["l1Loss"]),
        CatalogEntry(
            "Loss.meanAbsolutePercentageError", "100 |output - target| / |target|",
            keras: ["MeanAbsolutePercentageError"]),
        CatalogEntry(
            "Loss.meanSquaredLogarithmicError", "Squared differences of log(1 + x)",
            keras: ["MeanSquaredLogarithmicError"]),
        CatalogEntry("Loss.powerError", "|output - target|^p"),
        CatalogEntry(
            "Loss.huber", "Squared up to a distance, linear beyond", keras: ["Huber"], torch: ["HuberLoss"],
            mlx: ["huberLoss"]),
        CatalogEntry(
            "Loss.smoothL1", "Huber's loss divided by its distance", torch: ["SmoothL1Loss"], mlx: ["smoothL1Loss"]),
        CatalogEntry("Loss.logCosh", "log(cosh(output - target))", keras: ["LogCosh"], mlx: ["logCoshLoss"]),
        CatalogEntry("Loss.poisson", "output - target log(output)", keras: ["Poisson"]),
        CatalogEntry(
            "Loss.poissonNegativeLogLikelihood", "The likelihood of counts for rates or their logarithms",
            torch: ["PoissonNLLLoss"]),
        CatalogEntry(
            "Loss.gaussianNegativeLogLikelihood", "The likelihood of numbers for means and variances",
            torch: ["GaussianNLLLoss"]),
        CatalogEntry("standardNormalDivergence", "How far codes are from a standard normal distribution"),
        CatalogEntry("totalVariation", "Differences of neighbouring pixels"),
        CatalogEntry("gramMatrix", "Products of channels, for style losses"),
    ]

    private static let classLosses: [CatalogEntry] = [
        CatalogEntry(
            "Loss.softmaxCrossEntropy", "Cross-entropy of logits with integer labels",
            keras: ["SparseCategoricalCrossentropy", "ops.sparse_categorical_crossentropy"],
            torch: ["CrossEntropyLoss"], mlx: ["crossEntropy"]),
        CatalogEntry(
            "Loss.crossEntropy", "The same with class weights, smoothed labels, an ignored label, or distributions",
            keras: ["CategoricalCrossentropy", "ops.categorical_crossentropy"],
            torch: ["CrossEntropyLoss", "NLLLoss", "NLLLoss2d"],
            mlx: ["crossEntropy", "nllLoss"]),
        CatalogEntry(
            "Loss.binaryCrossEntropy", "Cross-entropy of answers that are yes or no",
            keras: ["BinaryCrossentropy", "ops.binary_crossentropy"],
            torch: ["BCEWithLogitsLoss", "BCELoss"], mlx: ["binaryCrossEntropy"]),
        CatalogEntry(
            "Loss.binaryFocal", "The same with less weight on what is answered well",
            keras: ["BinaryFocalCrossentropy"], torch: ["sigmoid_focal_loss"]),
        CatalogEntry(
            "Loss.categoricalFocal", "Cross-entropy with less weight on what is answered well",
            keras: ["CategoricalFocalCrossentropy"]),
        CatalogEntry(
            "Loss.generalizedCrossEntropy", "Cross-entropy that forgives wrong labels",
            keras: ["CategoricalGeneralizedCrossEntropy"]),
        CatalogEntry(
            "Loss.klDivergence", "The divergence of distributions", keras: ["KLDivergence"], torch: ["KLDivLoss"],
            mlx: ["klDivLoss"]),
        CatalogEntry(
            "Loss.multiLabelSoftMargin", "Binary cross-entropy, mean over classes", torch: ["MultiLabelSoftMarginLoss"]
        ),
        CatalogEntry(
            "linearCrossEntropy", "Cross-entropy of a last layer, in chunks of rows",
            torch: ["LinearCrossEntropyLoss"]),
        CatalogEntry("MassFunctions.entropy", "Entropies and divergences of mass functions, in any base"),
        CatalogEntry("distillationLoss", "The divergence of a student's softened classes from a teacher's"),
    ]

    private static let marginLosses: [CatalogEntry] = [
        CatalogEntry("Loss.hinge", "max(0, 1 - target output)", keras: ["Hinge"], mlx: ["hingeLoss"]),
        CatalogEntry("Loss.squaredHinge", "Its square", keras: ["SquaredHinge"]),
        CatalogEntry(
            "Loss.categoricalHinge", "The margin of the right class over the best other", keras: ["CategoricalHinge"]),
        CatalogEntry("Loss.softMargin", "log(1 + exp(-target output))", torch: ["SoftMarginLoss"]),
        CatalogEntry("Loss.multiMargin", "Margins of the label over all classes", torch: ["MultiMarginLoss"]),
        CatalogEntry(
            "Loss.multiLabelMargin", "Margins of labels over other classes", torch: ["MultiLabelMarginLoss"]),
        CatalogEntry(
            "Loss.hingeEmbedding", "Distances of equal and unequal pairs", torch: ["HingeEmbeddingLoss"]),
        CatalogEntry("marginRankingLoss", "Which of two is to be larger", torch: ["MarginRankingLoss"]),
    ]

    private static let regionLosses: [CatalogEntry] = [
        CatalogEntry("Loss.dice", "One minus the overlap of regions", keras: ["Dice"]),
        CatalogEntry("Loss.jaccard", "One minus intersection over union of regions"),
        CatalogEntry("Loss.tversky", "Dice's loss with factors for both kinds of mistakes", keras: ["Tversky"]),
        CatalogEntry(
            "Loss.boxes", "How badly boxes match: IoU, GIoU, DIoU or CIoU",
            torch: [
                "generalized_box_iou_loss", "distance_box_iou_loss", "complete_box_iou_loss",
            ]),
    ]

    private static let embeddingLosses: [CatalogEntry] = [
        CatalogEntry(
            "Loss.cosineSimilarity", "Minus the cosine of the angle", keras: ["CosineSimilarity"],
            mlx: ["cosineSimilarityLoss"]),
        CatalogEntry("Loss.circle", "Embeddings of one class come together", keras: ["Circle"]),
        CatalogEntry("cosineEmbeddingLoss", "Angles of equal and unequal pairs", torch: ["CosineEmbeddingLoss"]),
        CatalogEntry("contrastiveLoss", "Squared distances of equal and unequal pairs"),
        CatalogEntry(
            "tripletLoss", "An anchor is nearer to its like than to others, in any distance",
            torch: ["TripletMarginLoss", "TripletMarginWithDistanceLoss"], mlx: ["tripletLoss"]),
        CatalogEntry("angularMarginLoss", "Angles to class centres, widened by a margin (ArcFace)"),
        CatalogEntry("infoNCELoss", "Queries find their keys among all"),
        CatalogEntry("normalizedTemperatureLoss", "Two views of a batch find each other (NT-Xent)"),
    ]

    private static let sequenceLosses: [CatalogEntry] = [
        CatalogEntry(
            "Loss.ctc", "All alignments of frames with labels", keras: ["CTC", "ops.ctc_loss"], torch: ["CTCLoss"]),
        CatalogEntry("transducerLoss", "All ways of a recurrent transducer (RNN-T)"),
    ]

    private static let lossForms: [CatalogEntry] = [
        CatalogEntry("AdversarialLoss", "Objectives of a generator and a discriminator"),
        CatalogEntry("Loss.reduced", "Mean, sum, weighted mean or none"),
        CatalogEntry("Loss.classWeighted", "Samples weighed by their class"),
        CatalogEntry("Loss.+", "Sums of losses with factors"),
        CatalogEntry("Loss.init", "A loss of your own"),
    ]
}
