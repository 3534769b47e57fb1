extension Tensor {
    /// The elements at given positions of an axis: the axis is replaced by the indices' axes. An index that is not in
    /// `0..<extent` is an error when the values are read.
    ///
    ///     table.gather(indices: words, axis: 0)      // [vocabulary, features], [batch, time] -> [batch, time,
    ///     features]
    public func gather(indices: Tensor, axis: Int = 0) -> Tensor {
        indexed(indices, axis, in: "operation gather") { Tensor(Gather(axis: $0), [self, indices]) }
    }

    /// The elements at positions of an axis that the indices give for each index of the other axes:
    /// `y[.., j, ..] = self[.., indices[.., j, ..], ..]`. Other axes broadcast.
    public func takeAlong(indices: Tensor, axis: Int) -> Tensor { takeAlong(indices: indices, axis: axis, for: nil) }

    /// The same on behalf of a function that messages should name.
    package func takeAlong(indices: Tensor, axis: Int, for user: String?) -> Tensor {
        let place = user ?? "operation takeAlong"
        return indexed(indices, axis, in: place) { axis in
            let operation = TakeAlong(axis: axis, user: user)
            guard rank == indices.rank else { return Tensor(operation, [self, indices]) }
            do throws(ApusError) {
                let common = try Shape.broadcast(
                    shape.replacing(axis, with: 1), indices.shape.replacing(axis, with: 1), in: place)
                return Tensor(
                    operation,
                    [
                        broadcast(to: common.replacing(axis, with: shape[axis])),
                        indices.broadcast(to: common.replacing(axis, with: indices.shape[axis])),
                    ])
            } catch {
                return Tensor(error: error)
            }
        }
    }

    /// The adjoint of ``gather(indices:axis:)``: zeros of extent `extent` along the axis, with this tensor's elements
    /// added at the given positions; the indices' axes, which begin at `axis`, are replaced by it.
    public func scatterAdd(indices: Tensor, axis: Int = 0, extent: Int) -> Tensor {
        indexed(indices, axis, in: "operation scatterAdd") {
            guard extent >= 0 else { return Tensor(error: negativeExtent(extent, in: "operation scatterAdd")) }
            return Tensor(ScatterAdd(axis: $0, extent: extent), [self, indices])
        }
    }

    /// The adjoint of ``takeAlong(indices:axis:)``: zeros of extent `extent` along the axis, with this tensor's
    /// elements added at their positions.
    public func scatterAddAlong(indices: Tensor, axis: Int, extent: Int) -> Tensor {
        indexed(indices, axis, in: "operation scatterAddAlong") {
            guard extent >= 0 else { return Tensor(error: negativeExtent(extent, in: "operation scatterAddAlong")) }
            return Tensor(ScatterAddAlong(axis: $0, extent: extent), [self, indices])
        }
    }

    private func indexed(_ indices: Tensor, _ axis: Int, in place: String, _ build: (Int) -> Tensor) -> Tensor {
        if let failed = error ?? indices.error { return Tensor(error: failed) }
        do throws(ApusError) {
            return build(try shape.axis(axis, in: place))
        } catch {
            return Tensor(error: error)
        }
    }
}

private func negativeExtent(_ extent: Int, in place: String) -> ApusError {
    ApusError(.value, in: place, "extent \(extent) is negative", remedy: "use an extent of 0 or more")
}

/// Rows of zeros with a 1 at each index: `[..]` -> `[.., depth]`. An index outside `0..<depth` gives zeros alone.
public func oneHot(_ indices: Tensor, depth: Int, dtype: DType = .float32) -> Tensor {
    guard indices.error == nil else { return indices }
    guard depth >= 0, indices.dtype.isInteger else {
        return Tensor(
            error: ApusError(
                .value, in: "operation oneHot", "indices of type \(indices.dtype), depth \(depth)",
                remedy: "give int32 or int64 indices and a depth of 0 or more"))
    }
    let classes = Tensor.range(count: depth, dtype: indices.dtype)
    return (indices.expanded(at: -1) .== classes).cast(to: dtype)
}
