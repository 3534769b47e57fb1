import ApusCore

extension Catalog {
    /// The schedules, as `apus schedules` lists them.
    public static let schedules: [CatalogEntry] = [
        CatalogEntry("Schedule.constant", "One rate"),
        CatalogEntry("Schedule.constantFactor", "A factor for the first steps", torch: ["ConstantLR"]),
        CatalogEntry("Schedule.linear", "A straight line", torch: ["LinearLR"], mlx: ["linearSchedule"]),
        CatalogEntry("Schedule.steps", "A factor every so many steps", torch: ["StepLR"], mlx: ["stepDecay"]),
        CatalogEntry("Schedule.milestones", "A factor after given steps", torch: ["MultiStepLR"]),
        CatalogEntry("Schedule.piecewise", "Given rates between given steps", keras: ["PiecewiseConstantDecay"]),
        CatalogEntry(
            "Schedule.exponential", "A factor at each step", keras: ["ExponentialDecay"], torch: ["ExponentialLR"],
            mlx: ["exponentialDecay"]),
        CatalogEntry("Schedule.inverseTime", "One over the step", keras: ["InverseTimeDecay"]),
        CatalogEntry(
            "Schedule.polynomial", "A power of what is left", keras: ["PolynomialDecay"], torch: ["PolynomialLR"]),
        CatalogEntry(
            "Schedule.cosine", "Half a cosine", keras: ["CosineDecay"], torch: ["CosineAnnealingLR"],
            mlx: ["cosineDecay"]),
        CatalogEntry(
            "Schedule.cosineRestarts", "Half cosines, again and again", keras: ["CosineDecayRestarts"],
            torch: ["CosineAnnealingWarmRestarts"]),
        CatalogEntry("Schedule.cyclic", "Triangles", torch: ["CyclicLR"]),
        CatalogEntry("Schedule.oneCycle", "Up, down and far down", torch: ["OneCycleLR"]),
        CatalogEntry("Schedule.inverseSquareRoot", "A warm-up, then one over the root of the step"),
        CatalogEntry("Schedule.noam", "The same scaled by a model's width"),
        CatalogEntry("Schedule.multiplicative", "A factor of your own at each step", torch: ["MultiplicativeLR"]),
        CatalogEntry("Schedule.init", "A function of the step", torch: ["LambdaLR"]),
        CatalogEntry("Schedule.warmedUp", "A straight rise before a schedule"),
        CatalogEntry(
            "Schedule.joined", "Schedules one after the other", torch: ["SequentialLR"], mlx: ["joinSchedules"]),
        CatalogEntry("Schedule.*", "The product of factors", torch: ["ChainedScheduler"]),
        CatalogEntry("PlateauReduction", "A factor when a value stops falling", torch: ["ReduceLROnPlateau"]),
    ]
}
