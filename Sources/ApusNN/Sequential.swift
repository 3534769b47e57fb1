import ApusCore

/// Layers one after the other; input sizes are inferred.
///
///     let model = Sequential {
///         Conv2D(32, kernel: 3, activation: .relu)
///         if deep {
///             for maps in [64, 128] { Conv2D(maps, kernel: 3, activation: .relu).named("wide\(maps)") }
///         }
///         Flatten()
///         Dense(10)
///     }
///
/// Layers may be replaced, taken away and added: `model["dense1"] = Dense(5)`, `model.removeLast()`,
/// `model.append(Dense(5))`. The others keep their names.
public final class Sequential: Layer, ModuleContainer {
    /// The layers from the first to the last.
    public private(set) var layers: [any Module]
    /// A name for each layer: the given one, or its type with a running number, such as `conv2d1`.
    public private(set) var names: [String]

    /// Layers of a list, named after their types.
    public convenience init(_ layers: [any Module]) { self.init(elements: layers.map { SequentialElement($0) }) }

    /// Layers of a closure, with conditions and loops.
    public convenience init(@SequentialBuilder _ layers: () -> [SequentialElement]) { self.init(elements: layers()) }

    init(elements: [SequentialElement]) {
        layers = elements.map(\.layer)
        names = LayerNames.distinct(elements.map { ($0.name, LayerNames.typeName($0.layer)) })
    }

    public var children: [(name: String, child: ModuleChild)] {
        zip(names, layers).map { ($0, .module($1)) }
    }

    public func forward(_ x: Tensor) -> Tensor {
        var y = x
        for (name, layer) in zip(names, layers) {
            y = ForwardPass.call(layer, name: name, y)
            if y.error != nil { return y }
        }
        return y
    }

    /// The layer of a name; `nil` where there is none. Assigning a layer replaces it, assigning `nil` takes it away,
    /// a new name adds it at the end.
    public subscript(name: String) -> (any Module)? {
        get { names.firstIndex(of: name).map { layers[$0] } }
        set {
            switch (names.firstIndex(of: name), newValue) {
            case (let index?, let layer?): layers[index] = layer
            case (let index?, nil):
                layers.remove(at: index)
                names.remove(at: index)
            case (nil, let layer?):
                layers.append(layer)
                names.append(name)
            case (nil, nil): break
            }
        }
    }

    /// Adds a layer at the end; by default it is named after its type.
    public func append(_ layer: any Module, name: String? = nil) {
        names = LayerNames.distinct(names.map { ($0, $0) } + [(name, LayerNames.typeName(layer))])
        layers.append(layer)
    }

    /// Takes the last layer away.
    @discardableResult
    public func removeLast() -> (any Module)? {
        _ = names.popLast()
        return layers.popLast()
    }

    /// The first layers, up to one that is left out: a network without its head. The layers are shared.
    public func prefix(upTo name: String) -> Sequential? {
        guard let end = names.firstIndex(of: name) else { return nil }
        return Sequential(elements: zip(names, layers).prefix(end).map { SequentialElement($1, name: $0) })
    }

    func replaceChild(named name: String, with module: any Module) -> Bool {
        guard names.contains(name) else { return false }
        self[name] = module
        return true
    }
}

/// A layer in the list of a ``Sequential``, with a name if it was given one.
public struct SequentialElement {
    let layer: any Module
    let name: String?

    init(_ layer: any Module, name: String? = nil) {
        self.layer = layer
        self.name = name
    }
}

extension Module {
    /// This layer under a name of its own in the list of a ``Sequential``: `Dense(10).named("head")`.
    public func named(_ name: String) -> SequentialElement { SequentialElement(self, name: name) }
}

/// Collects the layers of a `Sequential`; conditions and loops are allowed.
@resultBuilder public enum SequentialBuilder {
    public static func buildExpression(_ layer: any Module) -> [SequentialElement] { [SequentialElement(layer)] }
    /// A layer that may be missing.
    public static func buildExpression(_ layer: (any Module)?) -> [SequentialElement] {
        layer.map { [SequentialElement($0)] } ?? []
    }
    /// Several layers.
    public static func buildExpression(_ layers: [any Module]) -> [SequentialElement] {
        layers.map { SequentialElement($0) }
    }
    /// A layer with a name.
    public static func buildExpression(_ element: SequentialElement) -> [SequentialElement] { [element] }
    /// Several layers with names.
    public static func buildExpression(_ elements: [SequentialElement]) -> [SequentialElement] { elements }
    /// A statement without a value, such as an assignment.
    public static func buildExpression(_ nothing: Void) -> [SequentialElement] { [] }
    /// All statements of a block.
    public static func buildBlock(_ parts: [SequentialElement]...) -> [SequentialElement] { parts.flatMap { $0 } }
    /// A condition without `else`.
    public static func buildOptional(_ part: [SequentialElement]?) -> [SequentialElement] { part ?? [] }
    /// The first branch of a condition.
    public static func buildEither(first part: [SequentialElement]) -> [SequentialElement] { part }
    /// The second branch of a condition.
    public static func buildEither(second part: [SequentialElement]) -> [SequentialElement] { part }
    /// The rounds of a loop.
    public static func buildArray(_ parts: [[SequentialElement]]) -> [SequentialElement] { parts.flatMap { $0 } }
    /// Layers that need a newer system.
    public static func buildLimitedAvailability(_ part: [SequentialElement]) -> [SequentialElement] { part }
}

/// A module that is a list of others: listings show these in its place, and they can be replaced.
protocol ModuleContainer: Module {
    /// Puts a module in the place of the child of a name; false where there is none.
    func replaceChild(named name: String, with module: any Module) -> Bool
}

enum LayerNames {
    /// The given names, made distinct, and for the others their stem (the type) with a running number.
    static func distinct(_ layers: [(name: String?, stem: String)]) -> [String] {
        var taken = Set(layers.compactMap(\.name))
        var given = Set<String>()
        var counts: [String: Int] = [:]
        return layers.map { name, type in
            if let name, given.insert(name).inserted { return name }
            let stem = name ?? type
            var candidate: String
            repeat {
                counts[stem, default: 0] += 1
                candidate = "\(stem)\(counts[stem] ?? 1)"
            } while taken.contains(candidate)
            taken.insert(candidate)
            return candidate
        }
    }

    static func typeName(_ module: any Module) -> String {
        let type = "\(type(of: module))".lowercased()
        return String(type.prefix { $0 != "<" })
    }
}
