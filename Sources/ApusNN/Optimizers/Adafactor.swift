import ApusCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension Optimizer {
    /// Second moments of matrices by the means of their rows and columns alone (Shazeer and Stern, ICML 2018): the memory
    /// grows with `rows + columns` instead of their product. Steps are relative to the parameter's size.
    ///
    /// `rate = max(epsilon2, rms(w)) min(learningRate, 1 / sqrt(t))`, `v` the running mean of `g^2` with
    /// `beta2 = 1 - t^beta2Decay`, `u = g / sqrt(v)`, `w -= rate u / max(1, rms(u) / threshold)`. Kernels of more axes are
    /// taken as matrices of their last two. Weight decay is decoupled.
    ///
    /// - Parameter convention: Keras adds `epsilon1` (there 1e-30) to `g^2`; PyTorch limits `v` from below by `epsilon1^2`
    public static func adafactor(
        learningRate: Double = 0.01, beta2Decay: Double = -0.8, epsilon1: Double = 1.1920929e-7,
        epsilon2: Double = 1e-3, threshold: Double = 1, weightDecay: Double = 0, convention: Convention = .torch
    ) -> Optimizer {
        let isKeras = convention == .keras
        let rule = UpdateRule(
            "adafactor", decay: .decoupled, weightDecay, scalars: 2,
            write: { rate, step, scalars in
                scalars[0] = min(rate, 1 / sqrt(Double(step)))
                scalars[1] = pow(Double(step), beta2Decay)
            },
            states: { shape in
                guard shape.rank >= 2 else { return [StateForm(shape)] }
                return [
                    StateForm(shape.replacing(shape.rank - 1, with: 1)),
                    StateForm(shape.replacing(shape.rank - 2, with: 1)),
                ]
            },
            problem: UpdateRule.problem(
                "adafactor",
                [
                    ("-beta2Decay", -beta2Decay, 0...Double.infinity), ("epsilon1", epsilon1, 0...Double.infinity),
                    ("epsilon2", epsilon2, 0...Double.infinity), ("threshold", threshold, 1e-30...Double.infinity),
                ])
        ) { input in
            let g = input.gradient
            let power = isKeras ? g.square() + epsilon1 : g.square()
            let news = g.rank < 2 ? [power] : [-1, -2].map { power.mean(axes: [$0], keepDimensions: true) }
            let state = zip(input.state, news).map { $0 + ($1 - $0) * input.scalars[1] }
            var variance = state[0]
            if state.count == 2 {
                let mean = state[0].mean(axes: [-2], keepDimensions: true)
                variance = state[0] / (isKeras ? mean : Tensor.maximum(mean, epsilon1)) * state[1]
            }
            if !isKeras { variance = Tensor.maximum(variance, epsilon1 * epsilon1) }
            let step = g / variance.squareRoot()
            let rate = Tensor.maximum(input.parameter.rootMeanSquare, epsilon2) * input.scalars[0]
            let scale = rate / Tensor.maximum(step.rootMeanSquare / threshold, 1)
            return RuleOutput(input.decayed - step * scale, state)
        }
        return Optimizer(rule, learningRate: learningRate)
    }
}
