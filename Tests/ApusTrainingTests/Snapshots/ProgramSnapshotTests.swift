import Apus
import ApusCore
import Foundation
import Testing

/// The kernel calls of typical programs, kept as text in `Tests/Snapshots`: an unintended change of how graphs are
/// simplified, fused and lowered shows as a difference. `APUS_SNAPSHOTS=record` writes them anew; whoever does so says why.
///
/// Each line is a call: the algorithm, then what it computes on which shapes, with what rides on it behind a bar. Which
/// algorithm is chosen depends on the instruction set; it is compared on AVX-512 alone.
@Suite struct ProgramSnapshotTests {
    @Test(arguments: programSnapshots.indices)
    func isUnchanged(_ number: Int) throws {
        let snapshot = programSnapshots[number]
        let lines = try snapshot.calls()
        let folder = "\(#filePath)".split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 } + "/Snapshots"
        let file = URL(fileURLWithPath: "\(folder)/\(snapshot.name).txt")
        if ProcessInfo.processInfo.environment["APUS_SNAPSHOTS"] == "record" {
            try (lines.joined(separator: "\n") + "\n").write(to: file, atomically: true, encoding: .utf8)
            return
        }
        let known = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map(String.init)
        let isComparable = Device.instructionSet == "avx512"
        func compared(_ line: String) -> String {
            isComparable ? line : String(line[(line.range(of: "  ")?.upperBound ?? line.startIndex)...])
        }
        for (position, (line, wanted)) in zip(lines, known).enumerated() where compared(line) != compared(wanted) {
            Issue.record("\(snapshot.name), call \(position): \(line), known as \(wanted)")
            return
        }
        #expect(lines.count == known.count, "\(snapshot.name)")
    }

    /// The null executor: all of a step but the kernels.
    @Test func withoutKernelsAllElseStays() throws {
        let data = try Examples.clouds(8)
        let trainer = Trainer(Examples.perceptron(), loss: .softmaxCrossEntropy, optimizer: .adam(), seed: 1)
        try trainer.fit(data.batched(8), epochs: 1)
        let idle = Trainer(trainer.model, loss: .softmaxCrossEntropy, optimizer: .adam(), seed: 1)
        let before = try Examples.numbers(trainer.model)
        try EngineOptions.$runsKernels.withValue(false) { try idle.fit(data.batched(8), epochs: 3) }
        #expect(idle.stepCount == 3)
        #expect(try Examples.numbers(trainer.model) == before)
        try trainer.fit(data.batched(8), epochs: 1)
        #expect(try Examples.numbers(trainer.model) != before)

        let snapshot = programSnapshots[0]
        let calls = try EngineOptions.$runsKernels.withValue(false) { try snapshot.calls() }
        #expect(calls == (try snapshot.calls()))
    }

    @Test func snapshotsDoNotDependOnThreads() throws {
        let snapshot = programSnapshots[0]
        let lines = try snapshot.calls()
        let threads = Device.threads
        defer { Device.threads = threads }
        Device.threads = 7
        #expect(try snapshot.calls() == lines)
    }
}

struct ProgramSnapshot: Sendable {
    let name: String
    let calls: @Sendable () throws -> [String]

    /// A step of training on zeros.
    static func training(
        _ name: String, _ input: Shape, _ classes: Int, _ optimizer: @escaping @Sendable () -> Optimizer,
        _ model: @escaping @Sendable () -> any Module
    ) -> ProgramSnapshot {
        ProgramSnapshot(name: name) {
            let trainer = Trainer(model(), loss: .softmaxCrossEntropy, optimizer: optimizer(), seed: 1)
            let targets = Tensor.zeros([input[0]], dtype: .int32)
            _ = try trainer.step(inputs: Tensor.randomNormal(input, seed: 1), targets: targets)
            // Without the times and the sum.
            return try trainer.profile(steps: 1).dropLast().map { String($0.dropFirst(13)) }
        }
    }

