import ApusCore

/// What is done to raw data before they reach a model, with all that it has learnt from training data.
///
/// It can be written down and made again, so that a saved model is given the same numbers as in training:
///
///     try model.save(to: "mushrooms.safetensors", preprocessor: encoder)
///     let encoder = try model.load(from: "mushrooms.safetensors", preprocessor: TableEncoder.self)
public protocol Preprocessor: Sendable {
    /// Everything that ``init(json:place:)`` needs to make the same again.
    var json: JSON { get }

    /// Makes a preprocessor from what one has written down; `place` stands in error messages.
    init(json: JSON, place: String) throws(ApusError)
}

extension Preprocessor {
    /// Writes it to a file of JSON.
    public func save(to path: String) throws(ApusError) {
        try AtomicFile.write(Array(json.text(pretty: true).utf8), to: path)
    }

    /// Reads it from a file that ``save(to:)`` has written.
    public init(path: String) throws(ApusError) {
        let source = try ByteSource(path: path, kind: "preprocessor")
        try self.init(json: try JSON(parsing: try source.bytes(), place: source.place), place: source.place)
    }
}

/// Reads the members that a preprocessor has written down, and names the one that is not as it should be.
package struct PreprocessorReader {
    package let json: JSON
    package let place: String

    package init(_ json: JSON, kind: String, place: String) throws(ApusError) {
        (self.json, self.place) = (json, place)
        guard json["kind"]?.string == kind else { throw damaged("its \"kind\" is not \(kind.quoted)") }
    }

    package func damaged(_ problem: String) -> ApusError {
        ApusError(.format, in: place, problem, remedy: "read it as what was saved, or save it again")
    }

    package func member<Value>(_ name: String, _ value: (JSON) -> Value?) throws(ApusError) -> Value {
        guard let value = json[name].flatMap(value) else {
            throw damaged("its \(name.quoted) is missing or of another type")
        }
        return value
    }

    package func strings(_ name: String) throws(ApusError) -> [String] {
        try member(name) { $0.elements?.allStrings }
    }

    package func numbers(_ name: String) throws(ApusError) -> [Double] {
        try member(name) { $0.elements?.allNumbers }
    }
}

extension [JSON] {
    /// The texts, if all are texts.
    package var allStrings: [String]? {
        let strings = compactMap(\.string)
        return strings.count == count ? strings : nil
    }

    /// The numbers, if all are numbers.
    package var allNumbers: [Double]? {
        let numbers = compactMap(\.double)
        return numbers.count == count ? numbers : nil
    }
}

extension JSON {
    package static func strings(_ strings: [String]) -> JSON { .array(strings.map { .string($0) }) }
    package static func numbers(_ numbers: [Double]) -> JSON { .array(numbers.map { .number($0) }) }
}
