import ApusCore

/// Layers one after the other; input sizes are inferred.
///
///     let model = Sequential {
///         Conv2D(32, kernel: 3, activation: .relu)
///         Flatten()
///         Dense(10)
///     }
public final class Sequential: Module {
    public let layers: [any Module]
    /// A name for each layer: its type with a running number, such as `conv2d1`.
    public let names: [String]

    public init(_ layers: [any Module]) {
        self.layers = layers
        var counts: [String: Int] = [:]
        names = layers.map { layer in
            let type = "\(type(of: layer))".lowercased()
            counts[type, default: 0] += 1
            return "\(type)\(counts[type] ?? 1)"
        }
    }

    public convenience init(@SequentialBuilder _ layers: () -> [any Module]) { self.init(layers()) }

    public var children: [(name: String, child: ModuleChild)] {
        zip(names, layers).map { ($0, .module($1)) }
    }

    public func callAsFunction(_ x: Tensor) -> Tensor {
        var y = x
        for (name, layer) in zip(names, layers) {
            y = ForwardPass.call(layer, path: name, y)
            if y.error != nil { return y }
        }
        return y
    }
}

/// Collects the layers of a `Sequential`; conditions and loops are allowed.
@resultBuilder public enum SequentialBuilder {
    public static func buildExpression(_ layer: any Module) -> [any Module] { [layer] }
    public static func buildExpression(_ layers: [any Module]) -> [any Module] { layers }
    public static func buildBlock(_ parts: [any Module]...) -> [any Module] { parts.flatMap { $0 } }
    public static func buildOptional(_ part: [any Module]?) -> [any Module] { part ?? [] }
    public static func buildEither(first part: [any Module]) -> [any Module] { part }
    public static func buildEither(second part: [any Module]) -> [any Module] { part }
    public static func buildArray(_ parts: [[any Module]]) -> [any Module] { parts.flatMap { $0 } }
}
