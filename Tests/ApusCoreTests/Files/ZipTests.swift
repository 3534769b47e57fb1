import ApusCore
import TestSupport
import Testing

@Suite struct ZipTests {
    let folder = TemporaryFolder()

    private func archive(_ entries: [(String, [UInt8], Bool)]) throws -> [UInt8] {
        var writer = try ZipWriter(path: folder.file("a.zip"))
        for (name, bytes, deflated) in entries { try writer.add(name, bytes, deflated: deflated) }
        try writer.finish()
        return try ByteSource(path: folder.file("a.zip")).bytes()
    }

    private func entries(_ bytes: [UInt8]) throws -> [String: [UInt8]] {
        let archive = try ZipArchive(ByteSource(bytes: bytes, name: "a.zip", kind: "zip file"))
        return Dictionary(uniqueKeysWithValues: try archive.entries.map { ($0.name, try archive.bytes(of: $0)) })
    }

    @Test func entriesSurvive() throws {
        let long = [UInt8](repeating: 7, count: 300_000)
        let bytes = try archive([
            ("a", [1, 2, 3], false), ("b/é", long, true), ("empty", [], true), ("none", [], false),
        ])
        #expect(bytes.count < 2000)
        #expect(try entries(bytes) == ["a": [1, 2, 3], "b/é": long, "empty": [], "none": []])
        // Equal content gives equal files.
        #expect(try archive([("a", [1], false)]) == archive([("a", [1], false)]))
    }

    @Test(arguments: ["../a", "/a", "a/../../b", "c:\\x", "a\\b", "..", "a\0b"])
    func namesStayInside(_ name: String) throws {
        let bytes = try archive([(name, [1], false)])
        let error = refusal { _ = try entries(bytes) }
        #expect(error?.problem == "an entry has the name \(name.quoted), which may lead out of the archive")
    }

    @Test func changedBytesAreFound() throws {
        var bytes = try archive([("a", [1, 2, 3], false)])
        bytes[31] = 9
        let stored = refusal { _ = try entries(bytes) }
        #expect(stored?.problem == "its checksum is 5bafd1a5, but the archive says 55bc801d")
        #expect(stored?.place == "zip file a.zip, entry \"a\"")
    }

    @Test func oddEntriesAreRefused() throws {
        let sound = try archive([("a", [1, 2, 3], false)])
        let directory = 34
        func changed(_ offset: Int, _ value: UInt8) -> String? {
            var bytes = sound
            bytes[directory + offset] = value
            return refusal { _ = try entries(bytes) }?.problem
        }
        #expect(changed(8, 1) == "entry \"a\" is encrypted")
        #expect(changed(10, 14) == "entry \"a\" is compressed by method 14")
        #expect(changed(41, 0xa1) == "entry \"a\" is a link")
        #expect(changed(20, 9) == "entry \"a\" is stored, but its two sizes are 3 and 9")
        #expect(changed(42, 1) == "entry \"a\" does not lie where the directory says (byte 1)")
        #expect(changed(0, 0) == "its directory is damaged (byte 34)")
        #expect(
            refusal { _ = try entries(Array(sound.dropLast(3))) }?.problem == "it has no zip directory at its end")
        #expect(
            refusal { _ = try entries([0] + sound) }?.problem
                == "its directory claims 47 bytes from byte 34 on, but it must end at byte 82")
    }

    @Test func namesComeOnce() throws {
        var bytes = try archive([("a", [1], false), ("b", [1], false)])
        for index in bytes.indices where bytes[index] == UInt8(ascii: "b") { bytes[index] = UInt8(ascii: "a") }
        #expect(refusal { _ = try entries(bytes) }?.problem == "the name of entry \"a\" comes twice")
    }

    @Test func bombsAreRefused() throws {
        let bytes = try archive([("zeros", [UInt8](repeating: 0, count: 80 << 20), true)])
        let error = refusal { _ = try entries(bytes) }
        #expect(error?.kind == .resource)
        #expect(error?.problem.hasSuffix("compressed bytes would expand to 83886080, more than a hundredfold") == true)
        // An entry that claims to be small but expands to more.
        var lie = try archive([("zeros", [UInt8](repeating: 0, count: 100_000), true)])
        let directory = lie.count - 22 - 46 - 5
        lie.replaceSubrange(directory + 24..<directory + 28, with: [100, 0, 0, 0])
        #expect(
            refusal { _ = try entries(lie) }?.problem == "its data goes on after the 100 bytes it claims to have")
        // One that shares its bytes with another.
        var shared = try archive([("a", [UInt8](repeating: 0, count: 1000), true), ("b", [], false)])
        let second = shared.count - 22 - 47
        shared.replaceSubrange(second + 42..<second + 46, with: [0, 0, 0, 0])
        #expect(refusal { _ = try entries(shared) }?.problem == "entry \"b\" overlaps the one before")
    }

    @Test func damageIsNoTrap() throws {
        let bytes = try archive([
            ("a", [1, 2, 3], false), ("b", (0..<2000).map { UInt8($0 % 17) }, true), ("c/d", [], true),
        ])
        checkDamage(to: bytes) { _ = try entries($0) }
    }

    @Test func archivesOfPyTorchAreRead() throws {
        guard let path = SharedFiles.path("tensor-formats/burn/state_dict.pt") else { return }
        let archive = try ZipArchive(path: path)
        #expect(archive.entries.contains { $0.name.hasSuffix("/data.pkl") })
        for entry in archive.entries { #expect(try archive.bytes(of: entry).count == entry.byteCount) }
        if let broken = SharedFiles.path("tensor-formats/burn/broken.pt") {
            #expect(refusal { _ = try ZipArchive(path: broken) }?.problem == "it has no zip directory at its end")
        }
    }
}

@Suite struct NpzTests {
    let folder = TemporaryFolder()

    @Test(arguments: [false, true])
    func arraysSurvive(compressed: Bool) throws {
        let path = folder.file("a.npz")
        let x = try RawArray((0..<1000).map(Float.init), shape: [10, 100])
        let y = try RawArray([Int32(7)], shape: [])
        try Npz.write([("x", x), ("y", y)], compressed: compressed, to: path)
        let file = try NpzFile(path: path)
        #expect(file.names == ["x", "y"])
        #expect(try file.array("x") == x)
        #expect(try file.array("y.npy") == y)
        let error = refusal { _ = try file.array("z") }
        #expect(
            error?.description == "npz file \(path): it holds no array \"z\", but \"x\", \"y\"; use one of these names")
    }

    @Test func damageIsNoTrap() throws {
        let path = folder.file("a.npz")
        for compressed in [false, true] {
            try Npz.write(
                [("x", RawArray((0..<100).map(Float.init), shape: [100])), ("y", RawArray([true], shape: []))],
                compressed: compressed, to: path)
            checkDamage(to: try ByteSource(path: path).bytes()) { _ = try NpzFile(bytes: $0).arrays() }
        }
    }

    @Test func realFileIsRead() throws {
        guard let path = SharedFiles.path("tensor-formats/candle/test.npz") else { return }
        let file = try NpzFile(path: path)
        #expect(try file.array("x_plus_one").values() as [Int] == Array(1...10))
    }
}
