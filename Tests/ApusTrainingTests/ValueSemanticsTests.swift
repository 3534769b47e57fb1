import Apus
import TestSupport
import Testing

/// A trainer updates parameters in place; nobody else may notice.
@Suite struct ValueSemanticsTests {
    private func trainer(_ model: Sequential) -> Trainer {
        Trainer(model, loss: .softmaxCrossEntropy, optimizer: .sgd(learningRate: 0.1, momentum: 0.9), seed: 3)
    }

    @Test func valuesReadDuringTrainingStayAsTheyWere() throws {
        let data = try Examples.clouds(24)
        let (model, plain) = (Examples.perceptron(), Examples.perceptron())
        var held: [(tensor: Tensor, numbers: [Float])] = []
        let watched = trainer(model)
        watched.onStep = { _ in
            for parameter in model.parameters {
                let tensor = parameter.value
                if let numbers = try? tensor.array(of: Float.self) { held.append((tensor, numbers)) }
            }
        }
        try watched.fit(data.batched(8), epochs: 3)
        #expect(held.count == 9 * 4)
        for (tensor, numbers) in held { #expect(try tensor.array() == numbers) }
        // Every step has changed the weights, and watching has not.
        #expect(Set(stride(from: 0, to: held.count, by: 4).map { held[$0].numbers }).count == 9)
        try trainer(plain).fit(data.batched(8), epochs: 3)
        #expect(try Examples.numbers(model) == Examples.numbers(plain))
    }

    @Test func graphsKeepTheParametersOfTheirTime() throws {
        let data = try Examples.clouds(24)
        let model = Examples.perceptron()
        let trainer = trainer(model)
        try trainer.fit(data, epochs: 1)
        let x = Tensor.ones([1, 2])
        let late = model(x)  // not evaluated before the training goes on
        let expected: [Float] = try model(x).array()
        try trainer.fit(data, epochs: 3)
        #expect(try late.array() == expected)
        #expect(try model(x).array() != expected)
    }

    @Test func parametersMayBeReplacedBetweenSteps() throws {
        let data = try Examples.clouds(24)
        let model = Examples.perceptron()
        let trainer = trainer(model)
        let weight = try #require(model.namedParameters.first { $0.path == "dense1.weight" }).parameter
        trainer.onStep = { progress in
            if progress.step == 2 { weight.value = Tensor(repeating: 7, shape: weight.shape) }
        }
        try trainer.fit(data.batched(8), epochs: 1)
        // One step of the momentum on from 7.
        for value in try weight.value.array(of: Float.self) { #expect(abs(value - 7) < 0.5 && value != 7) }
        #expect(try trainer.evaluate(data).loss > 0)
        weight.value = Tensor.zeros([3, 3])
        let error = refusal { try trainer.fit(data.batched(8), epochs: 1) }
        #expect(
            error?.problem == "a parameter of shape [2, 8] was replaced by one of shape [3, 3]")
    }

    @Test func frozenParametersStay() throws {
        let data = try Examples.clouds(24)
        let model = Examples.perceptron()
        let trainer = trainer(model)
        try trainer.fit(data, epochs: 1)
        let first = try #require(model.namedParameters.first).parameter
        first.isTrainable = false
        let before = try Examples.numbers(model)
        try trainer.fit(data, epochs: 1)
        let after = try Examples.numbers(model)
        #expect(Array(after.prefix(16)) == Array(before.prefix(16)))
        #expect(after.suffix(2) != before.suffix(2))
        for parameter in model.parameters { parameter.isTrainable = false }
        let error = refusal { try trainer.fit(data, epochs: 1) }
        #expect(
            error?.description == "trainer: the model has no trainable parameters; "
                + "add a layer with parameters, or unfreeze some")
    }

    @Test func anotherOptimizerTakesOver() throws {
        let data = try Examples.clouds(64)
        let trainer = trainer(Examples.perceptron())
        try trainer.fit(data.batched(8), epochs: 1)
        let before = try trainer.evaluate(data).loss
        trainer.optimizer = .adam(learningRate: 0.01)
        try trainer.fit(data.batched(8), epochs: 2)
        #expect(try trainer.evaluate(data).loss < before)
    }

