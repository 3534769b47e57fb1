import ApusCore

extension Catalog {
    /// The entries of layers that exist for several numbers of spatial axes; `#` stands for that number.
    private static func family(
        _ name: String, _ axes: ClosedRange<Int>, _ summary: String, keras: [String] = [], torch: [String] = [],
        mlx: [String] = []
    ) -> [CatalogEntry] {
        axes.map { count in
            func numbered(_ names: [String]) -> [String] {
                names.map { $0.replacing("#", with: "\(count)") }
            }
            let images = count == 1 ? "sequences" : count == 2 ? "images" : "volumes"
            return CatalogEntry(
                numbered([name])[0], "\(summary) of \(images)", keras: numbered(keras), torch: numbered(torch),
                mlx: numbered(mlx))
        }
    }

    static let coreLayers: [CatalogEntry] = [
        CatalogEntry(
            "Dense", "Fully connected: activation(x · weight + bias)", keras: ["Dense"],
            torch: ["Linear", "LazyLinear"],
            mlx: ["Linear"]),
        CatalogEntry(
            "TernaryDense", "Fully connected, with the weights -1, 0 and 1 alone", keras: ["TernaryDense"]),
        CatalogEntry(
            "Bilinear", "A product of two inputs with a tensor of weights", torch: ["Bilinear"], mlx: ["Bilinear"]),
        CatalogEntry("EinsumDense", "A dense layer in Einstein's notation", keras: ["EinsumDense"]),
        CatalogEntry(
            "Embedding", "A vector for each word of a vocabulary", keras: ["Embedding"], torch: ["Embedding"],
            mlx: ["Embedding"]),
        CatalogEntry(
            "EmbeddingBag", "The sum, mean or maximum of the vectors of a bag of words", torch: ["EmbeddingBag"]),
        CatalogEntry(
            "TiedEmbedding", "An embedding whose table also scores words", keras: ["ReversibleEmbedding"],
            mlx: ["Embedding.asLinear"]),
        CatalogEntry(
            "AdaptiveLogSoftmax", "Probabilities of very many classes, cheap for frequent ones",
            torch: ["AdaptiveLogSoftmaxWithLoss"]),
        CatalogEntry("Identity", "Gives its input back", keras: ["Identity"], torch: ["Identity"], mlx: ["Identity"]),
        CatalogEntry("Lambda", "Any function of tensors", keras: ["Lambda"]),
        CatalogEntry("Masking", "Steps that stand for padding set to zero", keras: ["Masking"]),
        CatalogEntry("Perceptron", "Rosenblatt's units with a step, and their learning rule"),
        CatalogEntry("Rescaling", "x * scale + offset", keras: ["Rescaling"]),
        CatalogEntry("Normalization", "Channels standardised by the training data", keras: ["Normalization"]),
    ]

    static let activationLayers: [CatalogEntry] = [
        CatalogEntry(
            "Activation", "A function of each element", keras: ["Activation"],
            torch: [
                "CELU", "GELU", "Hardshrink", "Hardsigmoid", "Hardswish", "Hardtanh", "LogSigmoid", "LogSoftmax",
                "Mish",
                "ReLU6", "SELU", "SiLU", "Sigmoid", "Softmin", "Softplus", "Softshrink", "Softsign", "Tanh",
                "Tanhshrink",
                "Threshold",
            ]),
        CatalogEntry(
            "ReLU", "max(x, 0), with a maximum, slope or threshold", keras: ["ReLU"], torch: ["ReLU"], mlx: ["ReLU"]),
        CatalogEntry(
            "LeakyReLU", "x where positive, else a small part of it", keras: ["LeakyReLU"], torch: ["LeakyReLU"],
            mlx: ["LeakyReLU"]),
        CatalogEntry(
            "PReLU", "x where positive, else x times a learnt slope", keras: ["PReLU"], torch: ["PReLU"], mlx: ["PReLU"]
        ),
        CatalogEntry("RReLU", "x where positive, else x times a random slope", torch: ["RReLU"]),
        CatalogEntry(
            "ELU", "x where positive, else alpha (exp(x) - 1)", keras: ["ELU"], torch: ["ELU"], mlx: ["ELU"]),
        CatalogEntry(
            "Softmax", "exp(x) / sum(exp(x)) along an axis", keras: ["Softmax"], torch: ["Softmax", "Softmax2d"],
            mlx: ["Softmax"]),
        CatalogEntry("Maxout", "The maximum of each run of channels"),
        CatalogEntry("GLU", "Half of the channels weighed by the other half", torch: ["GLU"], mlx: ["GLU"]),
    ]

