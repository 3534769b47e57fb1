import Apus
import ArgumentParser

/// What the file of a language model says of itself, so that it can be loaded again.
struct LanguageCard {
    let model: String
    let vocabulary: CharacterVocabulary
    let data: String

    var metadata: [String: String] {
        let characters = JSON.array(vocabulary.characters.map { .string(String($0)) })
        return ["format": "apus-1", "model": model, "vocabulary": characters.text(), "data": data]
    }

    /// Whether a file holds a language model.
    static func describes(_ metadata: [String: String]) -> Bool { metadata["vocabulary"] != nil }

    /// Reads the card and the network of a file.
    static func open(_ path: String) throws(ApusError) -> (card: LanguageCard, network: GPT) {
        let metadata = try SafetensorsFile(path: path).metadata
        guard let model = metadata["model"], let text = metadata["vocabulary"] else {
            throw ApusError(
                .format, in: "model file \(path)", "it holds no language model",
                remedy: "use a file that apus train --model gpt_small wrote")
        }
        let entries = try JSON(parsing: text, place: "vocabulary of \(path)").elements ?? []
        let characters = entries.compactMap { $0.string.flatMap { $0.count == 1 ? $0.first : nil } }
        guard characters.count == entries.count, (1...65536).contains(characters.count),
            let network = ModelCatalog.languageModel(model, vocabulary: characters.count)
        else {
            throw ApusError(
                .format, in: "model file \(path)", "its vocabulary or its model \"\(model)\" can't be read",
                remedy: "use a file that apus train --model gpt_small wrote")
        }
        // The shapes first, so that numbers of another network are refused.
        try network.build(inputShape: [1, network.context], dtype: .int32)
        try network.load(from: path)
        let vocabulary = CharacterVocabulary(characters: characters)
        return (LanguageCard(model: model, vocabulary: vocabulary, data: metadata["data"] ?? ""), network)
    }
}

/// How texts are written.
struct SamplingOptions: ParsableArguments {
    @Option(help: "Language models: the text to continue.")
    var prompt = "\n"
    @Option(help: "Language models: how many characters to write.")
    var length = 500
    @Option(help: "Language models: below 1 for likelier characters, 0 for the likeliest.")
    var temperature = 0.8
    @Option(help: "Language models: only so many of the likeliest characters are in question. [default: all]")
    var topK: Int?

    func check(_ vocabulary: CharacterVocabulary? = nil) throws(ApusError) {
        guard (1...1_000_000).contains(length) else {
            throw ApusError(.value, in: "option --length", "\(length) characters", remedy: "use 1 to 1000000")
        }
        guard temperature >= 0, temperature.isFinite else {
            throw ApusError(
                .value, in: "option --temperature", "a temperature of \(temperature)", remedy: "use 0 or more")
        }
        guard topK ?? 1 >= 1 else {
            throw ApusError(.value, in: "option --top-k", "\(topK ?? 0) characters", remedy: "use 1 or more")
        }
        guard !prompt.isEmpty else {
            throw ApusError(.value, in: "option --prompt", "it is empty", remedy: "give at least one character")
        }
        _ = try vocabulary?.encode(prompt)
    }

    /// Writes a text, character by character.
    func write(
        _ network: GPT, _ vocabulary: CharacterVocabulary, seed: UInt64, each: @escaping (String) -> Void = { _ in }
    ) throws(ApusError) -> String {
        let sampler = TokenSampler(temperature: temperature, topK: topK, seed: seed)
        let tokens = try network.generate(
            from: try vocabulary.encode(prompt), count: length, sampler: sampler,
            onToken: {
                each(vocabulary.decode([$0]))
                return true
            })
        return vocabulary.decode(tokens)
    }
}
