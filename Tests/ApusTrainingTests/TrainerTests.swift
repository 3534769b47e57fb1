import Apus
import Foundation
import TestSupport
import Testing

@Suite struct TrainerTests {
    @Test func separableCloudsAreLearnt() throws {
        let data = try Examples.clouds(400)
        let trainer = Trainer(
            Examples.perceptron(), loss: .softmaxCrossEntropy, optimizer: .adam(learningRate: 0.02),
            metrics: [.accuracy], seed: 1)
        let history = try trainer.fit(data.shuffled(seed: 2).batched(32), validation: data, epochs: 5)
        #expect(history.epochs.map(\.number) == [1, 2, 3, 4, 5])
        #expect(history.steps == 65 && trainer.stepCount == 65)
        #expect((history.epochs.last?.validationMetrics["accuracy"] ?? 0) > 0.97)
        let (first, last) = (try #require(history.epochs.first), try #require(history.epochs.last))
        #expect(last.loss < first.loss)
        #expect(first.samplesPerSecond > 0 && first.seconds > 0)
    }

    @Test func evaluationEqualsAHandMadeOne() throws {
        let data = try Examples.clouds(50)
        let model = Examples.perceptron()
        let trainer = Trainer(
            model, loss: .softmaxCrossEntropy, optimizer: .sgd(), metrics: [.accuracy], seed: 4)
        // The last batch holds 2 of 50.
        let (loss, metrics) = try trainer.evaluate(data.batched(16))
        var (sum, hits) = (0.0, 0)
        for index in 0..<data.count {
            let input = try data.input(at: index)
            let scores: [Double] = try model(input.reshaped(to: [1, 2])).cast(to: .float64).array()
            let label = try #require(data.label(at: index))
            let largest = scores.max() ?? 0
            sum += log(scores.reduce(0) { $0 + exp($1 - largest) }) + largest - scores[label]
            if scores[label] == largest { hits += 1 }
        }
        #expect(abs(loss - sum / 50) < 1e-6)
        #expect(abs((metrics["accuracy"] ?? 0) - Double(hits) / 50) < 1e-6)
    }

    @Test(arguments: [(false, 4, 50), (true, 3, 48)])
    func lastBatchMayBeSmaller(dropsRemainder: Bool, steps: Int, samples: Int) throws {
        let data = try Examples.clouds(50)
        let trainer = Trainer(
            Examples.perceptron(), loss: .softmaxCrossEntropy, optimizer: .sgd(learningRate: 1e-30),
            metrics: [.accuracy], seed: 4)
        let history = try trainer.fit(data.batched(16, dropsRemainder: dropsRemainder), epochs: 2)
        #expect(history.steps == 2 * steps)
        // Nothing moves, so the mean over the epoch is that of its samples.
        let expected = try trainer.evaluate(data.prefix(samples))
        for epoch in history.epochs {
            #expect(abs(epoch.loss - expected.loss) < 1e-6)
            #expect(abs((epoch.metrics["accuracy"] ?? 0) - (expected.metrics["accuracy"] ?? 1)) < 1e-6)
        }
    }

    @Test func predictionsStandInTheOrderOfTheData() throws {
        let data = try Examples.clouds(37).shuffled(seed: 5)
        let model = Examples.perceptron()
        let trainer = Trainer(model, loss: .softmaxCrossEntropy, optimizer: .sgd(), seed: 2)
        let outputs = try trainer.predict(data.batched(10, dropsRemainder: true))
        #expect(outputs.shape == [37, 2])
        let values: [Float] = try outputs.array()
        for index in 0..<37 {
            let single: [Float] = try trainer.predict(data.input(at: index).reshaped(to: [1, 2])).array()
            for unit in 0..<2 { #expect(abs(values[index * 2 + unit] - single[unit]) < 1e-6) }
        }
    }

    @Test func progressCountsStepsAndSamples() throws {
        let data = try Examples.clouds(20)
        let trainer = Trainer(
            Examples.perceptron(), loss: .softmaxCrossEntropy, optimizer: .sgd(), metrics: [.accuracy])
        var steps: [String] = []
        var epochs: [Int] = []
        trainer.onStep = { progress in
            steps.append("\(progress.epoch)/\(progress.epochs) \(progress.step)/\(progress.steps)")
            #expect(progress.metrics.map(\.name) == ["accuracy"])
            #expect((0...1).contains(progress.metrics[0].value))
            #expect(progress.samplesPerSecond > 0 && progress.remainingSeconds >= 0 && progress.loss > 0)
        }
        trainer.onEpoch = { epochs.append($0.number) }
        try trainer.fit(data.batched(8), epochs: 2)
        #expect(steps == ["1/2 1/3", "1/2 2/3", "1/2 3/3", "2/2 1/3", "2/2 2/3", "2/2 3/3"])
        #expect(epochs == [1, 2])
    }

    @Test func lossThatIsNoNumberEndsTheTraining() throws {
        var values = [Float](repeating: 1, count: 20)
        values[14] = .nan
        let data = try Dataset(
            inputs: Tensor(values, shape: [10, 2]), targets: Tensor([Int32](repeating: 1, count: 10)))
        let trainer = Trainer(Examples.perceptron(), loss: .softmaxCrossEntropy, optimizer: .sgd())
        let error = refusal { try trainer.fit(data.batched(4), epochs: 2) }
        #expect(
            error?.description == "trainer: the loss became nan at step 2 (epoch 1); lower the learning rate, "
                + "scale the inputs, or check them for values that are no numbers")
    }

    @Test func labelsBeyondTheOutputAreRefusedBeforeTheFirstStep() throws {
        let data = try Dataset(inputs: Tensor.ones([3, 2]), targets: Tensor([Int32(0), 1, 4]), name: "five")
        let trainer = Trainer(Examples.perceptron(), loss: .softmaxCrossEntropy, optimizer: .sgd())
        let message =
            "data set five: its labels reach 4, but the model's output [3, 2] tells 2 classes apart; "
            + "give the last layer at least 5 units, or number the classes from 0"
        #expect(refusal { try trainer.fit(data) }?.description == message)
        #expect(trainer.stepCount == 0)
        #expect(refusal { _ = try trainer.evaluate(data) }?.description == message)
    }

    @Test func learningRateFollowsTheSchedule() throws {
        /// One parameter whose gradient is always 1.
        final class Line: Module {
            let w = Parameter(.zeros)
            func callAsFunction(_ x: Tensor) -> Tensor { x * 0 + w.value(shape: [1]) }
        }
        let data = try Dataset(inputs: Tensor.ones([4, 1]), targets: Tensor.zeros([4, 1]))
        let model = Line()
        let trainer = Trainer(
            model, loss: Loss("mean") { output, _ in output.mean() }, optimizer: .sgd(learningRate: 100),
            schedule: Schedule("steps") { $0 + 1 })
        try trainer.fit(data.batched(1), epochs: 1)
        #expect(try model.w.value.item() == -10)
        trainer.schedule = nil
        trainer.optimizer.learningRate = 0.5
        try trainer.fit(data.batched(2), epochs: 1)
        #expect(try model.w.value.item() == -11)
    }

    @Test func dataOfAnotherShapeGetsAProgramOfItsOwn() throws {
        let model = Sequential {
            Conv2D(4, kernel: 3, activation: .relu)
            GlobalAveragePool2D()
            Dense(2)
        }
        let trainer = Trainer(model, loss: .softmaxCrossEntropy, optimizer: .sgd(), seed: 1)
        for size in [5, 9, 5] {
            let images = Tensor.randomNormal([8, size, size, 1], seed: 6)
            let data = try Dataset(inputs: images, targets: Tensor([Int32](repeating: 1, count: 8)))
            let before = try trainer.evaluate(data).loss
            try trainer.fit(data.batched(4), epochs: 3)
            #expect(try trainer.evaluate(data).loss < before)
        }
    }
}
