import ApusCore

/// Turns the rows of a table into the numbers of a model's input, by what it has learnt from training rows alone.
///
///     let encoder = try TableEncoder(fitting: train, target: "class")
///     let (a, b) = (try encoder.dataset(train), try encoder.dataset(test))
///     try trainer.fit(a.shuffled(seed: 1).batched(64), validation: b, epochs: 5)
///     try model.save(to: "model.safetensors", preprocessor: encoder)
///
/// By default numbers are standardised, truth values become 0 and 1, and other texts are one-hot; a list of features
/// says otherwise. All numbers of a row stand in one vector.
public struct TableEncoder: Preprocessor, Equatable {
    /// What is predicted.
    enum Target: Sendable, Equatable {
        case none
        case number(String)
        case classes(String, [String])
    }

    let features: [FittedFeature]
    let target: Target
    /// What each number of an input is, such as `colour=red`.
    public let names: [String]

    private static let place = "TableEncoder"

    /// Learns from the rows of a table.
    ///
    /// - Parameters:
    ///   - features: what the input consists of, in this order; by default the usual feature of each column
    ///   - target: the column to be predicted: numbers as they are, texts and truth values as classes
    /// - Throws: an `ApusError` that names the column and the row, or the feature
    public init(
        fitting table: Table, _ features: [TableFeature]? = nil, target: String? = nil
    ) throws(ApusError) {
        let features = features ?? TableFeature.usual(for: table, except: target.map { [$0] } ?? [])
        self.target = try target.map { (name) throws(ApusError) in try Self.target(table[name]) } ?? .none
        let targets = try Self.numbers(of: self.target, in: table)
        var fitted: [FittedFeature] = []
        for feature in features {
            fitted.append(try FittedFeature(feature, fitting: table, targets: targets, place: Self.place))
        }
        self.features = fitted
        names = fitted.flatMap(\.names)
        guard !names.isEmpty, names.count <= 1 << 20 else {
            throw ApusError(
                .data, in: Self.place, "the features make \(names.count) numbers",
                remedy: "give features that make 1 to 1048576")
        }
    }

    /// The length of an input.
    public var width: Int { names.count }

    /// The names of the classes, if they are what is predicted.
    public var classNames: [String] { if case .classes(_, let names) = target { names } else { [] } }

    /// The inputs of all rows, `[rows, width]`, float32.
    ///
    /// Columns are found by their names; others are not looked at, so that the target may be missing.
    public func inputs(_ table: Table) throws(ApusError) -> Tensor {
        try Memory.check(Shape([table.count, width]), .float32, in: Self.place)
        var values = [Float](repeating: 0, count: table.count * width)
        var offset = 0
        for feature in features {
            try feature.write(table, to: &values, offset: offset, width: width, place: Self.place)
            offset += feature.names.count
        }
        return Tensor(values, shape: [table.count, width])
    }

    /// The inputs of raw records, as forms and requests give them, `[records, width]`: texts by the names of the columns.
    ///
    ///     try encoder.inputs([["odor": "f", "cap_size": "3.5"]])
    ///
    /// What a record lacks is missing.
    public func inputs(_ records: [[String: String]]) throws(ApusError) -> Tensor {
        var columns: [Table.Column] = []
        for name in Set(features.flatMap(\.feature.columns)).sorted() {
            columns.append(Table.Column(name, .texts(records.map { $0[name] })))
        }
        return try inputs(try Table(columns))
    }

