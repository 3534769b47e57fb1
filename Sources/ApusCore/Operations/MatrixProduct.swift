import CKernels

/// The product of matrices, one for each index of equal leading axes: `[..., m, k] x [..., k, n] -> [..., m, n]`.
package struct MatrixProduct: Operation {
    package static let name = "matmul"

    package func shape(of inputs: [Shape]) throws(ApusError) -> Shape {
        let (a, b) = (inputs[0], inputs[1])
        guard a.rank >= 2, a.rank == b.rank, a.extents.dropLast(2) == b.extents.dropLast(2), a[-1] == b[-2] else {
            throw ApusError(
                .shape, in: place, "shapes \(a) and \(b) do not fit: inner extents \(a[-1]) and \(b[-2])",
                remedy: "the last extent of the first must equal the last but one of the second")
        }
        return Shape(a.extents.dropLast() + [b[-1]])
    }

    package func dtype(of inputs: [DType]) throws(ApusError) -> DType {
        try require(inputs, [.float32, .float64])
        return inputs[0]
    }

    package func gradient(_ dy: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
        [
            Tensor(MatrixProduct(), [dy, inputs[1].matrixTransposed()]),
            Tensor(MatrixProduct(), [inputs[0].matrixTransposed(), dy]),
        ]
    }

    package var role: OperationRole { .kernel(offersEpilogue: true) }

    package func batched(_ inputs: [Tensor], isBatched: [Bool]) -> Tensor? {
        let (a, b) = (inputs[0], inputs[1])
        if isBatched[0], !isBatched[1], b.rank == 2 {
            // One product of all rows.
            let rows = a.reshaped(to: [a.shape[0] * a.shape[1], a.shape[2]])
            return Tensor(MatrixProduct(), [rows, b]).reshaped(to: [a.shape[0], a.shape[1], b.shape[1]])
        }
        guard let count = zip(inputs, isBatched).first(where: { $1 })?.0.shape[0] else { return nil }
        return Tensor(
            self,
            zip(inputs, isBatched).map { input, isBatched in
                isBatched ? input : input.broadcast(to: Shape([count] + input.shape.extents))
            })
    }

    /// The sum of products is one product along the inner axis and the summed one.
    package var additivity: Additivity {
        .multilinear { factors in
            let (a, b) = (factors[0], factors[1])
            let leading = Array(1..<a.rank - 2)
            let extents = leading.map { a.shape[$0] }
            let count = a.shape[0]
            let left = a.permuted(leading + [a.rank - 2, 0, a.rank - 1])
                .reshaped(to: Shape(extents + [a.shape[-2], count * a.shape[-1]]))
            let right = b.permuted(leading + [0, b.rank - 2, b.rank - 1])
                .reshaped(to: Shape(extents + [count * b.shape[-2], b.shape[-1]]))
            return Tensor(MatrixProduct(), [left, right])
        }
    }

    /// Any strides of the matrix axes; the leading axes but the last of them must lie evenly.
    package func accepts(_ view: View, input: Int) -> Bool { Self.outerStride(view) != nil }

    /// The distance between runs of the last leading axis, for example between samples whose heads are such runs.
    private static func outerStride(_ view: View) -> Int? {
        let outer = Swift.max(view.shape.rank - 3, 0)
        var (count, step) = (1, 0)
        for axis in stride(from: outer - 1, through: 0, by: -1) where view.shape[axis] != 1 {
            if count == 1 {
                step = view.strides[axis]
            } else if view.strides[axis] != step * count {
                return nil
            }
            count *= view.shape[axis]
        }
        return step
    }

    package func emit(_ kernel: inout KernelEmitter) throws(ApusError) {
        let (a, b, c) = (kernel.inputs[0], kernel.inputs[1], kernel.output)
        let rank = c.shape.rank
        var arguments = apus_gemm()
        arguments.m = a.shape[-2]
        arguments.n = b.shape[-1]
        arguments.k = a.shape[-1]
        arguments.batch = c.shape.extents.dropLast(2).reduce(1, *)
        arguments.a_row = a.strides[rank - 2]
        arguments.a_column = a.strides[rank - 1]
        arguments.b_row = b.strides[rank - 2]
        arguments.b_column = b.strides[rank - 1]
        arguments.ldc = arguments.n
        arguments.c_batch = arguments.m * arguments.n
        if rank > 2 {
            let inner = c.shape[rank - 3]
            let (aOuter, bOuter) = (Self.outerStride(a) ?? 0, Self.outerStride(b) ?? 0)
            let hasRuns = inner > 1 && arguments.batch > inner
            arguments.a_batch = inner > 1 ? a.strides[rank - 3] : aOuter
            arguments.b_batch = inner > 1 ? b.strides[rank - 3] : bOuter
            if hasRuns, (aOuter, bOuter) != (arguments.a_batch * inner, arguments.b_batch * inner) {
                (arguments.batch_inner, arguments.a_outer, arguments.b_outer) = (inner, aOuter, bOuter)
            }
        }
        arguments.b_is_held = kernel.heldInputs.contains(1) ? 1 : 0
        arguments.epilogue = kernel.epiloguePointer
        var plan = apus_plan()
        apus_gemm_plan(&arguments, Int32(c.dtype.rawValue), &plan)
        kernel.call(
            arguments, plan: plan, workspace: \.workspace,
            [PointerField(\.a, a), PointerField(\.b, b), PointerField(\.c, c)])
    }

    package func reference(_ inputs: [ReferenceTensor], shape: Shape) -> [Double] {
        let (a, b) = (inputs[0], inputs[1])
        let (m, k, n) = (a.shape[-2], a.shape[-1], b.shape[-1])
        var result = [Double](repeating: 0, count: shape.count)
        for batch in 0..<shape.extents.dropLast(2).reduce(1, *) {
            for row in 0..<m {
                for column in 0..<n {
                    var sum = 0.0
                    for inner in 0..<k {
                        sum += a.values[(batch * m + row) * k + inner] * b.values[(batch * k + inner) * n + column]
                    }
                    result[(batch * m + row) * n + column] = sum
                }
            }
        }
        return result
    }
}
