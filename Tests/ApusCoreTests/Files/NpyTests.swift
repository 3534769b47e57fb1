import ApusCore
import TestSupport
import Testing

@Suite struct NpyTests {
    /// A file with a header of one's own.
    static func file(_ dictionary: String, version: UInt8 = 1, content: [UInt8] = []) -> [UInt8] {
        var bytes: [UInt8] = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, version, 0]
        if version == 1 {
            bytes.appendLittle(UInt16(dictionary.utf8.count))
        } else {
            bytes.appendLittle(UInt32(dictionary.utf8.count))
        }
        return bytes + Array(dictionary.utf8) + content
    }

    static func header(_ type: String = "<i2", order: String = "False", shape: String = "(2,)") -> String {
        "{'descr': '\(type)', 'fortran_order': \(order), 'shape': \(shape), }\n"
    }

    @Test func arraysSurvive() throws {
        let folder = TemporaryFolder()
        for type in ElementType.allCases where type != .bfloat16 && type.byteCount + (type.isFloatingPoint ? 0 : 1) > 1
        {
            for shape in [[], [3], [2, 3], [0, 4], [1, 1, 2]] {
                let count = shape.reduce(1, *)
                let bytes = (0..<count * type.byteCount).map { UInt8($0 % 2) }
                let array = try RawArray(type, shape: shape, bytes: bytes)
                try Npy.write(array, to: folder.file("a.npy"))
                #expect(try Npy.read(folder.file("a.npy")) == array)
            }
        }
    }

    @Test func headerIsThatOfNumPy() throws {
        let bytes = try Npy.encode(RawArray([Int64(7)], shape: [1]))
        let text = "{'descr': '<i8', 'fortran_order': False, 'shape': (1,), }"
        #expect(bytes.count == 136)
        #expect(Array(bytes[..<10]) == [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 118, 0])
        #expect(
            String(decoding: bytes[10..<128], as: UTF8.self) == text + String(repeating: " ", count: 117 - text.count)
                + "\n")
        #expect(Array(bytes[128...]) == [7, 0, 0, 0, 0, 0, 0, 0])
    }

    @Test func typesThatNumPyLacksAreWidened() throws {
        let halves = try RawArray(.bfloat16, shape: [2], bytes: [0x80, 0x3f, 0x20, 0xc0])
        let read = try Npy.decode(Npy.encode(halves))
        #expect(try read.values() as [Float] == [1, -2.5])
    }

    @Test(arguments: [1, 2, 3] as [UInt8])
    func versionsAndByteOrders(_ version: UInt8) throws {
        let big = try Npy.decode(Self.file(Self.header(">i2"), version: version, content: [1, 2, 0, 5]))
        #expect(try big.values() as [Int16] == [258, 5])
        let native = try Npy.decode(Self.file(Self.header("=i2"), version: version, content: [2, 1, 5, 0]))
        #expect(native == big)
    }

    @Test func columnMajorBecomesRowMajor() throws {
        let bytes = Self.file(Self.header("|u1", order: "True", shape: "(2, 3)"), content: [1, 2, 3, 4, 5, 6])
        #expect(try Npy.decode(bytes).values() as [UInt8] == [1, 3, 5, 2, 4, 6])
        let three = Self.file(
            Self.header("|u1", order: "True", shape: "(2, 2L, 2)"), content: [0, 1, 2, 3, 4, 5, 6, 7])
        #expect(try Npy.decode(three).values() as [UInt8] == [0, 4, 2, 6, 1, 5, 3, 7])
    }

    static let refused: [(String, [UInt8], String)] = [
        ("nothing", [], "it does not begin with \\x93NUMPY (byte 0)"),
        ("other file", Array("PK\u{3}\u{4}....".utf8), "it does not begin with \\x93NUMPY (byte 0)"),
        ("version 4", file(header(), version: 4), "its format version is 4.0, but 1.0 to 3.0 are known (byte 6)"),
        (
            "no header", [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 5],
            "the header claims 0 bytes, but 1 follow (byte 8)"
        ),
        (
            "long header", [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 2, 0, 0xff, 0xff, 0xff, 0xff],
            "the header claims 4294967295 bytes, but 0 follow (byte 8)"
        ),
        (
            "header above the limit", file(String(repeating: " ", count: 65_536), version: 2),
            "the header claims 65536 bytes, but 65535 are the most allowed (byte 8)"
        ),
        ("objects", file(header("|O")), "it holds Python objects, and reading them would run code"),
        (
            "text", file(header("<U5")),
            "its elements are of the type \"<U5\", which is not an array of numbers (header, byte 10)"
        ),
        (
            "complex", file(header("<c8")),
            "its elements are of the type \"<c8\", which is not an array of numbers (header, byte 10)"
        ),
        (
            "records", file("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }"),
            "its elements are records of several fields (byte 20)"
        ),
        ("no dictionary", file("x"), "the header is malformed: \"{\" is wanted (byte 10)"),
        ("unknown key", file("{'a': 1}"), "the header is malformed: the key \"a\" is unknown or comes twice (byte 11)"),
        (
            "key twice", file("{'shape': (), 'shape': ()}"),
            "the header is malformed: the key \"shape\" is unknown or comes twice (byte 24)"
        ),
        (
            "no shape", file("{'descr': '<f4', 'fortran_order': False}"),
            "the header is malformed: descr, fortran_order or shape is missing (byte 50)"
        ),
        (
            "negative", file(header(shape: "(-1,)")),
            "the header is malformed: a whole number from 0 to 2^63 - 1 is wanted (byte 61)"
        ),
        (
            "2^64", file(header(shape: "(18446744073709551616,)")),
            "the header is malformed: a whole number from 0 to 2^63 - 1 is wanted (byte 61)"
        ),
        (
            "code for a shape", file(header(shape: "(__import__('os'),)")),
            "the header is malformed: a whole number from 0 to 2^63 - 1 is wanted (byte 61)"
        ),
        ("code for a truth", file(header(order: "1")), "the header is malformed: True or False is wanted (byte 44)"),
        (
            "something after", file("\(header())x"),
            "the header is malformed: something follows the dictionary (byte 68)"
        ),
        (
            "overflow", file(header("<f8", shape: "(4611686018427387904, 4)")),
            "the header's shape [4611686018427387904, 4] is impossible (byte 10)"
        ),
        (
            "too little", file(header(), content: [1, 2, 3]),
            "shape [2] of int16 takes 4 bytes, but 3 follow the header (byte 68)"
        ),
        (
            "too much", file(header(), content: [1, 2, 3, 4, 5]),
            "shape [2] of int16 takes 4 bytes, but 5 follow the header (byte 68)"
        ),
        ("strange truth", file(header("|b1"), content: [1, 7]), "element 1 of type bool is stored as 7"),
    ]

    @Test(arguments: refused.indices)
    func hostileFilesAreRefused(_ index: Int) {
        let (name, bytes, problem) = Self.refused[index]
        let error = refusal { _ = try Npy.decode(bytes, place: "npy file x.npy") }
        #expect(error?.problem == problem, "\(name)")
        #expect(error?.place == "npy file x.npy")
    }

    @Test func damageIsNoTrap() throws {
        checkDamage(to: try Npy.encode(RawArray((0..<24).map(Float.init), shape: [2, 3, 4]))) {
            _ = try Npy.decode($0)
        }
        let fortran = Self.file(Self.header(">i2", order: "True", shape: "(2, 3)"), content: [UInt8](0..<12))
        checkDamage(to: fortran, seed: 2) { _ = try Npy.decode($0) }
    }

    @Test func realFileIsRead() throws {
        guard let path = SharedFiles.path("tensor-formats/candle/test.npy") else { return }
        #expect(try Npy.read(path).values() as [Int] == Array(0..<10))
    }
}
