extension [String] {
    /// The text among these that a misspelt one most likely stands for, if one is near: less than half of its
    /// characters, and no more than two or a third, were added, left out or replaced, whatever their case.
    package func closest(to text: String) -> String? {
        let wanted = Array<Character>(text.lowercased().prefix(64))
        let limit = Swift.min(Swift.max(2, wanted.count / 3), (wanted.count - 1) / 2)
        var best: (text: String, distance: Int)?
        for candidate in self {
            let distance = editDistance(wanted, Array<Character>(candidate.lowercased().prefix(64)))
            if distance <= limit, distance < best?.distance ?? .max { best = (candidate, distance) }
        }
        return best?.text
    }
}
