import Apus
import TestSupport
import Testing

@Suite struct FunctionalTests {
    @Test func threeDefinitionsAreOneNetwork() throws {
        final class Written: Module {
            let first = Dense(5, activation: .tanh)
            let second = Dense(3)
            func callAsFunction(_ x: Tensor) -> Tensor { second(first(x)) }
        }
        let built = Sequential {
            Dense(5, activation: .tanh)
            Dense(3)
        }
        let input = Input(shape: [4])
        let functional = Model(inputs: input, outputs: Dense(3)(Dense(5, activation: .tanh)(input)))
        let x = try numbers([6, 4]).cast(to: .float32)
        var outputs: [[Float]] = []
        for model in [built, functional, Written()] as [any Module] {
            #expect(try model.build(inputShape: x.shape, seed: 3) == [6, 3])
            #expect(model.trainableCount == 4 * 5 + 5 + 5 * 3 + 3)
            outputs.append(try model(x).array())
        }
        #expect(outputs[0] == outputs[1] && outputs[1] == outputs[2])
        #expect(functional.namedParameters.map(\.path) == built.namedParameters.map(\.path))
        #expect(
            built.namedParameters.map(\.path) == ["dense1.weight", "dense1.bias", "dense2.weight", "dense2.bias"])
    }

    @Test func shapesAreKnownBeforeAnythingIsBuilt() {
        let x = Input(shape: [28, 28, 1])
        let layer = Conv2D(16, kernel: 3)
        let y = layer(x)
        #expect(y.shape == [26, 26, 16])
        #expect(!layer.kernel.isBuilt)
        #expect(MaxPool2D(2)(y).shape == [13, 13, 16])
        #expect(Flatten()(y).shape == [26 * 26 * 16])
    }

    @Test func severalInputsAndOutputs() throws {
        let image = Input(shape: [4, 4, 1], name: "image")
        let place = Input(shape: [2], name: "place")
        let features = Flatten()(Conv2D(3, kernel: 3)(image))
        let joined = SymbolicTensor.concatenate([features, Dense(8)(place)])
        #expect(joined.shape == [20])
        let model = Model(
            inputs: [image, place], outputs: [Dense(10)(joined).named("kind"), Dense(4)(joined).named("box")])
        #expect(try model.build() == [[1, 10], [1, 4]])
        #expect(model.inputNames == ["image", "place"] && model.outputNames == ["kind", "box"])
        let (images, places) = (Tensor.randomNormal([5, 4, 4, 1], seed: 1), Tensor.randomNormal([5, 2], seed: 2))
        let listed = model([images, places])
        #expect(listed.map(\.shape) == [[5, 10], [5, 4]])
        let named = model(["place": places, "image": images])
        #expect(try named["box"]?.array(of: Float.self) == listed[1].array())
        // Parts of the graph are models with the same parameters.
        let part = Model(inputs: image, outputs: features)
        #expect(part(images).shape == [5, 12])
        #expect(part.parameters.first === model.parameters.first)
        let tail = Model(inputs: joined, outputs: Dense(1)(joined))
        #expect(tail(Tensor.zeros([3, 20])).shape == [3, 1])
    }

    @Test func sharedLayersCountOnceAndAddUpTheirGradients() throws {
        let x = Input(shape: [3])
        let shared = Dense(3, bias: false)
        let model = Model(inputs: x, outputs: shared(shared(x)))
        try model.build()
        #expect(model.trainableCount == 9)
        shared.weight.value = Tensor.identity(3) * 2
        let (loss, gradients) = try valueAndGradient(model) { $0(Tensor.ones([1, 3])).sum() }
        #expect(try loss.item() == 12)
        #expect(try gradients["dense1.weight"]?.array(of: Float.self) == [Float](repeating: 4, count: 9))
        let summary = try model.summary()
        #expect(summary.rows.map(\.kind) == ["Dense 3 units", "Dense 3 units, the same as dense1"])
        #expect(summary.rows.map(\.trainable) == [9, 0])
    }

    @Test func operatorsAndFunctionsAreSteps() throws {
        let x = Input(shape: [3])
        let y = Input(shape: [3])
        let outputs = [
            x + y, x - y, x * y, x / y, x + 1, x - 1, x * 2, x / 2, 1 + x, 1 - x, 2 * x, 6 / x, -x,
            SymbolicTensor.maximum(x, y), SymbolicTensor.minimum(x, y), relu(x - 2), tanh(x), sigmoid(x),
            x.map { $0.square() }, x.sum(axes: [1]), x.mean(axes: [1], keepDimensions: true),
            x.reshaped(to: [3, 1]), SymbolicTensor.matmul(x.reshaped(to: [3, 1]), y.reshaped(to: [1, 3])),
        ]
        let model = Model(inputs: [x, y], outputs: outputs)
        let (a, b) = (
            Tensor([1.0, 2, 3, 4, 5, 6]).reshaped(to: [2, 3]), Tensor([2.0, 2, 2, 4, 4, 4]).reshaped(to: [2, 3])
        )
        let plain: [Tensor] = [
            a + b, a - b, a * b, a / b, a + 1, a - 1, a * 2, a / 2, 1 + a, 1 - a, 2 * a, 6 / a, -a,
            Tensor.maximum(a, b), Tensor.minimum(a, b), relu(a - 2), tanh(a), sigmoid(a), a.square(), a.sum(axes: [1]),
            a.mean(axes: [1], keepDimensions: true), a.reshaped(to: [2, 3, 1]),
            matmul(a.reshaped(to: [2, 3, 1]), b.reshaped(to: [2, 1, 3])),
        ]
        for (result, expected) in zip(model([a, b]), plain) {
            #expect(result.shape == expected.shape)
            #expect(try result.array(of: Float.self) == expected.array())
        }
        #expect(outputs.map(\.shape.rank) == plain.map { $0.rank - 1 })
    }

    @Test func modelsArePartsOfOthersAndOfSequentials() throws {
        let inner = Input(shape: [4])
        let block = Model(inputs: inner, outputs: relu(Dense(4)(inner)) + inner)
        let outer = Input(shape: [4])
        let model = Model(inputs: outer, outputs: Dense(2)(block(outer)))
        try model.build()
        #expect(model.namedParameters.map(\.path).first == "model1.dense1.weight")
        let list = Sequential {
            block
            Dense(3)
        }
        #expect(try list.build(inputShape: [2, 4]) == [2, 3])
        let summary = try Summary(list, inputShape: [2, 4])
        #expect(summary.rows.map(\.path) == ["model1.dense1", "model1.relu1", "model1.add1", "dense1"])
        #expect(summary.rows.map(\.kind) == ["Dense 4 units", "relu", "add", "Dense 3 units"])
        let twin = block([outer])
        #expect(twin.count == 1 && twin[0].shape == [4])
    }

    @Test func modulesOfSeveralTensorsAreSteps() throws {
        final class Weighted: Module {
            let weight = Parameter(.constant(0.5))
            func callAsFunction(_ x: Tensor) -> Tensor { x }
            func callAsFunction(_ x: Tensor, _ y: Tensor) -> Tensor {
                x + y * weight.value(shape: [x.shape[-1]], dtype: x.dtype)
            }
        }
        let (x, y) = (Input(shape: [2]), Input(shape: [2]))
        let joined = SymbolicTensor.apply(Weighted(), [x, y]) { $0($1[0], $1[1]) }
        let model = Model(inputs: [x, y], outputs: joined)
        #expect(try model([Tensor.ones([1, 2]), Tensor.ones([1, 2]) * 4])[0].array(of: Float.self) == [3, 3])
        #expect(model.namedParameters.map(\.path) == ["weighted1.weight"])
        model["weighted1"] = Dense(2)
        #expect(
            model([Tensor.ones([1, 2]), Tensor.ones([1, 2])])[0].error?.description
                == "model (layer weighted1): a Dense stands in the place of a Weighted; "
                + "replace a layer that is called with several tensors by one of its kind")
    }

    @Test func modelsTrain() throws {
        let x = Input(shape: [2])
        let hidden = Dense(16, activation: .tanh)(x)
        let model = Model(inputs: x, outputs: Dense(2)(hidden) + Dense(2)(x))
        let points: [Float] = [0, 0, 0, 1, 1, 0, 1, 1]
        let data = try Dataset(
            inputs: Tensor(points, shape: [4, 2]), targets: Tensor([0, 1, 1, 0] as [Int32]))
        let trainer = Trainer(model, loss: .softmaxCrossEntropy, optimizer: .adam(learningRate: 0.05))
        let history = try trainer.fit(data.batched(4), epochs: 200)
        #expect((history.epochs.last?.loss ?? 1) < 0.05)
    }

    static let mistakes: [(@Sendable () -> Model, [Tensor], String)] = [
        (
            {
                let x = Input(shape: [4])
                return Model(inputs: x, outputs: Conv2D(2, kernel: 3)(x))
            }, [Tensor.zeros([1, 4])],
            "layer Conv2D: an input of shape [1, 4]; feed [batch, height, width, channels]"
        ),
        (
            {
                let x = Input(shape: [4])
                return Model(inputs: Input(shape: [4]), outputs: Dense(2)(x))
            }, [Tensor.zeros([1, 4])],
            "Model: an output needs an input of shape [1, 4] that is not given; "
                + "list all inputs that the outputs are computed from"
        ),
        (
            { Model(inputs: [], outputs: []) }, [Tensor.zeros([1])],
            "no outputs"
        ),
        (
            {
                let x = Input(shape: [4])
                return Model(inputs: [x, x], outputs: x + 1)
            }, [Tensor.zeros([1, 4])],
            "Model: an input is given twice; name each input once"
        ),
        (
            {
                let x = Input(shape: [4])
                return Model(inputs: x, outputs: x + 1)
            }, [Tensor.zeros([1, 4]), Tensor.zeros([1, 4])],
            "Model: 2 inputs, it has 1 (input); give a tensor for each input"
        ),
        (
            {
                let x = Input(shape: [-4])
                return Model(inputs: x, outputs: x + 1)
            }, [Tensor.zeros([1, 4])],
            "Input: shape [1, -4] has a negative extent or more elements than memory can hold; "
                + "use extents of 0 or more whose product fits"
        ),
    ]

    @Test(arguments: mistakes.indices)
    func mistakesAreCarriedToTheCall(_ number: Int) {
        let (make, inputs, message) = Self.mistakes[number]
        let outputs = make()(inputs)
        #expect((outputs.first?.error?.description ?? "no outputs") == message)
    }

    @Test func missingNamesAndTooManyOutputsAreExplained() {
        let x = Input(shape: [2])
        let model = Model(inputs: x, outputs: [x + 1, x * 2])
        #expect(
            model(Tensor.zeros([1, 2])).error?.description
                == "Model: it has 2 outputs (output1, output2); call it with a list of inputs to get a list of outputs")
        #expect(
            model(["other": Tensor.zeros([1, 2])])["output1"]?.error?.description
                == "Model: the input input is missing among other; give all of input")
    }

    @Test func errorsInsideAModelNameTheLayer() throws {
        let x = Input(shape: [4])
        let model = Model(inputs: x, outputs: Dense(2)(Dense(3)(x)))
        try model.build()
        let error = model(Tensor.zeros([2, 5])).error
        #expect(error?.path == "dense1")
    }
}
