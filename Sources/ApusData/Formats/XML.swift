import ApusCore

/// An element of an XML file, as far as annotations need it: names, text and children. Attributes are checked and dropped,
/// declarations of types are refused.
///
///     let root = try XMLElement(parsing: bytes)
///     root["size"]?["width"]?.integer     // 640
public struct XMLElement: Sendable, Equatable {
    /// The element's name.
    public let name: String
    /// The text directly inside, without blanks around it.
    public private(set) var text = ""
    public private(set) var children: [XMLElement] = []

    /// The most elements inside each other.
    public static let maximumDepth = 64

    /// The first child of a name.
    public subscript(name: String) -> XMLElement? { children.first { $0.name == name } }

    /// All children of a name.
    public func all(_ name: String) -> [XMLElement] { children.filter { $0.name == name } }

    /// The text as a whole number; numbers with a fraction are rounded.
    public var integer: Int? { number.flatMap { abs($0) < 1e15 ? Int($0.rounded()) : nil } }

    /// The text as a number.
    public var number: Double? { Double(text).flatMap { $0.isFinite ? $0 : nil } }

    /// Reads the element that a file in UTF-8 consists of; `place` stands in error messages.
    public init(parsing bytes: [UInt8], place: String = "XML data") throws(ApusError) {
        var reader = Reader(bytes: bytes, place: place)
        if bytes.starts(with: [0xef, 0xbb, 0xbf]) { reader.offset = 3 }
        self = try reader.document()
    }

    private init(name: String) { self.name = name }

    private struct Reader {
        let bytes: [UInt8]
        let place: String
        var offset = 0

        mutating func document() throws(ApusError) -> XMLElement {
            // Elements that are open, with the bytes of their text so far.
            var open: [(element: XMLElement, text: [UInt8], start: Int)] = []
            while offset < bytes.count {
                guard bytes[offset] == UInt8(ascii: "<") else {
                    try text(&open)
                    continue
                }
                let start = offset
                if try skip("<!--", to: "-->") { continue }
                if try skip("<?", to: "?>") { continue }
                if starts(with: "<![CDATA["), !open.isEmpty {
                    offset += 9
                    guard let end = find("]]>") else { throw damaged("a CDATA section stays open", start) }
                    open[open.count - 1].text += bytes[offset..<end]
                    offset = end + 3
                    continue
                }
                if starts(with: "<!") { throw damaged("declarations are not read", start) }
                if starts(with: "</") {
                    offset += 2
                    let name = try name()
                    skipBlanks()
                    guard take(">"), var last = open.popLast(), last.element.name == name else {
                        throw damaged("the end of \(name.quoted) matches no beginning", start)
                    }
                    guard let text = String(validating: last.text, as: UTF8.self) else {
                        throw damaged("the text of \(name.quoted) is not UTF-8", last.start)
                    }
                    last.element.text = Self.trimmed(text)
                    if open.isEmpty { return last.element }
                    open[open.count - 1].element.children.append(last.element)
                    continue
                }
                offset += 1
                let element = XMLElement(name: try name())
                let isEmpty = try attributes(of: element.name, start)
                if isEmpty {
                    if open.isEmpty { return element }
                    open[open.count - 1].element.children.append(element)
                } else {
                    guard open.count < maximumDepth else {
                        throw damaged("more than \(maximumDepth) elements are inside each other", start)
                    }
                    open.append((element, [], start))
                }
            }
            if let last = open.last { throw damaged("the element \(last.element.name.quoted) stays open", last.start) }
            throw damaged("it holds no element", 0)
        }

        private mutating func text(_ open: inout [(element: XMLElement, text: [UInt8], start: Int)]) throws(ApusError) {
            let byte = bytes[offset]
            guard !open.isEmpty else {
                guard Self.isBlank(byte) else { throw damaged("text stands outside of all elements", offset) }
                offset += 1
                return
            }
            if byte == UInt8(ascii: "&") {
                open[open.count - 1].text += try entity()
            } else {
                open[open.count - 1].text.append(byte)
                offset += 1
            }
        }

