import ApusCore

/// What a data set holds: counts, shapes, ranges, missing values, classes and some of its pictures.
///
///     let description = try DataDescription(of: "penguins")
///     description.columns[6].missing      // values that are not there
public struct DataDescription: Sendable {
    /// One column of a table, or one field of samples.
    public struct Column: Sendable {
        /// The name in the header.
        public let name: String
        /// Such as `number`, `text` or `uint8 [28, 28, 1]`.
        public let type: String
        /// How many values are missing.
        public let missing: Int
        /// The smallest and the largest number; nil where there are none.
        public let range: ClosedRange<Double>?
        /// How many different values there are, where that was counted.
        public let distinct: Int?
    }

    /// The name of the data set.
    public let name: String
    /// Such as `table` or `pictures`.
    public private(set) var kind = ""
    /// The parts with their numbers of samples.
    public private(set) var parts: [(name: String, count: Int)] = []
    /// What is known of each column of a table.
    public private(set) var columns: [Column] = []
    /// The classes with the samples of each, in the first part.
    public private(set) var classes: [(name: String, count: Int)] = []
    /// Samples that could not be read.
    public private(set) var bad: [BadSample] = []
    /// Some samples, for a contact sheet.
    public private(set) var pictures: [Image] = []

    /// Looks at a known data set, or at what a path leads to: a table (`.csv`, `.tsv`), a folder of IDX files, of folders
    /// with pictures, or of VOC annotations, a picture, a volume, a text, an archive (`.tar`), arrays (`.npy`, `.npz`,
    /// `.safetensors`, `.pt`).
    ///
    /// - Parameter pictures: how many pictures to keep for a contact sheet
    public init(of description: String, pictures limit: Int = 32) throws(ApusError) {
        name = description
        if let generated = GeneratedData.all.first(where: { $0.name == description }) {
            try add(try generated.contents(count: min(generated.count, 1200)), limit)
        } else if let known = KnownData.all.first(where: { $0.name == description }) {
            try add(try known.contents(), limit)
        } else {
            try addFile(description, limit)
        }
    }

    /// What a kind of file has to say of itself.
    mutating func describe(kind: String, parts: [(name: String, count: Int)]) {
        (self.kind, self.parts) = (kind, parts)
    }

    mutating func describe(column: Column) { columns.append(column) }

    mutating func add(picture: Image, _ limit: Int) {
        describe(kind: "picture", parts: [("pictures", 1)])
        add(pictures: [picture], limit)
    }

