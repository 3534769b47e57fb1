import Apus
import ApusWorkloads

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Pipelines from files or memory to batches; the same as those of peers/pipeline_peer.py.
struct Pipelines {
    let threads: Int
    let least: Double

    /// JPEG files of the folder `APUS_BENCHMARK_PICTURES`: a random part of each, mirrored or not, in batches of 32.
    func pictures() throws {
        guard let folder = getenv("APUS_BENCHMARK_PICTURES") else {
            throw ApusError(
                .name, in: "benchmark", "APUS_BENCHMARK_PICTURES names no folder",
                remedy: "draw pictures with Benchmarks/peers/pictures.py and set it")
        }
        let photos = try ImageFolder(String(cString: folder))
        let batches = Pipeline(Array(0..<photos.count), name: "pictures")
            .shuffle(seed: 1)
            .map("crop", seed: 2) { (index: Int, random: inout RandomSource) -> Sample<Tensor, Int> in
                let bytes = try photos.bytes(at: index)
                let size = try Image.size(of: bytes)
                let part = ImageRegion.random(width: size.width, height: size.height, using: &random)
                let image = try Image(decoding: bytes, region: part, atLeast: (224, 224)).rgb()
                let input = try image.normalized(
                    width: 224, height: 224, means: [0.485, 0.456, 0.406], deviations: [0.229, 0.224, 0.225],
                    isMirrored: random.chance(0.5))
                return Sample(input: input, target: photos.files[index].label)
            }
            .batch(32)
            .prefetch()
        try measure("pipeline_jpeg", batches)
    }

    /// 60,000 pictures in memory in a new order each epoch, in batches of 128; then a training that reads them.
    func memory() throws {
        let count = 60_000
        let images = try Tensor.randomNormal([count, 28, 28, 1], seed: 1).evaluated()
        let labels = Tensor((0..<count).map { Int32(truncatingIfNeeded: $0 % 10) }, shape: [count])
        let data = try Dataset(inputs: images, targets: labels, name: "memory")
        try measure("pipeline_memory", Pipeline(data.shuffled(seed: 1)).batch(128).prefetch()) {
            let some = try data.prefix(10_000).shuffled(seed: 1)
            let trainer = Trainer(Sequential.cnn(), loss: .softmaxCrossEntropy, optimizer: .adam())
            let history = try trainer.fit(Pipeline(some).batch(128).prefetch(), epochs: 2)
            return history.epochs.last?.waitingShare
        }
    }

    /// Times passes over a pipeline after one that warms up.
    private func measure(
        _ workload: String, _ batches: Pipeline<Batch>, waiting: () throws -> Double? = { nil }
    ) throws {
        var times: [Double] = []
        var (first, samples, steps, epoch) = (0.0, 0, 0, 0)
        var before = Load()
        var begin = Timing.now()
        while true {
            let start = Timing.now()
            (samples, steps) = (0, 0)
            let iterator = try batches.iterator(epoch: epoch)
            while let batch = try iterator.next() {
                if first == 0 { first = Timing.now() - start }
                samples += batch.count
                steps += 1
            }
            epoch += 1
            if epoch == 1 {
                before = Load()
                begin = Timing.now()
                continue
            }
            times.append((Timing.now() - start) / Double(max(steps, 1)))
            if Timing.now() - begin >= least && times.count >= 2 { break }
        }
        let load = Load().since(before)
        let timing = Timing(first: first, steps: times, firstLoss: 0, lastLoss: 0)
        let median = timing.percentile(0.5)
        let peak = Memory.peak
        let share = try waiting()
        Benchmark.emit([
            ("framework", "apus"), ("version", .string(Benchmark.version)), ("mode", "compiled"),
            ("workload", .string(workload)), ("threads", .integer(Int64(threads))),
            ("batch", .integer(Int64(samples / max(steps, 1)))),
            ("items_per_s", .number(Double(samples) / Double(max(steps, 1)) / median)),
            ("ms_per_step_median", .number(median * 1e3)),
            ("ms_per_step_p10", .number(timing.percentile(0.1) * 1e3)),
            ("ms_per_step_p90", .number(timing.percentile(0.9) * 1e3)), ("epochs", .integer(Int64(times.count))),
            ("own_cores", .number(load.own)), ("other_cores", load.other.map { .number($0) } ?? .null),
            ("first_step_s", .number(first)), ("import_s", .integer(0)),
            ("peak_rss_mb", .number(Double(peak) / 1_048_576)),
            ("waiting_share", share.map { .number($0) } ?? .null),
        ])
    }
}
