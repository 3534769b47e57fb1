#if SQLite
    import ApusCore
    import Foundation
    import GRDB

    /// A pass over the rows of a query, on a connection of its own.
    final class SQLiteCursor: @unchecked Sendable {
        let names: [String]
        let place: String
        private let queue: DatabaseQueue
        /// Touched on the queue alone.
        private var rows: RowCursor?

        /// - Throws: an `ApusError` for what is no query of one statement that only reads
        init(
            _ database: SQLiteDatabase, _ query: String, _ arguments: [SQLiteValue], ordered: Bool = false
        ) throws(ApusError) {
            let place = database.place
            guard FileManager.default.fileExists(atPath: database.path) else {
                throw ApusError(.file, in: place, "there is no such file", remedy: "check the path")
            }
            guard !ordered || SQLiteOrder.isGiven(in: query) else {
                throw ApusError(
                    .value, in: place,
                    "the query has no ORDER BY, so that its rows have no fixed order: \(Self.short(query))",
                    remedy: "order it by a key, or pass ordered: false if the order does not matter")
            }
            self.place = place
            (queue, names, rows) = try Self.told(place) {
                var configuration = Configuration()
                configuration.readonly = true
                let queue = try DatabaseQueue(path: database.path, configuration: configuration)
                let (names, rows) = try queue.unsafeRead { connection in
                    let statement = try connection.makeStatement(sql: query)
                    guard statement.isReadonly else {
                        throw ApusError(
                            .value, in: place, "the statement would change the database: \(Self.short(query))",
                            remedy: "give a query that only reads")
                    }
                    let names = statement.columnNames
                    guard !names.isEmpty, Set(names).count == names.count else {
                        throw ApusError(
                            .name, in: place,
                            "the query gives the columns \(names.joined(separator: ", ")): \(Self.short(query))",
                            remedy: "give a query with columns, and each a name of its own by AS")
                    }
                    let values = StatementArguments(arguments.map(\.databaseValue))
                    return (names, try Row.fetchCursor(statement, arguments: values))
                }
                return (queue, names, rows)
            }
        }

        deinit {
            // Statements end where they ran.
            queue.unsafeRead { _ in rows = nil }
        }

        /// The values of the next row, or nil after the last.
        func next() throws(ApusError) -> [SQLiteValue]? {
            try Self.told(place) {
                try queue.unsafeRead { _ in try rows?.next().map { $0.databaseValues.map(SQLiteValue.init) } }
            }
        }

        private static func short(_ query: String) -> String {
            let line = query.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            return line.count > 120 ? line.prefix(120) + "..." : line
        }

        /// Runs what may throw errors of SQLite.
        private static func told<Result>(_ place: String, _ body: () throws -> Result) throws(ApusError) -> Result {
            do {
                return try body()
            } catch let error as ApusError {
                throw error
            } catch let error as DatabaseError {
                let message = error.message ?? "error \(error.resultCode.rawValue)"
                let query = error.sql.map { ": \(short($0))" } ?? ""
                switch error.resultCode {
                case .SQLITE_NOTADB:
                    throw ApusError(
                        .format, in: place, "the file is no database of SQLite (byte 0)",
                        remedy: "give a file that SQLite wrote; encrypted ones can't be read")
                case .SQLITE_CORRUPT:
                    throw ApusError(
                        .format, in: place, "SQLite says \(message)\(query)",
                        remedy: "the file is damaged: copy it again, or recover it with the command sqlite3")
                case .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_READONLY:
                    throw ApusError(
                        .file, in: place, "SQLite says \(message)",
                        remedy: "check that you may read the file and its folder")
                case .SQLITE_BUSY, .SQLITE_LOCKED:
                    throw ApusError(
                        .resource, in: place, "SQLite says \(message)",
                        remedy: "wait until the program that writes to it is done, or read a copy")
                default:
                    throw ApusError(
                        .value, in: place, "SQLite says \(message)\(query)", remedy: "mend the query or its arguments")
                }
            } catch {
                throw ApusError(.data, in: place, "\(error)", remedy: "check the file and the query")
            }
        }
    }

    extension SQLiteValue {
        init(_ value: DatabaseValue) {
            switch value.storage {
            case .null: self = .null
            case .int64(let value): self = .integer(value)
            case .double(let value): self = .real(value)
            case .string(let value): self = .text(value)
            case .blob(let bytes): self = .blob([UInt8](bytes))
            }
        }

        var databaseValue: DatabaseValue {
            switch self {
            case .null: .null
            case .integer(let value): value.databaseValue
            case .real(let value): value.databaseValue
            case .text(let value): value.databaseValue
            case .blob(let bytes): Data(bytes).databaseValue
            }
        }
    }
#endif
