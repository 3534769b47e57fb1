import ApusCore

/// `1 - (2 sum(p t) + smooth) / (sum p + sum t + smooth)` over axes; `squared` sums squares below.
public func diceLoss(
    _ p: Tensor, _ target: Tensor, axes: [Int]? = nil, smooth: Double = 1, squared: Bool = false, epsilon: Double = 0
) -> Tensor {
    let common = (p * target).sum(axes: axes) * 2 + smooth
    let all =
        squared
        ? p.square().sum(axes: axes) + target.square().sum(axes: axes)
        : p.sum(axes: axes) + target.sum(axes: axes)
    return 1 - common / (all + (smooth + epsilon))
}

/// `1 - (sum(p t) + smooth) / (sum p + sum t - sum(p t) + smooth)` over axes.
public func jaccardLoss(_ p: Tensor, _ target: Tensor, axes: [Int]? = nil, smooth: Double = 1) -> Tensor {
    let common = (p * target).sum(axes: axes)
    return 1 - (common + smooth) / (p.sum(axes: axes) + target.sum(axes: axes) - common + smooth)
}

/// `(1 - (TP + smooth) / (TP + alpha FP + beta FN + smooth))^gamma` over axes (Salehi et al., 2017).
public func tverskyLoss(
    _ p: Tensor, _ target: Tensor, alpha: Double = 0.5, beta: Double = 0.5, gamma: Double = 1, axes: [Int]? = nil,
    smooth: Double = 1, epsilon: Double = 0
) -> Tensor {
    let hit = (p * target).sum(axes: axes)
    let falsePositive = (p * (1 - target)).sum(axes: axes)
    let falseNegative = ((1 - p) * target).sum(axes: axes)
    let loss = 1 - (hit + smooth) / (hit + falsePositive * alpha + falseNegative * beta + (smooth + epsilon))
    return gamma == 1 ? loss : Tensor.power(loss, gamma)
}

/// How well boxes `[.., (x1, y1, x2, y2)]` match.
public enum BoxLoss: String, Sendable, CaseIterable {
    /// `1 - intersection / union`
    case iou
    /// with the empty part of the common hull (Rezatofighi et al., CVPR 2019)
    case giou
    /// with the distance of the centres (Zheng et al., AAAI 2020)
    case diou
    /// with the distance of the centres and the ratio of the sides (Zheng et al., AAAI 2020)
    case ciou

    /// The loss of each pair.
    public func callAsFunction(_ prediction: Tensor, _ target: Tensor, epsilon: Double = 1e-7) -> Tensor {
        guard prediction.error == nil, target.error == nil else { return prediction.error == nil ? target : prediction }
        guard prediction.shape == target.shape, prediction.rank >= 1, prediction.shape[-1] == 4 else {
            return Tensor(
                error: ApusError(
                    .shape, in: "loss \(rawValue)", "boxes of shapes \(prediction.shape) and \(target.shape)",
                    remedy: "give both as [.., 4]"))
        }
        func sides(_ boxes: Tensor) -> [Tensor] {
            boxes.split(sizes: [1, 1, 1, 1], axis: -1).map { $0.reshaped(to: Shape(boxes.shape.extents.dropLast())) }
        }
        let (a, b) = (sides(prediction), sides(target))
        let (width, height) = (a[2] - a[0], a[3] - a[1])
        let (targetWidth, targetHeight) = (b[2] - b[0], b[3] - b[1])
        let common =
            (Tensor.minimum(a[2], b[2]) - Tensor.maximum(a[0], b[0])).relu()
            * (Tensor.minimum(a[3], b[3]) - Tensor.maximum(a[1], b[1])).relu()
        let union = width * height + targetWidth * targetHeight - common
        let overlap = common / (union + epsilon)
        if self == .iou { return 1 - overlap }
        let hullWidth = Tensor.maximum(a[2], b[2]) - Tensor.minimum(a[0], b[0])
        let hullHeight = Tensor.maximum(a[3], b[3]) - Tensor.minimum(a[1], b[1])
        if self == .giou {
            let hull = hullWidth * hullHeight
            return 1 - (overlap - (hull - union) / (hull + epsilon))
        }
        let centres = ((a[0] + a[2] - b[0] - b[2]).square() + (a[1] + a[3] - b[1] - b[3]).square()) / 4
        let distance = 1 - overlap + centres / (hullWidth.square() + hullHeight.square() + epsilon)
        if self == .diou { return distance }
        let angles = (targetWidth / targetHeight).atan() - (width / height).atan()
        let ratio = angles.square() * (4 / (Double.pi * Double.pi))
        let weight = (ratio / (1 - overlap + ratio + epsilon)).stopGradient()
        return distance + weight * ratio
    }
}
