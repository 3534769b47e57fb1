import ApusCore

/// What a metric remembers of the samples it has seen: sums, counts, or the samples themselves.
///
/// A metric of your own is a state that can be updated by a batch and merged with that of other batches, and a function
/// of the state: `Metric("name", MyState()) { $0.something }`.
public protocol MetricState: Sendable {
    /// Adds a batch.
    ///
    /// - Parameters:
    ///   - output: what the model made of it, `[batch, ...]`
    ///   - target: what it should have made
    ///   - weights: `[batch]`, how much each sample counts
    mutating func update(_ output: Tensor, _ target: Tensor, weights: Tensor?) throws(ApusError)
    /// Adds what another state has seen.
    mutating func merge(_ other: Self) throws(ApusError)
}

/// A figure of merit over any number of batches.
///
/// A metric is a value: copies count on their own. Batches may come in any split and order, and metrics of parts of the
/// data can be merged; the result is that of all samples at once.
///
///     var f1 = Metric.f1(classes: 10)
///     for batch in batches { try f1.update(model(batch.inputs), batch.targets) }
///     print(try f1.value())
///
/// `Trainer(metrics: [.accuracy, .f1()])` does the same during training and evaluation. Means over samples are then
/// computed inside the compiled step, all others from its output.
public struct Metric: Sendable {
    /// The name in histories and reports.
    public let name: String
    /// Whether larger values are better; `nil` where neither is.
    public let higherIsBetter: Bool?
    /// Whether the metric has a value for each class (or curve point), not one.
    public let isPerClass: Bool
    /// Whether ``Trainer`` gives it the weights of samples and classes; see ``weighingSamples()``.
    public private(set) var usesWeights = false
    private var content: any MetricContent
    private let initial: any MetricContent

    /// A metric that is a function of a state.
    ///
    /// - Parameters:
    ///   - isPerClass: whether `result` gives a value for each class
    ///   - result: the value (or values) of what has been seen
    public init<State: MetricState>(
        _ name: String, _ state: State, higherIsBetter: Bool? = true, isPerClass: Bool = false,
        result: @escaping @Sendable (State) throws(ApusError) -> [Double]
    ) {
        self.name = name
        self.higherIsBetter = higherIsBetter
        self.isPerClass = isPerClass
        initial = StateContent(state: state, result: result)
        content = initial
    }

    /// A metric with one value that is a function of a state.
    public init<State: MetricState>(
        _ name: String, _ state: State, higherIsBetter: Bool? = true,
        value: @escaping @Sendable (State) throws(ApusError) -> Double
    ) {
        let result: @Sendable (State) throws(ApusError) -> [Double] = { (state: State) throws(ApusError) in
            [try value(state)]
        }
        self.name = name
        self.higherIsBetter = higherIsBetter
        self.isPerClass = false
        initial = StateContent(state: state, result: result)
        content = initial
    }

    /// A mean over samples.
    ///
    /// - Parameter function: the value of each sample, `[batch, ...]` (of which the mean over the other axes counts), or
    ///   the mean over the batch, a scalar
    public init(
        _ name: String, higherIsBetter: Bool? = true,
        _ function: @escaping @Sendable (_ output: Tensor, _ target: Tensor) -> Tensor
    ) {
        self.init(mean: name, higherIsBetter: higherIsBetter, finish: { $0 }, function)
    }

    /// A function of a mean over samples.
    package init(
        mean name: String, higherIsBetter: Bool? = true, finish: @escaping @Sendable (Double) -> Double = { $0 },
        _ function: @escaping @Sendable (Tensor, Tensor) -> Tensor
    ) {
        let state = SumState(mean: function, finish: finish, in: "metric \(name)")
        self.name = name
        self.higherIsBetter = higherIsBetter
        self.isPerClass = false
        initial = StateContent(state: state) { [$0.value] }
        content = initial
    }

    /// Adds a batch.
    ///
    /// - Parameters:
    ///   - output: what the model made of it, `[batch, ...]`
    ///   - target: what it should have made; the metric says which shapes go together
    ///   - weights: `[batch]`, how much each sample counts; by default 1
    /// - Throws: an `ApusError` if the shapes do not fit; the metric is then as it was
    public mutating func update(_ output: Tensor, _ target: Tensor, weights: Tensor? = nil) throws(ApusError) {
        if let failed = output.error ?? target.error ?? weights?.error { throw failed }
        try content.update(output, target, weights: weights)
    }

    /// Adds what another metric of the same kind has seen.
    public mutating func merge(_ other: Metric) throws(ApusError) {
        guard name == other.name, try content.merge(other.content) else {
            throw ApusError(
                .value, in: "metric \(name)", "it can't take over what the metric \(other.name) has seen",
                remedy: "merge metrics that were made in the same way")
        }
    }

    /// The same metric, in which ``Trainer`` lets each sample count by its weight: that of the data times that of its class.
    /// Others count all samples alike.
    public func weighingSamples() -> Metric {
        var result = self
        result.usesWeights = true
        return result
    }

    /// Forgets all batches.
    public mutating func reset() { content = initial }

    /// The value over all batches; a mean of nothing is no number.
    ///
    /// - Throws: an `ApusError` if the metric has a value for each class: read `values()`
    public func value() throws(ApusError) -> Double {
        guard !isPerClass, let value = try content.values().first else {
            throw ApusError(
                .value, in: "metric \(name)", "it has a value for each class, not one",
                remedy: "read values(), or choose an average over the classes")
        }
        return value
    }

    /// The values of the classes (or the one value).
    public func values() throws(ApusError) -> [Double] { try content.values() }

    /// The values with their names: `name`, or `name/0`, `name/1`, ... for classes.
    public func results() throws(ApusError) -> [(name: String, value: Double)] {
        let values = try values()
        return isPerClass ? values.enumerated().map { ("\(name)/\($0)", $1) } : values.prefix(1).map { (name, $0) }
    }

    /// The value over one batch alone: a scalar, or `[classes]`.
    public func callAsFunction(_ output: Tensor, _ target: Tensor) -> Tensor {
        var fresh = self
        fresh.reset()
        do throws(ApusError) {
            try fresh.update(output, target)
            let values = try fresh.values()
            return Tensor(values, shape: isPerClass ? [values.count] : [])
        } catch {
            return Tensor(error: error)
        }
    }

    /// What the compiled step computes for it, if it can.
    package var sums: SumState? { content.sums }

}

/// A state of any type with the function that makes values of it.
protocol MetricContent: Sendable {
    mutating func update(_ output: Tensor, _ target: Tensor, weights: Tensor?) throws(ApusError)
    /// False if the other is of another kind.
    mutating func merge(_ other: any MetricContent) throws(ApusError) -> Bool
    func values() throws(ApusError) -> [Double]
    var sums: SumState? { get }
}

struct StateContent<State: MetricState>: MetricContent {
    var state: State
    let result: @Sendable (State) throws(ApusError) -> [Double]

    mutating func update(_ output: Tensor, _ target: Tensor, weights: Tensor?) throws(ApusError) {
        try state.update(output, target, weights: weights)
    }

    mutating func merge(_ other: any MetricContent) throws(ApusError) -> Bool {
        guard let other = other as? StateContent<State> else { return false }
        try state.merge(other.state)
        return true
    }

    func values() throws(ApusError) -> [Double] { try result(state) }

    var sums: SumState? { state as? SumState }
}
