import Apus

/// Tells poisonous mushrooms from edible ones: from a CSV file to a trained network that takes raw records.
///
///     let accuracy = try mushrooms("agaricus-lepiota.data", savingTo: "mushrooms.safetensors")
public func mushrooms(_ file: String, savingTo path: String) throws -> Double {
    // 8,124 rows without a header; the first column says e for edible or p for poisonous.
    let table = try CSV.read(file)
    let (train, test) = try table.split(test: 0.2, by: "column1", seed: 1)

    // What turns rows into numbers is learnt from the training rows alone.
    let encoder = try TableEncoder(fitting: train, target: "column1")
    let model = Sequential {
        Dense(32, activation: .relu)
        Dense(2)
    }
    let trainer = Trainer(
        model, loss: .softmaxCrossEntropy, optimizer: .adam(learningRate: 3e-3), metrics: [.accuracy])
    try trainer.fit(encoder.dataset(train).shuffled(seed: 1).batched(64), epochs: 3)

    // The file holds both, the network and what it has to be fed.
    try model.save(to: path, preprocessor: encoder)
    return try trainer.evaluate(encoder.dataset(test).batched(256)).metrics["accuracy"] ?? 0
}
