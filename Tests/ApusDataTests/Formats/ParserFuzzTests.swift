import ApusCore
import ApusData
import TestSupport
import Testing

/// A parser with a sound file.
struct ParserCase: Sendable, CustomTestStringConvertible {
    let name: String
    let file: @Sendable () throws -> [UInt8]
    /// Rounds in the quick run.
    var rounds = 500
    /// Bytes of pixels that a byte of the file can become at the very best, by its coding: what a header may promise and
    /// get beyond twice the file and 1 MiB.
    var expansion = 0
    /// Makes checksums right again.
    var mend: @Sendable (inout [UInt8]) -> Void = { _ in }
    let parse: @Sendable ([UInt8]) throws(ApusError) -> Void

    var testDescription: String { name }

    static func text(
        _ name: String, _ text: String, parse: @escaping @Sendable ([UInt8]) throws(ApusError) -> Void
    ) -> ParserCase { ParserCase(name: name, file: { Array(text.utf8) }, parse: parse) }

    /// A picture among those of the shared data.
    static func picture(
        _ name: String, expansion: Int, rounds: Int = 100, mend: @escaping @Sendable (inout [UInt8]) -> Void = { _ in }
    ) -> ParserCase {
        ParserCase(
            name: name,
            file: { try SharedFiles.path("odd-images/\(name)").map { try ByteSource(path: $0).bytes() } ?? [] },
            rounds: rounds, expansion: expansion, mend: mend
        ) { (bytes) throws(ApusError) in _ = try Image(decoding: bytes) }
    }
}

/// Every parser, with files that damage is done to: an error with a place, or a value, but no trap, no hang and no
/// memory that the file does not account for.
///
/// `APUS_FUZZ_PARSERS=10000 swift test --filter ParserFuzzTests` does 10,000 changes of each kind.
@Suite(.serialized) struct ParserFuzzTests {
    static let arrays: [ParserCase] = [
        ParserCase(name: "npy", file: { try Npy.encode(RawArray((0..<24).map(Float.init), shape: [2, 3, 4])) }) {
            (bytes) throws(ApusError) in _ = try Npy.decode(bytes)
        },
        ParserCase(
            name: "npz",
            file: {
                let folder = TemporaryFolder()
                try Npz.write(
                    [
                        ("a", RawArray((0..<24).map(Float.init), shape: [2, 3, 4])),
                        ("b", RawArray([Int64(1), 2], shape: [2])),
                    ], to: folder.file("a.npz"))
                return try ByteSource(path: folder.file("a.npz")).bytes()
            }
        ) { (bytes) throws(ApusError) in _ = try NpzFile(bytes: bytes).arrays() },
        ParserCase(
            name: "safetensors",
            file: {
                try Safetensors.encode(
                    [
                        ("layer.weight", RawArray((0..<12).map(Float.init), shape: [3, 4])),
                        ("mask", RawArray([true, false], shape: [2, 1])),
                    ], metadata: ["format": "pt"])
            }
        ) { (bytes) throws(ApusError) in _ = try SafetensorsFile(bytes: bytes).arrays() },
        ParserCase(name: "IDX", file: { try IDX.encode(RawArray((0..<60).map(Int32.init), shape: [3, 4, 5])) }) {
            (bytes) throws(ApusError) in _ = try IDX.decode(bytes)
        },
        ParserCase(
            name: "IDX, compressed",
            file: {
                try Zlib.deflate(IDX.encode(RawArray((0..<60).map(Int32.init), shape: [3, 4, 5])), wrapper: .gzip)
            }
        ) { (bytes) throws(ApusError) in _ = try IDX.decode(bytes) },
        ParserCase(
            name: "IDX, compressed after damage",
            file: { try IDX.encode(RawArray((0..<60).map(Int32.init), shape: [3, 4, 5])) },
            mend: { $0 = (try? Zlib.deflate($0, wrapper: .gzip)) ?? $0 }
        ) { (bytes) throws(ApusError) in _ = try IDX.decode(bytes) },
        ParserCase(
            name: "CIFAR", file: { (0..<2).flatMap { [$0] + [UInt8](repeating: 7, count: 3072) } }, rounds: 100
        ) { (bytes) throws(ApusError) in _ = try CIFAR.decode(bytes) },
        ParserCase(name: "NIfTI", file: { VolumeTests.file() }) {
            (bytes) throws(ApusError) in _ = try NIfTI.decode(bytes).measured().evaluated()
        },
        ParserCase(
            name: "NIfTI, compressed after damage", file: { VolumeTests.file() },
            mend: { $0 = (try? Zlib.deflate($0, wrapper: .gzip)) ?? $0 }
        ) { (bytes) throws(ApusError) in _ = try NIfTI.decode(bytes) },
        ParserCase(name: "WAV", file: { AudioClipTests.file(kind: 1, bits: 16, [1, 2, 3, 4, 5, 6, 7, 8]) }) {
            (bytes) throws(ApusError) in _ = try WAV.decode(bytes)
        },
    ]

