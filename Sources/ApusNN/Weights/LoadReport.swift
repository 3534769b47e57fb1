import ApusCore

/// What happened when weights of a file were loaded into a model.
public struct LoadReport: Sendable, CustomStringConvertible {
    /// The model's parameters that have their values from the file, and the names that these had there.
    public internal(set) var loaded: [(parameter: String, name: String)] = []
    /// The model's parameters that the file lacks; they are as they were.
    public internal(set) var missing: [String] = []
    /// The file's names for which the model has no parameter.
    public internal(set) var unexpected: [String] = []
    /// The model's parameters whose values in the file have another shape; they are as they were.
    public internal(set) var misshapen: [(parameter: String, file: Shape, model: Shape)] = []
    /// The file's texts.
    public internal(set) var metadata: [String: String] = [:]

    /// Whether everything in the file found its place, and every parameter a value.
    public var isComplete: Bool { missing.isEmpty && unexpected.isEmpty && misshapen.isEmpty }

    /// One line for each kind of outcome.
    public var description: String {
        var lines = ["\(loaded.count) parameters loaded"]
        if !missing.isEmpty { lines.append("\(missing.count) not in the file: \(missing.listed)") }
        if !unexpected.isEmpty { lines.append("\(unexpected.count) not in the model: \(unexpected.listed)") }
        if !misshapen.isEmpty {
            let texts = misshapen.map { "\($0.parameter) \($0.file) instead of \($0.model)" }
            lines.append("\(misshapen.count) of another shape: \(texts.listed)")
        }
        return lines.joined(separator: "\n")
    }
}
