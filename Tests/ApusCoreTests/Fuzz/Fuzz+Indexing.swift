import ApusCore
import TestSupport

/// Elements at given positions.
let fuzzIndexing: [FuzzCase] = [
    FuzzCase("gather") {
        let x = $0.wild()
        let axis = $0.axis(x)
        return x.gather(indices: $0.wildIndices(below: x.shape[axis]), axis: axis)
    },
    FuzzCase("gatherND") {
        let x = $0.wild()
        let positions = $0.indices(Shape([2, $0.integer(0...x.rank)]), below: 2)
        return x.gatherND($0.flag() ? positions : $0.wildIndices(0...3))
    },
    FuzzCase("takeAlong") {
        let x = $0.wild(0...4)
        let axis = $0.axis(x)
        let indices = $0.flag() ? $0.indices(x.shape, below: x.shape[axis]) : $0.wildIndices(0...3)
        return x.takeAlong(indices: indices, axis: axis)
    },
    FuzzCase("scatterAdd") {
        let x = $0.wild(0...4)
        let axis = $0.axis(x)
        let indices = $0.integer(0...3) > 0 ? $0.indices([x.shape[axis]], below: 3) : $0.wildIndices()
        return x.scatterAdd(indices: indices, axis: axis, extent: $0.wildSize())
    },
    FuzzCase("scatterAddAlong") {
        let x = $0.wild(0...4)
        let indices = $0.integer(0...3) > 0 ? $0.indices(x.shape, below: 3) : $0.wildIndices()
        return x.scatterAddAlong(indices: indices, axis: $0.axis(x), extent: $0.wildSize())
    },
    FuzzCase("scattered") {
        let x = $0.wild(1...3)
        let positions = $0.indices([$0.integer(0...4)], below: x.shape[0])
        let values = $0.wild(Shape([positions.shape[0]] + x.shape.extents.dropFirst()), x.dtype)
        return x.scattered(
            $0.integer(0...7) == 0 ? $0.wild() : values, at: positions, by: $0.any(of: ScatterRule.allCases))
    },
    FuzzCase("scatteredND") {
        let x = $0.wild(1...3)
        let depth = $0.integer(0...x.rank)
        let positions = $0.indices(Shape([3, depth]), below: 2)
        let values = $0.wild(Shape([3] + x.shape.extents.dropFirst(depth)), x.dtype)
        return x.scatteredND(
            $0.integer(0...7) == 0 ? $0.wild() : values, at: positions, by: $0.any(of: ScatterRule.allCases))
    },
    segments("segmentSum") { $0.segmentSum($1, count: $2) }, segments("segmentMean") { $0.segmentMean($1, count: $2) },
    segments("segmentProduct") { $0.segmentProduct($1, count: $2) },
    segments("segmentMax") { $0.segmentMax($1, count: $2) }, segments("segmentMin") { $0.segmentMin($1, count: $2) },
    FuzzCase("oneHot") { oneHot($0.wildIndices(0...3), depth: $0.wildInteger(), dtype: $0.wildType()) },
    FuzzCase("multiHot") { $0.wildIndices(0...3).multiHot(depth: $0.wildInteger(), dtype: $0.wildType()) },
    FuzzCase("unraveled") {
        let shape = $0.flag() ? $0.wildShape() : Shape($0.wildSizes($0.integer(0...3)))
        return $0.wildIndices(0...2).unraveled(in: shape)
    },
]

private func segments(
    _ name: String, _ function: @escaping @Sendable (Tensor, Tensor, Int) -> Tensor
) -> FuzzCase {
    FuzzCase(name) {
        let x = $0.wild(0...3)
        let numbers = $0.integer(0...5) == 0 ? $0.wildIndices() : $0.indices([x.shape[0]], below: 3)
        return function(x, numbers, $0.wildSize())
    }
}
