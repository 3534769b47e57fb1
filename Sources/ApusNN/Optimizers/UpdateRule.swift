import ApusCore

/// How one parameter follows its gradient: an expression of the graph, so that it fuses with what is around it.
package struct UpdateRule: Sendable {
    /// What weight decay does.
    package enum Decay: Sendable {
        /// It is added to the gradient: `g + decay w`.
        case coupled
        /// It shrinks the parameter apart from the gradient: `w (1 - learningRate decay)`.
        case decoupled
        /// The rule reads `RuleInput.decay` itself.
        case own
    }

    package let name: String
    package let decay: Decay
    package var decayAmount: Double
    /// How many numbers the rule reads at each step.
    package let scalarCount: Int
    /// Writes the numbers of step `step` (1, 2, ...) to where there is room for them, so that a step allocates nothing.
    package let writeScalars: ScalarWriter
    /// The tensors that it keeps for a parameter of a shape.
    package let states: @Sendable (Shape) -> [StateForm]
    /// The number of the state that is the better value to predict with.
    package var evaluation: Int?
    /// New parameter and states.
    package let update: @Sendable (RuleInput) -> RuleOutput
    /// A hyperparameter out of its range.
    package let problem: ApusError?

    package typealias ScalarWriter =
        @Sendable (_ learningRate: Double, _ step: Int, _ scalars: UnsafeMutableBufferPointer<Double>) -> Void

    package init(
        _ name: String, decay: Decay = .coupled, _ decayAmount: Double = 0, scalars: Int = 1,
        write: @escaping ScalarWriter = { rate, _, scalars in scalars[0] = rate },
        states: @escaping @Sendable (Shape) -> [StateForm], evaluation: Int? = nil, problem: ApusError? = nil,
        update: @escaping @Sendable (RuleInput) -> RuleOutput
    ) {
        self.name = name
        self.decay = decay
        self.decayAmount = decayAmount
        scalarCount = scalars
        writeScalars = write
        self.states = states
        self.evaluation = evaluation
        self.update = update
        self.problem = problem ?? Self.problem(name, [("weightDecay", decayAmount, 0...Double.infinity)])
    }

    /// The first number that is out of its range.
    package static func problem(
        _ name: String, _ values: [(name: String, value: Double, allowed: ClosedRange<Double>)]
    ) -> ApusError? {
        .outOfRange(in: "optimizer \(name)", values)
    }
}

/// A tensor that an optimizer keeps for a parameter.
package struct StateForm: Sendable {
    package enum Start: Sendable {
        case value(Double)
        case parameter
    }

    package let shape: Shape
    package let start: Start

    package init(_ shape: Shape, _ start: Start = .value(0)) {
        self.shape = shape
        self.start = start
    }

    /// The first value, for a parameter.
    package func value(_ parameter: Tensor) -> Tensor {
        switch start {
        case .value(let number): Tensor(repeating: number, shape: shape, dtype: parameter.dtype)
        case .parameter: parameter
        }
    }
}

/// What a rule reads.
package struct RuleInput {
    /// The parameter, and the same after decoupled weight decay.
    package let parameter: Tensor
    package let decayed: Tensor
    /// The gradient, with coupled weight decay.
    package let gradient: Tensor
    package let state: [Tensor]
    package let scalars: [Tensor]
    package let decay: Double
}

/// What a rule makes.
package struct RuleOutput {
    package let parameter: Tensor
    package let state: [Tensor]

    package init(_ parameter: Tensor, _ state: [Tensor] = []) {
        self.parameter = parameter
        self.state = state
    }
}

extension Tensor {
    /// The root of the mean square.
    var rootMeanSquare: Tensor { square().mean().squareRoot() }

    /// The running mean `beta self + (1 - beta) new`.
    func averaged(_ new: Tensor, _ beta: Double) -> Tensor { self * beta + new * (1 - beta) }
}
