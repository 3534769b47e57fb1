import ApusCore

/// A part of a network: holds parameters and other modules, and maps a tensor to a tensor.
///
/// Parameters and modules are found wherever a module's stored properties hold them: directly, in optionals, arrays
/// and dictionaries. A module that is held twice shares its parameters.
///
///     final class Residual: Module {
///         let first = Conv2D(64, kernel: 3, padding: .same)
///         func callAsFunction(_ x: Tensor) -> Tensor { relu(first(x)) + x }
///     }
public protocol Module: AnyObject {
    func callAsFunction(_ x: Tensor) -> Tensor
    /// The modules and parameters that it holds, with their names; by default its stored properties.
    var children: [(name: String, child: ModuleChild)] { get }
    /// The hyperparameters for listings, such as `32 maps, kernel 3x3`.
    var details: String { get }
}

/// What a module can hold.
public enum ModuleChild {
    case module(any Module)
    case parameter(Parameter)
}

extension Module {
    public var details: String { "" }

    public var children: [(name: String, child: ModuleChild)] {
        var found: [(name: String, child: ModuleChild)] = []
        func visit(_ value: Any, _ name: String) {
            if let parameter = value as? Parameter {
                found.append((name, .parameter(parameter)))
                return
            }
            if let module = value as? any Module {
                found.append((name, .module(module)))
                return
            }
            let mirror = Mirror(reflecting: value)
            switch mirror.displayStyle {
            case .optional:
                if let wrapped = mirror.children.first { visit(wrapped.value, name) }
            case .collection:
                for (index, element) in mirror.children.enumerated() { visit(element.value, "\(name).\(index)") }
            case .dictionary:
                // In the order of the keys' texts: dictionaries have none of their own.
                let pairs = mirror.children.compactMap { entry -> (key: String, value: Any)? in
                    let parts = Array(Mirror(reflecting: entry.value).children)
                    return parts.count == 2 ? ("\(parts[0].value)", parts[1].value) : nil
                }
                for pair in pairs.sorted(by: { $0.key < $1.key }) { visit(pair.value, "\(name).\(pair.key)") }
            default: break
            }
        }
        var mirror: Mirror? = Mirror(reflecting: self)
        var levels: [Mirror] = []
        while let current = mirror {
            levels.append(current)
            mirror = current.superclassMirror
        }
        for level in levels.reversed() {
            for property in level.children {
                if let label = property.label { visit(property.value, label) }
            }
        }
        return found
    }

    /// All parameters with their paths, such as `block1.conv.kernel`; shared ones once, under their first path.
    public var namedParameters: [(path: String, parameter: Parameter)] {
        var seen = Set<ObjectIdentifier>()
        var result: [(path: String, parameter: Parameter)] = []
        func visit(_ module: any Module, _ prefix: String) {
            guard seen.insert(ObjectIdentifier(module)).inserted else { return }
            for (name, child) in module.children {
                let path = prefix.isEmpty ? name : "\(prefix).\(name)"
                switch child {
                case .module(let inner): visit(inner, path)
                case .parameter(let parameter):
                    if seen.insert(ObjectIdentifier(parameter)).inserted { result.append((path, parameter)) }
                }
            }
        }
        visit(self, "")
        return result
    }

    /// All parameters, trainable or not.
    public var parameters: [Parameter] { namedParameters.map(\.parameter) }

    /// The number of trainable numbers. Parameters that are not built yet do not count.
    public var trainableCount: Int {
        parameters.filter(\.isTrainable).reduce(0) { $0 + ($1.isBuilt ? $1.shape.count : 0) }
    }

    /// Builds all parameters for inputs of a shape, such as `[1, 28, 28, 1]`, and returns the output's shape.
    @discardableResult
    public func build(inputShape: Shape, dtype: DType = .float32, seed: UInt64 = 0) throws(ApusError) -> Shape {
        _ = try inputShape.checkedCount(in: "model input")
        let pass = ForwardPass(mode: .inference, seed: seed)
        let output = pass.run {
            self(Tensor.placeholder(inputShape, dtype))
        }
        if let error = output.error { throw error }
        return output.shape
    }
}
