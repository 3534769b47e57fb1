/// A convolution whose taps are moved: each reads the image where it stands plus its distance, interpolated linearly
/// between pixels; outside the image is 0 (Dai et al., ICCV 2017; weights: Zhu et al., CVPR 2019).
///
/// - Parameters:
///   - x: `[batch, height, width, channels]`
///   - kernel: `[height, width, channels / groups, maps]`
///   - offsets: `[batch, height', width', runs x taps x 2]`, the distance down and to the right for each tap; channels
///     fall into as many runs as this has
///   - weights: `[batch, height', width', runs x taps]`, how much each tap counts
/// - Returns: `[batch, height', width', maps]`
public func deformableConvolution(
    _ x: Tensor, _ kernel: Tensor, offsets: Tensor, weights: Tensor? = nil, strides: PerAxis = 1,
    padding: Padding = .valid, dilation: PerAxis = 1, groups: Int = 1
) -> Tensor {
    for tensor in [x, kernel, offsets] + (weights.map { [$0] } ?? []) where tensor.error != nil { return tensor }
    let place = "operation deformableConvolution"
    do throws(ApusError) {
        guard x.rank == 4, kernel.rank == 4, groups > 0, kernel.shape[2] == x.shape[3] / groups,
            x.shape[3] % groups == 0, kernel.shape[3] % groups == 0
        else {
            throw ApusError(
                .shape, in: place, "input \(x.shape) and kernel \(kernel.shape) with \(groups) groups",
                remedy: "images are [batch, height, width, channels], kernels [height, width, channels / groups, maps]")
        }
        let (image, window, channels) = (x.shape.spatial, [kernel.shape[0], kernel.shape[1]], x.shape[3])
        let geometry = try WindowGeometry(
            image: image, window: window, strides: strides, padding: padding, dilation: dilation, in: place)
        let counts = try geometry.positions(image: image, window: window, in: place)
        let (positions, taps) = (counts[0] * counts[1], window[0] * window[1])
        let runs = offsets.shape[-1] / (2 * max(taps, 1))
        let leading = [x.shape[0]] + counts
        guard runs >= 1, channels % runs == 0, offsets.shape == Shape(leading + [runs * taps * 2]),
            weights == nil || weights?.shape == Shape(leading + [runs * taps])
        else {
            throw ApusError(
                .shape, in: place,
                "offsets \(offsets.shape)" + (weights.map { " and weights \($0.shape)" } ?? "")
                    + " for \(taps) taps at positions \(Shape(leading)) of \(channels) channels",
                remedy: "give [batch, height', width', runs x taps x 2] and [.., runs x taps] with runs that divide "
                    + "the channels")
        }
        // Where the taps stand: [positions, taps, 1 run].
        func places(_ axis: Int) -> Tensor {
            var values: [Double] = []
            for position in 0..<positions {
                let at = axis == 0 ? position / counts[1] : position % counts[1]
                for tap in 0..<taps {
                    let within = axis == 0 ? tap / window[1] : tap % window[1]
                    values.append(
                        Double(at * geometry.strides[axis] - geometry.before[axis] + within * geometry.dilation[axis]))
                }
            }
            return Tensor.constant(values, shape: [positions, taps, 1], dtype: x.dtype)
        }
        // [batch, positions, taps, runs]
        let moves = offsets.reshaped(to: [x.shape[0], positions, runs, taps, 2]).permuted([4, 0, 1, 3, 2])
        func coordinate(_ axis: Int) -> Tensor {
            moves.slice(axis: 0, axis..<axis + 1).squeezed(0) + places(axis)
        }
        var samples = bilinearSamples(x, rows: coordinate(0), columns: coordinate(1), runs: runs)
        if let weights {
            samples =
                samples
                * weights.reshaped(to: [x.shape[0], positions, runs, taps]).permuted([0, 1, 3, 2]).expanded(at: -1)
        }
        let split = samples.reshaped(to: [x.shape[0] * positions, taps, groups, channels / groups])
        let parts = kernel.reshaped(to: [taps, channels / groups, groups, kernel.shape[3] / groups])
        return einsum("ntgc,tcgo->ngo", split, parts).reshaped(to: Shape(leading + [kernel.shape[3]]))
    } catch {
        return Tensor(error: error)
    }
}

/// The image at fractional coordinates `[batch, positions, taps, runs]`, which each run of channels has for itself:
/// `[batch, positions, taps, runs, channels / runs]`. Outside is 0.
private func bilinearSamples(_ x: Tensor, rows: Tensor, columns: Tensor, runs: Int) -> Tensor {
    if let failed = rows.error ?? columns.error { return Tensor(error: failed) }
    let (batch, height, width, channels) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3])
    let flat = x.reshaped(to: [batch, height * width, runs, channels / runs])
    let places = [batch, rows.shape[1] * rows.shape[2], runs, 1]
    let (top, left) = (rows.stopGradient().floor(), columns.stopGradient().floor())
    var sum: Tensor?
    for (down, right) in [(0.0, 0.0), (0, 1), (1, 0), (1, 1)] {
        let (row, column) = (top + down, left + right)
        let vertical = down == 0 ? top + 1 - rows : rows - top
        let horizontal = right == 0 ? left + 1 - columns : columns - left
        let inside = (row .>= 0.0) & (row .< Double(height)) & (column .>= 0.0) & (column .< Double(width))
        let weight = vertical * horizontal * inside.cast(to: x.dtype)
        let index =
            row.clipped(0, Double(max(height - 1, 0))).cast(to: .int64) * Double(width)
            + column.clipped(0, Double(max(width - 1, 0))).cast(to: .int64)
        let corner =
            flat.takeAlong(indices: index.reshaped(to: Shape(places)), axis: 1) * weight.reshaped(to: Shape(places))
        sum = sum.map { $0 + corner } ?? corner
    }
    guard let sum else { return x }
    return sum.reshaped(to: Shape(rows.shape.extents + [channels / runs]))
}
