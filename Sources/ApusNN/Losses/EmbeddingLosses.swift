import ApusCore

/// `1 - cos(a, b)` for targets of 1, `max(0, cos(a, b) - margin)` for -1.
public func cosineEmbeddingLoss(_ a: Tensor, _ b: Tensor, _ target: Tensor, margin: Double = 0) -> Tensor {
    equallyShaped(a, b, in: "cosineEmbeddingLoss") { a, b in
        equallyShaped(cosineSimilarity(a, b), target, in: "cosineEmbeddingLoss") { cosine, target in
            Tensor.select(target .> 0.0, 1 - cosine, (cosine - margin).relu())
        }
    }
}

/// Half of `y d^2 + (1 - y) max(0, margin - d)^2` of the distance of rows (Hadsell et al., CVPR 2006).
public func contrastiveLoss(_ a: Tensor, _ b: Tensor, _ isSame: Tensor, margin: Double = 1) -> Tensor {
    equallyShaped(a, b, in: "contrastiveLoss") { a, b in
        equallyShaped((a - b).norm(axes: [-1]), isSame, in: "contrastiveLoss") { distance, isSame in
            (isSame * distance.square() + (1 - isSame) * (margin - distance).relu().square()) / 2
        }
    }
}

/// `max(0, d(anchor, positive) - d(anchor, negative) + margin)`; `swaps` takes the negative's distance to the positive
/// if that is smaller.
public func tripletLoss(
    anchor: Tensor, positive: Tensor, negative: Tensor, margin: Double = 1, p: Double = 2, swaps: Bool = false,
    epsilon: Double = 1e-6
) -> Tensor {
    tripletLoss(anchor: anchor, positive: positive, negative: negative, margin: margin, swaps: swaps) {
        ($0 - $1 + epsilon).norm(p, axes: [-1])
    }
}

/// The same with a distance of your own.
///
///     tripletLoss(anchor: a, positive: p, negative: n) { 1 - cosineSimilarity($0, $1) }
public func tripletLoss(
    anchor: Tensor, positive: Tensor, negative: Tensor, margin: Double = 1, swaps: Bool = false,
    distance: (_ a: Tensor, _ b: Tensor) -> Tensor
) -> Tensor {
    equallyShaped(anchor, positive, in: "tripletLoss") { anchor, positive in
        equallyShaped(anchor, negative, in: "tripletLoss") { anchor, negative in
            let far = distance(anchor, negative)
            let negativeDistance = swaps ? Tensor.minimum(far, distance(positive, negative)) : far
            return (distance(anchor, positive) - negativeDistance + margin).relu()
        }
    }
}

/// The cross-entropy of matching each query with the key of its row, among all keys; `isSymmetric` averages both
/// directions (Radford et al., ICML 2021).
public func infoNCELoss(
    _ query: Tensor, _ key: Tensor, temperature: Double = 0.1, isSymmetric: Bool = false
) -> Tensor {
    matrices(query, key, in: "infoNCELoss") {
        let scores = matmul(normalized(query), normalized(key).transposed()) / temperature
        let rows = logSoftmax(scores).diagonal()
        guard isSymmetric else { return -rows.mean() }
        return -(rows.mean() + logSoftmax(scores, axis: 0).diagonal().mean()) / 2
    }
}

/// The contrastive loss of two views of a batch (Chen et al., ICML 2020).
public func normalizedTemperatureLoss(_ a: Tensor, _ b: Tensor, temperature: Double = 0.5) -> Tensor {
    matrices(a, b, in: "normalizedTemperatureLoss") {
        let views = normalized(Tensor.concatenate([a, b]))
        let (count, half) = (views.shape[0], views.shape[0] / 2)
        let scores = matmul(views, views.transposed()) / temperature
        let isSelf = Tensor.identity(count).cast(to: .bool)
        let others = Tensor.select(isSelf, scores.filled(-.infinity), scores)
        let partners = Tensor((0..<count).map { Int64(($0 + half) % count) }, shape: [count, 1])
        let own = scores.takeAlong(indices: partners, axis: 1).reshaped(to: [count])
        return (others.logSumExp(axes: [1]) - own).mean()
    }
}

/// A function of two matrices of one shape, `[batch, features]`.
private func matrices(_ a: Tensor, _ b: Tensor, in place: String, _ function: () -> Tensor) -> Tensor {
    if let failed = a.error ?? b.error { return Tensor(error: failed) }
    guard a.rank == 2, a.shape == b.shape, a.shape.count > 0 else {
        return Tensor(
            error: ApusError(
                .shape, in: place, "embeddings of shapes \(a.shape) and \(b.shape)",
                remedy: "give two matrices [batch, features] of one shape"))
    }
    return function()
}

/// The circle loss of embeddings with labels (Sun et al., CVPR 2020).
public func circleLoss(_ embeddings: Tensor, _ labels: Tensor, gamma: Double = 80, margin: Double = 0.4) -> Tensor {
    if let failed = embeddings.error ?? labels.error { return Tensor(error: failed) }
    guard embeddings.rank == 2, embeddings.shape.count > 0, labels.shape.count == embeddings.shape[0] else {
        return Tensor(
            error: ApusError(
                .shape, in: "circleLoss", "embeddings of shape \(embeddings.shape), labels of shape \(labels.shape)",
                remedy: "give embeddings [batch, features] and labels [batch]"))
    }
    let distance = (1 - matmul(embeddings, embeddings.transposed())).relu()
    let flat = labels.flattened()
    let isSame = flat.expanded(at: 0) .== flat.expanded(at: 1)
    let isSelf = Tensor.identity(distance.shape[0]).cast(to: .bool)
    let nothing = Tensor(repeating: -.infinity, shape: distance.shape, dtype: distance.dtype)
    let near = (margin + distance).relu() * (margin - distance) * -gamma
    let far = (1 + margin - distance).relu() * (1 - margin - distance) * gamma
    let positives = Tensor.select(isSame & !isSelf, near, nothing).logSumExp(axes: [1])
    let negatives = Tensor.select(!isSame, far, nothing).logSumExp(axes: [1])
    return (positives + negatives).softplus()
}

/// The products of all pairs of channels, summed over positions and divided by the number of elements: `[batch,
/// channels, channels]`.
public func gramMatrix(_ features: Tensor) -> Tensor {
    guard features.error == nil else { return features }
    guard features.rank >= 3 else { return refusedShape(features, "gramMatrix", "[batch, ..., channels]") }
    let flat = features.reshaped(to: [features.shape[0], -1, features.shape[-1]])
    return matmul(flat.matrixTransposed(), flat) / Double(max(flat.shape[1] * flat.shape[2], 1))
}

/// The sum of absolute differences of neighbouring pixels, for each image `[batch, height, width, channels]`.
public func totalVariation(_ x: Tensor) -> Tensor {
    guard x.error == nil else { return x }
    guard x.rank == 4 else { return refusedShape(x, "totalVariation", "[batch, height, width, channels]") }
    func differences(_ axis: Int) -> Tensor {
        let extent = x.shape[axis]
        let (first, rest) = (0..<max(extent - 1, 0), min(1, extent)..<extent)
        return (x.slice(axis: axis, rest) - x.slice(axis: axis, first)).absolute().sum(axes: [1, 2, 3])
    }
    return differences(1) + differences(2)
}

private func refusedShape(_ x: Tensor, _ place: String, _ wanted: String) -> Tensor {
    Tensor(error: ApusError(.shape, in: place, "an input of shape \(x.shape)", remedy: "give \(wanted)"))
}
