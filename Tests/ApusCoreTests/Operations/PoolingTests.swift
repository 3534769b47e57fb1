import ApusCore
import TestSupport
import Testing

struct PoolingCase: Sendable, CustomTestStringConvertible {
    let x: Shape
    let window: PerAxis
    var strides: PerAxis?
    var padding = Padding.valid
    var roundsUp = false

    var testDescription: String { "\(x) \(window) \(strides.map(\.description) ?? "-") \(padding) \(roundsUp)" }
}

@Suite struct PoolingTests {
    static let cases: [PoolingCase] = [
        PoolingCase(x: [2, 8, 6, 16], window: 2),
        PoolingCase(x: [2, 7, 9, 3], window: 2),
        PoolingCase(x: [2, 7, 9, 3], window: 3, strides: 2, padding: .same),
        PoolingCase(x: [1, 9, 8, 35], window: [3, 2], strides: [1, 3], padding: .explicit(1)),
        PoolingCase(x: [2, 10, 5], window: 4, strides: 3, roundsUp: true),
        PoolingCase(x: [1, 5, 6, 7, 4], window: 2, strides: 2, padding: .same),
        PoolingCase(x: [1, 1, 1, 1], window: 1),
        PoolingCase(x: [2, 5, 5, 17], window: 3, strides: 1, padding: .same),
    ]

    @Test(arguments: cases)
    func agreesWithItsDefinition(_ example: PoolingCase) throws {
        var random = TestRandom(1)
        let x = random.tensor(example.x)
        for pool in pools(example) {
            try checkDefinition(at: [x]) { pool($0[0]) }
            try checkDefinition(at: [x], float32: 1e-5) { inputs in
                gradient(at: inputs[0]) { (pool($0).square() * 3).sum() }
            }
            try checkDefinition(at: [x], float32: 1e-5) { pool($0[0]).exp() + 2 }
        }
    }

    @Test(arguments: cases)
    func derivativesMatchCentralDifferences(_ example: PoolingCase) throws {
        var random = TestRandom(2)
        let x = random.tensor(example.x)
        for pool in pools(example) {
            try checkBothDerivatives(at: [x], sampleLimit: 12) { pool($0[0]).square() }
        }
    }

    private func pools(_ example: PoolingCase) -> [(Tensor) -> Tensor] {
        let (window, strides, padding, up) = (example.window, example.strides, example.padding, example.roundsUp)
        return [
            { maxPool($0, window: window, strides: strides, padding: padding, roundsUp: up) },
            { averagePool($0, window: window, strides: strides, padding: padding, roundsUp: up) },
            { averagePool($0, window: window, strides: strides, padding: padding, countsPadding: true, roundsUp: up) },
            { sumPool($0, window: window, strides: strides, padding: padding, roundsUp: up) },
        ]
    }

    @Test func theFirstOfEqualMaximaGetsTheGradient() throws {
        let x = Tensor([1.0, 5, 5, 2], shape: [1, 2, 2, 1])
        let dx = gradient(at: x) { maxPool($0, window: 2).sum() }
        #expect(try dx.array(of: Double.self) == [0, 1, 0, 0])
    }

    @Test func unpoolingPutsBack() throws {
        var random = TestRandom(3)
        let x = random.tensor([2, 6, 4, 3], 1...2)
        let (values, positions) = maxPoolWithPositions(x, window: 2)
        let back = maxUnpool(values, positions: positions, extents: [6, 4])
        #expect(try maxPool(back, window: 2).array(of: Double.self) == values.array(of: Double.self))
        #expect(try back.countNonzero().item() == Double(values.shape.count))
    }

    @Test func adaptivePoolingTakesAnySize() throws {
        var random = TestRandom(4)
        for shape in [[1, 7, 5, 3], [2, 3, 11, 1]] as [Shape] {
            let x = random.tensor(shape)
            try checkGradients(at: [x], sampleLimit: 20) { adaptiveAveragePool($0[0], to: [3, 4]) }
            try checkGradients(at: [x], sampleLimit: 20) { adaptiveMaxPool($0[0], to: [2, 5]) }
            let mean = x.mean(axes: [1, 2], keepDimensions: true)
            let difference = try (adaptiveAveragePool(x, to: [1, 1]) - mean).absolute().max().item()
            #expect(difference < 1e-14)
        }
    }

    @Test func mistakesAreNamed() {
        #expect(
            maxPool(Tensor.zeros([1, 4, 4, 1]), window: 5).error?.description
                == "operation maxPool: the window [5, 5] with dilation [1, 1] reaches over 5 cells of spatial axis 0, "
                + "images [4, 4] with padding (0, 0) have 4; use a smaller kernel, larger images or padding")
        #expect(maxPool(Tensor.zeros([4, 4]), window: 2).error?.kind == .shape)
        #expect(averagePool(Tensor.zeros([1, 4, 4, 1]), window: 2, padding: .explicit(2)).error?.kind == .value)
        #expect(averagePool(Tensor.zeros([1, 4, 4, 1], dtype: .int32), window: 2).error?.kind == .type)
        #expect(maxPool(Tensor.zeros([1, 4, 4, 1]), window: [1, 2, 3]).error?.kind == .value)
    }
}
