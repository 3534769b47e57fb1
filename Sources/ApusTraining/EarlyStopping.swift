import ApusCore

/// When training has come far enough, by a value of each epoch.
///
///     try trainer.fit(data, validation: test, epochs: 100, stopping: EarlyStopping(.patience(5)))
public struct EarlyStopping: Sendable {
    /// What ends training.
    public enum Rule: Sendable, Hashable {
        /// So many epochs in a row that are not better than the best by more than a difference.
        case patience(Int, difference: Double = 0)
        /// A value that is at least as good as this one.
        case threshold(Double)
        /// The last values, so many, deviate by less than this (the population's standard deviation).
        case steady(deviation: Double, window: Int = 3)
    }

    /// When training ends.
    public let rule: Rule
    /// Whether larger values are better.
    public let maximizes: Bool
    /// Whether ``Trainer`` puts the parameters of the best epoch back when the rule ended training.
    public let restoresBest: Bool
    /// The values so far.
    public private(set) var values: [Double] = []
    /// The epoch of the best value, from 0.
    public private(set) var bestEpoch: Int?
    /// Whether training is to end.
    public private(set) var isFinished = false
    private var idleEpochs = 0

    /// - Parameter maximizes: whether larger values are better, as those of an accuracy
    public init(_ rule: Rule, maximizes: Bool = false, restoresBest: Bool = true) {
        self.rule = rule
        self.maximizes = maximizes
        self.restoresBest = restoresBest
    }

    /// The best value so far.
    public var best: Double? { bestEpoch.map { values[$0] } }

    /// The standard deviation of the last values, once there are so many.
    public func deviation(window: Int) -> Double? {
        guard window >= 1, values.count >= window else { return nil }
        let last = values.suffix(window)
        let mean = last.reduce(0, +) / Double(window)
        return (last.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(window)).squareRoot()
    }

    /// Takes note of an epoch's value.
    ///
    /// - Returns: whether training is to end
    @discardableResult
    public mutating func report(_ value: Double) -> Bool {
        values.append(value)
        var difference = 0.0
        if case .patience(_, let wanted) = rule { difference = wanted }
        if isBetter(value, by: difference) {
            bestEpoch = values.count - 1
            idleEpochs = 0
        } else {
            idleEpochs += 1
        }
        switch rule {
        case .patience(let epochs, _): isFinished = isFinished || idleEpochs >= max(1, epochs)
        case .threshold(let wanted): isFinished = isFinished || (maximizes ? value >= wanted : value <= wanted)
        case .steady(let limit, let window):
            isFinished = isFinished || deviation(window: window).map { $0 < limit } ?? false
        }
        return isFinished
    }

    private func isBetter(_ value: Double, by difference: Double) -> Bool {
        guard !value.isNaN else { return false }
        guard let best else { return true }
        return maximizes ? value > best + difference : value < best - difference
    }
}
