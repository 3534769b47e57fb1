import ApusCore
import ApusNN

/// Training by rules of your own: any computation on any models, with as many inputs, losses and optimizers as it takes,
/// in one compiled program.
///
///     // A generator against a discriminator.
///     let training = CustomTraining(optimizers: [.adam(learningRate: 2e-4), .adam(learningRate: 2e-4)]) { step, inputs in
///         let fake = generator(step.randomNormal([64, 100]))
///         let loss = realness(discriminator(inputs[0]), ones) + realness(discriminator(fake.stopGradient()), zeros)
///         step.minimize(loss, discriminator, with: 0)
///         let deceit = realness(discriminator(fake), ones)      // by the discriminator as it is now
///         step.minimize(deceit, generator, with: 1)
///         return [loss, deceit]
///     }
///     for images in batches { let losses = try training.step(images) }
///
/// The closure is not run at each step: it is run twice for inputs of new shapes (to give parameters their first values, and
/// to trace the step), and the program is replayed. The same seed gives the same bits on any number of threads.
public final class CustomTraining {
    /// What the closure calls by their positions. Learning rates may be changed between steps; another rule begins without
    /// moments.
    public var optimizers: [Optimizer] {
        didSet {
            guard optimizers.map({ ObjectIdentifier($0.identity) }) != oldValue.map({ ObjectIdentifier($0.identity) })
            else { return }
            programs = [:]
            memories = optimizers.map { OptimizerMemory($0) }
        }
    }
    /// For initial values and dropout.
    public let seed: UInt64
    /// Whether fast algorithms with a larger rounding error are allowed.
    public let precision: Precision
    /// Steps made so far.
    public private(set) var stepCount = 0

    private let body: (CustomStep, [Tensor]) throws -> [Tensor]
    private var programs: [[InputForm]: BoundProgram] = [:]
    private var memories: [OptimizerMemory]
    private let key: StepKey
    private var last: BoundProgram?
    /// Keeps the memory of the last inputs, to which their program still points.
    private var lastInputs: [Storage] = []

    /// - Parameters:
    ///   - seed: for initial values and random numbers
    ///   - precision: `.exact` forbids fast algorithms with a larger rounding error
    ///   - body: from the inputs of a step to the numbers to be seen, such as losses
    public init(
        optimizers: [Optimizer], seed: UInt64 = 0, precision: Precision = .fast,
        _ body: @escaping (_ step: CustomStep, _ inputs: [Tensor]) throws -> [Tensor]
    ) {
        self.optimizers = optimizers
        self.seed = seed
        self.precision = precision
        self.body = body
        memories = optimizers.map { OptimizerMemory($0) }
        key = StepKey(seed: seed)
    }

    /// Makes one step and returns the numbers of the closure.
    ///
    /// - Throws: an `ApusError` for the first mistake in the closure's computation, and what the closure throws
    @discardableResult public func step(_ inputs: Tensor...) throws -> [Double] { try step(inputs) }

    /// Makes one step and returns the numbers of the closure.
    @discardableResult public func step(_ inputs: [Tensor]) throws -> [Double] {
        let storages = try inputs.map { try $0.storage() }
        let forms = inputs.map { InputForm(shape: $0.shape, dtype: $0.dtype) }
        let program: BoundProgram
        if let known = programs[forms], known.isCurrent {
            program = known
        } else {
            program = try trace(forms)
            programs[forms] = program
        }
        stepCount += 1
        key.step = stepCount
        for (memory, optimizer) in zip(memories, optimizers) {
            memory.setStep(stepCount, learningRate: optimizer.learningRate, optimizer)
        }
        for (index, storage) in storages.enumerated() { program.setInput(index, storage.pointer) }
        (last, lastInputs) = (program, storages)
        try program.run(place: "custom training")
        return program.resultStorages.indices.map { program.result($0) }
    }

    /// Gives parameters their first values for inputs like these, without a step.
    public func build(_ inputs: Tensor...) throws { _ = try build(inputs) }

    /// Runs the closure once; returns the parameters that it reads.
    @discardableResult package func build(_ inputs: [Tensor]) throws -> [Parameter] {
        let pass = ForwardPass(mode: .training, seed: seed)
        let step = CustomStep(pass, [])
        for result in try pass.run({ try body(step, inputs) }) { if let error = result.error { throw error } }
        if let error = step.problem { throw error }
        for parameter in pass.parameters { _ = try parameter.makeExclusive() }
        return pass.parameters
    }

