import Apus
import Foundation
import Testing

/// The built `apus`, run as a process.
enum Command {
    struct Outcome {
        let status: Int32
        let output: String
        let errors: String

        /// The lines on standard error.
        var errorLines: [Substring] { errors.split(separator: "\n") }

        /// The only JSON object on standard output.
        func object() throws -> JSON {
            #expect(output.hasSuffix("\n"))
            let object = try JSON(parsing: Array(output.utf8), place: "standard output")
            try #require(object.members != nil)
            return object
        }
    }

    /// It stands beside the test program, or some folders above it.
    static let path: String = {
        var folders: [URL] = [URL(fileURLWithPath: CommandLine.arguments[0])]
        if let program = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") {
            folders.append(URL(fileURLWithPath: program))
        }
        folders += Bundle.allBundles.map(\.bundleURL)
        if let option = CommandLine.arguments.firstIndex(of: "--test-bundle-path"),
            option + 1 < CommandLine.arguments.count
        {
            folders.append(URL(fileURLWithPath: CommandLine.arguments[option + 1]))
        }
        for var folder in folders {
            for _ in 0..<5 {
                folder.deleteLastPathComponent()
                let candidate = folder.appendingPathComponent("apus").path
                var isFolder: ObjCBool = false
                if FileManager.default.fileExists(atPath: candidate, isDirectory: &isFolder), !isFolder.boolValue,
                    FileManager.default.isExecutableFile(atPath: candidate)
                {
                    return candidate
                }
            }
        }
        return "apus"
    }()

    /// Starts it in a folder; what it prints goes to two files.
    static func start(_ arguments: [String], in folder: URL, output: URL? = nil, errors: URL? = nil) throws -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.currentDirectoryURL = folder
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try output.map { try FileHandle(forWritingTo: $0) } ?? FileHandle.nullDevice
        process.standardError = try errors.map { try FileHandle(forWritingTo: $0) } ?? FileHandle.nullDevice
        try process.run()
        return process
    }

    /// Runs it to its end.
    static func run(_ arguments: [String], in folder: URL) throws -> Outcome {
        // Several may run in one folder at a time.
        let files = try ["output", "errors"].map { name in
            let file = folder.appendingPathComponent("\(name)-\(UUID().uuidString)")
            try Data().write(to: file)
            return file
        }
        let process = try start(arguments, in: folder, output: files[0], errors: files[1])
        process.waitUntilExit()
        #expect(process.terminationReason == .exit)
        let texts = try files.map { String(decoding: try Data(contentsOf: $0), as: UTF8.self) }
        for file in files { try FileManager.default.removeItem(at: file) }
        return Outcome(status: process.terminationStatus, output: texts[0], errors: texts[1])
    }
}

/// A folder that goes with everything in it.
final class WorkFolder: Sendable {
    let url: URL

    static func url(_ name: String) -> URL { FileManager.default.temporaryDirectory.appendingPathComponent(name) }

    init(name: String = "apus-command-\(UUID().uuidString)") throws {
        url = Self.url(name)
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    func path(_ name: String) -> String { url.appendingPathComponent(name).path }

    func text(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: url.appendingPathComponent(name)), as: UTF8.self)
    }

    func run(_ arguments: String...) throws -> Command.Outcome { try Command.run(arguments, in: url) }
    func run(_ arguments: [String]) throws -> Command.Outcome { try Command.run(arguments, in: url) }
}
