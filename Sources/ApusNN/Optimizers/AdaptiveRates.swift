import ApusCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension Optimizer {
    /// Divides by the root of the running mean of squared gradients (Tieleman and Hinton, 2012).
    ///
    /// PyTorch: `w -= learningRate g / (sqrt(s) + epsilon)`, weight decay in the gradient. Keras: `g / sqrt(s + epsilon)` with
    /// rho 0.9 and epsilon 1e-7, the rate inside the momentum, decay decoupled.
    ///
    /// - Parameter centered: whether the squared running mean of the gradient is subtracted from `s`
    public static func rmsprop(
        learningRate: Double = 0.01, rho: Double = 0.99, epsilon: Double = 1e-8, momentum: Double = 0,
        centered: Bool = false, weightDecay: Double = 0, convention: Convention = .torch
    ) -> Optimizer {
        let isKeras = convention == .keras
        let rule = UpdateRule(
            "rmsprop", decay: isKeras ? .decoupled : .coupled, weightDecay,
            states: { shape in
                [StateForm](repeating: StateForm(shape), count: 1 + (centered ? 1 : 0) + (momentum == 0 ? 0 : 1))
            },
            problem: UpdateRule.problem(
                "rmsprop",
                [("rho", rho, 0...1), ("epsilon", epsilon, 0...Double.infinity), ("momentum", momentum, 0...1)])
        ) { input in
            let (g, rate) = (input.gradient, input.scalars[0])
            let second = input.state[0].averaged(g.square(), rho)
            var state = [second]
            var power = second
            if centered {
                let mean = input.state[1].averaged(g, rho)
                state.append(mean)
                // Rounding may make it a little less than 0.
                power = (second - mean.square()).relu()
            }
            let divisor = isKeras ? (power + epsilon).squareRoot() : power.squareRoot() + epsilon
            let step = isKeras ? g * rate / divisor : g / divisor
            guard momentum != 0 else { return RuleOutput(input.decayed - (isKeras ? step : step * rate), state) }
            let velocity = input.state[centered ? 2 : 1] * momentum + step
            return RuleOutput(input.decayed - (isKeras ? velocity : velocity * rate), state + [velocity])
        }
        return Optimizer(rule, learningRate: learningRate)
    }

    /// Divides by the root of the sum of all squared gradients (Duchi et al., JMLR 2011): `s += g^2`,
    /// `w -= learningRate / (1 + (t - 1) rateDecay) g / (sqrt(s) + epsilon)`.
    ///
    /// Keras: `g / sqrt(s + epsilon)` with a sum that begins at 0.1 and epsilon 1e-7; decay decoupled.
    public static func adagrad(
        learningRate: Double = 0.01, rateDecay: Double = 0, initialSum: Double = 0, epsilon: Double = 1e-10,
        weightDecay: Double = 0, convention: Convention = .torch
    ) -> Optimizer {
        let rule = UpdateRule(
            "adagrad", decay: convention == .torch ? .coupled : .decoupled, weightDecay,
            write: { rate, step, scalars in scalars[0] = rate / (1 + Double(step - 1) * rateDecay) },
            states: { [StateForm($0, .value(initialSum))] },
            problem: UpdateRule.problem(
                "adagrad",
                [
                    ("rateDecay", rateDecay, 0...Double.infinity), ("initialSum", initialSum, 0...Double.infinity),
                    ("epsilon", epsilon, 0...Double.infinity),
                ])
        ) { input in
            let g = input.gradient
            let sum = input.state[0] + g.square()
            let divisor = convention == .torch ? sum.squareRoot() + epsilon : (sum + epsilon).squareRoot()
            return RuleOutput(input.decayed - g * input.scalars[0] / divisor, [sum])
        }
        return Optimizer(rule, learningRate: learningRate)
    }

    /// Steps in the parameter's own unit (Zeiler, 2012): `d = sqrt(a + epsilon) / sqrt(s + epsilon) g` with the running mean
    /// squares `s` of the gradients and `a` of the steps. Weight decay is added to the gradient, or decoupled in Keras'
    /// convention.
    public static func adadelta(
        learningRate: Double = 1, rho: Double = 0.9, epsilon: Double = 1e-6, weightDecay: Double = 0,
        convention: Convention = .torch
    ) -> Optimizer {
        let rule = UpdateRule(
            "adadelta", decay: convention == .torch ? .coupled : .decoupled, weightDecay,
            states: { [StateForm($0), StateForm($0)] },
            problem: UpdateRule.problem("adadelta", [("rho", rho, 0...1), ("epsilon", epsilon, 0...Double.infinity)])
        ) { input in
            let g = input.gradient
            let second = input.state[0].averaged(g.square(), rho)
            let step = (input.state[1] + epsilon).squareRoot() / (second + epsilon).squareRoot() * g
            return RuleOutput(
                input.decayed - step * input.scalars[0], [second, input.state[1].averaged(step.square(), rho)])
        }
        return Optimizer(rule, learningRate: learningRate)
    }

    /// "Follow the regularised leader" (McMahan et al., KDD 2013), for sparse linear models; `l1` makes parameters
    /// exactly 0.
    ///
    /// With `n` the sum of squared gradients and `p` the power (-0.5: AdaGrad's rates):
    /// `z += g' - (n'^-p - n^-p) / learningRate w; w = (clip(z, -l1, l1) - z) / (n'^-p / learningRate + 2 l2 + beta /
    /// learningRate)`, where `g' = g + 2 l2Shrinkage w`.
    public static func ftrl(
        learningRate: Double = 0.001, power: Double = -0.5, initialSum: Double = 0.1, l1: Double = 0, l2: Double = 0,
        l2Shrinkage: Double = 0, beta: Double = 0
    ) -> Optimizer {
        let rule = UpdateRule(
            "ftrl", scalars: 2,
            write: { rate, _, scalars in
                scalars[0] = 1 / max(rate, 1e-30)
                scalars[1] = 2 * l2 + beta / max(rate, 1e-30)
            }, states: { [StateForm($0, .value(initialSum)), StateForm($0)] },
            problem: UpdateRule.problem(
                "ftrl",
                [
                    ("-power", -power, 0...Double.infinity), ("initialSum", initialSum, 0...Double.infinity),
                    ("l1", l1, 0...Double.infinity), ("l2", l2, 0...Double.infinity),
                    ("l2Shrinkage", l2Shrinkage, 0...Double.infinity), ("beta", beta, 0...Double.infinity),
                ])
        ) { input in
            let (g, w) = (input.gradient, input.decayed)
            let sum = input.state[0] + g.square()
            let (before, after) = (Tensor.power(input.state[0], -power), Tensor.power(sum, -power))
            let shifted = l2Shrinkage == 0 ? g : g + w * (2 * l2Shrinkage)
            let z = input.state[1] + shifted - (after - before) * input.scalars[0] * w
            let divisor = after * input.scalars[0] + input.scalars[1]
            return RuleOutput((z.clipped(-l1, l1) - z) / divisor, [sum, z])
        }
        return Optimizer(rule, learningRate: learningRate)
    }
}
