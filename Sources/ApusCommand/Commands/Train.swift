import Apus
import ArgumentParser

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

struct Train: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Train a network on images or a text and report how well it does on data it has not seen.")

    @Option(help: "A name of apus models (gpt_small learns a text), or a notation such as \"C16 B R P L10\".")
    var model = "cnn"
    @Option(
        help: """
            digits, mnist, fashion-mnist, or the path of a folder with IDX files; for language models tiny-shakespeare \
            or the path of a text. [default: digits or tiny-shakespeare]
            """)
    var data: String?
    @Option(help: "How often to go over the training data.")
    var epochs = 3
    @Option(help: "Samples a step. [default: 64; 8 for language models]")
    var batch: Int?
    @Option(help: "adam, adamw, sgd, momentum or nesterov. [default: adam; adamw for language models]")
    var optimizer: String?
    @Option(
        help: """
            The highest learning rate. [default: 0.003, 0.001 for language models, 0.05 for sgd, momentum and nesterov]
            """)
    var learningRate: Double?
    @Option(help: "cosine (rises, then falls to 0) or constant.")
    var schedule = "cosine"
    @Option(help: "The seed of all random numbers.")
    var seed: UInt64 = 1
    @Option(help: "How many digits to draw, training and test together.")
    var samples = 12_000
    @Option(help: "The folder for the model and the report. [default: runs/DATA-MODEL-SEED]")
    var output: String?
    @OptionGroup var sampling: SamplingOptions
    @OptionGroup var common: CommonOptions

    /// Whether the model learns a text.
    private var isLanguage: Bool { ModelCatalog.languageModels.contains { $0.name == model.lowercased() } }
    private var dataName: String { data ?? (isLanguage ? "tiny-shakespeare" : "digits") }
    private var batchSize: Int { batch ?? (isLanguage ? 8 : 64) }
    private var folder: String { output ?? "runs/" + Train.fileName("\(dataName)-\(model)-\(seed)") }

    func run() throws {
        try reporting {
            try common.apply()
            try checkOptions()
            if isLanguage { try trainOnText() } else { try trainOnImages() }
        }
    }

    private func checkOptions() throws(ApusError) {
        guard epochs >= 1, epochs <= 100_000 else {
            throw ApusError(.value, in: "option --epochs", "\(epochs) epochs", remedy: "use 1 to 100000")
        }
        guard (1...1 << 20).contains(batchSize) else {
            throw ApusError(.value, in: "option --batch", "\(batchSize) samples a batch", remedy: "use 1 to 1048576")
        }
        _ = try chosenOptimizer()
        try checkSchedule()
        try sampling.check()
    }

    /// A language model learns a text and then writes one.
    private func trainOnText() throws(ApusError) {
        let start = Clock.now()
        let rule = try chosenOptimizer()
        try Files.makeFolder(folder)
        let text = try DataCatalog.text(dataName)
        let vocabulary = CharacterVocabulary(of: text)
        try sampling.check(vocabulary)
        guard let network = ModelCatalog.languageModel(model, vocabulary: vocabulary.count) else { return }
        let sets = try CharacterData(text, context: network.context, vocabulary: vocabulary)
        let summary = try Summary(network, inputShape: [1, network.context], dtype: .int32, seed: seed)
        Console.note("\(summary)\n", json: common.json)
        Console.note(
            "\(dataName): \(Summary.grouped(sets.train.count)) pieces of \(network.context) characters to train, "
                + "\(Summary.grouped(sets.validation.count)) to test, \(vocabulary.count) characters; "
                + "\(Console.threads(Device.threads)), \(Device.instructionSet)", json: common.json)

        let batches = sets.train.shuffled(seed: seed).batched(batchSize)
        let trainer = Trainer(
            network, loss: .softmaxCrossEntropy, optimizer: rule,
            schedule: chosenSchedule(rule.learningRate, steps: batches.count * epochs), seed: seed)
        let bar = ProgressBar(json: common.json)
        trainer.onStep = bar.update
        trainer.onEpoch = { bar.finish($0, of: epochs) }
        let history = try trainer.fit(batches, validation: sets.validation.batched(batchSize), epochs: epochs)

        let loss = history.epochs.last?.validationLoss ?? .nan
        let sample = try sampling.write(network, vocabulary, seed: seed)
        let modelPath = folder + "/model.safetensors"
        let card = LanguageCard(model: model, vocabulary: vocabulary, data: dataName)
        try network.save(to: modelPath, metadata: card.metadata)
        let seconds = Clock.now() - start
        if common.json {
            let object: JSON = [
                "test_loss": .number(loss), "test_perplexity": .number(exp(loss)), "prompt": .string(sampling.prompt),
                "text": .string(sample), "epochs": .integer(Int64(epochs)), "steps": .integer(Int64(history.steps)),
                "seconds": .number(seconds), "peak_memory_bytes": .integer(Int64(Memory.peak)),
                "seed": .integer(Int64(truncatingIfNeeded: seed)), "threads": .integer(Int64(Device.threads)),
                "model": .string(modelPath),
            ]
            Console.result(object.text())
        } else {
            Console.result("\n" + sampling.prompt + sample)
            Console.result(
                "\ntest loss \(Format.fixed(loss, 4)) (perplexity \(Format.fixed(exp(loss), 2)) a character); "
                    + "\(Format.duration(seconds)), \(Format.bytes(Memory.peak)) of memory")
            Console.result("model   \(modelPath)\nmore    apus generate \(modelPath) --prompt ...")
        }
    }

    private func trainOnImages() throws(ApusError) {
        let start = Clock.now()
        let rule = try chosenOptimizer()
        // An output that can't be written should fail before the training, not after it.
        try Files.makeFolder(folder)
        let sets = try DataCatalog.load(dataName, seed: seed, count: samples)
        let classes = max(sets.train.classCount ?? 0, sets.test.classCount ?? 0)
        guard classes > 0 else {
            throw ApusError(.data, in: "data set \(dataName)", "it has no labels", remedy: "give labelled images")
        }
        let network = try ModelCatalog.model(model, classes: classes)
        let inputShape = Shape([1] + sets.train.inputShape.extents)
        let summary = try Summary(network, inputShape: inputShape, seed: seed)
        Console.note("\(summary)\n", json: common.json)
        Console.note(
            "\(sets.train.name): \(Summary.grouped(sets.train.count)) samples to train, "
                + "\(Summary.grouped(sets.test.count)) to test, \(classes) classes; "
                + "\(Console.threads(Device.threads)), \(Device.instructionSet)", json: common.json)

        let batches = sets.train.shuffled(seed: seed).batched(batchSize)
        let trainer = Trainer(
            network, loss: .softmaxCrossEntropy, optimizer: rule, metrics: [.accuracy],
            schedule: chosenSchedule(rule.learningRate, steps: batches.count * epochs), seed: seed)
        let bar = ProgressBar(json: common.json)
        trainer.onStep = bar.update
        trainer.onEpoch = { bar.finish($0, of: epochs) }
        let history = try trainer.fit(batches, validation: sets.test, epochs: epochs)

        let outcome = try TestOutcome(trainer, sets.test)
        let seconds = Clock.now() - start
        let modelPath = folder + "/model.safetensors"
        let reportPath = folder + "/report.html"
        let card = ModelCard(
            model: model, input: sets.train.inputShape, classNames: outcome.confusion.names, data: dataName)
        try network.save(to: modelPath, metadata: card.metadata)
        let rate = history.epochs.map(\.samplesPerSecond).reduce(0, +) / Double(max(history.epochs.count, 1))
        let figures = RunFigures(
            data: sets.train.name, model: model, seed: seed, threads: Device.threads, optimizer: rule.name,
            learningRate: rule.learningRate, batch: batchSize, seconds: seconds, samplesPerSecond: rate,
            trainCount: sets.train.count, testCount: sets.test.count)
        let page = try Report(figures: figures, summary: summary, history: history, outcome: outcome).html
        try AtomicFile.write(Array(page.utf8), to: reportPath)

        if common.json {
            let object: JSON = [
                "test_loss": .number(outcome.loss), "test_accuracy": .number(outcome.accuracy),
                "epochs": .integer(Int64(epochs)), "steps": .integer(Int64(history.steps)),
                "seconds": .number(seconds), "samples_per_second": .number(rate),
                "peak_memory_bytes": .integer(Int64(Memory.peak)), "seed": .integer(Int64(truncatingIfNeeded: seed)),
                "threads": .integer(Int64(Device.threads)), "model": .string(modelPath),
                "report": .string(reportPath),
            ]
            Console.result(object.text())
        } else {
            Console.result("\n" + outcome.confusion.table)
            Console.result(
                "\ntest accuracy \(Format.percent(outcome.accuracy)), loss \(Format.fixed(outcome.loss, 4)); "
                    + "\(Format.duration(seconds)), \(Summary.grouped(Int(rate))) samples a second, "
                    + "\(Format.bytes(Memory.peak)) of memory")
            Console.result("model   \(modelPath)\nreport  \(reportPath)")
        }
    }

    private func chosenOptimizer() throws(ApusError) -> Optimizer {
        let optimizer = optimizer ?? (isLanguage ? "adamw" : "adam")
        let isDescent = ["sgd", "momentum", "nesterov"].contains(optimizer)
        let rate = learningRate ?? (isDescent ? 0.05 : isLanguage ? 1e-3 : 3e-3)
        guard rate > 0, rate.isFinite else {
            throw ApusError(.value, in: "option --learning-rate", "a rate of \(rate)", remedy: "use a number above 0")
        }
        switch optimizer {
        case "adam": return .adam(learningRate: rate)
        case "adamw": return .adamW(learningRate: rate)
        case "sgd": return .sgd(learningRate: rate)
        case "momentum": return .sgd(learningRate: rate, momentum: 0.9)
        case "nesterov": return .sgd(learningRate: rate, momentum: 0.9, nesterov: true)
        default:
            throw ApusError(
                .name, in: "option --optimizer", "\"\(optimizer)\" is not known",
                remedy: "use adam, adamw, sgd, momentum or nesterov")
        }
    }

    private func checkSchedule() throws(ApusError) {
        guard ["cosine", "constant"].contains(schedule) else {
            throw ApusError(
                .name, in: "option --schedule", "\"\(schedule)\" is not known", remedy: "use cosine or constant")
        }
    }

    private func chosenSchedule(_ rate: Double, steps: Int) -> Schedule {
        guard schedule == "cosine" else { return .constant(rate) }
        let rise = steps / 10
        return Schedule.cosine(base: rate, period: max(steps - rise, 1), stops: true).warmedUp(steps: rise, from: 0.05)
    }

    /// A text as the name of a file: letters, digits, dots and dashes.
    static func fileName(_ text: String) -> String {
        let last = text.split(separator: "/").map(String.init).joined(separator: "-")
        let safe = last.map { $0.isLetter || $0.isNumber || $0 == "-" ? $0 : "-" }
        return String(String(safe).drop { $0 == "-" }.prefix(80)).lowercased()
    }
}
