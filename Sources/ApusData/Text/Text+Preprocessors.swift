import ApusCore

extension StringLookup: Preprocessor {
    public var json: JSON {
        [
            "kind": "string lookup", "vocabulary": .strings(vocabulary), "unknown": .integer(Int64(unknownCount)),
            "mask": mask.map { .string($0) } ?? .null, "output": .string(output.rawValue),
            "rarities": .numbers(rarities),
        ]
    }

    /// Reads what `json` wrote; throws an `ApusError` for anything else.
    public init(json: JSON, place: String) throws(ApusError) {
        let reader = try PreprocessorReader(json, kind: "string lookup", place: place)
        self.init(
            try reader.strings("vocabulary"), unknown: try reader.member("unknown", \.integer),
            mask: json["mask"]?.string,
            output: try reader.member("output") { $0.string.flatMap { TokenOutput(rawValue: $0) } },
            rarities: try reader.numbers("rarities"))
    }
}

extension TextVectorization: Preprocessor {
    public var json: JSON {
        [
            "kind": "text vectorization", "vocabulary": .strings(vocabulary), "ngrams": .integer(Int64(ngrams)),
            "standardization": .string(standardization.rawValue), "split": .string(split.rawValue),
            "output": .string(lookup.output.rawValue), "length": length.map { .integer(Int64($0)) } ?? .null,
            "rarities": .numbers(lookup.rarities),
        ]
    }

    /// Reads what `json` wrote; throws an `ApusError` for anything else.
    public init(json: JSON, place: String) throws(ApusError) {
        let reader = try PreprocessorReader(json, kind: "text vectorization", place: place)
        self.init(
            vocabulary: try reader.strings("vocabulary"),
            standardization: try reader.member("standardization") {
                $0.string.flatMap { Standardization(rawValue: $0) }
            },
            split: try reader.member("split") { $0.string.flatMap { Split(rawValue: $0) } },
            ngrams: try reader.member("ngrams", \.integer),
            output: try reader.member("output") { $0.string.flatMap { TokenOutput(rawValue: $0) } },
            length: json["length"]?.integer, rarities: try reader.numbers("rarities"))
    }
}

extension CharacterVocabulary: Tokenizer {
    public var json: JSON {
        ["kind": "character vocabulary", "characters": .strings(characters.map { String($0) })]
    }

    /// Reads what `json` wrote; throws an `ApusError` for anything else.
    public init(json: JSON, place: String) throws(ApusError) {
        let reader = try PreprocessorReader(json, kind: "character vocabulary", place: place)
        var characters: [Character] = []
        for text in try reader.strings("characters") {
            guard let character = text.first, text.count == 1 else {
                throw reader.damaged("\(text.quoted) is not one character")
            }
            characters.append(character)
        }
        self.init(characters: characters)
    }
}
