import ApusCore
import Foundation
import TestSupport
import Testing

/// Sums of paddings that do not overlap are written side by side.
@Suite struct MosaicTests {
    @Test func theGradientOfSlicesIsWrittenOnce() throws {
        let x = Tensor.randomNormal([3, 8], seed: 1)
        let function = try CompiledFunction(inputs: [(x.shape, .float32)]) { inputs in
            let gradient = vjp(at: inputs, cotangent: Tensor(1)) { inputs in
                let parts = (0..<4).map { inputs[0].slice(axis: 1, 2 * $0..<2 * $0 + 2) }
                return (parts[0] * parts[1] + parts[2].exp() * parts[3]).sum()
            }
            return gradient.1
        }
        let gradient: [Float] = try function([x])[0].array()
        let values: [Float] = try x.array()
        for row in 0..<3 {
            for column in 0..<2 {
                func at(_ part: Int) -> Float { values[8 * row + 2 * part + column] }
                func slope(_ part: Int) -> Float { gradient[8 * row + 2 * part + column] }
                #expect(slope(0) == at(1) && slope(1) == at(0))
                let power = Float(exp(Double(at(2))))
                #expect(abs(slope(2) - power * at(3)) < 1e-5 && abs(slope(3) - power) < 1e-5)
            }
        }
        // The parts in a loop or two, and a copy of each; no sums over the whole.
        #expect(function.kernels.count <= 6, "\(function.kernels)")
    }

    @Test func partsThatOverlapAreAdded() throws {
        let x = Tensor([1, 2, 3] as [Float])
        func padded(_ before: Int, _ after: Int) -> Tensor { x.padded([(before, after)]) }
        #expect(try (padded(0, 3) + padded(3, 0)).array(of: Float.self) == [1, 2, 3, 1, 2, 3])
        #expect(try (padded(0, 3) + padded(2, 1)).array(of: Float.self) == [1, 2, 4, 2, 3, 0])
        #expect(try (padded(0, 5) + padded(4, 1)).array(of: Float.self) == [1, 2, 3, 0, 1, 2, 3, 0])
        let three = x.padded([(0, 6)]) + x.padded([(3, 3)]) + x.padded([(6, 0)])
        #expect(try three.array(of: Float.self) == [1, 2, 3, 1, 2, 3, 1, 2, 3])
    }

    @Test func theDefinitionWritesTheSame() {
        let mosaic = Mosaic(
            regions: [
                Mosaic.Region(starts: [0, 1], counts: [2, 1]), Mosaic.Region(starts: [1, 2], counts: [1, 1]),
            ],
            target: [2, 3])
        let inputs = [
            ReferenceTensor(shape: [2, 1], values: [5, 6]), ReferenceTensor(shape: [1, 1], values: [7]),
        ]
        #expect(mosaic.reference(inputs, shape: [2, 3]) == [0, 5, 0, 0, 6, 7])
    }
}
