import ApusCore

/// The moments of an optimizer for hand-written training loops.
///
///     let state = OptimizerState(.adam())
///     for batch in batches {
///         let (loss, gradients) = try valueAndGradient(model) { ... }
///         try state.apply(gradients)
///     }
///
/// Where the optimizer scales the loss, the gradients must be those of the loss times ``lossScale``.
public final class OptimizerState {
    /// The rule; its learning rate may change between steps.
    public var optimizer: Optimizer
    /// The number of calls of `apply`.
    public private(set) var step = 0
    private var moments: [ObjectIdentifier: (parameter: Parameter, path: String, state: [Tensor])] = [:]
    private var shared: [Tensor]

    /// - Parameter optimizer: the rule; its moments begin at 0
    public init(_ optimizer: Optimizer) {
        self.optimizer = optimizer
        shared = optimizer.sharedStates.map { Tensor([Float($0)], shape: []) }
    }

    /// What the loss is to be multiplied by; 1 without loss scaling.
    public var lossScale: Tensor { shared.first ?? Tensor(1) }

    /// Replaces the parameters by their new values, computed in one program.
    public func apply(_ gradients: Gradients) throws(ApusError) {
        try optimizer.check()
        step += 1
        let numbers = optimizer.scalars(optimizer.learningRate, step)
        // As leaves, so that a changed number does not make a new program.
        let isDouble = gradients.entries.contains { $0.parameter.dtype == .float64 }
        let scalars = numbers.map { isDouble ? Tensor([$0], shape: []) : Tensor([Float($0)], shape: []) }
        var entries: [OptimizerEntry] = []
        for entry in gradients.entries {
            let w = entry.parameter.value
            let state =
                moments[ObjectIdentifier(entry.parameter)]?.state
                ?? optimizer.states(path: entry.path, shape: w.shape).map { $0.value(w) }
            entries.append(
                OptimizerEntry(
                    path: entry.path, parameter: w, gradient: entry.value, state: state,
                    constraint: entry.parameter.constraint))
        }
        let (results, newShared) = optimizer.step(entries, shared: shared, scalars: scalars)
        try Tensor.evaluate(results.flatMap { [$0.parameter] + $0.state } + newShared)
        for (entry, result) in zip(gradients.entries, results) {
            entry.parameter.value = try result.parameter.evaluated()
            var state: [Tensor] = []
            for moment in result.state { state.append(try moment.evaluated()) }
            moments[ObjectIdentifier(entry.parameter)] = (entry.parameter, entry.path, state)
        }
        for index in newShared.indices { shared[index] = try newShared[index].evaluated() }
    }

    /// Runs a closure in which the parameters have their averages (or what else a rule holds to be the better values), and
    /// puts the others back.
    public func withAverages<Result>(_ body: () throws -> Result) rethrows -> Result {
        var held: [(parameter: Parameter, value: Tensor)] = []
        for (parameter, path, state) in moments.values {
            guard let index = optimizer.evaluationState(path: path, shape: parameter.shape) else { continue }
            held.append((parameter, parameter.value))
            parameter.value = state[index]
        }
        defer { for (parameter, value) in held { parameter.value = value } }
        return try body()
    }
}
