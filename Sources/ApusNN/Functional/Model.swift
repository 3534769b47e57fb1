import ApusCore

/// A network defined by what leads from inputs to outputs.
///
///     let image = Input(shape: [32, 32, 3], name: "image")
///     let place = Input(shape: [2], name: "place")
///     let features = Flatten()(Conv2D(8, kernel: 3, activation: .relu)(image))
///     let joined = SymbolicTensor.concatenate([features, Dense(8)(place)])
///     let model = Model(
///         inputs: [image, place], outputs: [Dense(10)(joined).named("kind"), Dense(4)(joined).named("box")])
///     let kind = model([images, places])[0]         // [batch, 10]
///
/// A layer that is called twice shares its parameters; so do models over parts of the same graph:
/// `Model(inputs: image, outputs: features)`. A model is a module and may be part of others.
public final class Model: Layer, ModuleContainer {
    /// The steps in an order in which each comes after what it needs.
    private let steps: [Step]
    private var modules: [any Module]
    /// The modules' names: the type with a running number, such as `conv2d1`.
    public let names: [String]
    private let inputCount: Int
    private let outputSlots: [Int]
    private let mistake: ApusError?
    /// The inputs' shapes without the batch, and their types.
    private let inputForms: [(shape: Shape, dtype: DType)]
    /// The names of inputs and outputs: given ones, or `input1`, `output1`, ...
    public let inputNames: [String]
    /// The names of the outputs.
    public let outputNames: [String]

    private struct Step {
        let module: Int
        let inputs: [Int]
        let outputs: [(index: Int, slot: Int)]
        let call: (any Module, [Tensor]) -> [Tensor]
    }

    /// A model of one input and one output.
    public convenience init(inputs: SymbolicTensor, outputs: SymbolicTensor) {
        self.init(inputs: [inputs], outputs: [outputs])
    }

    /// A model of one input and several outputs.
    public convenience init(inputs: SymbolicTensor, outputs: [SymbolicTensor]) {
        self.init(inputs: [inputs], outputs: outputs)
    }

    /// A model of several inputs and one output.
    public convenience init(inputs: [SymbolicTensor], outputs: SymbolicTensor) {
        self.init(inputs: inputs, outputs: [outputs])
    }

    /// What leads from the inputs to the outputs. An input may be any tensor on the way, so that a model can begin in
    /// the middle of another. If something leads in from elsewhere, each call has an error.
    public init(inputs: [SymbolicTensor], outputs: [SymbolicTensor]) {
        var slots: [ObjectIdentifier: Int] = [:]
        for (index, input) in inputs.enumerated() { slots[ObjectIdentifier(input.node)] = index }
        var mistake = (inputs + outputs).compactMap(\.error).first
        if inputs.isEmpty || outputs.isEmpty {
            mistake = ApusError(
                .value, in: "Model", "\(inputs.count) inputs and \(outputs.count) outputs",
                remedy: "give at least one of each")
        } else if slots.count != inputs.count, mistake == nil {
            mistake = ApusError(.value, in: "Model", "an input is given twice", remedy: "name each input once")
        }
        var modules: [any Module] = []
        var places: [ObjectIdentifier: Int] = [:]
        var done: [ObjectIdentifier: Int] = [:]
        var steps: [(step: SymbolicStep, outputs: [(index: Int, slot: Int)])] = []
        var next = inputs.count
        // Depth first with a stack of its own: models may be deep.
        var pending: [(node: SymbolicNode, isReady: Bool)] = outputs.reversed().map { ($0.node, false) }
        while let (node, isReady) = pending.popLast() {
            guard slots[ObjectIdentifier(node)] == nil else { continue }
            guard let step = node.step else {
                mistake =
                    mistake
                    ?? ApusError(
                        .value, in: "Model", "an output needs an input of shape \(node.sketch.shape) that is not given",
                        remedy: "list all inputs that the outputs are computed from")
                continue
            }
            guard isReady else {
                pending.append((node, true))
                pending += node.inputs.reversed().map { ($0, false) }
                continue
            }
            slots[ObjectIdentifier(node)] = next
            if let known = done[ObjectIdentifier(step)] {
                steps[known].outputs.append((node.output, next))
            } else {
                done[ObjectIdentifier(step)] = steps.count
                steps.append((step, [(node.output, next)]))
                if places[ObjectIdentifier(step.module)] == nil {
                    places[ObjectIdentifier(step.module)] = modules.count
                    modules.append(step.module)
                }
            }
            next += 1
        }
        self.mistake = mistake
        self.modules = modules
        names = LayerNames.distinct(
            modules.map { (nil, $0 is FunctionLayer ? $0.details : LayerNames.typeName($0)) })
        inputCount = inputs.count
        inputForms = inputs.map { ($0.shape, $0.dtype) }
        outputSlots = outputs.map { slots[ObjectIdentifier($0.node)] ?? 0 }
        inputNames = Model.names(inputs, "input")
        outputNames = Model.names(outputs, "output")
        self.steps = steps.map { step, outputs in
            Step(
                module: places[ObjectIdentifier(step.module)] ?? 0,
                inputs: step.inputs.map { slots[ObjectIdentifier($0)] ?? 0 }, outputs: outputs, call: step.call)
        }
    }

