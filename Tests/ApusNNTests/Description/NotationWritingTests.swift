import Apus
import ApusCore
import ApusNN
import TestSupport
import Testing

/// From networks to the compact notation and back.
@Suite struct NotationWritingTests {
    /// Notations that are written as they were read.
    static let texts = [
        "C16 B R P L10", "C8k5s2 T A3 GAP L3", "S F D0.25 L2", "L8 R L2", "P3 A GAP", "Dense(8) R Dense(4)",
        "C16 R F B L4", "head=L10", "C4 stem=R head=L3", "gelu mish log_softmax",
        "Conv2D(16, kernel: [3, 5], stride: [1, 2], padding: [[0, 1], [2, 2]], activation: relu, bias: false)",
        "Conv2D(16, kernel: 3) Conv2D(16, kernel: 3, padding: 1, initializer: heNormal)",
        "Dense(3, initializer: normal(0.02)) Dense(3, initializer: varianceScaling(2.0, fanOut, truncatedNormal))",
        "Dense(3, initializer: truncatedNormal(0.1, 0.2, 3.0)) Dense(3, initializer: uniform(-1.0, 2.0))",
        "[C16 R C16]", "[C32s2 B | C32k1s2](activation: relu) R", "[L8 R L8 | Sequential(L4 L8)]",
        "{C12 R} {C8k1 | C8 R C8 | } {C4}(axis: 1)", "Sequential(C8 Sequential(R)) L3",
        "SpectralNorm(L10, iterations: 3) WeightNorm(C8)",
        "EinsumDense(\"abc,cd->abd\", weight: [4, 5], biasAxes: \"d\")",
        "Embedding(100, features: 16) LearnedPositions(length: 32) "
            + "TransformerEncoder(layers: 2, heads: 4, feedForward: 64, activation: swiglu, isPreNorm: true, norm: rms, "
            + "positions: rotary, isCausal: true) GlobalAveragePool1D L3",
        "MaxPool2D(3, stride: 2, padding: same) MaxPool1D ReLU(maximum: 6.0) Pad2D([[1, 0], [2, 2]], filling: reflect)",
        "LSTM(8, layers: 2, direction: bidirectional(sum), returnsSequence: true, peepholes: true) TimeDistributed(L4) GRU(3)",
        "Pad2D(2, filling: -1.5) MultiHeadAttention(heads: 2, positions: rotary(100.0, interleaved))",
    ]

    @Test(arguments: texts)
    func whatIsReadIsWrittenAsItWas(_ text: String) throws {
        #expect(try Sequential(notation: text).notation() == text)
    }

    /// Other ways to write the same.
    @Test(arguments: [
        ("c16k3s1, b - r", "C16 B R"), ("Conv2D(16,kernel:3,padding:.same)", "C16"),
        ("conv2d( maps : 16 , kernel : [ 5 ] , padding : same )", "C16k5"),
        ("batchnorm(epsilon: 1e-5) dropout(0.5)", "B D0.5"), ("(C8 R)x2", "C8 R C8 R"), ("C8 F L3", "C8 L3"),
        ("relu Activation(RELU) swish", "ReLU R swish"), ("ReLU(maximum: inf)", "ReLU"), ("{ C8 }", "{C8}"),
        ("C8\n\tR", "C8 R"), ("C16BRPL20", "C16 B R P L20"), ("C8k5s2TA3D0.5GL3", "C8k5s2 T A3 D0.5 GAP L3"),
        ("a = C8 conv2d1=C8", "a=C8 conv2d1=C8"), ("conv2d1=C8", "C8"),
        ("GroupNorm(4, scale: false)", "GroupNorm(4, scale: false)"),
    ])
    func variantsAreWrittenInOneWay(_ text: String, _ expected: String) throws {
        guard !text.contains("swish") || ActivationFunction.all.contains(where: { $0.name == "swish" }) else { return }
        #expect(try Sequential(notation: text).notation() == expected)
    }

    /// Every layer of the battery that stands in a line comes back as it was: the same properties, the same path of
    /// each parameter, and bit for bit the same output.
    @Test func everyLayerComesBack() throws {
        let known = Set(Sequential.notationTypes.map { ObjectIdentifier($0) })
        var tried: Set<ObjectIdentifier> = []
        for layer in LayerBatteryTests.cases {
            let original = Sequential([layer.make()])
            let type = ObjectIdentifier(Swift.type(of: original.layers[0]))
            let text: String
            do throws(ApusError) {
                text = try original.notation()
            } catch {
                // What a text cannot express says so.
                #expect(error.place == "network notation" && error.kind == .unsupported, "\(layer.name)")
                #expect(!known.contains(type) || Self.inexpressible.contains(layer.name), "\(layer.name): \(error)")
                continue
            }
            tried.insert(type)
            let copy = try Sequential(notation: text)
            #expect(describe(copy) == describe(original), "\(layer.name): \(text)")
            let shape = layer.inputs[0].shape
            guard layer.inputs.count == 1, case .numbers = layer.inputs[0].content else { continue }
            let x = Tensor.random(.normal, key: Tensor.randomKey(seed: 4), stream: 1, shape: shape, dtype: .float32)
            let outputs = try [original, copy].map { model -> [Float] in
                try model.build(inputShape: shape, seed: 3)
                return try model(x).cast(to: .float32).array()
            }
            #expect(outputs[0].map(\.bitPattern) == outputs[1].map(\.bitPattern), "\(layer.name): \(text)")
            #expect(copy.namedParameters.map(\.path) == original.namedParameters.map(\.path), "\(layer.name)")
        }
        let missing = Sequential.notationTypes.filter { !tried.contains(ObjectIdentifier($0)) }.map { "\($0)" }
        #expect(Set(missing) == Self.inexpressible, "layers of the table without a case in the battery")
    }

