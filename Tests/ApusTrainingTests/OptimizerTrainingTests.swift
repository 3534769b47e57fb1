import Apus
import Foundation
import TestSupport
import Testing

/// What optimizers change besides the parameters' rule, in compiled steps.
@Suite struct OptimizerTrainingTests {
    private static let inputs = Tensor.randomNormal([12, 3], seed: 8)
    private static let targets = matmul(inputs, Tensor([Float(1), -2, 0.5], shape: [3, 1]))

    private func line() -> Sequential { Sequential { Dense(1) } }

    private func train(
        _ model: Sequential, _ optimizer: Optimizer, batch: Int = 4, epochs: Int = 4
    ) throws -> Trainer {
        let data = try Dataset(inputs: Self.inputs, targets: Self.targets)
        let trainer = Trainer(model, loss: .meanSquaredError, optimizer: optimizer, seed: 3)
        try trainer.fit(data.batched(batch), epochs: epochs)
        return trainer
    }

    private func expectEqual(_ a: Sequential, _ b: Sequential, _ tolerance: Float = 1e-5) throws {
        for (x, y) in zip(try Examples.numbers(a), try Examples.numbers(b)) { #expect(abs(x - y) < tolerance) }
    }

    @Test func accumulatedBatchesAreLargeBatches() throws {
        let (small, large) = (line(), line())
        let optimizer = Optimizer.adam(learningRate: 0.05, epsilon: 1e-4).clipped(.globalNorm(1))
        _ = try train(small, optimizer.accumulating(3), batch: 4)
        _ = try train(large, optimizer, batch: 12)
        try expectEqual(small, large)
        // Two batches more change nothing until the third.
        let trainer = try train(small, optimizer.accumulating(3), batch: 4, epochs: 0)
        let before = try Examples.numbers(small)
        for step in 1...3 {
            _ = try trainer.step(inputs: Self.inputs, targets: Self.targets)
            #expect(try (Examples.numbers(small) == before) == (step < 3))
        }
    }

    /// Steps of plain descent touch the rows of a table that a batch names, each as often as it is named, and no others.
    @Test func stepsOfEmbeddingsAreThoseOfTheirRows() throws {
        let table = Embedding(50, features: 4)
        let indices = Tensor([7, 0, 7, 49, 7, 3] as [Int64], shape: [6])
        let weights = Tensor.randomNormal([6, 4], seed: 5)
        let training = CustomTraining(optimizers: [.sgd(learningRate: 0.5)], seed: 1) { step, _ in
            let loss = (table(indices) * weights).sum()
            step.minimize(loss, table)
            return [loss]
        }
        try training.build()
        var expected = try Examples.numbers(table)
        let factors = try weights.array(of: Float.self)
        for _ in 0..<3 {
            try training.step([])
            for (position, row) in [7, 0, 7, 49, 7, 3].enumerated() {
                for column in 0..<4 { expected[row * 4 + column] -= 0.5 * factors[position * 4 + column] }
            }
        }
        for (found, wanted) in zip(try Examples.numbers(table), expected) { #expect(abs(found - wanted) < 1e-5) }
    }

    @Test func averagesFollowTheParameters() throws {
        let model = line()
        let data = try Dataset(inputs: Self.inputs, targets: Self.targets)
        let trainer = Trainer(
            model, loss: .meanSquaredError, optimizer: .sgd(learningRate: 0.05).averaging(.exponential(decay: 0.8)),
            seed: 3)
        var average: [Float] = []
        trainer.onStep = { progress in
            let now = (try? Examples.numbers(model)) ?? []
            average = average.isEmpty ? now : zip(average, now).map { 0.8 * $0 + 0.2 * $1 }
        }
        try trainer.fit(data.batched(4), epochs: 3)
        let last = try Examples.numbers(model)
        try trainer.withAverages {
            for (a, b) in zip(try Examples.numbers(model), average) { #expect(abs(a - b) < 1e-6) }
        }
        #expect(try Examples.numbers(model) == last)
        try trainer.adoptAverages()
        for (a, b) in zip(try Examples.numbers(model), average) { #expect(abs(a - b) < 1e-6) }
    }

    @Test func equalAveragesAreMeans() throws {
        let averaging = WeightAveraging.equal(from: 3, every: 2)
        var (average, seen) = (0.0, [Double]())
        for update in 1...9 {
            let value = Double(update * update)
            average += (value - average) * averaging.weight(update: update)
            if update >= 3, (update - 3) % 2 == 0 { seen.append(value) }
            #expect(abs(average - (seen.isEmpty ? value : seen.reduce(0, +) / Double(seen.count))) < 1e-12)
        }
    }

    @Test func optimizersWithoutAveragesSaySo() throws {
        let trainer = try train(line(), .sgd())
        let error = refusal { try trainer.adoptAverages() }
        #expect(
            error?.description == "trainer: the optimizer sgd has no averages after 12 steps; "
                + "use an optimizer with averaging(_:), and train first")
    }

    /// Weights that may not be negative and a bias of norm 0.5 at most, against the same steps by hand.
    @Test func constraintsHoldAfterEachUpdate() throws {
        let model = line().constrained(.nonNegative).constrained(.maxNorm(0.5), where: "*.bias")
        let targets = Self.targets - 3
        let (x, y): ([Float], [Float]) = (try Self.inputs.array(), try targets.array())
        try model.build(inputShape: [12, 3], seed: 3)
        var hand = try Examples.numbers(model)
        var limited: Set<Int> = []
        let trainer = Trainer(model, loss: .meanSquaredError, optimizer: .sgd(learningRate: 0.1), seed: 3)
        trainer.onStep = { progress in
            var step: [Float] = [0, 0, 0, 0]
            for row in (progress.step - 1) % 3 * 4..<(progress.step - 1) % 3 * 4 + 4 {
                let own = Array(x[row * 3..<row * 3 + 3]) + [1]
                let difference = zip(own, hand).reduce(-y[row]) { $0 + $1.0 * $1.1 }
                for i in 0..<4 { step[i] += 0.1 * 2 * difference * own[i] / 4 }
            }
            for i in 0..<4 {
                let free = hand[i] - step[i]
                hand[i] = i < 3 ? max(free, 0) : min(max(free, -0.5), 0.5)
                if hand[i] != free { limited.insert(i) }
            }
            let numbers = (try? Examples.numbers(model)) ?? []
            #expect(numbers.count == 4)
            for (a, b) in zip(numbers, hand) { #expect(abs(a - b) < 1e-5, "step \(progress.step): \(numbers)") }
        }
        try trainer.fit(try Dataset(inputs: Self.inputs, targets: targets).batched(4), epochs: 5)
        // Both kinds have been at work.
        #expect(limited.contains(1) && limited.contains(3), "\(limited)")
    }

    @Test func penaltiesShrinkWeights() throws {
        let plain = line()
        let sparse = line().regularized(.l1(2))
        _ = try train(plain, .sgd(learningRate: 0.05), epochs: 60)
        let trainer = try train(sparse, .sgd(learningRate: 0.05), epochs: 60)
        let sums = try [plain, sparse].map { try Examples.numbers($0).prefix(3).reduce(0) { $0 + abs($1) } }
        #expect(sums[0] > 3.3 && sums[1] < 2)
        // The reported loss is that of the data and the penalty; an evaluation's that of the data alone.
        let data = try trainer.evaluate(try Dataset(inputs: Self.inputs, targets: Self.targets).batched(12)).loss
        let penalty = try sparse.penalty.item()
        let whole = try trainer.step(inputs: Self.inputs, targets: Self.targets)
        #expect(penalty > 1 && abs(whole - data - penalty) < 1e-5)
    }

    @Test func scaledLossesGiveTheSameNumbers() throws {
        let (plain, scaled) = (line(), line())
        _ = try train(plain, .adam(learningRate: 0.05, epsilon: 1e-4))
        _ = try train(scaled, .adam(learningRate: 0.05, epsilon: 1e-4).lossScaled(.fixed(1024)))
        try expectEqual(plain, scaled)
    }

    @Test func overflowingStepsAreLeftOut() throws {
        let model = line()
        let trainer = Trainer(
            model, loss: Loss("large") { output, _ in (output * 1e20).mean() },
            optimizer: .sgd(learningRate: 1e-21).lossScaled(.dynamic(initial: 0x1p90, growthInterval: 2)), seed: 3)
        // 2^90 * 1e20 is beyond float32; so are its halves down to 2^61.
        var before: [Float] = []
        var changes: [Bool] = []
        for _ in 0..<34 {
            _ = try trainer.step(inputs: Tensor.ones([4, 3]), targets: Self.targets)
            let now = try Examples.numbers(model)
            changes.append(now != before)
            before = now
        }
        // The first comparison is with nothing. Growing to where it overflows costs a step each time.
        #expect(changes.dropFirst().prefix(20).allSatisfy { !$0 })
        #expect(changes.suffix(4).contains(true) && before.allSatisfy(\.isFinite))
    }

    @Test func sharpnessAwareStepsClimbFirst() throws {
        let (trained, model) = (line(), line())
        let optimizer = Optimizer.sgd(learningRate: 0.05)
        let trainer = Trainer(
            trained, loss: .meanSquaredError, optimizer: optimizer.sharpnessAware(radius: 0.3), seed: 3)
        try model.build(inputShape: [12, 3], seed: 3)
        let state = OptimizerState(optimizer)
        for _ in 0..<5 {
            let loss = try trainer.step(inputs: Self.inputs, targets: Self.targets)
            let (first, plain) = try valueAndGradient(model) { meanSquaredError($0(Self.inputs), Self.targets) }
            let (again, gradients) = try sharpnessAwareGradient(model, radius: 0.3) {
                meanSquaredError($0(Self.inputs), Self.targets)
            }
            #expect(abs(try first.item() - loss) < 1e-5)
            #expect(try again.item() == first.item())
            // By hand: the gradient at the moved point.
            let values = model.parameters.map(\.value)
            let list = try plain.paths.map { try #require(plain[$0]) }
            let norm = try list.reduce(Tensor(0)) { $0 + $1.square().sum() }.squareRoot().item()
            for (parameter, gradient) in zip(model.parameters, list) {
                parameter.value = parameter.value + gradient * (0.3 / norm)
            }
            let (_, expected) = try valueAndGradient(model) { meanSquaredError($0(Self.inputs), Self.targets) }
            for path in expected.paths {
                let (a, b) = (try #require(gradients[path]), try #require(expected[path]))
                #expect(try (a - b).absolute().max().item() < 1e-4)
            }
            for (parameter, value) in zip(model.parameters, values) { parameter.value = value }
            try state.apply(gradients)
        }
        try expectEqual(trained, model)
    }

    /// At a constant rate, batches of noisy data keep AdamW at a distance from the optimum that the average comes below:
    /// what a schedule would have done.
    @Test func scheduleFreeTrainingNeedsNoSchedule() throws {
        let x = Tensor.randomNormal([120, 3], seed: 8)
        let clean = matmul(x, Tensor([Float(1), -2, 0.5], shape: [3, 1]))
        let y = try (clean + Tensor.randomNormal([120, 1], seed: 9)).evaluated()
        let best = line()
        let optimum = try minimize(best) { meanSquaredError($0(x), y) }.value
        func excess(_ optimizer: Optimizer, averaged: Bool) throws -> Double {
            let trainer = Trainer(line(), loss: .meanSquaredError, optimizer: optimizer, seed: 3)
            let data = try Dataset(inputs: x, targets: y)
            try trainer.fit(data.shuffled(seed: 4).batched(4), epochs: 30)
            if averaged { try trainer.adoptAverages() }
            return try trainer.evaluate(data).loss - optimum
        }
        let plain = try excess(.adamW(learningRate: 0.1, weightDecay: 0), averaged: false)
        let free = try excess(.scheduleFreeAdamW(learningRate: 0.1), averaged: true)
        #expect(free < 0.01 && free < plain / 5, "\(free) and \(plain)")
    }

    /// A relative step of `learningRate trust`, however large the gradient is: batches may be.
    @Test(arguments: [1, 1e3])
    func larsTakesRelativeSteps(lossScale: Double) throws {
        let model = line()
        let trainer = Trainer(
            model, loss: Loss("scaled") { meanSquaredError($0, $1) * lossScale },
            optimizer: .lars(learningRate: 2, momentum: 0, weightDecay: 0, trust: 1e-2), seed: 3)
        try model.build(inputShape: [12, 3], seed: 3)
        for _ in 0..<5 {
            let before = try Examples.numbers(model).prefix(3)
            _ = try trainer.step(inputs: Self.inputs, targets: Self.targets)
            let after = try Examples.numbers(model).prefix(3)
            func norm(_ values: some Sequence<Float>) -> Float { values.reduce(0) { $0 + $1 * $1 }.squareRoot() }
            #expect(abs(norm(zip(after, before).map(-)) / norm(before) - 0.02) < 1e-5)
        }
    }

    @Test(arguments: [
        Optimizer.muon(learningRate: 0.05, weightDecay: 0), .lion(learningRate: 0.01), .adan(learningRate: 0.03),
        .lamb(learningRate: 0.05), .lars(learningRate: 1, trust: 0.02), .adafactor(learningRate: 0.05),
        .adamW(learningRate: 0.05).lookahead(),
        .combined([("*.weight", .muon(learningRate: 0.05, weightDecay: 0))], otherwise: .sgd(learningRate: 0.02)),
    ])
    func lossesFall(optimizer: Optimizer) throws {
        let model = Sequential {
            Dense(8, activation: .tanh)
            Dense(2)
        }
        let data = try Examples.clouds(120)
        let trainer = Trainer(model, loss: .softmaxCrossEntropy, optimizer: optimizer, metrics: [.accuracy], seed: 2)
        let before = try trainer.evaluate(data)
        try trainer.fit(data.shuffled(seed: 1).batched(12), epochs: 5)
        let after = try trainer.evaluate(data)
        #expect(after.loss < before.loss * 0.7, "\(optimizer.name)")
        #expect((after.metrics["accuracy"] ?? 0) > 0.95, "\(optimizer.name)")
    }

    @Test func wrongNumbersAreRefusedBeforeTheFirstStep() {
        let cases: [(Optimizer, String)] = [
            (
                .sgd(learningRate: -1),
                "optimizer sgd: the learning rate is -1.0; use a number of 0 or more; maximizing() goes up the gradient"
            ),
            (.adam(beta1: 1), "optimizer adam: beta1 is 1.0; use a number in 0.0...0.9999999999999999"),
            (.sgd(momentum: -0.1), "optimizer sgd: momentum is -0.1; use a number of 0.0 or more"),
            (.sgd(weightDecay: .nan), "optimizer sgd: weightDecay is nan; use a number of 0.0 or more"),
            (.adam().clipped(.norm(0)), "optimizer adam: gradients are clipped at 0.0; use a number over 0"),
            (
                .adam().clipped(.norm(1, order: -1)),
                "optimizer adam: gradients are clipped by norms of order -1.0 + 0.0; "
                    + "use an order over 0 and a finite epsilon of 0 or more"
            ),
            (.asgd(alpha: .nan), "optimizer asgd: alpha is nan; use a number of 0.0 or more"),
            (
                .rprop(minimum: 2, maximum: 1), "optimizer rprop: maximum is 1.0; use a number of 2.0 or more"
            ),
            (.lars(trust: -1), "optimizer lars: trust is -1.0; use a number of 0.0 or more"),
            (.adan(beta3: 1), "optimizer adan: beta3 is 1.0; use a number in 0.0...0.9999999999999999"),
            (.muon(momentum: 2), "optimizer muon: momentum is 2.0; use a number in 0.0...1.0"),
            (.ftrl(l1: -1), "optimizer ftrl: l1 is -1.0; use a number of 0.0 or more"),
            (.rmsprop(rho: 1.5), "optimizer rmsprop: rho is 1.5; use a number in 0.0...1.0"),
            (.adadelta(epsilon: -1), "optimizer adadelta: epsilon is -1.0; use a number of 0.0 or more"),
            (.adagrad(initialSum: -1), "optimizer adagrad: initialSum is -1.0; use a number of 0.0 or more"),
            (.adafactor(threshold: 0), "optimizer adafactor: threshold is 0.0; use a number of 1e-30 or more"),
            (.nadam(momentumDecay: -1), "optimizer nadam: momentumDecay is -1.0; use a number of 0.0 or more"),
            (.sparseAdam(beta2: 1), "optimizer sparse adam: beta2 is 1.0; use a number in 0.0...0.9999999999999999"),
            (
                .scheduleFreeAdamW(beta1: 0),
                "optimizer schedule-free adamw: beta1 is 0.0; use a number in 0.01...1.0"
            ),
            (.adam().accumulating(0), "optimizer adam: gradients of 0 batches are accumulated; use 1 or more"),
            (.adam().sharpnessAware(radius: 0), "optimizer adam: the radius is 0.0; use a number over 0"),
            (.adam().averaging(.exponential(decay: 2)), "optimizer adam: averages decay by 2.0; use a number in 0...1"),
            (
                .adam().averaging(.equal(every: 0)),
                "optimizer adam: averages from update 1, every 0; start at 0 or later, with an interval of 1 or more"
            ),
            (
                .adam().lossScaled(.fixed(0)),
                "optimizer adam: the loss is scaled by 0.0, growing every 0 steps; use a factor of 1 or more and an interval of 1 or more"
            ),
            (.adam().lookahead(every: 0), "optimizer lookahead: every is 0.0; use a number in 1.0...1000000000.0"),
            (
                .adam().grouped([ParameterGroup("*", learningRateFactor: -1)]),
                "optimizer adam: a group has the learning rate factor -1.0 and the weight decay 0.0; use numbers of 0 or more"
            ),
        ]
        for (optimizer, message) in cases {
            let error = refusal { _ = try train(line(), optimizer) }
            #expect(error?.description == message)
        }
    }
}
