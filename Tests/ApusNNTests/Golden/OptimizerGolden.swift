import ApusCore
import ApusNN
import TestSupport

private let names = ["w1", "b1", "w2", "b2"]

/// The values after each of the given gradients, as the cases list them, and the averages.
private func updates(_ arguments: GoldenArguments, _ optimizer: Optimizer) throws -> [Tensor] {
    try optimizer.check()
    var values = try names.map { try arguments($0) }
    let gradients = try names.map { try arguments("grads_\($0)") }
    var states = zip(names, values).map { name, value in
        optimizer.states(path: name, shape: value.shape).map { $0.value(value) }
    }
    var history = [[Tensor]](repeating: [], count: names.count)
    var averages = history
    for step in 0..<gradients[0].shape[0] {
        let entries = names.indices.map { index in
            OptimizerEntry(
                path: names[index], parameter: values[index],
                gradient: gradients[index].slice(axis: 0, step..<step + 1).reshaped(to: values[index].shape),
                state: states[index])
        }
        let scalars = optimizer.scalars(optimizer.learningRate, step + 1).map {
            Tensor([$0], shape: []).cast(to: arguments.dtype)
        }
        let (results, _) = optimizer.step(entries, shared: [], scalars: scalars)
        try Tensor.evaluate(results.flatMap { [$0.parameter] + $0.state })
        values = try results.map { try $0.parameter.evaluated() }
        states = try results.map { try $0.state.map { try $0.evaluated() } }
        for (index, name) in names.enumerated() {
            history[index].append(values[index])
            let better = optimizer.evaluationState(path: name, shape: values[index].shape)
            averages[index].append(better.map { states[index][$0] } ?? values[index])
        }
    }
    return (history + averages).map { Tensor.stack($0) }
}

private func rule(_ make: @escaping (GoldenArguments) throws -> Optimizer) -> GoldenOperation {
    { try updates($0, try make($0)) }
}

/// Keras writes null for no weight decay.
private func decay(_ arguments: GoldenArguments) throws -> Double {
    arguments.has("weight_decay") ? try arguments.number("weight_decay") : 0
}

private func clipping(_ json: JSON?) throws -> GradientClipping {
    guard let kind = json?["kind"]?.string, let threshold = json?["threshold"]?.double else {
        throw GoldenProblem("clipping")
    }
    let order = json?["p"]?.string == "inf" ? Double.infinity : json?["p"]?.double ?? 2
    let epsilon = json?["epsilon"]?.double ?? 0
    switch kind {
    case "value": return .value(threshold)
    case "norm": return .norm(threshold, order: order, epsilon: epsilon)
    default: return .globalNorm(threshold, order: order, epsilon: epsilon)
    }
}

func optimizerTable() -> GoldenTable {
    var table: GoldenTable = [:]
    table["sgd"] = rule {
        let optimizer = Optimizer.sgd(
            learningRate: try $0.number("learning_rate"), momentum: try $0.number("momentum"),
            nesterov: try $0.flag("nesterov"), weightDecay: try $0.number("weight_decay"),
            dampening: try $0.number("dampening"))
        return try $0.flag("maximize") ? optimizer.maximizing() : optimizer
    }
    table["sgd_keras"] = rule {
        var optimizer = Optimizer.sgd(
            learningRate: try $0.number("learning_rate"), momentum: try $0.number("momentum"),
            nesterov: try $0.flag("nesterov"), weightDecay: try decay($0), convention: .keras)
        if $0.has("clip") { optimizer = optimizer.clipped(try clipping($0.attributes["clip"])) }
        if $0.has("ema") { optimizer = optimizer.averaging(.exponential(decay: try $0.number("ema"))) }
        return optimizer
    }
    table["clip_gradients"] = {
        let (gradients, norm) = try clipping($0.attributes)($0.inputs)
        return gradients + [norm]
    }
    table["exponential_moving_average"] = {
        let values = try $0("values")
        let averaging = WeightAveraging.exponential(decay: try $0.number("decay"))
        var averages: [Tensor] = []
        for step in 0..<values.shape[0] {
            let value = values.slice(axis: 0, step..<step + 1).reshaped(
                to: Shape(Array(values.shape.extents.dropFirst())))
            let last = averages.last ?? value
            averages.append(last + (value - last) * averaging.weight(update: step + 1))
        }
        return [Tensor.stack(averages)]
    }
    table["lbfgs"] = { arguments in
        let minimum = try minimize(
            try arguments("start"), maximumSteps: 500, tolerance: arguments.dtype == .float64 ? 1e-9 : 1e-5
        ) { x in
            switch try arguments.text("objective") {
            case "rosenbrock":
                let count = x.shape[0]
                let (first, second) = (x.slice(axis: 0, 0..<count - 1), x.slice(axis: 0, 1..<count))
                return ((second - first.square()).square() * 100 + (1 - first).square()).sum()
            case "least_squares":
                let residuals = product(try arguments("a"), x) - (try arguments("b"))
                return residuals.square().mean() + x.square().sum() * (try arguments.number("l2"))
            default:
                let scores = product(try arguments("a"), x) * (try arguments("y").cast(to: x.dtype))
                return (-scores).softplus().mean() + x.square().sum() * (try arguments.number("l2"))
            }
        }
        return [minimum.point, Tensor(minimum.value, dtype: arguments.dtype)]
    }
    addAdams(&table)
    addAdaptiveRates(&table)
    return table
}

