import ApusCore

// The layers in the order of the catalog. Arguments stand in the order of the initialisers; names of properties are
// given where they differ from labels. A property that is renamed fails the tests, which read every layer back.
extension NotationTable {
    private static var kernel: NotationParameter<any PerAxisConvertible> { axes("kernel").at("window") }
    private static var stride: NotationParameter<any PerAxisConvertible> { axes("stride").or(1) }
    private static var dilation: NotationParameter<any PerAxisConvertible> { axes("dilation").or(1) }
    private static var groups: NotationParameter<Int> { integer("groups").or(1) }
    private static var bias: NotationParameter<Bool> { presence("bias").or(true) }
    private static var activation: NotationParameter<ActivationFunction> { activation("activation").or("linear") }
    private static var maps: NotationParameter<Int> { integer("maps").unlabelled }
    private static var units: NotationParameter<Int> { integer("units").unlabelled }
    private static var rate: NotationParameter<Double> { number("rate").unlabelled }
    private static var epsilon: NotationParameter<Double> { number("epsilon").or(1e-5) }
    private static var standardNormal: NotationValue { .call("normal", [.number(1)]) }

    static var core: [NotationLayer] {
        [
            NotationLayer(Dense.init, units, activation, bias, initializer(of: "weight")),
            NotationLayer(
                TernaryDense.init, units, optionalNumber("threshold"), activation, bias, initializer(of: "weight")),
            NotationLayer(
                EinsumDense.init, text("equation").unlabelled, weightShape, text("biasAxes").or(.text("")), activation,
                initializer(of: "weight")),
            NotationLayer(
                Embedding.init, integer("vocabulary").unlabelled, integer("features"), optionalInteger("padding"),
                initializer(of: "table").or(standardNormal)),
            NotationLayer(
                TiedEmbedding.init, integer("vocabulary").unlabelled.at("embedding.vocabulary"),
                integer("features").at("embedding.features"),
                initializer(of: "embedding.table").or(standardNormal)),
            NotationLayer(
                EmbeddingBag.init, integer("vocabulary").unlabelled.at("embedding.vocabulary"),
                integer("features").at("embedding.features"),
                choice(
                    "fold", [("sum", EmbeddingBag.Fold.sum), ("mean", .mean), ("maximum", .maximum)]
                ).or("mean"),
                optionalInteger("padding").at("embedding.padding"),
                initializer(of: "embedding.table").or(standardNormal)),
            NotationLayer(
                AdaptiveLogSoftmax.init, integer("classes").unlabelled, integers("cutoffs"),
                number("divisor").or(4.0), presence("headBias").or(false), initializer(of: "head")),
            NotationLayer(Identity.init),
            NotationLayer(Masking.init, number("value").unlabelled.or(0.0)),
            NotationLayer(Perceptron.init, units.or(1), initializer(of: "weight").or("zeros")),
            NotationLayer(Rescaling.init, number("scale").unlabelled, number("offset").or(0.0)),
            NotationLayer({ (epsilon: Double) in Normalization(epsilon: epsilon) }, epsilon.or(1e-7)),
        ]
    }

    private static var weightShape: NotationParameter<Shape> {
        NotationParameter("weight", "a list of whole numbers") {
            $0.integers.map { Shape($0) }
        } read: {
            ($0 as? Shape).map { .list($0.extents.map { .integer($0) }) }
        }.at("weightShape")
    }

    static var activations: [NotationLayer] {
        [
            NotationLayer(Activation.init, activation("function").unlabelled),
            NotationLayer(
                ReLU.init, number("maximum").or(.infinity), number("negativeSlope").or(0.0),
                number("threshold").or(0.0)),
            NotationLayer(LeakyReLU.init, number("slope").unlabelled.or(0.01)),
            NotationLayer(
                PReLU.init, optionalIntegers("sharedAxes"),
                initializer(of: "slope").or(.call("constant", [.number(0.25)]))),
            NotationLayer(RReLU.init, number("lower").or(1.0 / 8), number("upper").or(1.0 / 3)),
            NotationLayer(ELU.init, number("alpha").unlabelled.or(1.0)),
            NotationLayer(Softmax.init, integer("axis").or(-1)),
            NotationLayer(Maxout.init, integer("pieces").unlabelled),
            NotationLayer(
                GLU.init, choice("unit", GatedUnit.allCases.map { ($0.rawValue, $0) }).unlabelled.or("glu"),
                integer("axis").or(-1)),
        ]
    }

