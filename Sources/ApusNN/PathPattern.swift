/// A description of paths of parameters, such as `encoder.*.bias`: `*` stands for any run of characters (dots, too),
/// `?` for one.
///
///     let biases: PathPattern = "*.bias"
///     biases.matches("block1.conv.bias")                    // true
public struct PathPattern: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    public let description: String

    /// - Parameter text: `*` stands for any characters, `?` for one
    public init(_ text: String) { description = text }
    /// `*` stands for any characters, `?` for one.
    public init(stringLiteral text: String) { description = text }

    /// Whether it describes a path. `*.bias` describes `bias`, too.
    public func matches(_ path: String) -> Bool {
        let pattern = Array(description)
        if pattern.starts(with: "*."), Self.matches(Array(pattern.dropFirst(2)), Array(path)) { return true }
        return Self.matches(pattern, Array(path))
    }

    /// Goes back to the last star alone, so that the time is the product of the lengths at most.
    private static func matches(_ pattern: [Character], _ path: [Character]) -> Bool {
        var (p, s) = (0, 0)
        var retry: (pattern: Int, path: Int)?
        while s < path.count {
            if p < pattern.count, pattern[p] == "*" {
                retry = (p + 1, s)
                p += 1
            } else if p < pattern.count, pattern[p] == "?" || pattern[p] == path[s] {
                p += 1
                s += 1
            } else if let last = retry {
                retry = (last.pattern, last.path + 1)
                p = last.pattern
                s = last.path + 1
            } else {
                return false
            }
        }
        return pattern[p...].allSatisfy { $0 == "*" }
    }
}
