import ApusCore
import TestSupport

/// Windows that move over images, and images at other places. Where padding meets an infinite number in a
/// convolution, algorithms may give 0 or NaN.
let fuzzWindows: [FuzzCase] = [
    FuzzCase("convolution") {
        let x = $0.wildImages(finite: true)
        let groups = $0.integer(0...3) == 0 ? $0.wildInteger() : $0.pick(1, Swift.max(x.shape[-1], 1))
        return convolution(
            x, $0.kernel(x, groups), strides: $0.perAxis(), padding: $0.padding(),
            dilation: $0.flag() ? 1 : $0.perAxis(), groups: groups)
    },
    FuzzCase("transposedConvolution") {
        let x = $0.wildImages(finite: true)
        let kernel = $0.kernel(x, 1)
        let turned = kernel.rank < 2 ? kernel : kernel.matrixTransposed()
        return transposedConvolution(
            x, turned, strides: $0.perAxis(), padding: $0.padding(), dilation: $0.flag() ? 1 : $0.perAxis(),
            groups: $0.pick(1, 1, 1, $0.wildInteger()), outputPadding: $0.flag() ? 0 : $0.perAxis())
    },
    pooling("maxPool") { x, window, strides, padding, roundsUp in
        maxPool(x, window: window, strides: strides, padding: padding, roundsUp: roundsUp)
    },
    FuzzCase("maxPool") {
        maxPool($0.wildImages(), window: $0.perAxis(), strides: $0.perAxis(), dilation: $0.perAxis())
    },
    pooling("maxPoolWithPositions") { x, window, strides, padding, roundsUp in
        maxPoolWithPositions(x, window: window, strides: strides, padding: padding, roundsUp: roundsUp).positions
    },
    FuzzCase("maxUnpool") {
        let x = $0.wildImages()
        let positions = $0.integer(0...5) == 0 ? $0.wildIndices() : $0.indices(x.shape, below: 9)
        return maxUnpool(x, positions: positions, extents: $0.wildSizes($0.integer(0...7) == 0 ? 2 : x.rank - 2))
    },
    pooling("averagePool") { x, window, strides, padding, roundsUp in
        averagePool(x, window: window, strides: strides, padding: padding, roundsUp: roundsUp)
    },
    FuzzCase("averagePool") {
        averagePool($0.wildImages(), window: $0.perAxis(), padding: $0.padding(), countsPadding: true)
    },
    pooling("sumPool") { x, window, strides, padding, roundsUp in
        sumPool(x, window: window, strides: strides, padding: padding, roundsUp: roundsUp)
    },
    FuzzCase("adaptiveAveragePool") {
        let x = $0.wildImages()
        return adaptiveAveragePool(x, to: $0.wildSizes($0.integer(0...7) == 0 ? 2 : x.rank - 2))
    },
    FuzzCase("adaptiveMaxPool") {
        let x = $0.wildImages()
        return adaptiveMaxPool(x, to: $0.wildSizes($0.integer(0...7) == 0 ? 2 : x.rank - 2))
    },
]

