import ApusCore

extension Catalog {
    /// The activation functions, as `apus activations` lists them.
    public static let activations: [CatalogEntry] = [
        CatalogEntry("linear", "x itself", keras: ["linear"]),
        CatalogEntry("relu", "max(x, 0)", keras: ["relu"], torch: ["ReLU"], mlx: ["ReLU"]),
        CatalogEntry("relu6", "x limited to 0...6", keras: ["relu6", "ops.relu6"], torch: ["ReLU6"], mlx: ["ReLU6"]),
        CatalogEntry("reluSquared", "max(x, 0)^2", mlx: ["ReLUSquared"]),
        CatalogEntry(
            "leakyRelu", "x where positive, else a small part of it", keras: ["leaky_relu", "ops.leaky_relu"],
            torch: ["LeakyReLU"], mlx: ["LeakyReLU"]),
        CatalogEntry(
            "parametricRelu", "x where positive, else x times a learnt slope", torch: ["PReLU"], mlx: ["PReLU"]),
        CatalogEntry(
            "elu", "x where positive, else exp(x) - 1", keras: ["elu", "ops.elu"], torch: ["ELU"], mlx: ["ELU"]),
        CatalogEntry(
            "celu", "x where positive, else alpha (exp(x / alpha) - 1)", keras: ["celu", "ops.celu"],
            torch: ["CELU"], mlx: ["CELU"]),
        CatalogEntry(
            "selu", "ELU that keeps mean 0 and variance 1", keras: ["selu", "ops.selu"], torch: ["SELU"],
            mlx: ["SELU"]),
        CatalogEntry(
            "gelu", "x times the normal distribution function", keras: ["gelu", "ops.gelu"], torch: ["GELU"],
            mlx: ["GELU"]),
        CatalogEntry("fastGelu", "x sigmoid(1.702 x)"),
        CatalogEntry(
            "silu", "x sigmoid(x), also called swish", keras: ["silu", "swish", "ops.silu", "ops.swish"],
            torch: ["SiLU"], mlx: ["SiLU"]),
        CatalogEntry("mish", "x tanh(softplus(x))", keras: ["mish"], torch: ["Mish"], mlx: ["Mish"]),
        CatalogEntry("sigmoid", "1 / (1 + exp(-x))", keras: ["sigmoid"], torch: ["Sigmoid"], mlx: ["Sigmoid"]),
        CatalogEntry(
            "hardSigmoid", "x / 6 + 1/2 limited to 0...1", keras: ["hard_sigmoid", "ops.hard_sigmoid"],
            torch: ["Hardsigmoid"]),
        CatalogEntry(
            "hardSilu", "x hardSigmoid(x), also called hard swish",
            keras: ["hard_silu", "hard_swish", "ops.hard_silu", "ops.hard_swish"], torch: ["Hardswish"],
            mlx: ["HardSwish"]),
        CatalogEntry(
            "logSigmoid", "The logarithm of the sigmoid", keras: ["log_sigmoid"], torch: ["LogSigmoid"],
            mlx: ["LogSigmoid"]),
        CatalogEntry("tanh", "The hyperbolic tangent", keras: ["tanh"], torch: ["Tanh"], mlx: ["Tanh"]),
        CatalogEntry(
            "hardTanh", "x limited to -1...1", keras: ["hard_tanh", "ops.hard_tanh"], torch: ["Hardtanh"],
            mlx: ["HardTanh"]),
        CatalogEntry(
            "tanhShrink", "x - tanh(x)", keras: ["tanh_shrink", "ops.tanh_shrink"], torch: ["Tanhshrink"]),
        CatalogEntry(
            "hardShrink", "x where its magnitude is over 1/2, else 0", keras: ["hard_shrink", "ops.hard_shrink"],
            torch: ["Hardshrink"], mlx: ["HardShrink"]),
        CatalogEntry(
            "softShrink", "x moved towards 0 by 1/2", keras: ["soft_shrink", "ops.soft_shrink"],
            torch: ["Softshrink"], mlx: ["Softshrink"]),
        CatalogEntry(
            "thresholded", "x where it is over a threshold, else a value", keras: ["threshold", "ops.threshold"],
            torch: ["Threshold"]),
        CatalogEntry("step", "1 from 0 on, else 0", mlx: ["Step"]),
        CatalogEntry("exponential", "exp(x)", keras: ["exponential"]),
        CatalogEntry("softplus", "log(1 + exp(x))", keras: ["softplus"], torch: ["Softplus"], mlx: ["Softplus"]),
        CatalogEntry(
            "softsign", "x / (1 + |x|)", keras: ["softsign", "ops.softsign"], torch: ["Softsign"], mlx: ["Softsign"]),
        CatalogEntry("squareplus", "(x + sqrt(x^2 + 4)) / 2", keras: ["squareplus", "ops.squareplus"]),
        CatalogEntry(
            "sparsePlus", "0, a parabola, x: the integral of sparseSigmoid",
            keras: ["sparse_plus", "ops.sparse_plus"]),
        CatalogEntry(
            "sparseSigmoid", "(x + 1) / 2 limited to 0...1", keras: ["sparse_sigmoid", "ops.sparse_sigmoid"]),
        CatalogEntry(
            "softmax", "exp(x) / sum(exp(x)) along an axis", keras: ["softmax"], torch: ["Softmax", "Softmax2d"],
            mlx: ["Softmax"]),
        CatalogEntry(
            "logSoftmax", "The logarithm of the softmax", keras: ["log_softmax"], torch: ["LogSoftmax"],
            mlx: ["LogSoftmax"]),
        CatalogEntry("softmin", "The softmax of -x", torch: ["Softmin"], mlx: ["Softmin"]),
        CatalogEntry("sparsemax", "The nearest distribution", keras: ["sparsemax", "ops.sparsemax"]),
        CatalogEntry(
            "GatedUnit", "GLU, GEGLU, SwiGLU, ReGLU: half of the channels weigh the other half",
            keras: ["glu", "ops.glu"], torch: ["GLU"], mlx: ["GLU"]),
        CatalogEntry("maxout", "The maximum of each run of channels"),
    ]
}
