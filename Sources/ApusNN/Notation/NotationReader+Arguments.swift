import ApusCore

// What stands in brackets behind a layer.
extension NotationReader {
    /// What stands in brackets behind a layer, completed by what may be left out.
    mutating func arguments(
        of layer: String, at start: Int, _ parameters: [AnyNotationParameter]
    ) throws(ApusError) -> [NotationValue] {
        var given: [Int: NotationValue] = [:]
        if next == "(" {
            let opened = position
            position += 1
            while !take(")") {
                if !given.isEmpty {
                    guard take(",") else {
                        try expect(")", toClose: opened)
                        break
                    }
                }
                let (index, value) = try argument(of: layer, parameters, given)
                given[index] = value
            }
        }
        var result: [NotationValue] = []
        for (index, parameter) in parameters.enumerated() {
            guard let value = given[index] ?? parameter.fallback else {
                throw failure(
                    start, layer, "lacks \(parameter.label)",
                    remedy: "write \(layer)(\(Self.usage(parameters)))")
            }
            result.append(value)
        }
        return result
    }

    private mutating func argument(
        of layer: String, _ parameters: [AnyNotationParameter], _ given: [Int: NotationValue]
    ) throws(ApusError) -> (Int, NotationValue) {
        skip("")
        let start = position
        let label = word()
        let isLabelled = !label.isEmpty && take(":")
        if !isLabelled { position = start }
        let found =
            isLabelled
            ? parameters.firstIndex { $0.label == label }
            : parameters.indices.first { !parameters[$0].isLabelled && given[$0] == nil }
        guard let index = found else {
            guard next != nil else { throw unexpected("") }
            let token = isLabelled ? label : String(text[start...].prefix { !",)".contains($0) })
            let near = isLabelled ? parameters.map(\.label).closest(to: label) : nil
            let hint = near.map { "did you mean \($0)? Else " } ?? ""
            let usage = parameters.isEmpty ? "leave it out" : "write \(layer)(\(Self.usage(parameters)))"
            throw failure(start, token, "is no argument of \(layer)", remedy: hint + usage)
        }
        guard given[index] == nil else {
            throw failure(start, label, "is given twice", remedy: "give each argument once")
        }
        let parameter = parameters[index]
        skip("")
        let valueStart = position
        let value =
            parameter.takesLayer
            ? .elements([try nested { (reader) throws(ApusError) in try reader.element() }]) : try self.value()
        guard parameter.accepts(value) else {
            let token = String(text[valueStart..<position])
            throw failure(
                valueStart, token, "is no \(parameter.label) of \(layer)", remedy: "give \(parameter.wanted)")
        }
        return (index, value)
    }

    /// How a layer is written: `maps, kernel: ..., stride: 1`.
    private static func usage(_ parameters: [AnyNotationParameter]) -> String {
        parameters.map { parameter in
            let label = parameter.label + (parameter.isLabelled ? ":" : "")
            guard parameter.isLabelled else { return parameter.label }
            return "\(label) \(parameter.fallback?.description ?? "...")"
        }.joined(separator: ", ")
    }

    mutating func value() throws(ApusError) -> NotationValue {
        skip("")
        let start = position
        if next == "[" {
            position += 1
            return .list(try values(until: "]", opened: start))
        }
        if next == "\"" {
            position += 1
            guard let end = text[position...].firstIndex(of: "\"") else {
                throw failure(start, "\"", "is not closed", remedy: "add a quotation mark")
            }
            defer { position = end + 1 }
            return .text(String(text[position..<end]))
        }
        if let number = number() { return number }
        // `.same`, as in Swift
        if next == "." { position += 1 }
        let word = word()
        guard !word.isEmpty else { throw unexpected("begins no argument") }
        guard next == "(" else { return .word(word) }
        let opened = position
        position += 1
        return .call(word, try values(until: ")", opened: opened))
    }

    private mutating func values(until end: Character, opened: Int) throws(ApusError) -> [NotationValue] {
        var values: [NotationValue] = []
        while !take(end) {
            if !values.isEmpty {
                guard take(",") else {
                    try expect(end, toClose: opened)
                    break
                }
            }
            // A label says nothing here: initializers have few arguments.
            values.append(try nested { (reader) throws(ApusError) in try reader.value() })
        }
        return values
    }

    /// `3`, `-0.5`, `1e-5`; `nil` where no number stands.
    private mutating func number() -> NotationValue? {
        let start = position
        if next == "-" || next == "+" { position += 1 }
        guard let first = next, first.isNumber || first == "." || text[start] == "-" else {
            position = start
            return nil
        }
        var previous: Character = " "
        while let next,
            next.isNumber || next.isLetter || next == "." || ("+-".contains(next) && "eE".contains(previous))
        {
            previous = next
            position += 1
        }
        let digits = String(text[start..<position])
        if let integer = Int(digits) { return .integer(integer) }
        if let number = Double(digits), digits.contains(where: \.isNumber) || digits == "-inf" {
            return .number(number)
        }
        position = start
        return nil
    }
}