    /// Cases with values that no text expresses, of layers that have a notation.
    static let inexpressible: Set<String> = ["Normalization"]

    /// The stored properties of a module and of all below it, as text.
    private func describe(_ value: Any, depth: Int = 0) -> String {
        if let parameter = value as? Parameter { return "parameter \(parameter.initializer.name)" }
        if let function = value as? ActivationFunction { return function.name }
        if let initializer = value as? Initializer { return initializer.name }
        guard depth < 12 else { return "" }
        var fields: [String] = []
        var mirror: Mirror? = Mirror(reflecting: value)
        guard let first = mirror, first.children.count > 0 || first.superclassMirror != nil else { return "\(value)" }
        while let current = mirror {
            for child in current.children {
                fields.append("\(child.label ?? ""): \(describe(child.value, depth: depth + 1))")
            }
            mirror = current.superclassMirror
        }
        return "\(type(of: value))(\(fields.joined(separator: ", ")))"
    }

    @Test func everyLayerThatStandsInALineHasANotation() {
        // What needs several inputs, or a closure, or is made of layers that have one.
        let others: Set<String> = [
            "Add", "AdditiveAttention", "Attention", "Average", "BahdanauAttention", "Bilinear",
            "Branches", "ConvLSTMCell", "GRUCell", "LSTMCell", "MGUCell", "MinimalGRUCell", "Recurrent",
            "SimpleRNNCell",
            "StackedCells", "Concatenate", "Concatenating", "CosineSimilarity", "Dot", "FeaturePyramid", "Lambda",
            "MaxUnpool1D",
            "MaxUnpool2D", "MaxUnpool3D", "Maximum", "Minimum", "MultilayerPerceptron", "Multiply", "NormalizedConv2D",
            "NormalizedConv3D", "PairwiseDistance", "Residual", "Subtract",
            "Transformer", "TransformerDecoder", "TransformerDecoderLayer", "TransformerEncoderLayer",
            "Input", "Layer", "Model", "Module", "Parameter", "Sequential",
            // They prepare data and are not part of a network's notation.
            "Resizing", "CenterCrop", "Equalization", "AdaptiveEqualization", "RandAugment", "AugMix",
            "MaxBoundingBoxes", "StringLookup", "TextVectorization", "AutoContrast", "Solarization", "RandomFlip",
            "RandomCrop",
            "RandomTranslation", "RandomRotation", "RandomZoom", "RandomShear", "RandomPerspective",
            "RandomElasticTransform", "RandomErasing", "RandomBrightness", "RandomContrast", "RandomSaturation",
            "RandomSharpness", "RandomColorDegeneration", "RandomHue", "RandomGrayscale", "RandomInvert",
            "RandomPosterization", "RandomColorJitter", "RandomGaussianBlur", "MixUp", "CutMix", "STFTSpectrogram",
            "MelSpectrogram", "Discretization", "CategoryEncoding", "Hashing", "HashedCrossing", "IntegerLookup",
        ]
        let known = Set(Sequential.notationTypes.map { "\($0)" })
        #expect(Set(Catalog.layers.map(\.name)).subtracting(known).subtracting(others) == [])
    }

    @Test func whatNoTextExpressesNamesTheLayer() throws {
        func message(_ model: Sequential) -> String? { refusal { _ = try model.notation() }?.problem }
        #expect(message(.resNet18()) == "layer residualblock1: ResidualBlock has no notation")
        #expect(
            message(Sequential { Activation(ActivationFunction("odd") { $0 * 2 }) })
                == "layer activation1: its function is not one that the notation can express")
        #expect(
            message(Sequential { Dense(3, initializer: .values(Tensor.zeros([2, 3]))) })
                == "layer dense1: its initializer is not one that the notation can express")
        let penalized = Dense(3)
        penalized.weight.regularizer = .l2(0.1)
        #expect(
            message(Sequential { Residual { penalized } })
                == "layer residual1.body.dense1: its weight has a regularizer or a constraint, which the notation cannot "
                + "express")
        #expect(
            message(Sequential { Lambda { $0 * 2 } }) == "layer lambda1: Lambda has no notation")
        #expect(
            message(Sequential { Dense(3).named("two words") })
                == "layer two words: its name is not of letters, digits and underscores")
    }

    @Test func catalogueModelsComeBack() throws {
        for (name, text) in [
            ("linear", "L10"), ("mlp", "F Dense(512, activation: relu) Dense(512, activation: relu) L10"),
            (
                "cnn",
                "Conv2D(32, kernel: 3, activation: relu) Conv2D(64, kernel: 3, activation: relu) P F "
                    + "Dense(128, activation: relu) D0.5 L10"
            ),
        ] {
            #expect(try ModelCatalog.model(name, classes: 10).notation() == text)
        }
    }

    /// No text traps, whatever it is.
    @Test func anyTextIsReadOrRefused() {
        var state: UInt64 = 7
        func next(_ count: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % count
        }
        let pieces = [
            "C16", "k", "R", "Dense", "(", ")", "[", "]", "{", "}", "|", ",", "-", "=", ":", ".", "\"", "x3",
            "99999999999",
            "-1", "1e309", "kernel", "padding", "same", " ", "nan", "inf", "é", "\u{0}", "Reshape", "L", "SpectralNorm",
            "Conv2D(8, kernel: 3", "initializer: normal(", "🙂", "Sequential(", "²",
        ]
        var read = 0
        for _ in 0..<4000 {
            let text = (0..<next(9)).map { _ in pieces[next(pieces.count)] }.joined()
            do throws(ApusError) {
                let model = try Sequential(notation: text)
                read += 1
                _ = try? model.notation()
            } catch {
                #expect(error.place == "network notation")
            }
        }
        #expect(read > 10)
    }
}