        private mutating func entity() throws(ApusError) -> [UInt8] {
            let start = offset
            guard let end = bytes[offset...].prefix(12).firstIndex(of: UInt8(ascii: ";")) else {
                throw damaged("a reference after \"&\" has no end", start)
            }
            let name = String(decoding: bytes[offset + 1..<end], as: UTF8.self)
            offset = end + 1
            let known = ["lt": "<", "gt": ">", "amp": "&", "quot": "\"", "apos": "'"]
            if let character = known[name] { return Array(character.utf8) }
            let code =
                name.hasPrefix("#x")
                ? UInt32(name.dropFirst(2), radix: 16) : name.hasPrefix("#") ? UInt32(name.dropFirst()) : nil
            guard let scalar = code.flatMap(Unicode.Scalar.init) else {
                throw damaged("the reference \(name.quoted) is not known", start)
            }
            return Array(String(scalar).utf8)
        }

        /// Reads up to the end of a tag, and says whether the element is empty.
        private mutating func attributes(of name: String, _ start: Int) throws(ApusError) -> Bool {
            while true {
                skipBlanks()
                if take(">") { return false }
                if starts(with: "/>") {
                    offset += 2
                    return true
                }
                _ = try self.name()
                skipBlanks()
                guard take("=") else { throw damaged("an attribute of \(name.quoted) has no value", start) }
                skipBlanks()
                guard offset < bytes.count, bytes[offset] == 0x22 || bytes[offset] == 0x27,
                    let end = bytes[(offset + 1)...].firstIndex(of: bytes[offset])
                else { throw damaged("the tag of \(name.quoted) is damaged", start) }
                offset = end + 1
            }
        }

        private mutating func name() throws(ApusError) -> String {
            let start = offset
            let ends: Set<UInt8> = [0x3e, 0x2f, 0x3d, 0x3c, 0x22, 0x27, 0x26]
            while offset < bytes.count, !Self.isBlank(bytes[offset]), !ends.contains(bytes[offset]) { offset += 1 }
            guard offset > start, offset - start <= 256,
                let name = String(validating: bytes[start..<offset], as: UTF8.self)
            else { throw damaged("a name is missing or makes no sense", start) }
            return name
        }

        private mutating func skip(_ start: String, to end: String) throws(ApusError) -> Bool {
            guard starts(with: start) else { return false }
            guard let found = find(end) else { throw damaged("\(start.quoted) has no \(end.quoted)", offset) }
            offset = found + end.utf8.count
            return true
        }

        private func find(_ text: String) -> Int? {
            let wanted = Array(text.utf8)
            var position = offset
            while position + wanted.count <= bytes.count {
                if bytes[position] == wanted[0], bytes[position..<position + wanted.count].elementsEqual(wanted) {
                    return position
                }
                position += 1
            }
            return nil
        }

        private func starts(with text: String) -> Bool { bytes[offset...].starts(with: text.utf8) }

        private mutating func take(_ text: String) -> Bool {
            guard starts(with: text) else { return false }
            offset += text.utf8.count
            return true
        }

        private mutating func skipBlanks() { while offset < bytes.count, Self.isBlank(bytes[offset]) { offset += 1 } }

        private static func isBlank(_ byte: UInt8) -> Bool { byte == 32 || (9...13).contains(byte) }

        private static func trimmed(_ text: String) -> String {
            let bytes = text.utf8.drop { isBlank($0) }
            guard let last = bytes.lastIndex(where: { !isBlank($0) }) else { return "" }
            return String(text[bytes.startIndex...last])
        }

        private func damaged(_ problem: String, _ position: Int) -> ApusError {
            ApusError(
                .format, in: place, "\(problem) (byte \(min(position, bytes.count)))",
                remedy: "the file is damaged or no simple XML: mend or copy it again")
        }
    }
}
