import CKernels

/// An operation on each matrix of a batch, or on matrices of the same place in several batches, computed in float64.
///
/// Every input is `[batch.., rows, columns]` with the same batch axes. Several results share the output
/// `[batch.., count]`, one behind the other; `Tensor.unpacked` takes them apart.
package protocol MatrixOperation: Operation {
    /// The extents of one item's result, or why the inputs' matrices (two extents each) do not fit.
    func itemShape(of matrices: [Shape]) throws(ApusError) -> Shape

    /// How many numbers the algorithm needs to work with.
    func workCount(_ matrices: [Shape]) -> Int

    /// Computes one item. Returns 0, or a number of 1 or more that says what is wrong with it.
    func compute(_ item: MatrixItem) -> Int

    /// The problem and the remedy for a number that `compute` returned.
    func failure(_ code: Int, matrices: [Shape]) -> (problem: String, remedy: String)
}

/// The matrices of one item, row-major.
package struct MatrixItem {
    package typealias Input = UnsafePointer<Double>
    package typealias Output = UnsafeMutablePointer<Double>

    /// The shapes of the inputs.
    let shapes: [Shape]
    let a: Input
    let b: Input
    let c: Input
    let output: Output
    let work: Output

    var rows: Int { shapes[0][0] }
    var columns: Int { shapes[0][1] }
}

extension MatrixOperation {
    /// 1: elements that are not finite; 2: an iteration without end.
    package func failure(_ code: Int, matrices: [Shape]) -> (problem: String, remedy: String) {
        code == 1
            ? ("the matrix has elements that are not finite", "find where infinities or NaN come from")
            : ("the algorithm did not converge", "scale the matrix to elements near 1")
    }

    package func shape(of inputs: [Shape]) throws(ApusError) -> Shape {
        for input in inputs {
            guard input.rank >= 2 else {
                throw ApusError(
                    .shape, in: place, "shape \(input) has fewer than two axes", remedy: "reshape it to matrices")
            }
            guard input.extents.dropLast(2) == inputs[0].extents.dropLast(2) else {
                throw ApusError(
                    .shape, in: place, "the batch axes of shapes \(inputs[0]) and \(input) differ",
                    remedy: "give batches of the same extents")
            }
        }
        let item = try itemShape(of: inputs.map(\.matrix))
        return Shape(inputs[0].extents.dropLast(2) + item.extents)
    }

    package func dtype(of inputs: [DType]) throws(ApusError) -> DType {
        try require(inputs, [.float32, .float64])
        return inputs[0]
    }

    package var role: OperationRole { .kernel(offersEpilogue: false) }

    package func emit(_ kernel: inout KernelEmitter) throws(ApusError) {
        let shapes = kernel.inputs.map(\.shape.matrix)
        let batch = kernel.inputs[0].shape.extents.dropLast(2)
        let items = batch.reduce(1, *)
        guard items > 0 else { return }
        let count = kernel.output.shape.count / items
        let counts = shapes.map(\.count)
        let work = workCount(shapes)
        let isWide = kernel.output.dtype == .float64
        let scratch = ((isWide ? 0 : counts.reduce(count, +)) + work + 8) * MemoryLayout<Double>.size
        // Small items share a task: handing one out costs about a microsecond.
        let share = Swift.max(1, 512 / Swift.max(1, counts.reduce(count, +) + work))
        let names = failureText(shapes, batch: Array(batch))
        kernel.callHost(
            Self.name, tasks: (items + share - 1) / share, scratch: scratch,
            error: { ApusError(.numeric, in: names.place, names.problem($0, $1), remedy: names.remedy($1)) }
        ) { memory, task in
            let pointers = [memory.inputs.0, memory.inputs.1, memory.inputs.2]
            for item in task * share..<Swift.min((task + 1) * share, items) {
                var free = memory.scratch.assumingMemoryBound(to: Double.self)
                var inputs: [MatrixItem.Input] = []
                for (pointer, inputCount) in zip(pointers, counts) {
                    if isWide {
                        inputs.append(pointer.assumingMemoryBound(to: Double.self) + item * inputCount)
                    } else {
                        let source = pointer.assumingMemoryBound(to: Float.self) + item * inputCount
                        for index in 0..<inputCount { free[index] = Double(source[index]) }
                        inputs.append(MatrixItem.Input(free))
                        free += inputCount
                    }
                }
                let target =
                    isWide ? memory.output.assumingMemoryBound(to: Double.self) + item * count : free
                if !isWide { free += count }
                let code = compute(
                    MatrixItem(
                        shapes: shapes, a: inputs[0], b: inputs.count > 1 ? inputs[1] : inputs[0],
                        c: inputs.count > 2 ? inputs[2] : inputs[0], output: target, work: free))
                if code != 0 { memory.report(position: item, value: code) }
                if !isWide {
                    let result = memory.output.assumingMemoryBound(to: Float.self) + item * count
                    for index in 0..<count { result[index] = Float(target[index]) }
                }
            }
        }
    }

