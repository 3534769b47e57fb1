import Apus
import Foundation
import TestSupport
import Testing

@Suite struct BatchNormTests {
    /// Mean and variance of each of the last axis' channels.
    private func statistics(_ x: Tensor) throws -> (mean: [Double], variance: [Double], count: Int) {
        let plain = try Plain(x)
        let channels = x.shape[-1]
        let count = x.shape.count / channels
        let columns = (0..<channels).map { c in (0..<count).map { plain.values[$0 * channels + c] } }
        let means = columns.map { $0.reduce(0, +) / Double(count) }
        let variances = zip(columns, means).map { column, mean in
            column.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count)
        }
        return (means, variances, count)
    }

    @Test(arguments: [[8, 3], [2, 3, 5, 4]] as [Shape], [true, false])
    func trainingUsesTheBatchAndKeepsRunningStatistics(shape: Shape, unbiased: Bool) throws {
        let layer = BatchNorm(momentum: 0.3, epsilon: 1e-3, unbiased: unbiased)
        let channels = shape[-1]
        _ = layer(try numbers(shape))
        let (scale, shift) = (try numbers([channels], seed: 7), try numbers([channels], seed: 8))
        (layer.scale.value, layer.shift.value) = (scale, shift)
        let (scales, shifts): ([Double], [Double]) = (try scale.array(), try shift.array())
        var runningMean = [Double](repeating: 0, count: channels)
        var runningVariance = [Double](repeating: 1, count: channels)
        for seed: UInt64 in 1...3 {
            let x = try numbers(shape, seed: seed) * 3 + 1
            let (mean, variance, count) = try statistics(x)
            let y = withMode(.training) { layer(x) }
            let values: [Double] = try x.array()
            let expected = values.enumerated().map { index, value in
                let c = index % channels
                return (value - mean[c]) / sqrt(variance[c] + 1e-3) * scales[c] + shifts[c]
            }
            try expectEqual(y, shape, expected)
            for c in 0..<channels {
                let estimate = unbiased ? variance[c] * Double(count) / Double(count - 1) : variance[c]
                runningMean[c] = 0.7 * runningMean[c] + 0.3 * mean[c]
                runningVariance[c] = 0.7 * runningVariance[c] + 0.3 * estimate
            }
            try expectEqual(layer.mean.value, [channels], runningMean)
            try expectEqual(layer.variance.value, [channels], runningVariance)
        }
        let x = try numbers(shape, seed: 9)
        let values: [Double] = try x.array()
        let expected = values.enumerated().map { index, value in
            let c = index % channels
            return (value - runningMean[c]) / sqrt(runningVariance[c] + 1e-3) * scales[c] + shifts[c]
        }
        try expectEqual(layer(x), shape, expected)
        // Predicting changes nothing.
        try expectEqual(layer.mean.value, [channels], runningMean)
    }

    @Test(arguments: [Mode.training, .inference])
    func gradientsAreThoseOfCentralDifferences(mode: Mode) throws {
        let layer = BatchNorm()
        let x = try numbers([5, 3])
        _ = layer(x)
        try checkGradients(at: [x, numbers([3], seed: 2), numbers([3], seed: 3)], names: ["x", "scale", "shift"]) {
            inputs in
            layer.scale.value = inputs[1]
            layer.shift.value = inputs[2]
            return withMode(mode) { layer(inputs[0]) }
        }
    }

    @Test func runningStatisticsAreNotTrained() throws {
        let layer = BatchNorm()
        _ = layer(Tensor.zeros([2, 3]))
        #expect(layer.namedParameters.map(\.path) == ["scale", "shift", "mean", "variance"])
        #expect(layer.parameters.map(\.isTrainable) == [true, true, false, false])
        #expect(layer.trainableCount == 6)
    }

    @Test func handWrittenLoopsBringThemUpToDate() throws {
        let layer = BatchNorm(momentum: 0.5)
        let x = try numbers([6, 2])
        _ = layer(x)
        for _ in 0..<20 { _ = try valueAndGradient(layer) { $0(x).square().mean() } }
        let (mean, variance, _) = try statistics(x)
        try expectEqual(layer.mean.value, [2], mean, tolerance: 1e-5)
        try expectEqual(layer.variance.value, [2], variance.map { $0 * 6 / 5 }, tolerance: 1e-5)
    }
}
