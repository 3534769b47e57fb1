import Apus

/// The text of docs/Parity.md.
struct ParityDocument {
    let comparisons: [PeerComparison]

    init() throws {
        comparisons = [
            try PeerComparison("keras", \.keras), try PeerComparison("torch", \.torch),
            try PeerComparison("mlx", \.mlx),
        ]
    }

    /// All that has a name of its own here.
    static let kinds = Catalog.kinds + [("transforms", Catalog.transforms)]

    static let titles = ["keras": "Keras 3", "torch": "PyTorch", "mlx": "MLX-Swift"]

    var text: String {
        var parts = [
            """
            # Names of Keras, PyTorch and MLX-Swift

            What the things are called here that users of Keras 3, PyTorch (with torchvision and torchmetrics) and
            MLX-Swift know. `apus layers BatchNormalization` finds the same on the command line. Entries of the catalog
            in the sources make this page: `APUS_RECORD=1 swift test --filter Parity` writes it.

            ## How much has a counterpart

            """
        ]
        for comparison in comparisons { parts.append(shares(comparison)) }
        parts.append("## What has none, and why\n")
        for comparison in comparisons { parts.append(reasons(comparison)) }
        for (kind, entries) in Self.kinds { parts.append(table(kind, entries)) }
        return parts.joined(separator: "\n")
    }

    private func shares(_ comparison: PeerComparison) -> String {
        var lines = ["| \(Self.titles[comparison.library] ?? "") | names | mapped | share |", "|---|---:|---:|---:|"]
        func line(_ title: String, _ names: Int, _ mapped: Int) -> String {
            // Rounded down: what is not whole must not look so.
            let thousandths = mapped * 1000 / max(names, 1)
            return "| \(title) | \(names) | \(mapped) | \(thousandths / 10).\(thousandths % 10) % |"
        }
        for row in comparison.rows { lines.append(line(row.group.title, row.group.names.count, row.mapped.count)) }
        let names = comparison.rows.map(\.group.names.count).reduce(0, +)
        lines.append(line("**all**", names, comparison.rows.map(\.mapped.count).reduce(0, +)))
        return lines.joined(separator: "\n") + "\n"
    }

    private func reasons(_ comparison: PeerComparison) -> String {
        var lines: [String] = []
        for row in comparison.rows {
            var names: [(reason: String, names: [String])] = []
            for name in row.missing {
                let reason = row.group.reasons[name] ?? "not yet"
                if let index = names.firstIndex(where: { $0.reason == reason }) {
                    names[index].names.append(name)
                } else {
                    names.append((reason, [name]))
                }
            }
            for (reason, names) in names {
                let listed = names.map { "`\($0)`" }.joined(separator: " ")
                lines.append("- \(Self.titles[comparison.library] ?? ""), \(row.group.title): \(listed): \(reason)")
            }
        }
        return lines.isEmpty ? "" : lines.joined(separator: "\n") + "\n"
    }

    private func table(_ kind: String, _ entries: [CatalogEntry]) -> String {
        var lines = ["## \(kind.prefix(1).uppercased() + kind.dropFirst())", ""]
        func cell(_ names: [String]) -> String {
            names.map { "`\($0)`" }.joined(separator: " ").replacing("|", with: "\\|")
        }
        var group: String?
        for entry in entries {
            if group != entry.group {
                if group != nil { lines.append("") }
                if !entry.group.isEmpty { lines += ["### \(kind): \(entry.group)", ""] }
                lines += ["| Apus | | Keras | PyTorch | MLX-Swift |", "|---|---|---|---|---|"]
                group = entry.group
            }
            let summary = entry.summary.replacing("|", with: "\\|")
            lines.append(
                "| \(cell([entry.name])) | \(summary) | \(cell(entry.keras)) | \(cell(entry.torch)) | \(cell(entry.mlx)) |"
            )
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
