import Apus
import ArgumentParser

/// The command line.
@main struct ApusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apus",
        abstract: "Trains, evaluates and describes neural networks.",
        discussion: "Without arguments, `apus train` trains on handwritten digits that it draws itself.",
        subcommands: [
            Train.self, Evaluate.self, Predict.self, Generate.self, Summarize.self, DataCommand.self, Bench.self,
            Version.self,
        ],
        groupedSubcommands: [CommandGroup(name: "Listing", subcommands: Listed.commands)])

    /// The version of the package.
    static let version = "0.1.0"

    /// Runs the command; a mistake in the options ends in one line that names where to read on.
    static func main() {
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch {
            guard exitCode(for: error) == .validationFailure else { exit(withError: error) }
            var problem = message(for: error).split(separator: "\n").joined(separator: " ")
            if problem.hasSuffix(".") { problem.removeLast() }
            let usage = fullMessage(for: error).split(separator: "'").first { $0.hasSuffix("--help") }
            Console.error("error: \(problem); see \(usage ?? "apus --help")")
            exit(withError: ExitCode.validationFailure)
        }
    }
}

/// The form in which a command that computes nothing gives its result.
struct ResultForm: ParsableArguments {
    @Flag(help: "Print exactly one JSON object on standard output.")
    var json = false
}

/// Options of the commands that compute.
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
