/// How well two boxes match.
public enum BoxMatch: String, Sendable, Hashable, CaseIterable {
    /// Intersection over union: from 0 for boxes apart to 1 for equal ones.
    case iou
    /// ... less the share of the common hull that neither covers: from -1 to 1, with a slope for boxes apart
    /// (Rezatofighi et al., CVPR 2019).
    case giou
    /// ... less the squared distance of the centres over the squared diagonal of the hull (Zheng et al., AAAI 2020).
    case diou
    /// ... and less a term for different ratios of the sides (Zheng et al., AAAI 2020).
    case ciou

    /// The match of boxes whose numbers broadcast.
    ///
    /// - Parameter epsilon: added to denominators; where it is 0, boxes without area match with 0
    package func value(_ a: [Tensor], _ b: [Tensor], epsilon: Double) -> Tensor {
        func quotient(_ x: Tensor, _ y: Tensor) -> Tensor {
            epsilon > 0 ? x / (y + epsilon) : x / (y + (y .== 0.0).cast(to: y.dtype))
        }
        let (width, height) = (a[2] - a[0], a[3] - a[1])
        let (otherWidth, otherHeight) = (b[2] - b[0], b[3] - b[1])
        let common =
            (Tensor.minimum(a[2], b[2]) - Tensor.maximum(a[0], b[0])).relu()
            * (Tensor.minimum(a[3], b[3]) - Tensor.maximum(a[1], b[1])).relu()
        let union = width * height + otherWidth * otherHeight - common
        let overlap = quotient(common, union)
        if self == .iou { return overlap }
        let hullWidth = Tensor.maximum(a[2], b[2]) - Tensor.minimum(a[0], b[0])
        let hullHeight = Tensor.maximum(a[3], b[3]) - Tensor.minimum(a[1], b[1])
        if self == .giou {
            let hull = hullWidth * hullHeight
            return overlap - quotient(hull - union, hull)
        }
        let centres = ((a[0] + a[2] - b[0] - b[2]).square() + (a[1] + a[3] - b[1] - b[3]).square()) * 0.25
        let distant = overlap - centres / (hullWidth.square() + hullHeight.square() + Swift.max(epsilon, 1e-7))
        if self == .diou { return distant }
        /// The angle of the diagonal; that of a point is 0, with a slope.
        func angle(_ width: Tensor, _ height: Tensor) -> Tensor {
            let isPoint = (width .== 0.0) & (height .== 0.0)
            return Tensor.atan2(width, height + isPoint.cast(to: height.dtype))
        }
        let angles = angle(otherWidth, otherHeight) - angle(width, height)
        let ratio = angles.square() * (4 / (Double.pi * Double.pi))
        let weight = (ratio / (1 - overlap + ratio + Swift.max(epsilon, 1e-7))).stopGradient()
        return distant - weight * ratio
    }
}

/// How well each of some boxes matches each of others: `[n, (x1, y1, x2, y2)]`, `[m, 4]` -> `[n, m]`.
///
///     let overlaps = boxIoU(found, truth)
///     let generalised = boxIoU(found, truth, .giou)
public func boxIoU(_ a: Tensor, _ b: Tensor, _ match: BoxMatch = .iou) -> Tensor {
    Tensor.ofBoxes([a, b], in: "operation boxIoU", rank: 2) { () throws(ApusError) in
        guard a.dtype == b.dtype else {
            throw ApusError(
                .type, in: "operation boxIoU", "boxes of type \(a.dtype) and of type \(b.dtype)",
                remedy: "cast one of them to the other's type")
        }
        return match.value(
            a.boxNumbers.map { $0.expanded(at: 1) }, b.boxNumbers.map { $0.expanded(at: 0) }, epsilon: 0)
    }
}
