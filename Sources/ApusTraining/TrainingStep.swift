import ApusCore
import ApusData
import ApusNN

/// The loss with all penalties.
private func total(_ loss: Tensor, _ pass: ForwardPass, _ model: any Module) -> Tensor {
    (pass.penalties + model.penalties { $0.leaf(in: pass) }).reduce(loss) { $0 + $1 }
}

/// One training step as a compiled program: forward pass, gradients, optimizer and running statistics, all in place.
///
/// Once made, `run` allocates nothing.
final class TrainingStep {
    private let program: Program
    private let addresses: UnsafeMutableBufferPointer<UnsafeMutableRawPointer>
    private let results: UnsafeMutableBufferPointer<UnsafeMutableRawPointer>
    private let inputSlot: Int?
    private let targetSlot: Int?
    /// The parameters, where the program expects their addresses, and the memory at which it finds them now.
    private let parameters: [(position: Int, parameter: Parameter, shape: Shape)]
    private var bound: [Storage]
    private let trainable: [Bool]
    /// Loss, the sums of metrics, then the output where metrics need it.
    private let resultStorages: [Storage]
    private let showsOutput: Bool
    /// How many sums there are for each metric.
    let partCounts: [Int]
    private let kept: [Storage]
    let outputShape: Shape

    var arenaByteCount: Int { program.arenaByteCount }
    var listing: [String] { program.listing }

    /// What the step reads and changes besides the batch.
    struct State {
        /// The key of random numbers: seed and step.
        let key = Storage(byteCount: 16)
        let scalars: [Storage]
        private var numbers: [Double]
        /// What the optimizer keeps for each parameter, and for all together.
        var moments: [ObjectIdentifier: [Storage]] = [:]
        let shared: [Storage]

        init(_ optimizer: Optimizer, seed: UInt64) {
            scalars = (0..<optimizer.scalarCount).map { _ in Storage(byteCount: 4) }
            numbers = [Double](repeating: 0, count: optimizer.scalarCount)
            shared = optimizer.sharedStates.map { number in
                let storage = Storage(byteCount: 4)
                storage.store(number, at: 0, .float32)
                return storage
            }
            key.pointer.storeBytes(of: Int64(bitPattern: seed), as: Int64.self)
            key.pointer.storeBytes(of: 0, toByteOffset: 8, as: Int64.self)
        }

        /// Writes what depends on the step (1, 2, ...).
        mutating func setStep(_ step: Int, learningRate: Double, _ optimizer: Optimizer) {
            key.pointer.storeBytes(of: Int64(step), toByteOffset: 8, as: Int64.self)
            numbers.withUnsafeMutableBufferPointer { optimizer.writeScalars(learningRate, step, $0) }
            for index in scalars.indices {
                scalars[index].pointer.storeBytes(of: Float(numbers[index]), as: Float.self)
            }
        }

        /// What the optimizer keeps for a parameter, in its first state if it is new.
        mutating func moments(
            of parameter: Parameter, _ forms: [StateForm]
        ) throws(ApusError) -> [Storage] {
            if let known = moments[ObjectIdentifier(parameter)] { return known }
            var result: [Storage] = []
            for form in forms {
                guard case .value(let number) = form.start else {
                    result.append(try parameter.currentStorage().copy())
                    continue
                }
                let storage = Storage(byteCount: form.shape.count * parameter.dtype.size)
                storage.pointer.initializeMemory(as: UInt8.self, repeating: 0, count: storage.byteCount)
                if number != 0 {
                    for index in 0..<form.shape.count { storage.store(number, at: index, parameter.dtype) }
                }
                result.append(storage)
            }
            moments[ObjectIdentifier(parameter)] = result
            return result
        }
    }

