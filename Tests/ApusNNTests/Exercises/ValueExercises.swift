import Apus
import TestSupport
import Testing

/// Worked exercises on what layers compute, through the public interface.
@Suite struct ValueExercises {
    private func map(_ rows: [[Double]]) -> Tensor {
        Tensor(rows.flatMap { $0 }, shape: [1, rows.count, rows[0].count, 1])
    }

    @Test func onePositionOfAConvolution() throws {
        let layer = Conv2D(1, kernel: 3, bias: false)
        layer.kernel.value = Tensor([1, 2, 1, 2, 1, 2, 1, 1, 2].map(Double.init), shape: [3, 3, 1, 1])
        try expectEqual(layer(map([[3, 5, 2], [4, 1, 3], [6, 3, 8]])), [1, 1, 1, 1], [55])
        #expect(layer(Tensor.zeros([1, 4, 4, 1], dtype: .float64)).shape == [1, 2, 2, 1])
    }

    @Test func transposedConvolutionIsTheAdjoint() throws {
        let weights = Tensor([0, 1, 0, 1, 2, 1, 1, 1, 1].map(Double.init), shape: [3, 3, 1, 1])
        let forward = Conv2D(1, kernel: 3, stride: 2, padding: .explicit(1), bias: false)
        let back = TransposedConv2D(1, kernel: 3, stride: 2, padding: .explicit(1), bias: false)
        forward.kernel.value = weights
        back.kernel.value = weights
        let (x, y) = (try numbers([1, 3, 3, 1]), try numbers([1, 2, 2, 1], seed: 2))
        let left: Double = try (forward(x) * y).sum().item()
        let right: Double = try (x * back(y)).sum().item()
        #expect(abs(left - right) < 1e-12)
    }

    @Test func overlappingWindowsRepeatPeaks() throws {
        var rows = [[Double]](repeating: [0, 0, 0, 0, 0], count: 5)
        rows[2][2] = 9
        try expectEqual(
            MaxPool2D(2, stride: 1)(map(rows)), [1, 4, 4, 1], [0, 0, 0, 0, 0, 9, 9, 0, 0, 9, 9, 0, 0, 0, 0, 0])
        try expectEqual(MaxPool2D()(map(rows)), [1, 2, 2, 1], [0, 0, 0, 9])
    }

    @Test func bilinearUpsamplingInBothConventions() throws {
        let x = map([[1, 2], [3, 4]])
        try expectEqual(
            x.resized(to: [4, 4]), [1, 4, 4, 1],
            [1, 1.25, 1.75, 2, 1.5, 1.75, 2.25, 2.5, 2.5, 2.75, 3.25, 3.5, 3, 3.25, 3.75, 4])
        let third = 1.0 / 3
        let steps: [Double] = (0..<16).map { 1 + Double($0 / 4) * 2 * third + Double($0 % 4) * third }
        try expectEqual(x.resized(to: [4, 4], alignCorners: true), [1, 4, 4, 1], steps, tolerance: 1e-9)
    }

    @Test func gatesWeighChannels() throws {
        let layer = SqueezeExcitation(reduction: 2, bias: false)
        layer.squeezeWeight.value = Tensor([1.0, 1], shape: [2, 1])
        layer.expandWeight.value = Tensor([1.0, -1], shape: [1, 2])
        let channelsFirst = Tensor([1, 2, 3, 4, 0, 0, 0, 4].map(Double.init), shape: [1, 2, 2, 2])
        try expectEqual(
            layer(channelsFirst.permuted([0, 2, 3, 1])).permuted([0, 3, 1, 2]), [1, 2, 2, 2],
            [
                0.970687769248644, 1.94137553849729, 2.91206330774593, 3.88275107699457, 0, 0, 0, 0.117248923005425,
            ], tolerance: 1e-9)
    }

    @Test func droppedUnitsKeepTheExpectation() throws {
        let x = Tensor.ones([200_000], dtype: .float64)
        for (rate, scale, variance) in [(0.2, 1.25, 0.25), (0.5, 2.0, 1.0)] {
            let layer = Dropout(rate)
            let y: [Double] = try withMode(.training, seed: 3) { layer(x) }.array()
            #expect(Set(y) == [0, scale])
            let mean = y.reduce(0, +) / Double(y.count)
            let spread = y.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(y.count)
            #expect(abs(mean - 1) < 0.01 && abs(spread - variance) < 0.02)
            try expectEqual(layer(x).slice(axis: 0, 0..<3), [3], [1, 1, 1])
        }
    }

    @Test func rowsOfALinearClassifierAreIndependent() throws {
        let layer = Dense(3)
        layer.weight.value = Tensor([1.0, 0, -1, 0, 1, -1], shape: [2, 3])
        layer.bias?.value = Tensor([0.0, 0, 1], shape: [3])
        let scores = layer(Tensor([2.0, 1], shape: [1, 2]))
        try expectEqual(scores, [1, 3], [2, 1, -2])
        try expectEqual(
            scores.softmax(), [1, 3], [0.721399184273969, 0.265387928772242, 0.0132128869537894], tolerance: 1e-9)
        #expect(try scores.argmax().array() == [Int32(0)])
        let lengths = (layer.weight.value * layer.weight.value).sum(axes: [0]).squareRoot()
        try expectEqual(scores / lengths, [1, 3], [2, 1, -1.41421356237309], tolerance: 1e-9)
    }

    @Test func withoutBiasesZeroStaysZero() throws {
        let zero = Tensor.zeros([1, 5], dtype: .float64)
        for activation in [ActivationFunction.linear, .relu, .tanh] {
            let model = Sequential {
                Dense(7, activation: activation, bias: false)
                Dense(4, bias: false)
            }
            try expectEqual(model(zero), [1, 4], [0, 0, 0, 0])
        }
        try expectEqual(Dense(1, activation: .sigmoid, bias: false)(zero), [1, 1], [0.5])
        try expectEqual(
            Dense(10, activation: .softmax, bias: false)(zero), [1, 10], [Double](repeating: 0.1, count: 10))
    }

    @Test func skipConnectionsCarryGradients() throws {
        for (depth, plain, skip) in [(10, 1e-30, 1.01004512021025), (50, 1e-150, 1.05124483243475)] {
            func slope(_ model: Sequential) throws -> Double {
                let x = Tensor([1.0], shape: [1, 1])
                return try gradients(of: model(x).sum(), withRespectTo: [x])[0].item()
            }
            func cell() -> Dense { Dense(1, bias: false, initializer: .constant(0.001)) }
            let chained = try slope(Sequential { for _ in 0..<depth { cell() } })
            #expect(abs(chained / plain - 1) < 1e-9)
            let connected = try slope(Sequential { for _ in 0..<depth { Residual { cell() } } })
            #expect(abs(connected - skip) < 1e-9)
        }
    }

    @Test func stepUnitsComputeExclusiveOr() throws {
        let hidden = Perceptron(2), output = Perceptron()
        let inputs = Tensor([0, 0, 0, 1, 1, 0, 1, 1].map(Double.init), shape: [4, 2])
        _ = try output(hidden(inputs)).evaluated()
        hidden.weight.value = Tensor([1.0, -1, -1, 1], shape: [2, 2])
        output.weight.value = Tensor([1.0, 1], shape: [2, 1])
        try expectEqual(hidden(inputs), [4, 2], [0, 0, 0, 1, 1, 0, 0, 0])
        try expectEqual(output(hidden(inputs)), [4, 1], [0, 1, 1, 0])
    }
}