    /// The texts of a failure: which matrix of the batch, and what is wrong with it.
    private func failureText(
        _ shapes: [Shape], batch: [Int]
    ) -> (place: String, problem: @Sendable (Int, Int) -> String, remedy: @Sendable (Int) -> String) {
        let problem: @Sendable (Int, Int) -> String = { position, code in
            let text = failure(code, matrices: shapes).problem
            guard !batch.isEmpty else { return text }
            var (rest, index) = (position, [Int](repeating: 0, count: batch.count))
            for axis in batch.indices.reversed() {
                index[axis] = rest % batch[axis]
                rest /= batch[axis]
            }
            return "matrix \(index) of the batch: \(text)"
        }
        return (place, problem, { failure($0, matrices: shapes).remedy })
    }

    /// The same algorithm: what it promises (a product, orthogonality) is tested instead.
    package func reference(_ inputs: [ReferenceTensor], shape: Shape) -> [Double] {
        let shapes = inputs.map(\.shape.matrix)
        let items = inputs[0].shape.extents.dropLast(2).reduce(1, *)
        guard items > 0 else { return [] }
        var result = [Double](repeating: 0, count: shape.count)
        var work = [Double](repeating: 0, count: workCount(shapes) + 1)
        let operands = inputs + [inputs[0], inputs[0]]
        let counts = operands.map(\.shape.matrix.count)
        result.withUnsafeMutableBufferPointer { result in
            work.withUnsafeMutableBufferPointer { work in
                operands[0].values.withUnsafeBufferPointer { a in
                    operands[1].values.withUnsafeBufferPointer { b in
                        operands[2].values.withUnsafeBufferPointer { c in
                            guard let output = result.baseAddress, let free = work.baseAddress,
                                let a = a.baseAddress, let b = b.baseAddress, let c = c.baseAddress
                            else { return }
                            for item in 0..<items {
                                _ = compute(
                                    MatrixItem(
                                        shapes: shapes, a: a + item * counts[0], b: b + item * counts[1],
                                        c: c + item * counts[2], output: output + item * (shape.count / items),
                                        work: free))
                            }
                        }
                    }
                }
            }
        }
        return result
    }

    /// Refuses matrices that are not square.
    package func requireSquare(_ matrix: Shape) throws(ApusError) {
        guard matrix[0] == matrix[1] else {
            throw ApusError(
                .shape, in: place, "matrices of \(matrix[0]) rows and \(matrix[1]) columns are not square",
                remedy: "give as many rows as columns")
        }
    }
}

extension Shape {
    /// The last two extents.
    package var matrix: Shape { Shape([self[-2], self[-1]]) }
    /// All but the last two extents.
    package var batch: Shape { Shape(Array(extents.dropLast(2))) }
}

extension Tensor {
    /// The results that a matrix operation has put behind each other along the last axis.
    package func unpacked(_ shapes: [Shape]) -> [Tensor] {
        guard error == nil else { return shapes.map { _ in self } }
        let batch = shape.extents.dropLast()
        var start = 0
        return shapes.map { part in
            let piece = slice(axis: -1, start..<start + part.count)
            start += part.count
            return piece.reshaped(to: Shape(batch + part.extents))
        }
    }

    /// Matrices whose batch axes have been broadcast against each other.
    package static func sameBatch(_ tensors: [Tensor], in place: String) throws(ApusError) -> [Tensor] {
        var batch: Shape = []
        for tensor in tensors {
            if let error = tensor.error { throw error }
            guard tensor.rank >= 2 else {
                throw ApusError(
                    .shape, in: place, "shape \(tensor.shape) has fewer than two axes", remedy: "reshape it to matrices"
                )
            }
            batch = try Shape.broadcast(batch, tensor.shape.batch, in: place)
        }
        return tensors.map { $0.broadcast(to: Shape(batch.extents + $0.shape.matrix.extents)) }
    }

    /// The product of the first with the transposed second matrix, and the other way around.
    package func timesTransposed(_ other: Tensor) -> Tensor { matmul(self, other.matrixTransposed()) }
    package func transposedTimes(_ other: Tensor) -> Tensor { matmul(matrixTransposed(), other) }

    /// The mean of each matrix and its transpose.
    package func symmetrized() -> Tensor { (self + matrixTransposed()) * 0.5 }
}
