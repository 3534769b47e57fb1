import ApusCore
import Testing

/// Large values that the backward pass computes anew instead of keeping them.
@Suite(.serialized) struct RecomputationTests {
    private let batch = 16, edge = 16, channels = 64

    private func values(_ shape: Shape, _ seed: Int, scale: Double = 1) -> Tensor {
        let values: [Double] = (0..<shape.count).map {
            (Double(($0 * 7919 + seed * 104_729) % 2003) / 1000 - 1) * scale
        }
        return Tensor(values, shape: shape)
    }

    /// Convolutions with batch norms and rectifiers.
    private func gradients(_ inputs: [Tensor]) -> [Tensor] {
        gradient(at: Array(inputs[1...])) { kernels in
            var hidden = inputs[0]
            for kernel in kernels {
                let y = convolution(hidden, kernel)
                let centred = y - y.mean(axes: [0, 1, 2], keepDimensions: true)
                let variance = centred.square().mean(axes: [0, 1, 2], keepDimensions: true)
                hidden = relu(centred * (1 / sqrt(variance + 1e-5)) * 0.5 + 0.1)
            }
            return hidden.square().mean()
        }
    }

    /// The gradient of pooling reads the rectified values again: they are computed then, not beside the first ones.
    @Test func whatIsComputedAgainIsNotComputedEarly() throws {
        let inputs = [values([batch, edge, edge, channels], 1), values([1, 1, channels, channels], 2, scale: 0.1)]
        let compiled = try CompiledFunction(inputs: inputs.map { ($0.shape, $0.dtype) }) { inputs in
            gradient(at: [inputs[1]]) { kernel in
                let y = convolution(inputs[0], kernel[0])
                let centred = y - y.mean(axes: [0, 1, 2], keepDimensions: true)
                let variance = centred.square().mean(axes: [0, 1, 2], keepDimensions: true)
                let hidden = relu(centred * (1 / sqrt(variance + 1e-5)) * 0.5 + 0.1)
                let pooled = maxPool(hidden, window: PerAxis(2))
                return (0..<12).reduce(pooled) { value, _ in value.sin() }.square().mean()
            }
        }
        let rectified = compiled.calls.filter { $0.contains("relu") }
        #expect(rectified.count == 2 && rectified[0] == rectified[1], "\(compiled.calls)")
    }

    @Test func rectifiedBatchNormsAreNotKept() throws {
        let count = 6
        let inputs =
            [values([batch, edge, edge, channels], 1)]
            + (0..<count).map { values([1, 1, channels, channels], $0 + 2, scale: 0.1) }
        let compiled = try CompiledFunction(inputs: inputs.map { ($0.shape, $0.dtype) }, gradients)
        // Each convolution's centred result is kept, and a few more while the passes are at work on a layer.
        let one = batch * edge * edge * channels * 8
        #expect(compiled.arenaByteCount < (count + 4) * one, "\(Double(compiled.arenaByteCount) / Double(one)) values")

        let results = try compiled(inputs)
        for (position, wanted) in gradients(inputs).enumerated() {
            let expected: [Double] = try ReferenceExecutor.evaluate(wanted).values
            let found: [Double] = try results[position].array()
            let worst = zip(found, expected).map { ($0 - $1).magnitude }.max() ?? 1
            let size = expected.map(\.magnitude).max() ?? 0
            #expect(size > 0 && worst <= 1e-9 * size, "kernel \(position)")
        }
    }
}
