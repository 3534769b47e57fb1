/// What went wrong, where, and what to do about it.
///
/// The message alone is enough to mend the program: it names the operation, file or option (`place`), shows what
/// was met on both sides (`problem`) and says what to do (`remedy`).
public struct ApusError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The family of a mistake, for programs that treat some of them differently.
    public enum Kind: String, Sendable {
        case shape, type, axis, index, value, parameter, data, file, format, name, unsupported, numeric, resource
        case cancelled
    }

    /// The family of the mistake.
    public let kind: Kind
    /// The operation, file, option or layer concerned, such as `operation matmul`.
    public let place: String
    /// What was met, with both sides where two things do not fit.
    public let problem: String
    /// What to do about it.
    public let remedy: String
    /// The path of the layer in its model, such as `encoder.block1.conv`, where one was being evaluated.
    public var path: String?

    /// - Parameter kind: the family of the mistake; the texts are parts of sentences, without a full stop
    public init(_ kind: Kind, in place: String, _ problem: String, remedy: String) {
        self.kind = kind
        self.place = place
        self.problem = problem
        self.remedy = remedy
    }

    /// The whole message on one line.
    public var description: String {
        let layer = path.map { " (layer \($0))" } ?? ""
        return "\(place)\(layer): \(problem); \(remedy)"
    }
}
