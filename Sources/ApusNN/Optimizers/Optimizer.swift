import ApusCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A rule that turns gradients into new parameters.
///
/// It is a value that describes the rule; the moments it keeps for each parameter live with who applies it (a
/// `Trainer`, or an `OptimizerState` in hand-written loops).
public struct Optimizer: Sendable {
    /// The name for listings.
    public let name: String
    /// The step size.
    public var learningRate: Double
    /// The same for values that differ in their learning rate alone.
    package let identity = Identity()
    /// How many tensors of the parameter's shape the rule keeps for each parameter; they begin with zeros.
    package let stateCount: Int
    /// How many numbers the rule reads at each step.
    package let scalarCount: Int
    /// Writes the numbers of step `step` (1, 2, ...) to where there is room for them, so that a step allocates nothing.
    package let writeScalars:
        @Sendable (_ learningRate: Double, _ step: Int, _ scalars: UnsafeMutableBufferPointer<Double>) -> Void
    /// New parameter and state from parameter, gradient, state and scalars.
    package let update: @Sendable (Tensor, Tensor, [Tensor], [Tensor]) -> (parameter: Tensor, state: [Tensor])

    package final class Identity: Sendable {}

    /// The numbers of step `step` (1, 2, ...) that the rule reads.
    package func scalars(_ learningRate: Double, _ step: Int) -> [Double] {
        [Double](unsafeUninitializedCapacity: scalarCount) { buffer, initialized in
            buffer.initialize(repeating: 0)
            writeScalars(learningRate, step, buffer)
            initialized = scalarCount
        }
    }

    /// Stochastic gradient descent: `v = momentum v + g; w -= learningRate v`; with Nesterov's look-ahead
    /// `w -= learningRate (g + momentum v)`. Weight decay is added to the gradient.
    public static func sgd(
        learningRate: Double = 0.01, momentum: Double = 0, nesterov: Bool = false, weightDecay: Double = 0
    ) -> Optimizer {
        Optimizer(
            name: "sgd", learningRate: learningRate, stateCount: momentum == 0 ? 0 : 1, scalarCount: 1,
            writeScalars: { rate, _, scalars in scalars[0] = rate }
        ) { w, g, state, scalars in
            let g = weightDecay == 0 ? g : g + w * weightDecay
            guard momentum != 0 else { return (w - g * scalars[0], []) }
            let velocity = state[0] * momentum + g
            let step = nesterov ? g + velocity * momentum : velocity
            return (w - step * scalars[0], [velocity])
        }
    }

    /// Adam (Kingma and Ba, ICLR 2015): step sizes adapted to the gradients' first and second moments. Weight decay is
    /// added to the gradient.
    public static func adam(
        learningRate: Double = 1e-3, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
        weightDecay: Double = 0
    ) -> Optimizer {
        adam("adam", learningRate, beta1, beta2, epsilon, coupledDecay: weightDecay, decoupledDecay: 0)
    }

    /// Adam with weight decay apart from the gradient (Loshchilov and Hutter, ICLR 2019).
    public static func adamW(
        learningRate: Double = 1e-3, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
        weightDecay: Double = 0.01
    ) -> Optimizer {
        adam("adamw", learningRate, beta1, beta2, epsilon, coupledDecay: 0, decoupledDecay: weightDecay)
    }

    private static func adam(
        _ name: String, _ learningRate: Double, _ beta1: Double, _ beta2: Double, _ epsilon: Double,
        coupledDecay: Double, decoupledDecay: Double
    ) -> Optimizer {
        Optimizer(
            name: name, learningRate: learningRate, stateCount: 2, scalarCount: 3,
            writeScalars: { rate, step, scalars in
                // Bias corrections as factors: of the step, of the second moment's root, and of the decayed parameter.
                scalars[0] = rate / (1 - pow(beta1, Double(step)))
                scalars[1] = 1 / sqrt(1 - pow(beta2, Double(step)))
                scalars[2] = 1 - rate * decoupledDecay
            }
        ) { w, g, state, scalars in
            let g = coupledDecay == 0 ? g : g + w * coupledDecay
            let first = state[0] * beta1 + g * (1 - beta1)
            let second = state[1] * beta2 + g.square() * (1 - beta2)
            let decayed = decoupledDecay == 0 ? w : w * scalars[2]
            return (decayed - first * scalars[0] / (second.squareRoot() * scalars[1] + epsilon), [first, second])
        }
    }
}

/// The moments of an optimizer for hand-written training loops.
///
///     let state = OptimizerState(.adam())
///     for batch in batches {
///         let (loss, gradients) = try valueAndGradient(model) { ... }
///         try state.apply(gradients)
///     }
public final class OptimizerState {
    /// The rule; its learning rate may change between steps.
    public var optimizer: Optimizer
    /// The number of steps made.
    public private(set) var step = 0
    private var moments: [ObjectIdentifier: [Tensor]] = [:]

    public init(_ optimizer: Optimizer) { self.optimizer = optimizer }

    /// Replaces the parameters by their new values, computed in one program.
    public func apply(_ gradients: Gradients) throws(ApusError) {
        step += 1
        let scalars = optimizer.scalars(optimizer.learningRate, step)
        var results: [(entry: Gradients.Entry, parameter: Tensor, state: [Tensor])] = []
        for entry in gradients.entries {
            let w = entry.parameter.value
            let state =
                moments[ObjectIdentifier(entry.parameter)]
                ?? (0..<optimizer.stateCount).map { _ in Tensor.zeros(w.shape, dtype: w.dtype) }
            // As leaves, so that a changed number does not make a new program.
            let values = scalars.map { value in
                w.dtype == .float64 ? Tensor([value], shape: []) : Tensor([Float(value)], shape: [])
            }
            let (parameter, new) = optimizer.update(w, entry.value, state, values)
            results.append((entry, parameter, new))
        }
        try Tensor.evaluate(results.flatMap { [$0.parameter] + $0.state })
        for result in results {
            result.entry.parameter.value = try result.parameter.evaluated()
            var state: [Tensor] = []
            for moment in result.state { state.append(try moment.evaluated()) }
            moments[ObjectIdentifier(result.entry.parameter)] = state
        }
    }
}
