import ApusCore
import ApusNN

/// The classification networks by name.
public enum ModelCatalog {
    public struct Entry: Sendable {
        public let name: String
        /// One line on what it is.
        public let summary: String
        package let make: @Sendable (Int) -> Sequential
    }

    public static let entries: [Entry] = [
        Entry(name: "linear", summary: "one dense layer", make: { .linear(classes: $0) }),
        Entry(name: "mlp", summary: "two hidden layers of 512 units", make: { .mlp(classes: $0) }),
        Entry(name: "cnn", summary: "two convolutions, pooling, dense layer, dropout", make: { .cnn(classes: $0) }),
        Entry(name: "lenet5", summary: "LeNet-5 with ReLU and max pooling", make: { .leNet5(classes: $0) }),
        Entry(name: "resnet18", summary: "ResNet-18 for small images", make: { .resNet18(classes: $0) }),
    ]

    /// A network by name, or in the compact notation (`C16 B R P L10`).
    public static func model(_ description: String, classes: Int) throws(ApusError) -> Sequential {
        if let entry = entries.first(where: { $0.name == description.lowercased() }) { return entry.make(classes) }
        let isNotation = description.contains(" ") || description.contains { $0.isNumber }
        guard isNotation else {
            throw ApusError(
                .name, in: "model \(description)", "there is no model of this name",
                remedy: "use \(entries.map(\.name).joined(separator: ", ")), or a notation such as \"C16 B R P L10\"")
        }
        return try Sequential(notation: description)
    }
}

extension Catalog {
    /// The networks that ``ModelCatalog`` knows by name.
    public static var models: [CatalogEntry] {
        ModelCatalog.entries.map { CatalogEntry($0.name, $0.summary) }.grouped("image classification")
    }
}
