import ApusCore

/// Shares of samples that are right.
extension Metric {
    /// The share of samples whose largest score stands at the label: scores `[..., classes]`, labels `[...]`.
    public static let accuracy = Metric.labelled("accuracy", higherIsBetter: true, rightlyLabelled)

    /// The share of samples whose largest score stands at the largest entry of the target: both `[..., classes]`.
    public static let categoricalAccuracy = Metric.elementwise("categorical accuracy", higherIsBetter: true) {
        (output: Tensor, target: Tensor) in
        (output.argmax(axis: -1) .== target.argmax(axis: -1)).cast(to: .float32)
    }

    /// The share of outputs that equal their targets exactly, such as labels: both of one shape.
    public static let equality = Metric.elementwise("equality", higherIsBetter: true) {
        (output: Tensor, target: Tensor) in
        (output .== target).cast(to: .float32)
    }

    /// The share of scores on the right side of a threshold: scores and targets (0 or 1) of one shape.
    public static func binaryAccuracy(threshold: Double = 0.5) -> Metric {
        .elementwise("binary accuracy", higherIsBetter: true) { (output: Tensor, target: Tensor) in
            ((output .> threshold).cast(to: output.dtype) .== target).cast(to: .float32)
        }
    }

    /// The share of samples whose label is among the `count` largest scores: scores `[..., classes]`, labels `[...]`.
    public static func topKAccuracy(_ count: Int = 5) -> Metric {
        .labelled("top-\(count) accuracy", higherIsBetter: true) { (scores: Tensor, labels: Tensor) in
            isAmongLargest(count, scores, labels)
        }
    }

    /// The share of samples whose largest target is among the `count` largest scores: both `[..., classes]`.
    public static func topKCategoricalAccuracy(_ count: Int = 5) -> Metric {
        .elementwise("top-\(count) categorical accuracy", higherIsBetter: true) { (output: Tensor, target: Tensor) in
            isAmongLargest(count, output, target.argmax(axis: -1))
        }
    }

    /// The share of samples of which all positions are right: labels `[batch, ...]`, or scores with a class axis after.
    public static let exactMatch = Metric("exact match") { output, target in
        let right: Tensor
        if output.rank == target.rank + 1 {
            right = rightlyLabelled(output, target)
        } else {
            right = equallyShaped(output, target, in: "metric exact match") { ($0 .== $1).cast(to: .float32) }
        }
        guard right.error == nil, right.rank > 1 else { return right }
        return right.min(axes: Array(1..<right.rank))
    }

    /// The share of wrong labels in a matrix of labels: both of one shape.
    public static let hammingDistance = Metric.elementwise("Hamming distance") { (output: Tensor, target: Tensor) in
        (output .!= target).cast(to: .float32)
    }
}

private func rightlyLabelled(_ output: Tensor, _ target: Tensor) -> Tensor {
    (output.argmax(axis: -1) .== target.cast(to: .int64)).cast(to: .float32)
}

/// 1 where fewer than `count` scores are larger than that of the label, which is a number.
private func isAmongLargest(_ count: Int, _ scores: Tensor, _ labels: Tensor) -> Tensor {
    let own = scores.takeAlong(indices: labels.cast(to: .int64).expanded(at: -1), axis: -1, for: "top-k accuracy")
    let larger = (scores .> own).cast(to: .float32).sum(axes: [-1])
    let isNumber = own.isFinite().cast(to: .float32).sum(axes: [-1])
    return (larger .< Double(count)).cast(to: .float32) * isNumber
}
