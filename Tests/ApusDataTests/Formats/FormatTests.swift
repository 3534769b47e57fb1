import ApusCore
import ApusData
import TestSupport
import Testing

@Suite struct CSVTests {
    private func table(_ text: String, _ format: CSV.Format = .init()) throws(ApusError) -> Table {
        try CSV.decode(Array(text.utf8), format, place: "table t.csv")
    }

    @Test func columnsGetTheirTypes() throws {
        let table = try table(
            "name,size,fresh,note\r\n\"Smith, J\",1.5,true,\"say \"\"x\"\"\ny\"\r\nB,?,FALSE,\r\n\r\n")
        #expect(table.count == 2 && table.columns.map(\.type) == [.text, .number, .boolean, .text])
        #expect(try table["name"].text(at: 0) == "Smith, J")
        #expect(try table["note"].values == .texts(["say \"x\"\ny", nil]))
        #expect(try table["fresh"].values == .booleans([true, false]))
        #expect(try table["size"].missingCount == 1 && table["size"].text(at: 0) == "1.5")
        #expect(try CSV.encode(CSV.decode(Array(CSV.encode(table).utf8))) == CSV.encode(table))
    }

    @Test func separatorsAndHeadersAreSeen() throws {
        #expect(try table("1;2\n3;4\n").columns.map(\.name) == ["column1", "column2"])
        #expect(try table("a\tb\n3\t4\n").columns.map(\.name) == ["a", "b"])
        #expect(try table("a,b\nc,d\n").count == 2)
        #expect(try table("a,b\nc,d\n", .init(hasHeader: true)).count == 1)
        #expect(try table("#x\n1,2\n", .init(comment: "#", names: ["p", "q"])).columns.map(\.name) == ["p", "q"])
        #expect(try table("1\n2\n", .init(types: ["column1": .text])).columns[0].type == .text)
    }

    @Test func mistakesNameTheirLine() throws {
        func problem(_ text: String, _ format: CSV.Format = .init()) -> String? {
            refusal { _ = try CSV.decode(Array(text.utf8), format) }?.problem
        }
        #expect(problem("") == "it holds no row (line 1)")
        #expect(problem("a,b\n1,2\n3\n") == "a row has 1 fields, the first has 2 (line 3)")
        #expect(problem("1,2\n3,\"4\n5") == "a quote stays open (line 2, byte 6)")
        #expect(problem("1,\"2\"3\n") == "a field goes on after its closing quote (line 1, byte 5)")
        #expect(problem("a,a\n1,2\n", .init(hasHeader: true)) == "2 columns have the names \"a\", \"a\" (line 1)")
        #expect(
            problem("1\nx\n", .init(types: ["column1": .number]))
                == "row 2 of the column \"column1\" is \"x\", which is no number")
        let bad = refusal { _ = try CSV.decode([0x31, 10, 0xff, 10]) }
        #expect(bad?.problem == "it is not UTF-8 (line 2, before byte 3)")
        let skipped = try table("1,2\n3\n5,6\n", .init(policy: .skip))
        #expect(skipped.count == 2 && skipped.refused == 1)
        let filled = try table("1,2\n3\n5,6\n", .init(policy: .replace))
        #expect(filled.count == 3 && filled.refused == 1 && filled.columns[1].missingCount == 1)
    }

    @Test func tablesBecomeDataSets() throws {
        let table = try table("kind,size,ok,class\na,1,true,x\nb,?,false,y\n?,3,true,x\n")
        let data = try table.dataset(target: "class")
        #expect(data.classNames == ["x", "y"] && data.label(at: 1) == 1)
        #expect(try data.input(at: 0).array(of: Float.self) == [1, 0, 0, 1, 1])
        #expect(try data.input(at: 1).array(of: Float.self) == [0, 1, 0, 2, 0])
        #expect(try data.input(at: 2).array(of: Float.self) == [0, 0, 1, 3, 1])
        let sizes = refusal { _ = try table.dataset(target: "size") }
        #expect(sizes?.problem == "the target \"size\" is missing in 1 rows")
        #expect(
            refusal { _ = try table["nothing"] }?.problem == "it has no column \"nothing\", but kind, size, ok, class")
        #expect(try table.droppingMissing().count == 1)
        #expect(try table.rows([2, 0])["class"].values == .texts(["x", "x"]))
        #expect(refusal { _ = try table.rows([3]) }?.problem == "row 3 of 3")
    }
}

