extension Tensor {
    /// Images resized: `[batch, spatial.., channels]` with other spatial extents (one to three axes).
    ///
    ///     let small = photos.resized(to: [224, 224], antialias: true)
    ///
    /// Each axis is resampled by a sparse linear map, so that the gradient is that map's adjoint.
    ///
    /// - Parameters:
    ///   - sizes: the new spatial extents, 1 or more each
    ///   - interpolation: how values between pixels are found
    ///   - alignCorners: place the centres of the first and last pixels on those of the result, instead of the edges
    ///   - antialias: when shrinking, widen the kernel by the scale, so that every pixel counts; the weights inside the
    ///     image are scaled to a sum of 1
    public func resized(
        to sizes: [Int], _ interpolation: Interpolation = .bilinear, alignCorners: Bool = false,
        antialias: Bool = false
    ) -> Tensor {
        guard error == nil else { return self }
        guard (3...5).contains(rank), sizes.count == rank - 2, sizes.allSatisfy({ (1...1 << 24).contains($0) }),
            shape.extents[1..<rank - 1].allSatisfy({ $0 >= 1 && $0 <= 1 << 24 })
        else {
            return Tensor(
                error: ApusError(
                    .shape, in: "operation resize", "images of shape \(shape), sizes \(sizes)",
                    remedy: "images are [batch, spatial.., channels] with pixels; give a size of 1 or more for each "
                        + "spatial axis"))
        }
        let isNearest = interpolation == .nearest || interpolation == .nearestCorner
        var result = self
        // Shrinking first leaves less to do.
        let axes = sizes.indices.sorted { sizes[$0] * shape[$1 + 1] < sizes[$1] * shape[$0 + 1] }
        for axis in axes where isNearest || sizes[axis] != shape[axis + 1] {
            result = result.weighted(
                axis: axis + 1,
                interpolation.weights(
                    from: shape[axis + 1], to: sizes[axis], alignCorners: alignCorners, antialias: antialias))
        }
        return result
    }

    /// Images enlarged by whole factors, one for each spatial axis or one for all: `nearest` repeats pixels.
    public func upsampled(by factor: PerAxis, _ interpolation: Interpolation = .nearest) -> Tensor {
        guard error == nil else { return self }
        let place = "operation upsample"
        do throws(ApusError) {
            guard (3...5).contains(rank) else {
                throw ApusError(
                    .shape, in: place, "shape \(shape) is not that of images of 1 to 3 spatial axes",
                    remedy: "images are [batch, spatial.., channels]")
            }
            let factors = try factor.resolved(rank: rank - 2, allowed: 1...1 << 16, "factor", in: place)
            return resized(to: zip(factors, shape.extents[1...]).map { Shape.product($0, $1) }, interpolation)
        } catch {
            return Tensor(error: error)
        }
    }

    /// A window of images: `size` pixels from `offset` on along each spatial axis.
    public func cropped(offset: [Int], size: [Int]) -> Tensor {
        guard error == nil else { return self }
        let fits =
            rank >= 3 && offset.count == rank - 2 && size.count == rank - 2
            && offset.indices.allSatisfy {
                offset[$0] >= 0 && size[$0] >= 0 && size[$0] <= shape[$0 + 1] && offset[$0] <= shape[$0 + 1] - size[$0]
            }
        guard fits else {
            return Tensor(
                error: ApusError(
                    .value, in: "operation crop", "size \(size) at offset \(offset) of images of shape \(shape)",
                    remedy: "images are [batch, spatial.., channels]; choose a window inside them"))
        }
        return offset.indices.reduce(self) { $0.slice(axis: $1 + 1, offset[$1]..<offset[$1] + size[$1]) }
    }

    /// The middle of images. Where it can't be exact the offset `(extent - size) / 2` is rounded to the even number.
    public func centerCropped(to size: [Int]) -> Tensor {
        guard error == nil, rank >= 3, size.count == rank - 2 else {
            return cropped(offset: [Int](repeating: 0, count: size.count), size: size)
        }
        let offset = size.indices.map { axis in
            Int(saturating: ((Double(shape[axis + 1]) - Double(size[axis])) / 2).rounded(.toNearestOrEven))
        }
        return cropped(offset: offset, size: size)
    }
}
