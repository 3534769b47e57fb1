import ApusCore

/// A model layer by layer: shapes and numbers of parameters for one input shape.
public struct Summary: Sendable, CustomStringConvertible {
    /// A layer in the listing.
    public struct Row: Sendable {
        /// The layer's path, such as `conv2d1`.
        public let path: String
        /// Its type and hyperparameters.
        public let kind: String
        /// The output's extents; the first is the batch.
        public let output: Shape
        /// Numbers that are learnt, and others that the layer keeps.
        public let trainable: Int
        /// How many numbers it keeps that optimizers do not change.
        public let fixed: Int
    }

    /// The extents of the first input, and of all.
    public let input: Shape
    /// The extents of all inputs.
    public let inputs: [Shape]
    /// The layers in the order of their calls.
    public let rows: [Row]
    /// How many numbers of the whole model are learnt.
    public let trainable: Int
    /// How many numbers of the whole model are kept but not learnt.
    public let fixed: Int

    /// Builds the model for an input shape `[batch, ...]` and describes it.
    ///
    /// - Parameters:
    ///   - nested: whether blocks are shown through their layers too, not only containers
    public init(
        _ model: any Module, inputShape: Shape, dtype: DType = .float32, seed: UInt64 = 0, nested: Bool = false
    ) throws(ApusError) {
        _ = try inputShape.checkedCount(in: "model input")
        try self.init(model, inputs: [inputShape], nested: nested) {
            ForwardPass(mode: .inference, seed: seed).run(model: model, Tensor.placeholder(inputShape, dtype))
        }
    }

    /// Describes a model by a call of it that builds it.
    init(_ model: any Module, inputs: [Shape], nested: Bool, call: () -> Tensor) throws(ApusError) {
        var records: [(call: LayerCall, output: Shape)] = []
        let observer = Observer { call, output in
            records.append((call, output.shape))
            return output
        }
        let output = observer.run(call)
        if let error = output.error { throw error }
        input = inputs.first ?? []
        self.inputs = inputs
        var parents = Set<ObjectIdentifier>()
        for record in records {
            if let parent = record.call.parent { parents.insert(ObjectIdentifier(parent)) }
        }
        // Containers are shown through what they hold.
        func isOpen(_ call: LayerCall) -> Bool {
            parents.contains(ObjectIdentifier(call))
                && (nested || call.parent == nil || call.module is any ModuleContainer)
        }
        var seen = Set<ObjectIdentifier>()
        var firstUse: [ObjectIdentifier: String] = [:]
        var rows: [Row] = []
        for (call, output) in records {
            let isHidden = sequence(first: call.parent, next: { $0?.parent }).prefix { $0 != nil }
                .contains { $0.map { !isOpen($0) } ?? false }
            if isHidden { continue }
            let path = call.path ?? LayerNames.typeName(call.module)
            let own =
                isOpen(call)
                ? call.module.children.compactMap { child -> Parameter? in
                    if case .parameter(let parameter) = child.child { parameter } else { nil }
                } : call.module.parameters
            var (trainable, fixed) = (0, 0)
            for parameter in own where seen.insert(ObjectIdentifier(parameter)).inserted {
                if parameter.isTrainable {
                    trainable += parameter.shape.count
                } else {
                    fixed += parameter.shape.count
                }
            }
            if isOpen(call), trainable + fixed == 0 { continue }
            let details = call.module.details
            let type = call.module is FunctionLayer ? "" : "\(Swift.type(of: call.module))"
            var kind = [type, details].filter { !$0.isEmpty }.joined(separator: " ")
            if isOpen(call) { kind += ", its own parameters" }
            if let first = firstUse[ObjectIdentifier(call.module)] { kind += ", the same as \(first)" }
            firstUse[ObjectIdentifier(call.module)] = firstUse[ObjectIdentifier(call.module)] ?? path
            rows.append(Row(path: path, kind: kind, output: output, trainable: trainable, fixed: fixed))
        }
        self.rows = rows
        let built = model.parameters.filter(\.isBuilt)
        trainable = built.filter(\.isTrainable).reduce(0) { $0 + $1.shape.count }
        fixed = built.filter { !$0.isTrainable }.reduce(0) { $0 + $1.shape.count }
    }

    /// A table for the terminal.
    public var description: String {
        let header = ["layer", "kind", "output", "parameters"]
        let body = rows.map { [$0.path, $0.kind, "\($0.output)", Summary.grouped($0.trainable + $0.fixed)] }
        let widths = (0..<4).map { column in ([header] + body).map { $0[column].count }.max() ?? 0 }
        func line(_ cells: [String]) -> String {
            zip(cells, widths).enumerated().map { index, cell in
                let space = String(repeating: " ", count: cell.1 - cell.0.count)
                return index == 3 ? space + cell.0 : cell.0 + space
            }.joined(separator: "  ")
        }
        let rule = String(repeating: "─", count: widths.reduce(6, +))
        var total = "\(Summary.grouped(trainable)) trainable parameters"
        if fixed > 0 { total += ", \(Summary.grouped(fixed)) others" }
        let given = inputs.count == 1 ? "input \(input)" : "inputs \(inputs.map(\.description).joined(separator: " "))"
        return ([line(header), rule] + body.map(line) + [rule, "\(given): \(total)"]).joined(separator: "\n")
    }

    /// A number with commas between thousands.
    public static func grouped(_ number: Int) -> String {
        var result = ""
        for (index, digit) in String(number).reversed().enumerated() {
            if index > 0, index % 3 == 0, digit != "-" { result.append(",") }
            result.append(digit)
        }
        return String(result.reversed())
    }
}
