import ApusCore

extension Catalog {
    /// The optimizers, their modifiers and minimizers, as `apus optimizers` lists them.
    public static var optimizers: [CatalogEntry] {
        updateRules.grouped("rules") + optimizerModifiers.grouped("modifiers") + minimizers.grouped("minimizers")
    }

    private static let updateRules: [CatalogEntry] = [
        CatalogEntry(
            "Optimizer.sgd", "Gradient descent, with momentum and Nesterov's look-ahead", keras: ["SGD"],
            torch: ["SGD"], mlx: ["SGD"]),
        CatalogEntry("Optimizer.asgd", "Gradient descent with an average of the parameters", torch: ["ASGD"]),
        CatalogEntry(
            "Optimizer.rprop", "Step sizes that follow the gradient's sign, for full batches", torch: ["Rprop"]),
        CatalogEntry("Optimizer.lars", "Layer-wise relative steps, for large batches"),
        CatalogEntry(
            "Optimizer.rmsprop", "Gradients divided by the root of their mean square", keras: ["RMSprop"],
            torch: ["RMSprop"], mlx: ["RMSprop"]),
        CatalogEntry(
            "Optimizer.adagrad", "Gradients divided by the root of the sum of their squares", keras: ["Adagrad"],
            torch: ["Adagrad"], mlx: ["AdaGrad"]),
        CatalogEntry(
            "Optimizer.adadelta", "Steps in the parameter's own unit", keras: ["Adadelta"], torch: ["Adadelta"],
            mlx: ["AdaDelta"]),
        CatalogEntry("Optimizer.ftrl", "Follow the regularised leader, for sparse linear models", keras: ["Ftrl"]),
        CatalogEntry(
            "Optimizer.adam", "Momentum divided by the root of the mean square; AMSGrad with a flag", keras: ["Adam"],
            torch: ["Adam"], mlx: ["Adam"]),
        CatalogEntry(
            "Optimizer.adamW", "Adam with weight decay apart from the gradient", keras: ["AdamW"], torch: ["AdamW"],
            mlx: ["AdamW"]),
        CatalogEntry(
            "Optimizer.adamax", "Adam with the largest gradient for its second moment", keras: ["Adamax"],
            torch: ["Adamax"], mlx: ["Adamax"]),
        CatalogEntry("Optimizer.nadam", "Adam with Nesterov's look-ahead", keras: ["Nadam"], torch: ["NAdam"]),
        CatalogEntry("Optimizer.radam", "Adam whose adaptive steps begin late", torch: ["RAdam"]),
        CatalogEntry("Optimizer.sparseAdam", "Adam for rows that have a gradient", torch: ["SparseAdam"]),
        CatalogEntry("Optimizer.lion", "The sign of momentum", keras: ["Lion"], mlx: ["Lion"]),
        CatalogEntry("Optimizer.lamb", "Adam's steps relative to the parameter's size", keras: ["Lamb"]),
        CatalogEntry("Optimizer.adan", "Adaptive Nesterov momentum"),
        CatalogEntry(
            "Optimizer.scheduleFreeAdamW", "AdamW that needs no schedule", keras: ["ScheduleFreeAdamW"]),
        CatalogEntry(
            "Optimizer.adafactor", "Second moments by rows and columns", keras: ["Adafactor"], torch: ["Adafactor"],
            mlx: ["Adafactor"]),
        CatalogEntry(
            "Optimizer.muon", "Momentum made orthogonal", keras: ["Muon"], torch: ["Muon"], mlx: ["Muon"]),
    ]

    private static let optimizerModifiers: [CatalogEntry] = [
        CatalogEntry(
            "Optimizer.combined", "Several optimizers, by the paths of parameters",
            keras: ["MultiOptimizer", "OptimizerMap"], mlx: ["MultiOptimizer"]),
        CatalogEntry("Optimizer.grouped", "Rates and weight decays by the paths of parameters"),
        CatalogEntry(
            "Optimizer.clipped", "Gradients within a limit: by value, norm or joint norm",
            torch: ["utils.clip_grad_norm_"],
            mlx: ["clipGradNorm"]),
        CatalogEntry("Optimizer.accumulating", "Updates after several batches"),
        CatalogEntry("Optimizer.averaging", "Running averages of the parameters (EMA, SWA)"),
        CatalogEntry("Optimizer.lossScaled", "Losses scaled against underflow", keras: ["LossScaleOptimizer"]),
        CatalogEntry("Optimizer.sharpnessAware", "Gradients at the worst point near by (SAM)"),
        CatalogEntry("Optimizer.lookahead", "Slow parameters that follow fast ones"),
        CatalogEntry("Optimizer.maximizing", "Up the gradient"),
    ]

    private static let minimizers: [CatalogEntry] = [
        CatalogEntry("minimize", "BFGS, L-BFGS or Newton's method with a line search", torch: ["LBFGS"]),
        CatalogEntry("minimizeSquares", "The method of Levenberg and Marquardt"),
        CatalogEntry("TestSurface", "Surfaces with known minima, canyons, cliffs and saddles, to try optimizers on"),
        CatalogEntry("checkConvexity", "Samples of chords and second derivatives; a counterexample if there is one"),
    ]
}
