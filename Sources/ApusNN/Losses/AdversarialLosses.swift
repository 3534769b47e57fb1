import ApusCore

/// The objectives of two networks of which one makes samples and the other tells them from real ones; scores are logits,
/// higher for real.
///
///     let critic = AdversarialLoss.hinge.discriminator(real: d(x), fake: d(g(z).stopGradient()))
///     let maker = AdversarialLoss.hinge.generator(fake: d(g(z)))
public enum AdversarialLoss: String, Sendable, CaseIterable {
    /// Cross-entropy; the maker raises the logarithm of being taken for real (Goodfellow et al., NeurIPS 2014).
    case nonSaturating
    /// Squared distances from 1 and 0 (Mao et al., ICCV 2017).
    case leastSquares
    /// Differences of scores; the critic must be Lipschitz (Arjovsky et al., ICML 2017).
    case wasserstein
    /// Scores count up to a margin of 1 (Lim and Ye, 2017).
    case hinge

    /// What the network that tells them apart makes small: a scalar.
    public func discriminator(real: Tensor, fake: Tensor) -> Tensor {
        switch self {
        case .nonSaturating: (-real).softplus().mean() + fake.softplus().mean()
        case .leastSquares: ((real - 1).square().mean() + fake.square().mean()) / 2
        case .wasserstein: fake.mean() - real.mean()
        case .hinge: (1 - real).relu().mean() + (1 + fake).relu().mean()
        }
    }

    /// What the network that makes samples makes small: a scalar.
    public func generator(fake: Tensor) -> Tensor {
        switch self {
        case .nonSaturating: (-fake).softplus().mean()
        case .leastSquares: (fake - 1).square().mean() / 2
        case .wasserstein, .hinge: -fake.mean()
        }
    }
}

/// Cross-entropy of the angles between embeddings and class centres, that to the own centre widened by a margin (Deng et
/// al., CVPR 2019).
///
/// - Parameters:
///   - embeddings: `[batch, features]`
///   - centres: `[classes, features]`, a parameter
///   - labels: `[batch]`, integers
///   - margin: in radians
///   - scale: of the cosines
/// - Returns: the loss of each sample, `[batch]`
public func angularMarginLoss(
    _ embeddings: Tensor, centres: Tensor, _ labels: Tensor, margin: Double = 0.5, scale: Double = 64
) -> Tensor {
    if let failed = embeddings.error ?? centres.error ?? labels.error { return Tensor(error: failed) }
    guard embeddings.rank == 2, centres.rank == 2, embeddings.shape[1] == centres.shape[1] else {
        return Tensor(
            error: ApusError(
                .shape, in: "angularMarginLoss",
                "embeddings of shape \(embeddings.shape), centres of shape \(centres.shape)",
                remedy: "give [batch, features] and [classes, features]"))
    }
    let cosines = matmul(normalized(embeddings), normalized(centres).transposed())
    return labelled(cosines, labels, in: "angularMarginLoss", scores: "cosines") { own in
        // Away from 1 and -1, where the angle has no slope.
        let safe = own.clipped(-1 + 1e-7, 1 - 1e-7)
        let widened = (safe.acos() + margin).cos()
        let isOwn = oneHot(labels, depth: cosines.shape[-1]).cast(to: .bool)
        let scores = Tensor.select(isOwn, widened.broadcast(to: cosines.shape), cosines) * scale
        return (scores.logSumExp() - widened * scale).reshaped(to: labels.shape)
    }
}
