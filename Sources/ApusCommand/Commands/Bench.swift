import Apus
import ApusWorkloads
import ArgumentParser

struct Bench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "Time training steps and predictions of known networks.",
        discussion: """
            A step's bound is the time that its operations take at the processor's peak or its bytes at the speed of its \
            memory, both measured first, whichever is longer; the efficiency is the bound's share of the median. Bytes are \
            those that kernel calls read and write, each operand once.
            """)

    @Argument(help: "Names of workloads, or training, inference or all. [default: mlp_mnist cnn_mnist lenet5]")
    var workloads: [String] = []
    @Option(help: "The number of samples in a batch. [default: that of the workload]")
    var batch: Int?
    @Option(help: "Seconds of timed steps for each workload.")
    var minTime = 1.0
    @Flag(help: "List the kernel calls of each step with their times in microseconds.")
    var profile = false
    @OptionGroup var common: CommonOptions

    func run() throws {
        try reporting {
            try common.apply()
            guard minTime >= 0, minTime <= 3600 else {
                throw ApusError(.value, in: "option --min-time", "\(minTime) seconds", remedy: "use 0 to 3600")
            }
            let chosen = try chosen()
            let limits = try MachineLimits.measured()
            var rows: [[String]] = []
            var values: [JSON] = []
            for workload in chosen {
                let run = try WorkloadRun(workload, batch: batch)
                let timing = try Timing.measure(run, least: minTime)
                let bound = limits.bound(
                    operations: workload.operations(batch: run.batch), bytes: run.movedByteCount)
                rows.append(row(run, timing, bound: bound))
                values.append(json(run, timing, bound: bound))
                guard profile else { continue }
                for line in try run.profile() { Console.note(line, json: common.json) }
            }
            guard common.json else {
                Console.result(
                    "\(Console.threads(Device.threads)): \(number(limits.operationsPerSecond / 1e9)) GFLOP/s, "
                        + "\(number(limits.bytesPerSecond / 1e9)) GB/s")
                for line in table(rows) { Console.result(line) }
                return
            }
            Console.result(
                JSON.object([
                    JSON.Member("threads", .integer(Int64(Device.threads))),
                    JSON.Member("peak_gflops", .number(limits.operationsPerSecond / 1e9)),
                    JSON.Member("bandwidth_gb_per_s", .number(limits.bytesPerSecond / 1e9)),
                    JSON.Member("workloads", .array(values)),
                ]).text())
        }
    }

    private func chosen() throws(ApusError) -> [Workload] {
        var result: [Workload] = []
        for name in workloads.isEmpty ? ["mlp_mnist", "cnn_mnist", "lenet5"] : workloads {
            switch name {
            case "all": result += Workload.all
            case "training": result += Workload.all.filter(\.isTraining)
            case "inference": result += Workload.all.filter { !$0.isTraining }
            default:
                guard let workload = Workload.named(name) else {
                    throw ApusError(
                        .name, in: "apus bench", "there is no workload \"\(name)\"",
                        remedy: "use training, inference, all, or of \(Workload.names.joined(separator: ", "))")
                }
                result.append(workload)
            }
        }
        return result
    }

    private func row(_ run: WorkloadRun, _ timing: Timing, bound: Double) -> [String] {
        let median = timing.percentile(0.5)
        return [
            run.workload.name, "\(run.batch)", number(median * 1e3), number(timing.percentile(0.99) * 1e3),
            number(Double(run.batch) / median), number(timing.first * 1e3), number(bound * 1e3),
            "\(Int((bound / median * 100).rounded())) %", "\(run.callCount)",
            number(Double(run.movedByteCount) / 1e6), number(Double(run.arenaByteCount) / 1e6),
        ]
    }

    private func json(_ run: WorkloadRun, _ timing: Timing, bound: Double) -> JSON {
        let median = timing.percentile(0.5)
        return JSON.object([
            JSON.Member("workload", .string(run.workload.name)), JSON.Member("batch", .integer(Int64(run.batch))),
            JSON.Member("ms_median", .number(median * 1e3)),
            JSON.Member("ms_p99", .number(timing.percentile(0.99) * 1e3)),
            JSON.Member("samples_per_s", .number(Double(run.batch) / median)),
            JSON.Member("first_ms", .number(timing.first * 1e3)), JSON.Member("bound_ms", .number(bound * 1e3)),
            JSON.Member("efficiency", .number(bound / median)),
            JSON.Member("calls", .integer(Int64(run.callCount))),
            JSON.Member("moved_bytes", .integer(Int64(run.movedByteCount))),
            JSON.Member("arena_bytes", .integer(Int64(run.arenaByteCount))),
        ])
    }

    /// Columns of equal width, numbers to the right.
    private func table(_ rows: [[String]]) -> [String] {
        let header = [
            "workload", "batch", "ms", "p99 ms", "samples/s", "first ms", "bound ms", "efficiency", "calls", "MB moved",
            "arena MB",
        ]
        let lines = [header] + rows
        let widths = header.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
        return lines.map { line in
            zip(line, widths).enumerated().map { column, cell in
                let space = String(repeating: " ", count: cell.1 - cell.0.count)
                return column == 0 ? cell.0 + space : space + cell.0
            }.joined(separator: "  ")
        }
    }

    /// Three digits or more.
    private func number(_ value: Double) -> String {
        guard value.isFinite, value < 1e15 else { return "\(value)" }
        let decimals = value >= 100 ? 0 : value >= 10 ? 1 : value >= 1 ? 2 : 4
        let scale = [1.0, 10, 100, 1000, 10_000][decimals]
        let units = Int((value * scale).rounded())
        guard decimals > 0 else { return "\(units)" }
        let rest = "\(units % Int(scale))"
        return "\(units / Int(scale))." + String(repeating: "0", count: decimals - rest.count) + rest
    }
}