    private func trace(_ forms: [InputForm]) throws -> BoundProgram {
        let inputs = forms.map { Tensor.placeholder($0.shape, $0.dtype) }
        for optimizer in optimizers { try optimizer.check() }
        let parameters = try build(inputs)
        let pass = ForwardPass(mode: .training, seed: seed, randomKey: key.tensor, belongsToTrainer: true)
        let step = CustomStep(pass, zip(optimizers, memories).map { $1.trace($0) })
        let results = try pass.run { try body(step, inputs) }
        for result in results {
            if let error = step.problem ?? result.error { throw error }
            guard result.rank == 0 else {
                throw ApusError(
                    .shape, in: "custom training", "the closure returned a tensor of shape \(result.shape)",
                    remedy: "return numbers (tensors of shape []), such as losses")
            }
        }
        if let error = step.problem { throw error }
        try step.changes.add(pass.updates)
        return try BoundProgram(
            results: results, changes: step.changes, inputs: inputs, parameters: parameters,
            kept: memories.flatMap(\.storages) + [key.storage], precision: precision, place: "custom training")
    }

    /// The kernel calls of the last step, with the fastest time of each over some steps, in microseconds; the last line is
    /// the sum. The steps do change the parameters.
    public func profile(steps: Int = 10) throws(ApusError) -> [String] {
        guard let last else {
            throw ApusError(.value, in: "profile", "no step has been made", remedy: "call step(_:) first")
        }
        return last.profileText(runs: max(steps, 1))
    }

    /// The program of the last step.
    package var program: Program? { last?.program }
}

/// What the program of a step is made for.
private struct InputForm: Hashable {
    let shape: Shape
    let dtype: DType
}

/// A step of ``CustomTraining`` as its closure sees it.
public final class CustomStep {
    private let pass: ForwardPass
    private var descents: [OptimizerMemory.Descent]
    fileprivate var changes = Changes()
    fileprivate private(set) var problem: ApusError?

    fileprivate init(_ pass: ForwardPass, _ descents: [OptimizerMemory.Descent]) {
        self.pass = pass
        self.descents = descents
    }

    /// Moves the trainable parameters of a model against the derivatives of a loss. What is computed after that sees their
    /// new values. Penalties that layers declare are part of the loss.
    ///
    /// - Parameters:
    ///   - loss: a number; the model's parameters must be what it was computed from
    ///   - optimizer: the position among ``CustomTraining/optimizers``
    /// - Returns: the loss with the penalties
    @discardableResult
    public func minimize(_ loss: Tensor, _ model: any Module, with optimizer: Int = 0) -> Tensor {
        let value = pass.total(loss, model)
        guard problem == nil else { return value }
        do throws(ApusError) { try move(value, model, optimizer) } catch { problem = error }
        return value
    }

    private func move(_ value: Tensor, _ model: any Module, _ optimizer: Int) throws(ApusError) {
        if let error = value.error { throw error }
        guard value.rank == 0 else {
            throw ApusError(
                .shape, in: "custom training", "a loss of shape \(value.shape) is to be minimised",
                remedy: "minimise one number, such as a mean")
        }
        // The first time the closure runs, it only gives parameters their values.
        guard pass.belongsToTrainer else { return }
        guard descents.indices.contains(optimizer) else {
            throw ApusError(
                .value, in: "custom training", "optimizer \(optimizer) of \(descents.count)",
                remedy: "give the position of an optimizer in the list")
        }
        let trainable = try model.trainable(in: "custom training")
        let values = trainable.map { $0.parameter.leaf(in: pass) }
        let gradients = scalarGradients(of: descents[optimizer].scaled(value), withRespectTo: values)
        let new = try descents[optimizer].move(trainable, values: values, gradients: gradients, &changes)
        for ((_, parameter), value) in zip(trainable, new) {
            pass.replacements[ObjectIdentifier(parameter)] = value.stopGradient().variable()
        }
    }

    /// Standard normal numbers, others at each step.
    public func randomNormal(_ shape: Shape, dtype: DType = .float32) -> Tensor { pass.random(.normal, shape, dtype) }

    /// Uniform numbers in `0 ..< 1`, others at each step.
    public func randomUniform(_ shape: Shape, dtype: DType = .float32) -> Tensor { pass.random(.uniform, shape, dtype) }
}
