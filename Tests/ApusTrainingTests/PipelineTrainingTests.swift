import Apus
import TestSupport
import Testing

/// Training, evaluation and predictions from pipelines.
@Suite struct PipelineTrainingTests {
    private func trainer() -> Trainer {
        Trainer(
            Examples.perceptron(), loss: .softmaxCrossEntropy, optimizer: .adam(learningRate: 0.05),
            metrics: [.accuracy], seed: 4)
    }

    @Test func pipelinesTrainToTheSameBitsAsDataSets() throws {
        let data = try Examples.clouds(100)
        let (first, second) = (trainer(), trainer())
        let expected = try first.fit(data.shuffled(seed: 3).batched(16), validation: data, epochs: 3)
        let pipeline = data.pipeline.shuffle(seed: 3).batch(16)
        let history = try second.fit(pipeline, validation: data.pipeline.batch(256), epochs: 3)
        #expect(try Examples.numbers(first.model) == Examples.numbers(second.model))
        #expect(history.epochs.map(\.loss) == expected.epochs.map(\.loss) && history.steps == 21)
        #expect(history.epochs.map(\.validationLoss) == expected.epochs.map(\.validationLoss))
        #expect(try second.predict(data.pipeline.batch(30)).array(of: Float.self) == first.predict(data).array())
    }

    @Test func waitingForDataIsMeasured() throws {
        let data = try Examples.clouds(64)
        let quick = try trainer().fit(data.batched(16), epochs: 2)
        #expect(quick.epochs.allSatisfy { (0...1).contains($0.waitingShare) })
        let slow = data.pipeline.batch(16).map("slow") { batch -> Batch in
            // A second's work for nothing would do as well, but takes longer.
            var sum = 0.0
            for index in 0..<200_000 { sum += Double(index).squareRoot() }
            return Batch(inputs: batch.inputs + (sum < 0 ? 1 : 0), targets: batch.targets)
        }
        var shares: [Double] = []
        let model = trainer()
        model.onStep = { shares.append($0.waitingShare) }
        let history = try model.fit(slow, epochs: 2)
        #expect(shares.count == 8 && shares.allSatisfy { $0 > 0 && $0 <= 1 })
        // How long is the machine's affair; that nothing is left out is not.
        #expect(history.epochs.allSatisfy { $0.waitingShare > 0 && $0.waitingShare <= 1 })
    }

    @Test func mistakesInPipelinesEndInErrors() throws {
        let data = try Examples.clouds(20)
        let empty = data.pipeline.filter { _ in false }.batch(4)
        #expect(refusal { try trainer().fit(empty, epochs: 1) }?.problem.hasPrefix("epoch 0 has no batches") == true)
        let failing = data.pipeline.batch(4).map { batch -> Batch in
            throw ApusError(.data, in: "file 7", "it is broken", remedy: "copy it again")
        }
        #expect(
            refusal { try trainer().fit(failing, epochs: 1) }?.description
                == "element 0 of map: file 7: it is broken; copy it again")
        let uneven = data.pipeline.batch(4).map { Batch(inputs: $0.inputs, targets: Tensor([Int32(0)])) }
        #expect(
            refusal { try trainer().fit(uneven, epochs: 1) }?.problem
                == "a batch with inputs of shape [4, 2] and targets of shape [1]")
        let many = data.pipeline.batch(4).map { Batch(inputs: $0.inputs, targets: $0.targets + 5) }
        #expect(refusal { try trainer().fit(many, epochs: 1) }?.problem.hasPrefix("its labels reach 6") == true)
    }

    /// A length that is not known, labels of 64 bits, and batches of several shapes.
    @Test func batchesMayDiffer() throws {
        let pipeline = Pipeline(count: 30) { index in
            Sample(input: [Float(index % 2) * 2 - 1, 0], target: index % 2)
        }
        let odd = pipeline.filter { $0.input[0] > -5 }.batch(7).map {
            Batch(inputs: $0.inputs, targets: $0.targets.cast(to: .int64))
        }
        let history = try trainer().fit(odd, epochs: 20)
        #expect(history.steps == 100 && (history.epochs.last?.loss ?? 1) < 0.2)
    }
}
