import Apus
import ArgumentParser

struct Predict: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Classify an image file, or a sample of the test data by its index.")

    @Argument(help: "The model file that `apus train` wrote.")
    var model: String
    @Argument(help: "An image file (PNG, JPEG) or an index into the test data.")
    var input: String
    @Option(help: "The data set for an index. [default: what the model was trained on]")
    var data: String?
    @Option(help: "The seed of drawn digits.")
    var seed: UInt64 = 1
    @Flag(help: "The image shows dark ink on light paper: turn it round.")
    var invert = false
    @OptionGroup var common: CommonOptions

    func run() throws {
        try reporting {
            try common.apply()
            let (card, network) = try ModelCard.open(model)
            let (image, label) = try load(card)
            let trainer = Trainer(network, loss: .softmaxCrossEntropy, optimizer: .sgd())
            let batch = image.reshaped(to: Shape([1] + card.input.extents))
            let probabilities: [Float] = try trainer.predict(batch).softmax().array()
            let order = probabilities.indices.sorted { probabilities[$0] > probabilities[$1] }
            let names = card.classNames
            if common.json {
                var members: [JSON.Member] = [
                    JSON.Member("prediction", .string(names[order[0]])),
                    JSON.Member("class", .integer(Int64(order[0]))),
                    JSON.Member("probability", .number(Double(probabilities[order[0]]))),
                    JSON.Member(
                        "probabilities",
                        .object(names.indices.map { JSON.Member(names[$0], .number(Double(probabilities[$0]))) })),
                ]
                if let label { members.append(JSON.Member("label", .string(title(label, names)))) }
                Console.result(JSON.object(members).text())
                return
            }
            Console.result(try Picture.text(image))
            let width = names.map(\.count).max() ?? 0
            for index in order.prefix(5) {
                let share = Double(probabilities[index])
                let bar = String(repeating: "█", count: Int((share * 40).rounded()))
                let name = names[index] + String(repeating: " ", count: width - names[index].count)
                Console.result("\(name)  \(Format.percent(share, 1))  \(bar)")
            }
            if let label { Console.result("label: \(title(label, names))") }
        }
    }

    private func title(_ label: Int, _ names: [String]) -> String {
        names.indices.contains(label) ? names[label] : "\(label)"
    }

    /// The input as numbers from 0 to 1 in the model's shape, and its label if known.
    private func load(_ card: ModelCard) throws(ApusError) -> (image: Tensor, label: Int?) {
        if let index = Int(input) {
            let sets = try DataCatalog.load(data ?? card.data, seed: seed)
            guard sets.test.inputShape == card.input else {
                throw ApusError(
                    .data, in: "data set \(sets.test.name)",
                    "its samples have shape \(sets.test.inputShape), the model takes \(card.input)",
                    remedy: "use data of the shape that the model was trained on")
            }
            return (try sets.test.input(at: index), sets.test.label(at: index))
        }
        guard card.input.rank == 3 else {
            throw ApusError(
                .unsupported, in: "model \(model)", "its input of shape \(card.input) is no image",
                remedy: "give an index into its test data")
        }
        let image = try Image(path: input).withChannels(card.input[2])
            .resized(width: card.input[1], height: card.input[0])
        let pixels = image.pixels.map { Float(invert ? 255 - $0 : $0) / 255 }
        return (Tensor(pixels, shape: card.input), nil)
    }
}

/// An image as text: two pixels a character.
enum Picture {
    static func text(_ image: Tensor) throws(ApusError) -> String {
        let (height, width, channels) = (image.shape[0], image.shape[1], image.shape[2])
        guard height <= 64, width <= 100 else { return "(image of \(width)x\(height) pixels)" }
        let values: [Float] = try image.array()
        func level(_ y: Int, _ x: Int) -> Int {
            guard y < height else { return 232 }
            var sum: Float = 0
            for channel in 0..<channels { sum += values[(y * width + x) * channels + channel] }
            return 232 + Int(min(max(sum / Float(channels), 0), 1) * 23)
        }
        let isColoured = Console.isTerminal(1)
        let shades = Array(" .:-=+*#%@")
        return stride(from: 0, to: height, by: 2).map { y in
            (0..<width).map { x in
                if isColoured { return "\u{1b}[38;5;\(level(y, x));48;5;\(level(y + 1, x))m▀\u{1b}[0m" }
                return String(shades[(level(y, x) + level(y + 1, x) - 464) * 9 / 46])
            }.joined()
        }.joined(separator: "\n")
    }
}
