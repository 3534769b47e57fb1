import ApusCore

/// The layers that the notation can express, and the kinds of arguments that they take.
enum NotationTable {
    static var layers: [NotationLayer] {
        core + activations + convolutions + poolings + normalizations + regularizations + reshapings + recurrences
            + attentions
    }

    static func integer(_ label: String) -> NotationParameter<Int> {
        NotationParameter(label, "a whole number") {
            $0.integer
        } read: {
            ($0 as? Int).map { .integer($0) }
        }
    }

    /// A whole number, or `none`.
    static func optionalInteger(_ label: String) -> NotationParameter<Int?> {
        NotationParameter(label, "a whole number") {
            $0.word == "none" ? .some(nil) : $0.integer.map { .some($0) }
        } read: {
            ($0 as? Int).map { .integer($0) } ?? .word("none")
        }.or("none")
    }

    static func number(_ label: String) -> NotationParameter<Double> {
        NotationParameter(label, "a number") {
            $0.number
        } read: {
            ($0 as? Double).map { .number($0) }
        }
    }

    static func optionalNumber(_ label: String) -> NotationParameter<Double?> {
        NotationParameter(label, "a number") {
            $0.word == "none" ? .some(nil) : $0.number.map { .some($0) }
        } read: {
            ($0 as? Double).map { .number($0) } ?? .word("none")
        }.or("none")
    }

    static func flag(_ label: String) -> NotationParameter<Bool> {
        NotationParameter(label, "true or false") {
            $0.flag
        } read: {
            ($0 as? Bool).map { .flag($0) }
        }
    }

    /// Whether an optional parameter is there.
    static func presence(_ label: String) -> NotationParameter<Bool> {
        NotationParameter(label, "true or false") {
            $0.flag
        } read: {
            .flag($0 != nil)
        }
    }

    static func text(_ label: String) -> NotationParameter<String> {
        NotationParameter(label, "a text in quotes") {
            if case .text(let text) = $0 { text } else { $0.word }
        } read: {
            ($0 as? String).flatMap { $0.contains("\"") ? nil : .text($0) }
        }
    }

    /// One of a few words.
    static func choice<Value>(_ label: String, _ values: [(String, Value)]) -> NotationParameter<Value> {
        NotationParameter(label, "one of " + values.map(\.0).joined(separator: ", ")) { argument in
            values.first { $0.0 == argument.word }?.1
        } read: { held in
            held.flatMap { held in values.first { "\($0.1)" == "\(held)" }.map { .word($0.0) } }
        }
    }

    private static func axesArgument(_ value: Any?) -> NotationValue? {
        (value as? PerAxis).map {
            $0.values.count == 1 ? .integer($0.values[0]) : .list($0.values.map { .integer($0) })
        }
    }

    private static func axesValue(_ argument: NotationValue) -> PerAxis? {
        argument.integer.map { PerAxis($0) } ?? argument.integers.map { PerAxis($0) }
    }

    /// One number, or one for each spatial axis.
    static func axes(_ label: String) -> NotationParameter<any PerAxisConvertible> {
        NotationParameter(label, "a whole number, or a list of one for each axis", make: axesValue, read: axesArgument)
    }

    /// The same, or `none`.
    static func optionalAxes(_ label: String) -> NotationParameter<(any PerAxisConvertible)?> {
        NotationParameter(label, "a whole number, or a list of one for each axis") { argument in
            if argument.word == "none" { return .some(nil) }
            return axesValue(argument).map { .some($0) }
        } read: {
            axesArgument($0)
        }
    }

    static func integers(_ label: String) -> NotationParameter<[Int]> {
        NotationParameter(label, "a list of whole numbers") {
            $0.integers
        } read: { value in
            ((value as? Shape)?.extents ?? value as? [Int]).map { .list($0.map { .integer($0) }) }
        }
    }

    static func optionalIntegers(_ label: String) -> NotationParameter<[Int]?> {
        NotationParameter(label, "a list of whole numbers") {
            $0.word == "none" ? .some(nil) : $0.integers.map { .some($0) }
        } read: { value in
            (value as? [Int]).map { .list($0.map { .integer($0) }) } ?? .word("none")
        }.or("none")
    }

    /// Widths before and after each axis.
    static func widths(_ label: String) -> NotationParameter<[(before: Int, after: Int)]> {
        NotationParameter(label, "a width, or a list of one or a pair for each axis") {
            $0.widths
        } read: {
            ($0 as? [(before: Int, after: Int)]).map { .widths($0) }
        }
    }

    static func activation(_ label: String) -> NotationParameter<ActivationFunction> {
        NotationParameter(label, "an activation of apus activations") {
            $0.word.flatMap { ActivationFunction(notation: $0) }
        } read: {
            ($0 as? ActivationFunction).flatMap { ActivationFunction(notation: $0.name)?.name }.map { .word($0) }
        }
    }

    /// How a parameter of the layer is filled.
    static func initializer(of parameter: String) -> NotationParameter<Initializer> {
        NotationParameter("initializer", "an initializer such as heNormal or normal(0.02)") {
            Initializer(notation: $0)
        } read: { held in
            let name = (held as? Parameter)?.initializer.name ?? (held as? Initializer)?.name
            return name.flatMap { NotationReader.value($0) }.flatMap { Initializer(notation: $0) == nil ? nil : $0 }
        }.at(parameter).or("glorotUniform")
    }

    /// A layer that is wrapped.
    static func layer(_ label: String) -> NotationParameter<any Module> {
        NotationParameter(label, "a layer") {
            if case .elements(let elements) = $0 { NotationBuilder.module(elements) } else { nil }
        } read: { _ in
            nil
        }
    }

    static var padding: NotationParameter<Padding> {
        NotationParameter("padding", "valid, same, causal, or widths") { argument in
            switch argument.word {
            case "valid": .valid
            case "same": .same
            case "causal": .causal
            default: argument.widths.map { .explicit($0) }
            }
        } read: { held in
            (held as? Padding).map { padding in padding.widths.map { .widths($0) } ?? .word(padding.description) }
        }.or("valid")
    }
}

extension ActivationFunction {
    /// An activation by name, whatever the case and underscores.
    init?(notation name: String) {
        func folded(_ text: String) -> String { text.lowercased().replacing("_", with: "") }
        guard let found = Self.all.first(where: { folded($0.name) == folded(name) }) else { return nil }
        self = found
    }
}
