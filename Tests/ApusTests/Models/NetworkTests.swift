import Apus
import ApusNN
import TestSupport
import Testing

/// The networks beside the classifiers: their sizes, their shapes, and what is their own.
@Suite struct NetworkTests {
    struct Expected: CustomTestStringConvertible {
        let name: String
        let model: any Module
        let input: Shape
        let output: Shape
        let parameters: Int
        var dtype = DType.float32
        var testDescription: String { name }
    }

    static var networks: [Expected] {
        [
            Expected(
                name: "densenet", model: Sequential.denseNet(), input: [2, 32, 32, 3], output: [2, 10],
                parameters: 710_590),
            Expected(
                name: "mobilenetv2", model: Sequential.mobileNetV2(), input: [2, 96, 96, 3], output: [2, 1000],
                parameters: 3_504_872),
            Expected(
                name: "cnn3d", model: Sequential.cnn3D(), input: [2, 32, 32, 32, 1], output: [2, 2],
                parameters: 69_906),
            Expected(
                name: "unet", model: UNet(classes: 2), input: [2, 128, 128, 1], output: [2, 128, 128, 2],
                parameters: 7_762_498),
            Expected(
                name: "vae", model: VariationalAutoencoder(784), input: [2, 784], output: [2, 784],
                parameters: 652_824),
            Expected(
                name: "generator", model: Sequential.dcganGenerator(), input: [2, 100], output: [2, 28, 28, 1],
                parameters: 759_681),
            Expected(
                name: "discriminator", model: Sequential.dcganDiscriminator(), input: [2, 28, 28, 1], output: [2, 1],
                parameters: 138_689),
            Expected(
                name: "lstm", model: Sequential.characterLSTM(vocabulary: 65), input: [2, 5], output: [2, 5, 65],
                parameters: 874_881, dtype: .int32),
            Expected(
                name: "translator", model: AttentionTranslator(source: 4000, target: 4000, units: 256),
                input: [2, 2, 5], output: [2, 5, 4000], parameters: 4_193_953, dtype: .int32),
            Expected(
                name: "skip-gram", model: SkipGram(50_000, features: 128), input: [2, 7], output: [2, 6],
                parameters: 12_800_000, dtype: .int32),
        ]
    }

    @Test(arguments: networks.indices) func sizesAndShapesAreThoseOfTheSpecification(index: Int) throws {
        let expected = Self.networks[index]
        #expect(try expected.model.build(inputShape: expected.input, dtype: expected.dtype) == expected.output)
        #expect(expected.model.trainableCount == expected.parameters, "\(expected.name)")
    }

    @Test func denseNetLayersKeepTheirInput() throws {
        let layer = DenseNetLayer(growth: 3)
        let x = Tensor.randomNormal([2, 4, 4, 5], seed: 1)
        let y = layer(x)
        #expect(y.shape == [2, 4, 4, 8])
        let kept: [Float] = try y.slice(axis: -1, 0..<5).array()
        #expect(kept == (try x.array()))
        let half = Sequential.denseNet(classes: 4, growth: 4, blocks: [2, 2], compression: 0.5, dropout: 0)
        #expect(try half.build(inputShape: [1, 8, 8, 3]) == [1, 4])
        // 4 + 2 * 4 maps, of which half are kept.
        #expect(half.parameters.contains { $0.shape == [1, 1, 12, 6] })
    }

    @Test func invertedResidualsAddTheirInputWhereTheShapeStays() throws {
        let x = Tensor.randomNormal([1, 4, 4, 6], seed: 1)
        let block = InvertedResidual(6, from: 6, expansion: 2)
        _ = block(x)
        for (path, parameter) in block.namedParameters where path.hasPrefix("narrowNorm.scale") {
            parameter.value = Tensor.zeros(parameter.shape)
        }
        let same: [Float] = try block(x).array()
        #expect(same == (try x.array()))
        #expect(InvertedResidual(6, from: 6, stride: 2)(x).shape == [1, 2, 2, 6])
        #expect(InvertedResidual(9, from: 6, expansion: 1)(x).shape == [1, 4, 4, 9])
    }

