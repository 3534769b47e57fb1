import ApusCore
import ApusData
import TestSupport
import Testing

@Suite struct IDXTests {
    let folder = TemporaryFolder()

    @Test(arguments: ["a.idx", "a.idx.gz"])
    func arraysSurvive(_ name: String) throws {
        for type in [ElementType.uint8, .int8, .int16, .int32, .float32, .float64] {
            for shape in [[], [5], [2, 3, 4], [0, 28]] {
                let count = shape.reduce(1, *) * type.byteCount
                let array = try RawArray(type, shape: shape, bytes: (0..<count).map { UInt8($0 % 251) })
                try IDX.write(array, to: folder.file(name))
                #expect(try IDX.read(folder.file(name)) == array)
            }
        }
        let halves = refusal {
            try IDX.write(RawArray(.float16, shape: [1], bytes: [0, 0]), to: folder.file(name))
        }
        #expect(halves?.problem == "the format has no float16 of shape [1]")
    }

    static let refused: [(String, [UInt8], String)] = [
        ("nothing", [], "it does not begin with 0, 0 and a known type (byte 0)"),
        ("other file", [1, 2, 3, 4], "it does not begin with 0, 0 and a known type (byte 0)"),
        ("unknown type", [0, 0, 0x0a, 1, 0, 0, 0, 0], "it does not begin with 0, 0 and a known type (byte 0)"),
        ("half a header", [0, 0, 8, 2, 0, 0, 0, 1, 0], "it ends in the header: extent 1 of 2 is missing (byte 8)"),
        ("255 extents", [0, 0, 8, 255], "it ends in the header: extent 0 of 255 is missing (byte 4)"),
        (
            "overflow", [0, 0, 14, 3] + [UInt8](repeating: 0xff, count: 12),
            "its header claims the impossible shape [4294967295, 4294967295, 4294967295] (byte 4)"
        ),
        (
            "too little", [0, 0, 8, 1, 0, 0, 0, 3, 1, 2],
            "shape [3] of uint8 takes 3 bytes, but 2 follow the header (byte 8)"
        ),
        (
            "too much", [0, 0, 8, 1, 0, 0, 0, 1, 1, 2],
            "shape [1] of uint8 takes 1 bytes, but more follow the header (byte 8)"
        ),
        (
            "giant", [0, 0, 8, 1, 0xff, 0xff, 0xff, 0xff, 1],
            "shape [4294967295] of uint8 takes 4294967295 bytes, but 1 follow the header (byte 8)"
        ),
    ]

    @Test(arguments: refused.indices)
    func hostileFilesAreRefused(_ index: Int) throws {
        let (name, bytes, problem) = Self.refused[index]
        let plain = refusal { _ = try IDX.decode(bytes, place: "IDX file x") }
        #expect(plain?.problem == problem, "\(name)")
        #expect(plain?.place == "IDX file x")
        let packed = try Zlib.deflate(bytes, wrapper: .gzip)
        let compressed = refusal { _ = try IDX.decode(packed, place: "IDX file x.gz") }
        if name == "giant" {
            #expect(compressed?.problem.hasSuffix("would expand to 4294967295, more than a hundredfold") == true)
        } else {
            #expect(compressed?.problem == problem, "\(name)")
        }
    }

    @Test func damageIsNoTrap() throws {
        let array = try RawArray((0..<60).map(Int32.init), shape: [3, 4, 5])
        checkDamage(to: try IDX.encode(array)) { _ = try IDX.decode($0) }
        checkDamage(to: try Zlib.deflate(IDX.encode(array), wrapper: .gzip), seed: 2) { _ = try IDX.decode($0) }
    }

    @Test func wrongChecksumIsFound() throws {
        var packed = try Zlib.deflate(IDX.encode(RawArray([UInt8(1), 2], shape: [2])), wrapper: .gzip)
        packed[packed.count - 8] ^= 1
        let error = refusal { _ = try IDX.decode(packed) }
        #expect(error?.problem.hasPrefix("the compressed data is damaged: incorrect data check") == true)
    }

    @Test func realFilesAreRead() throws {
        guard let images = SharedFiles.path("mnist/t10k-images-idx3-ubyte.gz"),
            let labels = SharedFiles.path("mnist/t10k-labels-idx1-ubyte.gz")
        else { return }
        #expect(try IDX.read(images).shape == [10_000, 28, 28])
        let values: [UInt8] = try IDX.read(labels).values()
        #expect(Array(values.prefix(5)) == [7, 2, 1, 0, 4])
    }
}
