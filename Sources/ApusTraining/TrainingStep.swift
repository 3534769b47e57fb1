import ApusCore
import ApusData
import ApusNN

/// One training step as a compiled program: forward pass, gradients, optimizer and running statistics, all in place.
///
/// Once made, `run` allocates nothing.
final class TrainingStep {
    /// Loss, the sums of metrics, then the output where metrics need it.
    private let bound: BoundProgram
    private let showsOutput: Bool
    /// How many sums there are for each metric.
    let partCounts: [Int]
    let outputShape: Shape
    private let penaltyPosition: Int?

    var program: Program { bound.program }

    init(
        model: any Module, loss: Loss, optimizer: Optimizer, metrics: [Metric], precision: Precision, seed: UInt64,
        form: BatchForm, key: StepKey,
        memory: OptimizerMemory
    ) throws(ApusError) {
        let x = Tensor.placeholder(form.inputs, form.inputType)
        let y = Tensor.placeholder(form.targets, form.targetType)
        let own = form.hasWeights ? Tensor.placeholder([form.inputs[0]], .float32) : nil
        let weights = SampleWeights(classes: form.classWeights)(y, own: own)
        let keyTensor = key.tensor
        for parameter in model.parameters where parameter.isBuilt { _ = try parameter.makeExclusive() }

        try optimizer.check()
        let pass = ForwardPass(mode: .training, seed: seed, randomKey: keyTensor, belongsToTrainer: true)
        let output = pass.run(model: model, x)
        if let error = output.error { throw error }
        outputShape = output.shape
        let terms = pass.penaltyTerms(model)
        let value = terms.reduce(loss(output, y, sampleWeights: weights)) { $0 + $1 }
        let penalty = terms.isEmpty ? [] : [terms.dropFirst().reduce(terms[0]) { $0 + $1 }.cast(to: .float32)]
        let parts = metrics.map { $0.sums?.parts(output, y, $0.usesWeights ? weights : nil) ?? [] }
        let figures = parts.flatMap { $0 }
        partCounts = parts.map(\.count)
        for tensor in [value] + figures { if let error = tensor.error { throw error } }

        let trainable = try model.trainable(in: "trainer")
        var descent = memory.trace(optimizer)
        let leaves = trainable.map { $0.parameter.leaf(in: pass) }
        var gradients = scalarGradients(of: descent.scaled(value), withRespectTo: leaves)
        if let radius = optimizer.sharpness {
            // The same random numbers again; running statistics are those of the first pass.
            let second = ForwardPass(mode: .training, seed: seed, randomKey: keyTensor, belongsToTrainer: true)
            let moved = second.climb(zip(trainable, gradients).map { ($0.parameter, $1) }, radius: radius)
            let climbed = second.total(
                loss(second.run(model: model, x), y, sampleWeights: weights), model)
            gradients = scalarGradients(of: descent.scaled(climbed), withRespectTo: moved)
        }
        var changes = Changes()
        _ = try descent.move(trainable, values: leaves, gradients: gradients, &changes)
        try changes.add(pass.updates)
        // Metrics that are no sums are computed from the output.
        showsOutput = metrics.contains { $0.sums == nil }
        penaltyPosition = penalty.isEmpty ? nil : 1 + figures.count
        bound = try BoundProgram(
            results: [value] + figures + penalty + (showsOutput ? [output] : []), changes: changes,
            inputs: [x, y] + (own.map { [$0] } ?? []),
            parameters: model.parameters, kept: memory.storages + [key.storage], precision: precision, place: "trainer")
    }

    /// Whether the same parameters are trainable as when the program was made.
    var isCurrent: Bool { bound.isCurrent }

    /// Makes one step on a batch.
    func run(
        inputs: UnsafeMutableRawPointer, targets: UnsafeMutableRawPointer, weights: UnsafeMutableRawPointer?
    ) throws(ApusError) {
        bound.setInput(0, inputs)
        bound.setInput(1, targets)
        if let weights { bound.setInput(2, weights) }
        try bound.run(place: "trainer")
    }

    /// The kernel calls with the fastest time of each over some steps, which do change the parameters.
    func profileText(_ steps: Int) -> [String] { bound.profileText(runs: steps) }

    /// A copy of the output of the last step, where metrics need it.
    var output: Tensor? {
        guard showsOutput, let storage = bound.resultStorages.last else { return nil }
        return Tensor(storage: storage.copy(), shape: outputShape, dtype: .float32)
    }

    /// The penalties that are part of the last step's loss.
    var penalty: Double { penaltyPosition.map(bound.result) ?? 0 }

    /// The loss (0) or a sum of a metric (1, ...) of the last step.
    func result(_ index: Int) -> Double { bound.result(index) }
}

extension Module {
    /// The parameters that optimizers change.
    func trainable(in place: String) throws(ApusError) -> [(path: String, parameter: Parameter)] {
        let trainable = namedParameters.filter { $0.parameter.isTrainable && $0.parameter.isBuilt }
        guard !trainable.isEmpty else {
            throw ApusError(
                .parameter, in: place, "the model has no trainable parameters",
                remedy: "add a layer with parameters, or unfreeze some")
        }
        return trainable
    }
}

extension ForwardPass {
    /// The loss with all penalties.
    func total(_ loss: Tensor, _ model: any Module) -> Tensor { penaltyTerms(model).reduce(loss) { $0 + $1 } }

    /// The penalties of layers and parameters.
    func penaltyTerms(_ model: any Module) -> [Tensor] {
        defer { penalties = [] }
        return penalties + model.penalties { $0.leaf(in: self) }
    }
}

extension Changes {
    /// What layers keep of a pass.
    mutating func add(_ updates: [(parameter: Parameter, value: Tensor)]) throws(ApusError) {
        for (parameter, value) in updates {
            let (leaf, storage) = try parameter.makeExclusive()
            keep(leaf, at: storage)
            try replace(leaf, by: value)
        }
    }
}
