import ApusCore

/// A sum over samples and one that it is divided by, which a compiled step computes beside the loss.
package struct SumState: MetricState {
    /// Both sums divided by the number of samples: scalars. The second is absent where it is the number of samples.
    package let parts: @Sendable (_ output: Tensor, _ target: Tensor, _ weights: Tensor?) -> [Tensor]
    /// The value of both sums.
    package let finish: @Sendable (_ sum: Double, _ weight: Double) -> Double
    package var sum = 0.0
    package var weight = 0.0

    package init(
        finish: @escaping @Sendable (_ sum: Double, _ weight: Double) -> Double = { $0 / $1 },
        _ parts: @escaping @Sendable (_ output: Tensor, _ target: Tensor, _ weights: Tensor?) -> [Tensor]
    ) {
        self.parts = parts
        self.finish = finish
    }

    /// A function of the weighted mean of samples.
    package init(
        mean function: @escaping @Sendable (Tensor, Tensor) -> Tensor,
        finish: @escaping @Sendable (Double) -> Double = { $0 }, in place: String
    ) {
        self.init(finish: { finish($0 / $1) }) { output, target, weights in
            let values = function(output, target)
            guard values.error == nil, let weights else { return [values.rank == 0 ? values : values.mean()] }
            guard values.rank > 0, weights.shape == [values.shape[0]] else {
                return [
                    Tensor(
                        error: ApusError(
                            .shape, in: place, "weights of shape \(weights.shape), values of shape \(values.shape)",
                            remedy: "give a weight and compute a value for each sample: [batch]"))
                ]
            }
            let samples = values.rank == 1 ? values : values.mean(axes: Array(1..<values.rank))
            let factors = weights.cast(to: samples.dtype)
            return [(samples * factors).mean(), factors.mean()]
        }
    }

    package mutating func update(_ output: Tensor, _ target: Tensor, weights: Tensor?) throws(ApusError) {
        let parts = parts(output, target, weights)
        for part in parts { if let error = part.error { throw error } }
        let samples = Double(output.shape.rank == 0 ? 1 : output.shape[0])
        guard samples > 0, let first = parts.first else { return }
        let added = try first.item() * samples
        weight += parts.count > 1 ? try parts[1].item() * samples : samples
        sum += added
    }

    package mutating func merge(_ other: SumState) {
        sum += other.sum
        weight += other.weight
    }

    package var value: Double { finish(sum, weight) }
}
