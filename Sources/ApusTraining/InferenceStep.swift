import ApusCore
import ApusData
import ApusNN

/// The forward pass on batches of one shape as a compiled program, with loss and metrics where targets are given.
final class InferenceStep {
    private let program: Program
    private let leaves: [Node]
    private let parameters: [Int: Parameter]
    private let inputSlot: Int?
    private let targetSlot: Int?
    private let weightSlot: Int?
    /// How many sums there are for each metric.
    let partCounts: [Int]
    let outputShape: Shape

    init(
        model: any Module, loss: Loss?, metrics: [Metric], precision: Precision,
        form: BatchForm, withTargets: Bool
    ) throws(ApusError) {
        // As numbers, so that they are leaves of the graph whatever they were computed from.
        for parameter in model.parameters where parameter.isBuilt { _ = try parameter.currentStorage() }
        let x = Tensor.placeholder(form.inputs, form.inputType)
        let y = withTargets ? Tensor.placeholder(form.targets, form.targetType) : nil
        let own = withTargets && form.hasWeights ? Tensor.placeholder([form.inputs[0]], .float32) : nil
        let weights = y.flatMap { SampleWeights(classes: form.classWeights)($0, own: own) }
        let pass = ForwardPass(mode: .inference, belongsToTrainer: true)
        let output = pass.run(model: model, x)
        if let error = output.error { throw error }
        var figures: [Tensor] = []
        if let y {
            if let loss { figures.append(loss(output, y, sampleWeights: weights)) }
            let parts = metrics.map { $0.sums?.parts(output, y, $0.usesWeights ? weights : nil) ?? [] }
            figures += parts.flatMap { $0 }
            partCounts = parts.map(\.count)
        } else {
            partCounts = []
        }
        for figure in figures { if let error = figure.error { throw error } }
        outputShape = output.shape
        let trace = try Trace([output.cast(to: .float32).node] + figures.map { $0.cast(to: .float32).node })
        leaves = trace.leaves
        program = try Compiler.compile(
            trace, resultCount: 1 + figures.count, updateLeaves: [], precision: precision)
        inputSlot = leaves.firstIndex { $0 === x.node }
        targetSlot = y.flatMap { y in trace.leaves.firstIndex { $0 === y.node } }
        weightSlot = own.flatMap { own in trace.leaves.firstIndex { $0 === own.node } }
        var held: [ObjectIdentifier: Parameter] = [:]
        for parameter in model.parameters where parameter.isBuilt {
            held[ObjectIdentifier(parameter.leaf(in: pass).node)] = parameter
        }
        var parameters: [Int: Parameter] = [:]
        for (position, leaf) in trace.leaves.enumerated() { parameters[position] = held[ObjectIdentifier(leaf)] }
        self.parameters = parameters
    }

    /// Whether the model's parameters still have the shapes that the program was made for.
    var isCurrent: Bool {
        parameters.allSatisfy { $1.shape == leaves[$0].shape && $1.dtype == leaves[$0].dtype }
    }

    /// The output and the figures (loss, metrics) for a batch.
    func run(
        _ inputs: UnsafeMutableRawPointer, _ targets: UnsafeMutableRawPointer?, _ weights: UnsafeMutableRawPointer?
    ) throws(ApusError) -> (output: Storage, figures: [Double]) {
        var addresses: [UnsafeMutableRawPointer] = []
        var kept: [Storage] = []
        for (position, leaf) in leaves.enumerated() {
            if position == inputSlot {
                addresses.append(inputs)
            } else if position == targetSlot, let targets {
                addresses.append(targets)
            } else if position == weightSlot, let weights {
                addresses.append(weights)
            } else {
                let own = try parameters[position]?.currentStorage()
                guard let storage = own ?? leaf.value.withLock({ $0 }) else {
                    throw ApusError(
                        .value, in: "inference", "an input of shape \(leaf.shape) has no value",
                        remedy: "compute the model's output from its input and its parameters only")
                }
                kept.append(storage)
                addresses.append(storage.pointer)
            }
        }
        let results = program.results.map { Storage(byteCount: $0.shape.count * $0.dtype.size) }
        let pointers = results.map(\.pointer)
        let failure = withExtendedLifetime(kept) {
            addresses.withUnsafeBufferPointer { addresses -> ApusError? in
                pointers.withUnsafeBufferPointer { pointers -> ApusError? in
                    do throws(ApusError) {
                        try program.run(inputs: addresses, results: pointers)
                        return nil
                    } catch {
                        return error
                    }
                }
            }
        }
        if let failure { throw failure }
        return (results[0], results.dropFirst().map { Double($0.pointer.load(as: Float.self)) })
    }
}
