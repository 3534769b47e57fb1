import ApusCore

extension Module {
    /// Runs a computation as a call of this module: for calls with other arguments than one tensor.
    ///
    ///     func callAsFunction(_ x: Tensor, memory: Tensor) -> Tensor {
    ///         observed { attention(x, key: memory) }
    ///     }
    ///
    /// What the computation throws is carried by the result.
    public func observed(_ body: () throws(ApusError) -> Tensor) -> Tensor {
        LayerCall.observe(self) {
            do throws(ApusError) {
                return try body()
            } catch {
                return Tensor(error: error)
            }
        }
    }
}

/// One call of a module, with those around it.
package final class LayerCall: LayerPlace, @unchecked Sendable {
    // Task-local values must be `Sendable`; a call never leaves the task that makes it.
    package let module: any Module
    package let parent: LayerCall?
    /// The name that the caller gave, where one module is called under several.
    private let name: String?

    package init(_ module: any Module, parent: LayerCall?, name: String? = nil) {
        self.module = module
        self.parent = parent
        self.name = name
    }

    package static var current: LayerCall? { LayerPath.place as? LayerCall }

    package func run<Result>(_ body: () throws -> Result) rethrows -> Result {
        try LayerPath.$place.withValue(self, operation: body)
    }

    /// The path from the outermost module; `nil` for that one itself.
    package private(set) lazy var path: String? = {
        guard let parent else { return nil }
        let own = name ?? parent.names[ObjectIdentifier(module)] ?? "\(type(of: module))".lowercased()
        return parent.path.map { "\($0).\(own)" } ?? own
    }()

    /// The paths of all modules below this one.
    private lazy var names: [ObjectIdentifier: String] = {
        var names: [ObjectIdentifier: String] = [:]
        for (path, module) in module.namedModules { names[ObjectIdentifier(module)] = path }
        return names
    }()

    /// Runs a module's computation as a call of it.
    static func observe(_ module: any Module, _ body: () -> Tensor) -> Tensor {
        let current = current
        if let current, current.module === module { return current.reported(body()) }
        let call = LayerCall(module, parent: current)
        guard current == nil, ForwardPass.current == nil else { return call.reported(call.run(body)) }
        // The outermost layer of a call by hand: initial values of its parts must differ.
        let pass = ForwardPass(mode: .inference)
        let y = pass.run { call.run(body) }
        for (parameter, value) in pass.updates { parameter.value = value }
        return call.reported(y)
    }

    /// Shows an output to whoever observes, innermost first.
    package func reported(_ output: Tensor) -> Tensor {
        guard !Observer.active.isEmpty, output.error == nil else { return output }
        return Observer.active.reversed().reduce(output) { $1.value.see(self, $0) }
    }
}

/// Sees the outputs of the modules that are called, and may replace them.
package final class Observer {
    @TaskLocal package static var active: [Box] = []

    /// Observers, like passes, never leave the task that made them.
    package struct Box: @unchecked Sendable {
        package let value: Observer
    }

    package let see: (LayerCall, Tensor) -> Tensor

    package init(_ see: @escaping (LayerCall, Tensor) -> Tensor) { self.see = see }

    package func run<Result>(_ body: () throws -> Result) rethrows -> Result {
        try Observer.$active.withValue(Observer.active + [Box(value: self)], operation: body)
    }
}
