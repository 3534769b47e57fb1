import Apus
import ArgumentParser

/// What a listing command lists.
protocol ListedKind {
    /// The command's name, and the kind's in ``Catalog``.
    static var name: String { get }
    static var abstract: String { get }
}

enum Listed {
    enum Layers: ListedKind {
        static let name = "layers"
        static let abstract = "List the layers."
    }
    enum Activations: ListedKind {
        static let name = "activations"
        static let abstract = "List the activation functions."
    }
    enum Losses: ListedKind {
        static let name = "losses"
        static let abstract = "List the losses."
    }
    enum Optimizers: ListedKind {
        static let name = "optimizers"
        static let abstract = "List the optimizers."
    }
    enum Schedules: ListedKind {
        static let name = "schedules"
        static let abstract = "List the schedules of learning rates."
    }
    enum Metrics: ListedKind {
        static let name = "metrics"
        static let abstract = "List the metrics."
    }
    enum Operations: ListedKind {
        static let name = "operations"
        static let abstract = "List the functions of tensors."
    }
    enum Initializers: ListedKind {
        static let name = "initializers"
        static let abstract = "List how parameters are filled at first."
    }
    enum Regularizers: ListedKind {
        static let name = "regularizers"
        static let abstract = "List the penalties on parameters."
    }
    enum Constraints: ListedKind {
        static let name = "constraints"
        static let abstract = "List what parameters can be kept within."
    }
    enum Transforms: ListedKind {
        static let name = "transforms"
        static let abstract = "List how samples can be changed on their way to batches."
    }
    enum Models: ListedKind {
        static let name = "models"
        static let abstract = "List the networks that have a name."
    }

    /// All listing commands.
    static let commands: [any ParsableCommand.Type] = [
        Listing<Layers>.self, Listing<Activations>.self, Listing<Losses>.self, Listing<Optimizers>.self,
        Listing<Schedules>.self, Listing<Metrics>.self, Listing<Operations>.self, Listing<Initializers>.self,
        Listing<Regularizers>.self, Listing<Constraints>.self, Listing<Transforms>.self,
        Listing<Models>.self,
    ]
}

/// Lists the entries of one kind of the catalog.
struct Listing<Kind: ListedKind>: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: Kind.name, abstract: Kind.abstract,
            discussion: "Names of Keras, PyTorch and MLX-Swift find what they are called here.")
    }

    @Argument(help: "Show only what has this word in its name, description or group, or in another library's name.")
    var word: String?
    @OptionGroup var form: ResultForm

    func run() throws {
        try reporting {
            let all =
                (Catalog.kinds + [("transforms", Catalog.transforms), ("models", Catalog.models)]).first {
                    $0.name == Kind.name
                }?.entries ?? []
            let entries = word.map { word in all.filter { $0.mentions(word) } } ?? all
            if form.json {
                Console.result(CatalogTable.json(Kind.name, entries).text())
                return
            }
            if let word, entries.isEmpty {
                let near = all.flatMap { [$0.name] + $0.keras + $0.torch + $0.mlx }.closest(to: word)
                let hint = near.map { "did you mean \($0)? Else try" } ?? "try"
                throw ApusError(
                    .name, in: "apus \(Kind.name)", "none of \(all.count) mentions \"\(word)\"",
                    remedy: "\(hint) apus \(Kind.name) without a word")
            }
            let isTerminal = Console.isTerminal(1)
            Console.result(
                CatalogTable.text(entries, width: isTerminal ? Console.width : nil, isColoured: isTerminal))
        }
    }
}
