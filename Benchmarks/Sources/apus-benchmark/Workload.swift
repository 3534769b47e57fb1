import Apus

/// A network with its batch, optimizer and expected number of parameters.
struct Workload {
    let name: String
    let batch: Int
    let input: [Int]
    let parameters: Int
    let optimizer: Optimizer
    let network: @Sendable () -> Sequential

    static let all: [Workload] = [
        Workload(
            name: "mlp_mnist", batch: 128, input: [784], parameters: 669_706,
            optimizer: .sgd(learningRate: 0.01, momentum: 0.9), network: { .mlp() }),
        Workload(
            name: "cnn_mnist", batch: 128, input: [28, 28, 1], parameters: 1_199_882, optimizer: .adam(),
            network: { .cnn() }),
        Workload(
            name: "lenet5", batch: 32, input: [28, 28, 1], parameters: 61_706, optimizer: .sgd(learningRate: 0.01),
            network: { .leNet5() }),
        Workload(
            name: "resnet18_cifar", batch: 64, input: [32, 32, 3], parameters: 11_173_962,
            optimizer: .sgd(learningRate: 0.05, momentum: 0.9, weightDecay: 5e-4), network: { .resNet18() }),
    ]

    static var names: [String] { all.map(\.name) }
    static func named(_ name: String) -> Workload? { all.first { $0.name == name } }

    /// A function that makes step `index` and returns its loss.
    func makeStep() throws -> (Int) throws -> Double {
        let trainer = Trainer(network(), loss: .softmaxCrossEntropy, optimizer: optimizer, seed: 1)
        // Sixteen distinct batches in memory, cycled.
        let batches = try (0..<16).map { index in
            let seed = UInt64(index)
            let x = try Tensor.randomNormal(Shape([batch] + input), seed: seed).evaluated()
            let labels: [Int32] = (0..<batch).map { Int32(truncatingIfNeeded: ($0 * 7 + index * 3) % 10) }
            return (x, Tensor(labels, shape: [batch]))
        }
        return { index in
            let (x, y) = batches[index % 16]
            let loss = try trainer.step(inputs: x, targets: y)
            if index == 0, trainer.model.trainableCount != parameters {
                throw ApusError(
                    .parameter, in: "benchmark \(name)",
                    "\(trainer.model.trainableCount) parameters instead of \(parameters)",
                    remedy: "build the network of the specification")
            }
            return loss
        }
    }

    func list() throws {
        let trainer = Trainer(network(), loss: .softmaxCrossEntropy, optimizer: optimizer, seed: 1)
        let labels = [Int32](repeating: 1, count: batch)
        _ = try trainer.step(
            inputs: Tensor.randomNormal(Shape([batch] + input), seed: 1), targets: Tensor(labels, shape: [batch]))
        for line in try trainer.profile() { print(line) }
    }

    func run(threads: Int, least: Double) throws {
        let step = try makeStep()
        let start = Timer.now()
        let first = try step(0)
        let firstSeconds = Timer.now() - start
        for index in 1...3 { _ = try step(index) }
        var times: [Double] = []
        times.reserveCapacity(1 << 20)
        let before = Load()
        let begin = Timer.now()
        var index = 4
        var loss = first
        while true {
            let from = Timer.now()
            loss = try step(index)
            let now = Timer.now()
            times.append(now - from)
            index += 1
            let elapsed = now - begin
            if elapsed >= least && times.count >= 20 || elapsed >= 5 * least && times.count >= 8 { break }
        }
        let elapsed = Timer.now() - begin
        let load = Load().since(before)
        let median = Timer.percentile(times, 0.5)
        Benchmark.emit([
            ("framework", "apus"), ("version", .string(Benchmark.version)), ("mode", "compiled"),
            ("workload", .string(name)), ("batch", .integer(Int64(batch))), ("threads", .integer(Int64(threads))),
            ("params", .integer(Int64(parameters))), ("items_per_s", .number(Double(batch) / median)),
            ("ms_per_step_median", .number(median * 1e3)),
            ("ms_per_step_p10", .number(Timer.percentile(times, 0.1) * 1e3)),
            ("ms_per_step_p90", .number(Timer.percentile(times, 0.9) * 1e3)),
            ("ms_per_step_min", .number((times.min() ?? 0) * 1e3)),
            ("cpu_ms_per_step", .number(load.own * elapsed / Double(times.count) * 1e3)),
            ("timed_steps", .integer(Int64(times.count))), ("own_cores", .number(load.own)),
            ("other_cores", load.other.map { .number($0) } ?? .null), ("first_step_s", .number(firstSeconds)),
            ("import_s", .integer(0)), ("peak_rss_mb", .number(Double(Memory.peak) / 1_048_576)),
            ("loss_first", .number(first)), ("loss_last", .number(loss)),
        ])
    }
}
