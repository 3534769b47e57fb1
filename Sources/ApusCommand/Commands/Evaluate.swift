import Apus
import ArgumentParser

struct Evaluate: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Test a trained model on data.")

    @Argument(help: "The model file that `apus train` wrote.")
    var model: String
    @Option(help: "A data set, a folder with IDX files, or a text. [default: what it was trained on]")
    var data: String?
    @Option(help: "The seed of drawn digits; another than in training draws others.")
    var seed: UInt64 = 1
    @OptionGroup var common: CommonOptions

    func run() throws {
        try reporting {
            try common.apply()
            if LanguageCard.describes(try SafetensorsFile(path: model).metadata) {
                try evaluateOnText()
                return
            }
            let (card, network) = try ModelCard.open(model)
            let sets = try DataCatalog.load(data ?? card.data, seed: seed)
            guard sets.test.inputShape == card.input else {
                throw ApusError(
                    .data, in: "data set \(sets.test.name)",
                    "its samples have shape \(sets.test.inputShape), the model takes \(card.input)",
                    remedy: "use data of the shape that the model was trained on")
            }
            let start = Clock.now()
            let trainer = Trainer(
                network, loss: .softmaxCrossEntropy, optimizer: .sgd(), metrics: [.accuracy])
            let outcome = try TestOutcome(trainer, sets.test)
            let seconds = Clock.now() - start
            if common.json {
                let object: JSON = [
                    "test_loss": .number(outcome.loss), "test_accuracy": .number(outcome.accuracy),
                    "samples": .integer(Int64(sets.test.count)), "seconds": .number(seconds),
                    "model": .string(model), "data": .string(sets.test.name),
                ]
                Console.result(object.text())
            } else {
                Console.result(outcome.confusion.table)
                Console.result(
                    "\ntest accuracy \(Format.percent(outcome.accuracy)), loss \(Format.fixed(outcome.loss, 4)) "
                        + "on \(Summary.grouped(sets.test.count)) samples of \(sets.test.name)")
            }
        }
    }

    /// The loss on the end of a text.
    private func evaluateOnText() throws(ApusError) {
        let (card, network) = try LanguageCard.open(model)
        let name = data ?? card.data
        let sets = try CharacterData(
            try DataCatalog.text(name), context: network.context, vocabulary: card.vocabulary)
        let start = Clock.now()
        let trainer = Trainer(network, loss: .softmaxCrossEntropy, optimizer: .sgd())
        let loss = try trainer.evaluate(sets.validation.batched(32)).loss
        if common.json {
            let object: JSON = [
                "test_loss": .number(loss), "samples": .integer(Int64(sets.validation.count)),
                "seconds": .number(Clock.now() - start), "model": .string(model), "data": .string(name),
            ]
            Console.result(object.text())
        } else {
            Console.result(
                "test loss \(Format.fixed(loss, 4)) on \(Summary.grouped(sets.validation.count)) pieces of \(name)")
        }
    }
}
