import ApusCore
import ApusNN

/// The networks by name.
public enum ModelCatalog {
    /// A network with a name.
    public struct Entry: Sendable {
        /// The name on the command line.
        public let name: String
        /// One line on what it is.
        public let summary: String
        package let make: @Sendable (Int) -> Sequential
    }

    /// The models, as `apus models` lists them.
    public static let entries: [Entry] = [
        Entry(name: "linear", summary: "one dense layer", make: { .linear(classes: $0) }),
        Entry(name: "mlp", summary: "two hidden layers of 512 units", make: { .mlp(classes: $0) }),
        Entry(name: "cnn", summary: "two convolutions, pooling, dense layer, dropout", make: { .cnn(classes: $0) }),
        Entry(name: "lenet5", summary: "LeNet-5 with ReLU and max pooling", make: { .leNet5(classes: $0) }),
        Entry(name: "resnet18", summary: "ResNet-18 for small images", make: { .resNet18(classes: $0) }),
        Entry(name: "densenet", summary: "DenseNet-BC for small images", make: { .denseNet(classes: $0) }),
        Entry(name: "mobilenetv2", summary: "MobileNetV2 of width 1", make: { .mobileNetV2(classes: $0) }),
    ]

    /// A network by name, or in the compact notation (`C16 B R P L10`).
    public static func model(_ description: String, classes: Int) throws(ApusError) -> Sequential {
        if let entry = entries.first(where: { $0.name == description.lowercased() }) { return entry.make(classes) }
        let isNotation = description.contains(" ") || description.contains { $0.isNumber }
        let isLanguage = languageModels.contains { $0.name == description.lowercased() }
        guard isNotation, !isLanguage else {
            let names = entries.map(\.name).joined(separator: ", ")
            throw ApusError(
                .name, in: "model \(description)",
                isLanguage ? "it is a language model" : "there is no model of this name",
                remedy: isLanguage
                    ? "give it a text, or choose one of \(names)"
                    : "use \(names), or a notation such as \"C16 B R P L10\"")
        }
        return try Sequential(notation: description)
    }
}

extension ModelCatalog {
    /// A language model: from the number of tokens to the network.
    public struct LanguageEntry: Sendable {
        /// The name on the command line.
        public let name: String
        /// One line on what it is.
        public let summary: String
        package let make: @Sendable (Int) -> GPT
    }

    /// The language models by name.
    public static let languageModels: [LanguageEntry] = [
        LanguageEntry(
            name: "gpt_small", summary: "GPT of four layers of width 256 that sees 128 tokens",
            make: { .small(vocabulary: $0) })
    ]

    /// A language model by name; `nil` where there is none of it.
    public static func languageModel(_ name: String, vocabulary: Int) -> GPT? {
        languageModels.first { $0.name == name.lowercased() }?.make(vocabulary)
    }
}

extension Catalog {
    /// The networks that ``ModelCatalog`` knows by name.
    public static var models: [CatalogEntry] {
        ModelCatalog.entries.map { CatalogEntry($0.name, $0.summary) }.grouped("image classification")
            + ModelCatalog.languageModels.map { CatalogEntry($0.name, $0.summary) }.grouped("language")
            + classicalModels.grouped("classical")
    }
}
