import Apus

/// What a model file says of itself, so that it can be loaded again.
struct ModelCard {
    let model: String
    let input: Shape
    let classNames: [String]
    let data: String

    var metadata: [String: String] {
        [
            "format": "apus-1", "model": model, "input": input.extents.map(String.init).joined(separator: ","),
            "classes": classNames.joined(separator: "\n"), "data": data,
        ]
    }

    /// Reads the card and the network of a file.
    static func open(_ path: String) throws(ApusError) -> (card: ModelCard, network: Sequential) {
        let file = try SafetensorsFile(path: path)
        let metadata = file.metadata
        guard !LanguageCard.describes(metadata) else {
            throw ApusError(
                .unsupported, in: "model file \(path)", "it holds a language model",
                remedy: "use apus generate, apus evaluate or apus summary")
        }
        guard let model = metadata["model"], let input = metadata["input"], let classes = metadata["classes"] else {
            throw ApusError(
                .format, in: "model file \(path)", "it does not say which network it holds",
                remedy: "use a file written by apus train")
        }
        let extents = input.split(separator: ",").compactMap { Int($0) }
        let names = classes.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard !extents.isEmpty, extents.allSatisfy({ (1...65536).contains($0) }), !names.isEmpty,
            extents.reduce(1.0, { $0 * Double($1) }) <= Double(1 << 26)
        else {
            throw ApusError(
                .format, in: "model file \(path)", "its input \"\(input)\" or its classes can't be read",
                remedy: "use a file written by apus train")
        }
        let card = ModelCard(model: model, input: Shape(extents), classNames: names, data: metadata["data"] ?? "")
        let network = try ModelCatalog.model(model, classes: names.count)
        // The numbers first: what they do not fit is refused before anything is made for it.
        try network.load(from: path)
        let problem: String
        do throws(ApusError) {
            let output = try network.build(inputShape: Shape([1] + extents))
            if output == [1, names.count] { return (card, network) }
            problem = "output \(output)"
        } catch {
            problem = error.problem
        }
        throw ApusError(
            .format, in: "model file \(path)",
            "its numbers do not make a network \"\(model)\" from inputs \(card.input) to \(names.count) classes: \(problem)",
            remedy: "use a file written by apus train")
    }
}

/// How a model does on test data.
struct TestOutcome {
    let data: Dataset
    let loss: Double
    let accuracy: Double
    let confusion: ConfusionMatrix
    /// Mistakes, those with the most confidence first.
    let mistakes: [Mistake]

    struct Mistake {
        let index: Int
        let label: Int
        let prediction: Int
        /// The probability that the model gave to its wrong answer.
        let confidence: Double
    }

    init(_ trainer: Trainer, _ data: Dataset) throws(ApusError) {
        self.data = data
        let figures = try trainer.evaluate(data)
        loss = figures.loss
        accuracy = figures.metrics["accuracy"] ?? 0
        let probabilities = try trainer.predict(data).softmax()
        let classes = probabilities.shape[-1]
        let values: [Float] = try probabilities.array()
        var labels: [Int] = []
        var predictions: [Int] = []
        var mistakes: [Mistake] = []
        for index in 0..<data.count {
            let row = values[index * classes..<(index + 1) * classes]
            let best = row.indices.max { row[$0] < row[$1] } ?? row.startIndex
            let prediction = best - row.startIndex
            let label = data.label(at: index) ?? 0
            labels.append(label)
            predictions.append(prediction)
            if label != prediction {
                mistakes.append(
                    Mistake(index: index, label: label, prediction: prediction, confidence: Double(row[best])))
            }
        }
        let names = data.classNames.count == classes ? data.classNames : (0..<classes).map(String.init)
        confusion = ConfusionMatrix(names: names, labels: labels, predictions: predictions)
        self.mistakes = mistakes.sorted { $0.confidence > $1.confidence }
    }
}
