import ApusCore

/// Reads the compact notation; ``Sequential/init(notation:)`` describes it.
struct NotationReader {
    let text: [Character]
    var position = 0
    var depth = 0
    let layers: [String: NotationLayer]

    private init(_ text: String) {
        self.text = Array(text)
        layers = Dictionary(
            NotationTable.layers.map { ($0.name.lowercased(), $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// The elements of a notation.
    static func elements(_ text: String) throws(ApusError) -> [NotationElement] {
        var reader = NotationReader(text)
        let elements = try reader.sequence()
        guard reader.next == nil else { throw reader.unexpected("has no counterpart before it") }
        guard !elements.isEmpty else {
            throw ApusError(
                .name, in: place, "\(text.quoted) has no layers", remedy: "write layers such as C16 B R P L10")
        }
        return elements
    }

    /// A single argument; `nil` if the text is none.
    static func value(_ text: String) -> NotationValue? {
        var reader = NotationReader(text)
        guard let value = try? reader.value() else { return nil }
        return reader.next == nil ? value : nil
    }

    static let place = "network notation"

    var next: Character? { position < text.count ? text[position] : nil }

    mutating func skip(_ characters: String) {
        while let next, characters.contains(next) || next.isWhitespace { position += 1 }
    }

    /// Takes a character after spaces, if it stands there.
    mutating func take(_ character: Character) -> Bool {
        skip("")
        guard next == character else { return false }
        position += 1
        return true
    }

    mutating func expect(_ character: Character, toClose opened: Int) throws(ApusError) {
        guard take(character) else {
            throw next == nil
                ? failure(opened, "\(text[opened])", "is not closed", remedy: "add a \(character)")
                : unexpected("stands where a \(character) or another argument is due")
        }
    }

    /// Letters, digits, dots and underscores.
    mutating func word() -> String {
        let start = position
        while let next, next.isLetter || next.isNumber || next == "." || next == "_" { position += 1 }
        return String(text[start..<position])
    }

    func failure(_ start: Int, _ token: String, _ problem: String, remedy: String) -> ApusError {
        ApusError(
            .name, in: Self.place, "column \(start + 1): \(token.quoted) \(problem)", remedy: remedy)
    }

    func unexpected(_ problem: String) -> ApusError {
        guard let next else {
            return ApusError(.name, in: Self.place, "the text ends too early", remedy: "complete it")
        }
        return failure(position, "\(next)", problem, remedy: "take it away, or write layers such as C16 B R P L10")
    }

    mutating func nested<Result>(_ body: (inout Self) throws(ApusError) -> Result) throws(ApusError) -> Result {
        guard depth < 32 else {
            throw ApusError(
                .value, in: Self.place, "column \(position + 1): brackets are nested more than 32 deep",
                remedy: "use fewer, or define the network in Swift")
        }
        depth += 1
        let result = try body(&self)
        depth -= 1
        return result
    }

    /// Elements up to a bracket or bar that closes them.
    private mutating func sequence() throws(ApusError) -> [NotationElement] {
        var elements: [NotationElement] = []
        while true {
            skip(",-")
            guard let next, !")]}|".contains(next) else { return elements }
            elements.append(try nested { (reader) throws(ApusError) in try reader.element() })
        }
    }

    mutating func element() throws(ApusError) -> NotationElement {
        let start = position
        let name = word()
        if !name.isEmpty, take("=") {
            guard name.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" }) else {
                throw failure(start, name, "is no name", remedy: "use letters, digits and underscores")
            }
            skip("")
            let form = try bare().form
            if case .group = form {
                throw failure(start, name, "names several layers", remedy: "name each, or write Sequential(...)")
            }
            return NotationElement(form: form, name: name)
        }
        position = start
        return try bare()
    }

    /// An element without a name.
    private mutating func bare() throws(ApusError) -> NotationElement {
        let start = position
        switch next {
        case "(":
            position += 1
            let elements = try sequence()
            try expect(")", toClose: start)
            return NotationElement(form: .group(elements, times: try times()), name: nil)
        case "[": return NotationElement(form: try residual(), name: nil)
        case "{": return NotationElement(form: try concatenating(), name: nil)
        default: return NotationElement(form: try layer(), name: nil)
        }
    }

    /// `x3` behind a group.
    private mutating func times() throws(ApusError) -> Int {
        let start = position
        let text = word()
        guard !text.isEmpty else { return 1 }
        guard text.first == "x", let count = Int(text.dropFirst()), (1...1000).contains(count) else {
            throw failure(
                start, text, "follows a group", remedy: "repeat it with x and a number to 1000, as in (C16 R)x3")
        }
        return count
    }

    private mutating func residual() throws(ApusError) -> NotationElement.Form {
        let start = position
        position += 1
        let body = try sequence()
        let shortcut = take("|") ? try sequence() : nil
        try expect("]", toClose: start)
        guard !body.isEmpty, shortcut?.isEmpty != true else {
            throw failure(start, "[", "holds no layers", remedy: "write a residual connection as [C16 R C16 | C16k1]")
        }
        let arguments = try arguments(of: "[...]", at: start, [AnyNotationParameter(Self.residualActivation)])
        return .residual(body, shortcut: shortcut, Self.residualActivation.make(arguments[0]) ?? .linear)
    }

    static var residualActivation: NotationParameter<ActivationFunction> {
        NotationTable.activation("activation").or("linear")
    }
    static var concatenationAxis: NotationParameter<Int> { NotationTable.integer("axis").or(-1) }

    private mutating func concatenating() throws(ApusError) -> NotationElement.Form {
        let start = position
        position += 1
        var branches = [try sequence()]
        while take("|") { branches.append(try sequence()) }
        try expect("}", toClose: start)
        guard branches.contains(where: { !$0.isEmpty }) else {
            throw failure(start, "{", "holds no layers", remedy: "write branches as {C16 | P3 C8}")
        }
        let arguments = try arguments(of: "{...}", at: start, [AnyNotationParameter(Self.concatenationAxis)])
        return .concatenating(branches, axis: arguments[0].integer ?? -1)
    }

    private mutating func layer() throws(ApusError) -> NotationElement.Form {
        let start = position
        let name = word()
        guard !name.isEmpty else { throw unexpected("begins no layer") }
        if name.lowercased() == "sequential", next == "(" {
            position += 1
            let elements = try sequence()
            try expect(")", toClose: start + name.count)
            return .layer(Self.sequential, [.elements(elements)])
        }
        if let layer = layers[name.lowercased()] {
            return .layer(layer, try arguments(of: layer.name, at: start, layer.parameters))
        }
        if let short = try shortForm(name, at: start) { return short }
        if let run = try run(name, at: start) { return run }
        let near = (layers.values.map(\.name).sorted() + ActivationFunction.all.map(\.name)).closest(to: name)
        let hint = near.map { "did you mean \($0)? Else " } ?? ""
        throw failure(
            start, name, "is not known",
            remedy: hint + "use C16 (or C16k5s2), B, R, T, S, P, A, GAP, D0.5, F, L10, or a name that apus layers lists"
        )
    }

    /// A network within the network.
    private static var sequential: NotationLayer {
        NotationLayer(
            { (elements: Sequential) in elements },
            NotationParameter("layers", "layers") { argument in
                if case .elements(let elements) = argument {
                    Sequential(elements: NotationBuilder.layers(elements))
                } else {
                    nil
                }
            } read: { _ in
                nil
            })
    }
}
