import ApusCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension Optimizer {
    /// Adam (Kingma and Ba, ICLR 2015): step sizes adapted to the gradients' first and second moments. Weight decay is
    /// added to the gradient.
    ///
    /// - Parameters:
    ///   - amsgrad: whether the largest second moment so far is used (Reddi et al., ICLR 2018)
    ///   - convention: Keras adds `epsilon` (there 1e-7) before the bias correction, and decouples the decay
    public static func adam(
        learningRate: Double = 1e-3, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
        weightDecay: Double = 0, amsgrad: Bool = false, convention: Convention = .torch
    ) -> Optimizer {
        adam(
            "adam", convention == .torch ? .coupled : .decoupled, learningRate, beta1, beta2, epsilon, weightDecay,
            amsgrad, convention)
    }

    /// Adam with weight decay apart from the gradient (Loshchilov and Hutter, ICLR 2019).
    public static func adamW(
        learningRate: Double = 1e-3, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
        weightDecay: Double = 0.01, amsgrad: Bool = false, convention: Convention = .torch
    ) -> Optimizer {
        adam("adamw", .decoupled, learningRate, beta1, beta2, epsilon, weightDecay, amsgrad, convention)
    }

    private static func adam(
        _ name: String, _ decay: UpdateRule.Decay, _ learningRate: Double, _ beta1: Double, _ beta2: Double,
        _ epsilon: Double, _ weightDecay: Double, _ amsgrad: Bool, _ convention: Convention
    ) -> Optimizer {
        let rule = UpdateRule(
            name, decay: decay, weightDecay, scalars: 2,
            write: { rate, step, scalars in
                // Bias corrections as factors: of the step, and of the second moment's root.
                let correction = sqrt(1 - pow(beta2, Double(step)))
                scalars[0] = rate / (1 - pow(beta1, Double(step))) * (convention == .keras ? correction : 1)
                scalars[1] = 1 / correction
            }, states: { [StateForm](repeating: StateForm($0), count: amsgrad ? 3 : 2) },
            problem: momentProblem(name, beta1, beta2, epsilon)
        ) { input in
            let g = input.gradient
            let first = input.state[0].averaged(g, beta1)
            let second = input.state[1].averaged(g.square(), beta2)
            let largest = amsgrad ? Tensor.maximum(input.state[2], second) : second
            let root = largest.squareRoot()
            let divisor = (convention == .keras ? root : root * input.scalars[1]) + epsilon
            let state = amsgrad ? [first, second, largest] : [first, second]
            return RuleOutput(input.decayed - first * input.scalars[0] / divisor, state)
        }
        return Optimizer(rule, learningRate: learningRate)
    }

    static func momentProblem(_ name: String, _ beta1: Double, _ beta2: Double, _ epsilon: Double) -> ApusError? {
        UpdateRule.problem(
            name,
            [
                ("beta1", beta1, 0...1.0.nextDown), ("beta2", beta2, 0...1.0.nextDown),
                ("epsilon", epsilon, 0...Double.infinity),
            ])
    }

    /// Adam with the largest gradient, decayed, for its second moment (Kingma and Ba, ICLR 2015).
    ///
    /// `u = max(beta2 u, |g| + epsilon)`; in Keras' convention epsilon is added to the divisor, and weight decay is
    /// decoupled.
    public static func adamax(
        learningRate: Double = 2e-3, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
        weightDecay: Double = 0, convention: Convention = .torch
    ) -> Optimizer {
        let rule = UpdateRule(
            "adamax", decay: convention == .torch ? .coupled : .decoupled, weightDecay,
            write: { rate, step, scalars in scalars[0] = rate / (1 - pow(beta1, Double(step))) },
            states: { [StateForm($0), StateForm($0)] }, problem: momentProblem("adamax", beta1, beta2, epsilon)
        ) { input in
            let isKeras = convention == .keras
            let magnitude = input.gradient.absolute() + (isKeras ? 0 : epsilon)
            let first = input.state[0].averaged(input.gradient, beta1)
            let largest = Tensor.maximum(input.state[1] * beta2, magnitude)
            let step = first * input.scalars[0] / (isKeras ? largest + epsilon : largest)
            return RuleOutput(input.decayed - step, [first, largest])
        }
        return Optimizer(rule, learningRate: learningRate)
    }

    /// Adam with Nesterov's look-ahead (Dozat, 2016).
    ///
    /// - Parameters:
    ///   - momentumDecay: the momentum of step t is `beta1 (1 - 0.96^(t momentumDecay) / 2)`; Keras has 1
    ///   - decoupled: whether weight decay stays apart from the gradient, as in Keras
    public static func nadam(
        learningRate: Double = 2e-3, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
        weightDecay: Double = 0, momentumDecay: Double = 4e-3, decoupled: Bool = false
    ) -> Optimizer {
        let rule = UpdateRule(
            "nadam", decay: decoupled ? .decoupled : .coupled, weightDecay, scalars: 3,
            write: { rate, step, scalars in
                func momentum(_ step: Int) -> Double { beta1 * (1 - pow(0.96, Double(step) * momentumDecay) / 2) }
                // The product of all momenta so far; once it is lost beside 1 it need not be followed.
                var (product, index) = (1.0, 1)
                while index <= step, product > 1e-17 {
                    product *= momentum(index)
                    index += 1
                }
                let next = momentum(step + 1)
                scalars[0] = rate * (1 - momentum(step)) / (1 - product)
                scalars[1] = rate * next / (1 - product * next)
                scalars[2] = 1 / sqrt(1 - pow(beta2, Double(step)))
            }, states: { [StateForm($0), StateForm($0)] },
            problem: momentProblem("nadam", beta1, beta2, epsilon)
                ?? UpdateRule.problem("nadam", [("momentumDecay", momentumDecay, 0...Double.infinity)])
        ) { input in
            let g = input.gradient
            let first = input.state[0].averaged(g, beta1)
            let second = input.state[1].averaged(g.square(), beta2)
            let divisor = second.squareRoot() * input.scalars[2] + epsilon
            let step = (g * input.scalars[0] + first * input.scalars[1]) / divisor
            return RuleOutput(input.decayed - step, [first, second])
        }
        return Optimizer(rule, learningRate: learningRate)
    }

    /// Adam for embeddings of which a batch sees few rows: rows (all axes but the first) whose gradient is 0 keep their
    /// value and their moments. Bias corrections count all steps.
    public static func sparseAdam(
        learningRate: Double = 1e-3, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8
    ) -> Optimizer {
        let base = adam(learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon).groups[0].rule
        let rule = UpdateRule(
            "sparse adam", scalars: base.scalarCount, write: base.writeScalars, states: base.states,
            problem: momentProblem("sparse adam", beta1, beta2, epsilon)
        ) { input in
            let output = base.update(input)
            let rest = Array(min(1, input.gradient.rank)..<input.gradient.rank)
            let isSeen = (input.gradient .!= 0.0).any(axes: rest, keepDimensions: true)
            return RuleOutput(
                Tensor.select(isSeen, output.parameter, input.parameter),
                zip(output.state, input.state).map { Tensor.select(isSeen, $0, $1) })
        }
        return Optimizer(rule, learningRate: learningRate)
    }

    /// Adam whose adaptive steps begin once their variance is tractable (Liu et al., ICLR 2020).
    public static func radam(
        learningRate: Double = 1e-3, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
        weightDecay: Double = 0, decoupled: Bool = false
    ) -> Optimizer {
        let rule = UpdateRule(
            "radam", decay: decoupled ? .decoupled : .coupled, weightDecay, scalars: 2,
            write: { rate, step, scalars in
                let last = 2 / (1 - beta2) - 1
                let power = pow(beta2, Double(step))
                let length = last - 2 * Double(step) * power / (1 - power)
                let scale = rate / (1 - pow(beta1, Double(step)))
                let isTractable = length > 5
                let ratio = (length - 4) * (length - 2) * last / ((last - 4) * (last - 2) * length)
                // One of the two is 0: the adaptive step or the plain one.
                scalars[0] = isTractable ? scale * sqrt(ratio * (1 - power)) : 0
                scalars[1] = isTractable ? 0 : scale
            }, states: { [StateForm($0), StateForm($0)] }, problem: momentProblem("radam", beta1, beta2, epsilon)
        ) { input in
            let g = input.gradient
            let first = input.state[0].averaged(g, beta1)
            let second = input.state[1].averaged(g.square(), beta2)
            let factor = input.scalars[0] / (second.squareRoot() + epsilon) + input.scalars[1]
            return RuleOutput(input.decayed - first * factor, [first, second])
        }
        return Optimizer(rule, learningRate: learningRate)
    }
}
