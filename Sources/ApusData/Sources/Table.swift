import ApusCore

/// Rows of named, typed columns: numbers, texts or truth values, any of which may be missing.
///
///     let table = try CSV.read("california-housing.csv")
///     try table["total_bedrooms"].missingCount        // 207
///     let data = try table.dataset(target: "median_house_value")
public struct Table: Sendable, Equatable {
    /// What a column holds.
    public enum ColumnType: String, Sendable {
        case number, text, boolean
    }

    /// The values of a column; missing ones are nil.
    public enum Values: Sendable, Equatable {
        /// Missing numbers are NaN.
        case numbers([Double])
        case texts([String?])
        case booleans([Bool?])
    }

    /// One column.
    public struct Column: Sendable, Equatable {
        /// The column's name.
        public let name: String
        /// Its values.
        public let values: Values

        /// A column of a table.
        public init(_ name: String, _ values: Values) { (self.name, self.values) = (name, values) }
    }

    /// In the order of the file.
    public let columns: [Column]
    /// The number of rows.
    public let count: Int
    /// Rows of the file that had too few or too many fields.
    public let refused: Int

    /// - Throws: an `ApusError` for columns of different lengths or of equal names
    public init(_ columns: [Column], refused: Int = 0) throws(ApusError) {
        let counts = columns.map(\.count)
        guard let first = counts.first, counts.allSatisfy({ $0 == first }) else {
            throw ApusError(
                .data, in: "table", "its columns have \(counts) rows",
                remedy: "give columns of one length, one at least")
        }
        guard Set(columns.map(\.name)).count == columns.count else {
            throw ApusError(.name, in: "table", "two columns have the same name", remedy: "give each its own")
        }
        (self.columns, count, self.refused) = (columns, first, refused)
    }

    /// A column by its name.
    public subscript(name: String) -> Column {
        get throws(ApusError) {
            if let column = columns.first(where: { $0.name == name }) { return column }
            throw ApusError(
                .name, in: "table",
                "it has no column \(name.quoted), but \(columns.map(\.name).joined(separator: ", "))",
                remedy: "use one of these names")
        }
    }

    /// The rows at the numbers, in their order.
    public func rows(_ indices: [Int]) throws(ApusError) -> Table {
        if let bad = indices.first(where: { !(0..<count).contains($0) }) {
            throw ApusError(.index, in: "table", "row \(bad) of \(count)", remedy: "use numbers in 0..<\(count)")
        }
        return try Table(columns.map { $0.rows(indices) })
    }

    /// The columns of these names, in their order.
    public func selecting(_ names: [String]) throws(ApusError) -> Table {
        var selected: [Column] = []
        for name in names { selected.append(try self[name]) }
        return try Table(selected)
    }

    /// All columns but these.
    public func dropping(_ names: [String]) throws(ApusError) -> Table {
        for name in names { _ = try self[name] }
        return try Table(columns.filter { !names.contains($0.name) })
    }

    /// The rows without missing values.
    public func droppingMissing() throws(ApusError) -> Table {
        try rows((0..<count).filter { row in columns.allSatisfy { !$0.isMissing(at: row) } })
    }

