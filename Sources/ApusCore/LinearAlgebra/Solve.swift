/// `x` with `a x = b`, or `aᵀ x = b`: a `[.., n, n]`, b `[.., n, k]` -> `[.., n, k]`.
struct Solve: MatrixOperation {
    static let name = "solve"
    var transposed = false

    func itemShape(of matrices: [Shape]) throws(ApusError) -> Shape {
        try requireSquare(matrices[0])
        guard matrices[0][0] == matrices[1][0] else {
            throw ApusError(
                .shape, in: place, "a matrix of \(matrices[0][0]) rows and right sides of \(matrices[1][0]) rows",
                remedy: "give right sides with as many rows as the matrix")
        }
        return matrices[1]
    }

    func workCount(_ matrices: [Shape]) -> Int { matrices[0].count + matrices[0][0] }

    func compute(_ item: MatrixItem) -> Int {
        let size = item.rows
        for row in 0..<size {
            for column in 0..<size {
                item.work[row * size + column] = item.a[transposed ? column * size + row : row * size + column]
            }
        }
        return Elimination.solve(
            item.work, size: size, item.b, columns: item.shapes[1][1], into: item.output,
            order: item.work + size * size)
    }

    func failure(_ code: Int, matrices: [Shape]) -> (problem: String, remedy: String) { singular(code) }

    func gradient(_ dy: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
        let right = Tensor(Solve(transposed: !transposed), [inputs[0], dy])
        let left = transposed ? -output.timesTransposed(right) : -right.timesTransposed(output)
        return [left, right]
    }
}

/// `x` with `a x = b` for triangular a; the other triangle is not read. `transposed` solves `aᵀ x = b`.
struct TriangularSolve: MatrixOperation {
    static let name = "solveTriangular"
    let upper: Bool
    var transposed = false
    var unitDiagonal = false

    func itemShape(of matrices: [Shape]) throws(ApusError) -> Shape { try Solve().itemShape(of: matrices) }

    func workCount(_ matrices: [Shape]) -> Int { 0 }

    func compute(_ item: MatrixItem) -> Int {
        let (size, columns) = (item.rows, item.shapes[1][1])
        let zeroPivot = unitDiagonal ? 0 : Triangle.zeroPivot(item.a, size: size)
        if zeroPivot != 0 { return zeroPivot }
        item.output.update(from: item.b, count: size * columns)
        if transposed {
            Triangle.solveTransposed(
                item.a, size: size, lower: !upper, unit: unitDiagonal, item.output, columns: columns)
        } else {
            Triangle.solve(item.a, size: size, lower: !upper, unit: unitDiagonal, item.output, columns: columns)
        }
        return 0
    }

    func failure(_ code: Int, matrices: [Shape]) -> (problem: String, remedy: String) {
        ("element \(code - 1) of the diagonal is 0", "give a triangular matrix without zeros on its diagonal")
    }

    func gradient(_ dy: Tensor, inputs: [Tensor], output: Tensor) -> [Tensor?] {
        let turned = TriangularSolve(upper: upper, transposed: !transposed, unitDiagonal: unitDiagonal)
        let right = Tensor(turned, [inputs[0], dy])
        let full = transposed ? -output.timesTransposed(right) : -right.timesTransposed(output)
        let edge = unitDiagonal ? 1 : 0
        return [upper ? full.upperTriangle(diagonal: edge) : full.lowerTriangle(diagonal: -edge), right]
    }
}

func singular(_ pivot: Int) -> (problem: String, remedy: String) {
    (
        "the matrix is singular: pivot \(pivot - 1) of the elimination is 0",
        "use pseudoInverse() or leastSquares(_:), or add a small multiple of the identity"
    )
}

extension Tensor {
    /// The solution `x` of `a x = b`, where `a` is this tensor.
    ///
    /// Computed in float64 by elimination with row exchanges, differentiable to any order.
    ///
    ///     let x = a.solve(b)                  // [.., n, n], [.., n, k] -> [.., n, k]
    ///
    /// - Parameter b: `[.., n, k]`, batch axes broadcast; or one vector a matrix, of this shape without its last axis
    /// - Returns: the solutions, of `b`'s shape. A singular matrix is an error when the values are read.
    public func solve(_ b: Tensor) -> Tensor { solved(Solve(), b) }

    /// The solution `x` of `a x = b` for a triangular matrix `a`; its other triangle is not read.
    ///
    /// - Parameters:
    ///   - b: `[.., n, k]`, or one vector a matrix
    ///   - upper: whether `a` is the upper triangle
    ///   - transposed: solve `aᵀ x = b` instead
    ///   - unitDiagonal: take the diagonal for ones without reading it
    public func solveTriangular(
        _ b: Tensor, upper: Bool = false, transposed: Bool = false, unitDiagonal: Bool = false
    ) -> Tensor {
        solved(TriangularSolve(upper: upper, transposed: transposed, unitDiagonal: unitDiagonal), b)
    }

    /// The inverse of each matrix of the last two axes, `[.., n, n]`.
    ///
    /// A singular matrix is an error when the values are read; ``pseudoInverse(relativeTolerance:)`` takes any.
    public func inverse() -> Tensor {
        guard error == nil else { return self }
        guard rank >= 2, shape[-1] == shape[-2] else { return solve(self) }
        return Tensor(Solve(), [self, Tensor.identity(shape[-1], dtype: dtype).broadcast(to: shape)])
    }

    private func solved(_ operation: some MatrixOperation, _ b: Tensor) -> Tensor {
        if let failed = error ?? b.error { return Tensor(error: failed) }
        if rank >= 2, b.shape.extents == Array(shape.extents.dropLast()) {
            let columns = solved(operation, b.expanded(at: -1))
            return columns.error == nil ? columns.squeezed(-1) : columns
        }
        do throws(ApusError) {
            return Tensor(operation, try Tensor.sameBatch([self, b], in: operation.place))
        } catch {
            return Tensor(error: error)
        }
    }
}
