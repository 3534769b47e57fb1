import ApusCore
import Testing

/// Sums over all rows that are gathered by the kernel that computes the rows.
@Suite(.serialized) struct EpilogueReductionTests {
    private func values(_ shape: Shape, _ seed: Int) -> Tensor {
        let values: [Double] = (0..<shape.count).map { Double(($0 * 7919 + seed * 104_729) % 2003) / 1000 - 1 }
        return Tensor(values, shape: shape)
    }

    /// A rectified convolution and pooling, as in the backward pass of a network: the bias's gradient is such a sum.
    private func gradients(_ channels: Int, _ maps: Int) -> ([Tensor]) -> [Tensor] {
        { inputs in
            gradient(at: Array(inputs[1...])) { parameters in
                let hidden = relu(convolution(inputs[0], parameters[0], padding: .same) + parameters[1])
                return maxPool(hidden, window: 2).square().sum()
            }
        }
    }

    @Test(arguments: [(1, 6), (3, 5), (8, 32), (2, 1)])
    func theBiasGradientOfAConvolutionIsGathered(_ channels: Int, _ maps: Int) throws {
        let inputs = [values([3, 20, 22, channels], 1), values([3, 3, channels, maps], 2), values([maps], 3)]
        let compiled = try CompiledFunction(
            inputs: inputs.map { ($0.shape, $0.dtype) }, precision: .exact, gradients(channels, maps))
        #expect(compiled.kernels.contains("pool + fused"), "\(compiled.kernels)")
        let expected = try gradients(channels, maps)(inputs).map { try ReferenceExecutor.evaluate($0) }
        let threads = Device.threads
        defer { Device.threads = threads }
        var first: [[Double]] = []
        for count in [1, 2, 3] {
            Device.threads = count
            let results = try compiled(inputs).map { try $0.array(of: Double.self) }
            if first.isEmpty { first = results }
            #expect(results == first, "\(count) threads")
        }
        for (result, wanted) in zip(first, expected) {
            for (value, reference) in zip(result, wanted.values) {
                let difference: Double = (value - reference).magnitude
                #expect(difference <= 1e-9 * max(1, reference.magnitude))
            }
        }
    }

    @Test func aLargestValuePerColumnIsGathered() throws {
        let x = values([2050, 12], 4), w = values([12, 17], 5)
        func results(_ inputs: [Tensor]) -> [Tensor] {
            let product = tanh(matmul(inputs[0], inputs[1]))
            return [product, product.max(axes: [0]), product.min(axes: [0]), product.sum(axes: [0])]
        }
        let compiled = try CompiledFunction(inputs: [x, w].map { ($0.shape, $0.dtype) }, results)
        #expect(compiled.kernels.contains { $0.hasPrefix("gemm + fused") }, "\(compiled.kernels)")
        let expected = try results([x, w]).map { try ReferenceExecutor.evaluate($0) }
        for (result, wanted) in zip(try compiled([x, w]), expected) {
            for (value, reference) in zip(try result.array(of: Double.self), wanted.values) {
                let difference: Double = (value - reference).magnitude
                #expect(difference <= 1e-9 * max(1, reference.magnitude))
            }
        }
    }
}