    static var convolutions: [NotationLayer] {
        [
            convolution(Conv1D.init), convolution(Conv2D.init), convolution(Conv3D.init),
            transposed(TransposedConv1D.init), transposed(TransposedConv2D.init), transposed(TransposedConv3D.init),
            depthwise(DepthwiseConv1D.init), depthwise(DepthwiseConv2D.init), depthwise(DepthwiseConv3D.init),
            separable(SeparableConv1D.init), separable(SeparableConv2D.init), separable(SeparableConv3D.init),
            NotationLayer(
                LocallyConnected1D.init, maps, kernel, stride, padding, dilation, activation, bias,
                initializer(of: "kernel")),
            NotationLayer(
                LocallyConnected2D.init, maps, kernel, stride, padding, dilation, activation, bias,
                initializer(of: "kernel")),
            NotationLayer(
                DeformableConv2D.init, maps, kernel, stride, padding, dilation, groups, integer("offsetGroups").or(1),
                flag("weighted").or(false), activation, bias, initializer(of: "kernel")),
            NotationLayer(
                Dilation2D.init, kernel, stride, padding, dilation, initializer(of: "kernel").or("zeros")),
            NotationLayer(
                Erosion2D.init, kernel, stride, padding, dilation, initializer(of: "kernel").or("zeros")),
            NotationLayer(Unfold.init, axes("window").unlabelled, stride, padding, dilation),
            NotationLayer(
                Fold.init, integers("extents").unlabelled, axes("window"), stride, padding, dilation),
        ]
    }

    private typealias Axes = any PerAxisConvertible

    private static func convolution<Made: ConvolutionLayer>(
        _ make:
            @escaping (
                Int, Axes, Axes, Padding, Axes, Int, Bool, ActivationFunction, Bool, Initializer
            ) -> Made
    ) -> NotationLayer {
        NotationLayer(
            make, maps, kernel, stride, padding, dilation, groups, flag("flipped").or(false), activation, bias,
            initializer(of: "kernel"))
    }

    private static func transposed<Made: TransposedConvolutionLayer>(
        _ make:
            @escaping (
                Int, Axes, Axes, Padding, Axes, Int, Axes, ActivationFunction, Bool, Initializer
            ) -> Made
    ) -> NotationLayer {
        NotationLayer(
            make, maps, kernel, stride, padding, dilation, groups, axes("outputPadding").or(0), activation, bias,
            initializer(of: "kernel"))
    }

    private static func depthwise<Made: DepthwiseConvolutionLayer>(
        _ make: @escaping (Axes, Int, Axes, Padding, Axes, ActivationFunction, Bool, Initializer) -> Made
    ) -> NotationLayer {
        NotationLayer(
            make, kernel, integer("multiplier").or(1), stride, padding, dilation, activation, bias,
            initializer(of: "kernel"))
    }

    private static func separable<Made: SeparableConvolutionLayer>(
        _ make: @escaping (Int, Axes, Int, Axes, Padding, Axes, ActivationFunction, Bool, Initializer) -> Made
    ) -> NotationLayer {
        NotationLayer(
            make, maps, kernel, integer("multiplier").or(1), stride, padding, dilation, activation, bias,
            initializer(of: "depthwise"))
    }

    private static var window: NotationParameter<Axes> { axes("window").unlabelled.or(2) }
    private static var windowStride: NotationParameter<Axes?> { optionalAxes("stride").orLike("window") }
    private static var roundsUp: NotationParameter<Bool> { flag("roundsUp").or(false) }

