import Apus
import Testing

/// `apus layers` and its like.
@Suite struct ListingTests {
    static let kinds = Catalog.kinds + [("transforms", Catalog.transforms), ("models", Catalog.models)]

    @Test(arguments: kinds.indices)
    func everythingIsListed(_ index: Int) throws {
        let (name, entries) = Self.kinds[index]
        let folder = try WorkFolder()
        let text = try folder.run(name)
        #expect(text.status == 0 && text.errors.isEmpty)
        let lines = text.output.split(separator: "\n").map { $0.drop { $0 == " " } }
        for entry in entries {
            #expect(lines.contains { $0.hasPrefix(entry.name + " ") && $0.hasSuffix(entry.summary) }, "\(entry.name)")
        }
        let json = try folder.run(name, "--json").object()
        #expect(json["kind"]?.string == name)
        #expect(json["count"]?.integer == entries.count)
        #expect(json["entries"]?.elements?.compactMap { $0["name"]?.string } == entries.map(\.name))
        #expect(json["entries"]?[0]?["summary"]?.string == entries.first?.summary)
    }

    @Test func aWordOfAnyLibraryFindsEntries() throws {
        let folder = try WorkFolder()
        let found = try folder.run("layers", "batchnormalization")
        #expect(found.output == "normalization\n  BatchNorm  Channels normalised by the statistics of the batch\n")
        let json = try folder.run("layers", "ConvTranspose2d", "--json").object()
        #expect(json["entries"]?.elements?.map { $0["name"]?.string } == ["TransposedConv2D"])
        #expect(json["entries"]?[0]?["group"]?.string == "convolution")
        #expect(json["entries"]?[0]?["keras"]?[0]?.string == "Conv2DTranspose")
    }

    @Test func aWordThatNothingMentionsIsAnError() throws {
        let folder = try WorkFolder()
        let near = try folder.run("layers", "Desne")
        #expect(near.status == 1 && near.output.isEmpty)
        #expect(
            near.errors == "error: apus layers: none of \(Catalog.layers.count) mentions \"Desne\"; "
                + "did you mean Dense? Else try apus layers without a word\n")
        let far = try folder.run("models", "qqqqqq", "--json")
        #expect(far.status == 0)
        #expect(try far.object()["count"]?.integer == 0)
        #expect(try folder.run("layers", "Dense", "more").status == 64)
    }
}

@Suite struct CatalogTableTests {
    private let entries =
        [CatalogEntry("Short", "A line of some words"), CatalogEntry("Longer", "Two")].grouped("first")
        + [CatalogEntry("VeryVeryLongName", "Under it")].grouped("second")

    @Test func summariesAreAligned() {
        #expect(
            CatalogTable.text(entries) == """
                first
                  Short             A line of some words
                  Longer            Two

                second
                  VeryVeryLongName  Under it
                """)
        #expect(CatalogTable.text([CatalogEntry("a", "b")]) == "a  b")
        #expect(CatalogTable.text([]) == "")
    }

    @Test func narrowTerminalsBreakLines() {
        #expect(
            CatalogTable.text(entries, width: 28) == """
                first
                  Short           A line of some
                                  words
                  Longer          Two

                second
                  VeryVeryLongName
                                  Under it
                """)
        #expect(CatalogTable.text(entries, width: 60, isColoured: true).hasPrefix("\u{1b}[1mfirst\u{1b}[0m\n"))
    }

    @Test func everyEntryOfAGroupedKindHasAGroup() {
        for (name, entries) in ListingTests.kinds where entries.contains(where: { !$0.group.isEmpty }) {
            #expect(entries.filter { $0.group.isEmpty }.map(\.name) == [], "\(name)")
        }
    }

    @Test func namesAndSummariesAreFitToPrint() {
        for (kind, entries) in ListingTests.kinds {
            #expect(Set(entries.map(\.name)).count == entries.count, "\(kind)")
            for entry in entries {
                #expect(!entry.name.isEmpty && !entry.summary.isEmpty && !entry.summary.contains("\n"), "\(entry.name)")
                #expect(!entry.summary.hasSuffix("."), "\(kind): \(entry.name)")
            }
        }
    }
}
