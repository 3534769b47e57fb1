import ApusCore
import TestSupport
import Testing

@Suite struct FilterTests {
    private func tensor(_ shape: Shape, _ seed: UInt64 = 3, _ range: ClosedRange<Double> = -2...2) -> Tensor {
        var random = TestRandom(seed)
        return random.tensor(shape, range)
    }

    @Test func blurIsAConvolution() throws {
        let x = tensor([2, 6, 7, 2])
        let weights = [-1.0, 0, 1].map { (-0.5 * $0 * $0 / 0.64) }.map { Tensor($0, dtype: .float64).exp() }
        let line = Tensor.stack(weights) / (weights[0] + weights[1] + weights[2])
        let kernel = outer(line, line).reshaped(to: [3, 3, 1, 1])
        let wide = x.padded([(0, 0), (1, 1), (1, 1), (0, 0)], mode: .reflect)
        let expected = Tensor.concatenate(
            (0..<2).map { convolution(wide.slice(axis: 3, $0..<$0 + 1), kernel) }, axis: 3)
        #expect(try difference(x.gaussianBlurred(size: 3, sigma: [0.8]), expected) < 1e-14)
        let each = Tensor([0.8, 0.8] as [Double], shape: [2])
        #expect(try difference(x.gaussianBlurred(size: 3, sigma: each), expected) < 1e-14)
        // Kernels larger than the image mirror as often as it takes; constants stay.
        let flat = Tensor(repeating: 2, shape: [1, 2, 1, 1], dtype: .float64)
        #expect(try difference(flat.gaussianBlurred(size: 9, sigma: [2]), flat) < 1e-14)
        #expect(try difference(flat.gaussianBlurred(size: 9, sigma: Tensor(2, dtype: .float64)), flat) < 1e-14)
        try checkBothDerivatives(at: [x, tensor([2], 4, 0.5...1.5)], tolerance: 1e-5, sampleLimit: 8) {
            $0[0].gaussianBlurred(size: 5, sigma: $0[1])
        }
        try checkDefinition(at: [x]) { $0[0].gaussianBlurred(size: [3, 5]) }
    }