    init(
        model: any Module, loss: Loss, optimizer: Optimizer, metrics: [Metric], precision: Precision, seed: UInt64,
        input: (shape: Shape, dtype: DType), target: (shape: Shape, dtype: DType), state: inout State
    ) throws(ApusError) {
        let x = Tensor.placeholder(input.shape, input.dtype)
        let y = Tensor.placeholder(target.shape, target.dtype)
        let key = Tensor(storage: state.key, shape: [2], dtype: .int64)
        let scalars = state.scalars.map { Tensor(storage: $0, shape: [], dtype: .float32) }
        for (_, parameter) in model.namedParameters where parameter.isBuilt { _ = try parameter.makeExclusive() }

        try optimizer.check()
        let pass = ForwardPass(mode: .training, seed: seed, randomKey: key, belongsToTrainer: true)
        let output = pass.run(model: model, x)
        if let error = output.error { throw error }
        outputShape = output.shape
        let value = total(loss(output, y), pass, model)
        let parts = metrics.map { $0.sums?.parts(output, y, nil) ?? [] }
        let figures = parts.flatMap { $0 }
        partCounts = parts.map(\.count)
        for tensor in [value] + figures { if let error = tensor.error { throw error } }

        let trainable = model.namedParameters.filter { $0.parameter.isTrainable && $0.parameter.isBuilt }
        guard !trainable.isEmpty else {
            throw ApusError(
                .parameter, in: "trainer", "the model has no trainable parameters",
                remedy: "add a layer with parameters, or unfreeze some")
        }
        let shared = state.shared.map { Tensor(storage: $0, shape: [], dtype: .float32) }
        func scaled(_ value: Tensor) -> Tensor { shared.first.map { value * $0.cast(to: value.dtype) } ?? value }
        var gradients = scalarGradients(
            of: scaled(value), withRespectTo: trainable.map { $0.parameter.leaf(in: pass) })
        if let radius = optimizer.sharpness {
            // The same random numbers again; running statistics are those of the first pass.
            let second = ForwardPass(mode: .training, seed: seed, randomKey: key, belongsToTrainer: true)
            let moved = second.climb(zip(trainable, gradients).map { ($0.parameter, $1) }, radius: radius)
            let climbed = total(loss(second.run(model: model, x), y), second, model)
            gradients = scalarGradients(of: scaled(climbed), withRespectTo: moved)
        }
        var updates: [(leaf: Node, value: Node)] = []
        var storages: [ObjectIdentifier: Storage] = [:]
        var entries: [OptimizerEntry] = []
        for ((path, parameter), gradient) in zip(trainable, gradients) {
            if let error = gradient.error { throw error }
            let (leaf, storage) = try parameter.makeExclusive()
            storages[ObjectIdentifier(leaf.node)] = storage
            let forms = optimizer.states(path: path, shape: parameter.shape)
            let moments = try state.moments(of: parameter, forms)
            let tensors = zip(moments, forms).map { Tensor(storage: $0, shape: $1.shape, dtype: parameter.dtype) }
            for (tensor, storage) in zip(tensors, moments) { storages[ObjectIdentifier(tensor.node)] = storage }
            entries.append(
                OptimizerEntry(
                    path: path, parameter: leaf, gradient: gradient, state: tensors,
                    constraint: parameter.constraint))
        }
        let (outcomes, newShared) = optimizer.step(entries, shared: shared, scalars: scalars)
        for (entry, result) in zip(entries, outcomes) {
            for (old, new) in zip([entry.parameter] + entry.state, [result.parameter] + result.state) {
                if let error = new.error { throw error }
                if old.node !== new.node { updates.append((old.node, new.node)) }
            }
        }
        for ((old, new), storage) in zip(zip(shared, newShared), state.shared) where old.node !== new.node {
            storages[ObjectIdentifier(old.node)] = storage
            updates.append((old.node, new.node))
        }
        for (parameter, newValue) in pass.updates {
            let (leaf, storage) = try parameter.makeExclusive()
            storages[ObjectIdentifier(leaf.node)] = storage
            updates.append((leaf.node, newValue.node))
        }
        // Metrics that are no sums are computed from the output.
        let shown = metrics.contains { $0.sums == nil } ? [output] : []
        let roots = ([value] + figures + shown).map { $0.cast(to: .float32).node } + updates.map(\.value)
        let trace = try Trace(roots)
        let leaves = trace.leaves
        var positions: [ObjectIdentifier: Int] = [:]
        for (position, leaf) in leaves.enumerated() { positions[ObjectIdentifier(leaf)] = position }
        var used: [(leaf: Int, root: Int)] = []
        for (index, update) in updates.enumerated() {
            guard let position = positions[ObjectIdentifier(update.leaf)] else {
                throw ApusError(
                    .parameter, in: "trainer", "a parameter is not part of the computation that updates it",
                    remedy: "report this as a defect")
            }
            used.append((position, index))
        }
        program = try Compiler.compile(
            trace, resultCount: 1 + figures.count + shown.count, updateLeaves: used.map(\.leaf), precision: precision)

        var held: [ObjectIdentifier: Parameter] = [:]
        for parameter in model.parameters where parameter.isBuilt {
            held[ObjectIdentifier(parameter.leaf(in: pass).node)] = parameter
        }
        addresses = .allocate(capacity: leaves.count)
        var kept: [Storage] = []
        var parameters: [(position: Int, parameter: Parameter, shape: Shape)] = []
        var bound: [Storage] = []
        for (position, leaf) in leaves.enumerated() {
            if leaf === x.node || leaf === y.node {
                addresses.initializeElement(at: position, to: state.key.pointer)
                continue
            }
            let own = storages[ObjectIdentifier(leaf)]
            guard let storage = own ?? leaf.value.withLock({ $0 }) else {
                throw ApusError(
                    .value, in: "trainer", "an input of shape \(leaf.shape) has no value",
                    remedy: "compute the model's output from its input and its parameters only")
            }
            if let parameter = held[ObjectIdentifier(leaf)] {
                parameters.append((position, parameter, leaf.shape))
                bound.append(storage)
            } else {
                kept.append(storage)
            }
            addresses.initializeElement(at: position, to: storage.pointer)
        }
        self.parameters = parameters
        self.bound = bound
        self.trainable = parameters.map(\.parameter.isTrainable)
        inputSlot = positions[ObjectIdentifier(x.node)]
        targetSlot = positions[ObjectIdentifier(y.node)]
        resultStorages =
            (0..<1 + figures.count).map { _ in Storage(byteCount: 4) }
            + shown.map { Storage(byteCount: $0.shape.count * 4) }
        showsOutput = !shown.isEmpty
        results = .allocate(capacity: resultStorages.count)
        for (position, storage) in resultStorages.enumerated() {
            results.initializeElement(at: position, to: storage.pointer)
        }
        self.kept = kept + state.scalars + state.shared + [state.key]
    }

