import ApusCore

/// `(x - mean) / sqrt(variance + epsilon)` over the last axes (the last one by default), then scaled and shifted
/// (Ba et al., 2016). `scale` and `shift` broadcast.
public func layerNorm(
    _ x: Tensor, axes: Int = 1, scale: Tensor? = nil, shift: Tensor? = nil, epsilon: Double = 1e-5
) -> Tensor {
    guard axes >= 1, axes <= x.rank || x.error != nil else {
        return Tensor(
            error: ApusError(
                .axis, in: "layerNorm", "\(axes) axes of shape \(x.shape)", remedy: "use a count in 1...\(x.rank)"))
    }
    return affine(standardized(x, axes: (1...axes).map { -$0 }, epsilon), scale, shift)
}

/// `x / sqrt(mean(x^2) + epsilon)` over the last axis, then scaled.
public func rmsNorm(_ x: Tensor, scale: Tensor? = nil, epsilon: Double = 1e-5) -> Tensor {
    affine(x * (x.square().mean(axes: [-1], keepDimensions: true) + epsilon).reciprocalSquareRoot(), scale, nil)
}

/// Each run of channels (the last axis) normalised over its channels and all spatial axes (Wu and He, ECCV 2018).
/// `scale` and `shift` have one number for each channel.
public func groupNorm(
    _ x: Tensor, groups: Int, scale: Tensor? = nil, shift: Tensor? = nil, epsilon: Double = 1e-5
) -> Tensor {
    guard x.error == nil else { return x }
    guard x.rank >= 2, groups >= 1, x.shape[-1] % groups == 0 else {
        return Tensor(
            error: ApusError(
                .shape, in: "groupNorm", "\(groups) groups of the channels of shape \(x.shape)",
                remedy: "use a number of groups that divides the last axis of [batch, .., channels]"))
    }
    let split = x.reshaped(to: Shape(x.shape.extents.dropLast() + [groups, x.shape[-1] / groups]))
    let axes = Array(1..<x.rank - 1) + [x.rank]
    return affine(standardized(split, axes: axes, epsilon).reshaped(to: x.shape), scale, shift)
}

/// Each image and channel normalised over its spatial axes.
public func instanceNorm(
    _ x: Tensor, scale: Tensor? = nil, shift: Tensor? = nil, epsilon: Double = 1e-5
) -> Tensor {
    guard x.error == nil else { return x }
    guard x.rank >= 3 else {
        return Tensor(
            error: ApusError(
                .shape, in: "instanceNorm", "shape \(x.shape) has no spatial axes",
                remedy: "feed [batch, spatial.., channels]"))
    }
    return affine(standardized(x, axes: Array(1..<x.rank - 1), epsilon), scale, shift)
}

/// Each channel (the last axis) normalised over all other axes by the batch's own statistics.
public func batchNorm(_ x: Tensor, scale: Tensor? = nil, shift: Tensor? = nil, epsilon: Double = 1e-5) -> Tensor {
    affine(standardized(x, axes: Array(0..<max(x.rank - 1, 0)), epsilon), scale, shift)
}

/// `x / max(norm, epsilon)` along an axis.
public func normalized(_ x: Tensor, order: Double = 2, axis: Int = -1, epsilon: Double = 1e-12) -> Tensor {
    x / Tensor.maximum(x.norm(order, axes: [axis], keepDimensions: true), epsilon)
}

/// Each channel divided by a power of the sum of squares of the channels around it (Krizhevsky et al., NeurIPS 2012):
/// `x / (k + alpha / size * sum)^beta` over the channels `c - size / 2 ... c + (size - 1) / 2`.
public func localResponseNorm(
    _ x: Tensor, size: Int, alpha: Double = 1e-4, beta: Double = 0.75, k: Double = 1
) -> Tensor {
    guard x.error == nil else { return x }
    guard size >= 1, x.rank >= 1 else {
        return Tensor(
            error: ApusError(
                .value, in: "localResponseNorm", "size \(size), shape \(x.shape)", remedy: "use a size of 1 or more"))
    }
    var widths = [(before: Int, after: Int)](repeating: (0, 0), count: x.rank)
    widths[x.rank - 1] = (size / 2, (size - 1) / 2)
    let sums = x.square().padded(widths).windows(axis: -1, size: size).sum(axes: [-1])
    return x / Tensor.power(sums * (alpha / Double(size)) + k, beta)
}

/// A kernel as a direction and a length for each output (the last axis): `g v / |v|` (Salimans and Kingma, 2016).
public func weightNorm(_ v: Tensor, length: Tensor) -> Tensor {
    v * (length / v.norm(axes: Array(0..<max(v.rank - 1, 0)), keepDimensions: true))
}

/// A kernel with mean 0 and variance 1 for each output (the last axis) (Qiao et al., 2019).
public func weightStandardized(_ kernel: Tensor, epsilon: Double = 1e-5) -> Tensor {
    standardized(kernel, axes: Array(0..<max(kernel.rank - 1, 0)), epsilon)
}

/// A kernel divided by its largest singular value, estimated from the vectors of the last call (Miyato et al., 2018).
///
/// - Parameters:
///   - kernel: `[.., outputs]`; as a matrix `[outputs, rest]`
///   - u: `[outputs]`
/// - Returns: the kernel and the new vectors, which have no gradient
public func spectralNorm(
    _ kernel: Tensor, u: Tensor, v: Tensor, iterations: Int = 1, epsilon: Double = 1e-12
) -> (kernel: Tensor, u: Tensor, v: Tensor) {
    guard kernel.error == nil else { return (kernel, u, v) }
    let matrix = kernel.reshaped(to: [-1, kernel.shape[-1]]).transposed()
    let fixed = matrix.stopGradient()
    var (u, v) = (u.stopGradient(), v.stopGradient())
    for _ in 0..<iterations {
        v = normalized(matmul(fixed.transposed(), u), epsilon: epsilon)
        u = normalized(matmul(fixed, v), epsilon: epsilon)
    }
    let sigma = (u * matmul(matrix, v)).sum()
    return (kernel / sigma, u, v)
}

private func standardized(_ x: Tensor, axes: [Int], _ epsilon: Double) -> Tensor {
    let (mean, variance) = x.moments(axes: axes, keepDimensions: true)
    return (x - mean) * (variance + epsilon).reciprocalSquareRoot()
}

private func affine(_ x: Tensor, _ scale: Tensor?, _ shift: Tensor?) -> Tensor {
    let scaled = scale.map { x * $0 } ?? x
    return shift.map { scaled + $0 } ?? scaled
}
