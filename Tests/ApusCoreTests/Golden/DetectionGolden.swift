import ApusCore
import Foundation
import TestSupport

func detectionTable() -> GoldenTable {
    var table: GoldenTable = [
        "box_area": unary { boxAreas($0) },
        "box_encode": { [encodeBoxes($0.inputs[0], anchors: $0.inputs[1], weights: try $0.numbers("weights"))] },
        "box_decode": {
            [
                decodeBoxes(
                    $0.inputs[0], anchors: $0.inputs[1], weights: try $0.numbers("weights"),
                    largestLogarithm: try $0.number("clamp"))
            ]
        },
        "clip_boxes": { [clipBoxes($0.inputs[0], height: try $0.number("height"), width: try $0.number("width"))] },
        "masks_to_boxes": unary { boxesOfMasks($0) },
        "nms": {
            [nonMaximumSuppression(try $0("boxes"), scores: try $0("scores"), threshold: try $0.number("threshold"))]
        },
        "batched_nms": {
            [
                nonMaximumSuppression(
                    try $0("boxes"), scores: try $0("scores"), classes: try $0("classes"),
                    threshold: try $0.number("threshold"))
            ]
        },
    ]
    for match in BoxMatch.allCases {
        table["box_\(match)"] = { [boxIoU($0.inputs[0], $0.inputs[1], match)] }
    }
    table["box_convert"] = {
        guard let source = BoxFormat(rawValue: try $0.text("from")), let target = BoxFormat(rawValue: try $0.text("to"))
        else { throw GoldenMissing("box format") }
        return [convertBoxes($0.inputs[0], from: source, to: target)]
    }
    table["soft_nms"] = {
        let decay: ScoreDecay =
            try $0.text("method") == "gaussian"
            ? .gaussian(sigma: try $0.number("sigma")) : .linear(threshold: try $0.number("threshold"))
        let result = softNonMaximumSuppression(
            try $0("boxes"), scores: try originalScores($0, decay), decay: decay,
            least: try $0.number("score_threshold"))
        return [result.indices, result.scores]
    }
    table["anchors"] = {
        let (image, map) = (try $0.integers("image_size"), try $0.integers("feature_size"))
        return [
            anchorBoxes(
                sizes: try $0.numbers("sizes"), ratios: try $0.numbers("ratios"), image: (image[0], image[1]),
                map: (map[0], map[1]), isRounded: try $0.flag("rounded"), dtype: $0.dtype)
        ]
    }
    table["roi_align"] = {
        let samples = try $0.integer("sampling_ratio")
        return [
            roiAlign(
                try $0("features"), try $0("rois"), size: try $0.integers("output_size"),
                scale: try $0.number("spatial_scale"), samples: samples > 0 ? samples : nil,
                aligned: try $0.flag("aligned"))
        ]
    }
    table["roi_pool"] = {
        [
            roiPool(
                try $0("features"), try $0("rois"), size: try $0.integers("output_size"),
                scale: try $0.number("spatial_scale"))
        ]
    }
    return table
}

/// The scores that soft suppression starts from. The files hold its output under the name of this input; what a kept
/// box had before is its new score divided by the decays of the better boxes, others were below all that were kept.
private func originalScores(_ arguments: GoldenArguments, _ decay: ScoreDecay) throws -> Tensor {
    let boxes = try arguments("boxes")
    guard let last: [Double] = try arguments.expected["scores"]?.array(),
        let kept: [Int] = try arguments.expected["indices"]?.array()
    else { return try arguments("scores") }
    let count = boxes.shape[0]
    let overlaps: [Double] = try boxIoU(boxes, boxes).array()
    var scores = [Double](repeating: 0, count: count)
    for (place, box) in kept.enumerated() {
        scores[box] = last[place]
        for better in kept[..<place] {
            let overlap = overlaps[better * count + box]
            switch decay {
            case .gaussian(let sigma): scores[box] /= exp(-overlap * overlap / sigma)
            case .linear(let threshold): scores[box] /= overlap > threshold ? 1 - overlap : 1
            }
        }
    }
    return Tensor(scores, shape: [count]).cast(to: arguments.dtype)
}