    /// The target of all rows: labels `[rows]`, int32, or numbers `[rows, 1]`, float32.
    ///
    /// - Parameter asProbability: of two classes, the probability of the second, `[rows, 1]`: for a network with a
    ///   single output
    public func targets(_ table: Table, asProbability: Bool = false) throws(ApusError) -> Tensor {
        guard let numbers = try Self.numbers(of: target, in: table) else {
            throw ApusError(.data, in: Self.place, "there is no target", remedy: "name it when the encoder is fitted")
        }
        if asProbability || classNames.isEmpty {
            guard numbers.width == 1 else {
                throw ApusError(
                    .value, in: Self.place, "a probability of \(classNames.count) classes",
                    remedy: "leave asProbability out, or give two classes")
            }
            return Tensor(numbers.values.map { Float($0) }, shape: [table.count, 1])
        }
        let width = numbers.width
        let labels = (0..<table.count).map { row in
            width == 1
                ? Int32(numbers.values[row])
                : Int32(numbers.values[row * width..<(row + 1) * width].firstIndex(of: 1).map { $0 - row * width } ?? 0)
        }
        return Tensor(labels, shape: [table.count])
    }

    /// The rows with their targets as a data set.
    public func dataset(
        _ table: Table, asProbability: Bool = false, name: String = "table"
    ) throws(ApusError) -> Dataset {
        try Dataset(
            inputs: try inputs(table), targets: try targets(table, asProbability: asProbability), name: name,
            classNames: asProbability ? [] : classNames)
    }

    private static func target(_ column: Table.Column) throws(ApusError) -> Target {
        if column.type == .number { return .number(column.name) }
        let names = column.categories
        guard names.count >= 2 else {
            throw ApusError(
                .data, in: place, "the target \(column.name.quoted) has \(names.count) classes",
                remedy: "give training rows of two classes or more")
        }
        return .classes(column.name, names)
    }

    /// The target's numbers, one a row, or one a class and row for more than two classes.
    private static func numbers(of target: Target, in table: Table) throws(ApusError) -> FittedFeature.Targets? {
        func missing(_ name: String, _ row: Int) -> ApusError {
            ApusError(
                .data, in: place, "row \(row) has no target \(name.quoted)", remedy: "drop rows without a target")
        }
        switch target {
        case .none: return nil
        case .number(let name):
            let numbers = try FittedFeature.numbers(of: try table[name], place: place)
            if let row = numbers.firstIndex(where: { !$0.isFinite }) { throw missing(name, row) }
            return (numbers, 1)
        case .classes(let name, let classes):
            let column = try table[name]
            let places = Dictionary(classes.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
            let width = classes.count == 2 ? 1 : classes.count
            var values = [Double](repeating: 0, count: column.count * width)
            for row in 0..<column.count {
                guard let text = column.text(at: row) else { throw missing(name, row) }
                guard let label = places[text] else {
                    throw ApusError(
                        .data, in: place, "row \(row) has the class \(text.quoted), which no training row had",
                        remedy: "use \(classes.prefix(20).joined(separator: ", "))")
                }
                if width == 1 { values[row] = Double(label) } else { values[row * width + label] = 1 }
            }
            return (values, width)
        }
    }
}

extension TableEncoder {
    public var json: JSON {
        let target: JSON =
            switch target {
            case .none: .null
            case .number(let name): ["column": .string(name)]
            case .classes(let name, let classes): ["column": .string(name), "classes": .strings(classes)]
            }
        return ["kind": "table encoder", "target": target, "features": .array(features.map(\.json))]
    }

    /// Reads what ``json`` wrote; throws an `ApusError` for anything else.
    public init(json: JSON, place: String) throws(ApusError) {
        let reader = try PreprocessorReader(json, kind: "table encoder", place: place)
        var features: [FittedFeature] = []
        for feature in try reader.member("features", \.elements) {
            features.append(try FittedFeature(json: feature, place: place))
        }
        switch json["target"] {
        case .null?: target = .none
        case let written?:
            guard let name = written["column"]?.string else { throw reader.damaged("its \"target\" has no column") }
            if let classes = written["classes"] {
                guard let names = classes.elements?.allStrings, names.count >= 2 else {
                    throw reader.damaged("its classes are fewer than two, or no texts")
                }
                target = .classes(name, names)
            } else {
                target = .number(name)
            }
        case nil: throw reader.damaged("its \"target\" is missing")
        }
        self.features = features
        names = features.flatMap(\.names)
    }
}
