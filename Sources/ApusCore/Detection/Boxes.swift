/// How four numbers describe a box.
public enum BoxFormat: String, Sendable, Hashable, CaseIterable {
    /// `x1, y1, x2, y2`: left, top, right and bottom edge.
    case corners = "xyxy"
    /// `x, y, width, height`, with the left upper corner.
    case cornerAndSize = "xywh"
    /// `x, y, width, height`, with the centre.
    case centerAndSize = "cxcywh"
}

/// Boxes `[.., 4]` in another format.
///
///     convertBoxes(Tensor([0, 0, 4, 2]), from: .corners, to: .centerAndSize)      // [2, 1, 4, 2]
public func convertBoxes(_ boxes: Tensor, from source: BoxFormat, to target: BoxFormat) -> Tensor {
    Tensor.ofBoxes([boxes], in: "operation convertBoxes") { () throws(ApusError) in
        guard source != target else { return boxes }
        let side = boxes.boxNumbers
        let corners: [Tensor]
        switch source {
        case .corners: corners = side
        case .cornerAndSize: corners = [side[0], side[1], side[0] + side[2], side[1] + side[3]]
        case .centerAndSize:
            let (x, y) = (side[2] * 0.5, side[3] * 0.5)
            corners = [side[0] - x, side[1] - y, side[0] + x, side[1] + y]
        }
        let (width, height) = (corners[2] - corners[0], corners[3] - corners[1])
        switch target {
        case .corners: return Tensor.stack(corners, axis: -1)
        case .cornerAndSize: return Tensor.stack([corners[0], corners[1], width, height], axis: -1)
        case .centerAndSize:
            return Tensor.stack(
                [(corners[0] + corners[2]) * 0.5, (corners[1] + corners[3]) * 0.5, width, height], axis: -1)
        }
    }
}

/// The areas of boxes `[.., (x1, y1, x2, y2)]`: `[..]`.
public func boxAreas(_ boxes: Tensor) -> Tensor {
    Tensor.ofBoxes([boxes], in: "operation boxAreas") { () throws(ApusError) in
        let side = boxes.boxNumbers
        return (side[2] - side[0]) * (side[3] - side[1])
    }
}

/// Boxes `[.., (x1, y1, x2, y2)]` cut off at the edges of an image.
public func clipBoxes(_ boxes: Tensor, height: Double, width: Double) -> Tensor {
    Tensor.ofBoxes([boxes], in: "operation clipBoxes") { () throws(ApusError) in
        guard height >= 0, width >= 0 else {
            throw ApusError(
                .value, in: "operation clipBoxes", "an image of height \(height) and width \(width)",
                remedy: "use a height and a width of 0 or more")
        }
        let side = boxes.boxNumbers
        return Tensor.stack(
            [
                side[0].clipped(0, width), side[1].clipped(0, height), side[2].clipped(0, width),
                side[3].clipped(0, height),
            ], axis: -1)
    }
}

/// The numbers of the boxes `[n, (x1, y1, x2, y2)]` whose sides are both at least as long as `size`: `[kept]`, `int64`.
///
/// The boxes are evaluated at once, as the result's shape depends on them.
public func largeBoxes(_ boxes: Tensor, size: Double) -> Tensor {
    Tensor.ofBoxes([boxes], in: "operation largeBoxes", rank: 2) { () throws(ApusError) in
        let side = boxes.boxNumbers
        let isLarge = ((side[2] - side[0]) .>= size) & ((side[3] - side[1]) .>= size)
        return isLarge.nonzero().flattened()
    }
}

/// The smallest boxes around masks: `[n, height, width]` -> `[n, (x1, y1, x2, y2)]`, the first and last columns and
/// rows that have an element other than 0 (or true); zeros for a mask without any.
///
/// - Returns: whole numbers, `float32` (`float64` for masks of that type)
public func boxesOfMasks(_ masks: Tensor) -> Tensor {
    Tensor.composed(of: [masks]) { () throws(ApusError) in
        let place = "operation boxesOfMasks"
        guard masks.rank == 3 else {
            throw ApusError(
                .shape, in: place, "masks of shape \(masks.shape)", remedy: "give masks [n, height, width]")
        }
        let type: DType = masks.dtype == .float64 ? .float64 : .float32
        let (count, height, width) = (masks.shape[0], masks.shape[1], masks.shape[2])
        guard height > 0, width > 0 else { return Tensor.zeros([count, 4], dtype: type) }
        let isSet = masks.dtype == .bool ? masks : masks .!= 0.0
        /// The first and last place where a row or column is set.
        func ends(_ other: Int, _ extent: Int) -> (Tensor, Tensor) {
            let lines = isSet.any(axes: [other]).cast(to: .int32)
            let last = Double(extent - 1) - lines.reversed(axes: [1]).argmax(axis: 1).cast(to: type)
            return (lines.argmax(axis: 1).cast(to: type), last)
        }
        let ((left, right), (top, bottom)) = (ends(1, width), ends(2, height))
        let isThere = isSet.any(axes: [1, 2]).cast(to: type)
        return Tensor.stack([left, top, right, bottom], axis: -1) * isThere.expanded(at: 1)
    }
}

extension Tensor {
    /// What the closure builds of boxes, or a tensor that carries the first error; the last axis has four numbers.
    package static func ofBoxes(
        _ boxes: [Tensor], in place: String, rank: Int? = nil, _ build: () throws(ApusError) -> Tensor
    ) -> Tensor {
        composed(of: boxes) { () throws(ApusError) in
            for tensor in boxes {
                guard tensor.rank >= 1, tensor.shape[-1] == 4, rank == nil || tensor.rank == rank else {
                    throw ApusError(
                        .shape, in: place, "boxes of shape \(tensor.shape)",
                        remedy: rank == 2 ? "give boxes as [n, 4]" : "give boxes as [.., 4]")
                }
                guard tensor.dtype.isFloatingPoint else {
                    throw ApusError(
                        .type, in: place, "boxes of type \(tensor.dtype)", remedy: "cast them to float32")
                }
            }
            return try build()
        }
    }

    /// The four numbers of boxes `[.., 4]`, each `[..]`.
    package var boxNumbers: [Tensor] {
        (0..<4).map { slice(axis: -1, $0..<$0 + 1).squeezed(-1) }
    }
}
