// The strict JSON parser, usable piece by piece so that a large header needs no tree.

/// Reads JSON from bytes, value by value.
public struct JSONReader {
    /// The deepest nesting that is read unless asked otherwise.
    public static let defaultDepth = 64

    private let bytes: [UInt8]
    private let place: String
    private let origin: Int
    private var offset: Int
    private var depth = 0
    private let maximumDepth: Int

    /// Reads `bytes`; messages count offsets from `origin`, where the bytes begin in their file.
    package init(_ bytes: [UInt8], place: String, origin: Int = 0, maximumDepth: Int = defaultDepth) {
        (self.bytes, self.place, self.origin, self.maximumDepth) = (bytes, place, origin, maximumDepth)
        offset = 0
    }

    /// Checks that nothing but white space is left.
    package mutating func end() throws(ApusError) {
        skipSpace()
        if offset < bytes.count { throw unexpected("the end of the text") }
    }

    /// Reads the next value, whatever it is.
    package mutating func value() throws(ApusError) -> JSON {
        switch peek() {
        case UInt8(ascii: "{"):
            var members: [JSON.Member] = []
            try object { (name, reader) throws(ApusError) in members.append(JSON.Member(name, try reader.value())) }
            return .object(members)
        case UInt8(ascii: "["):
            var elements: [JSON] = []
            try array { (reader) throws(ApusError) in elements.append(try reader.value()) }
            return .array(elements)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return try number()
        }
    }

    /// Reads an object; the closure reads the value of each member. A name that comes twice is an error.
    package mutating func object(
        _ member: (String, inout JSONReader) throws(ApusError) -> Void
    ) throws(ApusError) {
        var names: Set<String> = []
        try items(from: "{", to: "}") { (reader) throws(ApusError) in
            _ = reader.peek()
            let start = reader.offset
            let name = try reader.string()
            guard names.insert(name).inserted else {
                throw reader.failure("the name \(name.quoted) comes twice in one object", at: start)
            }
            try reader.expect(":")
            try member(name, &reader)
        }
    }

    /// Reads an array; the closure reads each element.
    package mutating func array(_ element: (inout JSONReader) throws(ApusError) -> Void) throws(ApusError) {
        try items(from: "[", to: "]", element)
    }

    private mutating func items(
        from open: Unicode.Scalar, to close: Unicode.Scalar, _ item: (inout JSONReader) throws(ApusError) -> Void
    ) throws(ApusError) {
        try expect(open)
        depth += 1
        defer { depth -= 1 }
        guard depth <= maximumDepth else {
            throw failure("more than \(maximumDepth) objects and arrays are nested", at: offset - 1)
        }
        if peek() == UInt8(ascii: close) {
            offset += 1
            return
        }
        while true {
            try item(&self)
            switch peek() {
            case UInt8(ascii: ","): offset += 1
            case UInt8(ascii: close):
                offset += 1
                return
            default: throw unexpected("\",\" or \"\(close)\"")
            }
        }
    }

