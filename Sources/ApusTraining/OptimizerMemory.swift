import ApusCore
import ApusNN

/// The key of random numbers of a step: seed and number of the step.
final class StepKey {
    let storage = Storage(byteCount: 16)

    init(seed: UInt64) {
        storage.pointer.storeBytes(of: Int64(bitPattern: seed), as: Int64.self)
        step = 0
    }

    /// The number of the step (1, 2, ...).
    var step: Int {
        get { Int(storage.pointer.load(fromByteOffset: 8, as: Int64.self)) }
        set { storage.pointer.storeBytes(of: Int64(newValue), toByteOffset: 8, as: Int64.self) }
    }

    /// The key as an input of graphs.
    var tensor: Tensor { Tensor(storage: storage, shape: [2], dtype: .int64) }
}

/// What an optimizer reads at each step, and what it keeps from step to step, in memory that programs point to.
final class OptimizerMemory {
    private let scalars: [Storage]
    /// The same for parameters of type `float64`.
    private let doubleScalars: [Storage]
    private var numbers: [Double]
    /// What is kept for each parameter, and for all together.
    private(set) var moments: [ObjectIdentifier: [Storage]] = [:]
    private let shared: [Storage]

    init(_ optimizer: Optimizer) {
        scalars = (0..<optimizer.scalarCount).map { _ in Storage(byteCount: 4) }
        doubleScalars = scalars.map { _ in Storage(byteCount: 8) }
        numbers = [Double](repeating: 0, count: optimizer.scalarCount)
        shared = optimizer.sharedStates.map { number in
            let storage = Storage(byteCount: 4)
            storage.store(number, at: 0, .float32)
            return storage
        }
    }

    /// All memory that is there from the beginning.
    var storages: [Storage] { scalars + doubleScalars + shared }

    /// Writes what depends on the step (1, 2, ...).
    func setStep(_ step: Int, learningRate: Double, _ optimizer: Optimizer) {
        numbers.withUnsafeMutableBufferPointer { optimizer.writeScalars(learningRate, step, $0) }
        for index in scalars.indices {
            scalars[index].pointer.storeBytes(of: Float(numbers[index]), as: Float.self)
            doubleScalars[index].pointer.storeBytes(of: numbers[index], as: Double.self)
        }
    }

    /// The optimizer's part of a step.
    func trace(_ optimizer: Optimizer) -> Descent { Descent(optimizer, self) }

    /// What is kept for a parameter, in its first state if it is new.
    private func moments(of parameter: Parameter, _ forms: [StateForm]) throws(ApusError) -> [Storage] {
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

    /// An optimizer's part of the graph of one step: its memory as leaves, and their values as the graph goes on.
    struct Descent {
        private let optimizer: Optimizer
        private let memory: OptimizerMemory
        private let scalars: [Tensor]
        private let doubleScalars: [Tensor]
        private let sharedLeaves: [Tensor]
        private var shared: [Tensor]
        /// By parameter: the leaves of its states, and the values that stand for them now.
        private var states: [ObjectIdentifier: (leaves: [Tensor], values: [Tensor])] = [:]

        init(_ optimizer: Optimizer, _ memory: OptimizerMemory) {
            self.optimizer = optimizer
            self.memory = memory
            scalars = memory.scalars.map { Tensor(storage: $0, shape: [], dtype: .float32) }
            doubleScalars = memory.doubleScalars.map { Tensor(storage: $0, shape: [], dtype: .float64) }
            sharedLeaves = memory.shared.map { Tensor(storage: $0, shape: [], dtype: .float32) }
            shared = sharedLeaves
        }

        /// The loss as its derivatives are to be taken.
        func scaled(_ loss: Tensor) -> Tensor { shared.first.map { loss * $0.cast(to: loss.dtype) } ?? loss }

        /// Moves parameters by their gradients; returns their new values.
        mutating func move(
            _ parameters: [(path: String, parameter: Parameter)], values: [Tensor], gradients: [Tensor],
            _ changes: inout Changes
        ) throws(ApusError) -> [Tensor] {
            var entries: [OptimizerEntry] = []
            for (((path, parameter), value), gradient) in zip(zip(parameters, values), gradients) {
                if let error = gradient.error { throw error }
                let key = ObjectIdentifier(parameter)
                if states[key] == nil {
                    let forms = optimizer.states(path: path, shape: parameter.shape)
                    let storages = try memory.moments(of: parameter, forms)
                    let leaves = zip(storages, forms).map {
                        Tensor(storage: $0, shape: $1.shape, dtype: parameter.dtype)
                    }
                    for (leaf, storage) in zip(leaves, storages) { changes.keep(leaf, at: storage) }
                    states[key] = (leaves, leaves)
                }
                entries.append(
                    OptimizerEntry(
                        path: path, parameter: value, gradient: gradient, state: states[key]?.values ?? [],
                        constraint: parameter.constraint))
            }
            let isDouble = entries.contains { $0.parameter.dtype == .float64 }
            let (results, newShared) = optimizer.step(
                entries, shared: shared, scalars: isDouble ? doubleScalars : scalars)
            for ((_, parameter), result) in zip(parameters, results) {
                let key = ObjectIdentifier(parameter)
                let (leaf, storage) = try parameter.makeExclusive()
                changes.keep(leaf, at: storage)
                try changes.replace(leaf, by: result.parameter)
                for (state, new) in zip(states[key]?.leaves ?? [], result.state) { try changes.replace(state, by: new) }
                states[key]?.values = result.state
            }
            for ((leaf, new), storage) in zip(zip(sharedLeaves, newShared), memory.shared) {
                changes.keep(leaf, at: storage)
                try changes.replace(leaf, by: new)
            }
            shared = newShared
            return results.map(\.parameter)
        }
    }
}