    /// A file of the shared data that is no picture.
    private static func shared(
        _ name: String, rounds: Int = 100, mend: @escaping @Sendable (inout [UInt8]) -> Void = { _ in },
        parse: @escaping @Sendable ([UInt8]) throws(ApusError) -> Void
    ) -> ParserCase {
        ParserCase(
            name: name, file: { try SharedFiles.path(name).map { try ByteSource(path: $0).bytes() } ?? [] },
            rounds: rounds, mend: mend, parse: parse)
    }

    static let pickles: [ParserCase] = [
        shared("cora/ind.cora.y") { (bytes) throws(ApusError) in
            let pickle = try Pickle(bytes, place: "x")
            _ = try pickle.array(pickle.root)
        },
        shared("cora/ind.cora.x") { (bytes) throws(ApusError) in
            let pickle = try Pickle(bytes, place: "x")
            _ = try pickle.sparseRows(pickle.root)
        },
        shared("cora/ind.cora.graph", rounds: 20) { (bytes) throws(ApusError) in
            _ = try Graph.edges(try Pickle(bytes, place: "x"))
        },
        ParserCase(name: "pickle, one of each instruction", file: { PickleTests.instructions }) {
            (bytes) throws(ApusError) in _ = try Pickle(bytes, place: "x")
        },
        shared("tensor-formats/candle/fortran_tensor_3d.pth") { (bytes) throws(ApusError) in
            _ = try PyTorchFile(bytes: bytes).arrays()
        },
        shared("tensor-formats/burn/simple_legacy.pt") { (bytes) throws(ApusError) in
            _ = try PyTorchFile(bytes: bytes).arrays()
        },
    ]

    /// The texts of a graph of three nodes, one of which is the file in question.
    private static func planetoid(_ name: String) -> ParserCase {
        let texts = [
            "features.txt": "0 1\n2\n\n", "labels.txt": "0\n1\n0\n", "edges.tsv": "0\t1\n1\t2\n",
            "split.txt": "train 0\nval 1\ntest 2\n",
        ]
        return ParserCase(name: "Planetoid, \(name)", file: { Array((texts[name] ?? "").utf8) }, rounds: 100) {
            (bytes) throws(ApusError) in
            _ = try Graph(planetoidIn: "x", name: "x") { (file) throws(ApusError) in
                try TextFile.lines(in: file == name ? bytes : Array((texts[file] ?? "").utf8), place: file)
            }
        }
    }

    static let graphs = ["features.txt", "labels.txt", "edges.tsv", "split.txt"].map(planetoid)

    static let texts: [ParserCase] = [
        .text("CSV", "name,size,ok\n\"a, \"\"b\"\"\",1,true\nc,?,false\n") { (bytes) throws(ApusError) in
            _ = try CSV.decode(bytes)
        },
        .text("CSV, typed", "a;b\n1;true\n2;false\n") { (bytes) throws(ApusError) in
            _ = try CSV.decode(bytes, .init(types: ["a": .number, "b": .boolean], policy: .replace))
        },
        .text("table in an encoder", "day,n,kind\n2016-07-01 10:00,1.5,a\n2017-02-28,2,b\n") {
            (bytes) throws(ApusError) in
            let table = try CSV.decode(bytes)
            // What the encoder refuses are values, not places in a file.
            _ = try? TableEncoder(fitting: table, target: "kind").inputs(table)
            _ = try? TableEncoder(fitting: table, [.date("day"), .binned("n", 3)])
        },
        .text("JSON", "{\"a\": [1, 2.5e3, null, true, \"x\\u00e9\\ud83d\\ude00\"], \"b\": {\"c\": -0.1}}") {
            (bytes) throws(ApusError) in _ = try JSON(parsing: bytes, place: "x")
        },
        .text("JSON lines", "{\"a\": [1, 2.5e3, null]}\n\"x\\u00e9\"\n") { (bytes) throws(ApusError) in
            _ = try JSONLines.decode(bytes)
        },
        .text("XML", "<?xml version='1.0'?><!-- c --><a b=\"c\"><d>x &lt; &#65; <![CDATA[<&>]]></d><e/></a>") {
            (bytes) throws(ApusError) in _ = try XMLElement(parsing: bytes)
        },
        .text("lines", "one\r\ntwo\nü\n") { (bytes) throws(ApusError) in _ = try TextFile.lines(in: bytes) },
        .text(
            "COCO",
            "{\"images\":[{\"id\":7,\"file_name\":\"a\"}],\"categories\":[{\"id\":5,\"name\":\"d\"}],\"annotations\":"
                + "[{\"image_id\":7,\"category_id\":5,\"bbox\":[1,2,3,4]}]}"
        ) { (bytes) throws(ApusError) in _ = try COCODetection(decoding: bytes, images: "x") },
        ParserCase(
            name: "VOC",
            file: {
                Array(
                    ("<annotation><filename>a.jpg</filename><size><width>9</width><height>8</height></size><object><name>"
                        + "cat</name><difficult>0</difficult><bndbox><xmin>1</xmin><ymin>2</ymin><xmax>3</xmax>"
                        + "<ymax>4</ymax></bndbox></object></annotation>").utf8)
            }
        ) { (bytes) throws(ApusError) in _ = try VOCDetection.annotation(bytes, place: "x") },
        ParserCase(name: "tar", file: { TarTests.archive("a/b.txt", Array("hello".utf8)) }, mend: mendTar) {
            (bytes) throws(ApusError) in
            let archive = try TarArchive(bytes: bytes)
            for entry in archive.entries { _ = archive.bytes(of: entry) }
        },
    ]

