import ApusCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension DataCatalog {
    /// The texts that need no path, with a line on each.
    public static let texts: [(name: String, summary: String)] = [
        ("tiny-shakespeare", "plays of Shakespeare, a million characters")
    ]

    /// Loads a text for language models.
    ///
    /// - Parameter description: a known name, which is looked for as other data sets are, or the path of a text file in
    ///   UTF-8 or of a folder with an `input.txt`
    public static func text(_ description: String) throws(ApusError) -> String {
        let isName = texts.contains { $0.name == description }
        let candidates = isName ? folders.map { "\($0)/\(description)" } : [description]
        for candidate in candidates where access(candidate, F_OK) == 0 {
            let file = "\(candidate)/input.txt"
            let source = try ByteSource(path: access(file, F_OK) == 0 ? file : candidate, kind: "text")
            guard let text = String(validating: try source.bytes(), as: UTF8.self) else {
                throw ApusError(
                    .format, in: source.place, "it is not UTF-8", remedy: "save it as a text in UTF-8")
            }
            return text
        }
        throw ApusError(
            .data, in: "text \(description)",
            isName ? "it is not in \(folders.joined(separator: ", "))" : "there is no text and no file of this name",
            remedy: isName
                ? "give the path of the file, or name the parent of its folder in APUS_DATA"
                : "use \(texts.map(\.name).joined(separator: ", ")), or the path of a text file")
    }
}
