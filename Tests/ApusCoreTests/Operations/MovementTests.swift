import ApusCore
import TestSupport
import Testing

@Suite struct MovementTests {
    static let functions: [(Shape, @Sendable (Tensor) -> Tensor)] = [
        ([2, 3, 4], { $0.permuted([2, 0, 1]) }),
        ([2, 3, 4], { $0.permuted([2, 0, 1]).reshaped(to: [6, 4]) }),
        ([2, 3, 4], { $0.slice(axis: 1, 1..<3).reshaped(to: [4, -1]) }),
        ([7, 5], { $0.slice(axis: 0, from: 6, count: 3, step: -2) }),
        ([3, 1, 5], { $0.broadcast(to: [2, 3, 4, 5]) }),
        ([3, 5], { $0.padded([(1, 2), (0, 3)], value: 7) }),
        ([3, 5], { Tensor.concatenate([$0, $0 * 2, $0.slice(axis: 1, 1..<2)], axis: 1) }),
        ([3, 5], { Tensor.stack([$0, -$0], axis: 1) }),
        ([3, 5], { $0.reversed(axes: [0, 1]) }),
        ([4, 6], { $0.tiled([2, 3]) }),
        ([4, 6], { $0.repeated(3, axis: 0) }),
        ([4, 6], { $0.rolled(-2, axis: 1) }),
        ([2, 4, 6], { $0.lowerTriangle(diagonal: 1) }),
        ([2, 4, 6], { $0.upperTriangle(diagonal: -1) }),
        ([2, 4, 6], { $0.diagonal(offset: 2) }),
        ([2, 4, 6], { $0.diagonal(offset: -1) }),
        ([3, 4], { $0.diagonalMatrix() }),
        ([2, 9, 3], { $0.windows(axis: 1, size: 4, step: 2) }),
        ([2, 7, 6, 3], { $0.patches(window: [3, 2], strides: [2, 1], padding: .same) }),
        ([4, 5], { $0.padded([(2, 3), (1, 0)], mode: .reflect) }),
        ([4, 5], { $0.padded([(2, 3), (1, 9)], mode: .replicate) }),
        ([4, 5], { $0.padded([(2, 3), (1, 5)], mode: .circular) }),
        ([0, 3], { $0.permuted([1, 0]).reshaped(to: [0, 6]) }),
    ]

    @Test(arguments: functions.indices)
    func agreesWithItsDefinition(_ number: Int) throws {
        let (shape, function) = Self.functions[number]
        var random = TestRandom(1)
        try checkDefinition(at: [random.tensor(shape)], float32: 0, float64: 0) { function($0[0]) }
        // Between other operations, where views may be fused away.
        try checkDefinition(at: [random.tensor(shape)]) { function($0[0].exp()) * 2 + 1 }
    }

    @Test(arguments: functions.indices)
    func gradientsMatchCentralDifferences(_ number: Int) throws {
        let (shape, function) = Self.functions[number]
        var random = TestRandom(2)
        try checkGradients(at: [random.tensor(shape)], sampleLimit: 60) { function($0[0].square()) }
    }

    @Test func wrongExtentsNameBothShapes() {
        #expect(
            Tensor.zeros([2, 3]).reshaped(to: [4]).error?.description
                == "operation reshape: shape [2, 3] has 6 elements, [4] has 4; use a shape with as many elements")
        #expect(
            Tensor.zeros([2, 3]).slice(axis: 1, from: 2, count: 2, step: 1).error?.description
                == "operation slice: position 3 is outside axis 1 of shape [2, 3]; use positions in 0..<3")
    }
}
