import ApusCore
import TestSupport

/// The same elements at other places.
let fuzzMovement: [FuzzCase] = [
    FuzzCase("reshaped") {
        let x = $0.wild()
        if $0.flag() { return x.reshaped(to: Shape($0.wildIntegers($0.integer(0...4)))) }
        let kept = Array(x.shape.extents.prefix($0.integer(0...x.rank)))
        return x.reshaped(to: Shape(kept + [-1]))
    },
    FuzzCase("flattened") {
        let x = $0.wild()
        return x.flattened(from: $0.axis(x))
    },
    FuzzCase("unflattened") {
        let x = $0.wild()
        return x.unflattened(axis: $0.axis(x), to: $0.wildIntegers($0.integer(0...3)))
    },
    FuzzCase("squeezed") {
        let x = $0.wild()
        return $0.flag() ? x.squeezed() : x.squeezed($0.axis(x))
    },
    .along("expanded") { $0.expanded(at: $1) },
    FuzzCase("atLeast") {
        let x = $0.wild()
        return x.atLeast(rank: $0.wildInteger())
    },
    FuzzCase("permuted") {
        let x = $0.wild()
        if $0.integer(0...3) == 0 { return x.permuted($0.wildIntegers($0.integer(0...4))) }
        var order = Array(0..<x.rank)
        for place in order.indices { order.swapAt(place, $0.integer(0...place)) }
        return x.permuted(order)
    },
    .unary("transposed") { $0.transposed() }, .unary("matrixTransposed") { $0.matrixTransposed() },
    FuzzCase("movingAxis") {
        let x = $0.wild()
        return x.movingAxis($0.axis(x), to: $0.axis(x))
    },
    FuzzCase("movingAxes") {
        let x = $0.wild()
        let count = $0.integer(0...3)
        return x.movingAxes($0.someAxes(x, count), to: $0.someAxes(x, count))
    },
    FuzzCase("swappingAxes") {
        let x = $0.wild()
        return x.swappingAxes($0.axis(x), $0.axis(x))
    },
    FuzzCase("rotated90") {
        let x = $0.wild()
        return x.rotated90(times: $0.wildInteger(), axes: $0.flag() ? (0, 1) : ($0.axis(x), $0.axis(x)))
    },
    FuzzCase("reversed") {
        let x = $0.wild()
        return x.reversed(axes: $0.axes(x) ?? [])
    },
    FuzzCase("rolled") {
        let x = $0.wild()
        return x.rolled($0.wildInteger(), axis: $0.axis(x))
    },
    FuzzCase("broadcast") {
        let x = $0.wild(0...2)
        if $0.flag() { return x.broadcast(to: Shape($0.wildIntegers($0.integer(0...3)))) }
        return x.broadcast(to: Shape($0.wildSizes($0.integer(0...2)) + x.shape.extents))
    },
    FuzzCase("Tensor.broadcastTogether") {
        let x = $0.wild()
        return Tensor.broadcastTogether([x, $0.partner(x), $0.partner(x)])[$0.integer(0...2)]
    },
    FuzzCase("tiled") {
        let x = $0.wild(0...3)
        return x.tiled($0.wildSizes($0.integer(0...9) == 0 ? 2 : x.rank))
    },
    FuzzCase("repeated") {
        let x = $0.wild(0...3)
        return x.repeated($0.wildInteger(), axis: $0.axis(x))
    },
    FuzzCase("slice") {
        let x = $0.wild()
        if $0.flag() { return x.slice(axis: $0.axis(x), 0..<$0.integer(0...4)) }
        return x.slice(axis: $0.axis(x), from: $0.wildInteger(), count: $0.wildInteger(), step: $0.wildInteger())
    },
    FuzzCase("subscript") {
        let x = $0.wild()
        let (a, b, c) = ($0.wildIndex(x.shape[0]), $0.wildIndex(x.shape[1]), $0.wildIndex(x.shape[2]))
        return $0.pick(x[a], x[a, b], x[a, b, c], x[.ellipsis, a], x[])
    },
    FuzzCase("updating") {
        let x = $0.wild(1...4)
        let rule = $0.any(of: ScatterRule.allCases)
        let (a, b) = ($0.wildIndex(x.shape[0]), $0.wildIndex(x.shape[1]))
        let values = $0.wild($0.wildShape($0.flag() ? 0...0 : 0...2), $0.integer(0...9) == 0 ? .float32 : x.dtype)
        return $0.flag() ? x.updating(a, with: values, by: rule) : x.updating(a, b, with: values, by: rule)
    },
    FuzzCase("padded") {
        let x = $0.wild(0...4)
        var widths: [(before: Int, after: Int)] = []
        for _ in 0..<($0.integer(0...9) == 0 ? 2 : x.rank) {
            widths.append(($0.wildSize(), $0.integer(0...3) == 0 ? $0.wildInteger() : 1))
        }
        return $0.flag()
            ? x.padded(widths, value: $0.wildNumber())
            : x.padded(widths, mode: $0.any(of: PaddingMode.allCases))
    },
    FuzzCase("windows") {
        let x = $0.wild()
        return x.windows(axis: $0.axis(x), size: $0.wildSize(), step: $0.wildSize())
    },
    FuzzCase("patches") {
        $0.wildImages($0.wildType()).patches(
            window: $0.perAxis(), strides: $0.perAxis(), padding: $0.padding(), dilation: $0.flag() ? 1 : $0.perAxis())
    },
    FuzzCase("folded") {
        let (height, width, channels) = ($0.integer(1...4), $0.integer(1...4), $0.integer(0...2))
        let window = $0.integer(0...5) == 0 ? $0.perAxis() : PerAxis(2)
        let x = $0.wild([$0.integer(0...2), height, width, 4 * channels], $0.floatType())
        let image = $0.integer(0...3) == 0 ? $0.wildSizes($0.integer(0...3)) : [height + 1, width + 1]
        return x.folded(to: image, window: window, strides: $0.integer(0...3) == 0 ? $0.perAxis() : 1)
    },
    FuzzCase("strided") {
        let x = $0.wild()
        let rank = $0.integer(0...3)
        return x.strided(shape: Shape($0.wildSizes(rank)), strides: $0.wildIntegers(rank), offset: $0.wildInteger())
    },
    FuzzCase("rearrange") {
        let pattern = $0.pick(
            "a b -> b a", "(a c) b -> a c b", "a ... -> ... a", "a b -> (a b)", "a b c -> a (c b)", "a 1 -> a",
            "a -> a 1", "(a b) -> a", "a b", "-> ", "((a)) -> a", "a a -> a")
        return rearrange($0.wild($0.flag() ? 2...2 : 0...3), pattern, $0.flag() ? [:] : ["a": $0.wildInteger()])
    },
    FuzzCase("Tensor.concatenate") {
        let x = $0.wild()
        return Tensor.concatenate($0.integer(0...19) == 0 ? [] : [x, $0.partner(x), x], axis: $0.axis(x))
    },
    FuzzCase("Tensor.stack") {
        let x = $0.wild()
        return Tensor.stack($0.integer(0...19) == 0 ? [] : [x, $0.flag() ? x : $0.partner(x)], axis: $0.axis(x))
    },
    joined("Tensor.horizontalStack") { Tensor.horizontalStack($0) },
    joined("Tensor.verticalStack") { Tensor.verticalStack($0) },
    joined("Tensor.depthStack") { Tensor.depthStack($0) }, joined("Tensor.columnStack") { Tensor.columnStack($0) },
    FuzzCase("split") {
        let x = $0.wild()
        let parts =
            $0.flag()
            ? x.split($0.wildSize(), axis: $0.axis(x), isEven: $0.flag())
            : x.split(sizes: $0.wildSizes($0.integer(0...3)), axis: $0.axis(x))
        return parts.last ?? x
    },
    .along("unstacked") { $0.unstacked(axis: $1).last ?? $0 },
    FuzzCase("diagonal") {
        let x = $0.wild()
        return x.diagonal(offset: $0.wildInteger())
    },
    .unary("diagonalMatrix") { $0.diagonalMatrix() },
    FuzzCase("lowerTriangle") {
        let x = $0.wild()
        return x.lowerTriangle(diagonal: $0.wildInteger())
    },
    FuzzCase("upperTriangle") {
        let x = $0.wild()
        return x.upperTriangle(diagonal: $0.wildInteger())
    },
]

private func joined(_ name: String, _ function: @escaping @Sendable ([Tensor]) -> Tensor) -> FuzzCase {
    FuzzCase(name) {
        let x = $0.wild()
        return function($0.integer(0...19) == 0 ? [] : [x, $0.partner(x)])
    }
}
