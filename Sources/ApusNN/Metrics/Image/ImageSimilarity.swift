import ApusCore

/// The windows over which local statistics of images are taken.
public struct SimilarityWindow: Sendable, Hashable {
    /// The weights along each axis; they add up to 1.
    let weights: [Double]
    /// Whether variances are divided by the number of pixels less one.
    let isUnbiased: Bool

    /// All pixels of a square count alike.
    public static func uniform(_ size: Int = 7, isUnbiased: Bool = true) -> SimilarityWindow {
        let size = max(1, min(size, 4096))
        return SimilarityWindow(
            weights: [Double](repeating: 1 / Double(size), count: size), isUnbiased: isUnbiased && size > 1)
    }

    /// Pixels count by a bell curve.
    public static func gaussian(_ size: Int = 11, sigma: Double = 1.5) -> SimilarityWindow {
        let size = max(1, min(size, 4096))
        let middle = Double(size - 1) / 2
        let bell: [Double] = (0..<size).map { index in
            let distance = (Double(index) - middle) / sigma
            return Real.exp(-distance * distance / 2)
        }
        let sum = bell.reduce(0, +)
        return SimilarityWindow(weights: bell.map { $0 / sum }, isUnbiased: false)
    }

    /// The factor that makes variances unbiased.
    var correction: Double {
        let pixels = Double(weights.count * weights.count)
        return isUnbiased ? pixels / (pixels - 1) : 1
    }

    /// The weighted mean of each window that lies inside the image.
    func mean(_ images: Tensor) -> Tensor {
        let channels = images.shape[-1]
        let size = weights.count
        let column = Tensor.constant(weights, shape: [size, 1, 1, 1], dtype: images.dtype)
            .broadcast(to: [size, 1, 1, channels])
        let row = Tensor.constant(weights, shape: [1, size, 1, 1], dtype: images.dtype)
            .broadcast(to: [1, size, 1, channels])
        return convolution(convolution(images, column, groups: channels), row, groups: channels)
    }
}

/// Means, variances and covariance of two images in each window.
private struct LocalStatistics {
    let meanA, meanB, varianceA, varianceB, covariance: Tensor

    init(_ a: Tensor, _ b: Tensor, _ window: SimilarityWindow) {
        (meanA, meanB) = (window.mean(a), window.mean(b))
        let factor = window.correction
        varianceA = (window.mean(a.square()) - meanA.square()) * factor
        varianceB = (window.mean(b.square()) - meanB.square()) * factor
        covariance = (window.mean(a * b) - meanA * meanB) * factor
    }
}

/// Batches of images `[batch, height, width, channels]` of one shape, at least as large as the window; one image has no
/// batch axis.
private func imagePair(
    _ a: Tensor, _ b: Tensor, window: Int, in place: String, _ function: (Tensor, Tensor) -> Tensor
) -> Tensor {
    equallyShaped(a, b, in: place) { a, b in
        guard a.rank == 3 || a.rank == 4, a.shape[-2] >= window, a.shape[-3] >= window, a.shape[-1] > 0 else {
            return Tensor(
                error: ApusError(
                    .shape, in: place, "images of shape \(a.shape), a window of \(window) pixels",
                    remedy: "give images [batch, height, width, channels] that are no smaller than the window"))
        }
        return a.rank == 4 ? function(a, b) : function(a.expanded(at: 0), b.expanded(at: 0))
    }
}

/// The structural similarity of images (Wang et al., 2004): the mean over windows and channels of
/// `(2 ma mb + c1) (2 cov + c2) / ((ma^2 + mb^2 + c1) (va + vb + c2))`, 1 for equal images.
///
/// - Parameters:
///   - a, b: `[batch, height, width, channels]`, or one image without the batch axis
///   - range: the difference between the largest and the smallest possible value
///   - k: the constants are `c = (k range)^2`
/// - Returns: `[batch]`
public func structuralSimilarity(
    _ a: Tensor, _ b: Tensor, window: SimilarityWindow = .gaussian(), range: Double = 1,
    k: (Double, Double) = (0.01, 0.03)
) -> Tensor {
    similarityParts(a, b, window: window, range: range, k: k, in: "structuralSimilarity").similarity
}

private func similarityParts(
    _ a: Tensor, _ b: Tensor, window: SimilarityWindow, range: Double, k: (Double, Double), in place: String
) -> (similarity: Tensor, contrast: Tensor) {
    var contrast: Tensor?
    let similarity = imagePair(a, b, window: window.weights.count, in: place) { a, b in
        let local = LocalStatistics(a, b, window)
        let (c1, c2) = ((k.0 * range) * (k.0 * range), (k.1 * range) * (k.1 * range))
        let structure = (local.covariance * 2 + c2) / (local.varianceA + local.varianceB + c2)
        let luminance = (local.meanA * local.meanB * 2 + c1) / (local.meanA.square() + local.meanB.square() + c1)
        contrast = structure.mean(axes: [1, 2, 3])
        return (luminance * structure).mean(axes: [1, 2, 3])
    }
    return (similarity, contrast ?? similarity)
}

