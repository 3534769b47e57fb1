import ApusCore

/// A text for language models of characters: its first part to train on, its end to test with.
///
///     let data = try CharacterData(DataCatalog.text("tiny-shakespeare"), context: 128)
///     let model = GPT.small(vocabulary: data.vocabulary.count)
///     let trainer = Trainer(model, loss: .softmaxCrossEntropy, optimizer: .adamW(learningRate: 1e-3))
///     try trainer.fit(data.train.shuffled(seed: 1).batched(32), validation: data.validation, epochs: 3)
///     let prompt = try data.vocabulary.encode("ROMEO:")
///     let tokens = try model.generate(from: prompt, count: 300, sampler: TokenSampler(temperature: 0.8, topK: 40))
///     print(data.vocabulary.decode(tokens))
public struct CharacterData: Sendable {
    /// The characters that occur.
    public let vocabulary: CharacterVocabulary
    /// Pieces as inputs, the same one character later as targets: `[pieces, context]`.
    public let train: Dataset
    /// What is held out.
    public let validation: Dataset

    /// - Parameters:
    ///   - context: the length of the pieces
    ///   - validation: the share of the text, at its end, that is kept for testing
    ///   - vocabulary: that of a trained model; by default the text's characters
    ///   - step: the distance of the training pieces' beginnings; by default they touch
    /// - Throws: an `ApusError` for a text that is too short, and for characters that the vocabulary lacks
    public init(
        _ text: String, context: Int, validation share: Double = 0.1, vocabulary: CharacterVocabulary? = nil,
        step: Int? = nil
    ) throws(ApusError) {
        guard share > 0, share < 1 else {
            throw ApusError(
                .value, in: "CharacterData", "a share of \(share) for validation", remedy: "use one over 0, below 1")
        }
        let characters = Array(text)
        let end = characters.count - Int((Double(characters.count) * share).rounded())
        let vocabulary = vocabulary ?? CharacterVocabulary(of: text)
        self.vocabulary = vocabulary
        train = try vocabulary.windows(of: String(characters[..<end]), length: context, step: step)
        validation = try vocabulary.windows(of: String(characters[end...]), length: context)
    }
}
