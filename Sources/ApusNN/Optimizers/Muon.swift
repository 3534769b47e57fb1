import ApusCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension Optimizer {
    /// Momentum whose matrices are made orthogonal, all singular values near 1, by five steps of Newton and Schulz (Jordan et
    /// al., 2024). Kernels of more axes are taken as matrices of their last axis against the others; vectors such as biases
    /// follow AdamW.
    ///
    /// Steps are multiplied by `sqrt(max(1, columns / rows))`. Weight decay is decoupled. Give the output layer and
    /// embeddings to AdamW, too, with ``combined(_:otherwise:)``.
    ///
    /// - Parameter vectorRate: the learning rate of AdamW, which keeps its ratio to `learningRate`
    public static func muon(
        learningRate: Double = 0.02, momentum: Double = 0.95, nesterov: Bool = true, weightDecay: Double = 0.1,
        vectorRate: Double = 3e-4
    ) -> Optimizer {
        let vectors = Optimizer.adamW(weightDecay: 0).groups[0].rule
        let ratio = learningRate == 0 ? 0 : vectorRate / learningRate
        let rule = UpdateRule(
            "muon", decay: .decoupled, weightDecay, scalars: 1 + vectors.scalarCount,
            write: { rate, step, scalars in
                scalars[0] = rate
                vectors.writeScalars(rate * ratio, step, UnsafeMutableBufferPointer(rebasing: scalars[1...]))
            }, states: { shape in shape.rank < 2 ? vectors.states(shape) : [StateForm(shape)] },
            problem: UpdateRule.problem(
                "muon", [("momentum", momentum, 0...1), ("vectorRate", vectorRate, 0...Double.infinity)])
        ) { input in
            let g = input.gradient
            guard g.rank >= 2 else {
                return vectors.update(
                    RuleInput(
                        parameter: input.parameter, decayed: input.parameter, gradient: g, state: input.state,
                        scalars: Array(input.scalars.dropFirst()), decay: 0))
            }
            let velocity = input.state[0].averaged(g, momentum)
            let direction = nesterov ? g.averaged(velocity, 1 - momentum) : velocity
            let columns = max(g.shape[-1], 1)
            let matrix = direction.reshaped(to: [g.shape.count / columns, columns])
            let scale = sqrt(max(1, Double(columns) / Double(max(matrix.shape[0], 1))))
            let step = orthogonalized(matrix).reshaped(to: g.shape) * scale
            return RuleOutput(input.decayed - step * input.scalars[0], [velocity])
        }
        return Optimizer(rule, learningRate: learningRate)
    }

    /// A matrix with the same singular vectors and singular values of about 1 (0.7 to 1.2).
    package static func orthogonalized(_ matrix: Tensor) -> Tensor {
        let isTall = matrix.shape[0] > matrix.shape[1]
        var x = isTall ? matrix.transposed() : matrix
        x = x / Tensor.maximum(x.norm(), 1e-7)
        for _ in 0..<5 {
            let square = matmul(x, x.transposed())
            let polynomial = square * -4.7750 + matmul(square, square) * 2.0315
            x = x * 3.4445 + matmul(polynomial, x)
        }
        return isTall ? x.transposed() : x
    }
}
