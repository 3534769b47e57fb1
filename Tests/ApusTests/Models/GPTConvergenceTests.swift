import Apus
import Foundation
import TestSupport
import Testing

/// A language model of four layers on a million characters of Shakespeare: about 70 seconds on two cores.
@Suite struct GPTConvergenceTests {
    @Test(.enabled(if: ProcessInfo.processInfo.environment["APUS_SLOW"] == "1", "set APUS_SLOW=1 to run it"))
    func shakespeareIsLearnt() throws {
        guard let folder = SharedFiles.path("tiny-shakespeare") else { return }
        let data = try CharacterData(DataCatalog.text(folder), context: 128)
        #expect(data.vocabulary.count == 65)
        let model = GPT.small(vocabulary: data.vocabulary.count)
        let batches = data.train.shuffled(seed: 1).batched(8)
        let trainer = Trainer(
            model, loss: .softmaxCrossEntropy, optimizer: .adamW(learningRate: 1e-3),
            schedule: Schedule.cosine(base: 1e-3, period: batches.count, stops: true).warmedUp(steps: 100, from: 0.05),
            seed: 1)
        let history = try trainer.fit(batches, validation: data.validation, epochs: 1)
        // 1.91 where this was written; counting single characters gives 3.3, pairs 2.5.
        let loss = try #require(history.epochs.last?.validationLoss)
        #expect(loss < 2.05)
        let prompt = try data.vocabulary.encode("ROMEO:")
        let tokens = try model.generate(
            from: prompt, count: 400, sampler: TokenSampler(temperature: 0.8, topK: 40, seed: 1))
        let text = data.vocabulary.decode(tokens)
        print("validation loss \(loss)\nROMEO:\(text)")
        // Words as they stand in the plays.
        let known = Set(try DataCatalog.text(folder).lowercased().split { !$0.isLetter })
        let words = text.lowercased().split { !$0.isLetter }.dropLast()
        #expect(words.count > 50)
        #expect(Double(words.filter(known.contains).count) > 0.55 * Double(words.count))
    }
}
