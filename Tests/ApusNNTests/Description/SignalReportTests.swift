import Apus
import TestSupport
import Testing

/// `[images, pixels]` from 0 to 1.
func pixels(_ digits: Digits.Part) -> Tensor {
    let count = digits.labels.count
    return Tensor(digits.images.map { Float($0) / 255 }, shape: [count, digits.images.count / count])
}

@Suite struct SignalReportTests {
    private func deep(
        _ initializer: Initializer, norm: Bool = false, layers: Int = 15, width: Int = 128
    ) -> Sequential {
        Sequential {
            for _ in 0..<layers {
                Dense(width, bias: !norm, initializer: initializer)
                if norm { BatchNorm() }
                ReLU()
            }
            Dense(10)
        }
    }

    /// INI-04: He with ReLU keeps the variance within a factor of 2 over 15 layers, that of drives and that of gradients; a
    /// bad scale does not. Widths are such that the randomness of the weights does not show: the logarithm's deviation
    /// after 15 layers is about sqrt(15 * 5 / 512) = 0.38 in the mean of many; log 2 is 0.69.
    @Test func goodScalesKeepTheVariance() throws {
        let wide = try SignalReport(
            deep(.heNormal, width: 512), inputs: Tensor.randomNormal([64, 512], seed: 3), seed: 1)
        let hidden = wide.rows.filter(\.hasWeights).dropLast()
        #expect(hidden.count == 15)
        for figures in [hidden.map(\.variance), hidden.map(\.gradientVariance)] {
            #expect(figures.allSatisfy { $0 > figures[0] / 2 && $0 < figures[0] * 2 }, "\(figures)")
        }
        let x = Tensor.randomNormal([256, 128], seed: 3)
        let good = try SignalReport(deep(.heNormal), inputs: x, seed: 1)
        #expect(good.rows.count == 31 && good.rows.filter(\.hasWeights).count == 16)
        #expect(good.rows[0].path == "dense1" && good.rows[1].kind == "ReLU" && !good.rows[1].hasWeights)
        #expect(good.warnings.isEmpty, "\(good.warnings)")
        let small = try SignalReport(deep(.normal(deviation: 0.03)), inputs: x, seed: 1)
        #expect(small.warnings.count == 2)
        #expect(small.warnings[0].hasPrefix("the variance of outputs shrinks from "))
        #expect(small.warnings[1].hasPrefix("the variance of gradients shrinks on the way back from "))
        let large = try SignalReport(deep(.normal(deviation: 0.5)), inputs: x, seed: 1)
        #expect(large.warnings.contains { $0.hasPrefix("the variance of outputs grows from ") })
        #expect(large.warnings.contains { $0.contains("in dense1") && $0.contains("in dense15") })
        let text = good.description.split(separator: "\n")
        #expect(text.count == 32 && text[0].hasPrefix("layer") && text[1].hasPrefix("dense1 "))
    }

    @Test func figuresAreThoseOfTheOutputs() throws {
        let model = Sequential {
            Dense(3)
            Activation(.tanh)
        }
        let x = try numbers([7, 4])
        try model.build(inputShape: x.shape, dtype: .float64, seed: 2)
        let report = try SignalReport(model, inputs: x) { ($0 * 2).sum() }
        let y: [Double] = try model.capture("dense1") { model(x) }["dense1"]?.array() ?? []
        let mean = y.reduce(0, +) / 21
        #expect(abs(report.rows[0].mean - mean) < 1e-12)
        #expect(abs(report.rows[0].variance - y.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 21) < 1e-12)
        #expect(report.rows[1].gradientVariance < 1e-20 && report.rows[0].gradientVariance > 0)
        let first = stride(from: 0, to: 21, by: 3).reduce(0) { $0 + y[$1] } / 7
        #expect(abs(report.rows[0].channelMeans[0] - first) < 1e-12 && report.rows[0].channelVariances.count == 3)
        let still = report.drift(since: report)
        #expect(still.map(\.path) == ["dense1", "activation1"] && still.allSatisfy { $0.drift == 0 })
    }

