import ApusCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension Optimizer {
    /// Stochastic gradient descent: `v = momentum v + (1 - dampening) g; w -= learningRate v`; with Nesterov's look-ahead
    /// `w -= learningRate (g + momentum v)`. The first gradient is not dampened. Weight decay is added to the gradient.
    ///
    /// Keras' convention has the learning rate in the velocity, `v = momentum v - learningRate g; w += v`, which differs
    /// once the rate changes; weight decay is decoupled.
    public static func sgd(
        learningRate: Double = 0.01, momentum: Double = 0, nesterov: Bool = false, weightDecay: Double = 0,
        dampening: Double = 0, convention: Convention = .torch
    ) -> Optimizer {
        let rule = UpdateRule(
            "sgd", decay: convention == .torch ? .coupled : .decoupled, weightDecay, scalars: 2,
            write: { rate, step, scalars in
                scalars[0] = rate
                scalars[1] = step == 1 ? 1 : 1 - dampening
            }, states: { momentum == 0 ? [] : [StateForm($0)] },
            problem: UpdateRule.problem(
                "sgd", [("momentum", momentum, 0...Double.infinity), ("dampening", dampening, 0...1)])
        ) { input in
            let (g, rate) = (input.gradient, input.scalars[0])
            guard momentum != 0 else { return RuleOutput(input.decayed - g * rate) }
            if convention == .keras {
                let velocity = input.state[0] * momentum - g * rate
                let step = nesterov ? velocity * momentum - g * rate : velocity
                return RuleOutput(input.decayed + step, [velocity])
            }
            let velocity = input.state[0] * momentum + (dampening == 0 ? g : g * input.scalars[1])
            let step = nesterov ? g + velocity * momentum : velocity
            return RuleOutput(input.decayed - step * rate, [velocity])
        }
        return Optimizer(rule, learningRate: learningRate)
    }

    /// Averaged stochastic gradient descent (Polyak and Juditsky, 1992): `w = w (1 - lambda eta) - eta g` with
    /// `eta = learningRate / (1 + lambda learningRate t)^alpha`. The average of the values from step `start` on is what
    /// `Trainer.withAverages` predicts with.
    public static func asgd(
        learningRate: Double = 0.01, lambda: Double = 1e-4, alpha: Double = 0.75, start: Double = 1e6,
        weightDecay: Double = 0
    ) -> Optimizer {
        let rule = UpdateRule(
            "asgd", weightDecay, scalars: 3,
            write: { rate, step, scalars in
                let eta = rate / pow(1 + lambda * rate * Double(step - 1), alpha)
                scalars[0] = eta
                scalars[1] = 1 - lambda * eta
                scalars[2] = 1 / max(1, Double(step - 1) - start)
            }, states: { [StateForm($0)] }, evaluation: 0,
            problem: UpdateRule.problem(
                "asgd",
                [
                    ("lambda", lambda, 0...Double.infinity), ("alpha", alpha, 0...Double.infinity),
                    ("start", start, 0...Double.infinity),
                ])
        ) { input in
            let w = input.decayed * input.scalars[1] - input.gradient * input.scalars[0]
            return RuleOutput(w, [input.state[0] + (w - input.state[0]) * input.scalars[2]])
        }
        return Optimizer(rule, learningRate: learningRate)
    }

    /// Resilient propagation (Riedmiller and Braun, 1993), for full batches: each element has a step size of its own, which
    /// grows by `growth` while the gradient's sign stays and falls by `shrinkage` when it turns. Sizes begin at
    /// `learningRate` and stay within `minimum...maximum`.
    public static func rprop(
        learningRate: Double = 0.01, shrinkage: Double = 0.5, growth: Double = 1.2, minimum: Double = 1e-6,
        maximum: Double = 50
    ) -> Optimizer {
        let rule = UpdateRule(
            "rprop", states: { [StateForm($0), StateForm($0, .value(learningRate))] },
            problem: UpdateRule.problem(
                "rprop",
                [
                    ("shrinkage", shrinkage, 0...1), ("growth", growth, 1...1e9),
                    ("minimum", minimum, 0...Double.infinity),
                    ("maximum", maximum, max(minimum.isNaN ? 0 : minimum, 0)...Double.infinity),
                ])
        ) { input in
            let g = input.gradient
            let turn = g.sign() * input.state[0]
            let zero = Tensor.zeros(g.shape, dtype: g.dtype)
            let one = zero + 1
            let factor = Tensor.select(turn .> 0.0, one * growth, Tensor.select(turn .< 0.0, one * shrinkage, one))
            let size = (input.state[1] * factor).clipped(minimum, maximum)
            let sign = Tensor.select(turn .< 0.0, zero, g.sign())
            return RuleOutput(input.decayed - sign * size, [sign, size])
        }
        return Optimizer(rule, learningRate: learningRate)
    }

    /// Layer-wise adaptive rates for large batches (You et al., 2017): gradients of matrices and kernels are scaled by
    /// `trust |w| / (|g| + weightDecay |w|)` before the momentum; vectors such as biases are updated as by `sgd`.
    public static func lars(
        learningRate: Double = 0.1, momentum: Double = 0.9, weightDecay: Double = 1e-4, trust: Double = 1e-3,
        epsilon: Double = 1e-8
    ) -> Optimizer {
        let rule = UpdateRule(
            "lars", decay: .own, weightDecay, states: { [StateForm($0)] },
            problem: UpdateRule.problem(
                "lars",
                [
                    ("momentum", momentum, 0...Double.infinity), ("trust", trust, 0...Double.infinity),
                    ("epsilon", epsilon, 0...Double.infinity),
                ])
        ) { input in
            let w = input.parameter
            var g = input.gradient + w * input.decay
            if w.rank > 1 {
                let norms = (w.norm(), input.gradient.norm())
                let ratio = norms.0 * trust / (norms.1 + norms.0 * input.decay + epsilon)
                g = g * Tensor.select((norms.0 .> 0.0) & (norms.1 .> 0.0), ratio, ratio * 0 + 1)
            }
            let velocity = input.state[0] * momentum + g * input.scalars[0]
            return RuleOutput(w - velocity, [velocity])
        }
        return Optimizer(rule, learningRate: learningRate)
    }
}
