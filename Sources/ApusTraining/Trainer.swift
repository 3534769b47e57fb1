import ApusCore
import ApusData
import ApusNN

/// Trains a model: batches in, better parameters out.
///
///     let trainer = Trainer(model, loss: .softmaxCrossEntropy, optimizer: .adam(), metrics: [.accuracy])
///     let history = try trainer.fit(data.shuffled(seed: 7).batched(128), validation: test, epochs: 3)
///
/// The first batch of each shape is traced and compiled; all others replay the program. The same seed gives the same
/// bits on any number of threads.
public final class Trainer {
    /// What is trained.
    public let model: any Module
    /// What is made small.
    public let loss: Loss
    /// The learning rate may be changed between steps; another rule begins without moments.
    public var optimizer: Optimizer {
        didSet {
            guard optimizer.identity !== oldValue.identity else { return }
            steps = [:]
            memory = OptimizerMemory(optimizer)
        }
    }
    /// What is reported beside the loss.
    public let metrics: [Metric]
    /// The learning rate of each step; without it that of the optimizer.
    public var schedule: Schedule?
    /// For initial values and dropout.
    public let seed: UInt64
    /// Whether fast algorithms with a larger rounding error are allowed.
    public let precision: Precision
    /// Called after each step.
    public var onStep: ((TrainingProgress) -> Void)?
    /// Called after each epoch with its validation.
    public var onEpoch: ((History.Epoch) -> Void)?

    private var steps: [BatchForm: TrainingStep] = [:]
    private var inferences: [InferenceKey: InferenceStep] = [:]
    private var memory: OptimizerMemory
    private let key: StepKey
    /// Steps made in all calls of `fit`.
    public private(set) var stepCount = 0
    private var epochCount = 0
    private var lastRate = 0.0
    private var lastStep: TrainingStep?
    /// Keeps the memory of the last batch, which its step still points to.
    private var lastBatch: [Storage] = []

    /// - Parameters:
    ///   - seed: for initial values and dropout
    ///   - precision: `.exact` forbids fast algorithms with a larger rounding error
    public init(
        _ model: any Module, loss: Loss, optimizer: Optimizer, metrics: [Metric] = [], schedule: Schedule? = nil,
        seed: UInt64 = 0, precision: Precision = .fast
    ) {
        self.model = model
        self.loss = loss
        self.optimizer = optimizer
        self.metrics = metrics
        self.schedule = schedule
        self.seed = seed
        self.precision = precision
        memory = OptimizerMemory(optimizer)
        key = StepKey(seed: seed)
    }

    /// The names of the metrics, in order.
    public var metricNames: [String] { metrics.map(\.name) }

    /// The program of the last step that was made on a batch given by hand.
    package var program: Program? { lastStep?.program }
    /// Bytes of intermediate results of the training program.
    package var arenaByteCount: Int { steps.values.map(\.program.arenaByteCount).max() ?? 0 }
    /// The kernel calls of the training program.
    package var listing: [String] { steps.values.first?.program.listing ?? [] }

    /// Trains for some epochs.
    ///
    /// - Parameters:
    ///   - data: batches, a pipeline of batches, or a data set, which is cut into batches of 256
    ///   - validation: data to evaluate on after each epoch
    ///   - classWeights: how much the samples of each class count in the loss of training, beside their own weights (see
    ///     ``Dataset/weighted(by:)`` and `Batch.weights`): a number of 0 or more for each class. The mean is still over
    ///     the number of samples, unless the loss is `reduced(.weightedMean)`
    ///   - stopping: ends training early by the loss of the validation, or that of training without one; the parameters
    ///     of the best epoch are put back if it says so
    /// - Throws: an `ApusError` if shapes do not fit, labels are out of range, or the loss is no longer a number
    @discardableResult
    public func fit(
        _ data: some BatchSource, validation: (any BatchSource)? = nil, epochs: Int = 1, classWeights: [Double] = [],
        stopping: EarlyStopping? = nil
    ) throws(ApusError) -> History {
        let plan = try data.batchPlan
        try SampleWeights.check(classWeights, in: "trainer")
        guard epochs >= 0 else {
            throw ApusError(.value, in: "trainer", "\(epochs) epochs", remedy: "use 0 or more")
        }
        let feed = try BatchFeed(plan, firstEpoch: epochCount, epochs: epochs)
        steps = steps.filter { $1.isCurrent }
        var history = History()
        let start = Clock.now()
        var stopping = stopping
        var best: [Tensor]?
        for epoch in 0..<epochs {
            let before = stepCount
            let result = try runEpoch(feed, plan, epoch: epoch, of: epochs, classWeights, start: start)
            history.steps += stepCount - before
            epochCount += 1
            let check = try validation.map { data throws(ApusError) in try evaluate(data) }
            let finished = History.Epoch(
                number: epoch + 1, loss: result.loss, penalty: result.penalty, metrics: result.metrics,
                validationLoss: check?.loss, validationMetrics: check?.metrics ?? [:], learningRate: lastRate,
                seconds: result.seconds,
                samplesPerSecond: result.samplesPerSecond, waitingShare: result.waitingShare)
            history.epochs.append(finished)
            onEpoch?(finished)
            guard stopping?.report(finished.validationLoss ?? finished.loss) != nil, let rule = stopping else {
                continue
            }
            if rule.restoresBest, rule.bestEpoch == epoch {
                best = []
                for parameter in model.parameters { best?.append(try parameter.value.evaluated()) }
            }
            if rule.isFinished { break }
        }
        if let best, stopping?.isFinished == true {
            for (parameter, value) in zip(model.parameters, best) { parameter.value = value }
        }
        return history
    }

