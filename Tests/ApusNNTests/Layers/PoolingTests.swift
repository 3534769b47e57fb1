import Apus
import TestSupport
import Testing

@Suite struct Pooling2DTests {
    static let forms: [(window: Int, stride: Int?, padding: Padding, before: Int)] = [
        (2, nil, .valid, 0), (3, 2, .valid, 0), (3, 1, .same, 1), (2, 3, .explicit(1), 1),
    ]

    @Test(arguments: forms.indices)
    func windowsGiveTheirLargestValueAndTheirMean(_ index: Int) throws {
        let (window, stride, padding, before) = Self.forms[index]
        let x = try numbers([2, 7, 6, 3])
        let image = try Plain(x)
        let largest = MaxPool2D(window, stride: stride, padding: padding)(x)
        let mean = AveragePool2D(window, stride: stride, padding: padding)(x)
        #expect(largest.shape == mean.shape)
        var (maxima, means): ([Double], [Double]) = ([], [])
        let step = stride ?? window
        for n in 0..<2 {
            for row in 0..<largest.shape[1] {
                for column in 0..<largest.shape[2] {
                    for c in 0..<3 {
                        var cells: [Double] = []
                        for i in 0..<window {
                            for j in 0..<window {
                                let (y, x) = (row * step + i - before, column * step + j - before)
                                if let value = image.pixel(n, y, x, c) { cells.append(value) }
                            }
                        }
                        maxima.append(cells.max() ?? -.infinity)
                        means.append(cells.reduce(0, +) / Double(cells.count))
                    }
                }
            }
        }
        try expectEqual(largest, largest.shape, maxima)
        try expectEqual(mean, mean.shape, means)
    }

    @Test func globalPoolingIsTheMeanOverAllPixels() throws {
        let x = try numbers([2, 3, 5, 4])
        let image = try Plain(x)
        var expected: [Double] = []
        for n in 0..<2 {
            for c in 0..<4 {
                let cells = (0..<15).compactMap { image.pixel(n, $0 / 5, $0 % 5, c) }
                expected.append(cells.reduce(0, +) / 15)
            }
        }
        try expectEqual(GlobalAveragePool2D()(x), [2, 4], expected)
    }

    @Test func gradientsAreThoseOfCentralDifferences() throws {
        let x = try numbers([2, 6, 5, 2], seed: 4)
        for layer in [MaxPool2D(2), AveragePool2D(3, stride: 1, padding: .same), GlobalAveragePool2D()] as [any Module]
        {
            try checkGradients(at: [x]) { layer($0[0]) }
        }
    }

    @Test func detailsNameTheWindow() {
        #expect(MaxPool2D().details == "2x2")
        #expect(AveragePool2D(3, stride: 1).details == "3x3, stride 1")
    }
}