    mutating func add(_ contents: KnownData.Contents, _ limit: Int) throws(ApusError) {
        switch contents {
        case .labelled(let train, let test):
            kind = "arrays"
            parts = [("train", train.count), ("test", test.count)]
            try add(train, limit)
        case .table(let table, let target):
            kind = "table"
            parts = [("rows", table.count)]
            try add(table, target: target)
        case .tables(let train, let test, let target):
            kind = "table"
            parts = [("train", train.count), ("test", test.count)]
            try add(train, target: target)
        case .images(let train, let test):
            kind = "pictures"
            parts = train.name == test.name ? [("all", train.count)] : [("train", train.count), ("test", test.count)]
            classes = train.classNames.enumerated().map { label, name in (name, train.files.count { $0.label == label })
            }
            let step = max(1, train.count / max(1, limit))
            var images: [Image] = []
            for index in stride(from: 0, to: train.count, by: step) {
                do throws(ApusError) {
                    images.append(try train.sample(at: index).image)
                } catch {
                    bad.append(BadSample(name: train.files[index].path, error: error))
                }
            }
            add(pictures: images, limit)
        case .boxes(let source):
            kind = "pictures with boxes"
            parts = [("all", source.count)]
            classes = source.classNames.enumerated().map { label, name in
                (name, source.records.reduce(0) { $0 + $1.boxes.count { $0.label == label } })
            }
            bad = source.bad
            let samples = try source.samples(limit: limit, policy: .skip).samples
            // Lines must still be seen when pictures are shown at a fraction of their size.
            add(
                pictures: samples.map { $0.image.outlined($0.boxes, thickness: max(1, $0.image.width / 100)) }, limit)
        case .scenes(let scenes):
            kind = "pictures with boxes and masks"
            parts = [("all", scenes.count)]
            var (pictures, counts): ([Image], [Int]) = ([], [0, 0, 0])
            for index in 0..<scenes.count {
                let sample = try scenes.sample(at: index)
                for object in sample.objects { counts[object.label] += 1 }
                guard pictures.count < limit else { continue }
                pictures.append(sample.image)
                // Masks hold the numbers of classes, which look black.
                if let mask = sample.mask { pictures.append(mask.withPixels(mask.pixels.map { $0 * 85 }, channels: 1)) }
            }
            classes = zip(scenes.classNames, counts).map { ($0, $1) }
            add(pictures: pictures, limit)
        case .masks(let source):
            kind = "pictures with masks"
            parts = [("all", source.count)]
            let samples = try source.samples(limit: max(1, limit / 2), policy: .skip)
            bad = samples.bad
            add(pictures: samples.samples.flatMap { [$0.image, $0.mask] }, limit)
        case .volumes(let source):
            kind = "volumes with labels"
            parts = [("all", source.count)]
            for index in 0..<min(source.count, max(4, limit / 2)) {
                let sample = try source.sample(at: index)
                if let slice = try Image.middle(of: sample.volume), let labels = try Image.middle(of: sample.labels) {
                    pictures += [slice, labels]
                }
                guard index < 4 else { continue }
                let field = sample.volume.values
                columns.append(
                    Column(
                        name: source.names[index], type: "\(field.elementType.rawValue) \(field.shape)", missing: 0,
                        range: Self.range(try sample.volume.measured().array(of: Float.self).map(Double.init)),
                        distinct: nil))
            }
        case .texts(let train, let test):
            kind = "texts"
            parts = [("train", train.count), ("test", test.count)]
            classes = train.classNames.enumerated().map { label, name in (name, train.files.count { $0.label == label })
            }
        case .text(let text):
            kind = "text"
            parts = [
                ("characters", text.count),
                ("lines", text.split(separator: "\n", omittingEmptySubsequences: false).count),
            ]
            columns = [Column(name: "character", type: "text", missing: 0, range: nil, distinct: Set(text).count)]
        case .corpus(let train, let validation, let test):
            kind = "pairs of sentences"
            parts = [("train", train.count), ("validation", validation.count), ("test", test.count)]
        case .graph(let graph):
            kind = "graph"
            parts = [
                ("nodes", graph.nodeCount), ("edges", graph.edges.count), ("train", graph.train.count),
                ("validation", graph.validation.count), ("test", graph.test.count),
            ]
            classes = (0..<graph.classCount).map { label in ("\(label)", graph.labels.count { $0 == label }) }
            columns = [
                Column(
                    name: "features", type: "\(graph.featureCount) of 0 or 1", missing: 0, range: nil, distinct: nil)
            ]
        case .series(let series):
            kind = "time series"
            parts = [("steps", series.count)]
            for (index, channel) in series.channels.enumerated() {
                let values = stride(from: index, to: series.values.count, by: series.channels.count).map {
                    Double(series.values[$0])
                }
                columns.append(
                    Column(name: channel, type: "number", missing: 0, range: Self.range(values), distinct: nil))
            }
        }
    }

    private mutating func add(_ data: Dataset, _ limit: Int) throws(ApusError) {
        let shape = data.inputShape
        columns.append(
            Column(
                name: "input", type: "\(data.inputs.stored) \(shape)", missing: 0, range: try data.inputRange(),
                distinct: nil))
        if let count = data.classCount {
            let names = data.classNames
            var counts = [Int](repeating: 0, count: count)
            for index in 0..<data.count { if let label = data.label(at: index) { counts[label] += 1 } }
            classes = counts.enumerated().map { (names.indices.contains($0) ? names[$0] : "\($0)", $1) }
        } else {
            columns.append(
                Column(
                    name: "target", type: "\(data.targets.stored) \(data.targetShape)", missing: 0, range: nil,
                    distinct: nil))
        }
        guard shape.rank == 3, [1, 3, 4].contains(shape[2]) else { return }
        var images: [Image] = []
        for index in 0..<min(limit, data.count) {
            let values = try data.input(at: index).array(of: Float.self)
            images.append(
                try Image(
                    width: shape[1], height: shape[0], channels: shape[2],
                    pixels: values.map { UInt8(min(max($0.isNaN ? 0 : $0 * 255 + 0.5, 0), 255)) }))
        }
        add(pictures: images, limit)
    }

