// NumPy's .npy: one array behind a short header that is a Python literal.

/// Reads and writes NumPy `.npy` files, format versions 1 to 3.
///
///     let array = try Npy.read("images.npy")
///     try Npy.write(array, to: "copy.npy")
public enum Npy {
    /// The most extents that an array may have, as in NumPy.
    public static let maximumRank = 64

    /// Reads a file. Big-endian and column-major arrays come out in the machine's byte order and row-major.
    public static func read(_ path: String) throws(ApusError) -> RawArray {
        let source = try ByteSource(path: path, kind: "npy file")
        return try decode(try source.bytes(), place: source.place)
    }

    /// Reads a file that is in memory; `place` stands in error messages.
    public static func decode(_ bytes: [UInt8], place: String = "npy data") throws(ApusError) -> RawArray {
        let header = try NpyHeader(bytes, place: place)
        guard let size = RawArray.byteCount(of: header.elementType, shape: header.shape) else {
            throw ApusError(
                .format, in: place, "the header's shape \(header.shape) is impossible (byte 10)",
                remedy: "the file is damaged: copy or save it again")
        }
        guard bytes.count - header.length == size else {
            throw ApusError(
                .format, in: place,
                "shape \(header.shape) of \(header.elementType.rawValue) takes \(size) bytes, "
                    + "but \(bytes.count - header.length) follow the header (byte \(header.length))",
                remedy: "the file is damaged or cut short: copy or save it again")
        }
        var content = bytes
        content.removeSubrange(..<header.length)
        do throws(ApusError) {
            return try array(
                header.elementType, isBig: header.bigEndian, shape: header.shape, isColumnMajor: header.fortranOrder,
                content)
        } catch {
            throw ApusError(error.kind, in: place, error.problem, remedy: error.remedy)
        }
    }

    /// An array of a type in NumPy's letters, such as `<f4`.
    package static func array(
        type: String, shape: [Int], isColumnMajor: Bool, _ content: [UInt8], place: String
    ) throws(ApusError) -> RawArray {
        let (type, isBig) = try NpyHeader.type(type, place: place)
        return try array(type, isBig: isBig, shape: shape, isColumnMajor: isColumnMajor, content)
    }

    private static func array(
        _ type: ElementType, isBig: Bool, shape: [Int], isColumnMajor: Bool, _ content: [UInt8]
    ) throws(ApusError) -> RawArray {
        guard RawArray.byteCount(of: type, shape: shape) == content.count else {
            return try RawArray(type, shape: shape, bytes: content)
        }
        var content = content
        if isBig { swapBytes(&content, width: type.byteCount) }
        if isColumnMajor, shape.count > 1 { content = rowMajor(content, shape: shape, width: type.byteCount) }
        return try RawArray(type, shape: shape, bytes: content)
    }

    /// Writes a file, which appears under its name only when it is complete.
    ///
    /// NumPy has no `bfloat16` and no 8-bit floats: these are widened to `float32`, exactly.
    public static func write(_ array: RawArray, to path: String) throws(ApusError) {
        let array = try writable(array)
        var file = try AtomicFile(path: path)
        try file.write(header(of: array))
        try file.write(array.bytes)
        try file.commit()
    }

    /// The bytes that `write` would put into a file.
    public static func encode(_ array: RawArray) throws(ApusError) -> [UInt8] {
        let array = try writable(array)
        return header(of: array) + array.bytes
    }

    private static func writable(_ array: RawArray) throws(ApusError) -> RawArray {
        array.elementType.npy == nil ? try array.converted(to: .float32) : array
    }

    /// A header as NumPy writes it: padded so that the elements begin at a multiple of 64 bytes.
    private static func header(of array: RawArray) -> [UInt8] {
        let extents = array.shape.map(String.init).joined(separator: ", ") + (array.shape.count == 1 ? "," : "")
        var text = "{'descr': '\(array.elementType.npy ?? "<f4")', 'fortran_order': False, 'shape': (\(extents)), }"
        text += String(repeating: " ", count: 63 - (10 + text.utf8.count) % 64) + "\n"
        var bytes = Array("\u{93}NUMPY".unicodeScalars.map { UInt8($0.value) }) + [1, 0]
        bytes.appendLittle(UInt16(text.utf8.count))
        return bytes + text.utf8
    }