@Suite struct XMLTests {
    @Test func elementsAreRead() throws {
        let text =
            "\u{feff}<?xml version='1.0'?><!-- a --><a b=\"c\"> <d> x &lt; &#65;&#x42; <![CDATA[<&>]]> </d><e/><d>2.6</d> </a>"
        let root = try XMLElement(parsing: Array(text.utf8))
        #expect(root.name == "a" && root.all("d").count == 2 && root.children.count == 3)
        #expect(root["d"]?.text == "x < AB <&>")
        #expect(root.all("d")[1].integer == 3 && root["e"]?.text == "" && root["f"] == nil)
    }

    @Test(arguments: [
        ("", "it holds no element (byte 0)"), ("<a>", "the element \"a\" stays open (byte 0)"),
        ("<a></b>", "the end of \"b\" matches no beginning (byte 3)"),
        ("x<a/>", "text stands outside of all elements (byte 0)"),
        ("<!DOCTYPE a><a/>", "declarations are not read (byte 0)"),
        ("<a>&x;</a>", "the reference \"x\" is not known (byte 3)"),
        ("<a b>", "an attribute of \"a\" has no value (byte 0)"), ("<!-- ", "\"<!--\" has no \"-->\" (byte 0)"),
    ])
    func mistakesNameTheirByte(text: String, problem: String) {
        #expect(refusal { _ = try XMLElement(parsing: Array(text.utf8)) }?.problem == problem)
    }

    @Test func depthIsLimited() {
        let deep = String(repeating: "<a>", count: 100_000)
        #expect(
            refusal { _ = try XMLElement(parsing: Array(deep.utf8)) }?.problem
                == "more than 64 elements are inside each other (byte 192)")
    }
}

@Suite struct VolumeTests {
    /// A volume of 2 x 3 x 1 voxels of int16, scaled by 2, with 1 added.
    static func file(_ change: (inout [UInt8]) -> Void = { _ in }) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 352)
        func put(_ value: some FixedWidthInteger, _ offset: Int) {
            var part: [UInt8] = []
            part.appendLittle(value)
            bytes.replaceSubrange(offset..<offset + part.count, with: part)
        }
        put(Int32(348), 0)
        for (index, extent) in [3, 2, 3, 1].enumerated() { put(Int16(extent), 40 + 2 * index) }
        put(Int16(4), 70)
        for (index, distance) in [0, 1, -2, 3].enumerated() { put(Float(distance).bitPattern, 76 + 4 * index) }
        put(Float(352).bitPattern, 108)
        put(Float(2).bitPattern, 112)
        put(Float(1).bitPattern, 116)
        bytes.replaceSubrange(344..<347, with: "n+1".utf8)
        for value in 1...6 { bytes.appendLittle(Int16(value)) }
        change(&bytes)
        return bytes
    }

    @Test func voxelsAreInOrder() throws {
        let plain = try NIfTI.decode(Self.file())
        let packed = try NIfTI.decode(Zlib.deflate(Self.file(), wrapper: .gzip))
        for volume in [plain, packed] {
            #expect(volume.values.shape == [2, 3, 1] && volume.spacing == [1, 2, 3])
            #expect(try volume.values.values(of: Int16.self) == [1, 3, 5, 2, 4, 6])
            #expect(try volume.measured().array(of: Float.self) == [3, 7, 11, 5, 9, 13])
        }
    }

    @Test func mistakesNameTheirByte() {
        func problem(_ change: (inout [UInt8]) -> Void) -> String? {
            refusal { _ = try NIfTI.decode(Self.file(change)) }?.problem
        }
        #expect(
            problem { $0.removeLast() }
                == "voxels of shape [2, 3, 1] and type int16 take 12 bytes, but 11 follow (byte 352)")
        #expect(problem { $0[40] = 9 } == "it has 9 axes (byte 40)")
        #expect(problem { $0[43] = 0xff } == "its extents are [-254, 3, 1] (byte 42)")
        #expect(problem { $0[70] = 32 } == "voxels of type 32 are not read (byte 70)")
        #expect(problem { $0.removeSubrange(100...) } == "it ends in its header of 348 bytes (byte 100)")
        #expect(problem { $0[344] = 0 } == "it does not begin with 348, or lacks the mark n+1 (bytes 0 and 344)")
    }
}

