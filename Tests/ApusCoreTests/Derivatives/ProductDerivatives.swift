import ApusCore
import TestSupport

let productDerivatives: [DerivativeCase] = [
    DerivativeCase("matmul") { random in
        let (m, k, n) = (random.integer(1...4), random.integer(1...5), random.integer(1...4))
        let leading = random.broadcastingShapes(2).map { Array($0.extents.suffix(1)) }
        let choice = random.integer(0...3)
        let shapes: (Shape, Shape)
        switch choice {
        case 0: shapes = ([k], Shape(leading[1] + [k, n]))
        case 1: shapes = (Shape(leading[0] + [m, k]), [k])
        default: shapes = (Shape(leading[0] + [m, k]), Shape(leading[1] + [k, n]))
        }
        return ([random.tensor(shapes.0), random.tensor(shapes.1)], { matmul($0[0], $0[1]) })
    },
    DerivativeCase("einsum") { random in
        let (i, j, k) = (random.integer(1...4), random.integer(1...5), random.integer(1...3))
        let patterns: [(String, [Shape])] = [
            ("ij,jk->ki", [[i, j], [j, k]]), ("bij,bkj->bik", [[k, i, j], [k, i, j]]), ("ii,i->i", [[i, i], [i]]),
            ("i,j,k->kij", [[i], [j], [k]]), ("ijk,ijk->", [[i, j, k], [i, j, k]]),
        ]
        let (pattern, shapes) = patterns[random.integer(0...4)]
        return (shapes.map { random.tensor($0) }, { einsum(pattern, $0) })
    },
    DerivativeCase("inner") { random in
        let k = random.integer(1...5)
        return ([random.tensor([random.integer(1...4), k]), random.tensor([2, 3, k])], { inner($0[0], $0[1]) })
    },
    DerivativeCase("outer") { random in
        ([random.tensor([random.integer(1...5)]), random.tensor([random.integer(1...3), 2])], { outer($0[0], $0[1]) })
    },
    pair("vdot") { vdot($0, $1) },
    DerivativeCase("vecdot") { random in
        let shape = random.shape(rank: 1...4)
        return ([random.tensor(shape), random.tensor(shape)], { vecdot($0[0], $0[1], axis: 0) })
    },
    DerivativeCase("tensordot") { random in
        let (i, j, k) = (random.integer(1...4), random.integer(1...5), random.integer(1...3))
        let choice = random.integer(0...2)
        return (
            [random.tensor([i, j, k]), random.tensor([k, j, 2])],
            { inputs in
                switch choice {
                case 0: tensordot(inputs[0], inputs[1], axes: 1)
                case 1: tensordot(inputs[0], inputs[1], axes: ([1, 2], [1, 0]))
                default: tensordot(inputs[0], inputs[1], axes: 0)
                }
            }
        )
    },
    vectors("correlate") { correlate($0, $1, mode: $2) },
    vectors("convolve") { convolve($0, $1, mode: $2) },
    DerivativeCase("hadamardTransform") { random in
        let shape = Shape([random.integer(1...3), 1 << random.integer(0...3)])
        return ([random.tensor(shape)], { $0[0].square().hadamardTransform() })
    },
    DerivativeCase("Tensor.meshGrid") { random in
        let vectors = (0..<random.integer(1...3)).map { _ in random.tensor([random.integer(1...4)]) }
        return (
            vectors,
            { Tensor.meshGrid($0, transposesFirst: true).reduce(Tensor(1, dtype: .float64)) { $0 * $1.square() } }
        )
    },
    DerivativeCase("vandermonde") { random in
        let count = random.integer(1...5)
        return ([random.tensor([random.integer(1...4)], -1...1)], { $0[0].vandermonde(count) })
    },
]

private func pair(_ name: String, _ function: @escaping @Sendable (Tensor, Tensor) -> Tensor) -> DerivativeCase {
    DerivativeCase(name) { random in
        let shape = random.shape()
        return ([random.tensor(shape), random.tensor(shape)], { function($0[0], $0[1]) })
    }
}

private func vectors(
    _ name: String, _ function: @escaping @Sendable (Tensor, Tensor, CorrelationMode) -> Tensor
) -> DerivativeCase {
    DerivativeCase(name) { random in
        let mode = CorrelationMode.allCases[random.integer(0...2)]
        return (
            [random.tensor([random.integer(1...7)]), random.tensor([random.integer(1...5)])],
            { function($0[0], $0[1], mode) }
        )
    }
}
