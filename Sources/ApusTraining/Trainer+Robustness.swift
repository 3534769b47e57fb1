import ApusCore
import ApusData

extension Trainer {
    /// How well the model, whose outputs are scores of classes `[batch, classes]`, stands the challenges of recognition:
    /// see ``ApusData/Robustness``.
    ///
    ///     print(try trainer.robustness(on: digits.test.dataset.pictures(Array(0..<200)), seed: 1))
    ///
    /// - Parameter pictures: with a label each; the model gets them as float32 from 0 to 1, `[batch, height, width,
    ///   channels]`
    public func robustness(
        on pictures: [AnnotatedImage], challenges: [RecognitionChallenge] = RecognitionChallenge.allCases,
        batch: Int = 64, seed: UInt64
    ) throws -> Robustness {
        try Robustness(of: pictures, challenges: challenges, batch: batch, seed: seed) { images in
            let scores = try predict(try Image.collated(images))
            guard scores.rank == 2 else {
                throw ApusError(
                    .shape, in: "robustness", "outputs of shape \(scores.shape)",
                    remedy: "use a model with scores of classes [batch, classes]")
            }
            return try scores.argmax(axis: 1).cast(to: .int64).array(of: Int64.self).map { Int($0) }
        }
    }
}
