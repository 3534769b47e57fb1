import Apus
import TestSupport
import Testing

/// The examples of the design and the documentation, word for word where they can be.
@Suite struct ExampleTests {
    @Test func trainedModelInAFewLines() throws {
        let folder = TemporaryFolder()
        let digits = try Digits.generate(count: 600, seed: 1)
        let model = Sequential {
            Conv2D(32, kernel: 3, activation: .relu)
            Conv2D(64, kernel: 3, activation: .relu)
            MaxPool2D(2)
            Flatten()
            Dropout(0.5)
            Dense(10)
        }
        let trainer = Trainer(
            model,
            loss: .softmaxCrossEntropy,
            optimizer: .adam(learningRate: 1e-3),
            metrics: [.accuracy])
        let history = try trainer.fit(
            digits.train.shuffled(seed: 7).batched(128), validation: digits.test, epochs: 3)
        try model.save(to: folder.file("digits.safetensors"))

        let losses = history.epochs.map(\.loss)
        #expect(losses.count == 3 && losses[2] < losses[0])
        #expect(history.epochs.allSatisfy { $0.validationMetrics["accuracy"] != nil })
        #expect(folder.names == ["digits.safetensors"])
    }

    final class Residual: Module {
        let first: Conv2D, second: Conv2D, shortcut: Conv2D?

        init(_ channels: Int, stride: Int = 1) {
            first = Conv2D(channels, kernel: 3, stride: stride, padding: .same)
            second = Conv2D(channels, kernel: 3, padding: .same)
            shortcut = stride == 1 ? nil : Conv2D(channels, kernel: 1, stride: stride)
        }

        func callAsFunction(_ x: Tensor) -> Tensor {
            relu(second(relu(first(x))) + (shortcut?(x) ?? x))
        }
    }

    @Test(arguments: [1, 2])
    func moduleOfOnesOwn(stride: Int) throws {
        let model = Residual(4, stride: stride)
        let x = Tensor.randomNormal([2, 8, 8, 4], seed: 1)
        let y = Tensor.zeros([2, 8 / stride, 8 / stride, 4])
        try model.build(inputShape: x.shape)
        let (loss, gradients) = try valueAndGradient(model) { m in meanSquaredError(m(x), y) }
        #expect(try loss.item() > 0)
        #expect(gradients.paths.count == (stride == 1 ? 4 : 6))
        #expect(gradients.paths.first == "first.kernel")
    }

    @Test func compactNotation() throws {
        let model = try Sequential(notation: "C16 B R P L10")
        #expect(try model.build(inputShape: [1, 28, 28, 1]) == [1, 10])
    }

    @Test func tensorsAreEvaluatedWhenTheyAreRead() throws {
        let x = Tensor([1, 2, 3], shape: [3])
        let y = (x * x).sum()
        #expect(try y.item() == 14)
        let slope = gradient(at: Tensor([1.0, 2, 3])) { ($0 * $0).sum() }
        #expect(try slope.array() == [2, 4, 6] as [Float])
    }

    @Test func handWrittenLoop() throws {
        let x = Tensor.randomNormal([64, 3], seed: 1)
        let y = matmul(x, Tensor([Float(1), -2, 0.5], shape: [3, 1])) + 1
        let model = Dense(1)
        let state = OptimizerState(.adam(learningRate: 0.1))
        try model.build(inputShape: x.shape)
        for _ in 0..<300 {
            let (_, gradients) = try valueAndGradient(model) { meanSquaredError($0(x), y) }
            try state.apply(gradients)
        }
        let weight: [Float] = try model.weight.value.array()
        for (value, target) in zip(weight, [1, -2, 0.5] as [Float]) { #expect(abs(value - target) < 0.01) }
    }
}
