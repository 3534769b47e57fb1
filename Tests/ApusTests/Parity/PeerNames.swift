import Apus
import Foundation

/// The names of one library, as the file of that name in `Names` lists them.
///
/// A group begins with `# title [kinds] prefix`, where the kinds are some of ``ParityDocument/kinds`` and the prefix is what
/// entries of the catalog put before these names. Names follow, with spaces between. A line `- A B: why` says why
/// names have no counterpart.
struct PeerNames {
    struct Group {
        let title: String
        let kinds: [String]
        let prefix: String
        var names: [String] = []
        /// Why a name has no counterpart.
        var reasons: [String: String] = [:]
    }

    let groups: [Group]

    init(_ library: String) throws {
        let folder = URL(fileURLWithPath: "\(#filePath)").deletingLastPathComponent()
        let text = try String(contentsOf: folder.appendingPathComponent("Names/\(library).txt"), encoding: .utf8)
        var groups: [Group] = []
        for line in text.split(separator: "\n") {
            if let match = line.wholeMatch(of: /# (.+) \[([^\]]+)\] ?(\S*)/) {
                groups.append(
                    Group(
                        title: "\(match.1)", kinds: match.2.split(separator: " ").map(String.init), prefix: "\(match.3)"
                    ))
            } else if let match = line.wholeMatch(of: /- ([^:]+): (.+)/) {
                for name in match.1.split(separator: " ") { groups[groups.count - 1].reasons["\(name)"] = "\(match.2)" }
            } else {
                groups[groups.count - 1].names += line.split(separator: " ").map(String.init)
            }
        }
        self.groups = groups
    }
}

/// A library's names against those that the catalog's entries give for it.
struct PeerComparison {
    struct Row {
        let group: PeerNames.Group
        let mapped: [String]
        let missing: [String]

        var share: Double { Double(mapped.count) / Double(max(group.names.count, 1)) }
    }

    let library: String
    let rows: [Row]

    init(_ library: String, _ names: KeyPath<CatalogEntry, [String]>) throws {
        self.library = library
        func given(_ entries: [CatalogEntry]) -> Set<String> {
            Set(entries.flatMap { $0[keyPath: names].map(Self.folded) })
        }
        let everywhere = given(ParityDocument.kinds.flatMap(\.entries))
        rows = try PeerNames(library).groups.map { group in
            // A plain name of another kind is another thing: Keras has Identity among layers and initializers.
            let here = given(ParityDocument.kinds.filter { group.kinds.contains($0.name) }.flatMap(\.entries))
            func isMapped(_ name: String) -> Bool {
                here.contains(Self.folded(name))
                    || !group.prefix.isEmpty && everywhere.contains(Self.folded(group.prefix + name))
            }
            return Row(
                group: group, mapped: group.names.filter(isMapped), missing: group.names.filter { !isMapped($0) })
        }
    }

    /// `binary_crossentropy` is the function of the class `BinaryCrossentropy`.
    private static func folded(_ name: String) -> String { name.lowercased().replacing("_", with: "") }
}