    /// NRM-06: inputs that are not centred, or weights whose mean is not 0, shift all drives; centring them, initial weights
    /// of mean 0, or batch norm bring these back. On images of MNIST where they are at hand.
    @Test func drivesAreCentredByCentredInputsOrBatchNorm() throws {
        let images: Tensor
        if let file = SharedFiles.path("mnist/t10k-images-idx3-ubyte.gz") {
            let part = try Tensor(IDX.read(file)).slice(axis: 0, 0..<60).cast(to: .float32)
            images = try (part.reshaped(to: [60, 784]) / 255).evaluated()
        } else {
            images = pixels(try Digits.generate(count: 60, seed: 1).train)
        }
        func shift(_ model: Sequential, _ x: Tensor) throws -> Double {
            let rows = try SignalReport(model, inputs: x, seed: 4).rows
            return rows.map { row in
                zip(row.channelMeans, row.channelVariances).reduce(0) {
                    $0 + $1.0.magnitude / max($1.1.squareRoot(), 1e-9)
                } / Double(row.channelMeans.count)
            }[model.layers.firstIndex { $0 is BatchNorm } ?? 0]
        }
        let plain = try shift(Sequential { Dense(40) }, images)
        let centred = try shift(Sequential { Dense(40) }, images - images.mean(axes: [0], keepDimensions: true))
        let normed = try shift(
            Sequential {
                Dense(40, bias: false)
                BatchNorm()
            }, images)
        #expect(plain > 0.5 && centred < 1e-3 && normed < 1e-3, "\(plain) \(centred) \(normed)")
        let biased = Initializer.uniform(low: 0, high: 0.1)
        let (positive, balanced) = (
            try SignalReport(Sequential { Dense(40, initializer: biased) }, inputs: images).rows[0].shift,
            try SignalReport(Sequential { Dense(40) }, inputs: images).rows[0].shift
        )
        #expect(positive > 2 && balanced < 0.5, "\(positive) \(balanced)")
        let warned = try SignalReport(Sequential { Dense(1, initializer: .ones) }, inputs: images + 5).warnings
        #expect(warned.count == 1 && warned[0].contains("standard deviations from 0 in the mean"))
    }

    /// Batch norm keeps the distributions of what layers are fed where they were, while the same training goes on.
    @Test func batchNormReducesDrift() throws {
        let digits = try Digits.generate(count: 300, seed: 2).train
        let x = pixels(digits)
        let data = try Dataset(inputs: x, targets: Tensor(digits.labels, shape: [digits.labels.count]))
        func drift(norm: Bool) throws -> Double {
            let model = Sequential {
                for number in 1...3 {
                    Dense(32, bias: !norm, initializer: .heNormal)
                    if norm { BatchNorm() }
                    ReLU().named("rectified\(number)")
                }
                Dense(10)
            }
            let before = try SignalReport(model, inputs: x, seed: 5)
            try Trainer(model, loss: .softmaxCrossEntropy, optimizer: .sgd(learningRate: 0.1), seed: 5)
                .fit(data.batched(50), epochs: 4)
            let moved = try SignalReport(model, inputs: x, seed: 5).drift(since: before)
            let fed = moved.filter { $0.path.hasPrefix("rectified") }
            return fed.reduce(0) { $0 + $1.drift } / Double(fed.count)
        }
        let (plain, normed) = (try drift(norm: false), try drift(norm: true))
        #expect(normed < plain / 2, "\(normed), without \(plain)")
    }

    @Test func mistakesAreNamed() {
        let x = Tensor.ones([2, 3])
        #expect(
            refusal { _ = try SignalReport(Dense(2), inputs: x) { $0 } }?.description
                == "SignalReport: the loss has shape [2, 2], expected a scalar; reduce it, for example with mean()")
        #expect(refusal { _ = try SignalReport(Dense(0), inputs: x) }?.kind == .shape)
    }
}

@Suite struct PlacementAdviceTests {
    @Test func normsBelongInFrontOfActivations() {
        let good = Sequential {
            Conv2D(8, kernel: 3, bias: false)
            BatchNorm()
            ReLU()
            Conv2D(8, kernel: 3, bias: false)
            BatchNorm()
            ReLU()
            Flatten()
            Dense(10)
        }
        #expect(good.normalizationAdvice.isEmpty)
        #expect(Sequential { Dense(3) }.normalizationAdvice.isEmpty)
        let odd = Sequential {
            Dense(8)
            ReLU()
            BatchNorm()
            Sequential {
                Dense(8)
                BatchNorm()
                ReLU()
                Dense(8, activation: .relu)
                BatchNorm()
                Dense(8)
                Dense(8)
            }.named("block")
            Dense(10)
        }
        #expect(
            odd.normalizationAdvice.map(\.description) == [
                "batchnorm1: it follows an activation (relu1): put it in front of that, behind the convolution or dense "
                    + "layer",
                "block.dense1: its bias has no effect in front of block.batchnorm1: make it with bias: false",
                "block.batchnorm2: it follows the activation relu of block.dense2: let an activation layer follow it "
                    + "instead",
                "block.dense3: no normalisation follows it, though others have one: add BatchNorm()",
            ])
    }
}