    /// Makes one step on a batch and returns its loss.
    ///
    /// - Parameters:
    ///   - inputs: `[batch, ...]`
    ///   - targets: `[batch]` integer labels, or numbers
    ///   - weights: `[batch]`, 0 or more: how much each sample counts
    public func step(inputs: Tensor, targets: Tensor, weights: Tensor? = nil) throws(ApusError) -> Double {
        let targets = targets.dtype == .int64 ? targets.cast(to: .int32) : targets
        let (source, labels) = (try inputs.storage(), try targets.storage())
        if let weights, weights.error == nil, weights.shape != [inputs.rank > 0 ? inputs.shape[0] : 1] {
            throw ApusError(
                .shape, in: "trainer", "weights of shape \(weights.shape) for inputs of shape \(inputs.shape)",
                remedy: "give a weight for each sample: [batch]")
        }
        let share = try weights.map { (weights) throws(ApusError) in try weights.cast(to: .float32).storage() }
        let step = try trainingStep(
            BatchForm(
                inputs: inputs.shape, targets: targets.shape, inputType: inputs.dtype, targetType: targets.dtype,
                hasWeights: weights != nil))
        try countStep()
        lastStep = step
        lastBatch = [source, labels] + (share.map { [$0] } ?? [])
        try step.run(inputs: source.pointer, targets: labels.pointer, weights: share?.pointer)
        return step.result(0)
    }

    /// The kernel calls of a training step on the last batch given to ``step(inputs:targets:)``, with the fastest time
    /// of each over some steps, in microseconds; the last line is the sum. The steps do change the parameters.
    public func profile(steps count: Int = 10) throws(ApusError) -> [String] {
        guard let step = lastStep else {
            throw ApusError(
                .value, in: "profile", "no step has been made", remedy: "call step(inputs:targets:) first")
        }
        return step.profileText(max(count, 1))
    }

    private struct EpochResult {
        let loss: Double
        let penalty: Double
        let metrics: [String: Double]
        let seconds: Double
        let samplesPerSecond: Double
        let waitingShare: Double
    }

