import ApusCore
import TestSupport
import Testing

@Suite struct SafetensorsTests {
    /// A file of a header and as many zero bytes.
    static func file(_ header: String, data: Int = 0, length: UInt64? = nil) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.appendLittle(length ?? UInt64(header.utf8.count))
        return bytes + Array(header.utf8) + [UInt8](repeating: 0, count: data)
    }

    static func array(
        _ name: String = "a", _ type: String = "\"F32\"", _ shape: String = "[2]", _ offsets: String = "[0,8]"
    ) -> String {
        "\"\(name)\":{\"dtype\":\(type),\"shape\":\(shape),\"data_offsets\":\(offsets)}"
    }

    @Test func arraysOfEveryTypeSurvive() throws {
        let folder = TemporaryFolder()
        let arrays: [(name: String, array: RawArray)] = try ElementType.allCases.map { type in
            let bytes = (0..<6 * type.byteCount).map { UInt8($0 % 2) }
            return (type.rawValue, try RawArray(type, shape: [2, 3], bytes: bytes))
        }
        let path = folder.file("a.safetensors")
        let scalar = try RawArray([Float(3)], shape: [])
        let empty = try RawArray([Int32](), shape: [4, 0, 2])
        try Safetensors.write(arrays + [("scalar", scalar), ("empty", empty)], metadata: ["é": "\"\n"], to: path)
        let file = try SafetensorsFile(path: path)
        #expect(file.metadata == ["é": "\"\n"])
        #expect(file.entries.count == arrays.count + 2)
        for (name, array) in arrays { #expect(try file.array(name) == array) }
        #expect(try file.array("scalar") == scalar)
        #expect(try file.array("empty") == empty)
        // Every array begins at a multiple of its element's size.
        #expect(file.entries.allSatisfy { $0.offset % $0.elementType.byteCount == 0 })
    }

    @Test func bytesAreThoseOfTheReference() throws {
        let bytes = try Safetensors.encode([
            ("b", RawArray([Float(1)], shape: [1])), ("a", RawArray([Float(2)], shape: [])),
            ("z", RawArray([Int64(3)], shape: [1, 1])),
        ])
        let header =
            "{\"z\":{\"dtype\":\"I64\",\"shape\":[1,1],\"data_offsets\":[0,8]},"
            + "\"a\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[8,12]},"
            + "\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[12,16]}}"
        let padded = header + String(repeating: " ", count: (8 - header.utf8.count % 8) % 8)
        #expect(bytes == Self.file(padded) + [3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 64, 0, 0, 128, 63])
    }

    @Test func streamedArraysMustBeComplete() throws {
        let folder = TemporaryFolder()
        let path = folder.file("a.safetensors")
        let declarations = ["x", "y"].map { Safetensors.Declaration(name: $0, elementType: .float32, shape: [2]) }
        try Safetensors.write(declarations, to: path) { (declaration, file) throws(ApusError) in
            for value: Float in [1, declaration.name == "x" ? 2 : 3] {
                try file.write([UInt8](RawArray([value], shape: []).bytes))
            }
        }
        #expect(try SafetensorsFile(path: path).array("y").values() as [Float] == [1, 3])
        let error = refusal {
            try Safetensors.write(declarations, to: path) { (_, file) throws(ApusError) in try file.write([1, 2]) }
        }
        #expect(error?.problem == "array \"x\" of shape [2] takes 8 bytes, but 2 were written")
        #expect(try SafetensorsFile(path: path).array("x").values() as [Float] == [1, 2])
        #expect(folder.names == ["a.safetensors"])
    }

    @Test func arraysAreReadToWhereTheyAreWanted() throws {
        let file = try SafetensorsFile(bytes: Safetensors.encode([("a", RawArray([Float(1), 2], shape: [2]))]))
        let entry = try #require(file.entry(named: "a"))
        var values: [Float] = [0, 0]
        try values.withUnsafeMutableBytes { try file.read(entry, into: $0) }
        #expect(values == [1, 2])
        let error = refusal {
            try values.withUnsafeMutableBytes {
                try file.read(entry, into: UnsafeMutableRawBufferPointer(rebasing: $0[..<4]))
            }
        }
        #expect(error?.problem == "array \"a\" has 8 bytes, but there is room for 4")
    }

    @Test func unknownNamesAreAnswered() throws {
        let file = try SafetensorsFile(bytes: Self.file("{\(Self.array())}", data: 8), name: "net.safetensors")
        let error = refusal { _ = try file.array("b") }
        #expect(
            error?.description == "safetensors file net.safetensors: it holds no array \"b\", but \"a\"; "
                + "use one of these names")
    }

    @Test func impossibleNamesAreNotWritten() {
        let array = try? RawArray([Float(1)], shape: [])
        for names in [["a", "a"], ["__metadata__"]] {
            let error = refusal {
                _ = try Safetensors.encode(names.map { ($0, try #require(array)) })
            }
            #expect(error?.problem == "the name \"\(names[0])\" is reserved or given to two arrays")
        }
    }

    static let accepted: [(String, [UInt8], [String])] = [
        ("no arrays", file("{}"), []),
        ("padding", file("{\(array())}    ", data: 8), ["a"]),
        ("zero extents", file("{\(array("a", "\"F32\"", "[0,3]", "[0,0]")),\(array("b"))}", data: 8), ["a", "b"]),
        ("scalar", file("{\(array("a", "\"F64\"", "[]"))}", data: 8), ["a"]),
        ("out of order", file("{\(array("b", "\"F32\"", "[2]", "[8,16]")),\(array())}", data: 16), ["a", "b"]),
        (
            "unknown field",
            file("{\"a\":{\"x\":[{}],\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}", data: 1), ["a"]
        ),
        ("empty name", file("{\(array(""))}", data: 8), [""]),
        (
            "space",
            file("{ \"a\" : { \"dtype\" : \"I8\" , \"shape\" : [ 2 ] , \"data_offsets\" : [ 0 , 2 ] } }", data: 2),
            ["a"]
        ),
    ]

    @Test(arguments: accepted.indices)
    func oddFilesAreRead(_ index: Int) throws {
        let (_, bytes, names) = Self.accepted[index]
        let file = try SafetensorsFile(bytes: bytes)
        #expect(file.entries.map(\.name) == names)
        _ = try file.arrays()
    }

    static let refused: [(String, [UInt8], String)] = [
        ("nothing", [], "it has 0 bytes, but the header's length alone takes 8"),
        ("seven bytes", [1, 2, 3, 4, 5, 6, 7], "it has 7 bytes, but the header's length alone takes 8"),
        ("header longer than file", file("{}", length: 100), "the header claims 100 bytes, but 2 follow (byte 0)"),
        (
            "header of 100 MB and one byte", file("{}", length: 100_000_001),
            "the header claims 100000001 bytes, but 100000000 are the most allowed (byte 0)"
        ),
        (
            "header of 2^63", file("{}", length: 1 << 63),
            "the header claims 9223372036854775808 bytes, but 100000000 are the most allowed (byte 0)"
        ),
        (
            "header of 2^64 - 1", file("{}", length: .max),
            "the header claims 18446744073709551615 bytes, but 100000000 are the most allowed (byte 0)"
        ),
        ("empty header", file(""), "the header does not begin with \"{\" (byte 8)"),
        ("leading space", file(" {}"), "the header does not begin with \"{\" (byte 8)"),
        ("array for header", file("[]"), "the header does not begin with \"{\" (byte 8)"),
        (
            "not UTF-8", [4, 0, 0, 0, 0, 0, 0, 0, 0x7b, 0x22, 0xff, 0x22],
            "the text holds bytes that are not UTF-8 (JSON, byte 10)"
        ),
        ("text after the header", file("{}x"), "the end of the text is wanted, but there is \"x\" (JSON, byte 10)"),
        (
            "deep JSON", file("{\"a\":" + String(repeating: "[", count: 10_000)),
            "\"{\" is wanted, but there is \"[\" (JSON, byte 13)"
        ),
        (
            "deep unknown field", file("{\"a\":{\"x\":" + String(repeating: "[", count: 10_000)),
            "more than 64 objects and arrays are nested (JSON, byte 80)"
        ),
        (
            "duplicate array", file("{\(array()),\(array())}", data: 8),
            "the name \"a\" comes twice in one object (JSON, byte 62)"
        ),
        (
            "duplicate field", file("{\"a\":{\"dtype\":\"U8\",\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}}"),
            "the name \"dtype\" comes twice in one object (JSON, byte 27)"
        ),
        (
            "duplicate metadata", file("{\"__metadata__\":{\"k\":\"1\",\"k\":\"2\"}}"),
            "the name \"k\" comes twice in one object (JSON, byte 33)"
        ),
        (
            "number in metadata", file("{\"__metadata__\":{\"k\":1}}"),
            "a text in quotes is wanted, but there is \"1\" (JSON, byte 29)"
        ),
        (
            "NaN in metadata", file("{\"__metadata__\":{\"k\":NaN}}"),
            "a text in quotes is wanted, but there is \"N\" (JSON, byte 29)"
        ),
        (
            "unknown type", file("{\(array("a", "\"F4\""))}", data: 8),
            "array \"a\" has the type \"F4\", which is not known (JSON, byte 26)"
        ),
        (
            "no type", file("{\"a\":{\"shape\":[2],\"data_offsets\":[0,8]}}", data: 8),
            "array \"a\" lacks its dtype, shape or two data_offsets (JSON, byte 47)"
        ),
        (
            "one offset", file("{\(array("a", "\"F32\"", "[2]", "[0]"))}", data: 8),
            "array \"a\" lacks its dtype, shape or two data_offsets (JSON, byte 59)"
        ),
        (
            "three offsets", file("{\(array("a", "\"F32\"", "[2]", "[0,8,8]"))}", data: 8),
            "array \"a\" has a negative number or more than 2 numbers (JSON, byte 61)"
        ),
        (
            "negative extent", file("{\(array("a", "\"F32\"", "[-2]"))}", data: 8),
            "array \"a\" has a negative number or more than 64 numbers (JSON, byte 39)"
        ),
        (
            "fractional extent", file("{\(array("a", "\"F32\"", "[2.0]"))}", data: 8),
            "a whole number below 2^63 is wanted (JSON, byte 37)"
        ),
        (
            "extent of 2^63", file("{\(array("a", "\"F32\"", "[9223372036854775808]"))}", data: 8),
            "a whole number below 2^63 is wanted (JSON, byte 37)"
        ),
        (
            "offsets of 2^63", file("{\(array("a", "\"F32\"", "[2]", "[0,9223372036854775808]"))}", data: 8),
            "a whole number below 2^63 is wanted (JSON, byte 58)"
        ),
        (
            "65 extents",
            file("{\(array("a", "\"U8\"", "[\(String(repeating: "1,", count: 64))1]", "[0,1]"))}", data: 1),
            "array \"a\" has a negative number or more than 64 numbers (JSON, byte 165)"
        ),
        (
            "product overflows", file("{\(array("a", "\"F32\"", "[4611686018427387904,4]", "[0,0]"))}"),
            "array \"a\" has the impossible shape [4611686018427387904, 4]"
        ),
        (
            "overflow beside zero", file("{\(array("a", "\"F32\"", "[0,4611686018427387904,4]", "[0,0]"))}"),
            "array \"a\" has the impossible shape [0, 4611686018427387904, 4]"
        ),
        (
            "size does not match", file("{\(array("a", "\"F32\"", "[3]"))}", data: 8),
            "array \"a\" of shape [3] and type F32 takes 12 bytes, but its data_offsets are [0, 8]"
        ),
        (
            "offsets reversed",
            file("{\(array("a", "\"F32\"", "[0]", "[0,0]")),\(array("b", "\"F32\"", "[2]", "[8,0]"))}", data: 8),
            "array \"b\" begins at byte 8 of the data and leaves a hole after the one before, which ends at byte 0"
        ),
        (
            "offsets end before they begin", file("{\(array()),\(array("b", "\"F32\"", "[2]", "[8,0]"))}", data: 8),
            "array \"b\" of shape [2] and type F32 takes 8 bytes, but its data_offsets are [8, 0]"
        ),
        (
            "overlap", file("{\(array()),\(array("b", "\"F32\"", "[2]", "[4,12]"))}", data: 12),
            "array \"b\" begins at byte 4 of the data and overlaps the one before, which ends at byte 8"
        ),
        (
            "same bytes twice", file("{\(array()),\(array("b"))}", data: 8),
            "array \"b\" begins at byte 0 of the data and overlaps the one before, which ends at byte 8"
        ),
        (
            "hole", file("{\(array()),\(array("b", "\"F32\"", "[2]", "[12,20]"))}", data: 20),
            "array \"b\" begins at byte 12 of the data and leaves a hole after the one before, which ends at byte 8"
        ),
        (
            "hole at the start", file("{\(array("a", "\"F32\"", "[2]", "[4,12]"))}", data: 12),
            "array \"a\" begins at byte 4 of the data and leaves a hole after the one before, which ends at byte 0"
        ),
        (
            "beyond the end", file("{\(array())}", data: 4),
            "array \"a\" ends at byte 8 of the data, but the data has 4 bytes"
        ),
        ("trailing bytes", file("{\(array())}", data: 9), "1 bytes follow the last array (byte 70)"),
    ]

    @Test(arguments: refused.indices)
    func hostileFilesAreRefused(_ index: Int) {
        let (name, bytes, problem) = Self.refused[index]
        let error = refusal { _ = try SafetensorsFile(bytes: bytes, name: "x") }
        #expect(error?.problem == problem, "\(name)")
        #expect(error?.place == "safetensors file x")
    }

    @Test func boolsMustBeBools() throws {
        let bytes = Self.file("{\(Self.array("a", "\"BOOL\"", "[3]", "[0,3]"))}") + [1, 0, 2]
        let error = refusal { _ = try SafetensorsFile(bytes: bytes, name: "x").arrays() }
        #expect(error?.problem == "array \"a\": element 2 of type bool is stored as 2")
    }

    @Test func damageIsNoTrap() throws {
        let bytes = try Safetensors.encode(
            [
                ("layer.weight", RawArray((0..<12).map(Float.init), shape: [3, 4])),
                ("layer.bias", RawArray([Int64(1), 2], shape: [2])), ("mask", RawArray([true, false], shape: [2, 1])),
            ], metadata: ["format": "pt"])
        checkDamage(to: bytes) { _ = try SafetensorsFile(bytes: $0).arrays() }
    }

    @Test func realFilesAreRead() throws {
        guard let path = SharedFiles.path("tensor-formats/burn/mnist.safetensors") else { return }
        let file = try SafetensorsFile(path: path)
        #expect(file.entry(named: "fc1.weight")?.shape == [32, 11616])
        #expect(try file.array("norm1.num_batches_tracked").shape == [])
        // The reference wrote it; writing it again must give the same bytes.
        #expect(try Safetensors.encode(file.arrays(), metadata: file.metadata) == ByteSource(path: path).bytes())
    }
}