    private static func swapBytes(_ bytes: inout [UInt8], width: Int) {
        guard width > 1 else { return }
        for start in stride(from: 0, to: bytes.count, by: width) {
            for index in 0..<width / 2 { bytes.swapAt(start + index, start + width - 1 - index) }
        }
    }

    /// Elements whose first index runs fastest, put so that the last one does.
    private static func rowMajor(_ bytes: [UInt8], shape: [Int], width: Int) -> [UInt8] {
        guard !bytes.isEmpty else { return bytes }
        var strides: [Int] = []
        var step = width
        for extent in shape {
            strides.append(step)
            step *= extent
        }
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var index = [Int](repeating: 0, count: shape.count)
        var offset = 0
        while result.count < bytes.count {
            result += bytes[offset..<offset + width]
            for axis in shape.indices.reversed() {
                index[axis] += 1
                offset += strides[axis]
                if index[axis] < shape[axis] { break }
                offset -= index[axis] * strides[axis]
                index[axis] = 0
            }
        }
        return result
    }
}

/// What the header of a `.npy` file says.
private struct NpyHeader {
    let elementType: ElementType
    let bigEndian: Bool
    let fortranOrder: Bool
    let shape: [Int]
    /// Where the elements begin.
    let length: Int

    init(_ bytes: [UInt8], place: String) throws(ApusError) {
        guard bytes.count >= 8, bytes[0] == 0x93, bytes[1..<6].elementsEqual("NUMPY".utf8) else {
            throw ApusError(
                .format, in: place, "it does not begin with \\x93NUMPY (byte 0)",
                remedy: "save the array with numpy.save")
        }
        guard (1...3).contains(bytes[6]), bytes[7] == 0 else {
            throw ApusError(
                .unsupported, in: place,
                "its format version is \(bytes[6]).\(bytes[7]), but 1.0 to 3.0 are known (byte 6)",
                remedy: "save the array with a NumPy of today")
        }
        var reader = ByteReader(bytes, at: 8)
        let claimed = bytes[6] == 1 ? reader.little16() : reader.little32()
        guard let claimed, let text = reader.take(claimed) else {
            throw ApusError(
                .format, in: place,
                "the header claims \(claimed ?? 0) bytes, but \(reader.remaining) follow (byte 8)",
                remedy: "the file is damaged or cut short: copy or save it again")
        }
        // A header that describes one array of numbers has some hundred bytes.
        guard claimed <= 65_535 else {
            throw ApusError(
                .format, in: place, "the header claims \(claimed) bytes, but 65535 are the most allowed (byte 8)",
                remedy: "save the array with numpy.save")
        }
        length = reader.offset
        var literal = PythonLiteral(text, place: place)
        let fields = try literal.header()
        (elementType, bigEndian) = try Self.type(fields.type, place: place)
        (fortranOrder, shape) = (fields.fortranOrder, fields.shape)
    }

    fileprivate static func type(_ text: String, place: String) throws(ApusError) -> (ElementType, Bool) {
        let order = text.first.map { "<>=|".contains($0) ? $0 : "=" } ?? "="
        let code = text.first.map { "<>=|".contains($0) } == true ? String(text.dropFirst()) : text
        if let type = ElementType.allCases.first(where: { $0.npy?.dropFirst() == code[...] }) {
            return (type, order == ">")
        }
        if code == "?" { return (.bool, false) }
        if code.hasPrefix("O") {
            throw ApusError(
                .unsupported, in: place, "it holds Python objects, and reading them would run code",
                remedy: "save an array of numbers, with allow_pickle=False")
        }
        throw ApusError(
            .unsupported, in: place,
            "its elements are of the type \(text.quoted), which is not an array of numbers (header, byte 10)",
            remedy: "convert it in NumPy: array.astype(\"float32\"), or split it into real arrays")
    }
}

extension ElementType {
    /// NumPy's name for the type.
    fileprivate var npy: String? {
        switch self {
        case .bool: "|b1"
        case .uint8: "|u1"
        case .int8: "|i1"
        case .uint16: "<u2"
        case .int16: "<i2"
        case .uint32: "<u4"
        case .int32: "<i4"
        case .uint64: "<u8"
        case .int64: "<i8"
        case .float16: "<f2"
        case .float32: "<f4"
        case .float64: "<f8"
        case .bfloat16, .float8E4M3, .float8E5M2: nil
        }
    }
}

