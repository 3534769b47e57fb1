import Apus
import ArgumentParser

struct Summarize: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "summary", abstract: "List a network's layers with their shapes and numbers of parameters.")

    @Argument(help: "A model file, a name of apus models, or a notation such as \"C16 B R P L10\".")
    var model = "cnn"
    @Option(help: "The input's extents without the batch. [default: 28,28,1; 32,32,3 for resnet18]")
    var input: String?
    @Option(help: "The number of classes.")
    var classes = 10
    @OptionGroup var common: CommonOptions

    func run() throws {
        try reporting {
            try common.apply()
            let summary = try summary()
            guard common.json else {
                Console.result(summary.description)
                return
            }
            let layers = summary.rows.map { row in
                JSON.object([
                    JSON.Member("path", .string(row.path)), JSON.Member("kind", .string(row.kind)),
                    JSON.Member("output", .array(row.output.extents.map { .integer(Int64($0)) })),
                    JSON.Member("trainable", .integer(Int64(row.trainable))),
                    JSON.Member("fixed", .integer(Int64(row.fixed))),
                ])
            }
            Console.result(
                JSON.object([
                    JSON.Member("input", .array(summary.input.extents.map { .integer(Int64($0)) })),
                    JSON.Member("layers", .array(layers)),
                    JSON.Member("trainable", .integer(Int64(summary.trainable))),
                    JSON.Member("fixed", .integer(Int64(summary.fixed))),
                ]).text())
        }
    }

    private func summary() throws(ApusError) -> Summary {
        let language: GPT? =
            if model.hasSuffix(".safetensors"), LanguageCard.describes(try SafetensorsFile(path: model).metadata) {
                try LanguageCard.open(model).network
            } else {
                ModelCatalog.languageModel(model, vocabulary: 65)
            }
        if let language { return try Summary(language, inputShape: [1, language.context], dtype: .int32) }
        let (network, shape) = try network()
        return try Summary(network, inputShape: Shape([1] + shape.extents))
    }

    private func network() throws(ApusError) -> (Sequential, Shape) {
        if model.hasSuffix(".safetensors") {
            let (card, network) = try ModelCard.open(model)
            return (network, card.input)
        }
        guard (1...1_000_000).contains(classes) else {
            throw ApusError(.value, in: "option --classes", "\(classes) classes", remedy: "use 1 to 1000000")
        }
        let text = input ?? (model == "resnet18" ? "32,32,3" : "28,28,1")
        let parts = text.split(separator: ",")
        let extents = parts.compactMap { Int($0) }
        guard extents.count == parts.count, !extents.isEmpty, extents.allSatisfy({ (1...65536).contains($0) }) else {
            throw ApusError(
                .value, in: "option --input", "\"\(text)\" is not a list of extents",
                remedy: "write numbers from 1 to 65536 with commas, such as 28,28,1")
        }
        return (try ModelCatalog.model(model, classes: classes), Shape(extents))
    }
}

struct Version: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Print the version and the instruction set in use.")
    @OptionGroup var common: CommonOptions

    func run() throws {
        try reporting {
            try common.apply()
            if common.json {
                let object: JSON = [
                    "version": .string(ApusCommand.version), "instruction_set": .string(Device.instructionSet),
                    "threads": .integer(Int64(Device.threads)),
                ]
                Console.result(object.text())
            } else {
                let threads = Console.threads(Device.threads)
                Console.result("apus \(ApusCommand.version) (\(Device.instructionSet), \(threads))")
            }
        }
    }
}
