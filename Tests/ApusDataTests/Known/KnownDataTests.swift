import ApusCore
import ApusData
import TestSupport
import Testing

@Suite struct KnownDataTests {
    @Test func sumsAreThoseOfTheStandard() {
        func sum(_ pieces: [String]) -> String {
            var sum = SHA256()
            for piece in pieces { sum.add(Array(piece.utf8)) }
            return sum.finish()
        }
        #expect(sum([]) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        #expect(sum(["abc"]) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        let long = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"
        let wanted = "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        #expect(sum([long]) == wanted)
        #expect(sum([String(long.prefix(5)), String(long.dropFirst(5))]) == wanted)
        let million = String(repeating: "a", count: 100_000)
        #expect(
            sum([String](repeating: million, count: 10))
                == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    }

    @Test func namesAndSumsMakeSense() {
        #expect(Set(KnownData.all.map(\.name)).count == KnownData.all.count)
        for data in KnownData.all {
            #expect(!data.summary.isEmpty && !data.summary.hasSuffix("."))
            for file in data.files {
                #expect(file.sha256.count == 64 && file.sha256.allSatisfy(\.isHexDigit), "\(data.name)")
                #expect(file.address?.hasPrefix("http") == true)
            }
        }
        #expect(refusal { _ = try KnownData.named("nothing") }?.problem == "it is not known")
    }

    /// Every data set that is there is read, and its files are those that the list names.
    @Test func whatIsThereIsRead() throws {
        for data in KnownData.all {
            // Large ones have tests of their own.
            guard !["mnist", "fashion-mnist", "cifar10", "imdb"].contains(data.name) else { continue }
            guard data.path != nil else {
                print("skipped: the data set \(data.name) is not there")
                continue
            }
            _ = try data.contents()
            for state in try data.verify() { #expect(state.isSound != false, "\(data.name): \(state.name)") }
        }
    }

    @Test func tablesHaveTheirTargets() throws {
        for data in KnownData.all where data.path != nil && data.path?.contains("tabular") == true {
            guard case .table(let table, let target) = try data.contents() else { continue }
            #expect(try table[target].missingCount == 0, "\(data.name)")
        }
    }

    @Test func descriptionsCount() throws {
        guard let path = SharedFiles.path("tabular/penguins.csv") else { return }
        let description = try DataDescription(of: path)
        #expect(description.kind == "table" && description.parts.map(\.count) == [344])
        #expect(description.columns.map(\.missing).reduce(0, +) == 19)
        #expect(description.columns[2].range == 32.1...59.6)
        #expect(description.columns[0].distinct == 3)
        #expect(description.json["columns"]?[0]?["type"]?.string == "text")
        let digits = try DataDescription(of: "digits", pictures: 10)
        #expect(digits.pictures.count == 10 && digits.classes.map(\.count) == [Int](repeating: 100, count: 10))
        let sheet = try ContactSheet.image(of: digits.pictures, columns: 4, cell: 28)
        #expect(sheet.width == 4 * 32 + 4 && sheet.height == 3 * 32 + 4)
        #expect(refusal { _ = try ContactSheet.image(of: []) } != nil)
        let missing = refusal { _ = try DataDescription(of: "/nowhere/at/all") }
        #expect(missing?.problem == "there is no data set and no file of this name")
    }

    @Test func tablesAreSplitInEqualShares() throws {
        let rows = (0..<100).map { "\($0),\($0 % 4 == 0 ? "a" : "b")" }.joined(separator: "\n")
        let table = try CSV.decode(Array(rows.utf8), .init(names: ["x", "y"]))
        let (train, test) = try table.split(test: 0.2, by: "y", seed: 3)
        #expect(train.count == 80 && test.count == 20)
        #expect((0..<20).count { test.columns[1].text(at: $0) == "a" } == 5)
        #expect(Set((train.columns[0].numbers ?? []) + (test.columns[0].numbers ?? [])).count == 100)
        #expect(try table.split(test: 0.2, by: "y", seed: 3).test == test)
        #expect(try table.split(test: 0.2, by: "y", seed: 4).test != test)
        #expect(refusal { _ = try table.split(test: 0, seed: 1) } != nil)
    }

    @Test func downloadsThatFailAreExplained() throws {
        let folder = TemporaryFolder()
        let path = folder.file("a")
        let error = refusal {
            try Download.fetch("http://127.0.0.1:9/a", sha256: "0", to: path, showsProgress: false)
        }
        #expect(error?.place == "download of http://127.0.0.1:9/a")
        #expect(error?.remedy.contains(path) == true)
        try AtomicFile.write(Array("abc".utf8), to: path)
        // What is there and right is not fetched.
        try Download.fetch(
            "http://127.0.0.1:9/a", sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            to: path,
            showsProgress: false)
    }
}
