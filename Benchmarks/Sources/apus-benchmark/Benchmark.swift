import Apus
import ApusWorkloads

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
        let only = option("--only")
        let batch = option("--batch").flatMap { Int($0) }
        let depth = option("--depth").flatMap { Int($0) }
        let length = option("--length").flatMap { Int($0) }
        let proof = option("--proof")
        let listing = words.contains("--list")
        let naming = words.contains("--parameters")
        words.removeAll { $0.hasPrefix("--") }
        Device.threads = threads
        do {
            switch words.first {
            case "micro": try Micro(threads: threads, least: min(least, 3) / 6, only: only).run()
            case "coldstart": try coldStart(threads)
            case "pipeline_jpeg": try Pipelines(threads: threads, least: least).pictures()
            case "pipeline_memory": try Pipelines(threads: threads, least: least).memory()
            case let name?:
                let scaled = depth != nil || length != nil
                let found = scaled ? Workload.scaled(name, depth: depth, length: length) : Workload.named(name)
                guard let workload = found else {
                    throw ApusError(
                        .name, in: "benchmark", "\"\(name)\" is not known",
                        remedy: "use \((Workload.names + ["micro", "coldstart"]).joined(separator: ", "))")
                }
                if let proof {
                    let run = try WorkloadRun(workload, file: proof)
                    for index in 0..<20 { print(try run.step(index)) }
                } else if listing || naming {
                    let run = try WorkloadRun(workload, batch: batch, distinct: 1)
                    _ = try run.step(0)
                    if listing { for line in try run.profile() { print(line) } }
                    if naming { for (path, shape) in run.parameters { print(path, shape) } }
                } else {
                    try time(workload, batch, threads: threads, least: least)
                }
            case nil:
                throw ApusError(
                    .name, in: "benchmark", "no workload is named",
                    remedy: "use \((Workload.names + ["micro", "coldstart"]).joined(separator: ", "))")
            }
        } catch let error as ApusError {
            print("error: \(error)")
        }
    }

    private static func time(_ workload: Workload, _ batch: Int?, threads: Int, least: Double) throws {
        let run = try WorkloadRun(workload, batch: batch)
        var before = Load()
        let timing = try Timing.measure(run, least: least) { before = Load() }
        let load = Load().since(before)
        let median = timing.percentile(0.5)
        emit([
            ("framework", "apus"), ("version", .string(version)), ("mode", "compiled"),
            ("workload", .string(workload.name)), ("batch", .integer(Int64(run.batch))),
            ("threads", .integer(Int64(threads))), ("params", .integer(Int64(run.parameterCount))),
            ("items_per_s", .number(Double(run.batch) / median)), ("ms_per_step_median", .number(median * 1e3)),
            ("ms_per_step_p10", .number(timing.percentile(0.1) * 1e3)),
            ("ms_per_step_p90", .number(timing.percentile(0.9) * 1e3)),
            ("ms_per_step_p99", .number(timing.percentile(0.99) * 1e3)),
            ("ms_per_step_min", .number(timing.percentile(0) * 1e3)),
            (
                "cpu_ms_per_step",
                .number(load.own * timing.steps.reduce(0, +) / Double(timing.steps.count) * 1e3)
            ),
            ("timed_steps", .integer(Int64(timing.steps.count))), ("own_cores", .number(load.own)),
            ("other_cores", load.other.map { .number($0) } ?? .null), ("first_step_s", .number(timing.first)),
            ("import_s", .integer(0)), ("peak_rss_mb", .number(Double(Memory.peak) / 1_048_576)),
            ("loss_first", .number(timing.firstLoss)), ("loss_last", .number(timing.lastLoss)),
        ])
    }

    private static func coldStart(_ threads: Int) throws {
        guard let workload = Workload.named("mlp_mnist") else { return }
        let loss = try WorkloadRun(workload, distinct: 1).step(0)
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