/// Reads the Python dictionary that a header is: `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }`.
private struct PythonLiteral {
    private let text: ArraySlice<UInt8>
    private let place: String
    private var offset: Int

    init(_ text: ArraySlice<UInt8>, place: String) {
        (self.text, self.place, offset) = (text, place, text.startIndex)
    }

    mutating func header() throws(ApusError) -> (type: String, fortranOrder: Bool, shape: [Int]) {
        var (type, order, shape): (String?, Bool?, [Int]?)
        try expect("{")
        while peek() != UInt8(ascii: "}") {
            let start = offset
            let key = try string()
            try expect(":")
            switch key {
            case "descr" where type == nil:
                guard peek() == UInt8(ascii: "'") || peek() == UInt8(ascii: "\"") else {
                    throw ApusError(
                        .unsupported, in: place, "its elements are records of several fields (byte \(offset))",
                        remedy: "save each field as an array of its own")
                }
                type = try string()
            case "fortran_order" where order == nil: order = try bool()
            case "shape" where shape == nil: shape = try tuple()
            default: throw failure("the key \(key.quoted) is unknown or comes twice", at: start)
            }
            if peek() == UInt8(ascii: ",") { offset += 1 } else if peek() != UInt8(ascii: "}") { try expect("}") }
        }
        offset += 1
        guard peek() == nil else { throw failure("something follows the dictionary", at: offset) }
        guard let type, let order, let shape else {
            throw failure("descr, fortran_order or shape is missing", at: offset)
        }
        return (type, order, shape)
    }

    private mutating func string() throws(ApusError) -> String {
        guard let quote = peek(), quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else {
            throw failure("a text in quotes is wanted", at: offset)
        }
        let start = offset + 1
        guard let end = text[start...].firstIndex(of: quote), let result = String(strictUTF8: text[start..<end]) else {
            throw failure("a text is not closed or not UTF-8", at: offset)
        }
        offset = end + 1
        return result
    }

    private mutating func bool() throws(ApusError) -> Bool {
        _ = peek()
        for (word, value) in [("True", true), ("False", false)] where text[offset...].starts(with: word.utf8) {
            offset += word.utf8.count
            return value
        }
        throw failure("True or False is wanted", at: offset)
    }

    private mutating func tuple() throws(ApusError) -> [Int] {
        var numbers: [Int] = []
        try expect("(")
        while peek() != UInt8(ascii: ")") {
            numbers.append(try integer())
            guard numbers.count <= Npy.maximumRank else {
                throw failure("the shape has more than \(Npy.maximumRank) extents", at: offset)
            }
            if peek() == UInt8(ascii: ",") { offset += 1 } else if peek() != UInt8(ascii: ")") { try expect(")") }
        }
        offset += 1
        return numbers
    }

    private mutating func integer() throws(ApusError) -> Int {
        _ = peek()
        let start = offset
        while offset < text.endIndex, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(text[offset]) { offset += 1 }
        guard let value = Int(String(decoding: text[start..<offset], as: UTF8.self)) else {
            throw failure("a whole number from 0 to 2^63 - 1 is wanted", at: start)
        }
        // Python 2 wrote an L behind long integers.
        if peek() == UInt8(ascii: "L") { offset += 1 }
        return value
    }

    private mutating func expect(_ scalar: Unicode.Scalar) throws(ApusError) {
        guard peek() == UInt8(ascii: scalar) else { throw failure("\"\(scalar)\" is wanted", at: offset) }
        offset += 1
    }

    /// The next byte that is not white space; nil at the end.
    private mutating func peek() -> UInt8? {
        while offset < text.endIndex, [0x20, 0x09, 0x0a, 0x0d].contains(text[offset]) { offset += 1 }
        return offset < text.endIndex ? text[offset] : nil
    }

    private func failure(_ problem: String, at offset: Int) -> ApusError {
        ApusError(
            .format, in: place, "the header is malformed: \(problem) (byte \(offset))",
            remedy: "save the array with numpy.save")
    }
}
