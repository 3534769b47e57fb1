#if SQLite
    import ApusCore
    import ApusData

    /// A file of SQLite, which is read and never changed.
    ///
    ///     let database = try SQLiteDatabase(path: "shop.sqlite")
    ///     let table = try database.table("SELECT age, city, bought FROM customers ORDER BY id")
    ///     let data = try table.dataset(target: "bought")
    ///
    /// Integers and floating numbers become columns of numbers, texts those of texts, and `NULL` is a missing value.
    /// Without an `ORDER BY`, SQLite gives rows in whatever order suits its plan, which another version or index changes:
    /// a query must have one, best by a key that no two rows share, unless `ordered: false` says that it does not matter.
    public struct SQLiteDatabase: Sendable {
        /// Where the file is.
        public let path: String

        /// Opens a file and looks whether it is a database.
        ///
        /// - Throws: an `ApusError` if there is no file, or it is no database of SQLite
        public init(path: String) throws(ApusError) {
            self.path = path
            _ = try SQLiteCursor(self, "SELECT count(*) FROM sqlite_master", [])
        }

        var place: String { "SQLite database \(path)" }

        /// The tables and views, in alphabetical order.
        public func tableNames() throws(ApusError) -> [String] {
            let cursor = try SQLiteCursor(
                self,
                "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%' ORDER BY name",
                [])
            var names: [String] = []
            while let row = try cursor.next() { if case .text(let name) = row[0] { names.append(name) } }
            return names
        }

        /// The rows of a query as a table in memory.
        ///
        /// - Parameters:
        ///   - arguments: of the question marks in the query, in their order
        ///   - types: of columns by name, where their values should not decide: numbers as text, 0 and 1 as truth values
        ///   - ordered: whether the query must name its order
        /// - Throws: an `ApusError` with SQLite's own message, or with row and column of a value of another type than those
        ///   before
        public func table(
            _ query: String, arguments: [SQLiteValue] = [], types: [String: Table.ColumnType] = [:],
            ordered: Bool = true
        ) throws(ApusError) -> Table {
            let cursor = try SQLiteCursor(self, query, arguments, ordered: ordered)
            var columns = try cursor.columns(types)
            var row = 0
            while let values = try cursor.next() {
                for index in columns.indices { try columns[index].append(values[index], row: row, place: place) }
                row += 1
            }
            return try Table(columns.map { Table.Column($0.name, $0.values) })
        }

        /// The rows of a query one after the other, of any number: memory holds those that are being worked on.
        ///
        ///     let photos = database.rows("SELECT photo, kind FROM birds ORDER BY id").map { row in ... }
        ///
        /// - Parameters: as of ``table(_:arguments:types:ordered:)``
        public func rows(
            _ query: String, arguments: [SQLiteValue] = [], ordered: Bool = true
        ) -> Pipeline<SQLiteRow> {
            Pipeline(generating: "SQLite \(path): \(query)") { [self] _ in
                let cursor = try SQLiteCursor(self, query, arguments, ordered: ordered)
                return { try cursor.next().map { SQLiteRow(names: cursor.names, values: $0) } }
            }
        }

        /// The rows of a query as tables of some rows each, for more than fits into memory.
        ///
        /// The types are those of all rows: unless all are given, a pass over the rows finds them out before the first.
        ///
        /// - Parameter size: the rows of each table; the last may have fewer. The others are as of
        ///   ``table(_:arguments:types:ordered:)``
        public func tables(
            _ query: String, arguments: [SQLiteValue] = [], types: [String: Table.ColumnType] = [:],
            rows size: Int = 1024,
            ordered: Bool = true
        ) -> Pipeline<Table> {
            Pipeline(generating: "SQLite \(path): \(query)") { [self] _ in
                guard size >= 1 else {
                    throw ApusError(.value, in: place, "tables of \(size) rows", remedy: "use 1 or more")
                }
                let known = try columnTypes(of: query, arguments, types, ordered: ordered)
                let cursor = try SQLiteCursor(self, query, arguments, ordered: ordered)
                var row = 0
                return {
                    var columns = try cursor.columns(known)
                    let start = row
                    while row < start + size, let values = try cursor.next() {
                        for index in columns.indices {
                            try columns[index].append(values[index], row: row, place: place)
                        }
                        row += 1
                    }
                    return row == start ? nil : try Table(columns.map { Table.Column($0.name, $0.values) })
                }
            }
        }

        /// The types of all columns of a query.
        private func columnTypes(
            of query: String, _ arguments: [SQLiteValue], _ given: [String: Table.ColumnType], ordered: Bool
        ) throws(ApusError) -> [String: Table.ColumnType] {
            let cursor = try SQLiteCursor(self, query, arguments, ordered: ordered)
            var columns = try cursor.columns(given)
            if columns.contains(where: { $0.type == nil }) {
                var row = 0
                while let values = try cursor.next() {
                    for index in columns.indices { try columns[index].check(values[index], row: row, place: place) }
                    row += 1
                }
            }
            // Numbers must not turn to text where the values decided.
            return Dictionary(columns.map { ($0.name, $0.type ?? .text) }, uniquingKeysWith: { first, _ in first })
        }
    }
#endif
