import ApusCore
import Testing

/// Fused, planned programs against the operations' plain definitions, on random graphs.
@Suite(.serialized) struct RandomGraphTests {
    private struct Generator {
        var state: UInt64
        mutating func below(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(bound))
        }
    }

    private func leaf(_ shape: Shape, _ generator: inout Generator) -> Tensor {
        let values: [Double] = (0..<shape.count).map { _ in Double(generator.below(2001)) / 1000 - 1 }
        return Tensor(values, shape: shape)
    }

    /// A computation of some twenty operations on matrices of one size, with several results.
    private func graph(_ generator: inout Generator) -> [Tensor] {
        let (rows, columns) = (1 + generator.below(9), 1 + generator.below(40))
        let shape: Shape = [rows, columns]
        var pool = [leaf(shape, &generator), leaf(shape, &generator), leaf(shape, &generator)]
        let square = leaf([columns, columns], &generator)
        let row = leaf([columns], &generator)
        let column = leaf([rows, 1], &generator)
        for _ in 0..<(6 + generator.below(18)) {
            let a = pool[generator.below(pool.count)]
            let b = pool[generator.below(pool.count)]
            switch generator.below(18) {
            case 0: pool.append(a + b)
            case 1: pool.append(a * b)
            case 2: pool.append(a - b * 0.5)
            case 3: pool.append(a.tanh())
            case 4: pool.append(a.relu())
            case 5: pool.append(a + row)
            case 6: pool.append(a * column)
            case 7: pool.append(a.softmax())
            case 8: pool.append(a - a.mean(axes: [1], keepDimensions: true))
            case 9: pool.append(a * b.sum(axes: [0]))
            case 10: pool.append(matmul(a, square) * (1 / Double(columns)))
            case 11: pool.append(relu(matmul(a, square) * (1 / Double(columns)) + row))
            case 12: pool.append(Tensor.select(a .> b, a, b * 2))
            case 13: pool.append(a.matrixTransposed().matrixTransposed() + a.max(axes: [1], keepDimensions: true))
            case 14:
                let half = columns / 2
                pool.append(
                    Tensor.concatenate([a.slice(axis: 1, half..<columns), b.slice(axis: 1, 0..<half)], axis: 1))
            case 15: pool.append(a.reversed(axes: [1]) + b.reversed(axes: [0]))
            case 16: pool.append(a * (b.square().mean() + 0.1))
            default: pool.append(a.reshaped(to: [rows * columns]).reshaped(to: shape).sigmoid() - b)
            }
        }
        return [pool[pool.count - 1], pool[pool.count - 2], pool[generator.below(pool.count)].sum(axes: [0])]
    }

    private func agree(_ tensor: Tensor, _ seed: Int, _ note: String) throws {
        let expected = try ReferenceExecutor.evaluate(tensor)
        let values: [Double] = try tensor.array()
        #expect(values.count == expected.values.count)
        for (value, wanted) in zip(values, expected.values) {
            let difference: Double = (value - wanted).magnitude
            guard difference <= 1e-9 * max(1, wanted.magnitude) else {
                Issue.record("graph \(seed), \(note): \(value) instead of \(wanted)")
                return
            }
        }
    }

    @Test func programsAgreeWithTheDefinitions() throws {
        Verifier.isEnabled = true
        defer { Verifier.isEnabled = false }
        for seed in 0..<150 {
            var generator = Generator(state: UInt64(seed) &* 977 &+ 5)
            let results = graph(&generator)
            // The definitions first: evaluation keeps results, which would then count as given.
            let expected = try results.map { try ReferenceExecutor.evaluate($0) }
            try Tensor.evaluate(results)
            for (tensor, wanted) in zip(results, expected) {
                let values: [Double] = try tensor.array()
                let worst = zip(values, wanted.values).map { ($0 - $1).magnitude / max(1, $1.magnitude) }.max() ?? 0
                #expect(worst <= 1e-9, "graph \(seed)")
            }
        }
    }

    @Test func gradientsOfRandomGraphsAgreeWithTheDefinitions() throws {
        Verifier.isEnabled = true
        defer { Verifier.isEnabled = false }
        for seed in 0..<40 {
            var generator = Generator(state: UInt64(seed) &* 31 &+ 7)
            let x = leaf([3, 8], &generator)
            let w = leaf([8, 8], &generator)
            let choice = generator.below(4)
            let (value, gradients) = valueAndGradient(at: [x, w]) { inputs in
                var h = matmul(inputs[0], inputs[1])
                switch choice {
                case 0: h = h.softmax() * inputs[0]
                case 1: h = relu(h + inputs[0].mean(axes: [0]))
                case 2: h = (h - h.mean(axes: [1], keepDimensions: true)).tanh() * h.sigmoid()
                default: h = Tensor.maximum(h, inputs[0]) / (h.square().sum() + 1)
                }
                return (h * h).sum()
            }
            for tensor in [value] + gradients { try agree(tensor, seed, "choice \(choice)") }
        }
    }
}
