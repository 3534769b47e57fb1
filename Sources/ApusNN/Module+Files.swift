import ApusCore

extension Module {
    /// Writes all parameters to a safetensors file under their paths. The file appears only when it is complete.
    ///
    /// - Parameter metadata: texts to keep with them
    public func save(to path: String, metadata: [String: String] = [:]) throws(ApusError) {
        let named = namedParameters
        guard !named.isEmpty else {
            throw ApusError(
                .parameter, in: "model file \(path)", "the model has no parameters",
                remedy: "add a layer that has some")
        }
        if let (name, _) = named.first(where: { !$0.parameter.isBuilt }) {
            throw ApusError(
                .parameter, in: "model file \(path)", "the parameter \(name) has no value",
                remedy: "call the model once, or build(inputShape:), before saving it, and leave out unused layers")
        }
        var storages: [String: Storage] = [:]
        var declarations: [Safetensors.Declaration] = []
        for (name, parameter) in named {
            storages[name] = try parameter.value.storage()
            declarations.append(
                Safetensors.Declaration(
                    name: name, elementType: parameter.dtype.elementType, shape: parameter.shape.extents))
        }
        try Safetensors.write(declarations, metadata: metadata, to: path) {
            (declaration, file) throws(ApusError) in
            if let storage = storages[declaration.name] { try file.write(storage.bytes) }
        }
    }

    /// Reads all parameters from a safetensors file. Names, shapes and types must fit; nothing changes if they don't.
    ///
    /// - Returns: the file's texts
    @discardableResult
    public func load(from path: String) throws(ApusError) -> [String: String] {
        let file = try SafetensorsFile(path: path)
        let place = "model file \(path)"
        let named = namedParameters
        let expected = Set(named.map(\.path))
        if let extra = file.entries.first(where: { !expected.contains($0.name) }) {
            throw ApusError(
                .parameter, in: place, "it has the parameter \(extra.name), the model does not",
                remedy: "load it into the model it was saved from")
        }
        var values: [(Parameter, Tensor)] = []
        for (name, parameter) in named {
            guard let entry = file.entry(named: name) else {
                throw ApusError(
                    .parameter, in: place, "the model's parameter \(name) is not in it",
                    remedy: "load it into the model it was saved from")
            }
            guard let dtype = DType(entry.elementType) else {
                throw ApusError(
                    .type, in: place, "the parameter \(name) has type \(entry.elementType.rawValue)",
                    remedy: "convert it to float32")
            }
            let shape = Shape(entry.shape)
            guard !parameter.isBuilt || (parameter.shape == shape && parameter.dtype == dtype) else {
                throw ApusError(
                    .parameter, in: place,
                    "the parameter \(name) has shape \(shape) and type \(dtype), the model's \(parameter.shape) and \(parameter.dtype)",
                    remedy: "load it into the model it was saved from")
            }
            let storage = Storage(byteCount: entry.byteCount)
            try file.read(
                entry, into: UnsafeMutableRawBufferPointer(start: storage.pointer, count: storage.byteCount))
            values.append((parameter, Tensor(storage: storage, shape: shape, dtype: dtype)))
        }
        for (parameter, value) in values { parameter.value = value }
        return file.metadata
    }
}
