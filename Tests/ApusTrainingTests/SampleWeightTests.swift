import Apus
import TestSupport
import Testing

/// Weights of samples and classes in training and evaluation.
@Suite struct SampleWeightTests {
    private static let count = 48

    private func weights(_ seed: UInt64 = 7) throws -> Tensor {
        try (Tensor.randomUniform([Self.count], low: 0, high: 3, seed: seed)).evaluated()
    }

    private func trainer(_ loss: Loss = .softmaxCrossEntropy, metrics: [Metric] = []) -> Trainer {
        Trainer(Examples.perceptron(), loss: loss, optimizer: .sgd(learningRate: 0.1), metrics: metrics, seed: 4)
    }

    /// Gradient descent by hand on the same batches.
    private func expected(
        _ data: Dataset, _ weights: [Double], size: Int, steps: Int
    ) throws -> (numbers: [Float], losses: [Double]) {
        let byHand = trainer()
        let (x, y) = (try rows(data).inputs, try rows(data).targets)
        try byHand.model.build(inputShape: [size, x.shape[1]], seed: 4)
        let state = OptimizerState(.sgd(learningRate: 0.1))
        var losses: [Double] = []
        for step in 0..<steps {
            let begin = step * size % Self.count
            let w = Tensor(Array(weights[begin..<begin + size]).map { Float($0) }, shape: [size])
            let (loss, gradients) = try valueAndGradient(model: byHand.model) {
                Loss.softmaxCrossEntropy(
                    $0, y.slice(axis: 0, begin..<begin + size), sampleWeights: w)
            } input: {
                x.slice(axis: 0, begin..<begin + size)
            }
            try state.apply(gradients)
            losses.append(try loss.item())
        }
        return (try Examples.numbers(byHand.model), losses)
    }

    private func valueAndGradient(
        model: any Module, _ loss: (Tensor) -> Tensor, input: () -> Tensor
    ) throws -> (Tensor, Gradients) {
        guard let sequential = model as? Sequential else {
            throw ApusError(.value, in: "test", "not a Sequential", remedy: "use one")
        }
        return try Apus.valueAndGradient(sequential) { loss($0(input())) }
    }

    private func rows(_ data: Dataset) throws -> Batch {
        let inputs = try (0..<data.count).map { try data.input(at: $0) }
        return Batch(
            inputs: try Tensor.stack(inputs).evaluated(),
            targets: Tensor((0..<data.count).map { Int32(data.label(at: $0) ?? 0) }, shape: [data.count]))
    }

    @Test func stepsAreThoseOfWeightedLossesByHand() throws {
        let plain = try Examples.clouds(Self.count)
        let own: [Double] = try weights().array()
        let data = try plain.weighted(by: weights())
        #expect((0..<Self.count).allSatisfy { abs(data.weight(at: $0) - own[$0]) < 1e-6 } && plain.weight(at: 0) == 1)
        let target = try expected(data, own, size: 16, steps: 6)
        let (sets, pipelines, mapped) = (trainer(), trainer(), trainer())
        let history = try sets.fit(data.batched(16), epochs: 2)
        close(try Examples.numbers(sets.model), target.numbers)
        let mean = target.losses.prefix(3).reduce(0, +) / 3
        #expect(abs(history.epochs[0].loss - mean) < 1e-5)
        // Through a pipeline, and with weights that a pipeline makes.
        try pipelines.fit(data.pipeline.batch(16), epochs: 2)
        close(try Examples.numbers(pipelines.model), target.numbers)
        let samples = data.pipeline.batch(16).unbatch().batch(16).map {
            Batch(inputs: $0.inputs, targets: $0.targets, weights: $0.weights)
        }
        try mapped.fit(samples, epochs: 2)
        close(try Examples.numbers(mapped.model), target.numbers)
        // By single steps.
        let single = trainer()
        let batch = try rows(data)
        for step in 0..<6 {
            let range = step * 16 % Self.count..<step * 16 % Self.count + 16
            _ = try single.step(
                inputs: batch.inputs.slice(axis: 0, range), targets: batch.targets.slice(axis: 0, range),
                weights: weights().slice(axis: 0, range))
        }
        close(try Examples.numbers(single.model), target.numbers)
    }

    private func close(_ a: [Float], _ b: [Float]) {
        #expect(a.count == b.count)
        #expect(zip(a, b).allSatisfy { abs($0 - $1) < 1e-5 })
    }

    @Test func weightsOfClassesMultiplyThoseOfSamples() throws {
        let plain = try Examples.clouds(Self.count)
        let classes = [0.25, 2]
        let own: [Double] = try weights().array()
        let both = (0..<Self.count).map { own[$0] * classes[plain.label(at: $0) ?? 0] }
        let target = try expected(plain, both, size: 24, steps: 4)
        let trained = trainer()
        try trained.fit(plain.weighted(by: weights()).batched(24), epochs: 2, classWeights: classes)
        close(try Examples.numbers(trained.model), target.numbers)
        let alone = try expected(plain, both.indices.map { both[$0] / own[$0] }, size: 24, steps: 4)
        let unweighted = trainer()
        try unweighted.fit(plain.batched(24), epochs: 2, classWeights: classes)
        close(try Examples.numbers(unweighted.model), alone.numbers)
    }

