import Apus
import Testing

/// `apus bench`.
@Suite struct BenchTests {
    @Test func aRowForEachWorkload() throws {
        let folder = try WorkFolder()
        let run = try folder.run("bench", "lenet5", "inference_mlp", "--min-time", "0", "--threads", "1")
        #expect(run.status == 0 && run.errors.isEmpty)
        let lines = run.output.split(separator: "\n")
        #expect(lines.count == 4 && lines[0].hasPrefix("1 thread: "))
        #expect(lines[1].split(separator: "  ").first == "workload")
        #expect(lines[2].hasPrefix("lenet5") && lines[3].hasPrefix("inference_mlp"))
    }

    @Test func figuresAreOneObject() throws {
        let object = try WorkFolder().run("bench", "lenet5", "--batch", "8", "--min-time", "0", "--json").object()
        let row = try #require(object["workloads"]?[0])
        #expect(row["batch"]?.integer == 8)
        for name in ["ms_median", "ms_p99", "samples_per_s", "first_ms", "bound_ms", "efficiency"] {
            #expect((row[name]?.double ?? 0) > 0, "\(name)")
        }
        #expect((row["calls"]?.integer ?? 0) > 10 && (row["moved_bytes"]?.integer ?? 0) > 1000)
    }

    @Test func unknownWorkloadsAreNamed() throws {
        let run = try WorkFolder().run("bench", "alexnet")
        #expect(run.status == 1)
        #expect(
            run.errors.hasPrefix("error: apus bench: there is no workload \"alexnet\"; use training, inference, all"))
    }
}
