import ApusCore

extension Module {
    /// Reads parameters from a safetensors file of another library or of another model.
    ///
    ///     try model.build(inputShape: [1, 224, 224, 3])
    ///     let report = try model.load(
    ///         from: "resnet18.safetensors", as: .torch,
    ///         renaming: [
    ///             NameRule("layer*.*.conv*.weight", "stage{1}.{2}.conv{3}.weight"),
    ///             NameRule("fc.**", "head.**"),
    ///         ], strict: false)
    ///     print(report)
    ///
    /// Each name of the file goes through the first rule whose pattern fits it. It then is the path of a parameter, or
    /// the path of its layer with the name that the convention gives the parameter (`conv1.weight` for `conv1.kernel`);
    /// values by such a name are brought from the convention's layout to this library's. They take the type of the
    /// model's parameter. A parameter that is not built yet takes any shape, so build the model first.
    ///
    /// - Parameters:
    ///   - convention: whose names and layouts the file has
    ///   - rules: what becomes of the file's names
    ///   - strict: whether every name has to find its place and every parameter a value; otherwise what fits is loaded
    ///     and the rest reported
    /// - Throws: an `ApusError` for a file that can't be read, two names for one parameter, values that are no numbers,
    ///   and, if strict, for whatever does not fit. Nothing has changed then.
    @discardableResult
    public func load(
        from path: String, as convention: WeightConvention, renaming rules: [NameRule] = [], strict: Bool = true
    ) throws(ApusError) -> LoadReport {
        let file = try SafetensorsFile(path: path)
        let place = "model file \(path)"
        let parameters = convention.parameters(of: self)
        // A parameter's own path means its own layout; names of the convention come first.
        var places: [String: (index: Int, isForeign: Bool)] = [:]
        for (index, parameter) in parameters.enumerated() { places[parameter.path] = (index, false) }
        for (index, parameter) in parameters.enumerated() { places[parameter.name] = (index, true) }
        var report = LoadReport()
        report.metadata = file.metadata
        var values: [Int: (name: String, value: Tensor)] = [:]
        let joined = convention.joined(in: self)
        for entry in file.entries {
            let name = rules.lazy.compactMap { $0.apply(to: entry.name) }.first ?? entry.name
            let names = joined[name] ?? [name]
            guard names.allSatisfy({ places[$0] != nil }) else {
                if !convention.ignores(entry.name) { report.unexpected.append(entry.name) }
                continue
            }
            let whole = try Tensor(try file.array(entry))
            guard names.count == 1 || whole.rank > 0 && whole.shape[0] % names.count == 0 else {
                throw ApusError(
                    .shape, in: place, "\(entry.name) of shape \(whole.shape) for \(names.listed)",
                    remedy: "give \(names.count) parts of one size along the first axis")
            }
            for (part, name) in names.enumerated() {
                guard let (index, isForeign) = places[name] else { continue }
                let foreign = parameters[index]
                if let other = values[index]?.name {
                    throw ApusError(
                        .parameter, in: place, "\(other) and \(entry.name) are both for the parameter \(foreign.path)",
                        remedy: "change the rules so that each name has a parameter of its own")
                }
                let size = names.count == 1 ? 0 : whole.shape[0] / names.count
                let array = names.count == 1 ? whole : whole.slice(axis: 0, part * size..<(part + 1) * size)
                guard array.dtype.isFloatingPoint || foreign.parameter.dtype == array.dtype else {
                    throw ApusError(
                        .type, in: place,
                        "\(entry.name) has type \(array.dtype), the parameter \(foreign.path) holds numbers",
                        remedy: "leave it out, or convert it to float32")
                }
                let value = try (isForeign ? foreign.arrange(array) : array).cast(to: foreign.parameter.dtype)
                    .evaluated()
                values[index] = (entry.name, value)
            }
        }
        for (index, foreign) in parameters.enumerated() {
            guard let (name, value) = values[index] else {
                report.missing.append(foreign.path)
                continue
            }
            if foreign.parameter.isBuilt, foreign.parameter.shape != value.shape {
                report.misshapen.append((foreign.path, value.shape, foreign.parameter.shape))
                values[index] = nil
            } else {
                report.loaded.append((foreign.path, name))
            }
        }
        guard report.isComplete || !strict else {
            let problems = report.description.split(separator: "\n").dropFirst().joined(separator: "; ")
            throw ApusError(
                .parameter, in: place, problems,
                remedy: "rename with rules, name the convention of the file, or load with strict: false")
        }
        for (index, (_, value)) in values { parameters[index].parameter.value = value }
        return report
    }
}
