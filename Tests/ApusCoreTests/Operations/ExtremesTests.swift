import ApusCore
import TestSupport
import Testing

/// Calls at the edge of what numbers, types and memory hold; most were found by random calls.
@Suite struct ExtremesTests {
    private let most = Int.max

    @Test func tensorsBeyondTheMemoryAreErrorsThatNameTheSizes() throws {
        let wide = Tensor.zeros([1 << 40]) + 1
        #expect(wide.error == nil)
        do throws(ApusError) {
            _ = try wide.array(of: Float.self)
            Issue.record("4 TB were computed")
        } catch {
            #expect(error.kind == .resource)
            #expect("\(error)".hasPrefix("evaluation: shape [1099511627776] of float32 takes 4.4 TB, 4.4 TB in all"))
            #expect("\(error)".hasSuffix("use smaller extents or fewer at a time, or raise Memory.limit"))
        }
        #expect(Tensor.range(count: 1 << 45).error?.kind == .resource)
        #expect(oneHot(Tensor([Int64(1)], shape: [1]), depth: 1 << 45).error?.kind == .resource)
        #expect(Tensor.linearSpace(from: 0, to: 1, count: most).error?.kind == .shape)
        #expect(Tensor.range(from: 0, to: 1e300).error != nil)
        #expect(try Tensor.range(from: 0, to: -1e300).array(of: Double.self) == [])
    }

    @Test func programsThatNeedMoreThanTheLimitAreRefused() throws {
        let images = Tensor.zeros([1, 4, 4, 1])
        #expect(adaptiveMaxPool(images, to: [most, 2]).error != nil)
        #expect(adaptiveAveragePool(images, to: [2, most]).error != nil)
        #expect(images.reshaped(to: [4, 4]).powerIteration(steps: most).value.error?.kind == .shape)
        let pooled = averagePool(
            images, window: 4, strides: 1, padding: .explicit([(3, 1 << 20), (3, 1 << 20)]))
        #expect(pooled.error?.kind == .resource || pooled.error == nil)
        #expect(Tensor.zeros([1, 1 << 34, 0]).patches(window: 4096).error?.kind == .resource)
    }

    @Test func numbersBeyondATypeAreHeldAtItsLimits() throws {
        let x = Tensor([Int64(1), -1], shape: [2]).cast(to: .int32)
        #expect(try x.clipped(nil, 1e300).array(of: Int.self) == [1, -1])
        #expect(try x.like(repeating: .nan).array(of: Int.self) == [0, 0])
        #expect(try Tensor(1e300, dtype: .uint8).item() == 255)
        #expect(try Tensor(-.infinity, dtype: .int64).array(of: Int.self) == [.min])
        #expect(try x.padded([(1, 0)], value: .infinity).array(of: Int.self) == [Int(Int32.max), 1, -1])
        let square = Tensor.ones([2, 2])
        #expect(try square.updating(.strided(from: 1, by: .max), with: Tensor(7)).sum().item() == 16)
        #expect(transposedConvolution(Tensor.ones([1, 3, 2]), Tensor.ones([1, 2, 2]), groups: .max).error != nil)
        #expect(square.split(sizes: [.max, .max, 4]).allSatisfy { $0.error?.kind == .value })
        #expect(try square.updating(.strided(to: 0, by: .max), with: Tensor(7)).sum().item() == 4)
        #expect(try square.lowerTriangle(diagonal: .max).sum().item() == 4)
        #expect(try square.upperTriangle(diagonal: .max).sum().item() == 0)
        #expect(try square.lowerTriangle(diagonal: .min).sum().item() == 0)
    }

    @Test func shiftsBeyondTheWidthMoveAllBitsOut() throws {
        let x = Tensor([Int64(5), -5, 5, -5, 5], shape: [5])
        let bits = Tensor([Int64(64), 64, -1, -1, 1], shape: [5])
        #expect(try (x << bits).array(of: Int.self) == [0, 0, 0, 0, 10])
        #expect(try (x >> bits).array(of: Int.self) == [0, -1, 0, -1, 2])
        try checkAgainstReference(x << bits, tolerance: 0)
        try checkAgainstReference(x >> bits, tolerance: 0)
    }

    @Test func summariesOfIntegersKeepTheirFractions() throws {
        let x = Tensor([Int64(1), 2, 4, 4], shape: [4])
        #expect(try x.median(axis: 0).item() == 3)
        #expect(try x.median(axis: 0, lower: true).item() == 2)
        #expect(try x.quantile(0.25, axis: 0).item() == 1.75)
        #expect(try x.meanIgnoringNaN().item() == 2.75)
        #expect(try x.varianceIgnoringNaN().item() == x.variance().item())
        #expect(try x.average(weights: x).item() == Double(Float(37.0 / 11)))
        #expect(try x.trapezoid().item() == 8.5)
        #expect(try x.segmentMean(Tensor([Int64(0), 0, 1, 0], shape: [4]), count: 2).array() == [Float(7.0 / 3), 4])
        #expect(try x.degrees().item(at: 0) > 57 && x.radians().item(at: 0) > 0.01)
        #expect(try x.norm().item() == Double(Float(37).squareRoot()))
        #expect(try x.normalized().square().sum().item() > 0.999)
        #expect(try x.scaled(byPowerOfTwo: Tensor(-1, dtype: .int32)).item(at: 0) == 0.5)
        #expect(try x.cubeRoot().item(at: 2) > 1.58)
        #expect(x.heaviside().dtype == .float32)
    }

    @Test func polesAreInfinite() throws {
        for dtype in [DType.float32, .float64] {
            let poles = Tensor([0.0, -1, -2, -7], shape: [4]).cast(to: dtype)
            #expect(try poles.trigamma().array(of: Double.self) == [Double](repeating: .infinity, count: 4))
        }
        let x = Tensor([0.875, -0.875, -0.875, 5.0], shape: [4])
        let b = Tensor([Double.infinity, -.infinity, .infinity, -.infinity], shape: [4])
        #expect(
            try Tensor.remainder(x, b).array(of: Double.self) == [0.875, -0.875, .infinity, -.infinity])
        try checkAgainstReference(Tensor.remainder(x, b), tolerance: 0)
    }
}

extension Tensor {
    fileprivate func item(at index: Int) throws(ApusError) -> Double { try self[index].item() }
}
