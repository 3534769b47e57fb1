import ApusCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension Optimizer {
    /// The sign of a mean of momentum and gradient (Chen et al., NeurIPS 2023):
    /// `w -= learningRate sign(beta1 m + (1 - beta1) g); m = beta2 m + (1 - beta2) g`. Weight decay is decoupled.
    ///
    /// Rates are 3 to 10 times smaller than Adam's, decays as much larger.
    public static func lion(
        learningRate: Double = 1e-4, beta1: Double = 0.9, beta2: Double = 0.99, weightDecay: Double = 0
    ) -> Optimizer {
        let rule = UpdateRule(
            "lion", decay: .decoupled, weightDecay, states: { [StateForm($0)] },
            problem: momentProblem("lion", beta1, beta2, 0)
        ) { input in
            let direction = input.state[0].averaged(input.gradient, beta1).sign()
            return RuleOutput(
                input.decayed - direction * input.scalars[0], [input.state[0].averaged(input.gradient, beta2)])
        }
        return Optimizer(rule, learningRate: learningRate)
    }

    /// Adam's step `u` scaled to the size of the parameter, for large batches (You et al., ICLR 2020):
    /// `w -= learningRate |w| / |u| u`; weight decay is part of `u`, or decoupled in Keras' convention.
    public static func lamb(
        learningRate: Double = 1e-3, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-6,
        weightDecay: Double = 0, convention: Convention = .torch
    ) -> Optimizer {
        let rule = UpdateRule(
            "lamb", decay: convention == .torch ? .own : .decoupled, weightDecay, scalars: 3,
            write: { rate, step, scalars in
                scalars[0] = rate
                scalars[1] = 1 / (1 - pow(beta1, Double(step)))
                scalars[2] = 1 / sqrt(1 - pow(beta2, Double(step)))
            }, states: { [StateForm($0), StateForm($0)] }, problem: momentProblem("lamb", beta1, beta2, epsilon)
        ) { input in
            let (g, w) = (input.gradient, input.decayed)
            let first = input.state[0].averaged(g, beta1)
            let second = input.state[1].averaged(g.square(), beta2)
            var step = first * input.scalars[1] / (second.squareRoot() * input.scalars[2] + epsilon)
            if convention == .torch, input.decay != 0 { step = step + w * input.decay }
            let norms = (w.norm(), step.norm())
            let ratio = Tensor.select((norms.0 .> 0.0) & (norms.1 .> 0.0), norms.0 / norms.1, norms.0 * 0 + 1)
            return RuleOutput(w - step * (ratio * input.scalars[0]), [first, second])
        }
        return Optimizer(rule, learningRate: learningRate)
    }

    /// Adaptive Nesterov momentum (Xie et al., 2022): running means of the gradient, of its change, and of the square of
    /// their look-ahead. Weight decay is decoupled. The betas are the kept parts.
    public static func adan(
        learningRate: Double = 1e-3, beta1: Double = 0.98, beta2: Double = 0.92, beta3: Double = 0.99,
        epsilon: Double = 1e-8, weightDecay: Double = 0
    ) -> Optimizer {
        let rule = UpdateRule(
            "adan", decay: .decoupled, weightDecay, scalars: 4,
            write: { rate, step, scalars in
                scalars[0] = rate / (1 - pow(beta1, Double(step)))
                scalars[1] = rate * beta2 / (1 - pow(beta2, Double(step)))
                scalars[2] = 1 / sqrt(1 - pow(beta3, Double(step)))
                // There is no change at the first step.
                scalars[3] = step == 1 ? 0 : 1
            }, states: { [StateForm](repeating: StateForm($0), count: 4) },
            problem: momentProblem("adan", beta1, beta2, epsilon)
                ?? UpdateRule.problem("adan", [("beta3", beta3, 0...1.0.nextDown)])
                ?? UpdateRule.problem("adan", [("beta3", beta3, 0...1.0.nextDown)])
        ) { input in
            let g = input.gradient
            let change = (g - input.state[3]) * input.scalars[3]
            let first = input.state[0].averaged(g, beta1)
            let trend = input.state[1].averaged(change, beta2)
            let second = input.state[2].averaged((g + change * beta2).square(), beta3)
            let divisor = second.squareRoot() * input.scalars[2] + epsilon
            let step = (first * input.scalars[0] + trend * input.scalars[1]) / divisor
            return RuleOutput(input.decayed - step, [first, trend, second, g])
        }
        return Optimizer(rule, learningRate: learningRate)
    }

    /// AdamW that needs no schedule (Defazio et al., NeurIPS 2024): gradients are taken at a point between the fast values
    /// `z` and their average `x`, weighted by the squares of the learning rates. The model holds that point while it trains;
    /// `Trainer.withAverages` and `adoptAverages` give `x`, which is to be predicted with. Combine it with a warm-up alone.
    public static func scheduleFreeAdamW(
        learningRate: Double = 2.5e-3, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
        weightDecay: Double = 0
    ) -> Optimizer {
        let rule = UpdateRule(
            "schedule-free adamw", decay: .own, weightDecay, scalars: 3,
            write: { rate, step, scalars in
                scalars[0] = rate
                scalars[1] = 1 / sqrt(1 - pow(beta2, Double(step)))
                scalars[2] = rate * rate
            },
            states: { [StateForm($0, .parameter), StateForm($0, .parameter), StateForm($0), StateForm([])] },
            evaluation: 1,
            problem: momentProblem("schedule-free adamw", beta1, beta2, epsilon)
                ?? UpdateRule.problem("schedule-free adamw", [("beta1", beta1, 0.01...1)])
        ) { input in
            let second = input.state[2].averaged(input.gradient.square(), beta2)
            var step = input.gradient / (second.squareRoot() * input.scalars[1] + epsilon)
            if input.decay != 0 { step = step + input.parameter * input.decay }
            let fast = input.state[0] - step * input.scalars[0]
            let total = input.state[3] + input.scalars[2]
            // While the rate is 0, nothing is averaged.
            let part = input.scalars[2] / Tensor.maximum(total, 1e-30)
            let average = input.state[1] + (fast - input.state[1]) * part
            // As a change of the parameter, so that the new value is computed from the old one in any case.
            let point = input.parameter + (fast.averaged(average, 1 - beta1) - input.parameter)
            return RuleOutput(point, [fast, average, second, total])
        }
        return Optimizer(rule, learningRate: learningRate)
    }
}
