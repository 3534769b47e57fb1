import ApusCore

/// Reads and writes tables as text: a row a line, fields between separators, quoted where they hold one (RFC 4180).
///
///     let table = try CSV.read("penguins.csv")
///     table.columns[0].name           // "species"
public enum CSV {
    /// How a file is written.
    public struct Format: Sendable {
        /// Between fields; nil for a tab in files whose name ends in `.tsv`, else the comma, semicolon or tab that the
        /// first line has most of.
        public var separator: Character?
        /// Whether the first row holds the names of the columns; nil to tell by its contents: names are text above
        /// numbers.
        public var hasHeader: Bool?
        /// What stands for a missing value, besides nothing at all.
        public var missing: Set<String> = ["?", "NA", "N/A", "NaN", "nan", "null", "NULL"]
        /// Lines that begin so are left out.
        public var comment: String?
        /// Names of the columns of a file without them.
        public var names: [String] = []
        /// Types of columns by name, where their contents should not decide.
        public var types: [String: Table.ColumnType] = [:]
        /// What to do with rows of too few or too many fields.
        public var policy: BadSamplePolicy = .stop

        /// - Parameter separator: between fields; `nil` finds it out
        public init(
            separator: Character? = nil, hasHeader: Bool? = nil, comment: String? = nil, names: [String] = [],
            types: [String: Table.ColumnType] = [:], policy: BadSamplePolicy = .stop
        ) {
            (self.separator, self.hasHeader, self.comment) = (separator, hasHeader, comment)
            (self.names, self.types, self.policy) = (names, types, policy)
        }
    }

    /// Reads a file, plain or compressed with gzip.
    ///
    /// - Throws: an `ApusError` with the line where a quote stays open, a row has another number of fields than the
    ///   first, or text is not UTF-8
    public static func read(_ path: String, _ format: Format = Format()) throws(ApusError) -> Table {
        let source = try ByteSource(path: path, kind: "table")
        var format = format
        if format.separator == nil, path.hasSuffix(".tsv") || path.hasSuffix(".tsv.gz") { format.separator = "\t" }
        return try decode(try source.bytes(), format, place: source.place)
    }

    /// Reads a file that is in memory; `place` stands in error messages.
    public static func decode(
        _ bytes: [UInt8], _ format: Format = Format(), place: String = "table"
    ) throws(ApusError) -> Table {
        var bytes = try TextFile.expanded(bytes, place: place)
        if bytes.starts(with: [0xef, 0xbb, 0xbf]) { bytes.removeFirst(3) }
        let separator = format.separator?.asciiValue ?? Self.separator(of: bytes)
        var rows = try Rows(bytes, separator: separator, comment: Array((format.comment ?? "").utf8), place: place)
        guard let first = try rows.next() else {
            throw ApusError(.format, in: place, "it holds no row (line 1)", remedy: "give a file with rows")
        }
        var fields: [[String]] = Array(repeating: [], count: first.count)
        for (index, value) in first.enumerated() { fields[index].append(value) }
        var refused = 0
        while let row = try rows.next() {
            if row.count != first.count {
                let error = ApusError(
                    .format, in: place,
                    "a row has \(row.count) fields, the first has \(first.count) (line \(rows.line))",
                    remedy: "mend the row, name the separator, or skip bad rows by the policy")
                if case .stop = format.policy { throw error }
                refused += 1
                if case .skip = format.policy { continue }
            }
            for index in fields.indices { fields[index].append(index < row.count ? row[index] : "") }
        }
        let hasHeader = format.hasHeader ?? (format.names.isEmpty && Self.looksLikeHeader(fields, format.missing))
        var names = format.names
        if names.isEmpty {
            names = hasHeader ? first : first.indices.map { "column\($0 + 1)" }
        }
        guard names.count == first.count, Set(names).count == names.count else {
            throw ApusError(
                .format, in: place,
                "\(first.count) columns have the names \(names.prefix(20).map(\.quoted).joined(separator: ", ")) (line 1)",
                remedy: "give each column a name of its own by Format.names")
        }
        if let unknown = format.types.keys.sorted().first(where: { !names.contains($0) }) {
            throw ApusError(
                .name, in: place, "a type is given for the column \(unknown.quoted), which is not there (line 1)",
                remedy: "use one of \(names.prefix(20).joined(separator: ", "))")
        }
        var columns: [Table.Column] = []
        for (index, name) in names.enumerated() {
            let values = hasHeader ? fields[index].dropFirst() : fields[index][...]
            columns.append(
                try Table.Column(
                    name: name, texts: values, missing: format.missing, type: format.types[name], place: place))
            fields[index] = []
        }
        return try Table(columns, refused: refused)
    }

    /// Writes a table with the names of its columns; missing values are written as nothing.
    public static func write(_ table: Table, to path: String, separator: Character = ",") throws(ApusError) {
        let text = encode(table, separator: separator)
        try AtomicFile.write(
            path.hasSuffix(".gz") ? try Zlib.deflate(Array(text.utf8), wrapper: .gzip) : Array(text.utf8), to: path)
    }