@Suite struct SourceTests {
    @Test func cocoFilesAreRead() throws {
        let text = """
            {"images": [{"id": 7, "file_name": "a.jpg", "width": 9, "height": 8}], "categories": [{"id": 5, "name": "dog"},
            {"id": 2, "name": "cat"}], "annotations": [{"image_id": 7, "category_id": 5, "bbox": [1, 2, 3, 4], "iscrowd": 0},
            {"image_id": 7, "category_id": 2, "bbox": [1, 2, 0, 4]}, {"image_id": 8, "category_id": 2, "bbox": [1, 2, 3, 4]}]}
            """
        let data = try COCODetection(decoding: Array(text.utf8), images: "pictures", policy: .skip)
        #expect(data.classNames == ["cat", "dog"] && data.count == 1 && data.bad.count == 2)
        #expect(data.records[0].path == "pictures/a.jpg" && data.records[0].width == 9)
        #expect(data.records[0].boxes == [LabelledBox(left: 1, top: 2, right: 4, bottom: 6, label: 1)])
        let error = refusal { _ = try COCODetection(decoding: Array(text.utf8), images: "pictures") }
        #expect(error?.problem == "box 0 from (1.0, 2.0) to (1.0, 6.0) has no area")
        let wider = try COCODetection(decoding: Array(text.utf8), images: "pictures", policy: .replace)
        #expect(wider.records[0].boxes.count == 2 && wider.records[0].boxes[1].right == 2)
    }

    @Test func linesOfJSONAreRead() throws {
        let bytes = Array("{\"a\": 1}\n\n[2\n3\n".utf8)
        #expect(try JSONLines.decode(bytes, policy: .skip).values == [["a": 1], 3])
        let (values, bad) = try JSONLines.decode(bytes, policy: .replace)
        #expect(values == [["a": 1], .null, 3] && bad.map(\.name) == ["JSON lines, line 3"])
        #expect(refusal { _ = try JSONLines.decode(bytes) }?.place == "JSON lines, line 3")
    }

    @Test func foldersOfPicturesAndMasksAreRead() throws {
        let folder = TemporaryFolder()
        let image = try Image(width: 2, height: 1, channels: 1, pixels: [1, 2])
        try image.write(to: folder.file("a.png"))
        try AtomicFile.write([1, 2], to: folder.file("b.png"))
        #expect(refusal { _ = try ImageFolder(folder.path) }?.problem == "it holds no folders")
        let pairs = try MaskFolder(images: folder.path, masks: folder.path)
        #expect(pairs.names == ["a", "b"])
        #expect(try pairs.sample(at: 0) == MaskedImage(image: image, mask: image))
        let (skipped, bad) = try pairs.samples(policy: .skip)
        #expect(skipped.count == 1 && bad.map(\.name) == ["\(folder.path)[1]"])
        #expect(try pairs.samples(policy: .replace).samples.count == 2)
        #expect(throws: ApusError.self) { try pairs.samples() }
        #expect(try Array(pairs.pipeline.take(1).map { $0.image.width }.elements()) == [2])
        #expect(refusal { _ = try pairs.sample(at: 2) }?.problem == "sample 2 of 2")
    }

