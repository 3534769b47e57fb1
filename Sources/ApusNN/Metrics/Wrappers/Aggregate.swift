import ApusCore

/// A running figure of numbers: a mean, a sum, or the smallest or largest, of all or of the last few.
///
///     var mean = Aggregate(.mean)
///     mean.update(2, weight: 3)
///     mean.update(6)
///     mean.value                                   // 3.0
public struct Aggregate: Sendable {
    /// What is made of the numbers.
    public enum Kind: Sendable {
        case mean, sum, minimum, maximum
        /// All numbers are kept.
        case concatenation
    }

    /// How values become one.
    public let kind: Kind
    /// How many of the last numbers count; `nil` for all.
    public let window: Int?
    /// The numbers that are kept: those of the window.
    public private(set) var recent: [Double] = []
    private var weights: [Double] = []
    private var sum = 0.0
    private var weight = 0.0
    private var extreme: Double?

    /// - Parameter window: how many of the last values count; by default all
    public init(_ kind: Kind, window: Int? = nil) { (self.kind, self.window) = (kind, window.map { max(1, $0) }) }

    /// Adds a number.
    public mutating func update(_ value: Double, weight: Double = 1) {
        guard window != nil || kind == .concatenation else {
            sum += value * weight
            self.weight += weight
            if let known = extreme {
                extreme = kind == .minimum ? min(known, value) : max(known, value)
            } else {
                extreme = value
            }
            return
        }
        recent.append(value)
        weights.append(weight)
        if let window, recent.count > window {
            recent.removeFirst(recent.count - window)
            weights.removeFirst(weights.count - window)
        }
    }

    /// Adds all elements of a tensor.
    public mutating func update(_ values: Tensor) throws(ApusError) {
        for value in try values.numbers() { update(value) }
    }

    /// Adds what another has seen after it.
    public mutating func merge(_ other: Aggregate) {
        for (value, weight) in zip(other.recent, other.weights) { update(value, weight: weight) }
        sum += other.sum
        weight += other.weight
        if let theirs = other.extreme {
            extreme = extreme.map { kind == .minimum ? min($0, theirs) : max($0, theirs) } ?? theirs
        }
    }

    /// The figure; no number for a mean of nothing.
    public var value: Double {
        let isKept = window != nil || kind == .concatenation
        let total = isKept ? zip(recent, weights).reduce(0) { $0 + $1.0 * $1.1 } : sum
        switch kind {
        case .mean, .concatenation: return total / (isKept ? weights.reduce(0, +) : weight)
        case .sum: return total
        case .minimum: return (isKept ? recent.min() : extreme) ?? .infinity
        case .maximum: return (isKept ? recent.max() : extreme) ?? -.infinity
        }
    }
}

/// The values of a metric over epochs, and the best of them.
///
///     var tracker = MetricTracker(.accuracy)
///     for epoch in epochs {
///         tracker.metric.reset()
///         ...
///         try tracker.record()
///     }
///     tracker.best                                 // (step: 7, value: 0.98)
public struct MetricTracker: Sendable {
    /// The metric that is updated.
    public var metric: Metric
    /// What was recorded.
    public private(set) var values: [Double] = []

    /// - Parameter metric: whose values are kept
    public init(_ metric: Metric) { self.metric = metric }

    /// Records the metric's value.
    public mutating func record() throws(ApusError) { values.append(try metric.value()) }

    /// The smallest and the largest value so far.
    public var minimum: Double? { values.min() }
    /// The largest value so far; `nil` without any.
    public var maximum: Double? { values.max() }

    /// The best value and when it was recorded, from 0.
    public var best: (step: Int, value: Double)? {
        let isMaximised = metric.higherIsBetter ?? true
        let best = values.enumerated().filter { !$0.element.isNaN }.min {
            isMaximised ? $0.element > $1.element : $0.element < $1.element
        }
        return best.map { ($0.offset, $0.element) }
    }
}

/// Several metrics that see the same batches.
///
///     var metrics = MetricCollection([.accuracy, .f1(.macro)])
///     try metrics.update(scores, labels)
///     try metrics.values()                         // ["accuracy": 0.9, "F1": 0.88]
public struct MetricCollection: Sendable {
    /// The metrics.
    public private(set) var metrics: [Metric]

    /// - Parameter metrics: which are updated together
    public init(_ metrics: [Metric]) { self.metrics = metrics }

    /// Adds a batch to all of them.
    public mutating func update(_ output: Tensor, _ target: Tensor, weights: Tensor? = nil) throws(ApusError) {
        var updated = metrics
        for index in updated.indices { try updated[index].update(output, target, weights: weights) }
        metrics = updated
    }

    /// Adds what another collection of the same metrics has seen.
    public mutating func merge(_ other: MetricCollection) throws(ApusError) {
        var merged = metrics
        try mergeAll(&merged, other.metrics)
        metrics = merged
    }

    /// Forgets all batches.
    public mutating func reset() { for index in metrics.indices { metrics[index].reset() } }

    /// The values by name; of metrics with a value for each class `name/0`, `name/1`, ...
    public func values() throws(ApusError) -> [String: Double] {
        var values: [String: Double] = [:]
        for metric in metrics { for (name, value) in try metric.results() { values[name] = value } }
        return values
    }
}
