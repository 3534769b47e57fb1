/// The moves from anchors to boxes that a detector learns: for boxes and anchors `[.., (x1, y1, x2, y2)]` with centres
/// `(x, y)`, `(xa, ya)` and sizes `(w, h)`, `(wa, ha)`
///
///     ((x - xa) / wa, (y - ya) / ha, log(w / wa), log(h / ha))
///
/// times the weights (Girshick et al., CVPR 2014). ``decodeBoxes(_:anchors:weights:largestLogarithm:)`` goes back.
public func encodeBoxes(_ boxes: Tensor, anchors: Tensor, weights: [Double] = [1, 1, 1, 1]) -> Tensor {
    let place = "operation encodeBoxes"
    return Tensor.ofBoxes([boxes, anchors], in: place) { () throws(ApusError) in
        try requireFit(boxes, anchors, weights, in: place)
        let box = convertBoxes(boxes, from: .corners, to: .centerAndSize).boxNumbers
        let anchor = convertBoxes(anchors, from: .corners, to: .centerAndSize).boxNumbers
        return Tensor.stack(
            [
                (box[0] - anchor[0]) / anchor[2] * weights[0], (box[1] - anchor[1]) / anchor[3] * weights[1],
                (box[2] / anchor[2]).log() * weights[2], (box[3] / anchor[3]).log() * weights[3],
            ], axis: -1)
    }
}

/// The boxes `[.., (x1, y1, x2, y2)]` that moves `[.., 4]` make of anchors.
///
/// - Parameter largestLogarithm: the moves' logarithms of sizes are cut off here, lest they overflow
public func decodeBoxes(
    _ moves: Tensor, anchors: Tensor, weights: [Double] = [1, 1, 1, 1], largestLogarithm: Double = 4.135166556742356
) -> Tensor {
    let place = "operation decodeBoxes"
    return Tensor.ofBoxes([moves, anchors], in: place) { () throws(ApusError) in
        try requireFit(moves, anchors, weights, in: place)
        let move = zip(moves.boxNumbers, weights).map { $0 / $1 }
        let anchor = convertBoxes(anchors, from: .corners, to: .centerAndSize).boxNumbers
        return convertBoxes(
            Tensor.stack(
                [
                    move[0] * anchor[2] + anchor[0], move[1] * anchor[3] + anchor[1],
                    Tensor.minimum(move[2], largestLogarithm).exp() * anchor[2],
                    Tensor.minimum(move[3], largestLogarithm).exp() * anchor[3],
                ], axis: -1), from: .centerAndSize, to: .corners)
    }
}

private func requireFit(
    _ boxes: Tensor, _ anchors: Tensor, _ weights: [Double], in place: String
) throws(ApusError) {
    guard boxes.shape == anchors.shape, boxes.dtype == anchors.dtype else {
        throw ApusError(
            .shape, in: place,
            "boxes of shape \(boxes.shape) (\(boxes.dtype)), anchors of shape \(anchors.shape) (\(anchors.dtype))",
            remedy: "give an anchor of the same type for each box")
    }
    guard weights.count == 4, weights.allSatisfy({ $0 > 0 && $0.isFinite }) else {
        throw ApusError(
            .value, in: place, "weights \(weights)", remedy: "give four numbers above 0: of x, y, width and height")
    }
}

/// Boxes of given sizes and ratios around every cell of a map of features: `[rows * columns * kinds, (x1, y1, x2, y2)]`
/// in pixels of the image, cells in row-major order, in each cell the ratios, for each ratio the sizes.
///
/// A box of size `s` and ratio `r` is `s sqrt(r)` high and `s / sqrt(r)` wide. They stand around the left upper corners
/// of the cells, whose distance is that of the image's size divided by the map's, rounded down (as in Faster R-CNN).
///
/// - Parameters:
///   - sizes: in pixels
///   - ratios: height over width
///   - image: height and width of the image
///   - map: rows and columns of the features
///   - isRounded: round the boxes around 0 to whole pixels
public func anchorBoxes(
    sizes: [Double], ratios: [Double], image: (height: Int, width: Int), map: (rows: Int, columns: Int),
    isRounded: Bool = true, dtype: DType = .float32
) -> Tensor {
    let place = "operation anchorBoxes"
    return Tensor.composed(of: []) { () throws(ApusError) in
        let range = 1...1 << 20
        guard [image.height, image.width, map.rows, map.columns].allSatisfy(range.contains),
            sizes.count <= 1 << 10, ratios.count <= 1 << 10,
            (sizes + ratios).allSatisfy({ $0 > 0 && $0.isFinite }), dtype.isFloatingPoint
        else {
            throw ApusError(
                .value, in: place,
                "sizes \(sizes), ratios \(ratios), an image of \(image), a map of \(map), type \(dtype)",
                remedy: "use finite sizes and ratios above 0, extents in 1...\(1 << 20) and a floating-point type")
        }
        let kinds = ratios.flatMap { ratio in
            sizes.map { size in (height: size * ratio.squareRoot(), width: size / ratio.squareRoot()) }
        }
        let around: [Double] = kinds.flatMap { kind -> [Double] in
            let half = [-kind.width / 2, -kind.height / 2, kind.width / 2, kind.height / 2]
            return isRounded ? half.map { $0.rounded(.toNearestOrEven) } : half
        }
        let (rowStep, columnStep) = (image.height / map.rows, image.width / map.columns)
        func steps(_ count: Int, _ step: Int) -> Tensor {
            Tensor.range(count: count, step: Double(step), dtype: dtype)
        }
        let rows = steps(map.rows, rowStep).reshaped(to: [map.rows, 1, 1, 1])
        let columns = steps(map.columns, columnStep).reshaped(to: [1, map.columns, 1, 1])
        let isX = Tensor.constant([1, 0, 1, 0], shape: [4], dtype: dtype)
        let boxes = Tensor.constant(around, shape: [1, 1, kinds.count, 4], dtype: dtype)
        let all = boxes + columns * isX + rows * (1 - isX)
        return all.reshaped(to: [Shape.product(map.rows, map.columns) * kinds.count, 4])
    }
}
