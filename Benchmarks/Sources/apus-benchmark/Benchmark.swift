import Apus

/// Times one workload and prints JSON lines; see Benchmarks/README.md for the fields.
@main struct Benchmark {
    static let version = "0.1.0"

    static func main() throws {
        var words = Array(CommandLine.arguments.dropFirst())
        func option(_ name: String) -> String? {
            guard let index = words.firstIndex(of: name), index + 1 < words.count else { return nil }
            let value = words[index + 1]
            words.removeSubrange(index...index + 1)
            return value
        }
        let threads = option("--threads").flatMap { Int($0) } ?? 1
        let least = option("--min-time").flatMap { Double($0) } ?? 3
        let listing = words.contains("--list")
        words.removeAll { $0.hasPrefix("--") }
        Device.threads = threads
        do {
            switch words.first {
            case "micro": try Micro(threads: threads, least: min(least, 3) / 6).run()
            case "coldstart": try coldStart(threads)
            case let name?:
                guard let workload = Workload.named(name) else {
                    throw ApusError(
                        .name, in: "benchmark", "\"\(name)\" is not known",
                        remedy: "use \((Workload.names + ["micro", "coldstart"]).joined(separator: ", "))")
                }
                if listing { try workload.list() } else { try workload.run(threads: threads, least: least) }
            case nil:
                throw ApusError(
                    .name, in: "benchmark", "no workload is named",
                    remedy: "use \((Workload.names + ["micro", "coldstart"]).joined(separator: ", "))")
            }
        } catch let error as ApusError {
            print("error: \(error)")
        }
    }

    private static func coldStart(_ threads: Int) throws {
        guard let workload = Workload.named("mlp_mnist") else { return }
        let loss = try workload.makeStep()(0)
        emit([
            ("framework", "apus"), ("version", .string(version)), ("mode", "compiled"), ("workload", "coldstart"),
            ("threads", .integer(Int64(threads))), ("peak_rss_mb", .number(Double(Memory.peak) / 1_048_576)),
            ("loss_first", .number(loss)),
        ])
    }

    static func emit(_ fields: [(String, JSON)]) {
        print(JSON.object(fields.map { JSON.Member($0.0, $0.1) }).text())
    }
}
