import ApusCore

/// The characters of a text and their numbers, for language models of characters.
///
///     let vocabulary = CharacterVocabulary(of: text)
///     let tokens = try vocabulary.encode("To be")
///     let windows = try vocabulary.windows(of: text, length: 128)
public struct CharacterVocabulary: Sendable {
    /// In the order of their code points; the position is the token.
    public let characters: [Character]
    private let tokens: [Character: Int]

    /// The characters of a text, sorted.
    public init(of text: String) {
        self.init(
            characters: Set(text).sorted {
                Array("\($0)".unicodeScalars).lexicographicallyPrecedes(Array("\($1)".unicodeScalars))
            })
    }

    /// Characters in the order of their tokens, as a trained model needs them again; of equal ones the first counts.
    public init(characters: [Character]) {
        self.characters = characters
        tokens = Dictionary(characters.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// How many characters there are.
    public var count: Int { characters.count }

    /// The tokens of a text.
    ///
    /// - Throws: an `ApusError` for a character that the vocabulary lacks
    public func encode(_ text: String) throws(ApusError) -> [Int] {
        var result: [Int] = []
        for character in text {
            guard let token = tokens[character] else {
                throw ApusError(
                    .data, in: "CharacterVocabulary", "\"\(character)\" is not among its \(count) characters",
                    remedy: "make it from all texts, or leave the character out")
            }
            result.append(token)
        }
        return result
    }

    /// The text of tokens; those outside the vocabulary give no character.
    public func decode(_ tokens: [Int]) -> String {
        String(tokens.compactMap { characters.indices.contains($0) ? characters[$0] : nil })
    }

    /// Pieces of a text of equal length as inputs, the same one character later as targets: `[pieces, length]`.
    ///
    /// - Parameter step: the distance of the pieces' beginnings; by default they touch
    public func windows(of text: String, length: Int, step: Int? = nil) throws(ApusError) -> Dataset {
        let tokens = try encode(text).map { Int32($0) }
        let step = step ?? length
        guard length >= 1, step >= 1, tokens.count > length else {
            throw ApusError(
                .data, in: "CharacterVocabulary", "pieces of \(length) with step \(step) of \(tokens.count) characters",
                remedy: "use a length and a step of 1 or more, and a text that is longer than a piece")
        }
        let starts = Array(stride(from: 0, to: tokens.count - length, by: step))
        let inputs = starts.flatMap { tokens[$0..<$0 + length] }
        let targets = starts.flatMap { tokens[$0 + 1..<$0 + 1 + length] }
        return try Dataset(
            inputs: Tensor(inputs, shape: [starts.count, length]),
            targets: Tensor(targets, shape: [starts.count, length]), name: "text")
    }
}