    /// The rows as a data set in memory.
    ///
    /// Numbers stand as they are, truth values as 0 and 1, texts one-hot in the alphabetical order of their values, where
    /// missing ones are a value of their own. Missing numbers become their column's mean. A target of texts or truth values
    /// gives labels with class names, one of numbers is predicted as it is.
    ///
    /// - Throws: an `ApusError` for a missing target, or a text column with more than 1,000 different values
    public func dataset(target: String, name: String = "table") throws(ApusError) -> Dataset {
        let targets = try self[target]
        guard targets.missingCount == 0 else {
            throw ApusError(
                .data, in: "data set \(name)", "the target \(target.quoted) is missing in \(targets.missingCount) rows",
                remedy: "drop these rows first")
        }
        var features: [[Float]] = []
        for column in columns where column.name != target { features += try column.features(place: "data set \(name)") }
        guard !features.isEmpty, count > 0 else {
            throw ApusError(
                .data, in: "data set \(name)", "\(features.count) inputs in \(count) rows",
                remedy: "give a table with rows and a column besides the target")
        }
        var inputs = [Float](repeating: 0, count: count * features.count)
        for (position, feature) in features.enumerated() {
            for row in 0..<count { inputs[row * features.count + position] = feature[row] }
        }
        let rows = Tensor(inputs, shape: [count, features.count])
        if case .numbers(let numbers) = targets.values {
            return try Dataset(inputs: rows, targets: Tensor(numbers.map { Float($0) }, shape: [count, 1]), name: name)
        }
        let classes = targets.categories
        let numbers = Dictionary(classes.enumerated().map { ($1, Int32($0)) }, uniquingKeysWith: { first, _ in first })
        let labels = (0..<count).map { numbers[targets.text(at: $0) ?? ""] ?? 0 }
        return try Dataset(
            inputs: rows, targets: Tensor(labels, shape: [count]), name: name, classNames: classes)
    }
}

extension Table.Column {
    /// Makes a column of texts, of the type that they all fit.
    init(
        name: String, texts: ArraySlice<String>, missing: Set<String>, type: Table.ColumnType?, place: String
    ) throws(ApusError) {
        self.name = name
        func isMissing(_ text: String) -> Bool { text.isEmpty || missing.contains(text) }
        let type = type ?? Self.type(of: texts.lazy.filter { !isMissing($0) })
        func refuse(_ row: Int, _ text: String) -> ApusError {
            ApusError(
                .value, in: place,
                "row \(row + 1) of the column \(name.quoted) is \(text.quoted), which is no \(type.rawValue)",
                remedy: "mend it, count it as missing, or read the column as text")
        }
        switch type {
        case .number:
            var numbers: [Double] = []
            numbers.reserveCapacity(texts.count)
            for (row, text) in texts.enumerated() {
                if isMissing(text) {
                    numbers.append(.nan)
                } else if let number = Double(text) {
                    numbers.append(number)
                } else {
                    throw refuse(row, text)
                }
            }
            values = .numbers(numbers)
        case .boolean:
            var booleans: [Bool?] = []
            for (row, text) in texts.enumerated() {
                let boolean = Self.boolean(text)
                if boolean == nil, !isMissing(text) { throw refuse(row, text) }
                booleans.append(boolean)
            }
            values = .booleans(booleans)
        case .text: values = .texts(texts.map { isMissing($0) ? nil : $0 })
        }
    }

    private static func type(of texts: some Sequence<String>) -> Table.ColumnType {
        var (numbers, booleans, any) = (true, true, false)
        for text in texts {
            any = true
            numbers = numbers && Double(text) != nil
            booleans = booleans && boolean(text) != nil
            if !numbers && !booleans { return .text }
        }
        return !any ? .text : numbers ? .number : .boolean
    }

    private static func boolean(_ text: String) -> Bool? {
        switch text.lowercased() {
        case "true": true
        case "false": false
        default: nil
        }
    }

    /// The type of the values.
    public var type: Table.ColumnType {
        switch values {
        case .numbers: .number
        case .texts: .text
        case .booleans: .boolean
        }
    }

    /// The number of rows.
    public var count: Int {
        switch values {
        case .numbers(let values): values.count
        case .texts(let values): values.count
        case .booleans(let values): values.count
        }
    }

    /// Whether the value of a row is missing.
    public func isMissing(at row: Int) -> Bool {
        guard (0..<count).contains(row) else { return true }
        return switch values {
        case .numbers(let values): values[row].isNaN
        case .texts(let values): values[row] == nil
        case .booleans(let values): values[row] == nil
        }
    }

    /// The number of missing values.
    public var missingCount: Int {
        switch values {
        case .numbers(let values): values.count { $0.isNaN }
        case .texts(let values): values.count { $0 == nil }
        case .booleans(let values): values.count { $0 == nil }
        }
    }

