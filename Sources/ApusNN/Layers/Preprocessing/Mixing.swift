import ApusCore

/// Samples mixed with others of the batch while training, and their labels alike (Zhang et al., ICLR 2018): weights are
/// drawn from the beta distribution of `alpha` and `alpha`.
///
///     let mix = MixUp()
///     let (images, labels) = mix(images, labels: oneHot(classes, depth: 10))
///
/// As a layer of one input it mixes that alone.
/// `w x + (1 - w) x'` of images `[batch, ..]` and of one-hot labels `[batch, classes]`.
public final class MixUp: Layer {
    /// Of the distribution of shares.
    public let alpha: Double

    /// - Parameter alpha: of the beta distribution of shares, above 0
    public init(alpha: Double = 0.2) { self.alpha = alpha }

    public var details: String { "alpha \(alpha)" }

    public func forward(_ x: Tensor) throws(ApusError) -> Tensor {
        try require(x, rank: 1...8, "[batch, ..]")
        return callAsFunction(x, labels: nil).samples
    }

    /// - Parameter labels: probabilities of classes, `[batch, classes]`, or other targets that can be weighed
    public func callAsFunction(_ samples: Tensor, labels: Tensor) -> (samples: Tensor, labels: Tensor) {
        let mixed = callAsFunction(samples, labels: labels as Tensor?)
        return (mixed.samples, mixed.labels ?? labels)
    }

    private func callAsFunction(_ x: Tensor, labels: Tensor?) -> (samples: Tensor, labels: Tensor?) {
        mixing(x, labels, alpha) { pass, partner, weight in
            (x.mixedUp(permutation: partner, weight: weight), weight)
        }
    }
}

/// A random rectangle of each image replaced by that of another of the batch while training, and labels mixed by its
/// area (Yun et al., ICCV 2019).
///
///     let (images, labels) = CutMix()(images, labels: oneHot(classes, depth: 10))
///
/// As a layer of one input it changes that alone.
/// Images `[batch, height, width, channels]` and one-hot labels `[batch, classes]`, both to the same shapes.
public final class CutMix: Layer {
    /// Of the distribution of areas.
    public let alpha: Double

    /// - Parameter alpha: of the beta distribution of areas, above 0
    public init(alpha: Double = 1) { self.alpha = alpha }

    public var details: String { "alpha \(alpha)" }

    public func forward(_ x: Tensor) throws(ApusError) -> Tensor {
        try requireImages(x, axes: 2)
        return callAsFunction(x, labels: nil).samples
    }

    /// - Parameter labels: probabilities of classes, `[batch, classes]`, or other targets that can be weighed
    public func callAsFunction(_ images: Tensor, labels: Tensor) -> (samples: Tensor, labels: Tensor) {
        let mixed = callAsFunction(images, labels: labels as Tensor?)
        return (mixed.samples, mixed.labels ?? labels)
    }

    private func callAsFunction(_ x: Tensor, labels: Tensor?) -> (samples: Tensor, labels: Tensor?) {
        mixing(x, labels, alpha) { pass, partner, weight in
            guard x.rank == 4 else { return (x.mixedUp(permutation: partner, weight: weight), weight) }
            let draws = ImageDraws(pass: pass, images: x)
            let box = draws.box(area: 1 - weight, logAspect: weight * 0)
            let kept = 1 - box.cast(to: x.dtype).mean(axes: [1, 2, 3])
            return (Tensor.select(box, x.gather(indices: partner), x), kept)
        }
    }
}

extension Layer {
    /// Samples and labels mixed as the closure says; unchanged at inference.
    fileprivate func mixing(
        _ x: Tensor, _ labels: Tensor?, _ alpha: Double,
        _ mix: (ForwardPass, _ partner: Tensor, _ weight: Tensor) -> (samples: Tensor, weight: Tensor)
    ) -> (samples: Tensor, labels: Tensor?) {
        var weighed = labels
        let samples = Tensor.composed(of: [x] + (labels.map { [$0] } ?? [])) { () throws(ApusError) in
            guard alpha > 0, alpha <= 1e6 else {
                throw mistake(.value, "alpha is \(alpha)", remedy: "use a number above 0 of up to 1000000")
            }
            guard x.dtype.isFloatingPoint, x.rank >= 1 else {
                throw mistake(
                    .type, "samples of shape \(x.shape) (\(x.dtype))", remedy: "feed floating-point [batch, ..]")
            }
            guard let pass = trainingPass, x.shape[0] > 0 else { return x }
            let count: Shape = [x.shape[0]]
            let partner = pass.random(.uniform, count, .float32).argsort()
            let parameters = Tensor(repeating: alpha, shape: count, dtype: .float64)
            func gamma() -> Tensor {
                RandomStream(key: pass.randomKey, stream: pass.nextRandomStream()).gamma(parameters)
            }
            let (first, second) = (gamma(), gamma())
            let weight = (first / (first + second)).stopGradient().cast(to: x.dtype)
            let mixed = mix(pass, partner, weight)
            if let labels { weighed = labels.mixedUp(permutation: partner, weight: mixed.weight) }
            return mixed.samples
        }
        return (samples, samples.error == nil ? weighed : weighed.map { _ in samples })
    }
}
