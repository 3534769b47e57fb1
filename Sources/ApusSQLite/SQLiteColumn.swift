#if SQLite
    import ApusCore
    import ApusData

    /// Gathers the values of one column of a query.
    struct SQLiteColumn {
        let name: String
        /// The type that was asked for, or that the values so far have; nil as long as all are missing.
        private(set) var type: Table.ColumnType?
        private let isGiven: Bool
        /// The value that decided the type, and its row.
        private var first: (row: Int, value: SQLiteValue)?
        private var numbers: [Double] = []
        private var texts: [String?] = []
        private var booleans: [Bool?] = []
        private var leading = 0

        init(_ name: String, type: Table.ColumnType?) {
            (self.name, self.type, isGiven) = (name, type, type != nil)
        }

        /// Takes a value if it is of the column's type.
        mutating func append(_ value: SQLiteValue, row: Int, place: String) throws(ApusError) {
            if type == nil {
                switch value {
                case .null:
                    leading += 1
                    return
                case .integer, .real: type = .number
                case .text: type = .text
                case .blob: throw refusal(of: value, row, place)
                }
                first = (row, value)
                for _ in 0..<leading { add(.null) }
                leading = 0
            }
            guard fits(value) else { throw refusal(of: value, row, place) }
            add(value)
        }

        /// Sees to it that a value is of the column's type, and keeps nothing of it.
        mutating func check(_ value: SQLiteValue, row: Int, place: String) throws(ApusError) {
            try append(value, row: row, place: place)
            (numbers, texts, booleans, leading) = ([], [], [], 0)
        }

        /// The values so far.
        var values: Table.Values {
            switch type {
            case .number: .numbers(numbers)
            case .text: .texts(texts)
            case .boolean: .booleans(booleans)
            case nil: .texts([String?](repeating: nil, count: leading))
            }
        }

        private func fits(_ value: SQLiteValue) -> Bool {
            switch (type, value) {
            case (_, .null), (.number, .real), (.text, .text): true
            case (.text, .integer), (.text, .real): isGiven
            // What a Double can't hold would become another number.
            case (.number, .integer(let value)): Int64(exactly: Double(value)) == value
            case (.boolean, .integer(let value)): value == 0 || value == 1
            default: false
            }
        }

        private mutating func add(_ value: SQLiteValue) {
            switch (type, value) {
            case (.number, .integer(let value)): numbers.append(Double(value))
            case (.number, .real(let value)): numbers.append(value)
            case (.number, _): numbers.append(.nan)
            case (.text, .text(let value)): texts.append(value)
            case (.text, .integer(let value)): texts.append(String(value))
            case (.text, .real(let value)): texts.append("\(value)")
            case (.boolean, .integer(let value)): booleans.append(value == 1)
            case (.boolean, _): booleans.append(nil)
            default: texts.append(nil)
            }
        }

        private func refusal(of value: SQLiteValue, _ row: Int, _ place: String) -> ApusError {
            let column = "row \(row + 1) of the column \"\(name)\" is \(value.told)"
            if case .blob = value {
                return ApusError(
                    .type, in: place, "\(column), and tables hold no blobs",
                    remedy: "leave the column out, select hex(\(name)) or length(\(name)), or read it by rows(_:)")
            }
            if case .integer = value, type == .number {
                return ApusError(
                    .value, in: place, "\(column), which is no number that a Double can hold",
                    remedy: "read the column as text: types: [\"\(name)\": .text]")
            }
            if let first, !isGiven {
                return ApusError(
                    .type, in: place, "\(column), but row \(first.row + 1) is \(first.value.told)",
                    remedy: "select CAST(\(name) AS REAL) or AS TEXT, or read it as text: types: [\"\(name)\": .text]")
            }
            return ApusError(
                .type, in: place, "\(column), which is no \(type?.rawValue ?? "value")",
                remedy: "mend the row, or give the column another type")
        }
    }

    extension SQLiteCursor {
        /// Columns without values yet.
        func columns(_ types: [String: Table.ColumnType]) throws(ApusError) -> [SQLiteColumn] {
            if let unknown = types.keys.sorted().first(where: { !names.contains($0) }) {
                throw ApusError(
                    .name, in: place, "a type is given for the column \"\(unknown)\", which the query does not have",
                    remedy: "use one of \(names.joined(separator: ", "))")
            }
            return names.map { SQLiteColumn($0, type: types[$0]) }
        }
    }
#endif