/// Structural similarity at several scales (Wang et al., 2003): the product of powers of the contrast terms of images
/// halved again and again, and of the whole similarity at the last scale.
///
/// - Parameters:
///   - a, b: `[batch, height, width, channels]`, large enough for the window at the last scale
///   - weights: the exponent of each scale
/// - Returns: `[batch]`
public func multiScaleStructuralSimilarity(
    _ a: Tensor, _ b: Tensor, window: SimilarityWindow = .gaussian(), range: Double = 1,
    weights: [Double] = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333]
) -> Tensor {
    let place = "multiScaleStructuralSimilarity"
    let smallest = Shape.product(window.weights.count, 1 << Swift.max(0, Swift.min(weights.count, 30) - 1))
    return imagePair(a, b, window: smallest, in: place) { a, b in
        var (first, second) = (a, b)
        var result = Tensor.ones([a.shape[0]], dtype: a.dtype)
        for (scale, weight) in weights.enumerated() {
            let parts = similarityParts(first, second, window: window, range: range, k: (0.01, 0.03), in: place)
            let term = scale == weights.count - 1 ? parts.similarity : parts.contrast
            result = result * Tensor.power(term.relu(), weight)
            guard scale < weights.count - 1 else { break }
            (first, second) = (averagePool(first, window: 2), averagePool(second, window: 2))
        }
        return result
    }
}

/// The universal image quality index (Wang and Bovik, 2002): the mean over windows of structural similarity without
/// constants.
///
/// - Returns: `[batch]`
public func universalImageQuality(_ a: Tensor, _ b: Tensor, window: SimilarityWindow = .gaussian()) -> Tensor {
    imagePair(a, b, window: window.weights.count, in: "universalImageQuality") { a, b in
        let local = LocalStatistics(a, b, window)
        let above = local.meanA * local.meanB * local.covariance * 4
        let below = (local.varianceA + local.varianceB) * (local.meanA.square() + local.meanB.square())
        return (above / (below + 1e-12)).mean(axes: [1, 2, 3])
    }
}

/// The angle between the spectra (channels) of two images, in radians, mean over the pixels.
///
/// - Returns: `[batch]`
public func spectralAngle(_ a: Tensor, _ b: Tensor) -> Tensor {
    imagePair(a, b, window: 1, in: "spectralAngle") { a, b in
        let norms = (a.square().sum(axes: [-1]) * b.square().sum(axes: [-1])).squareRoot()
        let cosine = ((a * b).sum(axes: [-1]) / Tensor.maximum(norms, 1e-30)).clipped(-1, 1)
        return cosine.acos().mean(axes: [1, 2])
    }
}

/// The relative global error of fused images (ERGAS; Wald, 2000): `100 / ratio` times the root of the mean over channels
/// of the squared error over the squared mean of the target.
///
/// - Parameter ratio: that of the resolutions
/// - Returns: `[batch]`
public func relativeGlobalError(_ output: Tensor, _ target: Tensor, ratio: Double = 4) -> Tensor {
    imagePair(output, target, window: 1, in: "relativeGlobalError") { p, t in
        let errors = (p - t).square().mean(axes: [1, 2]) / t.mean(axes: [1, 2]).square()
        return errors.mean(axes: [1]).squareRoot() * (100 / ratio)
    }
}

/// The root mean squared error in each window of `size` pixels, mean over windows and channels.
///
/// - Returns: `[batch]`
public func slidingRootMeanSquaredError(_ output: Tensor, _ target: Tensor, window size: Int = 8) -> Tensor {
    imagePair(output, target, window: size, in: "slidingRootMeanSquaredError") { p, t in
        SimilarityWindow.uniform(size).mean((p - t).square()).relu().squareRoot().mean(axes: [1, 2, 3])
    }
}

/// The relative average spectral error (González-Audícana et al., 2004): `100 / m` times the root mean squared error
/// over the channels of each window, where `m` is the mean of the target in the window; mean over windows.
///
/// - Returns: `[batch]`
public func relativeSpectralError(_ output: Tensor, _ target: Tensor, window size: Int = 8) -> Tensor {
    imagePair(output, target, window: size, in: "relativeSpectralError") { p, t in
        let window = SimilarityWindow.uniform(size)
        let errors = window.mean((p - t).square()).relu().mean(axes: [3]).squareRoot()
        return (errors * 100 / window.mean(t).mean(axes: [3])).mean(axes: [1, 2])
    }
}

/// How much fusion changed the similarities between channels (Alparone et al., 2008): the mean over pairs of channels of
/// `|Q(output) - Q(target)|^p`, to the power of `1 / p`, with the universal image quality `Q`.
///
/// - Returns: `[batch]`
public func spectralDistortion(
    _ output: Tensor, _ target: Tensor, window: SimilarityWindow = .gaussian(), p: Double = 1
) -> Tensor {
    imagePair(output, target, window: window.weights.count, in: "spectralDistortion") { a, b in
        let channels = a.shape[3]
        var sum = Tensor.zeros([a.shape[0]], dtype: a.dtype)
        var pairs = 0.0
        for first in 0..<channels {
            for second in 0..<first {
                func quality(_ images: Tensor) -> Tensor {
                    universalImageQuality(
                        images.slice(axis: 3, first..<first + 1), images.slice(axis: 3, second..<second + 1),
                        window: window)
                }
                sum = sum + Tensor.power((quality(a) - quality(b)).absolute(), p)
                pairs += 1
            }
        }
        return pairs == 0 ? sum : Tensor.power(sum / pairs, 1 / p)
    }
}
