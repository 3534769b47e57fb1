import Apus
import Foundation
import TestSupport
import Testing

@Suite struct MatrixInitializerTests {
    private func values(_ initializer: Initializer, _ shape: Shape, seed: UInt64 = 1) throws -> Tensor {
        try initializer.make(shape, fanIn: 3, fanOut: 5, seed: seed, stream: 0, dtype: .float64).evaluated()
    }

    @Test(arguments: [[5, 5], [3, 7], [7, 3], [2, 2, 3, 4], [1, 1]])
    func orthogonalVectorsHaveTheGainsLength(_ extents: [Int]) throws {
        let tensor = try values(.orthogonal(gain: 1.5), Shape(extents))
        let columns = try #require(extents.last)
        let matrix = tensor.reshaped(to: [-1, columns])
        let rows = matrix.shape[0]
        let product = rows <= columns ? matmul(matrix, matrix.transposed()) : matmul(matrix.transposed(), matrix)
        let size = min(rows, columns)
        let difference = product - Tensor.identity(size, dtype: .float64) * 2.25
        #expect(try difference.absolute().max().item() < 1e-13)
        #expect(try values(.orthogonal(gain: 1.5), Shape(extents)).array() == tensor.array(of: Double.self))
    }

    /// Exercise rnn-spectral-001p10a: powers of an orthogonal matrix neither grow nor vanish.
    @Test func powersOfAnOrthogonalMatrix() throws {
        let theta = try values(.orthogonal(), [6, 6])
        for (scale, expected) in [(0.9, 0.00515377520732012), (1.0, 1.0), (1.1, 117.390852879696)] {
            var power = Tensor.identity(6, dtype: .float64)
            for _ in 0..<50 { power = try matmul(power, theta * scale).evaluated() }
            // All singular values are equal: the norm of any column is the spectral one.
            for norm in try power.norm(axes: [0]).array(of: Double.self) {
                #expect(abs(norm / expected - 1) < 1e-9)
            }
        }
    }

    @Test func identityAndDiracPassThrough() throws {
        try expectEqual(try values(.identity(gain: 2), [2, 3]), [2, 3], [2, 0, 0, 0, 2, 0])
        let x = try numbers([2, 5, 6, 3])
        let kernel = try values(.dirac(), [3, 3, 3, 4])
        let y = convolution(x, kernel, padding: .same)
        try expectEqual(y.slice(axis: 3, 0..<3), x.shape, x.array())
        #expect(try y.slice(axis: 3, 3..<4).absolute().max().item() == 0)
        // Two groups of one channel and two maps: the first map of each group.
        try expectEqual(
            try values(.dirac(groups: 2), [3, 1, 4]), [3, 1, 4], [0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0])
    }

    @Test func sparseColumnsHaveTheirZeros() throws {
        let w: [Double] = try values(.sparse(0.25, deviation: 2), [10, 50]).array()
        for column in 0..<50 {
            #expect((0..<10).filter { w[$0 * 50 + column] == 0 }.count == 3)
        }
        let nonzero = w.filter { $0 != 0 }
        let variance = nonzero.reduce(0) { $0 + $1 * $1 } / Double(nonzero.count)
        #expect(abs(variance / 4 - 1) < 4 * sqrt(2 / 350.0))
        let rows = (0..<10).map { row in (0..<50).filter { w[row * 50 + $0] == 0 }.count }
        #expect(rows.allSatisfy { (4...28).contains($0) })
    }

    @Test func fourierKernelsAreATransform() throws {
        let (frame, bins) = (8, 5)
        let real = try values(.fourier(.real), [frame, 1, bins]).array(of: Double.self)
        let imaginary = try values(.fourier(.imaginary), [frame, 1, bins]).array(of: Double.self)
        let window = (0..<frame).map { 0.5 - 0.5 * cos(2 * Double.pi * Double($0) / 7) }
        let energy = sqrt(window.reduce(0) { $0 + $1 * $1 })
        for time in 0..<frame {
            for bin in 0..<bins {
                let angle = -2 * Double.pi * Double(time * bin) / 8
                #expect(abs(real[time * bins + bin] - cos(angle) * window[time] / energy) < 1e-14)
                #expect(abs(imaginary[time * bins + bin] - sin(angle) * window[time] / energy) < 1e-14)
            }
        }
    }

    @Test func shapesThatDoNotFitAreNamed() {
        let cases: [(Initializer, Shape, String)] = [
            (
                .orthogonal(), [3],
                "initializer orthogonal: a parameter of shape [3]; use it for parameters with two axes or more"
            ),
            (
                .identity(), [3, 3, 3],
                "initializer identity: a parameter of shape [3, 3, 3]; use it for parameters with two axes"
            ),
            (
                .dirac(groups: 0), [3, 3, 3],
                "initializer dirac of 0 groups: a parameter of shape [3, 3, 3]; use it for parameters with a number of maps that the groups divide"
            ),
            (.sparse(2), [3, 3], "initializer sparse: a part of 2.0; use a part from 0 to 1"),
            (
                .fourier(.real), [3, 1, 1],
                "initializer fourier: a parameter of shape [3, 1, 1]; use it for parameters with [frame, channels, bins] with two bins or more"
            ),
            (
                .truncatedNormal(deviation: 1, limit: 0), [3],
                "initializer truncatedNormal: a limit of 0.0 deviations; use one over 0"
            ),
            (
                .varianceScaling(scale: -1), [3],
                "initializer varianceScaling(-1.0, fanIn, truncatedNormal): a scale of -1.0; use a number of 0 or more"
            ),
        ]
        for (initializer, shape, message) in cases {
            let tensor = initializer.make(shape, fanIn: 1, fanOut: 1, seed: 0, stream: 0, dtype: .float32)
            #expect(tensor.error?.description.replacing("fourier(real)", with: "fourier") == message)
        }
    }
}
