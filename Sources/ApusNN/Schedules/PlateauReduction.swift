/// A learning rate that falls when a measured value stops getting better.
public struct PlateauReduction: Sendable {
    /// The rate in force.
    public private(set) var rate: Double
    /// What the rate is multiplied by.
    public var factor: Double
    /// How many values in a row may be no better.
    public var patience: Int
    /// How much better a value must be: a fraction of the best one, or a difference.
    public var threshold: Double
    /// Whether the threshold is relative to the best value.
    public var isRelative: Bool
    /// How many values after a reduction are not counted.
    public var cooldown: Int
    /// The lowest rate.
    public var minimum: Double
    /// Whether larger values are better.
    public var maximizes: Bool

    private var best: Double?
    private var badValues = 0
    private var coolingDown = 0

    /// - Parameter rate: the learning rate at the start
    public init(
        rate: Double, factor: Double = 0.1, patience: Int = 10, threshold: Double = 1e-4, isRelative: Bool = true,
        cooldown: Int = 0, minimum: Double = 0, maximizes: Bool = false
    ) {
        self.rate = rate
        self.factor = factor
        self.patience = patience
        self.threshold = threshold
        self.isRelative = isRelative
        self.cooldown = cooldown
        self.minimum = minimum
        self.maximizes = maximizes
    }

    /// Takes note of a value; the rate may change.
    public mutating func report(_ value: Double) {
        if isBetter(value) {
            best = value
            badValues = 0
        } else {
            badValues += 1
        }
        if coolingDown > 0 {
            coolingDown -= 1
            badValues = 0
        }
        guard badValues > patience else { return }
        let reduced = max(rate * factor, minimum)
        if rate - reduced > 1e-8 { rate = reduced }
        coolingDown = cooldown
        badValues = 0
    }

    private func isBetter(_ value: Double) -> Bool {
        guard let best else { return true }
        let margin = isRelative ? threshold * best.magnitude : threshold
        return maximizes ? value > best + margin : value < best - margin
    }
}
