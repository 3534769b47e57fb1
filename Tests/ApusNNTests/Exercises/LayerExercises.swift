import Apus
import TestSupport
import Testing

/// Worked exercises on layers with known numbers, through the public interface.
@Suite struct LayerExercises {
    private func map(_ rows: [[Double]]) -> Tensor {
        Tensor(rows.flatMap { $0 }, shape: [1, rows.count, rows[0].count, 1])
    }

    /// A layer with a given 3x3 kernel.
    private func kernel(_ parameter: Parameter, _ rows: [[Double]]) {
        parameter.value = Tensor(rows.flatMap { $0 }, shape: [3, 3, 1, 1])
    }

    private let pooled: [[Double]] = [[1, 1, 2, 4], [5, 6, 7, 8], [3, 2, 1, 0], [1, 2, 3, 4]]

    @Test func convolutionIsCrossCorrelationUnlessFlipped() throws {
        let image = map([[0, 1, 0, 0, 0], [4, 0, 0, -3, 0], [-5, 0, -5, 2, 0], [0, 0, 0, 0, 0], [-5, 0, 3, 0, 0]])
        for (flipped, expected) in [(false, [5.0, 5, 0, 7]), (true, [-13, -15, -16, 9])] {
            let layer = Conv2D(1, kernel: 3, stride: 2, flipped: flipped, bias: false)
            kernel(layer.kernel, [[-2, 0, 3], [0, 0, -2], [-1, 0, 0]])
            try expectEqual(layer(image), [1, 2, 2, 1], expected)
        }
    }

    @Test func transposedConvolutionScattersAndCropsAndIsNoInverse() throws {
        let weights: [[Double]] = [[0, 1, 0], [1, 2, 1], [1, 1, 1]]
        let cropped = TransposedConv2D(1, kernel: 3, stride: 2, padding: .explicit(1), bias: false)
        kernel(cropped.kernel, weights)
        let y = cropped(map([[1, 2], [3, 4]]))
        try expectEqual(y, [1, 3, 3, 1], [2, 3, 4, 4, 3, 6, 6, 7, 8])
        let whole = TransposedConv2D(1, kernel: 3, stride: 2, bias: false)
        kernel(whole.kernel, weights)
        try expectEqual(
            whole(map([[1, 2], [3, 4]])), [1, 5, 5, 1],
            [0, 1, 0, 2, 0, 1, 2, 3, 4, 2, 1, 4, 3, 6, 2, 3, 6, 7, 8, 4, 3, 3, 7, 4, 4])
        let back = Conv2D(1, kernel: 3, stride: 2, padding: .explicit(1), bias: false)
        kernel(back.kernel, weights)
        try expectEqual(back(y), [1, 2, 2, 1], [14, 20, 23, 29])
    }

    @Test func poolingOfOneMatrixInAllItsForms() throws {
        let x = map(pooled)
        try expectEqual(MaxPool2D()(x), [1, 2, 2, 1], [6, 8, 3, 4])
        try expectEqual(AveragePool2D()(x), [1, 2, 2, 1], [3.25, 5.25, 2, 2])
        try expectEqual(MaxPool2D(2, stride: 1)(x), [1, 3, 3, 1], [6, 7, 8, 6, 7, 8, 3, 3, 4])
        try expectEqual(GlobalAveragePool2D()(x), [1, 1], [3.125])
        try expectEqual(GlobalMaxPool2D()(x), [1, 1], [8])
        let (values, positions) = MaxPool2D().withPositions(x)
        try expectEqual(
            MaxUnpool2D()(values, positions), [1, 4, 4, 1], [0, 0, 0, 0, 0, 6, 0, 8, 3, 0, 0, 0, 0, 0, 0, 4])
    }

    @Test func nearestUpSamplingRepeatsPixels() throws {
        try expectEqual(
            UpSampling2D()(map([[1, 2], [3, 4]])), [1, 4, 4, 1], [1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4])
    }

    @Test func pixelShuffleSpreadsChannels() throws {
        let channelsFirst = Tensor((0..<16).map(Double.init), shape: [4, 2, 2])
        let x = channelsFirst.permuted([1, 2, 0]).expanded(at: 0)
        let y = PixelShuffle(2)(x)
        try expectEqual(y, [1, 4, 4, 1], [0, 4, 1, 5, 8, 12, 9, 13, 2, 6, 3, 7, 10, 14, 11, 15])
        try expectEqual(PixelUnshuffle(2)(y), x.shape, x.array())
        #expect(PixelShuffle(3)(Tensor.zeros([1, 7, 7, 9])).shape == [1, 21, 21, 1])
    }

    @Test func parametersOfSeparableAndSharedLayers() throws {
        let plain = Conv2D(128, kernel: 3, bias: false), separable = SeparableConv2D(128, kernel: 3, bias: false)
        try plain.build(inputShape: [1, 8, 8, 64])
        try separable.build(inputShape: [1, 8, 8, 64])
        #expect(plain.trainableCount == 73_728)
        #expect(separable.trainableCount == 8768)
        let gates = SqueezeExcitation(reduction: 16, bias: false)
        try gates.build(inputShape: [1, 4, 4, 64])
        #expect(gates.trainableCount == 512)
    }

    @Test func shapesOfAnAutoencoder() throws {
        let model = Sequential {
            Conv2D(16, kernel: 3, stride: 2, padding: .same)
            Conv2D(32, kernel: 3)
            MaxPool2D()
            Flatten()
            Dense(10)
            Dense(8192)
            Reshape([16, 16, 32])
            TransposedConv2D(32, kernel: 3, stride: 2, padding: .same)
            TransposedConv2D(64, kernel: 3, stride: 2, padding: .same)
            Conv2D(3, kernel: 3, padding: .same)
        }
        #expect(try model.build(inputShape: [1, 64, 64, 3]) == [1, 64, 64, 3])
        #expect(model.trainableCount == 196_685)
    }

    @Test func skipConnectionsAddOrStack() {
        let (a, b) = (Tensor.zeros([1, 16, 16, 64]), Tensor.zeros([1, 16, 16, 32]))
        #expect(Add()(a, b).error?.kind == .shape)
        #expect(Concatenate()(a, b).shape == [1, 16, 16, 96])
    }

    @Test func perceptronsLearnWhatCanBeSeparated() throws {
        let inputs = Tensor([0, 0, 0, 1, 1, 0, 1, 1].map(Double.init), shape: [4, 2])
        let or = Perceptron(), both = Perceptron()
        var rounds = 0
        while rounds < 20, try or.learn(inputs, Tensor([0, 1, 1, 1].map(Double.init), shape: [4, 1])) > 0 {
            rounds += 1
        }
        try expectEqual(or(inputs), [4, 1], [0, 1, 1, 1])
        // Exclusive or has no line that separates it.
        for _ in 0..<50 {
            #expect(try both.learn(inputs, Tensor([0, 1, 1, 0].map(Double.init), shape: [4, 1])) > 0)
        }
    }

    @Test func standardisationUsesTheTrainingData() throws {
        let scaling = Normalization()
        try scaling.adapt(to: Tensor([0, 50, 100, 150, 200].map(Double.init), shape: [5, 1]))
        try expectEqual(
            scaling(Tensor([100, 250].map(Double.init), shape: [2, 1])), [2, 1], [0, 2.12132034355964], tolerance: 1e-9)
    }
}
