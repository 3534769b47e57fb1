import ApusCore
import ApusData
import ApusNN

extension Module {
    /// Writes all parameters to a safetensors file, as ``save(to:metadata:)`` does, with what is done to raw data before
    /// they reach the model.
    public func save(
        to path: String, preprocessor: some Preprocessor, metadata: [String: String] = [:]
    ) throws(ApusError) {
        var metadata = metadata
        metadata["preprocessor"] = preprocessor.json.text()
        try save(to: path, metadata: metadata)
    }

    /// Reads all parameters from a safetensors file, and the preprocessor that was saved with them.
    ///
    /// Nothing changes if there is none, or one of another kind.
    public func load<P: Preprocessor>(from path: String, preprocessor: P.Type) throws(ApusError) -> P {
        let place = "model file \(path)"
        guard let text = try SafetensorsFile(path: path).metadata["preprocessor"] else {
            throw ApusError(
                .data, in: place, "no preprocessor was saved with the model", remedy: "load the parameters alone")
        }
        let loaded = try P(json: try JSON(parsing: text, place: place), place: place)
        try load(from: path)
        return loaded
    }
}