    @Test func sizesThatDoNotHalveAreRefused() {
        let model = UNet(classes: 2, widths: [2, 4])
        #expect(model(Tensor.zeros([1, 8, 12, 3])).shape == [1, 8, 12, 2])
        for shape in [[1, 8, 10, 3], [1, 8, 12], [8, 12, 3]] as [Shape] {
            #expect(
                model(Tensor.zeros(shape)).error?.description
                    == "layer UNet: an input of shape \(shape) for 2 stages; "
                    + "feed [batch, height, width, channels], height and width divisible by 2 once a stage")
        }
        #expect(UNet(classes: 2, widths: [])(Tensor.zeros([1, 8, 8, 1])).error != nil)
        #expect(UNet(classes: 2, widths: [Int](repeating: 1, count: 80))(Tensor.zeros([1, 8, 8, 1])).error != nil)
    }

    @Test func autoencoderAddsTheDivergenceOfItsCodes() throws {
        let model = VariationalAutoencoder(6, hidden: 5, latent: 2)
        let x = Tensor.randomUniform([3, 6], seed: 1)
        try model.build(inputShape: [3, 6], seed: 2)
        let noise = Tensor.randomNormal([3, 2], seed: 3)
        let (loss, _) = try valueAndGradient(model) { m in
            VariationalAutoencoder.reconstruction(m(x, noise: noise), x)
        }
        let (mean, logVariance) = model.encode(x)
        let code = mean + (logVariance * 0.5).exp() * noise
        let plain = binaryCrossEntropy(logits: model.decode(code), x).sum() / 3
        let divergence = (mean.square() + logVariance.exp() - logVariance - 1).sum() / 6
        #expect(abs(try loss.item() - (plain + divergence).item()) < 1e-5)
        // Without training the code is the mean.
        let still: [Float] = try model(x).array()
        #expect(still == (try model.decode(mean).array()))
        #expect(
            model(Tensor.zeros([3, 5])).error?.description
                == "layer VariationalAutoencoder: an input of shape [3, 5]; feed [batch, 6]")
    }

    @Test func autoencoderLearnsItsImages() throws {
        let images = Tensor.randomUniform([16, 12], seed: 1).rounded()
        let model = VariationalAutoencoder(12, hidden: 24, latent: 4)
        let trainer = Trainer(
            model, loss: VariationalAutoencoder.reconstruction, optimizer: .adam(learningRate: 0.01), seed: 1)
        let first = try trainer.step(inputs: images, targets: images)
        var last = first
        for _ in 0..<300 { last = try trainer.step(inputs: images, targets: images) }
        #expect(last < 0.8 * first)
    }

    /// Sequences are written backwards.
    @Test func translatorLearnsToTurnSequencesRound() throws {
        let model = AttentionTranslator(source: 8, target: 8, units: 24)
        let sources: [[Int]] = (0..<24).map { row in (0..<4).map { 2 + (row * 7 + $0 * (1 + row % 5)) % 6 } }
        // Side by side, the shifted target has as many tokens as the source, which an end mark closes.
        let packed = sources.flatMap { source in source + [1] + [0] + Array(source.reversed()) }
        let targets = sources.flatMap { source in Array(source.reversed()) + [1] }
        let x = Tensor(packed.map { Int32($0) }, shape: [24, 2, 5])
        let y = Tensor(targets.map { Int32($0) }, shape: [24, 5])
        let trainer = Trainer(model, loss: .softmaxCrossEntropy, optimizer: .adam(learningRate: 0.01), seed: 1)
        var loss = 9.0
        for _ in 0..<150 { loss = try trainer.step(inputs: x, targets: y) }
        #expect(loss < 0.1)
        for source in sources.prefix(4) {
            #expect(try model.translate(source + [1], start: 0, end: 1, most: 9) == source.reversed())
        }
        #expect(try model.translate(sources[0] + [1], start: 0, end: 1, most: 2).count == 2)
    }

    @Test func translatorRefusesWhatItDoesNotKnow() {
        let model = AttentionTranslator(source: 5, target: 6, units: 3)
        #expect(
            refusal { _ = try model.translate([5], start: 0, end: 1, most: 2) }?.description
                == "AttentionTranslator.translate: a source of 1 tokens, start 0, at most 2 tokens; "
                + "give tokens in 0..<5, a start in 0..<6, a count of 0 or more")
        #expect(refusal { _ = try model.translate([], start: 0, end: 1, most: 2) } != nil)
        #expect(refusal { _ = try model.translate([1], start: 6, end: 1, most: 2) } != nil)
        #expect(
            model(Tensor([1, 2] as [Int32])).error?.problem == "an input of shape [2]")
        #expect(
            model(Tensor([1, 2] as [Int32]), target: Tensor([1] as [Int32])).error?.problem
                == "a source [2], a target [1]")
        #expect(
            AttentionTranslator(source: 5, target: 6, units: -1)(
                Tensor([1] as [Int32], shape: [1, 1]), target: Tensor([1] as [Int32], shape: [1, 1])
            ).error != nil)
    }

    @Test func skipGramScoresAreProductsOfVectors() throws {
        let model = SkipGram(5, features: 3)
        try model.build(inputShape: [1, 2], dtype: .int32, seed: 1)
        model.neighbors.table.value = try Tensor.randomNormal([5, 3], seed: 2).evaluated()
        let words: [Float] = try model.words.table.value.array()
        let others: [Float] = try model.neighbors.table.value.array()
        func product(_ a: Int, _ b: Int) -> Float { (0..<3).reduce(0) { $0 + words[a * 3 + $1] * others[b * 3 + $1] } }
        let together: [Float] = try model(Tensor([4, 1, 0, 2, 2, 3] as [Int32], shape: [2, 3])).array()
        for (value, wanted) in zip(together, [product(4, 1), product(4, 0), product(2, 2), product(2, 3)]) {
            #expect(abs(value - wanted) < 1e-6)
        }
        let apart: [Float] = try model(
            Tensor([4, 2] as [Int32]), neighbors: Tensor([1, 0, 2, 3] as [Int32], shape: [2, 2])
        )
        .array()
        #expect(apart == together)
        #expect(model(Tensor([1] as [Int32])).error?.problem == "an input of shape [1]")
        #expect(
            model(Tensor([1] as [Int32]), neighbors: Tensor([1] as [Int32])).error?.problem
                == "words [1], neighbours [1]")
    }
}
