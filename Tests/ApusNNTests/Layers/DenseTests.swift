import Apus
import TestSupport
import Testing

@Suite struct DenseTests {
    @Test(arguments: [[4, 3], [2, 5, 3], [3]] as [Shape])
    func outputIsTheWeightedSum(shape: Shape) throws {
        let layer = Dense(6, activation: .relu, initializer: .normal(deviation: 1))
        let x = try numbers(shape)
        let y = layer(x)
        layer.bias?.value = try numbers([6], seed: 2)
        let biased = layer(x)
        let (input, weight) = (try Plain(x), try Plain(layer.weight.value))
        let bias: [Double] = try #require(layer.bias).value.array()
        var (plain, sums): ([Double], [Double]) = ([], [])
        for row in 0..<shape.count / 3 {
            for unit in 0..<6 {
                let sum = (0..<3).reduce(0.0) { $0 + input.values[row * 3 + $1] * weight.values[$1 * 6 + unit] }
                plain.append(max(0, sum))
                sums.append(max(0, sum + bias[unit]))
            }
        }
        let expected = Shape(shape.extents.dropLast() + [6])
        try expectEqual(y, expected, plain)
        try expectEqual(biased, expected, sums)
    }

    @Test func gradientsAreThoseOfCentralDifferences() throws {
        let layer = Dense(4, activation: .tanh)
        let x = try numbers([3, 5])
        _ = layer(x)
        let (weight, bias) = (layer.weight.value, try #require(layer.bias).value)
        try checkGradients(at: [x, weight, bias], names: ["x", "weight", "bias"]) { inputs in
            layer.weight.value = inputs[1]
            layer.bias?.value = inputs[2]
            return layer(inputs[0])
        }
    }

    @Test func biasMayBeLeftOut() throws {
        let layer = Dense(2, bias: false)
        #expect(layer(Tensor.zeros([1, 3])).shape == [1, 2])
        #expect(layer.namedParameters.map(\.path) == ["weight"])
        #expect(layer.trainableCount == 6)
    }

    @Test func inputsOfAnotherWidthAreRefused() throws {
        let layer = Dense(2)
        _ = layer(Tensor.zeros([1, 3]))
        #expect(
            layer(Tensor.zeros([1, 4])).error?.description
                == "parameter: it was built with shape [3, 2], this input needs [4, 2]; "
                + "feed inputs with as many features or channels as at first, or make a new layer")
    }

    @Test func ternaryWeightsAreSignsAboveAThreshold() throws {
        let weights: [Double] = [0.9, -0.1, -0.6, 0.2, 0.05, -0.55]
        let weight = Tensor(weights, shape: [2, 3])
        let x = Tensor([2, 3] as [Double], shape: [1, 2])
        func layer(_ threshold: Double?) -> TernaryDense {
            let layer = TernaryDense(3, threshold: threshold, initializer: .values(weight))
            _ = layer(x)
            layer.weight.value = weight
            layer.bias?.value = Tensor([1, 0, 0] as [Double], shape: [3]).cast(to: .float64)
            return layer
        }
        // The mean magnitude is 0.4, so that 0.9, -0.6 and -0.55 count.
        try expectEqual(layer(nil)(x), [1, 3], [1 + 0.8, 0, 0.4 * (-2 - 3)], tolerance: 1e-12)
        try expectEqual(layer(0.15)(x), [1, 3], [1 + 2 + 3, 0, -5], tolerance: 1e-12)
        try expectEqual(layer(0)(x), [1, 3], [6, -2 + 3, -5], tolerance: 1e-12)
        // Straight through: as if the weights had been used as they are.
        let fixed = layer(0.15)
        let gradients = try valueAndGradient(fixed) { $0(x).sum() }.gradients
        try expectEqual(try #require(gradients["weight"]), [2, 3], [2, 2, 2, 3, 3, 3], tolerance: 1e-12)
        let scaled = try valueAndGradient(layer(nil)) { $0(x).sum() }.gradients
        // The scale depends on the weights, too: d mean|w| / dw = sign / 6, and the sum of products is -3 + ... = 2 - 5.
        let slopes = [2.0, 2, 2, 3, 3, 3].enumerated().map { 0.4 * $1 + (weights[$0] < 0 ? -1.0 : 1) / 6 * -3 }
        try expectEqual(try #require(scaled["weight"]), [2, 3], slopes, tolerance: 1e-12)
    }
}
