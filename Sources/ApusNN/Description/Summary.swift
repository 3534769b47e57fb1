import ApusCore

/// A model layer by layer: shapes and numbers of parameters for one input shape.
public struct Summary: Sendable, CustomStringConvertible {
    public struct Row: Sendable {
        /// The layer's path, such as `conv2d1`.
        public let path: String
        /// Its type and hyperparameters.
        public let kind: String
        /// The output's extents; the first is the batch.
        public let output: Shape
        /// Numbers that are learnt, and others that the layer keeps.
        public let trainable: Int
        public let fixed: Int
    }

    public let input: Shape
    public let rows: [Row]
    public let trainable: Int
    public let fixed: Int

    /// Builds the model for an input shape `[batch, ...]` and describes it.
    public init(_ model: any Module, inputShape: Shape, seed: UInt64 = 0) throws(ApusError) {
        _ = try inputShape.checkedCount(in: "model input")
        let pass = ForwardPass(mode: .inference, seed: seed)
        pass.isRecording = true
        let output = pass.run { ForwardPass.call(model, path: "model", Tensor.placeholder(inputShape, .float32)) }
        if var error = output.error {
            error.path = error.path.map(Summary.withoutRoot)
            throw error
        }
        input = inputShape
        // Containers are shown through their layers.
        let layers = pass.records.filter { record in
            !record.module.children.contains { if case .module = $0.child { true } else { false } }
                || !pass.records.contains { $0.path.hasPrefix(record.path + ".") }
        }
        var seen = Set<ObjectIdentifier>()
        var firstUse: [ObjectIdentifier: String] = [:]
        rows = layers.map { record in
            var (trainable, fixed) = (0, 0)
            for parameter in record.module.parameters where seen.insert(ObjectIdentifier(parameter)).inserted {
                if parameter.isTrainable {
                    trainable += parameter.shape.count
                } else {
                    fixed += parameter.shape.count
                }
            }
            let path = Summary.withoutRoot(record.path)
            let details = record.module.details
            var kind = "\(type(of: record.module))" + (details.isEmpty ? "" : " \(details)")
            if let first = firstUse[ObjectIdentifier(record.module)] { kind += ", the same as \(first)" }
            firstUse[ObjectIdentifier(record.module)] = firstUse[ObjectIdentifier(record.module)] ?? path
            return Row(
                path: path, kind: kind,
                output: record.output, trainable: trainable, fixed: fixed)
        }
        trainable = model.parameters.filter(\.isTrainable).reduce(0) { $0 + $1.shape.count }
        fixed = model.parameters.filter { !$0.isTrainable }.reduce(0) { $0 + $1.shape.count }
    }

    private static func withoutRoot(_ path: String) -> String {
        path.hasPrefix("model.") ? String(path.dropFirst(6)) : path
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
        return ([line(header), rule] + body.map(line) + [rule, "input \(input): \(total)"]).joined(separator: "\n")
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
