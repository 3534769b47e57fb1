/// How names of a file become those of a model, such as `layer*.*.conv1.**` to `stage*.block*.first.**`.
///
/// In the pattern, `*` stands for a run of characters without a dot and `**` for any run; the stars of the replacement
/// stand for what these found, in order, or by number: `{2}.{1}`.
///
///     NameRule("model.layers.*.self_attn.q_proj.**", "blocks.layers.*.attention.query.**")
///     NameRule("model.**", "**")                              // a prefix taken away
public struct NameRule: Hashable, Sendable {
    /// Which names it is for.
    public let pattern: String
    /// What becomes of it.
    public let replacement: String

    /// - Parameter replacement: what becomes of a name that the pattern fits; see the type
    public init(_ pattern: String, _ replacement: String) {
        self.pattern = pattern
        self.replacement = replacement
    }

    private enum Part: Hashable {
        case character(Character)
        case run(dots: Bool)
    }

    private static func parts(_ text: String) -> [Part] {
        var parts: [Part] = []
        for character in text {
            if character == "*" {
                if parts.last == .run(dots: false) {
                    parts[parts.count - 1] = .run(dots: true)
                } else {
                    parts.append(.run(dots: false))
                }
            } else {
                parts.append(.character(character))
            }
        }
        return parts
    }

    /// The new name, or `nil` if the pattern is not that of the name.
    public func apply(to name: String) -> String? {
        guard let runs = Self.match(Self.parts(pattern), Array(name)) else { return nil }
        var result = ""
        var next = 0
        for part in Self.parts(replacement) {
            switch part {
            case .character(let character): result.append(character)
            case .run:
                if next < runs.count { result += runs[next] }
                next += 1
            }
        }
        for (index, run) in runs.enumerated() { result = result.replacing("{\(index + 1)}", with: run) }
        return result
    }

    /// What the runs stand for. The first run that can be shorter is, as in ``PathPattern``; places that were tried are
    /// not tried again, so that the time is the product of the lengths at most.
    private static func match(_ parts: [Part], _ name: [Character]) -> [String]? {
        var failed = Set<Int>()
        func search(_ part: Int, _ position: Int) -> [String]? {
            guard part < parts.count else { return position == name.count ? [] : nil }
            let key = part * (name.count + 1) + position
            guard !failed.contains(key) else { return nil }
            switch parts[part] {
            case .character(let character):
                if position < name.count, name[position] == character, let rest = search(part + 1, position + 1) {
                    return rest
                }
            case .run(let dots):
                var end = position
                while true {
                    if let rest = search(part + 1, end) { return [String(name[position..<end])] + rest }
                    guard end < name.count, dots || name[end] != "." else { break }
                    end += 1
                }
            }
            failed.insert(key)
            return nil
        }
        guard parts.count <= 1024, name.count <= 4096 else { return nil }
        return search(0, 0)
    }
}