    /// A function of inputs of given shapes.
    static func function(
        _ name: String, _ shapes: [Shape], _ function: @escaping @Sendable ([Tensor]) throws -> [Tensor]
    ) -> ProgramSnapshot {
        ProgramSnapshot(name: name) {
            try CompiledFunction(inputs: shapes.map { ($0, .float32) }, function).calls
        }
    }

    /// A function and its gradients.
    static func gradient(
        _ name: String, _ shapes: [Shape], _ body: @escaping @Sendable ([Tensor]) -> Tensor
    ) -> ProgramSnapshot {
        function(name, shapes) { inputs in
            let (value, gradients) = valueAndGradient(at: inputs) { body($0) }
            return [value] + gradients
        }
    }
}

let programSnapshots: [ProgramSnapshot] = [
    .function("dense-forward", [[32, 784], [784, 128], [128], [128, 10], [10]]) {
        [(matmul(relu(matmul($0[0], $0[1]) + $0[2]), $0[3]) + $0[4]).softmax()]
    },
    .training("dense-adam", [32, 784], 10, { .adam() }) {
        Sequential {
            Dense(128, activation: .relu)
            Dense(10)
        }
    },
    .training("dense-adamw-clipped", [32, 20], 10, { .adamW().clipped(.globalNorm(1)) }) { Dense(10) },
    .training("convolution-batchnorm-relu", [4, 28, 28, 16], 10, { .sgd(momentum: 0.9) }) {
        Sequential {
            Conv2D(32, kernel: 3, padding: .same, bias: false)
            BatchNorm()
            Activation(.relu)
            GlobalAveragePool2D()
            Dense(10)
        }
    },
    .training("recurrence", [16, 10, 32], 10, { .sgd() }) {
        Sequential {
            LSTM(64)
            Dense(10)
        }
    },
    .training("pooling", [4, 16, 16, 1], 10, { .sgd() }) {
        Sequential {
            Conv2D(8, kernel: 5, activation: .relu)
            MaxPool2D(2)
            Conv2D(16, kernel: 3, activation: .relu)
            AveragePool2D(2)
            Flatten()
            Dense(10)
        }
    },
    .gradient("pooling-overlapping", [[2, 15, 15, 8]]) {
        (maxPool($0[0], window: 3, strides: 2) * averagePool($0[0], window: 3, strides: 2)).sum()
    },
    .gradient("softmax-cross-entropy", [[32, 10]]) { inputs in
        let labels = Tensor.zeros([32, 1], dtype: .int32)
        return -inputs[0].logSoftmax().takeAlong(indices: labels, axis: 1).mean()
    },
    .gradient("layer-norm", [[16, 64], [64], [64]]) { inputs in
        let x = inputs[0]
        let centred = x - x.mean(axes: [-1], keepDimensions: true)
        let variance = centred.square().mean(axes: [-1], keepDimensions: true)
        return (centred * (variance + 1e-5).reciprocalSquareRoot() * inputs[1] + inputs[2]).tanh().sum()
    },
    .gradient("attention", [[2, 4, 16, 8], [2, 4, 16, 8], [2, 4, 16, 8]]) { inputs in
        let scores = matmul(inputs[0], inputs[1].matrixTransposed()) * 0.35
        return matmul(scores.softmax(), inputs[2]).square().sum()
    },
    .training("transformer-layer", [4, 12, 16], 10, { .adamW() }) {
        Sequential {
            TransformerEncoderLayer(TransformerSettings(heads: 4, feedForward: 32), isCausal: true)
            GlobalAveragePool1D()
            Dense(10)
        }
    },
    .gradient("embedding", [[50, 16], [16, 16]]) { inputs in
        let tokens = Tensor((0..<24).map { Int32($0 % 7) }, shape: [4, 6])
        return matmul(inputs[0].gather(indices: tokens), inputs[1]).tanh().sum()
    },
]
