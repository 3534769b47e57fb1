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
    /// New values of what layers keep themselves; of several for one parameter the last.
    package private(set) var updates: [(parameter: Parameter, value: Tensor)] = []
    private var updatePositions: [ObjectIdentifier: Int] = [:]
    /// The parameters that were read in this pass, each once.
    package private(set) var parameters: [Parameter] = []
    private var seen: Set<ObjectIdentifier> = []
    /// Terms that layers add to the loss.
    package var penalties: [Tensor] = []
    /// Whether only shapes are wanted: parameters without values are stood in for and stay without.
    package let isSketch: Bool
    /// Tensors that stand for parameters in this pass.
    package var replacements: [ObjectIdentifier: Tensor] = [:]
    /// Whether its graph is a trainer's, which reads parameters where they are updated in place.
    package let belongsToTrainer: Bool
    private var initializerStream: UInt64 = 0
    private var randomStream: UInt64 = 0

    package init(
        mode: Mode, seed: UInt64 = 0, randomKey: Tensor? = nil, belongsToTrainer: Bool = false, isSketch: Bool = false
    ) {
        self.mode = mode
        self.isSketch = isSketch
        self.seed = seed
        self.belongsToTrainer = belongsToTrainer
        self.randomKey = randomKey ?? Tensor.randomKey(seed: seed)
    }

    func note(_ parameter: Parameter) {
        if seen.insert(ObjectIdentifier(parameter)).inserted { parameters.append(parameter) }
    }

    func update(_ parameter: Parameter, to value: Tensor) {
        if let position = updatePositions[ObjectIdentifier(parameter)] {
            updates[position].value = value
        } else {
            updatePositions[ObjectIdentifier(parameter)] = updates.count
            updates.append((parameter, value))
        }
    }

    /// What a layer that is called again in this pass keeps since its last call.
    func updated(_ parameter: Parameter) -> Tensor? {
        updatePositions[ObjectIdentifier(parameter)].map { updates[$0].value }
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

    /// Calls a module under a name that its container gave it.
    package static func call(_ module: any Module, name: String, _ x: Tensor) -> Tensor {
        call(module, name: name) { module(x) }
    }

    package static func call(_ module: any Module, name: String, _ body: () -> Tensor) -> Tensor {
        let call = LayerCall(module, parent: LayerCall.current, name: name)
        let y = call.run(body)
        // A layer reports by itself.
        return module is any Layer ? y : call.reported(y)
    }

    /// Calls a model as the outermost module of this pass.
    package func run(model: any Module, _ x: Tensor) -> Tensor {
        run { LayerCall(model, parent: nil).run { model(x) } }
    }
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
    var value = try pass.run { try LayerCall(model, parent: nil).run { try loss(model) } }
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

/// The loss of a model and its derivatives at the parameters moved by `radius` along the gradient, for sharpness-aware
/// minimisation in hand-written loops (Foret et al., ICLR 2021).
///
/// The loss is that of the parameters as they are. The closure runs twice, with the same random numbers.
public func sharpnessAwareGradient<M: Module>(
    _ model: M, radius: Double = 0.05, seed: UInt64 = 0, _ loss: (M) throws -> Tensor
) throws -> (loss: Tensor, gradients: Gradients) {
    let (value, first) = try valueAndGradient(model, seed: seed, loss)
    let pass = ForwardPass(mode: .training, seed: seed)
    let moved = pass.climb(first.entries.map { ($0.parameter, $0.value) }, radius: radius)
    var second = try pass.run { try LayerCall(model, parent: nil).run { try loss(model) } }
    for penalty in pass.penalties + model.penalties({ $0.leaf(in: pass) }) { second = second + penalty }
    let derivatives = scalarGradients(of: second, withRespectTo: moved)
    if let error = derivatives.first(where: { $0.error != nil })?.error { throw error }
    let pairs = zip(first.entries, derivatives)
    return (
        value,
        Gradients(entries: pairs.map { Gradients.Entry(path: $0.path, parameter: $0.parameter, value: $1) })
    )
}

extension ForwardPass {
    /// Moves parameters by `radius` along their gradients, for this pass; returns what stands for them.
    package func climb(_ gradients: [(parameter: Parameter, gradient: Tensor)], radius: Double) -> [Tensor] {
        let norm = GradientClipping.globalNorm(1)(gradients.map(\.gradient)).norm
        let scale = radius / (norm + 1e-12)
        return gradients.map { parameter, gradient in
            let moved = (parameter.leaf(in: self) + gradient * scale.cast(to: gradient.dtype)).stopGradient().variable()
            replacements[ObjectIdentifier(parameter)] = moved
            return moved
        }
    }
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
