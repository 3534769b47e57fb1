import ApusCore

/// A part of a network: holds parameters and other modules, and maps a tensor to a tensor.
///
/// Parameters and modules are found wherever a module's stored properties hold them: directly, in optionals, arrays,
/// dictionaries, tuples, structures and enumerations. A module that is held twice shares its parameters.
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

    public var children: [(name: String, child: ModuleChild)] { heldChildren(of: self) }

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

    /// All modules below this one with their paths, such as `block1.conv`, outer ones first; shared ones once, under
    /// their first path.
    public var namedModules: [(path: String, module: any Module)] {
        var seen = Set<ObjectIdentifier>([ObjectIdentifier(self)])
        var result: [(path: String, module: any Module)] = []
        func visit(_ module: any Module, _ prefix: String) {
            for (name, child) in module.children {
                guard case .module(let inner) = child, seen.insert(ObjectIdentifier(inner)).inserted else { continue }
                let path = prefix.isEmpty ? name : "\(prefix).\(name)"
                result.append((path, inner))
                visit(inner, path)
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
        let output = pass.run(model: self, Tensor.placeholder(inputShape, dtype))
        if let error = output.error { throw error }
        return output.shape
    }
}
