import Apus
import TestSupport
import Testing

/// Worked exercises on normalisation with known numbers, through the public interface.
@Suite struct NormalizationExercises {
    private let batch = Tensor([12, 0, -5, 14, 10, 5, 14, 10, 5, 12, 0, -5].map(Double.init), shape: [4, 3])

    private func values(_ parameter: Parameter, _ numbers: [Double]) {
        parameter.value = Tensor(numbers, shape: [numbers.count])
    }

    @Test func batchNormDividesByTheBiasedDeviation() throws {
        let layer = BatchNorm(momentum: 1, epsilon: 0)
        let signs = [-1.0, -1, -1, 1, 1, 1, 1, 1, 1, -1, -1, -1]
        try expectEqual(withMode(.training) { layer(batch) }, [4, 3], signs)
        // A momentum of 1 keeps the batch's own statistics; the kept variance is the unbiased one.
        try expectEqual(layer.mean.value, [3], [13, 5, 0])
        try expectEqual(layer.variance.value, [3], [4.0 / 3, 100.0 / 3, 100.0 / 3])
        let usual = BatchNorm()
        let columns = [0.9999950000375, 0.99999980000006, 0.99999980000006]
        try expectEqual(
            withMode(.training) { usual(batch) }, [4, 3], signs.enumerated().map { $1 * columns[$0 % 3] },
            tolerance: 1e-9)
        let biased = BatchNorm(momentum: 1, epsilon: 0, unbiased: false)
        _ = try withMode(.training) { biased(batch) }.evaluated()
        try expectEqual(biased.variance.value, [3], [1, 25, 25])
    }

    @Test func scaleAndShiftMoveAndUndo() throws {
        let layer = BatchNorm(epsilon: 0)
        _ = try withMode(.training) { layer(batch) }.evaluated()
        values(layer.scale, [1, 1, 1])
        values(layer.shift, [0, -10, 10])
        try expectEqual(
            withMode(.training) { layer(batch) }, [4, 3], [-1, -11, 9, 1, -9, 11, 1, -9, 11, -1, -11, 9])
        values(layer.scale, [1, 5, 5])
        values(layer.shift, [13, 5, 0])
        try expectEqual(withMode(.training) { layer(batch) }, [4, 3], batch.array())
    }

    @Test func mapsHaveOneStatisticEach() throws {
        let channelsFirst = Tensor((0..<24).map(Double.init), shape: [2, 3, 2, 2])
        let layer = BatchNorm(momentum: 1, epsilon: 0, unbiased: false)
        let y = withMode(.training) { layer(channelsFirst.permuted([0, 2, 3, 1])) }
        let sample = [-1.22884788077856, -1.06500149667475, -0.901155112570945, -0.737308728467136]
        let expected = [sample, sample, sample].flatMap { $0 }
        try expectEqual(
            y.permuted([0, 3, 1, 2]), [2, 3, 2, 2], expected + expected.reversed().map { -$0 }, tolerance: 1e-9)
        try expectEqual(layer.mean.value, [3], [7.5, 11.5, 15.5])
        try expectEqual(layer.variance.value, [3], [37.25, 37.25, 37.25])
        #expect(layer.trainableCount == 6 && layer.parameterCount == 12)
    }

    @Test func aNormThatIsUsedTwiceCountsOnce() throws {
        func network(_ first: BatchNorm, _ second: BatchNorm) throws -> Sequential {
            let model = Sequential {
                Dense(10)
                first
                Dense(10)
                second
                Dense(10)
            }
            try model.build(inputShape: [1, 784])
            return model
        }
        let norm = BatchNorm()
        let shared = try network(norm, norm), separate = try network(BatchNorm(), BatchNorm())
        #expect(shared.trainableCount == 8090 && shared.parameterCount == 8110)
        #expect(separate.trainableCount == 8110 && separate.parameterCount == 8150)
        let rows = try Summary(shared, inputShape: [1, 784]).rows
        #expect(rows.map(\.trainable) == [7850, 20, 110, 0, 110])
    }

    @Test func rawPixelsMakeGradientsAsMuchLarger() throws {
        var slopes: [Double] = []
        for pixel: Double in [255, 1] {
            let layer = Dense(1, bias: false, initializer: .ones)
            let x = Tensor([pixel], shape: [1, 1])
            _ = try layer(x).evaluated()
            let (_, all) = try valueAndGradient(layer) { ($0(x) * 0.01).sum() }
            slopes.append(try #require(all["weight"]).item())
        }
        #expect(abs(slopes[0] - 2.55) < 1e-12 && abs(slopes[1] - 0.01) < 1e-12)
        #expect(abs(slopes[0] / slopes[1] - 255) < 1e-9)
        let scaled = Rescaling(1.0 / 255)(Tensor([0.0, 127.5, 255], shape: [3]))
        try expectEqual(scaled, [3], [0, 0.5, 1])
        try expectEqual(Rescaling(1 / 127.5, offset: -1)(Tensor([0.0, 127.5, 255], shape: [3])), [3], [-1, 0, 1])
    }
}