    static var poolings: [NotationLayer] {
        [
            maxPool(MaxPool1D.init), maxPool(MaxPool2D.init), maxPool(MaxPool3D.init),
            averagePool(AveragePool1D.init), averagePool(AveragePool2D.init), averagePool(AveragePool3D.init),
            normPool(LPPool1D.init), normPool(LPPool2D.init), normPool(LPPool3D.init),
            globalPool(GlobalAveragePool1D.init), globalPool(GlobalAveragePool2D.init),
            globalPool(GlobalAveragePool3D.init), globalPool(GlobalMaxPool1D.init), globalPool(GlobalMaxPool2D.init),
            globalPool(GlobalMaxPool3D.init),
            adaptivePool(AdaptiveAveragePool1D.init), adaptivePool(AdaptiveAveragePool2D.init),
            adaptivePool(AdaptiveAveragePool3D.init), adaptivePool(AdaptiveMaxPool1D.init),
            adaptivePool(AdaptiveMaxPool2D.init), adaptivePool(AdaptiveMaxPool3D.init),
            NotationLayer(FractionalMaxPool2D.init, window, number("ratio")),
            NotationLayer(FractionalMaxPool3D.init, window, number("ratio")),
        ]
    }

    private static func maxPool<Made: MaxPoolLayer>(
        _ make: @escaping (Axes, Axes?, Padding, Axes, Bool) -> Made
    ) -> NotationLayer {
        NotationLayer(make, window, windowStride, padding, dilation, roundsUp)
    }

    private static func averagePool<Made: AveragePoolLayer>(
        _ make: @escaping (Axes, Axes?, Padding, Bool, Bool) -> Made
    ) -> NotationLayer {
        NotationLayer(make, window, windowStride, padding, flag("countsPadding").or(false), roundsUp)
    }

    private static func normPool<Made: LPPoolLayer>(
        _ make: @escaping (Double, Axes, Axes?, Padding, Bool) -> Made
    ) -> NotationLayer {
        NotationLayer(make, number("order").or(2.0), window, windowStride, padding, roundsUp)
    }

    private static func globalPool<Made: GlobalPoolingLayer>(_ make: @escaping (Bool) -> Made) -> NotationLayer {
        NotationLayer(make, flag("keepDimensions").or(false))
    }

    private static func adaptivePool<Made: AdaptivePoolingLayer>(_ make: @escaping (Axes) -> Made) -> NotationLayer {
        NotationLayer(make, axes("extents").unlabelled)
    }

    static var normalizations: [NotationLayer] {
        let (scale, shift) = (presence("scale").or(true), presence("shift").or(true))
        return [
            NotationLayer(BatchNorm.init, number("momentum").or(0.1), epsilon, flag("unbiased").or(true)),
            NotationLayer({ (epsilon: Double) in FrozenBatchNorm(epsilon: epsilon) }, epsilon),
            NotationLayer(LayerNorm.init, integer("axes").or(1), epsilon, scale, shift),
            NotationLayer(RMSNorm.init, epsilon, scale),
            NotationLayer(GroupNorm.init, integer("groups").unlabelled, epsilon, scale, shift),
            NotationLayer(InstanceNorm.init, epsilon, scale.or(false), shift.or(false)),
            NotationLayer(
                LocalResponseNorm.init, integer("size").unlabelled, number("alpha").or(1e-4),
                number("beta").or(0.75), number("k").or(1.0)),
            NotationLayer(
                UnitNormalization.init, integer("axis").or(-1), number("order").or(2.0), epsilon.or(1e-12)),
            NotationLayer(
                { (layer: any Module, iterations: Int) in SpectralNorm(layer, iterations: iterations) },
                layer("layer").unlabelled, integer("iterations").or(1)),
            NotationLayer({ (layer: any Module) in WeightNorm(layer) }, layer("layer").unlabelled),
        ]
    }

