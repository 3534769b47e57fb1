/// The convolution (cross-correlation: the kernel is not flipped) of channels-last images with a kernel, in one to
/// three spatial dimensions.
///
/// - Parameters:
///   - x: `[batch, spatial.., channels]`
///   - kernel: `[window.., channels / groups, maps]`
///   - dilation: the distance between the cells that a kernel reads
///   - groups: the channels and maps are split into so many independent parts
/// - Returns: `[batch, positions.., maps]`
/// - Complexity: `2 * output.count * window * channels / groups` operations; less for 3x3 kernels where
///   ``Precision/fast`` allows Winograd's algorithm.
public func convolution(
    _ x: Tensor, _ kernel: Tensor, strides: PerAxis = 1, padding: Padding = .valid, dilation: PerAxis = 1,
    groups: Int = 1
) -> Tensor {
    if let failed = x.error == nil ? kernel.error : x.error { return Tensor(error: failed) }
    let place = "operation convolution"
    do throws(ApusError) {
        try checkImages(x.shape, kernel.shape, in: place)
        let geometry = try WindowGeometry(
            image: x.shape.spatial, window: kernel.shape.window, strides: strides, padding: padding,
            dilation: dilation, in: place)
        return Tensor(Convolution(geometry: geometry, groups: groups), [x, kernel])
    } catch {
        return Tensor(error: error)
    }
}

/// The transposed convolution: the adjoint of the convolution with the same kernel, strides, padding and dilation,
/// which enlarges images.
///
/// With ``Padding/same`` the output is `extent * stride` large. Otherwise it has
/// `(extent - 1) * stride - before - after + dilation * (window - 1) + 1 + outputPadding` cells on each axis.
///
/// - Parameters:
///   - x: `[batch, spatial.., channels]`
///   - kernel: `[window.., maps / groups, channels]`: that of the convolution from `maps` to `channels` of which this
///     is the adjoint
///   - outputPadding: cells added at the end of each axis
/// - Returns: `[batch, cells.., maps]`
public func transposedConvolution(
    _ x: Tensor, _ kernel: Tensor, strides: PerAxis = 1, padding: Padding = .valid, dilation: PerAxis = 1,
    groups: Int = 1, outputPadding: PerAxis = 0
) -> Tensor {
    if let failed = x.error == nil ? kernel.error : x.error { return Tensor(error: failed) }
    let place = "operation transposedConvolution"
    do throws(ApusError) {
        try checkImages(x.shape, kernel.shape, in: place)
        let (image, window) = (x.shape.spatial, kernel.shape.window)
        let steps = try strides.resolved(rank: image.count, allowed: WindowGeometry.stepRange, "stride", in: place)
        let added = try outputPadding.resolved(
            rank: image.count, allowed: WindowGeometry.paddingRange, "output padding", in: place)
        let enlarged = image.indices.map { image[$0] * steps[$0] }
        let forward = try WindowGeometry(
            image: enlarged, window: window, strides: strides, padding: padding, dilation: dilation, in: place)
        var target = enlarged
        if padding != .same {
            target = image.indices.map { axis in
                (image[axis] - 1) * steps[axis] - forward.before[axis] - forward.after[axis]
                    + forward.dilation[axis] * (window[axis] - 1) + 1 + added[axis]
            }
        }
        guard target.allSatisfy({ $0 >= 1 }) else {
            throw ApusError(
                .shape, in: place, "images \(image) and kernel \(kernel.shape) leave an output of extents \(target)",
                remedy: "use less padding")
        }
        // The cells that output padding adds belong to no window: the convolution does not see them.
        let geometry = WindowGeometry(
            strides: forward.strides, dilation: forward.dilation, before: forward.before,
            after: image.indices.map { axis in
                (image[axis] - 1) * steps[axis] + forward.dilation[axis] * (window[axis] - 1) + 1
                    - forward.before[axis] - target[axis]
            })
        return Tensor(ConvolutionInputGradient(geometry: geometry, groups: groups, image: target), [x, kernel])
    } catch {
        return Tensor(error: error)
    }
}

private func checkImages(_ x: Shape, _ kernel: Shape, in place: String) throws(ApusError) {
    guard (3...5).contains(x.rank), kernel.rank == x.rank else {
        throw ApusError(
            .shape, in: place, "input \(x) and kernel \(kernel) are not images and a kernel of 1 to 3 spatial axes",
            remedy: "images are [batch, spatial.., channels], kernels [window.., channels / groups, maps]")
    }
}