    /// Four values of what is stored as one bit or more, up to 8 pixels a byte.
    private static let plain = 4 * 8
    /// Four values of each bit of what Deflate makes of a byte.
    private static let deflated = 4 * 8 * 1032
    /// One bit at least for each of a component's blocks of 64 pixels, whose coefficients take two bytes each; narrow
    /// pictures are filled up to groups of blocks, four by four at most.
    private static let blocks = 2 * 4 * 4 * 512
    /// Codings in which a code stands for any number of pixels.
    private static let unbounded = 4 * 4096

    static let pictures: [ParserCase] = [
        ParserCase(
            name: "PNG", file: { PNG.encode(try ImageTests.picture(9, 8, 3)) }, expansion: deflated, mend: PNGTests.mend
        ) { (bytes) throws(ApusError) in _ = try Image(decoding: bytes) },
        .picture("pngsuite/basn0g01.png", expansion: deflated, mend: PNGTests.mend),
        .picture("pngsuite/basi3p08.png", expansion: deflated, mend: PNGTests.mend),
        .picture("pngsuite/basi6a16.png", expansion: deflated, mend: PNGTests.mend),
        .picture("pngsuite/tbbn3p08.png", expansion: deflated, mend: PNGTests.mend),
        .picture("image-rs/bmp/images/Info_R8_G8_B8.bmp", expansion: plain),
        .picture("image-rs/bmp/images/pal8rle.bmp", expansion: 4 * 128),
        .picture("image-rs/bmp/images/V4_A8_R8_G8_B8.bmp", expansion: plain),
        .picture("image-rs/gif/simple/alpha_gif_a.gif", expansion: unbounded),
        .picture("pillow/hopper_8bit_plain.pgm", expansion: plain),
        .picture("pillow/hopper_16bit.pgm", expansion: plain),
        .picture("image-rs/tga/testsuite/utc24.tga", expansion: 4 * 64),
        .picture("pillow/multipage.tiff", expansion: unbounded),
        .picture("pillow/tiff_16bit_RGB.tiff", expansion: unbounded),
        .picture("pillow/hopper.webp", expansion: unbounded),
        .picture("jpeg-decoder/mozilla/jpg-size-31x31.jpg", expansion: blocks),
        .picture("jpeg-decoder/mozilla/jpg-progressive.jpg", expansion: blocks),
        .picture("pillow/hopper_orientation_6.jpg", expansion: blocks),
    ]

    @Test(arguments: arrays + pickles + graphs + texts + pictures)
    func damageIsNoTrap(_ parser: ParserCase) throws {
        if let name = FuzzRun.onlyName, name != parser.name { return }
        let bytes = try parser.file()
        guard !bytes.isEmpty else { return }
        do throws(ApusError) {
            try parser.parse(bytes)
        } catch {
            // A library of pictures that this machine lacks.
            print("skipped: \(error)")
            return
        }
        FuzzRun.check(
            bytes, rounds: parser.rounds, name: parser.name, slack: 1 << 20 + parser.expansion * bytes.count,
            mend: parser.mend, parser.parse)
    }

    /// Headers of tar archives with sums that are right.
    private static func mendTar(_ bytes: inout [UInt8]) {
        guard bytes.count >= 512 else { return }
        bytes.replaceSubrange(148..<156, with: "        ".utf8)
        let sum = String(bytes[..<512].reduce(0) { $0 + Int($1) }, radix: 8)
        bytes.replaceSubrange(
            148..<156, with: (String(repeating: "0", count: max(0, 6 - sum.count)) + sum + "\0 ").utf8.prefix(8))
    }
}
