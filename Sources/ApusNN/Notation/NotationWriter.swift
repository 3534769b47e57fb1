import ApusCore

/// Writes networks in the compact notation.
struct NotationWriter {
    private let layers = NotationTable.layers

    /// The text of a network's layers.
    ///
    /// - Parameter flattens: whether linear layers flatten maps first when it is read, as they do outside of brackets
    func sequence(_ model: Sequential, path: String, flattens: Bool = false) throws(ApusError) -> String {
        let names = givenNames(model)
        var isSpatial = flattens
        var parts: [String] = []
        var index = 0
        while index < model.layers.count {
            let layer = model.layers[index]
            let inner = path.isEmpty ? model.names[index] : "\(path).\(model.names[index])"
            if let name = names[index], !name.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" }) || name.isEmpty {
                throw failure(inner, "its name is not of letters, digits and underscores")
            }
            func add(_ text: String, _ index: Int) { parts.append((names[index].map { "\($0)=" } ?? "") + text) }
            if isSpatial, layer is Flatten, names[index] == nil, index + 1 < model.layers.count,
                let linear = try short(model.layers[index + 1], inner), linear.hasPrefix("L")
            {
                // The linear layer flattens by itself.
                add(linear, index + 1)
                isSpatial = false
                index += 2
                continue
            }
            let compact = try short(layer, inner)
            if let compact, !(isSpatial && compact.hasPrefix("L")) {
                add(compact, index)
            } else {
                add(try long(layer, inner), index)
            }
            if layer.endsMaps { isSpatial = false }
            index += 1
        }
        return parts.joined(separator: " ")
    }

    /// The names that have to be written so that reading gives all of them.
    private func givenNames(_ model: Sequential) -> [String?] {
        var names = [String?](repeating: nil, count: model.layers.count)
        while true {
            let read = LayerNames.distinct(zip(names, model.layers).map { ($0, LayerNames.typeName($1)) })
            let wrong = read.indices.filter { read[$0] != model.names[$0] && names[$0] == nil }
            if wrong.isEmpty { return names }
            for index in wrong { names[index] = model.names[index] }
        }
    }

    private func failure(_ path: String, _ problem: String) -> ApusError {
        ApusError(
            .unsupported, in: NotationReader.place, "layer \(path): \(problem)",
            remedy: "describe this network in Swift, and keep its numbers with save(to:)")
    }

    private func entry(_ layer: any Module) -> NotationLayer? { layers.first { $0.type == type(of: layer) } }

    /// The arguments of a layer, in the order of its parameters.
    private func arguments(
        _ layer: any Module, _ entry: NotationLayer, _ path: String
    ) throws(ApusError) -> [NotationValue] {
        if let (name, _) = ownParameters(layer).first(where: { $0.1.regularizer != nil || $0.1.constraint != nil }) {
            throw failure(path, "its \(name) has a regularizer or a constraint, which the notation cannot express")
        }
        var arguments: [NotationValue] = []
        for parameter in entry.parameters where !parameter.takesLayer {
            guard let argument = parameter.read(layer), parameter.accepts(argument) else {
                throw failure(path, "its \(parameter.label) is not one that the notation can express")
            }
            arguments.append(argument)
        }
        // What the arguments do not say, such as values given for a parameter.
        if let copy = entry.make(arguments) {
            let pairs = zip(ownParameters(layer), ownParameters(copy))
            if let (own, _) = pairs.first(where: { $0.1.initializer.name != $1.1.initializer.name }) {
                throw failure(path, "its \(own.0) is not filled in a way that the notation can express")
            }
        }
        return arguments
    }

    private func ownParameters(_ layer: any Module) -> [(String, Parameter)] {
        layer.children.compactMap { if case .parameter(let parameter) = $0.child { ($0.name, parameter) } else { nil } }
    }

    /// `C16k5s2`; `nil` for layers that have no short form.
    private func short(_ layer: any Module, _ path: String) throws(ApusError) -> String? {
        guard let entry = entry(layer) else { return nil }
        let arguments = try arguments(layer, entry, path)
        var different: [String: NotationValue] = [:]
        for (parameter, argument) in zip(entry.parameters, arguments)
        where argument.description != parameter.fallback?.description {
            different[parameter.label] = argument
        }
        func number(_ label: String) -> Int? {
            different.removeValue(forKey: label)?.integer.flatMap { (1...65536).contains($0) ? $0 : nil }
        }
        switch layer {
        case is BatchNorm: return different.isEmpty ? "B" : nil
        case is Flatten: return "F"
        case is GlobalAveragePool2D: return different.isEmpty ? "GAP" : nil
        case let layer as Activation:
            return ["relu": "R", "tanh": "T", "sigmoid": "S"][layer.function.name] ?? layer.function.name
        case is Dense:
            guard let units = number("units"), different.isEmpty else { return nil }
            return "L\(units)"
        case let layer as Dropout:
            return layer.rate >= 0 && layer.rate < 1 && !"\(layer.rate)".contains("e") ? "D\(layer.rate)" : nil
        case is MaxPool2D, is AveragePool2D:
            let letter = layer is MaxPool2D ? "P" : "A"
            if different.isEmpty { return letter }
            guard let window = number("window"), different.isEmpty else { return nil }
            return "\(letter)\(window)"
        case is Conv2D:
            guard different.removeValue(forKey: "padding")?.word == "same", let maps = number("maps"),
                let kernel = number("kernel")
            else { return nil }
            let stride = different["stride"] == nil ? 1 : number("stride")
            guard let stride, different.isEmpty else { return nil }
            return "C\(maps)" + (kernel == 3 ? "" : "k\(kernel)") + (stride == 1 ? "" : "s\(stride)")
        default: return nil
        }
    }

    /// `Conv2D(16, kernel: 3, padding: same)`
    private func long(_ layer: any Module, _ path: String) throws(ApusError) -> String {
        switch layer {
        case let layer as Sequential: return "Sequential(\(try sequence(layer, path: path)))"
        case let layer as Residual:
            let body = try sequence(layer.body, path: path + ".body")
            var shortcut = ""
            if let module = layer.projection { shortcut = " | " + (try inner(module, path + ".projection")) }
            let activation = NotationReader.residualActivation
            guard let function = activation.read(layer.activation) else {
                throw failure(path, "its activation is not one that the notation can express")
            }
            let suffix = function.word == "linear" ? "" : "(activation: \(function.description))"
            return "[\(body)\(shortcut)]\(suffix)"
        case let layer as Concatenating:
            return "{\(try sequence(layer.body, path: path + ".body"))}"
                + (layer.axis == -1 ? "" : "(axis: \(layer.axis))")
        case let layer as Branches where layer.branches.count > 1:
            var branches: [String] = []
            for (index, branch) in layer.branches.enumerated() {
                branches.append(try sequence(branch, path: "\(path).branches.\(index)"))
            }
            return "{\(branches.joined(separator: " | "))}" + (layer.axis == -1 ? "" : "(axis: \(layer.axis))")
        default: break
        }
        guard let entry = entry(layer) else { throw failure(path, "\(type(of: layer)) has no notation") }
        var values = try arguments(layer, entry, path)[...]
        var texts: [String] = []
        for parameter in entry.parameters {
            let text: String
            if parameter.takesLayer {
                guard let wrapped = wrapped(layer) else { throw failure(path, "its layer is not found") }
                text = try inner(wrapped, path)
            } else {
                let value = values.removeFirst()
                if value.description == parameter.fallback?.description { continue }
                text = value.description
            }
            texts.append(parameter.isLabelled ? "\(parameter.label): \(text)" : text)
        }
        return entry.name + (texts.isEmpty ? "" : "(\(texts.joined(separator: ", ")))")
    }

    /// The layer that another one wraps.
    private func wrapped(_ layer: any Module) -> (any Module)? {
        for case (_, .module(let inner)) in layer.children { return inner }
        return nil
    }

    /// A layer within brackets.
    private func inner(_ layer: any Module, _ path: String) throws(ApusError) -> String {
        if let short = try short(layer, path) { return short }
        return try long(layer, path)
    }
}