let fuzzImages: [FuzzCase] = [
    FuzzCase("resized") {
        let x = $0.wildImages()
        return x.resized(
            to: $0.wildSizes($0.integer(0...7) == 0 ? 2 : x.rank - 2), $0.interpolation(), alignCorners: $0.flag(),
            antialias: $0.flag())
    },
    FuzzCase("upsampled") {
        let x = $0.wildImages()
        return x.upsampled(by: $0.perAxis(), $0.interpolation())
    },
    FuzzCase("centerCropped") {
        let x = $0.wildImages()
        let count = $0.integer(0...7) == 0 ? 2 : x.rank - 2
        return $0.flag()
            ? x.centerCropped(to: $0.wildSizes(count))
            : x.cropped(offset: $0.wildIntegers(count), size: $0.wildSizes(count))
    },
    FuzzCase("depthToSpace") {
        let x = $0.wild(Shape($0.wildShape(2...4).extents + [$0.pick(4, 8, 3, 0)]), $0.wildType())
        return x.depthToSpace($0.wildSize(), order: $0.pick(.placeFastest, .channelFastest))
    },
    FuzzCase("spaceToDepth") {
        $0.wildImages($0.wildType()).spaceToDepth($0.wildSize(), order: $0.pick(.placeFastest, .channelFastest))
    },
    FuzzCase("channelShuffled") { $0.wildImages($0.wildType()).channelShuffled(groups: $0.wildSize()) },
    FuzzCase("sampled", compared: .float64) {
        let x = $0.wild($0.integer(0...9) == 0 ? 0...5 : 4...4, $0.floatType())
        let border: SamplingBorder = $0.pick(.zeros, .border, .reflection)
        if $0.flag() {
            let rows = $0.wild($0.wildShape(1...2), x.dtype)
            return x.sampled(rows: rows, columns: $0.wild(rows.shape, x.dtype), $0.interpolation(), border: border)
        }
        let grid = $0.wild([x.shape[0], $0.integer(0...3), $0.integer(0...3), 2], x.dtype)
        return x.sampled(grid: grid, $0.interpolation(), border: border, alignCorners: $0.flag())
    },
    FuzzCase("affineGrid") {
        $0.wild($0.integer(0...5) == 0 ? $0.wildShape() : [$0.integer(0...2), 2, 3], $0.floatType())
            .affineGrid(size: $0.wildSizes(2), alignCorners: $0.flag())
    },
    FuzzCase("rotated", compared: .none) {
        $0.wildImages().rotated(degrees: $0.wildNumber(), $0.interpolation(), fill: $0.wildNumber())
    },
    FuzzCase("affinelyWarped", compared: .none) {
        $0.wildImages().affinelyWarped(
            degrees: $0.wildNumber(), translation: ImagePoint($0.wildNumber(), $0.wildNumber()), scale: $0.wildNumber(),
            shear: ImagePoint($0.wildNumber(), $0.wildNumber()), $0.interpolation(), fill: $0.wildNumber())
    },
    FuzzCase("perspectivelyWarped", compared: .none) {
        var points: [ImagePoint] = []
        for _ in 0..<8 { points.append(ImagePoint(Double($0.integer(-2...6)), Double($0.integer(-2...6)))) }
        if $0.integer(0...9) == 0 { points[0] = ImagePoint($0.wildNumber(), $0.wildNumber()) }
        return $0.wildImages().perspectivelyWarped(
            from: Array(points.prefix(4)), to: Array(points.suffix(4)), $0.interpolation(), fill: $0.wildNumber())
    },
    FuzzCase("warped", compared: .none) {
        let x = $0.integer(0...9) == 0 ? $0.wildImages() : $0.wild(4...4, $0.pick(.float32, .float64))
        let count = $0.integer(0...9) == 0 || x.rank == 0 ? $0.integer(0...3) : x.shape[0]
        let maps = $0.wild($0.integer(0...9) == 0 ? $0.wildShape() : [count, 8], $0.floatType())
        return x.warped(by: maps, $0.interpolation(), border: $0.border(), fill: $0.wildNumber())
    },
    FuzzCase("displaced", compared: .none) {
        let x = $0.integer(0...9) == 0 ? $0.wildImages() : $0.wild(4...4, $0.pick(.float32, .float64))
        let isOdd = $0.integer(0...9) == 0 || x.rank != 4
        let shape: Shape = isOdd ? $0.wildShape() : [x.shape[0], x.shape[1], x.shape[2], 2]
        return x.displaced(by: $0.wild(shape, x.dtype), $0.interpolation(), border: $0.border(), fill: $0.wildNumber())
    },
    FuzzCase("elasticallyDeformed", compared: .none) {
        $0.wild($0.integer(0...9) == 0 ? 0...5 : 4...4, $0.pick(.float32, .float64)).elasticallyDeformed(
            strength: $0.wildNumber(), sigma: $0.wildNumber(), $0.interpolation(), border: $0.border(),
            fill: $0.wildNumber(), seed: $0.seed())
    },
]

private func pooling(
    _ name: String, _ function: @escaping @Sendable (Tensor, PerAxis, PerAxis?, Padding, Bool) -> Tensor
) -> FuzzCase {
    FuzzCase(name) {
        function($0.wildImages(), $0.perAxis(), $0.flag() ? nil : $0.perAxis(), $0.padding(), $0.flag())
    }
}

extension TestRandom {
    /// A kernel that mostly fits the images.
    fileprivate mutating func kernel(_ x: Tensor, _ groups: Int) -> Tensor {
        if integer(0...9) == 0 { return wild(wildShape(), x.dtype, finite: true) }
        let window = x.shape.spatial.map { _ in integer(0...9) == 0 ? 0 : integer(1...3) }
        let channels = groups > 0 ? x.shape[-1] / groups : 1
        let maps = (1...4).contains(groups) ? groups * integer(1...2) : integer(0...3)
        return wild(Shape(window + [channels, maps]), x.dtype, finite: true)
    }

    fileprivate mutating func interpolation() -> Interpolation {
        pick(
            .nearest, .nearestCorner, .bilinear, .bicubic(), .bicubic(coefficient: wildNumber(), renormalized: true),
            .lanczos3, .lanczos5, .area)
    }
}
