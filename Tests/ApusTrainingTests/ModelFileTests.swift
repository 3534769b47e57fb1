import Apus
import TestSupport
import Testing

@Suite struct ModelFileTests {
    let folder = TemporaryFolder()

    @Test func modelsSurviveAFile() throws {
        let data = try Examples.digits(60)
        let model = Examples.statefulNetwork()
        let trainer = Trainer(model, loss: .softmaxCrossEntropy, optimizer: .adam(), seed: 1)
        try trainer.fit(data.batched(10), epochs: 1)
        let path = folder.file("net.safetensors")
        try model.save(to: path, metadata: ["note": "first"])
        #expect(folder.names == ["net.safetensors"])

        // Into a model that has not seen an input, and into one that has.
        let (fresh, built) = (Examples.statefulNetwork(), Examples.statefulNetwork())
        try built.build(inputShape: [1, 28, 28, 1], seed: 77)
        for other in [fresh, built] {
            let texts = try other.load(from: path)
            #expect(texts == ["note": "first"])
            #expect(try Examples.numbers(other) == Examples.numbers(model))
            let x = try data.input(at: 0).reshaped(to: [1, 28, 28, 1])
            #expect(try other(x).array(of: Float.self) == model(x).array(of: Float.self))
        }
        let names = try SafetensorsFile(path: path).entries.map(\.name)
        #expect(
            Set(names) == [
                "conv2d1.kernel", "conv2d1.bias", "batchnorm1.scale", "batchnorm1.shift", "batchnorm1.mean",
                "batchnorm1.variance", "dense1.weight", "dense1.bias",
            ])
    }

    @Test func filesOfOtherModelsAreRefusedAndChangeNothing() throws {
        let path = folder.file("a.safetensors")
        let model = Examples.perceptron()
        try model.build(inputShape: [1, 2], seed: 1)
        let before = try Examples.numbers(model)
        func check(_ other: Sequential, _ inputShape: Shape, _ problem: String) throws {
            try other.build(inputShape: inputShape, seed: 2)
            try other.save(to: path)
            let error = refusal { try model.load(from: path) }
            #expect(error?.description == "model file \(path): \(problem); load it into the model it was saved from")
            #expect(try Examples.numbers(model) == before)
        }
        try check(
            Examples.perceptron(), [1, 3],
            "the parameter dense1.weight has shape [3, 8] and type float32, the model's [2, 8] and float32")
        try check(
            Sequential {
                Dense(8)
                Dense(2)
                Dense(2)
            }, [1, 2], "it has the parameter dense3.bias, the model does not")
        try check(
            Sequential {
                Dense(8)
                Dense(2, bias: false)
            }, [1, 2], "the model's parameter dense2.bias is not in it")
    }

    @Test func filesThatAreNoModelsAreRefused() throws {
        let model = Examples.perceptron()
        let missing = refusal { try model.load(from: folder.file("none")) }
        #expect(missing?.kind == .file)
        let path = folder.file("text")
        try AtomicFile.write(Array("not a model at all".utf8), to: path)
        let text = refusal { try model.load(from: path) }
        #expect(text?.kind == .format)
        #expect(text?.description.contains(path) == true)
    }

    @Test func modelsWithoutNumbersAreNotWritten() {
        let error = refusal { try Examples.perceptron().save(to: folder.file("a")) }
        #expect(
            error?.description == "model file \(folder.file("a")): the parameter dense1.weight has no value; "
                + "call the model once, or build(inputShape:), before saving it, and leave out unused layers")
        #expect(folder.names.isEmpty)
    }
}