    @Test func slopesOfARamp() throws {
        let rows = Tensor.range(count: 6, dtype: .float64).reshaped(to: [1, 6, 1, 1])
        let x = rows * 2 + Tensor.range(count: 5, dtype: .float64).reshaped(to: [1, 1, 5, 1]) * 3
        let slopes = x.sobel()
        let inner: (Tensor) -> Tensor = { $0.slice(axis: 1, 1..<5).slice(axis: 2, 1..<4) }
        #expect(try difference(inner(slopes.rows), Tensor(repeating: 4, shape: [1, 4, 3, 1], dtype: .float64)) < 1e-14)
        #expect(
            try difference(inner(slopes.columns), Tensor(repeating: 6, shape: [1, 4, 3, 1], dtype: .float64)) < 1e-14)
        #expect(x.sobelEdges().shape == [1, 6, 5, 1, 2])
        #expect(try abs(inner(x.sobelEdges()).max().item() - 24) < 1e-12)
        // At a mirrored border there is no slope across it.
        #expect(try x.sobelEdges().slice(axis: 1, 0..<1).slice(axis: 4, 0..<1).absolute().max().item() < 1e-12)
        try checkBothDerivatives(at: [tensor([1, 4, 4, 1])], tolerance: 1e-5, sampleLimit: 8) {
            $0[0].sobel().magnitude
        }
    }

    @Test func gaborKernelsHaveTheirForm() throws {
        let kernel = Tensor.gaborKernel(frequency: 0.1, angle: 0, sigma: (2, 1), dtype: .float64)
        #expect(kernel.shape == [7, 13])
        let real: [Double] = try kernel.real.array()
        #expect(abs(real[3 * 13 + 6] - 1 / (4 * Double.pi)) < 1e-15)
        #expect(try kernel.imaginary.sum().absolute().item() < 1e-15)
        #expect(Tensor.gaborKernel(frequency: 0.1, sigma: (0, 1)).error?.kind == .value)
        #expect(Tensor.gaborKernel(frequency: 0.1, sigma: (1e9, 1)).error?.kind == .value)
        #expect(Tensor.gaborKernel(frequency: .nan, sigma: (1, 1)).error?.kind == .value)
    }

    /// A ramp to the right has slopes of one direction only, and its blocks are scaled to length 1.
    @Test func rampsHaveOneOrientation() throws {
        let x = Tensor.range(count: 16, dtype: .float64).reshaped(to: [1, 1, 16, 1]).broadcast(to: [1, 16, 16, 1])
        let h = x.orientedGradientHistograms(orientations: 4, cell: 4, block: 2, .l2)
        #expect(h.shape == [1, 3, 3, 2, 2, 4])
        #expect(try h.slice(axis: 5, 1..<4).absolute().max().item() == 0)
        let lengths = h.square().sum(axes: [3, 4, 5])
        #expect(try (lengths - 1).absolute().max().item() < 1e-9)
        let colored = Tensor.concatenate([x * 0, x, x * 0.5], axis: 3)
        #expect(
            try difference(colored.orientedGradientHistograms(orientations: 4, cell: 4, block: 2, .l2), h) < 1e-12)
        for norm in [BlockNormalization.l1, .l1Root, .l2, .l2Clipped] {
            try checkGradients(at: [tensor([1, 8, 8, 2])], tolerance: 1e-5, sampleLimit: 10) {
                $0[0].orientedGradientHistograms(orientations: 4, cell: 4, block: 2, norm)
            }
        }
        #expect(x.orientedGradientHistograms(cell: 8, block: 3).error?.kind == .shape)
        #expect(x.orientedGradientHistograms(orientations: 0).error?.kind == .shape)
    }

    @Test func patternsOfKnownNeighbourhoods() throws {
        // Equal neighbours set every bit inside; at the border those beyond it are 0 and do not count.
        let flat = Tensor(repeating: 0.3, shape: [1, 3, 3, 1], dtype: .float64)
        let patterns: [Double] = try flat.localBinaryPattern().array()
        #expect(patterns[4] == 255 && patterns[0] != 255)
        // Only what is to the right (bit 0) is brighter.
        let x = Tensor([0, 0, 0, 0, 1, 2, 0, 0, 0] as [Double], shape: [1, 3, 3, 1])
        #expect(try x.localBinaryPattern(points: 4).array(of: Double.self)[4] == 1)
        #expect(try x.cast(to: .uint8).localBinaryPattern(points: 4).array(of: Double.self)[4] == 1)
        #expect(x.localBinaryPattern(points: 25).error?.kind == .value)
        #expect(x.localBinaryPattern(radius: 0).error?.kind == .value)
    }

    @Test func rectanglesAndFrames() throws {
        let x = tensor([2, 4, 5, 2])
        let y = x.erased(offset: [1, 2], size: [2, 3], value: 9)
        for (row, column) in [(0, 0), (1, 1), (1, 2), (2, 4), (3, 4)] {
            let isInside = (1...2).contains(row) && (2...4).contains(column)
            let pixel = y.slice(axis: 1, row..<row + 1).slice(axis: 2, column..<column + 1)
            let before = x.slice(axis: 1, row..<row + 1).slice(axis: 2, column..<column + 1)
            #expect(try difference(pixel, isInside ? pixel.like(repeating: 9) : before) == 0)
        }
        #expect(x.erased(offset: [3, 0], size: [2, 1]).error?.kind == .value)
        let framed = x.centerPadded(to: [7, 6], value: 1)
        #expect(try difference(framed.slice(axis: 1, 1..<5).slice(axis: 2, 0..<5), x) == 0)
        #expect(try (framed.slice(axis: 1, 5..<7) - 1).absolute().max().item() == 0)
        #expect(x.centerPadded(to: [3, 6]).error?.kind == .value)
        #expect(try difference(x.flippedHorizontally().flippedHorizontally(), x) == 0)
        #expect(try difference(x.flippedVertically(), x.reversed(axes: [1])) == 0)
    }

    @Test func mixturesKeepTheMassOfLabels() throws {
        let labels = Tensor.identity(3, dtype: .float64)
        let order = Tensor([2, 0, 1] as [Int32])
        let mixed = labels.mixedUp(permutation: order, weight: Tensor([0.25, 0.5, 1] as [Double]))
        #expect(try mixed.array(of: Double.self) == [0.25, 0, 0.75, 0.5, 0.5, 0, 0, 0, 1])
        try checkBothDerivatives(at: [tensor([3, 2]), tensor([3], 4, 0...1)]) {
            $0[0].mixedUp(permutation: order, weight: $0[1]).square()
        }
        #expect(labels.mixedUp(permutation: Tensor([0, 1] as [Int32]), weight: 0.5).error?.kind == .shape)
        #expect(labels.mixedUp(permutation: Tensor([0, 1, 2] as [Double]), weight: 0.5).error?.kind == .shape)
        for weight in [-0.5, 1.5, .nan, 1e300] {
            #expect(labels.mixedUp(permutation: order, weight: weight).error?.kind == .value)
        }
        #expect(throws: ApusError.self) {
            try labels.mixedUp(permutation: Tensor([0, 1, 3] as [Int32]), weight: 0.5).array(of: Double.self)
        }
    }

    @Test func mistakesAreNamed() {
        let x = Tensor.zeros([1, 4, 4, 3])
        #expect(
            x.gaussianBlurred(size: 4).error?.description
                == "operation gaussianBlurred: sizes [4, 4], standard deviations [0.95, 0.95]; use odd sizes and one or "
                + "two deviations above 0")
        #expect(x.gaussianBlurred(size: 3, sigma: [0]).error?.kind == .value)
        #expect(x.gaussianBlurred(size: 3, sigma: []).error?.kind == .value)
        #expect(x.gaussianBlurred(size: 2, sigma: Tensor.ones([])).error?.kind == .value)
        #expect(x.gaussianBlurred(size: 3, sigma: Tensor.ones([2])).error?.kind == .shape)
        #expect(Tensor.zeros([4, 4, 3]).sobelEdges().error?.kind == .shape)
        #expect(Tensor.zeros([1, 0, 4, 3]).sobel().magnitude.shape == [1, 0, 4, 3])
    }
}