    /// The numbers of a column of numbers; missing ones are NaN.
    public var numbers: [Double]? {
        if case .numbers(let values) = values { return values }
        return nil
    }

    /// The value of a row as text; nil if it is missing.
    public func text(at row: Int) -> String? {
        guard !isMissing(at: row) else { return nil }
        switch values {
        case .numbers(let values):
            let value = values[row]
            return value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : "\(value)"
        case .texts(let values): return values[row]
        case .booleans(let values): return values[row].map { $0 ? "true" : "false" }
        }
    }

    /// The different values that are there, in alphabetical order, numbers in theirs.
    public var categories: [String] {
        if case .numbers(let numbers) = values {
            let column = Table.Column(name, .numbers(Set(numbers.filter { !$0.isNaN }).sorted()))
            return (0..<column.count).compactMap { column.text(at: $0) }
        }
        return Set((0..<count).compactMap { text(at: $0) }).sorted()
    }

    /// A column of numbers as texts, so that they count as classes.
    public var asText: Table.Column { Table.Column(name, .texts((0..<count).map { text(at: $0) })) }

    func rows(_ indices: [Int]) -> Table.Column {
        switch values {
        case .numbers(let values): Table.Column(name, .numbers(indices.map { values[$0] }))
        case .texts(let values): Table.Column(name, .texts(indices.map { values[$0] }))
        case .booleans(let values): Table.Column(name, .booleans(indices.map { values[$0] }))
        }
    }

    /// The columns of numbers that stand for this one.
    fileprivate func features(place: String) throws(ApusError) -> [[Float]] {
        switch values {
        case .numbers(let numbers):
            let present = numbers.filter { !$0.isNaN }
            let mean = present.isEmpty ? 0 : present.reduce(0, +) / Double(present.count)
            return [numbers.map { Float($0.isNaN ? mean : $0) }]
        case .booleans(let values):
            let missing = values.map { Float($0 == nil ? 1 : 0) }
            let plain = values.map { Float($0 == true ? 1 : 0) }
            return missingCount > 0 ? [plain, missing] : [plain]
        case .texts(let values):
            let classes = categories
            guard classes.count <= 1000 else {
                throw ApusError(
                    .data, in: place, "the column \(name.quoted) has \(classes.count) different texts",
                    remedy: "drop it, or turn it into numbers first")
            }
            var features = classes.map { value in values.map { Float($0 == value ? 1 : 0) } }
            if missingCount > 0 { features.append(values.map { Float($0 == nil ? 1 : 0) }) }
            return features
        }
    }
}

extension Table {
    /// The rows split at random into two tables.
    ///
    /// - Parameters:
    ///   - share: of the rows that go into the second table
    ///   - column: both tables get the same share of each of its values; nil for none
    public func split(
        test share: Double, by column: String? = nil, seed: UInt64
    ) throws(ApusError) -> (train: Table, test: Table) {
        var groups: [String: [Int]] = [:]
        let values = try column.map { (name) throws(ApusError) in try self[name] }
        for row in 0..<count { groups[values?.text(at: row) ?? "", default: []].append(row) }
        var generator = EpochGenerator(seed: seed, epoch: 0)
        var (train, test): ([Int], [Int]) = ([], [])
        for key in groups.keys.sorted() {
            var rows = groups[key] ?? []
            for last in stride(from: rows.count - 1, to: 0, by: -1) {
                rows.swapAt(last, Int(generator.next(below: UInt64(last + 1))))
            }
            let size = min(max(0, Int((Double(rows.count) * share).rounded())), rows.count)
            test += rows.prefix(size)
            train += rows.dropFirst(size)
        }
        guard !train.isEmpty, !test.isEmpty else {
            throw ApusError(
                .value, in: "table", "a share of \(share) of \(count) rows leaves one part empty",
                remedy: "use a share over 0 and below 1, of more rows")
        }
        return (try rows(train.sorted()), try rows(test.sorted()))
    }
}