    @Test func numbersInNamesCount() {
        #expect(
            ["10.png", "2.png", "a", "02.png", "1.png"].sorted(by: Folder.precedes) == [
                "1.png", "02.png", "2.png", "10.png", "a",
            ])
    }

    @Test func windowsFollowEachOther() throws {
        let table = try CSV.decode(Array("t,a,b\nx,1,10\ny,2,20\nz,3,30\nw,4,40\n".utf8))
        let series = try TimeSeries(table)
        #expect(series.channels == ["a", "b"] && series.count == 4)
        let data = try series.windows(input: 2, targets: ["b"])
        #expect(data.count == 2)
        #expect(try data.input(at: 1).array(of: Float.self) == [2, 20, 3, 30])
        #expect(
            refusal { _ = try series.windows(input: 4) }?.problem
                == "windows of 4 steps with 1 ahead and a distance of 1, in 4 steps")
        #expect(refusal { _ = try series.windows(input: .max, ahead: .max) } != nil)
        #expect(
            refusal { _ = try TimeSeries(table, channels: ["t"]) }?.problem
                == "the column \"t\" holds text or lacks 0 values")
        #expect(try series.steps(1..<3).values == [2, 20, 3, 30])
    }

    @Test func graphsAreNormalised() throws {
        let graph = try Graph(
            name: "g", features: [[0], [1, 2], []], labels: [0, 1, 1], edges: [(1, 0), (0, 1), (2, 2)], train: [0],
            validation: [], test: [2])
        #expect(graph.edges.count == 1 && graph.featureCount == 3 && graph.classCount == 2)
        #expect(try graph.normalizedAdjacency().array(of: Float.self) == [0.5, 0.5, 0, 0.5, 0.5, 0, 0, 0, 1])
        #expect(try graph.featureTensor().array(of: Float.self) == [1, 0, 0, 0, 0.5, 0.5, 0, 0, 0])
        #expect(try graph.targets(of: graph.test).mask.array(of: Float.self) == [0, 0, 1])
        let bad = refusal {
            _ = try Graph(name: "g", features: [[]], labels: [0], edges: [(0, 1)], train: [], validation: [], test: [])
        }
        #expect(bad?.remedy == "number nodes, features and classes from 0")
    }

    @Test func recordsOfCIFARAreChecked() throws {
        let record: [UInt8] = [3] + [UInt8](repeating: 1, count: 1024) + [UInt8](repeating: 2, count: 2048)
        let (pixels, labels) = try CIFAR.decode(record)
        #expect(labels == [3] && pixels.prefix(6) == [1, 2, 2, 1, 2, 2])
        #expect(try CIFAR.decode([9] + record, coarseLabels: true).labels == [3])
        #expect(
            refusal { _ = try CIFAR.decode(record + [1]) }?.problem
                == "3074 bytes are no whole number of records of 3073 (the last begins at byte 3073)")
        #expect(
            refusal { _ = try CIFAR.decode([10] + record.dropFirst()) }?.problem
                == "record 0 has the label 10, but there are 10 classes (byte 0)")
    }
}

@Suite struct TarTests {
    static func archive(_ name: String, _ content: [UInt8]) -> [UInt8] {
        var header = [UInt8](repeating: 0, count: 512)
        func put(_ text: String, _ offset: Int) {
            header.replaceSubrange(offset..<offset + text.utf8.count, with: text.utf8)
        }
        put(name, 0)
        let octal = String(content.count, radix: 8)
        put(String(repeating: "0", count: 11 - octal.count) + octal, 124)
        put("        ", 148)
        header[156] = 0x30
        put("ustar", 257)
        let sum = String(header.reduce(0) { $0 + Int($1) }, radix: 8)
        put(String(repeating: "0", count: 6 - sum.count) + sum + "\0", 148)
        return header + content + [UInt8](repeating: 0, count: (512 - content.count % 512) % 512 + 1024)
    }

    @Test func filesAreFound() throws {
        let bytes = Self.archive("a/b.txt", Array("hello".utf8))
        for bytes in [bytes, try Zlib.deflate(bytes, wrapper: .gzip)] {
            let archive = try TarArchive(bytes: bytes)
            #expect(archive.entries.map(\.name) == ["a/b.txt"] && archive.entries[0].byteCount == 5)
            #expect(archive.bytes(of: archive.entries[0]) == Array("hello".utf8))
        }
        var damaged = bytes
        damaged[3] = 1
        #expect(refusal { _ = try TarArchive(bytes: damaged) }?.problem == "the header of entry 0 is damaged (byte 0)")
        let cut = Array(bytes.prefix(514))
        #expect(refusal { _ = try TarArchive(bytes: cut) }?.problem == "entry 0 takes 5 bytes, but 2 follow (byte 512)")
    }
}