    private func runEpoch(
        _ feed: BatchFeed, _ plan: BatchPlan, epoch: Int, of epochs: Int, _ classWeights: [Double], start: Double
    ) throws(ApusError) -> EpochResult {
        var figures = EpochFigures(metrics)
        var running = figures.runningValues
        var (samples, index, waited, penalty) = (0, 0, 0.0, 0.0)
        var current: (batch: FedBatch, step: TrainingStep)?
        let epochStart = Clock.now()
        while true {
            let asked = Clock.now()
            guard let batch = try feed.next() else { break }
            waited += Clock.now() - asked
            let step: TrainingStep
            if let current, batch.hasForm(of: current.batch) {
                step = current.step
            } else {
                step = try trainingStep(BatchForm(batch, classWeights))
            }
            if loss.takesLabels { try checkLabels(batch, plan, step.outputShape) }
            current = (batch, step)
            try countStep()
            try step.run(inputs: batch.inputs, targets: batch.targets, weights: batch.weights)
            let loss = step.result(0)
            guard loss.isFinite else {
                let text = loss.isNaN ? "nan" : "\(loss)"
                throw ApusError(
                    .numeric, in: "trainer", "the loss became \(text) at step \(stepCount) (epoch \(epoch + 1))",
                    remedy: "lower the learning rate, scale the inputs, or check them for values that are no numbers")
            }
            figures.add(batch.count, partCounts: step.partCounts, step.result)
            if figures.needsOutputs, let output = step.output {
                try figures.add(
                    output: output, target: batch.target,
                    weights: SampleWeights(classes: classWeights)(batch.target, own: batch.weight))
            }
            penalty += step.penalty * Double(batch.count)
            samples += batch.count
            index += 1
            if let onStep {
                figures.write(&running)
                let now = Clock.now()
                let seconds = max(now - epochStart, 1e-9)
                // Where a pipeline can't tell its length, this step may be the last.
                let count = max(plan.count ?? index, index)
                let done = Double(epoch) + Double(index) / Double(count)
                onStep(
                    TrainingProgress(
                        epoch: epoch + 1, epochs: epochs, step: index, steps: count,
                        loss: figures.meanLoss, metrics: running, learningRate: lastRate,
                        samplesPerSecond: Double(samples) / seconds,
                        waitingShare: waited / seconds,
                        remainingSeconds: (Double(epochs) - done) * (now - start) / done))
            }
        }
        let seconds = max(Clock.now() - epochStart, 1e-9)
        return EpochResult(
            loss: figures.meanLoss, penalty: samples == 0 ? 0 : penalty / Double(samples),
            metrics: try figures.values(), seconds: seconds,
            samplesPerSecond: Double(samples) / seconds, waitingShare: waited / seconds)
    }

    /// Goes on to the next step with what depends on its number.
    private func countStep() throws(ApusError) {
        let rate = schedule?(at: stepCount) ?? optimizer.learningRate
        try schedule?.check(rate, step: stepCount)
        stepCount += 1
        lastRate = rate
        key.step = stepCount
        memory.setStep(stepCount, learningRate: rate, optimizer)
    }

    private func trainingStep(_ form: BatchForm) throws(ApusError) -> TrainingStep {
        if let known = steps[form] { return known }
        try model.build(inputShape: form.inputs, dtype: form.inputType, seed: seed)
        let step = try TrainingStep(
            model: model, loss: loss, optimizer: optimizer, metrics: metrics, precision: precision, seed: seed,
            form: form, key: key, memory: memory)
        steps[form] = step
        return step
    }

    /// Refuses data with more classes than the model's output has.
    private func checkLabels(_ batch: FedBatch, _ plan: BatchPlan, _ output: Shape) throws(ApusError) {
        guard let largest = batch.largestLabel, largest >= output[-1] else { return }
        throw ApusError(
            .data, in: "data set \(plan.name)",
            "its labels reach \(largest), but the model's output \(output) tells \(output[-1]) classes apart",
            remedy: "give the last layer at least \(largest + 1) units, or number the classes from 0")
    }

    /// The mean loss and metrics over data, in inference mode.
    ///
    /// - Parameters:
    ///   - data: batches, a pipeline of batches, or a data set; samples count by their weights
    ///   - classWeights: how much the samples of each class count, too: a number of 0 or more for each
    public func evaluate(
        _ data: some BatchSource, classWeights: [Double] = []
    ) throws(ApusError) -> (loss: Double, metrics: [String: Double]) {
        try SampleWeights.check(classWeights, in: "trainer")
        var figures = EpochFigures(metrics)
        try forEachBatch(try data.batchPlan.complete, withTargets: true, classWeights) {
            (batch, output, step, values) throws(ApusError) in
            figures.add(batch.count, partCounts: step.partCounts) { values[$0] }
            guard figures.needsOutputs else { return }
            let tensor = Tensor(storage: output.storage, shape: output.shape, dtype: .float32)
            try figures.add(
                output: tensor, target: batch.target,
                weights: SampleWeights(classes: classWeights)(batch.target, own: batch.weight))
        }
        return (figures.meanLoss, try figures.values())
    }

    /// The model's outputs for all inputs of data, in its order: `[samples, ...]`.
    public func predict(_ data: some BatchSource) throws(ApusError) -> Tensor {
        var parts: [Storage] = []
        var shape: Shape = []
        var count = 0
        try forEachBatch(try data.batchPlan.ordered, withTargets: false) {
            (batch, output, _, _) throws(ApusError) in
            guard parts.isEmpty || output.shape.extents.dropFirst() == shape.extents.dropFirst() else {
                throw ApusError(
                    .shape, in: "trainer predict", "outputs of shape \(output.shape) after some of shape \(shape)",
                    remedy: "use batches whose samples have one shape, or predict them one by one")
            }
            shape = output.shape
            parts.append(output.storage)
            count += batch.count
        }
        guard !parts.isEmpty else { return Tensor.zeros([0]) }
        let rows = Storage(byteCount: parts.reduce(0) { $0 + $1.byteCount })
        var offset = 0
        for part in parts {
            (rows.pointer + offset).copyMemory(from: part.pointer, byteCount: part.byteCount)
            offset += part.byteCount
        }
        return Tensor(storage: rows, shape: Shape([count] + shape.extents.dropFirst()), dtype: .float32)
    }

