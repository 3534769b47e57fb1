import Apus
import ApusWorkloads

/// Single matrix products and convolutions; names and shapes are those of peers/harness.py.
struct Micro {
    let threads: Int
    let least: Double
    /// Only operations whose names have this in them.
    let only: String?

    static let matmuls = [
        (256, 256, 256), (512, 512, 512), (1024, 1024, 1024), (2048, 2048, 2048), (128, 512, 784), (64, 1024, 256),
        (4096, 256, 256), (4096, 1024, 256), (1, 4096, 4096), (64, 4000, 256),
    ]

    struct Shape2D {
        let name: String
        let batch, height, width, channels, maps, kernel, stride, padding, groups: Int
    }

    static let convolutions = [
        Shape2D("3x3_64_64_32", 64, 32, 32, 64, 64, 3, 1, 1),
        Shape2D("3x3_128_128_16", 64, 16, 16, 128, 128, 3, 1, 1),
        Shape2D("3x3_256_256_8", 64, 8, 8, 256, 256, 3, 1, 1),
        Shape2D("3x3_512_512_4", 64, 4, 4, 512, 512, 3, 1, 1),
        Shape2D("3x3s2_64_128_32", 64, 32, 32, 64, 128, 3, 2, 1),
        Shape2D("1x1_64_256_56", 8, 56, 56, 64, 256, 1, 1, 0),
        Shape2D("1x1_300_48_16", 64, 16, 16, 300, 48, 1, 1, 0),
        Shape2D("3x3_48_12_32", 64, 32, 32, 48, 12, 3, 1, 1),
        Shape2D("3x3_1_32_28", 128, 28, 28, 1, 32, 3, 1, 0),
        Shape2D("3x3_32_64_26", 128, 26, 26, 32, 64, 3, 1, 0),
        Shape2D("7x7s2_3_64_224", 8, 224, 224, 3, 64, 7, 2, 3),
        Shape2D("5x5_6_16_14", 32, 14, 14, 6, 16, 5, 1, 0),
        Shape2D("3x3dw_192_24", 16, 24, 24, 192, 192, 3, 1, 1, 192),
        Shape2D("3x3s2dw_96_48", 16, 48, 48, 96, 96, 3, 2, 1, 96),
        Shape2D("3x3_32_32_128", 8, 128, 128, 32, 32, 3, 1, 1),
    ]

    func run() throws {
        for (rows, columns, depth) in Self.matmuls {
            let a = try Tensor.randomNormal([rows, depth], seed: 1).evaluated()
            let b = try Tensor.randomNormal([depth, columns], seed: 2).evaluated()
            let product = try CompiledFunction(inputs: [(a.shape, .float32), (b.shape, .float32)]) {
                [matmul($0[0], $0[1])]
            }
            try measure("matmul_\(rows)x\(columns)x\(depth)", 2 * Double(rows) * Double(columns) * Double(depth)) {
                _ = try product([a, b])
            }
        }
        for shape in Self.convolutions {
            let x = try Tensor.randomNormal(
                [shape.batch, shape.height, shape.width, shape.channels], seed: 1
            ).evaluated()
            let w = try Tensor.randomNormal(
                [shape.kernel, shape.kernel, shape.channels / shape.groups, shape.maps], seed: 2
            ).evaluated()
            func convolve(_ x: Tensor, _ w: Tensor) -> Tensor {
                convolution(
                    x, w, strides: [shape.stride, shape.stride],
                    padding: .explicit([(shape.padding, shape.padding), (shape.padding, shape.padding)]),
                    groups: shape.groups)
            }
            let forward = try CompiledFunction(inputs: [(x.shape, .float32), (w.shape, .float32)]) {
                [convolve($0[0], $0[1])]
            }
            let y = try forward([x, w])[0]
            let dy = try Tensor.randomNormal(y.shape, seed: 3).evaluated()
            let flops =
                2 * Double(y.shape.count) * Double(shape.channels / shape.groups) * Double(shape.kernel * shape.kernel)
            try measure("convolution_\(shape.name)", flops) { _ = try forward([x, w]) }
            let all = try CompiledFunction(
                inputs: [(x.shape, .float32), (w.shape, .float32), (y.shape, .float32)]
            ) { inputs in
                let (y, gradients) = vjp(at: [inputs[0], inputs[1]], cotangent: inputs[2]) { convolve($0[0], $0[1]) }
                return [y] + gradients
            }
            try measure("convolution_gradients_\(shape.name)", 3 * flops) { _ = try all([x, w, dy]) }
        }
    }

    private func percentile(_ values: [Double], _ share: Double) -> Double {
        Timing(first: 0, steps: values, firstLoss: 0, lastLoss: 0).percentile(share)
    }

    private func measure(_ name: String, _ flops: Double, _ body: () throws -> Void) throws {
        if let only, !name.contains(only) { return }
        try body()
        try body()
        var times: [Double] = []
        let before = Load()
        var total = 0.0
        while total < least || times.count < 7 {
            let from = Timing.now()
            try body()
            times.append(Timing.now() - from)
            total += times[times.count - 1]
        }
        let load = Load().since(before)
        let median = percentile(times, 0.5)
        Benchmark.emit([
            ("framework", "apus"), ("version", .string(Benchmark.version)), ("mode", "compiled"),
            ("workload", "micro"), ("op", .string(name)), ("threads", .integer(Int64(threads))),
            ("ms_per_step_median", .number(median * 1e3)),
            ("ms_per_step_p10", .number(percentile(times, 0.1) * 1e3)),
            ("ms_per_step_p90", .number(percentile(times, 0.9) * 1e3)),
            ("ms_per_step_min", .number((times.min() ?? 0) * 1e3)), ("gflops", .number(flops / median / 1e9)),
            ("timed_steps", .integer(Int64(times.count))),
            ("other_cores", load.other.map { .number($0) } ?? .null),
        ])
    }
}

extension Micro.Shape2D {
    init(
        _ name: String, _ batch: Int, _ height: Int, _ width: Int, _ channels: Int, _ maps: Int, _ kernel: Int,
        _ stride: Int, _ padding: Int, _ groups: Int = 1
    ) {
        self.init(
            name: name, batch: batch, height: height, width: width, channels: channels, maps: maps, kernel: kernel,
            stride: stride, padding: padding, groups: groups)
    }
}
