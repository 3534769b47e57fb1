import ApusCore
import TestSupport
import Testing

@Suite struct SamplingTests {
    private func tensor(_ shape: Shape, _ seed: UInt64 = 3, _ range: ClosedRange<Double> = -2...2) -> Tensor {
        var random = TestRandom(seed)
        return random.tensor(shape, range)
    }

    @Test(arguments: [SamplingBorder.zeros, .border, .reflection], [false, true])
    func imagesAndGridsHaveBothDerivatives(_ border: SamplingBorder, _ alignCorners: Bool) throws {
        let (x, grid) = (tensor([2, 4, 5, 2]), tensor([2, 3, 3, 2], 4, -1.4...1.4))
        for kind in [Interpolation.bilinear, .bicubic()] {
            try checkBothDerivatives(at: [x, grid], tolerance: 1e-5, sampleLimit: 12) {
                $0[0].sampled(grid: $0[1], kind, border: border, alignCorners: alignCorners)
            }
        }
    }

    /// The identity's grid reproduces the image, whatever the interpolation.
    @Test(arguments: [Interpolation.nearest, .bilinear, .bicubic()], [false, true])
    func theIdentityReproduces(_ kind: Interpolation, _ alignCorners: Bool) throws {
        let x = tensor([2, 4, 5, 3])
        let identity = Tensor([1.0, 0, 0, 0, 1, 0] as [Double], shape: [1, 2, 3])
        let grid = identity.affineGrid(size: [4, 5], alignCorners: alignCorners)
        #expect(try difference(x.sampled(grid: grid, kind, alignCorners: alignCorners), x) < 1e-12)
    }

    @Test func positionsInPixelsAgreeWithResizing() throws {
        let x = tensor([1, 4, 4, 1])
        let places = [-0.25, 0.25, 0.75, 1.25, 1.75, 2.25, 2.75, 3.25]
        let rows = Tensor(places.flatMap { row in places.map { _ in row } }, shape: [1, 8, 8])
        let columns = Tensor(places.flatMap { _ in places }, shape: [1, 8, 8])
        for kind in [Interpolation.bilinear, .bicubic()] {
            let sampled = x.sampled(rows: rows, columns: columns, kind, border: .border)
            #expect(try difference(sampled, x.resized(to: [8, 8], kind)) < 1e-12)
        }
    }

    @Test func fullTurnsAndInverseMapsReproduce() throws {
        let x = tensor([2, 5, 5, 2])
        #expect(try difference(x.rotated(degrees: 360), x) < 1e-12)
        #expect(try difference(x.rotated(degrees: 90), x.permuted([0, 2, 1, 3]).reversed(axes: [1])) < 1e-12)
        #expect(try difference(x.affinelyWarped(), x) < 1e-12)
        let corners = [ImagePoint(0, 0), ImagePoint(4, 0), ImagePoint(4, 4), ImagePoint(0, 4)]
        #expect(try difference(x.perspectivelyWarped(from: corners, to: corners), x) < 1e-12)
        let moved = x.affinelyWarped(translation: ImagePoint(1, 2), fill: 7)
        #expect(
            try difference(
                moved.slice(axis: 1, 2..<5).slice(axis: 2, 1..<5), x.slice(axis: 1, 0..<3).slice(axis: 2, 0..<4))
                < 1e-12)
        #expect(try (moved.slice(axis: 1, 0..<2) - 7).absolute().max().item() < 1e-12)
    }

    @Test func fillsLeaveThePixelsInsideAsTheyAre() throws {
        let x = tensor([1, 4, 4, 2])
        let none = Tensor.zeros([1, 4, 4, 2], dtype: .float64)
        for kind in [Interpolation.nearest, .bilinear, .bicubic()] {
            #expect(try x.displaced(by: none, kind, fill: 1e300).array(of: Double.self) == x.array(of: Double.self))
            let outside = x.displaced(by: none + 100, kind, fill: 0.3)
            #expect(try outside.array(of: Double.self).allSatisfy { abs($0 - 0.3) < 1e-15 })
        }
        // Half a pixel outside: half the fill, half the corner.
        let half = x.displaced(by: none - 0.5, fill: 8).slice(axis: 1, 0..<1).slice(axis: 2, 1..<2)
        let first = x.slice(axis: 1, 0..<1).slice(axis: 2, 0..<2).mean(axes: [2], keepDimensions: true)
        #expect(try difference(half, first / 2 + 4) < 1e-12)
        let moves = try tensor([1, 4, 4, 2]).array(of: Double.self)
        try checkGradients(at: [x, Tensor(moves, shape: [1, 4, 4, 2])]) { $0[0].displaced(by: $0[1] * 1.7, fill: 2) }
    }

    @Test func mistakesAreNamed() throws {
        let x = Tensor.zeros([2, 4, 4, 3])
        #expect(
            x.sampled(grid: Tensor.zeros([3, 2, 2, 2])).error?.description
                == "operation gridSample: images of shape [2, 4, 4, 3] (float32) and a grid of shape [3, 2, 2, 2] (float32); "
                + "give images [batch, height, width, channels] and a grid [batch, h, w, 2] of one type")
        #expect(x.sampled(grid: Tensor.zeros([2, 2, 2, 2]), .lanczos3).error?.kind == .value)
        #expect(x.sampled(rows: Tensor.zeros([1, 2, 2]), columns: Tensor.zeros([1, 2, 3])).error?.kind == .shape)
        #expect(Tensor.zeros([2, 0, 4, 3]).sampled(grid: Tensor.zeros([2, 2, 2, 2])).error?.kind == .shape)
        #expect(Tensor.zeros([2, 3, 3]).affineGrid(size: [2, 2]).error?.kind == .shape)
        #expect(Tensor.zeros([2, 2, 3]).affineGrid(size: [0, 2]).error?.kind == .shape)
        #expect(x.rotated(degrees: .nan).error?.kind == .value)
        #expect(x.affinelyWarped(scale: 0).error?.kind == .value)
        #expect(x.affinelyWarped(shear: ImagePoint(90, 0)).error?.kind == .value)
        let line = [ImagePoint(0, 0), ImagePoint(1, 1), ImagePoint(2, 2), ImagePoint(3, 3)]
        #expect(x.perspectivelyWarped(from: line, to: line).error?.kind == .value)
        #expect(x.perspectivelyWarped(from: [], to: []).error?.kind == .value)
        // Positions without a place read nothing, or end in an error; they never trap.
        let lost = Tensor(repeating: .infinity, shape: [2, 2, 2, 2])
        _ = try? x.sampled(grid: lost).array(of: Float.self)
        _ = try? x.sampled(grid: lost - lost, border: .reflection).array(of: Float.self)
        _ = try? x.sampled(grid: lost, .bicubic()).array(of: Float.self)
    }
}
