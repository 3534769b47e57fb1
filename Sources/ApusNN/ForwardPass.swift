import ApusCore

/// Whether layers train (dropout drops, batch norm uses the batch's statistics) or predict.
public enum Mode: Sendable {
    case training
    case inference
}

/// What layers need to know of the run they are part of, and what they leave behind.
package final class ForwardPass {
    @TaskLocal package static var active: Box?

    /// Task-local values must be `Sendable`; a pass never leaves the task that made it.
    package struct Box: @unchecked Sendable {
        let pass: ForwardPass
    }

    package static var current: ForwardPass? { active?.pass }

    /// Runs a closure as part of this pass.
    package func run<Result>(_ body: () throws -> Result) rethrows -> Result {
        try ForwardPass.$active.withValue(Box(pass: self), operation: body)
    }

    package let mode: Mode
    package let seed: UInt64
    /// The random key (seed, step) that layers draw from.
    package let randomKey: Tensor
    package var updates: [(parameter: Parameter, value: Tensor)] = []
    /// Terms that layers add to the loss.
    package var penalties: [Tensor] = []
    /// What each layer made of its input, in order, where a listing asked for it.
    package var records: [LayerRecord] = []
    package var isRecording = false
    /// Whether its graph is a trainer's, which reads parameters where they are updated in place.
    package let belongsToTrainer: Bool
    private var initializerStream: UInt64 = 0
    private var randomStream: UInt64 = 0

    package init(mode: Mode, seed: UInt64 = 0, randomKey: Tensor? = nil, belongsToTrainer: Bool = false) {
        self.mode = mode
        self.seed = seed
        self.belongsToTrainer = belongsToTrainer
        self.randomKey = randomKey ?? Tensor.randomKey(seed: seed)
    }

    package func nextInitializerStream() -> UInt64 {
        defer { initializerStream += 1 }
        return initializerStream
    }

    /// A stream of random numbers for one use in one layer.
    package func nextRandomStream() -> UInt64 {
        defer { randomStream += 1 }
        return 1 << 32 + randomStream
    }

    /// Calls a layer under its path, so that errors name it.
    package static func call(_ module: any Module, path: String, _ x: Tensor) -> Tensor {
        let full = LayerPath.current.map { "\($0).\(path)" } ?? path
        let y = LayerPath.$current.withValue(full) { module(x) }
        if let pass = current, pass.isRecording {
            pass.records.append(LayerRecord(path: full, module: module, input: x.shape, output: y.shape))
        }
        return y
    }
}

/// One line of a model's summary.
package struct LayerRecord {
    package let path: String
    package let module: any Module
    package let input: Shape
    package let output: Shape
}

/// Runs a closure in which layers train or predict. Without it they predict.
///
///     let y = withMode(.training) { model(x) }
public func withMode<Result>(_ mode: Mode, seed: UInt64 = 0, _ body: () throws -> Result) rethrows -> Result {
    let pass = ForwardPass(mode: mode, seed: seed)
    let result = try pass.run(body)
    // Computed now, or the graph of running statistics would grow from pass to pass.
    try? Tensor.evaluate(pass.updates.map(\.value))
    for (parameter, value) in pass.updates { parameter.value = (try? value.evaluated()) ?? value }
    return result
}

/// The loss of a model and its derivatives with respect to the trainable parameters, in training mode.
///
/// Penalties that layers declare are part of the loss; running statistics are brought up to date.
///
///     let (loss, gradients) = try valueAndGradient(model) { m in meanSquaredError(m(x), y) }
///
/// - Throws: an `ApusError` for the first mistake in the computation
public func valueAndGradient<M: Module>(
    _ model: M, seed: UInt64 = 0, _ loss: (M) throws -> Tensor
) throws -> (loss: Tensor, gradients: Gradients) {
    let pass = ForwardPass(mode: .training, seed: seed)
    var value = try pass.run { try loss(model) }
    for penalty in pass.penalties + model.penalties({ $0.leaf(in: pass) }) { value = value + penalty }
    if let error = value.error { throw error }
    let trainable = model.namedParameters.filter { $0.parameter.isTrainable && $0.parameter.isBuilt }
    guard !trainable.isEmpty else {
        throw ApusError(
            .parameter, in: "valueAndGradient", "the model has no trainable parameters with values",
            remedy: "let the loss call the model, add a layer with parameters, or unfreeze some")
    }
    let derivatives = scalarGradients(of: value, withRespectTo: trainable.map { $0.parameter.leaf(in: pass) })
    if let error = derivatives.first(where: { $0.error != nil })?.error { throw error }
    if !pass.updates.isEmpty {
        // In one program: the running statistics come from the same forward pass.
        try Tensor.evaluate([value] + derivatives + pass.updates.map(\.value))
        for (parameter, new) in pass.updates { parameter.value = try new.evaluated() }
    }
    return (
        value,
        Gradients(
            entries: zip(trainable, derivatives).map {
                Gradients.Entry(path: $0.path, parameter: $0.parameter, value: $1)
            })
    )
}

/// The derivatives of a loss with respect to a model's trainable parameters.
public struct Gradients {
    package struct Entry {
        package let path: String
        package let parameter: Parameter
        package let value: Tensor
    }

    package let entries: [Entry]

    /// The parameters' paths, in the model's order.
    public var paths: [String] { entries.map(\.path) }

    /// The derivative with respect to the parameter at a path.
    public subscript(path: String) -> Tensor? { entries.first { $0.path == path }?.value }
}
