import ApusCore

/// Reading batches for metrics that are computed from numbers.
extension Tensor {
    /// All elements as numbers.
    func numbers() throws(ApusError) -> [Double] { try array(of: Double.self) }

    /// All elements as labels; floating-point elements are rounded towards zero.
    func labels() throws(ApusError) -> [Int] {
        dtype.isFloatingPoint ? try numbers().map { Int(saturating: $0) } : try array(of: Int.self)
    }

    /// One weight for each of `count` values of `samples` samples, or none.
    func spreadWeights(over count: Int, samples: Int, in place: String) throws(ApusError) -> [Double] {
        let weights = try numbers()
        if weights.count == count { return weights }
        guard weights.count == samples, samples > 0, count % samples == 0 else {
            throw ApusError(
                .shape, in: place, "weights of shape \(shape) for \(samples) samples",
                remedy: "give a weight for each sample: [batch]")
        }
        return weights.flatMap { [Double](repeating: $0, count: count / samples) }
    }
}

/// Labels of a batch: what is and what was predicted, for each position.
struct LabelPairs {
    var targets: [Int]
    var predictions: [Int]
    var weights: [Double]?
    /// The number of classes where the scores tell.
    var classes: Int?

    /// - Parameters:
    ///   - output: labels `[...]`, scores of classes `[..., classes]` (the largest wins) or of the second of two classes
    ///     `[...]`, larger than `threshold` for it
    ///   - target: labels `[...]`, or one-hot rows in the shape of the scores
    init(
        _ output: Tensor, _ target: Tensor, weights: Tensor?, threshold: Double, in place: String
    ) throws(ApusError) {
        let isLabels = !output.dtype.isFloatingPoint
        let isOneHot = target.dtype.isFloatingPoint && target.rank > 1 && target.shape[-1] > 1
        if isLabels || output.shape == target.shape && !isOneHot {
            guard output.shape == target.shape else {
                throw ApusError(
                    .shape, in: place, "an output of shape \(output.shape), targets of shape \(target.shape)",
                    remedy: "make the shapes equal")
            }
            targets = try target.labels()
            predictions = isLabels ? try output.labels() : try output.numbers().map { $0 > threshold ? 1 : 0 }
            classes = isLabels ? nil : 2
        } else {
            let isSame = output.shape == target.shape
            guard isSame || output.rank >= 1 && target.shape.extents == Array(output.shape.extents.dropLast()) else {
                throw ApusError(
                    .shape, in: place, "an output of shape \(output.shape), targets of shape \(target.shape)",
                    remedy: "give labels of the output's shape without its last axis, or of the same shape")
            }
            classes = output.shape[-1]
            predictions = try output.argmax(axis: -1).labels()
            targets = try (isSame ? target.argmax(axis: -1) : target).labels()
        }
        let count = targets.count
        self.weights = try weights.map { weights throws(ApusError) in
            try weights.spreadWeights(over: count, samples: output.rank == 0 ? 1 : output.shape[0], in: place)
        }
    }
}
