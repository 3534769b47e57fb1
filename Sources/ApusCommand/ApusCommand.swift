import Apus
import ArgumentParser

/// The command line.
@main struct ApusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apus",
        abstract: "Trains, evaluates and describes neural networks.",
        discussion: "Without arguments, `apus train` trains on handwritten digits that it draws itself.",
        subcommands: [Train.self, Evaluate.self, Predict.self, Summarize.self, Version.self])

    /// The version of the package.
    static let version = "0.1.0"
}

/// Options that every command takes.
struct CommonOptions: ParsableArguments {
    @Flag(help: "Print exactly one JSON object on standard output, everything else on standard error.")
    var json = false

    @Option(help: "How many threads to use; results do not depend on it. [default: all processors]")
    var threads: Int?

    func apply() throws(ApusError) {
        guard let threads else { return }
        guard (1...256).contains(threads) else {
            throw ApusError(.value, in: "option --threads", "\(threads) threads", remedy: "use 1 to 256")
        }
        Device.threads = threads
    }
}

extension ParsableCommand {
    /// Runs the body; a mistake ends the command with its one-line message and exit code 1.
    func reporting(_ body: () throws -> Void) throws {
        do {
            try body()
        } catch let error as ApusError {
            Console.error("error: \(error)")
            throw ExitCode(1)
        }
    }
}
