import ApusCore

/// One argument of a layer in the compact notation: its label, how its text becomes a value, and where the layer keeps
/// it.
struct NotationParameter<Value> {
    let label: String
    /// What is asked for, such as `a whole number`.
    let wanted: String
    /// The value of an argument; `nil` for one of another kind.
    let make: (NotationValue) -> Value?
    /// The argument for what a property holds (`nil` for an empty optional); `nil` where there is none.
    let read: (Any?) -> NotationValue?

    private(set) var isLabelled = true
    /// The property that holds it, with dots between steps.
    private(set) var property: String
    private(set) var fallback: NotationValue?
    /// The property whose value is meant by leaving it out.
    private(set) var twin: String?

    init(
        _ label: String, _ wanted: String, make: @escaping (NotationValue) -> Value?,
        read: @escaping (Any?) -> NotationValue?
    ) {
        self.label = label
        self.wanted = wanted
        self.make = make
        self.read = read
        property = label
    }

    private func with(_ change: (inout Self) -> Void) -> Self {
        var copy = self
        change(&copy)
        return copy
    }

    /// The same without a label in front.
    var unlabelled: Self { with { $0.isLabelled = false } }

    /// The same with a value that may be left out.
    func or(_ fallback: NotationValue) -> Self { with { $0.fallback = fallback } }
    func or(_ fallback: Int) -> Self { or(.integer(fallback)) }
    func or(_ fallback: Double) -> Self { or(.number(fallback)) }
    func or(_ fallback: Bool) -> Self { or(.flag(fallback)) }
    func or(_ fallback: String) -> Self { or(.word(fallback)) }

    /// The same where the layer keeps it under another name.
    func at(_ property: String) -> Self { with { $0.property = property } }

    /// The same where `none` stands for what another property holds.
    func orLike(_ property: String) -> Self {
        with {
            $0.fallback = .word("none")
            $0.twin = property
        }
    }
}

/// A parameter whatever its type.
struct AnyNotationParameter {
    let label: String
    let isLabelled: Bool
    let wanted: String
    let fallback: NotationValue?
    /// Whether an argument is one for it.
    let accepts: (NotationValue) -> Bool
    /// Whether its argument is a layer.
    let takesLayer: Bool
    /// The argument that made a layer; `nil` where the notation has none for it.
    let read: (any Module) -> NotationValue?

    init<Value>(_ parameter: NotationParameter<Value>) {
        label = parameter.label
        isLabelled = parameter.isLabelled
        wanted = parameter.wanted
        fallback = parameter.fallback
        accepts = { parameter.make($0) != nil }
        takesLayer = Value.self == (any Module).self
        read = { module in
            guard let value = Self.property(parameter.property, of: module) else { return nil }
            let argument = parameter.read(Self.unwrapped(value))
            if let twin = parameter.twin, let other = Self.property(twin, of: module),
                argument?.description == parameter.read(Self.unwrapped(other))?.description
            {
                return parameter.fallback
            }
            return argument
        }
    }

    /// What a property holds, by its name or a path such as `layers.0.settings.heads`; `layers.count` counts.
    private static func property(_ path: String, of module: any Module) -> Any? {
        var value: Any = module
        for step in path.split(separator: ".") {
            guard let inner = child(String(step), of: unwrapped(value) ?? value) else { return nil }
            value = inner
        }
        return value
    }

    private static func child(_ name: String, of value: Any) -> Any? {
        var mirror: Mirror? = Mirror(reflecting: value)
        if mirror?.displayStyle == .collection {
            if name == "count" { return mirror?.children.count }
            return Int(name).flatMap { mirror?.children.dropFirst($0).first?.value }
        }
        while let current = mirror {
            if let found = current.children.first(where: { $0.label == name }) { return found.value }
            mirror = current.superclassMirror
        }
        return nil
    }

    /// What an optional holds.
    private static func unwrapped(_ value: Any) -> Any? {
        let mirror = Mirror(reflecting: value)
        guard mirror.displayStyle == .optional else { return value }
        return mirror.children.first.flatMap { unwrapped($0.value) }
    }
}

/// A layer that the notation can express.
struct NotationLayer {
    let name: String
    let type: any Module.Type
    let parameters: [AnyNotationParameter]
    /// The layer with these arguments, one for each parameter; `nil` if one is of the wrong kind.
    let make: ([NotationValue]) -> (any Module)?

    init<Made: Module, each Value>(
        _ make: @escaping (repeat each Value) -> Made, _ parameter: repeat NotationParameter<each Value>
    ) {
        name = "\(Made.self)"
        type = Made.self
        var parameters: [AnyNotationParameter] = []
        repeat parameters.append(AnyNotationParameter(each parameter))
        self.parameters = parameters
        self.make = { arguments in
            guard arguments.count == parameters.count else { return nil }
            var rest = arguments[...]
            do throws(WrongKind) {
                return make(repeat try Self.value(each parameter, &rest))
            } catch {
                return nil
            }
        }
    }

    private struct WrongKind: Error {}

    private static func value<Value>(
        _ parameter: NotationParameter<Value>, _ arguments: inout ArraySlice<NotationValue>
    ) throws(WrongKind) -> Value {
        guard let value = parameter.make(arguments.removeFirst()) else { throw WrongKind() }
        return value
    }
}