    static let optimizers: [Optimizer] = [
        .sgd(learningRate: 0.05, weightDecay: 0.01), .sgd(learningRate: 0.05, momentum: 0.9),
        .sgd(learningRate: 0.05, momentum: 0.9, nesterov: true), .sgd(momentum: 0.9, dampening: 0.2),
        .sgd(momentum: 0.5, weightDecay: 0.01, convention: .keras), .asgd(), .rprop(learningRate: 1e-3), .lars(),
        .adam(learningRate: 0.01, epsilon: 1e-3), .adam(learningRate: 0.01, epsilon: 1e-3, amsgrad: true),
        .adamW(learningRate: 0.01, epsilon: 1e-3, weightDecay: 0.1), .adamax(epsilon: 1e-3), .nadam(epsilon: 1e-3),
        .radam(epsilon: 1e-3), .lamb(epsilon: 1e-2), .adan(epsilon: 1e-2), .scheduleFreeAdamW(epsilon: 1e-3),
        .rmsprop(epsilon: 1e-2, momentum: 0.5, centered: true), .adagrad(epsilon: 1e-3), .adadelta(epsilon: 1e-3),
        .ftrl(learningRate: 0.1, l1: 1e-3), .adafactor(epsilon1: 1e-3), .muon(vectorRate: 1e-3),
        .combined([("*.weight", .adamW(learningRate: 0.01, epsilon: 1e-3))], otherwise: .sgd()),
        .sgd(learningRate: 0.05).lookahead(every: 2), .sgd(learningRate: 0.05).clipped(.globalNorm(0.3)),
        .sgd(learningRate: 0.05).accumulating(3).averaging(.equal(from: 2)),
        .adam(epsilon: 1e-3).accumulating(2).clipped(.norm(0.2)).averaging(.exponential(decay: 0.9)),
        .sgd(learningRate: 0.05).grouped([ParameterGroup("dense2", learningRateFactor: 0.1, weightDecay: 0.1)]),
    ]

    @Test(arguments: optimizers.indices)
    func handWrittenLoopsGiveTheSameNumbers(_ index: Int) throws {
        let optimizer = Self.optimizers[index]
        func make() -> Sequential {
            Sequential {
                Dense(6, activation: .tanh)
                BatchNorm()
                Dense(2)
            }
        }
        let data = try Examples.clouds(40)
        let trained = make()
        let trainer = Trainer(trained, loss: .softmaxCrossEntropy, optimizer: optimizer, seed: 5)
        var losses: [Double] = []
        trainer.onStep = { progress in if progress.step == 1 { losses.append(progress.loss) } }
        try trainer.fit(data.batched(8), epochs: 3)

        let model = make()
        try model.build(inputShape: [8, 2], seed: 5)
        let state = OptimizerState(optimizer)
        let inputs = Tensor.stack(try (0..<40).map { try data.input(at: $0) })
        let labels = Tensor((0..<40).map { Int32(data.label(at: $0) ?? 0) }, shape: [40])
        for epoch in 0..<3 {
            for start in stride(from: 0, to: 40, by: 8) {
                let (x, y) = (
                    inputs.slice(axis: 0, start..<start + 8), labels.slice(axis: 0, start..<start + 8)
                )
                let (loss, gradients) = try valueAndGradient(model) { softmaxCrossEntropy($0(x), y) }
                if start == 0 { #expect(abs(try loss.item() - losses[epoch]) < 1e-6) }
                try state.apply(gradients)
            }
        }
        #expect(state.step == 15)
        func same() throws {
            for (a, b) in zip(try Examples.numbers(trained), try Examples.numbers(model)) {
                #expect(abs(a - b) < 2e-6, "\(optimizer.name) \(index)")
            }
        }
        try same()
        guard (try? trainer.withAverages({})) != nil else { return }
        try trainer.withAverages { try state.withAverages { try same() } }
    }
}
