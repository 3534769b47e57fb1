import Apus
import TestSupport
import Testing

/// What trained models must show, beside the exercises.
@Suite struct RequirementTests {
    /// SCH-04: the logged rate is the schedule's at each step.
    @Test func ratesAreLogged() throws {
        let data = try Examples.clouds(40)
        let schedule = Schedule.cosine(base: 0.1, period: 12)
        let trainer = Trainer(
            Examples.perceptron(), loss: .softmaxCrossEntropy, optimizer: .sgd(), schedule: schedule, seed: 1)
        var rates: [Double] = []
        trainer.onStep = { rates.append($0.learningRate) }
        let history = try trainer.fit(data.batched(10), epochs: 3)
        #expect(rates == (0..<12).map { schedule(at: $0) })
        #expect(history.epochs.map(\.learningRate) == [3, 7, 11].map { schedule(at: $0) })
        let plain = Trainer(Examples.perceptron(), loss: .softmaxCrossEntropy, optimizer: .sgd(learningRate: 0.25))
        #expect(try plain.fit(data.batched(10)).epochs[0].learningRate == 0.25)
    }

    /// LAY-09: a locally connected layer has a kernel for each position.
    @Test func unsharedWeightsCostAKernelForEachPosition() throws {
        let (shared, local) = (Conv2D(4, kernel: 3, bias: false), LocallyConnected2D(4, kernel: 3, bias: false))
        try shared.build(inputShape: [1, 8, 8, 2])
        try local.build(inputShape: [1, 8, 8, 2])
        #expect(shared.trainableCount == 3 * 3 * 2 * 4 && local.trainableCount == 6 * 6 * shared.trainableCount)
    }

    /// LAY-09: of two networks of the same depth that learn the same images, the one that shares its kernels does better on
    /// others.
    @Test func sharedKernelsGeneralizeBetter() throws {
        let (training, test) = (try Examples.digits(200), try Examples.digits(300, seed: 9))
        func losses(_ layer: any Module) throws -> (training: Double, test: Double) {
            let model = Sequential {
                layer
                ReLU()
                MaxPool2D(2)
                Flatten()
                Dense(10)
            }
            let trainer = Trainer(model, loss: .softmaxCrossEntropy, optimizer: .adam(learningRate: 0.003), seed: 6)
            try trainer.fit(training.batched(20), epochs: 12)
            return (try trainer.evaluate(training).loss, try trainer.evaluate(test).loss)
        }
        let shared = try losses(Conv2D(6, kernel: 5))
        let local = try losses(LocallyConnected2D(6, kernel: 5))
        #expect(shared.training < 0.2 && local.training < 0.2, "\(shared) \(local)")
        #expect(shared.test < local.test && shared.test - shared.training < local.test - local.training)
    }

    /// MET-08: the calibration error of a trained model: small where it may trust itself, large once its scores are blown up.
    @Test func calibrationOfATrainedModel() throws {
        // A label is 1 with the probability sigmoid(2x): as far as a linear model can know it.
        let x = try Tensor.randomNormal([4000, 1], seed: 1).evaluated()
        let draws = Tensor.randomUniform([4000, 1], seed: 2)
        let labels = try (draws .< (x * 2).sigmoid()).cast(to: .int32).squeezed(1).evaluated()
        let model = Sequential { Dense(2) }
        let trainer = Trainer(model, loss: .softmaxCrossEntropy, optimizer: .adam(learningRate: 0.02), seed: 1)
        try trainer.fit(try Dataset(inputs: x, targets: labels).batched(200), epochs: 10)
        func error(_ factor: Double) throws -> Double {
            var metric = Metric.calibrationError(bins: 10)
            try metric.update((trainer.predict(x) * factor).softmax(), labels)
            return try metric.value()
        }
        let (own, loud) = (try error(1), try error(8))
        #expect(own < 0.03 && loud > 0.08, "\(own) \(loud)")
    }

    /// LAY-13: a convolution of stride 2 takes the place of one with pooling behind it; both train.
    @Test func stridesReplacePooling() throws {
        let data = try Examples.digits(120)
        func model(pooled: Bool) -> Sequential {
            Sequential {
                Conv2D(6, kernel: 3, stride: pooled ? 1 : 2, padding: .same, activation: .relu)
                if pooled { MaxPool2D(2) }
                Flatten()
                Dense(10)
            }
        }
        var shapes: [Shape] = []
        for pooled in [true, false] {
            let network = model(pooled: pooled)
            shapes.append(
                try network.capture("flatten1") { network(Tensor.zeros([1, 28, 28, 1])) }["flatten1"]?.shape ?? [])
            let trainer = Trainer(network, loss: .softmaxCrossEntropy, optimizer: .adam(learningRate: 0.01), seed: 2)
            let history = try trainer.fit(data.batched(30), epochs: 4)
            #expect(history.epochs[3].loss < history.epochs[0].loss * 0.7, "\(pooled)")
        }
        #expect(shapes[0] == shapes[1] && shapes[0] == [1, 14 * 14 * 6])
    }

    /// LOS-09: the likelihood of sequences of a Markov source comes down to its entropy rate.
    @Test func sequencesOfAMarkovSourceAreAsLikelyAsTheyCanBe() throws {
        // From each of two states to the other with probability 0.2: an entropy of 0.5004 nats a step.
        let draws: [Double] = try Tensor.randomUniform([4001], seed: 3, dtype: .float64).array()
        var states: [Int32] = [0]
        for draw in draws.dropFirst() {
            states.append(draw < 0.2 ? 1 - states[states.count - 1] : states[states.count - 1])
        }
        let data = try Dataset(
            inputs: Tensor(Array(states.dropLast()), shape: [4000]),
            targets: Tensor(Array(states.dropFirst()), shape: [4000]))
        let model = Sequential {
            Embedding(2, features: 4)
            Dense(2)
        }
        let trainer = Trainer(model, loss: .softmaxCrossEntropy, optimizer: .adam(learningRate: 0.05), seed: 1)
        let history = try trainer.fit(data.batched(200), epochs: 6)
        let rate = 0.5004
        #expect(abs(history.epochs[5].loss - rate) < 0.02, "\(history.epochs[5].loss)")
    }
}