    deinit {
        addresses.deallocate()
        results.deallocate()
    }

    /// Whether the same parameters are trainable as when the program was made.
    var isCurrent: Bool { zip(parameters, trainable).allSatisfy { $0.parameter.isTrainable == $1 } }

    /// Makes one step on a batch.
    func run(_ batch: BatchLoader.Batch) throws(ApusError) {
        try bindParameters()
        if let inputSlot { addresses[inputSlot] = batch.inputs }
        if let targetSlot { addresses[targetSlot] = batch.targets }
        try program.run(inputs: UnsafeBufferPointer(addresses), results: UnsafeBufferPointer(results))
    }

    /// Takes over parameters that have been read or replaced since the last step: what was read stays as it was.
    private func bindParameters() throws(ApusError) {
        for (index, entry) in parameters.enumerated() where entry.parameter.exclusive !== bound[index] {
            guard entry.parameter.shape == entry.shape else {
                throw ApusError(
                    .parameter, in: "trainer",
                    "a parameter of shape \(entry.shape) was replaced by one of shape \(entry.parameter.shape)",
                    remedy: "keep the shape, or make a new Trainer")
            }
            bound[index] = try entry.parameter.makeExclusive().storage
            addresses[entry.position] = bound[index].pointer
        }
    }

    /// The kernel calls with the fastest time of each over some steps, which do change the parameters.
    func profile(steps: Int) -> [(name: String, detail: String, seconds: Double)] {
        program.profile(
            inputs: UnsafeBufferPointer(addresses), results: UnsafeBufferPointer(results), runs: steps,
            clock: Clock.now)
    }

    /// A copy of the output of the last step, where metrics need it.
    var output: Tensor? {
        guard showsOutput, let storage = resultStorages.last else { return nil }
        return Tensor(storage: storage.copy(), shape: outputShape, dtype: .float32)
    }

    /// The loss (0) or a sum of a metric (1, ...) of the last step.
    func result(_ index: Int) -> Double {
        Double(resultStorages[index].pointer.load(as: Float.self))
    }
}
