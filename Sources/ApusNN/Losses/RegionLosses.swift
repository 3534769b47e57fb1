import ApusCore

/// `1 - (2 sum(p t) + smooth) / (sum p + sum t + smooth)` over axes; `squared` sums squares below.
public func diceLoss(
    _ p: Tensor, _ target: Tensor, axes: [Int]? = nil, smooth: Double = 1, squared: Bool = false, epsilon: Double = 0
) -> Tensor {
    equallyShaped(p, target, in: "diceLoss") { p, target in
        let common = (p * target).sum(axes: axes) * 2 + smooth
        let all =
            squared
            ? p.square().sum(axes: axes) + target.square().sum(axes: axes)
            : p.sum(axes: axes) + target.sum(axes: axes)
        return 1 - common / (all + (smooth + epsilon))
    }
}

/// `1 - (sum(p t) + smooth) / (sum p + sum t - sum(p t) + smooth)` over axes.
public func jaccardLoss(_ p: Tensor, _ target: Tensor, axes: [Int]? = nil, smooth: Double = 1) -> Tensor {
    equallyShaped(p, target, in: "jaccardLoss") { p, target in
        let common = (p * target).sum(axes: axes)
        return 1 - (common + smooth) / (p.sum(axes: axes) + target.sum(axes: axes) - common + smooth)
    }
}

/// `(1 - (TP + smooth) / (TP + alpha FP + beta FN + smooth))^gamma` over axes (Salehi et al., 2017).
public func tverskyLoss(
    _ p: Tensor, _ target: Tensor, alpha: Double = 0.5, beta: Double = 0.5, gamma: Double = 1, axes: [Int]? = nil,
    smooth: Double = 1, epsilon: Double = 0
) -> Tensor {
    equallyShaped(p, target, in: "tverskyLoss") { p, target in
        let hit = (p * target).sum(axes: axes)
        let falsePositive = (p * (1 - target)).sum(axes: axes)
        let falseNegative = ((1 - p) * target).sum(axes: axes)
        let loss = 1 - (hit + smooth) / (hit + falsePositive * alpha + falseNegative * beta + (smooth + epsilon))
        return gamma == 1 ? loss : Tensor.power(loss, gamma)
    }
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
        return 1 - match.value(prediction.boxNumbers, target.boxNumbers, epsilon: epsilon)
    }

    private var match: BoxMatch {
        switch self {
        case .iou: .iou
        case .giou: .giou
        case .diou: .diou
        case .ciou: .ciou
        }
    }
}
