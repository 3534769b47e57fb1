import Apus
import ArgumentParser

/// `apus data`: what there is, what it holds, and whether it is as it should be.
struct DataCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "data", abstract: "List, download, describe, split, convert and verify data sets.",
        subcommands: [
            ListData.self, DownloadData.self, DescribeData.self, SplitData.self, ConvertData.self, VerifyData.self,
        ])
}

struct ListData: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the data sets that have a name.")

    @OptionGroup var form: ResultForm

    func run() throws {
        try reporting {
            let (drawn, known) = (GeneratedData.all, KnownData.all)
            if form.json {
                let generated = drawn.map { data -> JSON in
                    [
                        "name": .string(data.name), "summary": .string(data.summary), "path": .null,
                        "generated": .bool(true), "downloadable": .bool(false),
                    ]
                }
                let sets = known.map { data -> JSON in
                    [
                        "name": .string(data.name), "summary": .string(data.summary),
                        "path": data.path.map { .string($0) } ?? .null, "generated": .bool(false),
                        "downloadable": .bool(!data.files.isEmpty),
                    ]
                }
                Console.result((["data": .array(generated + sets)] as JSON).text())
                return
            }
            let width = (drawn.map(\.name.count) + known.map(\.name.count)).max() ?? 0
            func show(_ name: String, _ summary: String, _ state: String) {
                Console.result(name + String(repeating: " ", count: width - name.count) + "  \(summary) (\(state))")
            }
            for data in drawn { show(data.name, data.summary, "drawn from a seed") }
            for data in known {
                show(
                    data.name, data.summary,
                    data.path.map { "in \($0)" } ?? (data.files.isEmpty ? "not here" : "to be downloaded"))
            }
        }
    }
}

struct DownloadData: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "download", abstract: "Fetch a data set into the cache, and check it.",
        discussion:
            "The cache is the folder that APUS_CACHE names, or ~/.cache/apus. Downloads go on where they were cut off.")

    @Argument(help: "A name that `apus data list` shows.")
    var name: String
    @OptionGroup var form: ResultForm

    func run() throws {
        try reporting {
            let data = try KnownData.named(name)
            try data.download(showsProgress: Console.isTerminal(2))
            let path = data.path ?? KnownData.cache
            if form.json {
                Console.result((["name": .string(name), "path": .string(path)] as JSON).text())
            } else {
                Console.result("\(name) is in \(path)")
            }
        }
    }
}

struct DescribeData: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "describe",
        abstract: "Tell what a data set holds: counts, shapes, ranges, missing values, classes.")

    @Argument(
        help:
            "A name that `apus data list` shows, a table, a text, a picture, arrays, or a folder of pictures or IDX files."
    )
    var data: String
    @Option(help: "Write some pictures as a contact sheet to this PNG or JPEG file.")
    var sheet: String?
    @Option(help: "Write a report to this HTML file.")
    var html: String?
    @Option(help: "How many pictures to show.")
    var pictures: Int = 32
    @OptionGroup var form: ResultForm

    func run() throws {
        try reporting {
            guard (1...4096).contains(pictures) else {
                throw ApusError(.value, in: "option --pictures", "\(pictures) pictures", remedy: "use 1 to 4096")
            }
            let description = try DataDescription(of: data, pictures: pictures)
            let contact = description.pictures.isEmpty ? nil : try ContactSheet.image(of: description.pictures)
            if let sheet {
                guard let contact else {
                    throw ApusError(
                        .data, in: "option --sheet", "\(data) holds no pictures", remedy: "leave the option out")
                }
                try contact.write(to: sheet)
            }
            if let html { try AtomicFile.write(Array(DataReport(description, contact).html.utf8), to: html) }
            Console.result(form.json ? description.json.text() : description.text)
        }
    }
}

