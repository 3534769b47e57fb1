import ApusCore

/// The weighted mean of a figure of samples that is computed from numbers.
struct HostMean: MetricState {
    let figure: @Sendable (_ output: Tensor, _ target: Tensor) throws(ApusError) -> [Double]
    private(set) var sum = 0.0
    private(set) var weight = 0.0

    init(_ figure: @escaping @Sendable (_ output: Tensor, _ target: Tensor) throws(ApusError) -> [Double]) {
        self.figure = figure
    }

    mutating func update(_ output: Tensor, _ target: Tensor, weights: Tensor?) throws(ApusError) {
        let values = try figure(output, target)
        let factors = try weights.map { weights throws(ApusError) in
            try weights.spreadWeights(
                over: values.count, samples: output.rank == 0 ? 1 : output.shape[0], in: "metric")
        }
        for (index, value) in values.enumerated() {
            sum += value * (factors?[index] ?? 1)
            weight += factors?[index] ?? 1
        }
    }

    mutating func merge(_ other: HostMean) {
        sum += other.sum
        weight += other.weight
    }

    var mean: Double { sum / weight }
}