    /// The model's output for a batch of inputs `[batch, ...]`, in inference mode.
    public func predict(_ inputs: Tensor) throws(ApusError) -> Tensor {
        let output = ForwardPass(mode: .inference, belongsToTrainer: true).run(model: model, inputs)
        return try output.evaluated()
    }

    /// Runs a closure in which the parameters have their averages, and puts the others back.
    ///
    ///     try trainer.withAverages { try trainer.evaluate(test) }
    ///
    /// The averages are those of ``Optimizer/averaging(_:)``, or what the rule itself holds to be the better values, as
    /// `scheduleFreeAdamW` and `asgd` do.
    ///
    /// - Throws: what the closure throws, or an `ApusError` if the optimizer keeps no averages or has made no step
    public func withAverages<Result>(_ body: () throws -> Result) throws -> Result {
        let held = try exchangeAverages()
        defer { for (parameter, value) in held { parameter.value = value } }
        return try body()
    }

    /// Makes the averages the parameters' values, at the end of a training.
    public func adoptAverages() throws(ApusError) { _ = try exchangeAverages() }

    /// Sets the averages and returns what was there.
    private func exchangeAverages() throws(ApusError) -> [(parameter: Parameter, value: Tensor)] {
        var held: [(parameter: Parameter, value: Tensor)] = []
        for (path, parameter) in model.namedParameters {
            guard let moments = memory.moments[ObjectIdentifier(parameter)],
                let index = optimizer.evaluationState(path: path, shape: parameter.shape), index < moments.count
            else { continue }
            held.append((parameter, parameter.value))
            parameter.value = Tensor(storage: moments[index].copy(), shape: parameter.shape, dtype: parameter.dtype)
        }
        guard !held.isEmpty else {
            throw ApusError(
                .value, in: "trainer", "the optimizer \(optimizer.name) has no averages after \(stepCount) steps",
                remedy: "use an optimizer with averaging(_:), and train first")
        }
        return held
    }

    private func forEachBatch(
        _ plan: BatchPlan, withTargets: Bool, _ classWeights: [Double] = [],
        _ body: (FedBatch, (storage: Storage, shape: Shape), InferenceStep, [Double]) throws(ApusError) -> Void
    ) throws(ApusError) {
        let feed = try BatchFeed(plan)
        while let batch = try feed.next() {
            let step = try inferenceStep(batch, withTargets: withTargets, classWeights)
            if withTargets, loss.takesLabels { try checkLabels(batch, plan, step.outputShape) }
            let (output, figures) = try step.run(batch.inputs, withTargets ? batch.targets : nil, batch.weights)
            try body(batch, (output, step.outputShape), step, figures)
        }
    }

    private func inferenceStep(
        _ batch: FedBatch, withTargets: Bool, _ classWeights: [Double]
    ) throws(ApusError) -> InferenceStep {
        let form = BatchForm(batch, classWeights)
        let key = InferenceKey(form: form, withTargets: withTargets)
        if let known = inferences[key], known.isCurrent { return known }
        let input = (shape: form.inputs, dtype: form.inputType)
        try model.build(inputShape: input.shape, dtype: input.dtype, seed: seed)
        let step = try InferenceStep(
            model: model, loss: withTargets ? loss : nil, metrics: withTargets ? metrics : [], precision: precision,
            form: form, withTargets: withTargets)
        inferences[key] = step
        return step
    }
}

/// What a program for batches is made for.
struct BatchForm: Hashable {
    let inputs: Shape
    let targets: Shape
    let inputType: DType
    let targetType: DType
    var hasWeights = false
    var classWeights: [Double] = []
}

extension BatchForm {
    init(_ batch: FedBatch, _ classWeights: [Double]) {
        self.classWeights = classWeights
        hasWeights = batch.weights != nil
        inputs = Shape([batch.count] + batch.inputShape.extents)
        targets = Shape([batch.count] + batch.targetShape.extents)
        inputType = batch.inputType
        targetType = batch.targetType
    }
}

private struct InferenceKey: Hashable {
    let form: BatchForm
    let withTargets: Bool
}