    static let convolutionLayers: [CatalogEntry] =
        family(
            "Conv#D", 1...3, "Convolution", keras: ["Conv#D", "Convolution#D"], torch: ["Conv#d", "LazyConv#d"],
            mlx: ["Conv#d"])
        + family(
            "TransposedConv#D", 1...3, "Transposed convolution", keras: ["Conv#DTranspose", "Convolution#DTranspose"],
            torch: ["ConvTranspose#d", "LazyConvTranspose#d"], mlx: ["ConvTransposed#d"])
        + family("DepthwiseConv#D", 1...2, "Convolution of each channel", keras: ["DepthwiseConv#D"])
        + family("DepthwiseConv#D", 3...3, "Convolution of each channel")
        + family(
            "SeparableConv#D", 1...2, "Depthwise and pointwise convolution",
            keras: ["SeparableConv#D", "SeparableConvolution#D"])
        + family("SeparableConv#D", 3...3, "Depthwise and pointwise convolution")
        + family("LocallyConnected#D", 1...2, "Convolution with weights that are not shared")
        + [
            CatalogEntry(
                "DeformableConv2D", "Convolution whose taps move by learnt distances", torch: ["DeformConv2d"]),
            CatalogEntry("Dilation2D", "Grey-scale dilation by a learnt kernel"),
            CatalogEntry("Erosion2D", "Grey-scale erosion by a learnt kernel"),
            CatalogEntry("Unfold", "The patches under a moving window", torch: ["Unfold"]),
            CatalogEntry("Fold", "Patches added up where they overlap", torch: ["Fold"]),
        ]

    static let poolingLayers: [CatalogEntry] =
        family(
            "MaxPool#D", 1...3, "The largest value of each window", keras: ["MaxPooling#D", "MaxPool#D"],
            torch: ["MaxPool#d"], mlx: ["MaxPool#d"])
        + family(
            "AveragePool#D", 1...3, "The mean of each window", keras: ["AveragePooling#D", "AvgPool#D"],
            torch: ["AvgPool#d"], mlx: ["AvgPool#d"])
        + family("LPPool#D", 1...3, "The norm of each window", torch: ["LPPool#d"])
        + family(
            "GlobalAveragePool#D", 1...3, "The mean of each channel",
            keras: ["GlobalAveragePooling#D", "GlobalAvgPool#D"])
        + family(
            "GlobalMaxPool#D", 1...3, "The largest value of each channel",
            keras: ["GlobalMaxPooling#D", "GlobalMaxPool#D"])
        + family(
            "AdaptiveAveragePool#D", 1...3, "Means of so many regions", keras: ["AdaptiveAveragePooling#D"],
            torch: ["AdaptiveAvgPool#d"])
        + family(
            "AdaptiveMaxPool#D", 1...3, "Maxima of so many regions", keras: ["AdaptiveMaxPooling#D"],
            torch: ["AdaptiveMaxPool#d"])
        + family("FractionalMaxPool#D", 2...3, "Max pooling to a fraction", torch: ["FractionalMaxPool#d"])
        + family("MaxUnpool#D", 1...3, "Pooled values put back", torch: ["MaxUnpool#d"])

    static let normalizationLayers: [CatalogEntry] = [
        CatalogEntry(
            "BatchNorm", "Channels normalised by the statistics of the batch", keras: ["BatchNormalization"],
            torch: [
                "BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "LazyBatchNorm1d", "LazyBatchNorm2d", "LazyBatchNorm3d",
                "SyncBatchNorm",
            ], mlx: ["BatchNorm"]),
        CatalogEntry("FrozenBatchNorm", "Batch norm by fixed statistics", torch: ["FrozenBatchNorm2d"]),
        CatalogEntry(
            "LayerNorm", "Features of each sample normalised", keras: ["LayerNormalization"], torch: ["LayerNorm"],
            mlx: ["LayerNorm"]),
        CatalogEntry(
            "RMSNorm", "Features divided by the root of their mean square", keras: ["RMSNormalization"],
            torch: ["RMSNorm"], mlx: ["RMSNorm"]),
        CatalogEntry(
            "GroupNorm", "Runs of channels of each sample normalised", keras: ["GroupNormalization"],
            torch: ["GroupNorm"], mlx: ["GroupNorm"]),
        CatalogEntry(
            "InstanceNorm", "Channels of each sample normalised",
            torch: [
                "InstanceNorm1d", "InstanceNorm2d", "InstanceNorm3d", "LazyInstanceNorm1d", "LazyInstanceNorm2d",
                "LazyInstanceNorm3d",
            ], mlx: ["InstanceNorm"]),
        CatalogEntry(
            "LocalResponseNorm", "Channels divided by those around them",
            torch: ["LocalResponseNorm", "CrossMapLRN2d"]),
        CatalogEntry("UnitNormalization", "Vectors brought to length 1", keras: ["UnitNormalization"]),
        CatalogEntry(
            "SpectralNorm", "A layer whose kernel is divided by its largest singular value",
            keras: ["SpectralNormalization"], torch: ["utils.parametrizations.spectral_norm"]),
        CatalogEntry(
            "WeightNorm", "A layer whose kernel is a direction and a length",
            torch: ["utils.parametrizations.weight_norm"]),
    ]

