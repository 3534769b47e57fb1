import ApusCore

/// The outputs of modules in one run of a closure.
public struct Captured<Result> {
    /// What the closure returned.
    public let result: Result
    /// The outputs in the order in which they were computed; a module that is called twice is in it twice.
    public let outputs: [(path: String, output: Tensor)]

    /// The last output of the module at a path.
    public subscript(path: String) -> Tensor? { outputs.last { $0.path == path }?.output }
}

extension Module {
    /// Runs a closure and keeps the outputs of the modules that a pattern fits, such as `block1.*` or `*.attention`.
    ///
    ///     let activations = try model.capture("conv2d*") { model(images) }
    ///     activations["conv2d1"]                    // [batch, height, width, maps]
    ///     activations.result                        // the model's output
    ///
    /// Observed are layers (see ``Layer``) and whatever a container calls. Outputs are part of the graph: derivatives
    /// with respect to them come from ``gradients(of:withRespectTo:)``.
    ///
    /// - Throws: what the closure throws, and an `ApusError` if no module of this model has a path that fits
    public func capture<Result>(
        _ pattern: PathPattern, _ body: () throws -> Result
    ) throws -> Captured<Result> {
        let known = namedModules.map(\.path)
        guard known.contains(where: pattern.matches) else {
            throw pattern.nothingMatches(in: "capture", among: known)
        }
        var outputs: [(path: String, output: Tensor)] = []
        let observer = Observer { call, output in
            if let path = call.path, pattern.matches(path) { outputs.append((path, output)) }
            return output
        }
        let result = try observer.run { try withRoot(body) }
        return Captured(result: result, outputs: outputs)
    }

    /// Runs a closure in which the outputs of the modules that a pattern fits are what `replace` makes of them: to
    /// switch units off, add noise, or look at values as they come.
    ///
    ///     let without = try model.replacingOutputs("conv2d2") { _, y in y * mask } in: { model(images) }
    ///
    /// - Throws: what the closure throws, and an `ApusError` if no module of this model has a path that fits
    public func replacingOutputs<Result>(
        _ pattern: PathPattern, _ replace: @escaping (_ path: String, _ output: Tensor) -> Tensor,
        in body: () throws -> Result
    ) throws -> Result {
        let known = namedModules.map(\.path)
        guard known.contains(where: pattern.matches) else {
            throw pattern.nothingMatches(in: "replacingOutputs", among: known)
        }
        let observer = Observer { call, output in
            guard let path = call.path, pattern.matches(path) else { return output }
            return replace(path, output)
        }
        return try observer.run { try withRoot(body) }
    }

    /// Runs a closure with this module as the outermost one, so that paths begin below it.
    private func withRoot<Result>(_ body: () throws -> Result) rethrows -> Result {
        try LayerCall(self, parent: nil).run(body)
    }
}
