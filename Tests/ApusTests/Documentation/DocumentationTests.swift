import Foundation
import Testing

/// Every public declaration says what it is.
@Suite struct DocumentationTests {
    /// Names that may stand without a comment of their own, and where they have theirs: requirements of protocols.
    private static let inherited: [String: String] = [
        "forward": "Layer", "details": "Module", "children": "Module", "merge": "MetricState, MergingLayer",
        "update": "MetricState", "collated": "Collatable", "tensor": "TensorElement", "tensorValue": "TensorElement",
        "tensorIndex": "TensorIndexConvertible", "json": "TextPreprocessor", "step": "RecurrentCell",
        "stateShapes": "RecurrentCell", "stateCount": "RecurrentCell", "project": "RecurrentCell",
        "batchPlan": "BatchSource", "description": "CustomStringConvertible", "hash": "Hashable", "==": "Equatable",
        "<": "Comparable", "encode": "Encodable", "+": "Tensor", "-": "Tensor", "*": "Tensor", "/": "Tensor",
    ]

    private static let sources = URL(fileURLWithPath: "\(#filePath)").deletingLastPathComponent()
        .appendingPathComponent("../../../Sources").standardizedFileURL

    @Test func everyPublicDeclarationHasAComment() throws {
        var (count, missing) = (0, [String]())
        let files = try #require(FileManager.default.enumerator(atPath: Self.sources.path))
        for case let path as String in files where path.hasSuffix(".swift") {
            let text = try String(contentsOf: Self.sources.appendingPathComponent(path), encoding: .utf8)
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
                .map { $0.drop { $0 == " " } }
            for (number, line) in lines.enumerated() {
                guard let name = Self.declaredName(line) else { continue }
                count += 1
                if Self.inherited[name] != nil || line.contains("init(from decoder") { continue }
                let before = lines[..<number].last { !$0.hasPrefix("@") && !$0.hasPrefix("#") }
                if before?.hasPrefix("///") != true { missing.append("\(path):\(number + 1): \(line.prefix(80))") }
            }
        }
        // A count near 0 would mean that nothing is recognised.
        #expect(count > 3000)
        #expect(missing.isEmpty, "\(missing.count) without a comment:\n\(missing.sorted().joined(separator: "\n"))")
    }

    /// The name in a line that begins a public declaration that needs a comment.
    private static func declaredName(_ line: Substring) -> String? {
        var words = line.split(separator: " ", maxSplits: 12, omittingEmptySubsequences: true)[...]
        while words.first?.hasPrefix("@") == true { words = words.dropFirst() }
        guard words.first == "public" || words.first == "open" else { return nil }
        words = words.dropFirst()
        let kinds: Set<Substring> = [
            "func", "var", "let", "struct", "class", "enum", "protocol", "subscript", "typealias", "actor", "case",
        ]
        while let word = words.first {
            words = words.dropFirst()
            if word == "override" || word == "extension" { return nil }
            if word.hasPrefix("init") { return "init" }
            if word.hasPrefix("subscript") { return "subscript" }
            // `class func` is a modifier with a declaration behind it.
            if word == "class", words.first == "func" || words.first == "var" { continue }
            if kinds.contains(word) {
                let name = words.first?.prefix {
                    !"(:<{,".contains($0) || "<>=".contains($0) && words.first?.first == $0
                }
                return name.map(String.init) ?? ""
            }
        }
        return nil
    }
}
