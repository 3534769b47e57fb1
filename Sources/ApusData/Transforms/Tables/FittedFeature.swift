import ApusCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A feature with what it has learnt from training rows.
struct FittedFeature: Sendable, Equatable {
    let feature: TableFeature
    /// Which of its columns held numbers, so that 1 and 1.0 are one category.
    let isNumeric: [Bool]
    /// Of numbers: what is subtracted, what is divided by, and what is added; of bins their edges; of targets the means.
    let numbers: [Double]
    /// Categories, or parts of dates.
    let texts: [String]
    /// Whether missing values have a place of their own.
    let hasMissing: Bool
    /// What stands for a missing number.
    let fill: Double?
    /// What stands for a missing category.
    let fillText: String?

    /// The target's numbers, row after row, as ``TableFeature/targetMean(_:smoothing:)`` needs them.
    typealias Targets = (values: [Double], width: Int)

    init(_ feature: TableFeature, fitting table: Table, targets: Targets?, place: String) throws(ApusError) {
        self.feature = feature
        func mistake(_ problem: String, _ remedy: String) -> ApusError {
            ApusError(
                .value, in: place,
                "\(feature.kind.rawValue) of \(feature.columns.map(\.quoted).joined(separator: ", ")): \(problem)",
                remedy: remedy)
        }
        guard !feature.columns.isEmpty else { throw mistake("there are no columns", "name one or more") }
        var columns: [Table.Column] = []
        for name in feature.columns { columns.append(try table[name]) }
        let column = columns[0]
        isNumeric = columns.map { $0.type == .number }
        var (numbers, texts, hasMissing): ([Double], [String], Bool) = ([], [], false)
        var (fill, fillText): (Double?, String?)

        let categories = {
            column.type == .number
                ? column.categories : Set((0..<column.count).compactMap { column.text(at: $0) }).sorted()
        }
        switch feature.kind {
        case .number, .standardized, .scaled, .robust, .binned:
            let present = try Self.numbers(of: column, place: place).filter { !$0.isNaN }.sorted()
            guard present.allSatisfy(\.isFinite) else {
                throw mistake("a value is infinite", "leave such rows out")
            }
            guard let first = present.first, let last = present.last else {
                throw mistake("no training row has a value", "leave the column out, or give rows that have one")
            }
            fill = try Self.fill(feature.missing, sorted: present, mistake)
            let mean = present.reduce(0, +) / Double(present.count)
            switch feature.kind {
            case .standardized:
                let variance = present.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(present.count)
                numbers = [mean, variance > 0 ? variance.squareRoot() : 1, 0]
            case .scaled:
                let (low, high) = (feature.numbers[0], feature.numbers[1])
                guard low.isFinite, high.isFinite, high > low else {
                    throw mistake("the range is \(low) to \(high)", "give two finite numbers, the smaller first")
                }
                numbers = [first, last > first ? (last - first) / (high - low) : 1, low]
            case .robust:
                let spread = Self.quantile(present, 0.75) - Self.quantile(present, 0.25)
                numbers = [Self.quantile(present, 0.5), spread > 0 ? spread : 1, 0]
            case .binned:
                let edges = Array(feature.numbers.dropFirst())
                let bins = feature.numbers[0]
                guard
                    edges.isEmpty ? (1...65536).contains(bins) : edges.allSatisfy(\.isFinite) && edges == edges.sorted()
                else {
                    throw mistake(
                        edges.isEmpty ? "\(bins) bins" : "the edges are \(edges)",
                        "use 1 to 65536 bins, or ascending finite edges")
                }
                numbers = edges
                // Equal quantiles would leave bins empty.
                for bin in 1..<max(Int(bins), 1) where edges.isEmpty {
                    let edge = Self.quantile(present, Double(bin) / bins)
                    if edge > numbers.last ?? first { numbers.append(edge) }
                }
            default: numbers = [0, 1, 0]
            }
        case .oneHot, .ordinal:
            fillText = try Self.fillText(feature.missing, column, mistake)
            texts = feature.texts.isEmpty ? categories() : feature.texts
            if let fillText, !texts.contains(fillText) { texts.append(fillText) }
            hasMissing = feature.kind == .oneHot && fillText == nil && column.missingCount > 0
            guard texts.count <= 1 << 16 else {
                throw mistake("there are \(texts.count) categories", "use .hashed or .targetMean, or leave it out")
            }
        case .hashed, .crossed:
            guard (1...1_048_576.0).contains(feature.numbers[0]) else {
                throw mistake("\(feature.numbers[0]) buckets", "use 1 to 1048576")
            }
        case .boolean:
            var truths: [Bool] = []
            for row in 0..<column.count {
                if let truth = try Self.truth(of: column, row, place: place) { truths.append(truth) }
            }
            switch feature.missing {
            case .refused: break
            case .mean, .median, .mostFrequent:
                let share = Double(truths.count { $0 }) / Double(max(truths.count, 1))
                fill = feature.missing == .mean ? share : share > 0.5 ? 1 : 0
            case .constant(let number): fill = number
            case .category(let text): fill = text.truth.map { $0 ? 1 : 0 }
            case .ownCategory: fill = 0.5
            }
        case .isMissing: break
        case .date, .dateParts:
            fillText = feature.missing == .ownCategory ? nil : try Self.fillText(feature.missing, column, mistake)
            texts = feature.texts
            guard texts.allSatisfy({ DatePart(rawValue: $0) != nil }), !texts.isEmpty else {
                throw mistake(
                    "its parts are \(texts)", "use \(DatePart.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            if feature.kind == .date {
                var years: [Double] = []
                for row in 0..<column.count {
                    if let text = column.text(at: row) ?? fillText {
                        years.append(Double(try CalendarDate(text, column.name, row, place).year))
                    }
                }
                let mean = years.reduce(0, +) / Double(max(years.count, 1))
                let variance = years.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(max(years.count, 1))
                numbers = [mean, variance > 0 ? variance.squareRoot() : 1]
            }
        case .targetMean:
            let smoothing = feature.numbers[0]
            guard let targets, smoothing >= 0, smoothing.isFinite, targets.values.count == table.count * targets.width
            else {
                throw mistake(
                    targets == nil ? "there is no target" : "the smoothing is \(smoothing)",
                    "name the target, and use a smoothing of 0 or more")
            }
            texts = categories()
            let places = Dictionary(texts.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
            let width = targets.width
            var sums = [Double](repeating: 0, count: (texts.count + 1) * width)
            var counts = [Double](repeating: 0, count: texts.count + 1)
            for row in 0..<table.count {
                let place = column.text(at: row).flatMap { places[$0] }
                for slot in [0] + (place.map { [$0 + 1] } ?? []) {
                    counts[slot] += 1
                    for part in 0..<width { sums[slot * width + part] += targets.values[row * width + part] }
                }
            }
            for slot in 0...texts.count {
                for part in 0..<width {
                    let whole = sums[part] / Double(max(table.count, 1))
                    numbers.append(
                        slot == 0
                            ? whole : (sums[slot * width + part] + smoothing * whole) / (counts[slot] + smoothing))
                }
            }
        }
        (self.numbers, self.texts, self.hasMissing) = (numbers, texts, hasMissing)
        (self.fill, self.fillText) = (fill, fillText)
    }

    /// The names of the numbers that it makes.
    var names: [String] {
        let name = feature.columns.joined(separator: " x ")
        func numbered(_ count: Int) -> [String] { (0..<count).map { "\(name)[\($0)]" } }
        switch feature.kind {
        case .number, .standardized, .scaled, .robust, .boolean, .ordinal: return [name]
        case .oneHot: return texts.map { "\(name)=\($0)" } + (hasMissing ? ["\(name) is missing"] : [])
        case .isMissing: return ["\(name) is missing"]
        case .hashed, .crossed: return numbered(Int(feature.numbers[0]))
        case .binned:
            return (0...numbers.count).map { bin in
                let low = bin == 0 ? "" : "\(numbers[bin - 1]) <= ",
                    high = bin == numbers.count ? "" : " < \(numbers[bin])"
                return low + name + high
            }
        case .dateParts: return texts.map { "\(name).\($0)" }
        case .date:
            return texts.flatMap { $0 == "year" ? ["\(name).year"] : ["\(name).\($0) sin", "\(name).\($0) cos"] }
        case .targetMean:
            let width = targetWidth
            return width == 1 ? ["target of \(name)"] : (0..<width).map { "target \($0) of \(name)" }
        }
    }

    /// How many means a category has.
    private var targetWidth: Int { numbers.count / (texts.count + 1) }

    private static func quantile(_ sorted: [Double], _ share: Double) -> Double {
        let place = share * Double(sorted.count - 1)
        let low = Int(place)
        let next = sorted[min(low + 1, sorted.count - 1)]
        return sorted[low] + (next - sorted[low]) * (place - Double(low))
    }

    private static func fill(
        _ missing: MissingValues, sorted: [Double], _ mistake: (String, String) -> ApusError
    ) throws(ApusError) -> Double? {
        switch missing {
        case .refused: return nil
        case .mean: return sorted.reduce(0, +) / Double(sorted.count)
        case .median: return quantile(sorted, 0.5)
        case .constant(let number) where number.isFinite: return number
        case .mostFrequent:
            var (best, most, run) = (sorted[0], 0, 0)
            for (index, number) in sorted.enumerated() {
                run = index > 0 && sorted[index - 1] == number ? run + 1 : 1
                if run > most { (best, most) = (number, run) }
            }
            return best
        default: throw mistake("\(missing) can't stand for a number", "use the mean, the median or a finite constant")
        }
    }

    private static func fillText(
        _ missing: MissingValues, _ column: Table.Column, _ mistake: (String, String) -> ApusError
    ) throws(ApusError) -> String? {
        switch missing {
        case .refused, .ownCategory: return nil
        case .category(let text): return text
        case .constant(let number): return Table.Column("", .numbers([number])).text(at: 0)
        case .mostFrequent:
            var counts: [String: Int] = [:]
            for row in 0..<column.count { if let text = column.text(at: row) { counts[text, default: 0] += 1 } }
            return counts.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key
        case .mean, .median:
            throw mistake("\(missing) can't stand for a category", "use the most frequent one, or name one")
        }
    }
}

extension FittedFeature {
    var json: JSON {
        let missing: JSON =
            switch feature.missing {
            case .refused: "refused"
            case .mean: "mean"
            case .median: "median"
            case .mostFrequent: "most frequent"
            case .ownCategory: "own category"
            case .constant(let number): .number(number)
            case .category(let text): ["category": .string(text)]
            }
        return [
            "feature": .string(feature.kind.rawValue), "columns": .strings(feature.columns), "missing": missing,
            "settings": .numbers(feature.numbers), "order": .strings(feature.texts),
            "numeric": .array(isNumeric.map { .bool($0) }), "numbers": .numbers(numbers), "texts": .strings(texts),
            "hasMissing": .bool(hasMissing), "fill": fill.map { .number($0) } ?? .null,
            "fillText": fillText.map { .string($0) } ?? .null,
        ]
    }

    init(json: JSON, place: String) throws(ApusError) {
        func damaged(_ member: String) -> ApusError {
            ApusError(
                .format, in: place, "a feature's \(member.quoted) is missing or of another type",
                remedy: "read it as what was saved, or save it again")
        }
        guard let kind = json["feature"]?.string.flatMap({ TableFeature.Kind(rawValue: $0) }) else {
            throw damaged("feature")
        }
        guard let columns = json["columns"]?.elements?.allStrings, !columns.isEmpty else { throw damaged("columns") }
        let missing: MissingValues
        switch json["missing"] {
        case "refused": missing = .refused
        case "mean": missing = .mean
        case "median": missing = .median
        case "most frequent": missing = .mostFrequent
        case "own category": missing = .ownCategory
        case let value?:
            if let number = value.double {
                missing = .constant(number)
            } else if let text = value["category"]?.string {
                missing = .category(text)
            } else {
                throw damaged("missing")
            }
        case nil: throw damaged("missing")
        }
        guard let settings = json["settings"]?.elements?.allNumbers else { throw damaged("settings") }
        guard let order = json["order"]?.elements?.allStrings else { throw damaged("order") }
        feature = TableFeature(kind, columns, missing, numbers: settings, texts: order)
        guard let flags = json["numeric"]?.elements?.compactMap(\.bool), flags.count == columns.count else {
            throw damaged("numeric")
        }
        guard let numbers = json["numbers"]?.elements?.allNumbers else { throw damaged("numbers") }
        guard let texts = json["texts"]?.elements?.allStrings else { throw damaged("texts") }
        guard let hasMissing = json["hasMissing"]?.bool else { throw damaged("hasMissing") }
        (isNumeric, self.numbers, self.texts, self.hasMissing) = (flags, numbers, texts, hasMissing)
        (fill, fillText) = (json["fill"]?.double, json["fillText"]?.string)
        // What the values are computed from has to be there.
        let isSound: Bool =
            switch kind {
            case .number, .standardized, .scaled, .robust: numbers.count == 3
            case .hashed, .crossed: settings.first.map { (1...1_048_576.0).contains($0) } ?? false
            case .date: numbers.count == 2 && texts.allSatisfy { DatePart(rawValue: $0) != nil }
            case .dateParts: texts.allSatisfy { DatePart(rawValue: $0) != nil }
            case .targetMean: !numbers.isEmpty && numbers.count % (texts.count + 1) == 0
            default: true
            }
        guard isSound else { throw damaged("numbers") }
    }
}
