import ApusCore

// Layers of a letter and numbers: C16k5s2, P3, D0.5, L10.
extension NotationReader {
    /// The layer of a short form; `nil` if the token is none.
    func shortForm(_ token: String, at start: Int) throws(ApusError) -> NotationElement.Form? {
        func layer(_ layer: any Module.Type, _ arguments: [String: NotationValue] = [:]) -> NotationElement.Form? {
            guard let entry = NotationTable.layers.first(where: { $0.type == layer }) else { return nil }
            var values: [NotationValue] = []
            for parameter in entry.parameters {
                guard let value = arguments[parameter.label] ?? parameter.fallback else { return nil }
                values.append(value)
            }
            return .layer(entry, values)
        }
        func activation(_ name: String) -> NotationElement.Form? {
            layer(Activation.self, ["function": .word(name)])
        }
        if ["GAP", "G"].contains(token.uppercased()) { return layer(GlobalAveragePool2D.self) }
        let rest = String(token.dropFirst())
        switch token.prefix(1).uppercased() {
        case "B" where rest.isEmpty: return layer(BatchNorm.self)
        case "R" where rest.isEmpty: return activation("relu")
        case "T" where rest.isEmpty: return activation("tanh")
        case "S" where rest.isEmpty: return activation("sigmoid")
        case "F" where rest.isEmpty: return layer(Flatten.self)
        case "C" where Self.isShort(rest, "ks"):
            let (maps, kernel, stride) = try convolution(rest, token, start)
            return layer(
                Conv2D.self,
                [
                    "maps": .integer(maps), "kernel": .integer(kernel), "stride": .integer(stride),
                    "padding": .word("same"),
                ])
        case "P" where Self.isShort(rest):
            return layer(MaxPool2D.self, ["window": .integer(try number(rest.isEmpty ? "2" : rest, token, start))])
        case "A" where Self.isShort(rest):
            return layer(AveragePool2D.self, ["window": .integer(try number(rest.isEmpty ? "2" : rest, token, start))])
        case "L" where Self.isShort(rest): return .linear(try number(rest, token, start))
        case "D" where rest.first.map { $0.isNumber || $0 == "." } ?? true:
            guard let rate = Double(rest), rate >= 0, rate < 1 else {
                throw failure(start, token, "needs a rate from 0 to below 1", remedy: "write it as in D0.5")
            }
            return layer(Dropout.self, ["rate": .number(rate)])
        default: return ActivationFunction(notation: token).flatMap { activation($0.name) }
        }
    }

    /// Short forms without spaces between, such as `C64BRC64BRPGL10`; `nil` if the token is no run of them. One of them
    /// at least is a convolution or a linear layer, so that no misspelt name is taken for one.
    func run(_ token: String, at start: Int) throws(ApusError) -> NotationElement.Form? {
        guard token.wholeMatch(of: /(?:C\d+(?:[ks]\d+)*|[BRTSFG]|GAP|[PA]\d*|D0?\.\d+|L\d+)+/) != nil,
            token.contains(where: { $0 == "C" || $0 == "L" })
        else { return nil }
        var elements: [NotationElement] = []
        for match in token.matches(of: /C\d+(?:[ks]\d+)*|GAP|[BRTSFG]|[PA]\d*|D0?\.\d+|L\d+/) {
            let column = start + token.distance(from: token.startIndex, to: match.range.lowerBound)
            guard let form = try shortForm(String(match.output), at: column) else { return nil }
            elements.append(NotationElement(form: form, name: nil))
        }
        return .group(elements, times: 1)
    }

    /// Whether what follows a letter is of digits and the given letters.
    private static func isShort(_ rest: String, _ letters: String = "") -> Bool {
        rest.lowercased().allSatisfy { $0.isNumber || letters.contains($0) }
    }

    private func number(_ text: String, _ token: String, _ start: Int) throws(ApusError) -> Int {
        guard let value = Int(text), (1...65536).contains(value) else {
            throw failure(
                start, token, "needs a number from 1 to 65536", remedy: "write it as in C16, C16k5s2, P2 or L10")
        }
        return value
    }

    private func convolution(
        _ text: String, _ token: String, _ start: Int
    ) throws(ApusError) -> (maps: Int, kernel: Int, stride: Int) {
        var values = ["c": ""]
        var field = "c"
        for character in text.lowercased() {
            if character == "k" || character == "s" {
                field = String(character)
                guard values[field] == nil else {
                    throw failure(start, token, "has a letter twice", remedy: "give each once, as in C16k5s2")
                }
                values[field] = ""
            } else {
                values[field]?.append(character)
            }
        }
        func value(_ field: String, _ fallback: String) throws(ApusError) -> Int {
            try number(values[field] ?? fallback, token, start)
        }
        return (try value("c", ""), try value("k", "3"), try value("s", "1"))
    }
}
