import ApusCore
import ApusNN
import TestSupport

/// The values after each of the given gradients, as the cases list them.
private func updates(_ arguments: GoldenArguments, _ optimizer: Optimizer) throws -> [Tensor] {
    try ["w1", "b1", "w2", "b2"].map { name in
        var value = try arguments(name)
        let gradients = try arguments("grads_\(name)")
        var state = (0..<optimizer.stateCount).map { _ in Tensor.zeros(value.shape, dtype: value.dtype) }
        var values: [Tensor] = []
        for step in 0..<gradients.shape[0] {
            let gradient = gradients.slice(axis: 0, step..<step + 1).reshaped(to: value.shape)
            let scalars = optimizer.scalars(optimizer.learningRate, step + 1).map {
                Tensor([$0], shape: []).cast(to: value.dtype)
            }
            let (new, moments) = optimizer.update(value, gradient, state, scalars)
            value = try new.evaluated()
            state = try moments.map { try $0.evaluated() }
            values.append(value)
        }
        return Tensor.stack(values)
    }
}

func optimizerTable() -> GoldenTable {
    var table: GoldenTable = [:]
    table["sgd"] = {
        guard try $0.number("dampening") == 0, try !$0.flag("maximize") else {
            throw GoldenMissing("dampening, maximize")
        }
        return try updates(
            $0,
            .sgd(
                learningRate: try $0.number("learning_rate"), momentum: try $0.number("momentum"),
                nesterov: try $0.flag("nesterov"), weightDecay: try $0.number("weight_decay")))
    }
    table["sgd_keras"] = {
        guard !$0.has("clip"), !$0.has("weight_decay"), !$0.has("ema") else { throw GoldenMissing("options") }
        return try updates(
            $0,
            .sgd(
                learningRate: try $0.number("learning_rate"), momentum: try $0.number("momentum"),
                nesterov: try $0.flag("nesterov")))
    }
    table["adam"] = {
        guard try !$0.flag("amsgrad") else { throw GoldenMissing("amsgrad") }
        let make = try $0.flag("decoupled_weight_decay") ? Optimizer.adamW : Optimizer.adam
        return try updates(
            $0,
            make(
                try $0.number("learning_rate"), try $0.number("beta1"), try $0.number("beta2"),
                try $0.number("epsilon"), try $0.number("weight_decay")))
    }
    return table
}
