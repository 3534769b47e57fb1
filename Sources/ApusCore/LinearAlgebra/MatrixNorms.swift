/// The norms of matrices.
public enum MatrixNorm: Sendable, Hashable, CaseIterable {
    /// The root of the sum of squares.
    case frobenius
    /// The sum of the singular values.
    case nuclear
    /// The largest singular value.
    case spectral
    /// The smallest singular value.
    case smallestSingularValue
    /// The largest sum of magnitudes of a column; the smallest one.
    case largestColumn, smallestColumn
    /// The largest sum of magnitudes of a row; the smallest one.
    case largestRow, smallestRow
}

extension Tensor {
    /// A norm of each matrix of the last two axes: `[.., m, n]` -> `[..]`. For norms of vectors see
    /// ``norm(_:axes:keepDimensions:)``.
    public func matrixNorm(_ kind: MatrixNorm = .frobenius) -> Tensor {
        guard error == nil else { return self }
        guard rank >= 2 else {
            return Tensor(
                error: ApusError(
                    .shape, in: "operation matrixNorm", "shape \(shape) has fewer than two axes",
                    remedy: "reshape it to matrices"))
        }
        switch kind {
        case .frobenius: return norm(2, axes: [-2, -1])
        case .nuclear: return singularValues().sum(axes: [-1])
        case .spectral: return singularValues().max(axes: [-1])
        case .smallestSingularValue: return singularValues().min(axes: [-1])
        case .largestColumn: return absolute().sum(axes: [-2]).max(axes: [-1])
        case .smallestColumn: return absolute().sum(axes: [-2]).min(axes: [-1])
        case .largestRow: return absolute().sum(axes: [-1]).max(axes: [-1])
        case .smallestRow: return absolute().sum(axes: [-1]).min(axes: [-1])
        }
    }

    /// The ratio of the largest to the smallest singular value of each matrix: `[.., m, n]` -> `[..]`; infinite for
    /// singular ones.
    public func conditionNumber() -> Tensor {
        guard error == nil else { return self }
        let values = singularValues()
        return values.max(axes: [-1]) / values.min(axes: [-1])
    }

    /// The sum of the diagonal of each matrix of the last two axes: `[.., m, n]` -> `[..]`.
    public func trace(offset: Int = 0) -> Tensor { diagonal(offset: offset).sum(axes: [-1]) }

    /// The Kronecker product: each element of this tensor times the whole of the other. Axes are aligned at the end.
    public func kronecker(_ other: Tensor) -> Tensor {
        if let failed = error ?? other.error { return Tensor(error: failed) }
        let axes = Swift.max(rank, other.rank)
        let first = [Int](repeating: 1, count: axes - rank) + shape.extents
        let second = [Int](repeating: 1, count: axes - other.rank) + other.shape.extents
        let outer = reshaped(to: Shape(first.flatMap { [$0, 1] }))
        let inner = other.reshaped(to: Shape(second.flatMap { [1, $0] }))
        return (outer * inner).reshaped(to: Shape(zip(first, second).map { Shape.product($0, $1) }))
    }

    /// The cross product of vectors of three elements along an axis; other axes broadcast.
    public func cross(_ other: Tensor, axis: Int = -1) -> Tensor {
        if let failed = error ?? other.error { return Tensor(error: failed) }
        do throws(ApusError) {
            let place = "operation cross"
            let axes = (try shape.axis(axis, in: place), try other.shape.axis(axis, in: place))
            guard shape[axes.0] == 3, other.shape[axes.1] == 3 else {
                throw ApusError(
                    .shape, in: place, "axis \(axis) of shapes \(shape) and \(other.shape) does not hold 3 elements",
                    remedy: "give vectors of 3 elements")
            }
            return rolled(-1, axis: axes.0) * other.rolled(-2, axis: axes.1)
                - rolled(-2, axis: axes.0) * other.rolled(-1, axis: axes.1)
        } catch {
            return Tensor(error: error)
        }
    }
}