    static let regularizationLayers: [CatalogEntry] =
        [
            CatalogEntry(
                "Dropout", "Elements dropped at random while training", keras: ["Dropout", "random.dropout"],
                torch: ["Dropout"],
                mlx: ["Dropout"]),
            CatalogEntry("AlphaDropout", "Dropout for SELU networks", keras: ["AlphaDropout"], torch: ["AlphaDropout"]),
            CatalogEntry(
                "FeatureAlphaDropout", "Whole channels dropped in SELU networks", torch: ["FeatureAlphaDropout"]),
            CatalogEntry("GaussianDropout", "Normal factors while training", keras: ["GaussianDropout"]),
            CatalogEntry("GaussianNoise", "Normal noise added while training", keras: ["GaussianNoise"]),
            CatalogEntry("ActivityRegularization", "Penalties on activations", keras: ["ActivityRegularization"]),
            CatalogEntry("HardConcreteGates", "Trained gates that switch channels off: L0 regularisation"),
            CatalogEntry("StochasticDepth", "Branches dropped while training", torch: ["StochasticDepth"]),
        ]
        + family(
            "SpatialDropout#D", 1...3, "Whole channels dropped", keras: ["SpatialDropout#D"], torch: ["Dropout#d"],
            mlx: ["Dropout#d"])
        + family("DropBlock#D", 2...3, "Contiguous blocks dropped", torch: ["DropBlock#d"])

    static let reshapingLayers: [CatalogEntry] =
        [
            CatalogEntry("Flatten", "All axes but the batch joined into one", keras: ["Flatten"], torch: ["Flatten"]),
            CatalogEntry("Unflatten", "One axis split into several", torch: ["Unflatten"]),
            CatalogEntry("Reshape", "Each sample under another shape", keras: ["Reshape"]),
            CatalogEntry("Permute", "The axes in another order", keras: ["Permute"], torch: ["Permute"]),
            CatalogEntry("RepeatVector", "Features repeated as steps", keras: ["RepeatVector"]),
            CatalogEntry("PixelShuffle", "Channels spread over space", torch: ["PixelShuffle"]),
            CatalogEntry("PixelUnshuffle", "Space gathered in channels", torch: ["PixelUnshuffle"]),
            CatalogEntry("ChannelShuffle", "Groups of channels interleaved", torch: ["ChannelShuffle"]),
        ]
        + family("Cropping#D", 1...3, "Cells taken away around", keras: ["Cropping#D"])
        + family("ZeroPadding#D", 1...3, "Zeros added around", keras: ["ZeroPadding#D"], torch: ["ZeroPad#d"])
        + family(
            "Pad#D", 1...3, "A constant, the mirrored, repeated or circular image added around",
            torch: ["ConstantPad#d", "ReflectionPad#d", "ReplicationPad#d", "CircularPad#d"])
        + family(
            "UpSampling#D", 1...3, "Enlargement by whole factors", keras: ["UpSampling#D"],
            torch: ["Upsample", "UpsamplingNearest2d", "UpsamplingBilinear2d"], mlx: ["Upsample"])

    static let mergingLayers: [CatalogEntry] = [
        CatalogEntry("Add", "The sum of inputs", keras: ["Add"]),
        CatalogEntry("Subtract", "The difference of two inputs", keras: ["Subtract"]),
        CatalogEntry("Multiply", "The product of inputs", keras: ["Multiply"]),
        CatalogEntry("Average", "The mean of inputs", keras: ["Average"]),
        CatalogEntry("Maximum", "The largest of inputs", keras: ["Maximum"]),
        CatalogEntry("Minimum", "The smallest of inputs", keras: ["Minimum"]),
        CatalogEntry("Concatenate", "Inputs one behind the other", keras: ["Concatenate"]),
        CatalogEntry("Dot", "Sums of products of two inputs", keras: ["Dot"]),
        CatalogEntry("CosineSimilarity", "The cosine of the angle of two inputs", torch: ["CosineSimilarity"]),
        CatalogEntry("PairwiseDistance", "The distance of two inputs", torch: ["PairwiseDistance"]),
        CatalogEntry("Residual", "A skip connection that adds"),
        CatalogEntry("Concatenating", "A skip connection that stacks channels"),
        CatalogEntry("Branches", "Chains side by side, their channels stacked"),
        CatalogEntry("SqueezeExcitation", "Channels weighed by their means", torch: ["SqueezeExcitation"]),
    ]
}
