import Apus
import TestSupport
import Testing

@Suite struct TrainerRobustnessTests {
    @Test func modelsAreAskedAsTrained() throws {
        let pictures = try Digits.generate(count: 100, seed: 6).test.dataset.pictures(Array(0..<10))
        let trainer = Trainer(
            Sequential {
                Flatten()
                Dense(10)
            }, loss: .softmaxCrossEntropy, optimizer: .sgd(learningRate: 0.1))
        let found = try trainer.robustness(on: pictures, challenges: [.occlusion, .background], batch: 4, seed: 1)
        let expected = try Robustness(of: pictures, challenges: [.occlusion, .background], seed: 1) { images in
            try images.map { image in
                let scores = try trainer.predict(image.tensor().expanded(at: 0)).array(of: Float.self)
                return scores.indices.max { scores[$0] < scores[$1] } ?? 0
            }
        }
        #expect(found.accuracies == expected.accuracies && found.cleanAccuracy == expected.cleanAccuracy)
        #expect(found.accuracies.count == 2)
    }
}
