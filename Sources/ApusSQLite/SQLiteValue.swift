#if SQLite
    /// A value in a row of a query.
    public enum SQLiteValue: Sendable, Equatable {
        /// `NULL`: the value is missing.
        case null
        case integer(Int64)
        case real(Double)
        case text(String)
        /// Bytes, such as those of a picture.
        case blob([UInt8])

        /// Such as `the text "abc"`, for messages.
        var told: String {
            switch self {
            case .null: "NULL"
            case .integer(let value): "the integer \(value)"
            case .real(let value): "the number \(value)"
            case .text(let value): "the text \"\(value.prefix(40))\(value.count > 40 ? "..." : "")\""
            case .blob(let bytes): "a blob of \(bytes.count) bytes"
            }
        }
    }

    /// A row of a query: its values under the names of their columns.
    ///
    ///     let picture = try Image(decoding: row.blob("picture"))
    public struct SQLiteRow: Sendable, Equatable {
        /// The names of the columns, in the order of the query.
        public let names: [String]
        /// One value a column.
        public let values: [SQLiteValue]

        /// The value of a column; nil if the query has none of this name.
        public subscript(name: String) -> SQLiteValue? {
            names.firstIndex(of: name).map { values[$0] }
        }
    }
#endif
