import ApusCore
import TestSupport

let movementDerivatives: [DerivativeCase] = [
    .ranked("reshaped", 0...4) { $0.square().reshaped(to: [1, -1]) },
    .ranked("flattened", 0...4) { $0.square().flattened() },
    .along("unflattened") { $0.square().unflattened(axis: $1, to: [1, -1]) },
    .ranked("squeezed", 0...4) { $0.square().squeezed() },
    .ranked("expanded", 0...3) { $0.square().expanded(at: -1) },
    .ranked("atLeast", 0...3) { $0.square().atLeast(rank: 3) },
    DerivativeCase("permuted") { random in
        let shape = random.shape(rank: 1...4)
        var order = Array(0..<shape.rank)
        for index in order.indices { order.swapAt(index, random.integer(0...index)) }
        let chosen = order
        return ([random.tensor(shape)], { $0[0].square().permuted(chosen) })
    },
    .ranked("transposed", 0...4) { $0.square().transposed() },
    .ranked("matrixTransposed", 2...4) { $0.square().matrixTransposed() },
    .along("movingAxis") { $0.square().movingAxis($1, to: -1) },
    .ranked("movingAxes", 2...4) { $0.square().movingAxes([0, 1], to: [-1, 0]) },
    .along("swappingAxes") { $0.square().swappingAxes($1, 0) },
    .ranked("rotated90", 2...4) { $0.square().rotated90(times: 3) + $0.square().rotated90(times: -1, axes: (0, 1)) },
    .along("reversed") { $0.square().reversed(axes: [$1]) },
    .along("rolled") { $0.square().rolled(2, axis: $1) + $0.rolled(-1, axis: $1) },
    DerivativeCase("broadcast") { random in
        let shapes = random.broadcastingShapes(1)
        let target = Shape([2] + shapes[0].extents.map { $0 == 1 ? 3 : $0 })
        return ([random.tensor(shapes[0])], { $0[0].square().broadcast(to: target) })
    },
    DerivativeCase("Tensor.broadcastTogether") { random in
        let shapes = random.broadcastingShapes(3)
        return (
            shapes.map { random.tensor($0) },
            { Tensor.broadcastTogether($0.map { $0.square() }).reduce(Tensor(1, dtype: .float64)) { $0 * $1 } }
        )
    },
    DerivativeCase("tiled") { random in
        let shape = random.shape(rank: 0...3)
        let repeats = shape.extents.map { _ in random.integer(1...3) }
        return ([random.tensor(shape)], { $0[0].square().tiled(repeats) })
    },
    .along("repeated") { $0.square().repeated(3, axis: $1) },
    .along("slice") { x, axis in
        let extent = x.shape[axis]
        return x.square().slice(axis: axis, extent / 3..<extent)
            + x.slice(axis: axis, from: extent - 1, count: extent - extent / 3, step: -1)
    },
    DerivativeCase("subscript") { random in
        let shape = Shape([random.integer(1...4), random.integer(2...5), random.integer(1...3)])
        let rows = random.positions([2, 3], below: shape[0])
        let columns = random.positions([3], below: shape[1]) - Double(shape[1])
        let mask = (Tensor.range(count: shape[1]) .!= 1.0)
        let choice = random.integer(0...5)
        return (
            [random.tensor(shape)],
            { inputs in
                let x = inputs[0].square()
                switch choice {
                case 0: return x[0, 1..., .newAxis]
                case 1: return x[.ellipsis, .strided(by: -1)]
                case 2: return x[rows, columns]
                case 3: return x[.all, mask]
                case 4: return x[rows, .all, -1]
                default: return x[stride(from: 0, to: 1, by: 1), (-2)...]
                }
            }
        )
    },
    DerivativeCase("updating") { random in
        let shape = Shape([random.integer(1...4), random.integer(2...5)])
        let rows = random.positions([3], below: shape[0])
        let rule = ScatterRule.allCases[random.integer(0...4)]
        let choice = random.integer(0...2)
        return (
            [random.distinct(shape), random.distinct([1]) + 0.013],
            { inputs in
                let (x, y) = (inputs[0], inputs[1].square() + 0.1)
                switch choice {
                case 0: return x.updating(0, 1..., with: y, by: rule).square()
                case 1: return x.updating(.all, .strided(from: 1, by: 2), with: y, by: rule).square()
                default: return x.updating(rows, 1, with: y, by: rule == .add ? .multiply : rule).square()
                }
            }
        )
    },
    DerivativeCase("padded") { random in
        let shape = random.shape(rank: 1...3)
        let widths = shape.extents.map { _ in (before: random.integer(0...2), after: random.integer(0...2)) }
        let inner = shape.extents.map { (before: Swift.min(1, $0 - 1), after: $0 - 1) }
        let mode = random.integer(0...3)
        return (
            [random.tensor(shape)],
            { inputs in
                let x = inputs[0].square()
                return mode == 0 ? x.padded(widths, value: 2) : x.padded(inner, mode: PaddingMode.allCases[mode - 1])
            }
        )
    },
    .along("windows", least: 3) { $0.square().windows(axis: $1, size: 2, step: 1) },
    DerivativeCase("patches") { random in
        let (shape, window, stride) = (random.images(), random.integer(1...2), random.integer(1...2))
        return (
            [random.tensor(shape)],
            { $0[0].square().patches(window: PerAxis(window), strides: PerAxis(stride), padding: .same) }
        )
    },
    DerivativeCase("folded") { random in
        let (shape, window) = (random.images(), random.integer(1...2))
        let patches = Tensor.zeros(shape).patches(window: PerAxis(window), padding: .same)
        return (
            [random.tensor(patches.shape)],
            { $0[0].square().folded(to: shape.spatial, window: PerAxis(window), padding: .same) }
        )
    },
    DerivativeCase("strided") { random in
        let count = random.integer(4...9)
        return (
            [random.tensor([count])], { $0[0].square().strided(shape: [count - 3, 3], strides: [1, 1], offset: 1) }
        )
    },
    .ranked("rearrange", 2...2) { rearrange($0.square(), "a (b c) -> c a b 1", ["b": 1]) },
    DerivativeCase("Tensor.concatenate") { random in
        let shape = random.shape(rank: 1...3)
        let axis = random.integer(0...shape.rank - 1)
        let shapes = (0..<3).map { _ in shape.replacing(axis, with: random.integer(0...3)) }
        return (
            shapes.map { random.tensor($0) }, { Tensor.concatenate($0.map { $0.square() }, axis: axis) }
        )
    },
    joining("Tensor.stack") { Tensor.stack($0, axis: -1) },
    joining("Tensor.horizontalStack") { Tensor.horizontalStack($0) },
    joining("Tensor.verticalStack") { Tensor.verticalStack($0) },
    joining("Tensor.depthStack") { Tensor.depthStack($0) },
    joining("Tensor.columnStack") { Tensor.columnStack($0) },
    .along("split") { x, axis in
        let parts = x.square().split(2, axis: axis, isEven: false)
        return parts[0].sum() * parts[1]
    },
    .along("unstacked") { x, axis in
        let parts = x.square().unstacked(axis: axis)
        return parts.dropFirst().reduce(parts[0]) { $0 * $1 + $0 }
    },
    .ranked("diagonal", 2...4) { $0.square().diagonal() },
    .ranked("diagonalMatrix", 0...3) { $0.square().diagonalMatrix() },
    .ranked("lowerTriangle", 2...4) { $0.square().lowerTriangle(diagonal: -1) },
    .ranked("upperTriangle", 2...4) { $0.square().upperTriangle(diagonal: 1) },
]

private func joining(_ name: String, _ function: @escaping @Sendable ([Tensor]) -> Tensor) -> DerivativeCase {
    DerivativeCase(name) { random in
        let shape = random.shape(rank: 1...3)
        return ((0..<3).map { _ in random.tensor(shape) }, { function($0.map { $0.square() }) })
    }
}