    private static func names(_ tensors: [SymbolicTensor], _ stem: String) -> [String] {
        tensors.enumerated().map { $1.name ?? (tensors.count == 1 ? stem : "\(stem)\($0 + 1)") }
    }

    public var children: [(name: String, child: ModuleChild)] { zip(names, modules).map { ($0, .module($1)) } }

    /// The output for one input; for models with one of each.
    public func forward(_ x: Tensor) -> Tensor {
        let outputs = results([x])
        guard outputs.count == 1 else {
            return Tensor(
                error: ApusError(
                    .value, in: "Model", "it has \(outputs.count) outputs (\(outputNames.joined(separator: ", ")))",
                    remedy: "call it with a list of inputs to get a list of outputs"))
        }
        return outputs[0]
    }

    /// The outputs for all inputs, in the order in which they were given to the model.
    public func callAsFunction(_ inputs: [Tensor]) -> [Tensor] {
        var outputs: [Tensor] = []
        let first = observed {
            outputs = results(inputs)
            return outputs.first ?? Tensor.zeros([0])
        }
        if !outputs.isEmpty { outputs[0] = first }
        return outputs
    }

    /// The outputs by name for inputs by name.
    public func callAsFunction(_ inputs: [String: Tensor]) -> [String: Tensor] {
        let given = inputNames.map { name in
            inputs[name]
                ?? Tensor(
                    error: ApusError(
                        .name, in: "Model",
                        "the input \(name) is missing among \(inputs.keys.sorted().joined(separator: ", "))",
                        remedy: "give all of \(inputNames.joined(separator: ", "))"))
        }
        return Dictionary(zip(outputNames, self(given)), uniquingKeysWith: { first, _ in first })
    }

    /// This model as a step of another one.
    public func callAsFunction(_ inputs: [SymbolicTensor]) -> [SymbolicTensor] {
        SymbolicTensor.apply(self, inputs, outputs: outputSlots.count) { $0($1) }
    }

    private func results(_ inputs: [Tensor]) -> [Tensor] {
        var failure = mistake ?? inputs.compactMap(\.error).first
        if failure == nil, inputs.count != inputCount {
            failure = ApusError(
                .value, in: "Model",
                "\(inputs.count) inputs, it has \(inputCount) (\(inputNames.joined(separator: ", ")))",
                remedy: "give a tensor for each input")
        }
        if let failure { return outputSlots.map { _ in Tensor(error: failure) } }
        var values: [Int: Tensor] = [:]
        for (index, input) in inputs.enumerated() { values[index] = input }
        for step in steps {
            let given = step.inputs.compactMap { values[$0] }
            var results: [Tensor] = []
            let first = ForwardPass.call(modules[step.module], name: names[step.module]) {
                results = step.call(modules[step.module], given)
                return results.first ?? Tensor.zeros([0])
            }
            // Whoever observes may have replaced it.
            if !results.isEmpty { results[0] = first }
            for (index, slot) in step.outputs where results.indices.contains(index) { values[slot] = results[index] }
        }
        return outputSlots.map { values[$0] ?? Tensor.zeros([0]) }
    }

    /// The layer of a name; `nil` where there is none. Assigning a layer replaces it wherever it is called.
    public subscript(name: String) -> (any Module)? {
        get { names.firstIndex(of: name).map { modules[$0] } }
        set { if let newValue { _ = replaceChild(named: name, with: newValue) } }
    }

    func replaceChild(named name: String, with module: any Module) -> Bool {
        guard let index = names.firstIndex(of: name) else { return false }
        modules[index] = module
        return true
    }

    /// Builds all parameters; the shapes are those of the inputs.
    ///
    /// - Returns: the outputs' shapes for a batch of one
    @discardableResult
    public func build(seed: UInt64 = 0) throws(ApusError) -> [Shape] {
        let pass = ForwardPass(mode: .inference, seed: seed)
        let outputs = pass.run { self(placeholders) }
        if let error = outputs.compactMap(\.error).first { throw error }
        return outputs.map(\.shape)
    }

    /// Layer by layer: shapes for a batch of one, and numbers of parameters.
    public func summary(seed: UInt64 = 0, nested: Bool = false) throws(ApusError) -> Summary {
        try Summary(self, inputs: placeholders.map(\.shape), nested: nested) {
            let outputs = ForwardPass(mode: .inference, seed: seed).run { self(placeholders) }
            return outputs.first { $0.error != nil } ?? outputs[0]
        }
    }

    private var placeholders: [Tensor] {
        inputForms.map { Tensor.placeholder(Shape([1] + $0.shape.extents), $0.dtype) }
    }
}