struct VerifyData: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Compare a data set's files with their SHA-256, and read them.")

    @Argument(help: "A name that `apus data list` shows.")
    var name: String
    @OptionGroup var form: ResultForm

    func run() throws {
        try reporting {
            let data = try KnownData.named(name)
            let states = try data.verify()
            let description = try DataDescription(of: name, pictures: 1)
            func word(_ state: Bool?) -> String { state == nil ? "missing" : state == true ? "sound" : "changed" }
            if form.json {
                let object: JSON = [
                    "name": .string(name), "files": .object(states.map { .init($0.name, .string(word($0.isSound))) }),
                    "parts": .object(description.parts.map { .init($0.name, .integer(Int64($0.count))) }),
                    "bad": .integer(Int64(description.bad.count)),
                ]
                Console.result(object.text())
            } else {
                for state in states { Console.result("\(state.name): \(word(state.isSound))") }
                Console.result(
                    "read: " + description.parts.map { "\($0.name) \($0.count)" }.joined(separator: ", ")
                        + ", \(description.bad.count) bad")
            }
            if states.contains(where: { $0.isSound == false }) { throw ExitCode(1) }
        }
    }
}

struct SplitData: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "split", abstract: "Split a table at random into two files.")

    @Argument(help: "A table (.csv or .tsv).")
    var table: String
    @Option(help: "The share of the rows that go into the second file.")
    var test: Double = 0.2
    @Option(help: "The column whose values both files shall have in equal shares.")
    var by: String?
    @Option(help: "The seed of the choice.")
    var seed: UInt64 = 1
    @Option(help: "The folder for train.csv and test.csv.")
    var output: String = "."
    @OptionGroup var form: ResultForm

    func run() throws {
        try reporting {
            guard test > 0, test < 1 else {
                throw ApusError(.value, in: "option --test", "a share of \(test)", remedy: "use one over 0, below 1")
            }
            let table = try CSV.read(table)
            let (train, test) = try table.split(test: test, by: by, seed: seed)
            try Files.makeFolder(output)
            try CSV.write(train, to: "\(output)/train.csv")
            try CSV.write(test, to: "\(output)/test.csv")
            if form.json {
                let object: JSON = ["train": .integer(Int64(train.count)), "test": .integer(Int64(test.count))]
                Console.result(object.text())
            } else {
                Console.result("\(train.count) rows in \(output)/train.csv, \(test.count) in \(output)/test.csv")
            }
        }
    }
}

struct ConvertData: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "convert",
        abstract: "Write a picture, table or array in another format, by the ends of the names.",
        discussion:
            "Pictures become .png or .jpg; .csv and .tsv become each other; IDX files (-ubyte, .gz) and .npy too; .pt, .npz "
            + "and .safetensors become .npz or .safetensors.")

    @Argument(help: "The file to read.")
    var input: String
    @Argument(help: "The file to write.")
    var output: String
    @OptionGroup var form: ResultForm

    func run() throws {
        try reporting {
            func ends(_ path: String, _ endings: String...) -> Bool { endings.contains { path.hasSuffix($0) } }
            func isIDX(_ path: String) -> Bool { ends(path, "ubyte", "ubyte.gz", ".idx", ".idx.gz") }
            if ImageFormat(path: input) != nil, ends(output, ".png", ".jpg", ".jpeg") {
                try Image(path: input).write(to: output)
            } else if ends(input, ".csv", ".tsv", ".csv.gz", ".tsv.gz", ".data"), ends(output, ".csv", ".tsv") {
                try CSV.write(try CSV.read(input), to: output, separator: output.hasSuffix(".tsv") ? "\t" : ",")
            } else if NamedArrays.endings.contains(where: { input.hasSuffix($0) }), ends(output, ".safetensors", ".npz")
            {
                try NamedArrays.write(try NamedArrays.read(input), to: output)
            } else if isIDX(input), ends(output, ".npy") {
                try Npy.write(try IDX.read(input), to: output)
            } else if ends(input, ".npy"), isIDX(output) {
                try IDX.write(try Npy.read(input), to: output)
            } else {
                throw ApusError(
                    .unsupported, in: "apus data convert", "no way is known from \(input) to \(output)",
                    remedy: "see apus data convert --help")
            }
            if form.json {
                Console.result((["output": .string(output)] as JSON).text())
            } else {
                Console.result("wrote \(output)")
            }
        }
    }
}
