/// A computation as a list in topological order, simplified as it is built: each entry is an operation on earlier
/// entries. Equal computations are one entry; arithmetic on constants is done; `x * 1` and its like vanish.
package struct Graph {
    package struct Entry {
        package let operation: any Operation
        package let inputs: [Int]
        package let shape: Shape
        package let dtype: DType
        package let role: OperationRole
    }

    package private(set) var entries: [Entry] = []
    /// The entries of the leaves, in the order of the program's inputs; `nil` where simplification dropped a leaf.
    package private(set) var leaves: [Int?] = []
    package private(set) var outputs: [Int] = []

    private var known: [Key: Int] = [:]
    /// Of operations with several results, the entry that gives the most.
    private var families: [Family: Int] = [:]

    private struct Family: Hashable {
        let family: AnyHashable
        let inputs: [Int]
    }

    private struct Key: Hashable {
        let operation: OperationBox
        let inputs: [Int]
        let shape: Shape
        let dtype: DType
    }

    /// The graph of a trace.
    package init(_ trace: Trace) {
        var index = [Int](repeating: 0, count: trace.steps.count)
        for (position, step) in trace.steps.enumerated() {
            if step.isLeaf {
                index[position] = entries.count
                leaves.append(entries.count)
                entries.append(
                    Entry(operation: Leaf(), inputs: [], shape: step.node.shape, dtype: step.node.dtype, role: .leaf))
            } else {
                index[position] = add(
                    step.node.operation, step.inputs.map { index[$0] }, shape: step.node.shape, dtype: step.node.dtype)
            }
        }
        outputs = trace.outputs.map { index[$0] }
    }

    func fill(_ index: Int) -> Double? {
        if case .fill(let value) = entries[index].role { value } else { nil }
    }

    mutating func addFill(_ value: Double, shape: Shape, dtype: DType) -> Int {
        append(Fill(value, shape: shape, dtype: dtype), [], shape: shape, dtype: dtype)
    }

    mutating func add(_ operation: any Operation, _ inputs: [Int], shape: Shape, dtype: DType) -> Int {
        switch operation.role {
        case .identity:
            return inputs[0]
        case .view:
            if let value = fill(inputs[0]) { return addFill(value, shape: shape, dtype: dtype) }
            if operation is Reshape {
                var source = inputs[0]
                if entries[source].operation is Reshape { source = entries[source].inputs[0] }
                if entries[source].shape == shape { return source }
                return append(operation, [source], shape: shape, dtype: dtype)
            }
        case .broadcast:
            if let value = fill(inputs[0]) { return addFill(value, shape: shape, dtype: dtype) }
            if entries[inputs[0]].operation is Broadcast {
                return append(operation, [entries[inputs[0]].inputs[0]], shape: shape, dtype: dtype)
            }
        case .elementwise:
            if let simpler = simplified(operation, inputs, shape: shape, dtype: dtype) { return simpler }
        case .cast:
            if entries[inputs[0]].dtype == dtype { return inputs[0] }
        case .reduce(let reduction, let axes):
            // Folding a single element changes nothing.
            if axes.allSatisfy({ entries[inputs[0]].shape[$0] == 1 }) { return inputs[0] }
            if reduction == .sum, let sum = factored(operation, axes, inputs[0], shape: shape, dtype: dtype) {
                return sum
            }
        default: break
        }
        return append(operation, inputs, shape: shape, dtype: dtype)
    }

    private mutating func simplified(
        _ operation: any Operation, _ inputs: [Int], shape: Shape, dtype: DType
    ) -> Int? {
        guard let function = (operation as? Elementwise)?.function else { return nil }
        let values = inputs.map(fill)
        if values.allSatisfy({ $0 != nil }), !dtype.isInteger {
            let v = values.compactMap { $0 } + [0, 0]
            let value = function.rule.definition(v[0], v[1], v.count > 4 ? v[2] : (inputs.count == 3 ? v[2] : 0))
            return addFill(dtype == .float32 ? Double(Float(value)) : value, shape: shape, dtype: dtype)
        }
        switch (function, values.first ?? nil, values.count > 1 ? values[1] : nil) {
        case (.multiply, 1?, _), (.add, 0?, _): return inputs[1]
        case (.multiply, _, 1?), (.divide, _, 1?), (.add, _, 0?), (.subtract, _, 0?): return inputs[0]
        case (.add, _, _), (.subtract, _, _):
            if let sum = scattered(function, inputs, shape: shape, dtype: dtype) { return sum }
            guard function == .add else { return nil }
            let (a, b) = (entries[inputs[0]], entries[inputs[1]])
            func shapes(_ entry: Entry) -> [Shape] { entry.inputs.map { entries[$0].shape } }
            return a.operation.joined(with: b.operation, shapes: shapes(a), otherShapes: shapes(b)).map {
                append($0, a.inputs + b.inputs, shape: shape, dtype: dtype)
            }
        case (.negate, _, _):
            let inner = entries[inputs[0]]
            if (inner.operation as? Elementwise)?.function == .negate { return inner.inputs[0] }
            return nil
        default: return nil
        }
    }

    mutating func append(_ operation: any Operation, _ inputs: [Int], shape: Shape, dtype: DType) -> Int {
        let key = Key(operation: OperationBox(operation), inputs: inputs, shape: shape, dtype: dtype)
        if let index = known[key] { return index }
        if let family = operation.family.map({ Family(family: $0, inputs: inputs) }) {
            if let index = families[family] {
                if entries[index].operation.covers(operation) { return index }
                if operation.covers(entries[index].operation) {
                    entries[index] = Entry(
                        operation: operation, inputs: inputs, shape: shape, dtype: dtype, role: operation.role)
                    return index
                }
            }
            families[family] = entries.count
        }
        entries.append(
            Entry(operation: operation, inputs: inputs, shape: shape, dtype: dtype, role: operation.role))
        known[key] = entries.count - 1
        return entries.count - 1
    }

    /// Removes what no output needs; the order stays.
    package mutating func removeDeadEntries() {
        var alive = [Bool](repeating: false, count: entries.count)
        for output in outputs { alive[output] = true }
        for index in entries.indices.reversed() where alive[index] {
            for input in entries[index].inputs { alive[input] = true }
        }
        var moved = [Int](repeating: -1, count: entries.count)
        var kept: [Entry] = []
        for (index, entry) in entries.enumerated() where alive[index] {
            moved[index] = kept.count
            kept.append(
                Entry(
                    operation: entry.operation, inputs: entry.inputs.map { moved[$0] }, shape: entry.shape,
                    dtype: entry.dtype, role: entry.role))
        }
        replaceEntries(with: kept, moved: moved)
    }

    /// Takes new entries for the old ones; `moved` says where each is now, or -1.
    mutating func replaceEntries(with new: [Entry], moved: [Int]) {
        entries = new
        outputs = outputs.map { moved[$0] }
        leaves = leaves.map { leaf in leaf.flatMap { moved[$0] < 0 ? nil : moved[$0] } }
        known = [:]
        families = [:]
    }
}

/// An operation of any kind as a dictionary key.
package struct OperationBox: Hashable {
    package let operation: any Operation

    package init(_ operation: any Operation) { self.operation = operation }

    package static func == (a: OperationBox, b: OperationBox) -> Bool {
        func equal<O: Operation>(_ first: O) -> Bool { (b.operation as? O) == first }
        return equal(a.operation)
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(ObjectIdentifier(type(of: operation)))
        operation.hash(into: &hasher)
    }
}
