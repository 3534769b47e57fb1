import ApusCore

/// A parameter with its gradient and what an optimizer keeps for it.
package struct OptimizerEntry {
    package let path: String
    package let parameter: Tensor
    package let gradient: Tensor
    package let state: [Tensor]
    package let constraint: Constraint?

    package init(
        path: String, parameter: Tensor, gradient: Tensor, state: [Tensor], constraint: Constraint? = nil
    ) {
        self.path = path
        self.parameter = parameter
        self.gradient = gradient
        self.state = state
        self.constraint = constraint
    }
}

extension Optimizer {
    /// The numbers that a step reads: those of each group (the factor of decoupled decay, then the rule's), then whether
    /// this step updates and the weight of the parameters in the average.
    package var scalarCount: Int { groups.reduce(2) { $0 + 1 + $1.rule.scalarCount } }

    /// Writes the numbers of batch `step` (1, 2, ...) without allocating.
    package func writeScalars(_ learningRate: Double, _ step: Int, _ scalars: UnsafeMutableBufferPointer<Double>) {
        let update = (step - 1) / max(accumulation, 1) + 1
        var position = 0
        for index in groups.indices {
            let count = groups[index].rule.scalarCount
            let rate = learningRate * groups[index].factor
            scalars[position] = 1 - rate * groups[index].rule.decayAmount
            groups[index].rule.writeScalars(
                rate, update, UnsafeMutableBufferPointer(rebasing: scalars[(position + 1)..<(position + 1 + count)]))
            position += 1 + count
        }
        scalars[position] = step % max(accumulation, 1) == 0 ? 1 : 0
        scalars[position + 1] = averaging?.weight(update: update) ?? 0
    }

    /// The numbers of a step in an array.
    package func scalars(_ learningRate: Double, _ step: Int) -> [Double] {
        var numbers = [Double](repeating: 0, count: scalarCount)
        numbers.withUnsafeMutableBufferPointer { writeScalars(learningRate, step, $0) }
        return numbers
    }

    /// What is kept for a parameter: the rule's states, then the sum of gradients and the average where there are any.
    package func states(path: String, shape: Shape) -> [StateForm] {
        let own = groups[group(of: path)].rule.states(shape)
        return own + (accumulation > 1 ? [StateForm(shape)] : []) + (averaging == nil ? [] : [StateForm(shape)])
    }

    /// The number of the state that is a better value to predict with than the parameter.
    package func evaluationState(path: String, shape: Shape) -> Int? {
        let rule = groups[group(of: path)].rule
        guard averaging == nil else { return rule.states(shape).count + (accumulation > 1 ? 1 : 0) }
        return rule.evaluation
    }

    /// First values of what is kept for all parameters together: the factor of the loss and its count.
    package var sharedStates: [Double] { lossScaling.map { [$0.initial, 0] } ?? [] }

    private func group(of path: String) -> Int {
        groups.firstIndex { $0.patterns.allSatisfy { $0.covers(path) } } ?? groups.count - 1
    }

    /// New parameters and states. Gradients are those of the loss times `shared[0]` where the loss is scaled.
    package func step(
        _ entries: [OptimizerEntry], shared: [Tensor], scalars: [Tensor]
    ) -> (results: [RuleOutput], shared: [Tensor]) {
        var gradients = entries.map(\.gradient)
        var newShared = shared
        var isGood: Tensor?
        if let lossScaling, shared.count == 2 {
            let inverse = shared[0].reciprocal()
            gradients = gradients.map { $0 * inverse.cast(to: $0.dtype) }
            let good = gradients.map { $0.isFinite().all() }.reduce(nil) { all, own in all.map { $0 & own } ?? own }
            isGood = good
            if let good { newShared = lossScaling.next(shared[0], shared[1], isGood: good) }
        }
        if maximizes { gradients = gradients.map { -$0 } }
        // Which updates are taken; all of them where there is no condition.
        var gate = isGood
        var sums: [Tensor] = []
        if accumulation > 1 {
            let share = 1 / Double(accumulation)
            sums = zip(entries, gradients).map { entry, gradient in
                guard let sum = entry.state.dropLast(averaging == nil ? 0 : 1).last else { return gradient }
                let total = sum + gradient * share
                return isGood.map { Tensor.select($0, total, sum) } ?? total
            }
            gradients = sums
            gate = scalars[scalars.count - 2] .> 0.5
        }
        if let clipping { gradients = clipping(gradients).gradients }
        let results = zip(entries, gradients).enumerated().map { index, pair in
            update(pair.0, pair.1, gate: gate, sum: sums.isEmpty ? nil : sums[index], scalars)
        }
        return (results, newShared)
    }

    private func update(
        _ entry: OptimizerEntry, _ gradient: Tensor, gate: Tensor?, sum: Tensor?, _ scalars: [Tensor]
    ) -> RuleOutput {
        let number = group(of: entry.path)
        let rule = groups[number].rule
        let offset = groups[..<number].reduce(0) { $0 + 1 + $1.rule.scalarCount }
        let dtype = entry.parameter.dtype
        let own = scalars[offset..<offset + 1 + rule.scalarCount].map { $0.cast(to: dtype) }
        let ruleStates = rule.states(entry.parameter.shape).count
        let w = entry.parameter
        let hasDecay = rule.decayAmount != 0
        let output = rule.update(
            RuleInput(
                parameter: w, decayed: hasDecay && rule.decay == .decoupled ? w * own[0] : w,
                gradient: hasDecay && rule.decay == .coupled ? gradient + w * rule.decayAmount : gradient,
                state: Array(entry.state.prefix(ruleStates)), scalars: Array(own.dropFirst()), decay: rule.decayAmount))
        let parameter = entry.constraint.map { $0(output.parameter) } ?? output.parameter
        var state = output.state
        func chosen(_ new: Tensor, _ old: Tensor) -> Tensor { gate.map { Tensor.select($0, new, old) } ?? new }
        state = zip(state, entry.state).map { chosen($0, $1) }
        if let sum, let gate { state.append(Tensor.select(gate, sum * 0, sum)) }
        if averaging != nil, let average = entry.state.last, let weight = scalars.last {
            state.append(chosen(average + (parameter - average) * weight.cast(to: dtype), average))
        }
        return RuleOutput(chosen(parameter, w), state)
    }
}
