import ApusCore
import ApusNN

/// A program with the memory that it works on: the inputs of each run, parameters, and what else it changes in place.
///
/// Once made, a run allocates nothing.
final class BoundProgram {
    let program: Program
    private let addresses: UnsafeMutableBufferPointer<UnsafeMutableRawPointer>
    private let results: UnsafeMutableBufferPointer<UnsafeMutableRawPointer>
    private let inputSlots: [Int?]
    /// The parameters, where the program expects their addresses, and the memory at which it finds them now.
    private let parameters: [(position: Int, parameter: Parameter, shape: Shape)]
    private var bound: [Storage]
    private let trainable: [Bool]
    let resultStorages: [Storage]
    /// Keeps what the program points to.
    private let kept: [Storage]

    /// - Parameters:
    ///   - results: what is computed, as `float32`
    ///   - changes: what is replaced in place
    ///   - inputs: placeholders, whose addresses are given before each run
    ///   - parameters: those that may be read or replaced between runs
    ///   - kept: memory that must live as long as the program
    init(
        results values: [Tensor], changes: Changes, inputs: [Tensor], parameters: [Parameter], kept: [Storage],
        precision: Precision, place: String
    ) throws(ApusError) {
        let updates = changes.pairs
        let trace = try Trace(values.map { $0.cast(to: .float32).node } + updates.map(\.value))
        let leaves = trace.leaves
        var positions: [ObjectIdentifier: Int] = [:]
        for (position, leaf) in leaves.enumerated() { positions[ObjectIdentifier(leaf)] = position }
        var updated: [Int] = []
        for update in updates {
            guard let position = positions[ObjectIdentifier(update.leaf)] else {
                throw ApusError(
                    .parameter, in: place, "a parameter is not part of the computation that updates it",
                    remedy: "report this as a defect")
            }
            updated.append(position)
        }
        program = try Compiler.compile(
            trace, resultCount: values.count, updateLeaves: updated, precision: precision)

        var held: [ObjectIdentifier: Parameter] = [:]
        for parameter in parameters where parameter.isBuilt {
            held[ObjectIdentifier(try parameter.makeExclusive().leaf.node)] = parameter
        }
        let isInput = Set(inputs.map { ObjectIdentifier($0.node) })
        var storages: [Storage] = []
        let empty = Storage(byteCount: 64)
        var known: [(position: Int, parameter: Parameter, shape: Shape)] = []
        var bound: [Storage] = []
        for (position, leaf) in leaves.enumerated() {
            let key = ObjectIdentifier(leaf)
            guard !isInput.contains(key) else {
                storages.append(empty)
                continue
            }
            let own = try held[key].map { parameter throws(ApusError) in try parameter.makeExclusive().storage }
            guard let storage = own ?? changes.storages[key] ?? leaf.value.withLock({ $0 }) else {
                throw ApusError(
                    .value, in: place, "an input of shape \(leaf.shape) has no value",
                    remedy: "compute the model's output from its input and its parameters only")
            }
            if let parameter = held[key] {
                known.append((position, parameter, leaf.shape))
                bound.append(storage)
            }
            storages.append(storage)
        }
        self.parameters = known
        self.bound = bound
        trainable = known.map(\.parameter.isTrainable)
        inputSlots = inputs.map { positions[ObjectIdentifier($0.node)] }
        resultStorages = values.map { Storage(byteCount: $0.shape.count * 4) }
        addresses = .allocate(capacity: leaves.count)
        for (position, storage) in storages.enumerated() {
            addresses.initializeElement(at: position, to: storage.pointer)
        }
        results = .allocate(capacity: resultStorages.count)
        for (position, storage) in resultStorages.enumerated() {
            results.initializeElement(at: position, to: storage.pointer)
        }
        // Of parameters there may be new memory, the rest stays where it is.
        let replaceable = Set(known.map(\.position))
        self.kept = kept + storages.indices.filter { !replaceable.contains($0) }.map { storages[$0] }
    }

    deinit {
        addresses.deallocate()
        results.deallocate()
    }

    /// Whether the same parameters are trainable as when the program was made.
    var isCurrent: Bool { zip(parameters, trainable).allSatisfy { $0.parameter.isTrainable == $1 } }

    /// Where an input of the next run is.
    func setInput(_ index: Int, _ pointer: UnsafeMutableRawPointer) {
        if let slot = inputSlots[index] { addresses[slot] = pointer }
    }

    func run(place: StaticString) throws(ApusError) {
        try bindParameters(place)
        try program.run(inputs: UnsafeBufferPointer(addresses), results: UnsafeBufferPointer(results))
    }

    /// Takes over parameters that have been read or replaced since the last run: what was read stays as it was.
    private func bindParameters(_ place: StaticString) throws(ApusError) {
        for (index, entry) in parameters.enumerated() where entry.parameter.exclusive !== bound[index] {
            guard entry.parameter.shape == entry.shape else {
                throw ApusError(
                    .parameter, in: "\(place)",
                    "a parameter of shape \(entry.shape) was replaced by one of shape \(entry.parameter.shape)",
                    remedy: "keep the shape, or make a new one")
            }
            bound[index] = try entry.parameter.makeExclusive().storage
            addresses[entry.position] = bound[index].pointer
        }
    }

    /// The kernel calls with the fastest time of each over some runs, which do change what the program changes, in
    /// microseconds; the last line is their sum.
    func profileText(runs: Int) -> [String] {
        let calls = program.profile(
            inputs: UnsafeBufferPointer(addresses), results: UnsafeBufferPointer(results), runs: runs,
            clock: Clock.now)
        func microseconds(_ seconds: Double) -> String {
            let text = String(Int((seconds * 1e7).rounded()))
            let padded = String(repeating: "0", count: max(0, 2 - text.count)) + text
            let number = padded.dropLast() + "." + padded.suffix(1)
            return String(repeating: " ", count: max(0, 11 - number.count)) + number
        }
        return calls.map { "\(microseconds($0.seconds))  \($0.name)  \($0.detail)" }
            + ["\(microseconds(calls.reduce(0) { $0 + $1.seconds }))  sum of \(calls.count) calls"]
    }

    /// A result that is one number.
    func result(_ index: Int) -> Double { Double(resultStorages[index].pointer.load(as: Float.self)) }
}

/// What a step replaces in place: leaves with their new values and their memory.
struct Changes {
    private(set) var pairs: [(leaf: Node, value: Node)] = []
    private(set) var storages: [ObjectIdentifier: Storage] = [:]
    private var positions: [ObjectIdentifier: Int] = [:]

    mutating func keep(_ leaf: Tensor, at storage: Storage) { storages[ObjectIdentifier(leaf.node)] = storage }

    /// Replaces the value of a leaf; of several values for one the last counts.
    mutating func replace(_ leaf: Tensor, by value: Tensor) throws(ApusError) {
        if let error = value.error { throw error }
        guard leaf.node !== value.node else { return }
        let key = ObjectIdentifier(leaf.node)
        if let position = positions[key] {
            pairs[position].value = value.node
        } else {
            positions[key] = pairs.count
            pairs.append((leaf.node, value.node))
        }
    }
}