    static var regularizations: [NotationLayer] {
        [
            NotationLayer(Dropout.init, rate), NotationLayer(AlphaDropout.init, rate),
            NotationLayer(FeatureAlphaDropout.init, rate), NotationLayer(GaussianDropout.init, rate),
            NotationLayer(SpatialDropout1D.init, rate), NotationLayer(SpatialDropout2D.init, rate),
            NotationLayer(SpatialDropout3D.init, rate),
            NotationLayer(GaussianNoise.init, number("deviation").unlabelled),
            NotationLayer(ActivityRegularization.init, number("l1").or(0.0), number("l2").or(0.0)),
            NotationLayer(
                { HardConcreteGates($0) }, number("factor").or(0.01).unlabelled),
            NotationLayer(DropBlock2D.init, rate, integer("block")),
            NotationLayer(DropBlock3D.init, rate, integer("block")),
            NotationLayer(
                StochasticDepth.init, rate,
                choice("each", [("sample", StochasticDepth.Unit.sample), ("batch", .batch)]).at("unit").or("sample")),
        ]
    }

    private static var filling: NotationParameter<PadLayer.Filling> {
        let words: [(String, PadLayer.Filling)] = [
            ("zeros", .zeros), ("reflect", .reflect), ("replicate", .replicate), ("circular", .circular),
        ]
        return NotationParameter("filling", "zeros, reflect, replicate, circular or a number") { argument in
            words.first { $0.0 == argument.word }?.1 ?? argument.number.map { .constant($0) }
        } read: { held in
            guard let filling = held as? PadLayer.Filling else { return nil }
            if let word = words.first(where: { $0.1 == filling })?.0 { return .word(word) }
            if case .constant(let value) = filling { return .number(value) }
            return nil
        }
    }

    private static var interpolation: NotationParameter<Interpolation> {
        let words: [(String, Interpolation)] = [
            ("nearest", .nearest), ("bilinear", .bilinear), ("bicubic", .bicubic()), ("lanczos3", .lanczos3),
            ("lanczos5", .lanczos5), ("area", .area),
        ]
        return NotationParameter<Interpolation>(
            "interpolation", "nearest, bilinear, bicubic, lanczos3, lanczos5 or area"
        ) { argument in
            words.first { $0.0 == argument.word }?.1
        } read: { held in
            words.first { $0.1 == held as? Interpolation }.map { .word($0.0) }
        }.or("nearest")
    }

    private typealias Widths = [(before: Int, after: Int)]

    static var reshapings: [NotationLayer] {
        let widths = widths("widths").unlabelled.or(1)
        let factor = integer("factor").unlabelled
        return [
            NotationLayer(Flatten.init),
            NotationLayer(Unflatten.init, integers("extents").unlabelled, integer("axis").or(-1)),
            NotationLayer(Reshape.init, integers("extents").unlabelled),
            NotationLayer(Permute.init, integers("order").unlabelled),
            NotationLayer(RepeatVector.init, integer("count").unlabelled),
            NotationLayer(PixelShuffle.init, factor), NotationLayer(PixelUnshuffle.init, factor),
            NotationLayer(ChannelShuffle.init, integer("groups").unlabelled),
            NotationLayer({ (widths: Widths) in Cropping1D(widths) }, widths),
            NotationLayer({ (widths: Widths) in Cropping2D(widths) }, widths),
            NotationLayer({ (widths: Widths) in Cropping3D(widths) }, widths),
            NotationLayer({ (widths: Widths) in ZeroPadding1D(widths) }, widths),
            NotationLayer({ (widths: Widths) in ZeroPadding2D(widths) }, widths),
            NotationLayer({ (widths: Widths) in ZeroPadding3D(widths) }, widths),
            NotationLayer({ (widths: Widths, filling) in Pad1D(widths, filling: filling) }, widths, filling),
            NotationLayer({ (widths: Widths, filling) in Pad2D(widths, filling: filling) }, widths, filling),
            NotationLayer({ (widths: Widths, filling) in Pad3D(widths, filling: filling) }, widths, filling),
            NotationLayer(UpSampling1D.init, axes("factor").unlabelled.or(2), interpolation),
            NotationLayer(UpSampling2D.init, axes("factor").unlabelled.or(2), interpolation),
            NotationLayer(UpSampling3D.init, axes("factor").unlabelled.or(2), interpolation),
            NotationLayer(
                SqueezeExcitation.init, integer("reduction").or(16), activation("activation").or("relu"),
                activation("gate").or("sigmoid"), presence("bias").at("squeezeBias").or(true),
                initializer(of: "squeezeWeight")),
        ]
    }
}
