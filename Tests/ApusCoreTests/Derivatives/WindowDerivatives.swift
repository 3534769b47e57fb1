import ApusCore
import TestSupport

let windowDerivatives: [DerivativeCase] = [
    DerivativeCase("convolution") { random in
        let groups = random.integer(1...2)
        let image = random.images(channels: groups * random.integer(1...2))
        let window = image.spatial.map { random.integer(1...Swift.min(3, $0)) }
        let kernel = Shape(window + [image[-1] / groups, groups * random.integer(1...2)])
        let (strides, padding) = (PerAxis(random.integer(1...2)), random.integer(0...1) == 0 ? Padding.same : .valid)
        return (
            [random.tensor(image), random.tensor(kernel)],
            { convolution($0[0], $0[1], strides: strides, padding: padding, groups: groups) }
        )
    },
    DerivativeCase("transposedConvolution") { random in
        let groups = random.integer(1...2)
        let image = random.images(channels: groups * random.integer(1...2))
        let window = image.spatial.map { _ in random.integer(1...3) }
        let kernel = Shape(window + [random.integer(1...2), image[-1]])
        let (strides, padding) = (PerAxis(random.integer(1...2)), random.integer(0...1) == 0 ? Padding.same : .valid)
        return (
            [random.tensor(image), random.tensor(kernel)],
            { transposedConvolution($0[0], $0[1], strides: strides, padding: padding, groups: groups) }
        )
    },
    pooling("maxPool") { maxPool($0, window: $1, strides: 1, padding: .same).square() },
    pooling("maxPoolWithPositions") { maxPoolWithPositions($0, window: $1, strides: 1).values.square() },
    pooling("maxUnpool") { x, window in
        let (values, positions) = maxPoolWithPositions(x.stopGradient(), window: window)
        guard values.error == nil else { return values }
        let scaled = maxPool(x, window: window).square()
        return maxUnpool(scaled, positions: positions, extents: x.shape.spatial)
    },
    pooling("averagePool") { averagePool($0.square(), window: $1, strides: 1, padding: .same) },
    pooling("sumPool") { sumPool($0.square(), window: $1) },
    pooling("adaptiveAveragePool") { adaptiveAveragePool($0.square(), to: $1.values) },
    pooling("adaptiveMaxPool") { adaptiveMaxPool($0, to: $1.values).square() },
]

private func pooling(_ name: String, _ function: @escaping @Sendable (Tensor, PerAxis) -> Tensor) -> DerivativeCase {
    DerivativeCase(name) { random in
        let image = random.images()
        let window = PerAxis(image.spatial.map { random.integer(1...Swift.min(3, $0)) })
        return ([random.distinct(image)], { function($0[0], window) })
    }
}

extension TestRandom {
    /// The shape of images of 1 to 3 spatial axes.
    mutating func images(channels: Int? = nil) -> Shape {
        let rank = integer(1...3)
        let largest = [7, 4, 3][rank - 1]
        return Shape([integer(1...2)] + (0..<rank).map { _ in integer(1...largest) } + [channels ?? integer(1...3)])
    }
}