private func addAdams(_ table: inout GoldenTable) {
    for (name, convention) in [("adam", Optimizer.Convention.torch), ("adam_keras", .keras)] {
        table[name] = rule {
            let isDecoupled = convention == .keras ? $0.has("weight_decay") : try $0.flag("decoupled_weight_decay")
            let make = isDecoupled ? Optimizer.adamW : Optimizer.adam
            return make(
                try $0.number("learning_rate"), try $0.number("beta1"), try $0.number("beta2"),
                try $0.number("epsilon"), try decay($0), try $0.flag("amsgrad"), convention)
        }
    }
    for (name, convention) in [("adamax", Optimizer.Convention.torch), ("adamax_keras", .keras)] {
        table[name] = rule {
            .adamax(
                learningRate: try $0.number("learning_rate"), beta1: try $0.number("beta1"),
                beta2: try $0.number("beta2"), epsilon: try $0.number("epsilon"), weightDecay: try decay($0),
                convention: convention)
        }
    }
    for name in ["nadam", "nadam_keras"] {
        table[name] = rule {
            .nadam(
                learningRate: try $0.number("learning_rate"), beta1: try $0.number("beta1"),
                beta2: try $0.number("beta2"), epsilon: try $0.number("epsilon"), weightDecay: try decay($0),
                momentumDecay: $0.has("momentum_decay") ? try $0.number("momentum_decay") : 1,
                decoupled: $0.has("decoupled_weight_decay") ? try $0.flag("decoupled_weight_decay") : true)
        }
    }
    table["radam"] = rule {
        .radam(
            learningRate: try $0.number("learning_rate"), beta1: try $0.number("beta1"),
            beta2: try $0.number("beta2"), epsilon: try $0.number("epsilon"), weightDecay: try decay($0),
            decoupled: try $0.flag("decoupled_weight_decay"))
    }
    table["lion"] = rule {
        .lion(
            learningRate: try $0.number("learning_rate"), beta1: try $0.number("beta1"),
            beta2: try $0.number("beta2"), weightDecay: try decay($0))
    }
    table["lamb"] = rule {
        .lamb(
            learningRate: try $0.number("learning_rate"), beta1: try $0.number("beta1"),
            beta2: try $0.number("beta2"), epsilon: try $0.number("epsilon"), convention: .keras)
    }
}

private func addAdaptiveRates(_ table: inout GoldenTable) {
    for (name, convention) in [("adagrad", Optimizer.Convention.torch), ("adagrad_keras", .keras)] {
        table[name] = rule {
            .adagrad(
                learningRate: try $0.number("learning_rate"),
                rateDecay: $0.has("learning_rate_decay") ? try $0.number("learning_rate_decay") : 0,
                initialSum: try $0.number("initial_accumulator"), epsilon: try $0.number("epsilon"),
                weightDecay: try decay($0), convention: convention)
        }
    }
    table["adadelta"] = rule {
        .adadelta(
            learningRate: try $0.number("learning_rate"), rho: try $0.number("rho"),
            epsilon: try $0.number("epsilon"), weightDecay: try decay($0))
    }
    table["rmsprop"] = rule {
        .rmsprop(
            learningRate: try $0.number("learning_rate"), rho: try $0.number("rho"),
            epsilon: try $0.number("epsilon"), momentum: try $0.number("momentum"),
            centered: try $0.flag("centered"), weightDecay: try decay($0),
            convention: try $0.text("epsilon_placement").hasPrefix("inside") ? .keras : .torch)
    }
    table["rprop"] = rule {
        .rprop(
            learningRate: try $0.number("learning_rate"), shrinkage: try $0.number("eta_minus"),
            growth: try $0.number("eta_plus"), minimum: try $0.number("step_min"), maximum: try $0.number("step_max"))
    }
    table["asgd"] = rule {
        .asgd(
            learningRate: try $0.number("learning_rate"), lambda: try $0.number("lambda"),
            alpha: try $0.number("alpha"), start: try $0.number("t0"))
    }
    for name in ["adafactor", "adafactor_keras"] {
        table[name] = rule {
            .adafactor(
                learningRate: try $0.number("learning_rate"), beta2Decay: try $0.number("beta2_decay"),
                epsilon1: try $0.number("epsilon1"), epsilon2: try $0.number("epsilon2"),
                threshold: try $0.number($0.has("d") ? "d" : "clip_threshold"), weightDecay: try decay($0),
                convention: name == "adafactor" ? .torch : .keras)
        }
    }
    table["ftrl"] = rule {
        .ftrl(
            learningRate: try $0.number("learning_rate"), power: try $0.number("learning_rate_power"),
            initialSum: try $0.number("initial_accumulator"), l1: try $0.number("l1"), l2: try $0.number("l2"),
            l2Shrinkage: try $0.number("l2_shrinkage"), beta: try $0.number("beta"))
    }
}

private func product(_ a: Tensor, _ x: Tensor) -> Tensor {
    matmul(a, x.reshaped(to: [-1, 1])).reshaped(to: [a.shape[0]])
}
