// JSON: a strict reader and a writer. Foundation's would cost more time to load than a first training step takes.

/// A JSON value. Objects keep the order of their members; whole numbers are exact up to 64 bits.
public enum JSON: Sendable, Equatable {
    case null
    case bool(Bool)
    case integer(Int64)
    case number(Double)
    case string(String)
    case array([JSON])
    case object([Member])

    /// A named value of an object.
    public struct Member: Sendable, Equatable {
        /// The name in front of the colon.
        public var name: String
        /// The value behind it.
        public var value: JSON

        /// A member of an object.
        public init(_ name: String, _ value: JSON) { (self.name, self.value) = (name, value) }
    }

    /// Reads one JSON value that takes up all the bytes.
    ///
    /// Strict (RFC 8259): no comments, no trailing commas, no duplicate names, valid UTF-8, no more than
    /// `maximumDepth` levels. `place` stands in error messages, such as `file labels.json`.
    public init(
        parsing bytes: [UInt8], place: String, maximumDepth: Int = JSONReader.defaultDepth
    ) throws(ApusError) {
        var reader = JSONReader(bytes, place: place, maximumDepth: maximumDepth)
        self = try reader.value()
        try reader.end()
    }

    /// Reads one JSON value that takes up all the text.
    public init(parsing text: String, place: String = "JSON text") throws(ApusError) {
        try self.init(parsing: [UInt8](text.utf8), place: place)
    }

    /// The value of a member of an object; nil if this is not an object or has no such member.
    public subscript(name: String) -> JSON? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name == name }?.value
    }

    /// The element of an array; nil if this is not an array or has no such element.
    public subscript(index: Int) -> JSON? {
        guard case .array(let elements) = self, elements.indices.contains(index) else { return nil }
        return elements[index]
    }

    /// The text, if this is one.
    public var string: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    /// The whole number, if this is one.
    public var integer: Int? {
        guard case .integer(let value) = self else { return nil }
        return Int(exactly: value)
    }

    /// The number, whole or not, if this is one.
    public var double: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        default: nil
        }
    }

    /// The truth value, if this is one.
    public var bool: Bool? {
        guard case .bool(let value) = self else { return nil }
        return value
    }

    /// The elements, if this is an array.
    public var elements: [JSON]? {
        guard case .array(let elements) = self else { return nil }
        return elements
    }

    /// The members, if this is an object.
    public var members: [Member]? {
        guard case .object(let members) = self else { return nil }
        return members
    }
}

extension JSON: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    /// `null`.
    public init(nilLiteral: ()) { self = .null }
    /// `true` or `false`.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// A whole number.
    public init(integerLiteral value: Int64) { self = .integer(value) }
    /// A number with a fraction.
    public init(floatLiteral value: Double) { self = .number(value) }
    /// A string.
    public init(stringLiteral value: String) { self = .string(value) }
    /// An array.
    public init(arrayLiteral elements: JSON...) { self = .array(elements) }
    /// An object; the order of the members stays.
    public init(dictionaryLiteral elements: (String, JSON)...) { self = .object(elements.map(Member.init)) }
}

extension JSON: CustomStringConvertible {
    /// The JSON text on one line.
    public var description: String { text() }

    /// The JSON text: on one line, or with a member or element per line. Numbers that JSON can't express (NaN and
    /// the infinities) become `null`.
    public func text(pretty: Bool = false) -> String {
        var text = ""
        write(to: &text, indent: pretty ? 0 : nil)
        return text
    }

    private func write(to text: inout String, indent: Int?) {
        switch self {
        case .null: text += "null"
        case .bool(let value): text += value ? "true" : "false"
        case .integer(let value): text += String(value)
        case .number(let value): text += value.isFinite ? value.description : "null"
        case .string(let value): Self.write(value, to: &text)
        case .array(let elements):
            Self.write(elements, between: ("[", "]"), to: &text, indent: indent) { element, text, indent in
                element.write(to: &text, indent: indent)
            }
        case .object(let members):
            Self.write(members, between: ("{", "}"), to: &text, indent: indent) { member, text, indent in
                Self.write(member.name, to: &text)
                text += indent == nil ? ":" : ": "
                member.value.write(to: &text, indent: indent)
            }
        }
    }

    private static func write<Item>(
        _ items: [Item], between brackets: (String, String), to text: inout String, indent: Int?,
        item: (Item, inout String, Int?) -> Void
    ) {
        text += brackets.0
        for (index, element) in items.enumerated() {
            if index > 0 { text += "," }
            if let indent { text += "\n" + String(repeating: " ", count: 2 * (indent + 1)) }
            item(element, &text, indent.map { $0 + 1 })
        }
        if let indent, !items.isEmpty { text += "\n" + String(repeating: " ", count: 2 * indent) }
        text += brackets.1
    }

    package static func write(_ string: String, to text: inout String) {
        text += "\""
        for scalar in string.unicodeScalars { text += scalar.escaped }
        text += "\""
    }
}

extension Unicode.Scalar {
    /// The character as it stands in a quoted JSON text.
    package var escaped: String {
        switch self {
        case "\"": return "\\\""
        case "\\": return "\\\\"
        case "\n": return "\\n"
        case "\r": return "\\r"
        case "\t": return "\\t"
        case _ where value < 0x20 || value == 0x7f:
            let digits = String(value, radix: 16)
            return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        default: return String(self)
        }
    }
}
