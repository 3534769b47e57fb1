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
        #expect(json["data"]?.elements?.compactMap { $0["name"]?.string } == KnownData.all.map(\.name))
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
