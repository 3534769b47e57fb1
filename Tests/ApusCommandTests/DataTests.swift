import Apus
import Foundation
import Testing

/// `apus data`.
@Suite struct DataTests {
    @Test func namesAreListed() throws {
        let folder = try WorkFolder()
        let text = try folder.run("data", "list")
        #expect(text.status == 0 && text.output.contains("iris "))
        let json = try folder.run("data", "list", "--json").object()
        let names = GeneratedData.all.map(\.name) + KnownData.all.map(\.name)
        #expect(json["data"]?.elements?.compactMap { $0["name"]?.string } == names && Set(names).count == names.count)
        #expect(text.output.contains("moons ") && text.output.contains("(drawn from a seed)"))
    }

    @Test func dataIsDescribed() throws {
        let folder = try WorkFolder()
        let run = try folder.run(
            "data", "describe", "digits", "--sheet", "sheet.png", "--html", "report.html", "--json")
        let json = try run.object()
        #expect(json["parts"]?["train"]?.integer == 1000 && json["classes"]?["7"]?.integer == 100)
        #expect(try Image(path: folder.path("sheet.png")).width > 100)
        let html = try folder.text("report.html")
        #expect(html.contains("<h2>Classes</h2>") && html.contains("data:image/png;base64,"))
        let plain = try folder.run("data", "describe", "digits")
        #expect(
            plain.output.hasPrefix("digits: arrays\n  train 1000, test 200\n  input: uint8 [28, 28, 1], 0 to 255\n"))
        let none = try folder.run("data", "describe", "nothing.txt")
        #expect(none.status == 1 && none.errors.hasPrefix("error: data set nothing.txt: there is no data set"))
    }

    @Test func generatedDataHasNames() throws {
        let folder = try WorkFolder()
        let moons = try folder.run("data", "describe", "moons", "--json").object()
        #expect(moons["parts"]?["test"]?.integer == 200 && moons["classes"]?["1"]?.integer == 500)
        let world = try folder.run("data", "describe", "small-world", "--json").object()
        #expect(world["parts"]?["edges"]?.integer == 1200 && world["classes"]?["3"]?.integer == 100)
        #expect(try folder.run("data", "describe", "shapes", "--pictures", "4", "--sheet", "shapes.png").status == 0)
        #expect(try Image(path: folder.path("shapes.png")).width == 4 * 100 + 4)
        let trained = try folder.run(
            "train", "--data", "moons", "--model", "L16 R L2", "--samples", "600", "--epochs", "20", "--output", "run",
            "--json")
        #expect(try trained.object()["test_accuracy"]?.double ?? 0 > 0.8)
        let copy = try folder.run("train", "--data", "copy", "--output", "copy")
        #expect(copy.status == 1 && copy.errors.contains("its samples have no class to be predicted"))
    }

    @Test func arraysAreDescribedAndConverted() throws {
        let folder = try WorkFolder()
        try Npz.write(
            [("w", try RawArray([1.5 as Float, -2, 4], shape: [3])), ("n", try RawArray([7 as Int64], shape: []))],
            to: folder.path("a.npz"))
        #expect(try folder.run("data", "convert", "a.npz", "a.safetensors").status == 0)
        let run = try folder.run("data", "describe", "a.safetensors")
        #expect(run.output.contains("arrays 2, values 4\n") && run.output.contains("w: float32 [3], -2 to 4\n"))
        #expect(try folder.run("data", "describe", ".").errors.contains("files without classes, such as"))
        #expect(try folder.run("data", "convert", "a.npz", "a.pt").errors.contains("no way is known"))
    }

    @Test func tablesAreSplitAndConverted() throws {
        let folder = try WorkFolder()
        let rows = (0..<20).map { "\($0),\($0 % 2 == 0 ? "a" : "b")" }.joined(separator: "\n")
        try Data(("x,y\n" + rows + "\n").utf8).write(to: folder.url.appendingPathComponent("t.csv"))
        let split = try folder.run("data", "split", "t.csv", "--by", "y", "--output", "parts", "--json").object()
        #expect(split["train"]?.integer == 16 && split["test"]?.integer == 4)
        #expect(try CSV.read(folder.path("parts/test.csv")).count == 4)
        #expect(try folder.run("data", "convert", "t.csv", "t.tsv").status == 0)
        #expect(try folder.text("t.tsv").hasPrefix("x\ty\n0\ta\n"))
        let odd = try folder.run("data", "convert", "t.csv", "t.xyz")
        #expect(odd.errors.contains("no way is known from t.csv to t.xyz"))
        let unknown = try folder.run("data", "verify", "nothing")
        #expect(unknown.status == 1 && unknown.errors.contains("data set nothing: it is not known"))
    }
}