    /// The text that `write` would put into a file.
    public static func encode(_ table: Table, separator: Character = ",") -> String {
        func field(_ text: String) -> String {
            let plain =
                !text.contains { $0 == separator || $0 == "\"" || $0.isNewline } && text.first != " "
                && text.last != " "
            return plain
                ? text
                : "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
        }
        var text = table.columns.map { field($0.name) }.joined(separator: String(separator)) + "\n"
        for row in 0..<table.count {
            text += table.columns.map { field($0.text(at: row) ?? "") }.joined(separator: String(separator)) + "\n"
        }
        return text
    }

    /// The separator that the first line has most of.
    private static func separator(of bytes: [UInt8]) -> UInt8 {
        let line = bytes.prefix(while: { $0 != 10 })
        let candidates: [UInt8] = [UInt8(ascii: ","), UInt8(ascii: ";"), 9]
        let counts = candidates.map { candidate in line.reduce(0) { $0 + ($1 == candidate ? 1 : 0) } }
        guard let most = counts.max(), most > 0, let index = counts.firstIndex(of: most) else { return candidates[0] }
        return candidates[index]
    }

    /// Whether the first row is text, all different, and stands above a column of numbers.
    private static func looksLikeHeader(_ fields: [[String]], _ missing: Set<String>) -> Bool {
        let first = fields.map { $0[0] }
        guard Set(first).count == first.count,
            first.allSatisfy({ !$0.isEmpty && Double($0) == nil && !missing.contains($0) })
        else { return false }
        return fields.contains { column in
            var numbers = 0
            for value in column.dropFirst() where !value.isEmpty && !missing.contains(value) {
                guard Double(value) != nil else { return false }
                numbers += 1
            }
            return numbers > 0
        }
    }

    /// The rows of a file, one after the other.
    private struct Rows {
        private let bytes: [UInt8]
        private let separator: UInt8
        private let comment: [UInt8]
        private let place: String
        private var offset = 0
        private var nextLine = 1
        /// The line where the last row began.
        private(set) var line = 0

        init(_ bytes: [UInt8], separator: UInt8, comment: [UInt8], place: String) throws(ApusError) {
            (self.bytes, self.separator, self.comment, self.place) = (bytes, separator, comment, place)
        }

        mutating func next() throws(ApusError) -> [String]? {
            while offset < bytes.count {
                line = nextLine
                if !comment.isEmpty, bytes[offset...].starts(with: comment) {
                    skipLine()
                    continue
                }
                let fields = try row()
                // Blank lines are no rows.
                if fields.count > 1 || fields.first?.isEmpty == false { return fields }
            }
            return nil
        }

        private mutating func skipLine() {
            while offset < bytes.count, bytes[offset] != 10 { offset += 1 }
            offset += 1
            nextLine += 1
        }

        private mutating func row() throws(ApusError) -> [String] {
            var fields: [String] = []
            while true {
                while offset < bytes.count, bytes[offset] == 32 { offset += 1 }
                fields.append(offset < bytes.count && bytes[offset] == 0x22 ? try quoted() : try plain())
                guard offset < bytes.count else { return fields }
                let end = bytes[offset]
                offset += 1
                if end != separator {
                    nextLine += 1
                    return fields
                }
            }
        }

        /// A field up to the next separator or the line's end, without blanks around it.
        private mutating func plain() throws(ApusError) -> String {
            let start = offset
            while offset < bytes.count, bytes[offset] != separator, bytes[offset] != 10 { offset += 1 }
            var end = offset
            while end > start, bytes[end - 1] == 32 || bytes[end - 1] == 13 { end -= 1 }
            return try text(bytes[start..<end])
        }

        private mutating func quoted() throws(ApusError) -> String {
            let opened = (line: nextLine, offset: offset)
            offset += 1
            var content: [UInt8] = []
            while true {
                guard offset < bytes.count else {
                    throw ApusError(
                        .format, in: place, "a quote stays open (line \(opened.line), byte \(opened.offset))",
                        remedy: "close the quote, or double quotes inside quotes")
                }
                let byte = bytes[offset]
                offset += 1
                if byte == 0x22 {
                    guard offset < bytes.count, bytes[offset] == 0x22 else { break }
                    offset += 1
                }
                if byte == 10 { nextLine += 1 }
                content.append(byte)
            }
            while offset < bytes.count, bytes[offset] == 32 || bytes[offset] == 13 { offset += 1 }
            guard offset == bytes.count || bytes[offset] == separator || bytes[offset] == 10 else {
                throw ApusError(
                    .format, in: place, "a field goes on after its closing quote (line \(nextLine), byte \(offset))",
                    remedy: "double quotes inside quotes")
            }
            return try text(content[...])
        }

        private func text(_ bytes: ArraySlice<UInt8>) throws(ApusError) -> String {
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw ApusError(
                    .format, in: place, "it is not UTF-8 (line \(nextLine), before byte \(offset))",
                    remedy: "save it as a text in UTF-8")
            }
            return text
        }
    }
}
