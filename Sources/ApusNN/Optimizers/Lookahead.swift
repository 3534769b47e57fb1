import ApusCore

extension UpdateRule {
    /// The rule with slow values besides, as the last state, which every `count` updates go the part `alpha` of the way to
    /// the fast ones; these start anew from there.
    func lookahead(_ count: Int, _ alpha: Double) -> UpdateRule {
        let base = self
        return UpdateRule(
            "\(name) with lookahead", decay: decay, decayAmount, scalars: scalarCount + 1,
            write: { rate, step, scalars in
                base.writeScalars(
                    rate, step, UnsafeMutableBufferPointer(rebasing: scalars[..<base.scalarCount]))
                scalars[base.scalarCount] = step % max(count, 1) == 0 ? 1 : 0
            }, states: { base.states($0) + [StateForm($0, .parameter)] }, evaluation: evaluation,
            problem: problem
                ?? Self.problem("lookahead", [("every", Double(count), 1...1e9), ("alpha", alpha, 0...1)])
        ) { input in
            let output = base.update(
                RuleInput(
                    parameter: input.parameter, decayed: input.decayed, gradient: input.gradient,
                    state: Array(input.state.dropLast()), scalars: Array(input.scalars.dropLast()),
                    decay: input.decay))
            guard let slow = input.state.last, let flag = input.scalars.last else { return output }
            let isDue = flag .> 0.5
            let next = Tensor.select(isDue, slow + (output.parameter - slow) * alpha, slow)
            return RuleOutput(Tensor.select(isDue, next, output.parameter), output.state + [next])
        }
    }
}