    private mutating func add(_ table: Table, target: String) throws(ApusError) {
        for column in table.columns {
            columns.append(
                Column(
                    name: column.name, type: column.type.rawValue, missing: column.missingCount,
                    range: column.numbers.flatMap { Self.range($0) }, distinct: column.categories.count))
        }
        guard let column = table.columns.first(where: { $0.name == target }), column.type != .number else { return }
        var counts: [String: Int] = [:]
        for row in 0..<column.count { if let text = column.text(at: row) { counts[text, default: 0] += 1 } }
        classes = counts.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    private mutating func add(pictures images: [Image], _ limit: Int) {
        pictures += images.prefix(max(0, limit))
        guard let first = images.first, columns.isEmpty else { return }
        let widths = (images.map(\.width).min() ?? 0, images.map(\.width).max() ?? 0)
        let heights = (images.map(\.height).min() ?? 0, images.map(\.height).max() ?? 0)
        func text(_ range: (Int, Int)) -> String { range.0 == range.1 ? "\(range.0)" : "\(range.0) to \(range.1)" }
        columns.append(
            Column(
                name: "picture", type: "uint8, \(text(widths)) x \(text(heights)) of \(first.channels)", missing: 0,
                range: 0...255, distinct: nil))
    }

    private static func range(_ values: [Double]) -> ClosedRange<Double>? {
        let present = values.filter { !$0.isNaN }
        guard let low = present.min(), let high = present.max() else { return nil }
        return low...high
    }

    /// The facts as one JSON object.
    public var json: JSON {
        var fields: [JSON] = []
        for column in columns {
            var object: [JSON.Member] = [
                .init("name", .string(column.name)), .init("type", .string(column.type)),
                .init("missing", .integer(Int64(column.missing))),
            ]
            if let range = column.range, range.lowerBound.isFinite, range.upperBound.isFinite {
                object.append(.init("smallest", .number(range.lowerBound)))
                object.append(.init("largest", .number(range.upperBound)))
            }
            if let distinct = column.distinct { object.append(.init("distinct", .integer(Int64(distinct)))) }
            fields.append(.object(object))
        }
        return [
            "name": .string(name), "kind": .string(kind),
            "parts": .object(parts.map { .init($0.name, .integer(Int64($0.count))) }), "columns": .array(fields),
            "classes": .object(classes.map { .init($0.name, .integer(Int64($0.count))) }),
            "bad": .array(bad.map { ["name": .string($0.name), "problem": .string($0.error.problem)] }),
        ]
    }

    /// The facts in lines for people.
    public var text: String {
        var lines = ["\(name): \(kind)"]
        lines.append("  " + parts.map { "\($0.name) \($0.count)" }.joined(separator: ", "))
        for column in columns {
            var line = "  \(column.name): \(column.type)"
            if let range = column.range {
                line += ", \(Self.short(range.lowerBound)) to \(Self.short(range.upperBound))"
            }
            if let distinct = column.distinct { line += ", \(distinct) different" }
            if column.missing > 0 { line += ", \(column.missing) missing" }
            lines.append(line)
        }
        if !classes.isEmpty {
            let total = classes.reduce(0) { $0 + $1.count }
            lines.append("  classes:")
            for entry in classes {
                let share = total > 0 ? (1000 * entry.count + total / 2) / total : 0
                lines.append("    \(entry.name): \(entry.count) (\(share / 10).\(share % 10) %)")
            }
        }
        for sample in bad.prefix(20) { lines.append("  bad: \(sample.name): \(sample.error.problem)") }
        if bad.count > 20 { lines.append("  and \(bad.count - 20) more bad samples") }
        return lines.joined(separator: "\n")
    }

    private static func short(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : "\(Float(value))"
    }
}

extension Dataset {
    /// The smallest and the largest stored input value.
    fileprivate func inputRange() throws(ApusError) -> ClosedRange<Double>? {
        let values = count * inputs.sampleShape.count
        guard inputs.stored == .uint8 else {
            // Of numbers, a thousand samples tell enough.
            var (low, high) = (Float.infinity, -Float.infinity)
            for index in 0..<min(count, 1000) {
                for value in try input(at: index).cast(to: .float32).array(of: Float.self) {
                    (low, high) = (min(low, value), max(high, value))
                }
            }
            return low <= high ? Double(low)...Double(high) : nil
        }
        let bytes = UnsafeBufferPointer(
            start: inputs.storage.pointer.assumingMemoryBound(to: UInt8.self), count: values)
        guard let low = bytes.min(), let high = bytes.max() else { return nil }
        return Double(low)...Double(high)
    }
}