    /// Reads a text.
    package mutating func string() throws(ApusError) -> String {
        guard peek() == UInt8(ascii: "\"") else { throw unexpected("a text in quotes") }
        let start = offset
        offset += 1
        var run = offset
        var text = ""
        while offset < bytes.count {
            let byte = bytes[offset]
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
                guard let piece = String(strictUTF8: bytes[run..<offset]) else {
                    throw failure("the text holds bytes that are not UTF-8", at: run)
                }
                text += piece
                offset += 1
                if byte == UInt8(ascii: "\"") { return text }
                text.unicodeScalars.append(try escape())
                run = offset
            } else if byte < 0x20 {
                throw failure("the text holds a control character (\(byte)) that is not escaped", at: offset)
            } else {
                offset += 1
            }
        }
        throw failure("the text is not closed", at: start)
    }

    private mutating func escape() throws(ApusError) -> Unicode.Scalar {
        guard offset < bytes.count else { throw unexpected("an escaped character") }
        offset += 1
        switch bytes[offset - 1] {
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{c}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try unicodeEscape()
        default:
            offset -= 1
            throw unexpected("an escaped character")
        }
    }

    private mutating func unicodeEscape() throws(ApusError) -> Unicode.Scalar {
        let start = offset - 2
        var code = try hexadecimal()
        if code & 0xfc00 == 0xd800, offset + 1 < bytes.count, bytes[offset] == UInt8(ascii: "\\"),
            bytes[offset + 1] == UInt8(ascii: "u")
        {
            offset += 2
            let low = try hexadecimal()
            code = low & 0xfc00 == 0xdc00 ? 0x10000 + (code & 0x3ff) << 10 + low & 0x3ff : code
        }
        guard let scalar = Unicode.Scalar(code) else {
            throw failure("half of a surrogate pair stands alone", at: start)
        }
        return scalar
    }

    private mutating func hexadecimal() throws(ApusError) -> UInt32 {
        var code: UInt32 = 0
        for _ in 0..<4 {
            guard offset < bytes.count, let digit = Character(Unicode.Scalar(bytes[offset])).hexDigitValue else {
                throw unexpected("four hexadecimal digits")
            }
            code = code << 4 | UInt32(digit)
            offset += 1
        }
        return code
    }

    /// Reads a whole number.
    package mutating func integer() throws(ApusError) -> Int64 {
        _ = peek()
        let start = offset
        guard case .integer(let value) = try number() else {
            throw failure("a whole number below 2^63 is wanted", at: start)
        }
        return value
    }

    private mutating func number() throws(ApusError) -> JSON {
        let first = peek()
        let start = offset
        if first == UInt8(ascii: "-") { offset += 1 }
        guard let lead = digits(), lead.count == 1 || bytes[lead.lowerBound] != UInt8(ascii: "0") else {
            if offset == start { throw unexpected("a value") }
            throw failure("the number is malformed", at: start)
        }
        var whole = true
        if offset < bytes.count, bytes[offset] == UInt8(ascii: ".") {
            whole = false
            offset += 1
            guard digits() != nil else { throw failure("the number is malformed", at: start) }
        }
        if offset < bytes.count, bytes[offset] | 0x20 == UInt8(ascii: "e") {
            whole = false
            offset += 1
            if offset < bytes.count, bytes[offset] == UInt8(ascii: "+") || bytes[offset] == UInt8(ascii: "-") {
                offset += 1
            }
            guard digits() != nil else { throw failure("the number is malformed", at: start) }
        }
        let text = String(decoding: bytes[start..<offset], as: UTF8.self)
        if whole, let value = Int64(text) { return .integer(value) }
        guard let value = Double(text), value.isFinite else {
            throw failure("the number is too large", at: start)
        }
        return .number(value)
    }

    private mutating func digits() -> Range<Int>? {
        let start = offset
        while offset < bytes.count, bytes[offset] >= UInt8(ascii: "0"), bytes[offset] <= UInt8(ascii: "9") {
            offset += 1
        }
        return start == offset ? nil : start..<offset
    }

    private mutating func word(_ word: String, _ value: JSON) throws(ApusError) -> JSON {
        guard bytes[offset...].starts(with: word.utf8) else { throw unexpected("a value") }
        offset += word.utf8.count
        return value
    }

    private mutating func expect(_ scalar: Unicode.Scalar) throws(ApusError) {
        guard peek() == UInt8(ascii: scalar) else { throw unexpected("\"\(scalar)\"") }
        offset += 1
    }

    /// The next byte that is not white space, or nil at the end.
    private mutating func peek() -> UInt8? {
        skipSpace()
        return offset < bytes.count ? bytes[offset] : nil
    }

    private mutating func skipSpace() {
        while offset < bytes.count {
            switch bytes[offset] {
            case 0x20, 0x09, 0x0a, 0x0d: offset += 1
            default: return
            }
        }
    }

    private func unexpected(_ wanted: String) -> ApusError {
        guard offset < bytes.count else { return failure("\(wanted) is wanted, but the text ends", at: offset) }
        let byte = bytes[offset]
        let found = byte > 0x20 && byte < 0x7f ? "\"\(Character(Unicode.Scalar(byte)))\"" : "byte \(byte)"
        return failure("\(wanted) is wanted, but there is \(found)", at: offset)
    }

    /// An error that names the byte.
    package func failure(_ problem: String, at offset: Int) -> ApusError {
        ApusError(
            .format, in: place, "\(problem) (JSON, byte \(origin + offset))",
            remedy: "write the file again with the program that made it, or mend the JSON")
    }

    /// An error at the current position.
    package func failure(_ problem: String) -> ApusError { failure(problem, at: offset) }
}
