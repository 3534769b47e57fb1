/// The grey-scale dilation of channels-last images: `y[p, c] = max over taps t of x[p * stride + t * dilation, c] +
/// kernel[t, c]`. Padding never wins.
///
/// - Parameters:
///   - x: `[batch, spatial.., channels]`
///   - kernel: `[window.., channels]`
/// - Returns: `[batch, positions.., channels]`
public func morphologicalDilation(
    _ x: Tensor, _ kernel: Tensor, strides: PerAxis = 1, padding: Padding = .valid, dilation: PerAxis = 1
) -> Tensor {
    if let failed = x.error ?? kernel.error { return Tensor(error: failed) }
    let place = "operation morphologicalDilation"
    do throws(ApusError) {
        guard (3...5).contains(x.rank), kernel.rank == x.rank - 1, kernel.shape[-1] == x.shape[-1] else {
            throw ApusError(
                .shape, in: place, "input \(x.shape) and kernel \(kernel.shape)",
                remedy: "images are [batch, spatial.., channels], kernels [window.., channels]")
        }
        let (image, window) = (x.shape.spatial, Array(kernel.shape.extents.dropLast()))
        let geometry = try WindowGeometry(
            image: image, window: window, strides: strides, padding: padding, dilation: dilation, in: place)
        let widths = [(0, 0)] + zip(geometry.before, geometry.after).map { ($0, $1) } + [(0, 0)]
        let patches = x.padded(widths.map { (before: $0.0, after: $0.1) }, value: -.infinity)
            .patches(window: PerAxis(window), strides: strides, dilation: dilation)
        guard patches.error == nil else { return patches }
        let taps = window.reduce(1, *)
        let positions = patches.shape.extents.dropLast()
        return
            (patches.reshaped(to: Shape(positions + [taps, x.shape[-1]])) + kernel.reshaped(to: [taps, x.shape[-1]]))
            .max(axes: [-2])
    } catch {
        return Tensor(error: error)
    }
}

/// The grey-scale erosion of channels-last images: the dilation of the negative image with the mirrored kernel, negated.
///
/// - Parameters:
///   - x: `[batch, spatial.., channels]`
///   - kernel: `[window.., channels]`
public func morphologicalErosion(
    _ x: Tensor, _ kernel: Tensor, strides: PerAxis = 1, padding: Padding = .valid, dilation: PerAxis = 1
) -> Tensor {
    -morphologicalDilation(
        -x, kernel.reversed(axes: Array(0..<max(kernel.rank - 1, 0))), strides: strides, padding: padding,
        dilation: dilation)
}
