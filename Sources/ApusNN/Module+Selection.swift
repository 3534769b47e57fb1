import ApusCore

extension PathPattern {
    /// Whether it describes a path, or that of a module around it: `encoder` covers `encoder.block1.kernel`.
    public func covers(_ path: String) -> Bool {
        if matches(path) { return true }
        var rest = path[...]
        while let dot = rest.lastIndex(of: ".") {
            rest = rest[..<dot]
            if matches(String(rest)) { return true }
        }
        return false
    }

    /// What to say when nothing fits: the paths that there are.
    func nothingMatches(in place: String, among paths: [String]) -> ApusError {
        let shown = paths.prefix(8).joined(separator: ", ") + (paths.count > 8 ? ", ..." : "")
        return ApusError(
            .name, in: place, "nothing matches \"\(description)\"",
            remedy: paths.isEmpty
                ? "build the model first, or add layers" : "use a path or a pattern of these: \(shown)")
    }
}

extension Module {
    /// The parameters whose paths a pattern covers, such as `encoder.*` or `*.bias`.
    ///
    /// - Throws: an `ApusError` with the paths that there are if none fits
    public func parameters(
        matching pattern: PathPattern
    ) throws(ApusError) -> [(path: String, parameter: Parameter)] {
        let all = namedParameters
        let chosen = all.filter { pattern.covers($0.path) }
        guard !chosen.isEmpty else {
            throw pattern.nothingMatches(in: "model parameters", among: all.map(\.path))
        }
        return chosen
    }

    /// The parameter of a path; `nil` where there is none.
    public func parameter(at path: String) -> Parameter? { namedParameters.first { $0.path == path }?.parameter }

    /// The module of a path, such as `encoder.block1`; `nil` where there is none.
    public func module(at path: String) -> (any Module)? {
        if path.isEmpty { return self }
        var current: any Module = self
        var rest = path[...]
        // Names may contain dots (`blocks.0`): the longest that fits goes first.
        search: while !rest.isEmpty {
            for (name, child) in current.children.sorted(by: { $0.name.count > $1.name.count }) {
                guard case .module(let inner) = child, rest == name || rest.hasPrefix(name + ".") else { continue }
                current = inner
                rest = rest.dropFirst(name.count).drop { $0 == "." }
                continue search
            }
            return nil
        }
        return current
    }

    /// Keeps the parameters that a pattern covers as they are: optimizers pass them by. Running statistics of batch
    /// norms go on; they stop in inference mode.
    ///
    ///     try model.freeze("backbone.*")
    public func freeze(_ pattern: PathPattern = "*") throws(ApusError) {
        for (_, parameter) in try parameters(matching: pattern) where parameter.isTrainable {
            parameter.freeze()
        }
    }

    /// Lets optimizers change again what ``freeze(_:)`` stopped.
    public func unfreeze(_ pattern: PathPattern = "*") throws(ApusError) {
        for (_, parameter) in try parameters(matching: pattern) { parameter.unfreeze() }
    }

    /// The number of all numbers in parameters, trainable or not. Parameters that are not built yet do not count.
    public var parameterCount: Int { parameters.reduce(0) { $0 + ($1.isBuilt ? $1.shape.count : 0) } }
}
