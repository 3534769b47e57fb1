import ApusCore

extension CatalogEntry {
    /// Whether a word stands in one of its texts, whatever the case.
    package func mentions(_ word: String) -> Bool {
        let wanted = word.lowercased()
        return ([name, summary, group] + keras + torch + mlx).contains { $0.lowercased().contains(wanted) }
    }
}

/// Entries of the catalog as text and as JSON.
package enum CatalogTable {
    /// A line an entry below the name of its group.
    ///
    /// - Parameters:
    ///   - width: where lines are broken; `nil` never breaks them, for other programs to read
    ///   - isColoured: whether the names of groups are marked with escape sequences
    package static func text(
        _ entries: [CatalogEntry], width: Int? = nil, isColoured: Bool = false
    ) -> String {
        var groups: [(name: String, entries: [CatalogEntry])] = []
        for entry in entries {
            if let index = groups.firstIndex(where: { $0.name == entry.group }) {
                groups[index].entries.append(entry)
            } else {
                groups.append((entry.group, [entry]))
            }
        }
        let longest = entries.map(\.name.count).max() ?? 0
        // A column that leaves no room for the summaries would help nobody.
        let column = min(longest, width.map { max($0 / 2, 8) } ?? longest)
        var lines: [String] = []
        for group in groups {
            let isNamed = !group.name.isEmpty
            if isNamed {
                if !lines.isEmpty { lines.append("") }
                lines.append(isColoured ? "\u{1b}[1m\(group.name)\u{1b}[0m" : group.name)
            }
            let indent = isNamed ? "  " : ""
            for entry in group.entries {
                let margin = indent.count + column + 2
                var wrapped = wrap(entry.summary, width: width.map { max($0 - margin - 1, 16) })
                var head = indent + entry.name
                if entry.name.count <= column {
                    head += String(repeating: " ", count: margin - head.count) + (wrapped.first ?? "")
                    if !wrapped.isEmpty { wrapped.removeFirst() }
                }
                lines.append(head)
                lines += wrapped.map { String(repeating: " ", count: margin) + $0 }
            }
        }
        return lines.joined(separator: "\n")
    }

    /// The words of a text in lines.
    private static func wrap(_ text: String, width: Int?) -> [String] {
        guard let width else { return [text] }
        var lines: [String] = []
        for word in text.split(separator: " ") {
            if let last = lines.last, last.count + 1 + word.count <= width {
                lines[lines.count - 1] += " " + word
            } else {
                lines.append(String(word))
            }
        }
        return lines
    }

    package static func json(_ kind: String, _ entries: [CatalogEntry]) -> JSON {
        func texts(_ values: [String]) -> JSON { .array(values.map { .string($0) }) }
        return [
            "kind": .string(kind), "count": .integer(Int64(entries.count)),
            "entries": .array(
                entries.map { entry in
                    [
                        "name": .string(entry.name), "summary": .string(entry.summary),
                        "group": .string(entry.group), "keras": texts(entry.keras), "torch": texts(entry.torch),
                        "mlx": texts(entry.mlx),
                    ]
                }),
        ]
    }
}
