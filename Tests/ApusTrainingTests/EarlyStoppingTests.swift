import Apus
import TestSupport
import Testing

@Suite struct EarlyStoppingTests {
    /// early-stopping-003q32: epochs from 0
    @Test func trainingEndsByItsRule() throws {
        func ending(_ rule: EarlyStopping.Rule, _ losses: [Double], maximizes: Bool = false) -> (Int?, Int?) {
            var stopping = EarlyStopping(rule, maximizes: maximizes)
            let end = losses.firstIndex { stopping.report($0) }
            return (end, stopping.bestEpoch)
        }
        let validation = [1, 0.8, 0.7, 0.71, 0.72, 0.69, 0.7, 0.7, 0.7]
        #expect(ending(.patience(2), validation) == (4, 2))
        #expect(ending(.patience(3), validation) == (8, 5))
        #expect(ending(.patience(2), validation.map { -$0 }, maximizes: true) == (4, 2))
        #expect(ending(.patience(3, difference: 0.02), validation) == (5, 2))
        #expect(ending(.patience(9), validation).0 == nil)
        let training = [0.5, 0.41, 0.405, 0.404, 0.4035]
        #expect(ending(.threshold(0.41), training).0 == 1)
        #expect(ending(.steady(deviation: 0.001), training).0 == 4)
        var stopping = EarlyStopping(.steady(deviation: 0))
        var deviations: [Double] = []
        for loss in training {
            stopping.report(loss)
            if let deviation = stopping.deviation(window: 3) { deviations.append(deviation) }
        }
        let expected = [0.0436526695123626, 0.00262466929133725, 0.000623609564462324]
        #expect(zip(deviations, expected).allSatisfy { abs($0 - $1) < 1e-12 } && deviations.count == 3)
        #expect(ending(.patience(2), [.nan, .nan, 1]) == (1, nil))
    }

    /// Steps that are far too long make things worse after the first epoch: its parameters come back.
    @Test func theBestParametersComeBack() throws {
        let data = try Examples.clouds(200)
        func train(_ stopping: EarlyStopping?) throws -> (Trainer, History) {
            let trainer = Trainer(
                Examples.perceptron(), loss: .softmaxCrossEntropy, optimizer: .adam(learningRate: 0.05), seed: 1)
            trainer.onEpoch = { [unowned trainer] epoch in
                if epoch.number == 2 { trainer.optimizer.learningRate = 5 }
            }
            let history = try trainer.fit(data.batched(32), validation: data, epochs: 20, stopping: stopping)
            return (trainer, history)
        }
        let (trainer, history) = try train(EarlyStopping(.patience(2)))
        let losses = history.epochs.compactMap(\.validationLoss)
        let best = try #require(losses.indices.min { losses[$0] < losses[$1] })
        #expect(losses.count == best + 3 && losses.count < 20)
        #expect(abs(try trainer.evaluate(data).loss - losses[best]) < 1e-6)
        let (last, other) = try train(EarlyStopping(.patience(2), restoresBest: false))
        #expect(other.epochs.count == history.epochs.count)
        #expect(abs(try last.evaluate(data).loss - (losses.last ?? 0)) < 1e-6)
        #expect(try train(nil).1.epochs.count == 20)
    }

    /// val-shuffle-001p1a: losses 1 to 10 in batches of 4, 4 and 2
    @Test func samplesCountAlikeWhateverTheirBatch() throws {
        let numbers = (1...10).map { Float($0) }
        for order in [numbers, numbers.reversed()] {
            let data = try Dataset(inputs: Tensor(order, shape: [10, 1]), targets: Tensor.zeros([10, 1]), scale: 1)
            let model = Sequential { Dense(1, bias: false, initializer: .ones) }
            let trainer = Trainer(model, loss: .meanAbsoluteError, optimizer: .sgd())
            #expect(abs(try trainer.evaluate(data.batched(4)).loss - 5.5) < 1e-6)
        }
    }
}
