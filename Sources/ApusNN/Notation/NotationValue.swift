import ApusCore

/// An argument in the compact notation.
enum NotationValue {
    case integer(Int)
    case number(Double)
    /// `same`, `true`, `relu`
    case word(String)
    /// `"abc,cd->abd"`
    case text(String)
    /// `[3, 5]`
    case list([NotationValue])
    /// `normal(0.02)`
    case call(String, [NotationValue])
    /// Layers, for layers that wrap others.
    case elements([NotationElement])

    static func flag(_ value: Bool) -> NotationValue { .word(value ? "true" : "false") }

    /// How it is written.
    var description: String {
        switch self {
        case .integer(let value): "\(value)"
        case .number(let value): "\(value)"
        case .word(let word): word
        case .text(let text): "\"\(text)\""
        case .list(let values): "[\(values.map(\.description).joined(separator: ", "))]"
        case .call(let name, let values): "\(name)(\(values.map(\.description).joined(separator: ", ")))"
        case .elements: "..."
        }
    }

    var integer: Int? { if case .integer(let value) = self { value } else { nil } }

    var number: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        case .word("inf"): .infinity
        default: nil
        }
    }

    var word: String? { if case .word(let word) = self { word } else { nil } }

    var flag: Bool? { word.flatMap { ["true": true, "false": false][$0] } }

    /// Whole numbers of a list.
    var integers: [Int]? {
        guard case .list(let values) = self else { return nil }
        let numbers = values.compactMap(\.integer)
        return numbers.count == values.count ? numbers : nil
    }

    /// Widths before and after each axis: `1`, `[1, 2]` (the same before and after) or `[[0, 1], [2, 2]]`.
    var widths: [(before: Int, after: Int)]? {
        if let width = integer { return [(width, width)] }
        if let widths = integers, !widths.isEmpty { return widths.map { ($0, $0) } }
        guard case .list(let values) = self, !values.isEmpty else { return nil }
        let pairs = values.compactMap(\.integers).filter { $0.count == 2 }
        return pairs.count == values.count ? pairs.map { ($0[0], $0[1]) } : nil
    }

    static func widths(_ widths: [(before: Int, after: Int)]) -> NotationValue {
        if widths.count == 1, widths[0].before == widths[0].after { return .integer(widths[0].before) }
        return .list(widths.map { .list([.integer($0.before), .integer($0.after)]) })
    }
}

/// A layer of a notation that was read, before it is made: repeats make it several times.
struct NotationElement {
    enum Form {
        /// A layer and its arguments, in the order of its parameters.
        case layer(NotationLayer, [NotationValue])
        /// `L10`: a dense layer that flattens maps first.
        case linear(Int)
        /// `[C16 B | C16k1]`
        case residual([NotationElement], shortcut: [NotationElement]?, ActivationFunction)
        /// `{C16}` and `{C16 | P3s1}`
        case concatenating([[NotationElement]], axis: Int)
        /// `(C16 B R)x3`
        case group([NotationElement], times: Int)
    }

    let form: Form
    let name: String?
}