    @Test func evaluationWeighsTheLossAndTheMetricsThatAskForIt() throws {
        let plain = try Examples.clouds(Self.count)
        let metrics: [Metric] = [.accuracy, Metric.accuracy.weighingSamples(), Metric.f1(classes: 2).weighingSamples()]
        let trained = trainer(metrics: [metrics[0]])
        try trained.fit(plain.batched(16), epochs: 1)
        let own = try weights()
        let w: [Double] = try own.array()
        let data = try plain.weighted(by: own)
        let output = try trained.predict(data)
        let labels = try rows(plain).targets
        let losses: [Double] = try Loss.softmaxCrossEntropy.reduced(.none)(output, labels).array()
        let mean = zip(losses, w).reduce(0) { $0 + $1.0 * $1.1 } / Double(Self.count)
        let found = try trained.evaluate(data.batched(13))
        #expect(abs(found.loss - mean) < 1e-5)
        #expect(try trained.evaluate(plain).metrics == found.metrics)
        #expect(try trained.evaluate(plain.weighted(by: own * 0 + 1)).loss == trained.evaluate(plain).loss)
        let classes = [3.0, 0.5]
        let byClass = zip(losses, (0..<Self.count).map { classes[plain.label(at: $0) ?? 0] }).reduce(0) {
            $0 + $1.0 * $1.1
        }
        let weighed = try trained.evaluate(plain, classWeights: classes)
        #expect(abs(weighed.loss - byClass / Double(Self.count)) < 1e-5)
        for metric in metrics.dropFirst() {
            let other = Trainer(trained.model, loss: .softmaxCrossEntropy, optimizer: .sgd(), metrics: [metric])
            var byHand = metric
            try byHand.update(output, labels, weights: own)
            let value = try other.evaluate(data.batched(10)).metrics[metric.name] ?? .nan
            #expect(abs(try byHand.value() - value) < 1e-5, "\(metric.name)")
        }
        // A loss that divides by the sum of the weights.
        let shared = Trainer(trained.model, loss: .softmaxCrossEntropy.reduced(.weightedMean), optimizer: .sgd())
        let relative = mean * Double(Self.count) / w.reduce(0, +)
        #expect(abs(try shared.evaluate(data.batched(Self.count)).loss - relative) < 1e-5)
    }

    @Test func weightsStayWithTheirSamples() throws {
        let plain = try Examples.clouds(Self.count)
        let data = try plain.weighted(by: weights())
        #expect(try data.prefix(5).weight(at: 4) == data.weight(at: 4))
        #expect(try data.select([9, 3]).weight(at: 1) == data.weight(at: 3))
        let batches = try data.shuffled(seed: 1).pipeline.batch(7).elements()
        let all = try batches.flatMap { try $0.weights?.array(of: Float.self) ?? [] }
        #expect(all.sorted() == (0..<Self.count).map { Float(data.weight(at: $0)) }.sorted())
        #expect(try plain.pipeline.batch(7).elements()[0].weights == nil)
        // Caches on disk keep them.
        let sample = Sample(input: Tensor([1.0]), target: Tensor([2.0]), weight: 0.3)
        let stored = Dictionary(uniqueKeysWithValues: sample.storedTensors().map { ($0.name, $0.tensor) })
        #expect(try Sample<Tensor, Tensor>(storedTensors: stored).weight == 0.3)
        let parts = Dictionary(uniqueKeysWithValues: batches[0].storedTensors().map { ($0.name, $0.tensor) })
        #expect(try Batch(storedTensors: parts).weights?.array(of: Float.self) == batches[0].weights?.array())
    }

    @Test func mistakesAreNamed() throws {
        let data = try Examples.clouds(Self.count)
        #expect(
            refusal { _ = try data.weighted(by: Tensor([Float(1), -1])) }?.description
                == "data set \(data.name): weights of shape [2] for 48 samples, from -1.0 to 1.0; "
                + "give a finite number of 0 or more for each sample")
        #expect(
            refusal { _ = try trainer().fit(data, classWeights: [1, .nan]) }?.description
                == "trainer: the weight of class 1 is nan; give a finite number of 0 or more for each class")
        #expect(refusal { _ = try trainer().evaluate(data, classWeights: [-1]) }?.kind == .value)
        #expect(refusal { _ = try trainer().fit(data, classWeights: [1]) } != nil)
        let odd = data.pipeline.batch(8).map {
            Batch(inputs: $0.inputs, targets: $0.targets, weights: Tensor([Float(1)]))
        }
        #expect(
            refusal { _ = try trainer().fit(odd) }?.description
                == "pipeline: weights of shape [1] for 8 samples; give a weight for each sample: [batch]")
        let batch = try rows(data)
        #expect(
            refusal {
                _ = try trainer().step(inputs: batch.inputs, targets: batch.targets, weights: Tensor([Float(1)]))
            }?
            .problem == "weights of shape [1] for inputs of shape [48, 2]")
    }
}
