import ApusCore
import TestSupport

let indexingDerivatives: [DerivativeCase] = [
    .along("gather") { x, axis in
        let positions = Tensor((0..<6).map { Int64(($0 * 5) % x.shape[axis]) }, shape: [2, 3])
        return x.square().gather(indices: positions, axis: axis)
    },
    DerivativeCase("gatherND") { random in
        let shape = random.shape(rank: 1...4)
        let depth = random.integer(1...shape.rank)
        let positions = Tensor.stack((0..<depth).map { random.positions([2, 3], below: shape[$0]) }, axis: -1)
        return ([random.tensor(shape)], { $0[0].square().gatherND(positions) })
    },
    .along("takeAlong") { x, axis in
        let order = x.stopGradient().argsort(axis: axis)
        return x.square().takeAlong(indices: order, axis: axis)
    },
    DerivativeCase("scatterAdd") { random in
        let shape = random.shape(rank: 1...3)
        let positions = random.positions([shape[0]], below: 4)
        return ([random.tensor(shape)], { $0[0].square().scatterAdd(indices: positions, axis: 0, extent: 4) })
    },
    .along("scatterAddAlong") { x, axis in
        let order = x.stopGradient().argsort(axis: axis)
        return x.square().scatterAddAlong(indices: order, axis: axis, extent: x.shape[axis] + 1)
    },
    DerivativeCase("scattered") { random in
        let shape = random.shape(rank: 1...3)
        let rows = random.integer(1...5)
        let positions = random.positions([rows], below: shape[0])
        let rule = ScatterRule.allCases[random.integer(0...4)]
        return (
            [random.distinct(shape), random.distinct(Shape([rows] + shape.extents.dropFirst())) + 0.0171],
            { $0[0].scattered($0[1], at: positions, by: rule).square() }
        )
    },
    DerivativeCase("scatteredND") { random in
        let shape = random.shape(rank: 2...3)
        let positions = Tensor.stack((0..<2).map { random.positions([4], below: shape[$0]) }, axis: -1)
        let rule = ScatterRule.allCases[random.integer(0...4)]
        return (
            [random.distinct(shape), random.distinct(Shape([4] + shape.extents.dropFirst(2))) + 0.0171],
            { $0[0].scatteredND($0[1], at: positions, by: rule).square() }
        )
    },
    segments("segmentSum") { $0.square().segmentSum($1, count: 4) },
    segments("segmentMean") { $0.square().segmentMean($1, count: 4) },
    segments("segmentProduct") { $0.segmentProduct($1, count: 4) },
    segments("segmentMax") { $0.square().segmentMax($1, count: 4) },
    segments("segmentMin") { $0.square().segmentMin($1, count: 4) },
]

private func segments(_ name: String, _ function: @escaping @Sendable (Tensor, Tensor) -> Tensor) -> DerivativeCase {
    DerivativeCase(name) { random in
        let shape = random.shape(rank: 1...3)
        let numbers = random.positions([shape[0]], below: 4)
        return ([random.distinct(shape)], { function($0[0], numbers) })
    }
}
