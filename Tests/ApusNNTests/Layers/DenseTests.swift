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
}
