import Apus
import ArgumentParser

struct Generate: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Let a language model continue a text.")

    @Argument(help: "The model file that `apus train --model gpt_small` wrote.")
    var model: String
    @OptionGroup var sampling: SamplingOptions
    @Option(help: "The seed of the choices.")
    var seed: UInt64 = 1
    @OptionGroup var common: CommonOptions

    func run() throws {
        try reporting {
            try common.apply()
            try sampling.check()
            let (card, network) = try LanguageCard.open(model)
            try sampling.check(card.vocabulary)
            let start = Clock.now()
            if !common.json { Console.write(sampling.prompt, to: 1) }
            let text = try sampling.write(network, card.vocabulary, seed: seed) {
                if !common.json { Console.write($0, to: 1) }
            }
            if common.json {
                let object: JSON = [
                    "prompt": .string(sampling.prompt), "text": .string(text),
                    "characters": .integer(Int64(text.count)), "seconds": .number(Clock.now() - start),
                    "seed": .integer(Int64(truncatingIfNeeded: seed)), "model": .string(model),
                ]
                Console.result(object.text())
            } else {
                Console.write("\n", to: 1)
            }
        }
    }
}
