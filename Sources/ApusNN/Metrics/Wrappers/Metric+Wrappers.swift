import ApusCore

/// Metrics made of metrics.
extension Metric {
    /// A metric of each column of outputs and targets `[batch, columns]` on its own.
    public static func multiOutput(_ columns: Int, _ metric: Metric) -> Metric {
        Metric(
            metric.name, ColumnMetrics(columns: [Metric](repeating: metric, count: max(0, columns))),
            higherIsBetter: metric.higherIsBetter, isPerClass: true
        ) { (state: ColumnMetrics) throws(ApusError) in
            var values: [Double] = []
            for column in state.columns { values.append(try column.value()) }
            return values
        }
    }

    /// A metric over the samples of each group on its own, so that groups with different error rates are told apart.
    ///
    /// - Parameter group: the group of each sample, `[batch]` integers from 0, of its output and target
    public static func byGroup(
        _ groups: Int, _ metric: Metric, group: @escaping @Sendable (_ output: Tensor, _ target: Tensor) -> Tensor
    ) -> Metric {
        Metric(
            metric.name,
            GroupMetrics(groups: [Metric](repeating: metric, count: max(0, groups)), group: group),
            higherIsBetter: metric.higherIsBetter, isPerClass: true
        ) { (state: GroupMetrics) throws(ApusError) in
            var values: [Double] = []
            for group in state.groups { values.append(try group.value()) }
            return values
        }
    }

    /// How sure a metric is: mean and standard deviation over `count` copies, each of which sees every sample as often as a
    /// Poisson distribution of mean 1 says (Efron, 1979). The draw of a sample depends on its number and the seed alone.
    public static func bootstrapped(_ metric: Metric, count: Int = 10, seed: UInt64 = 0) -> Metric {
        Metric(
            metric.name, BootstrapMetrics(copies: [Metric](repeating: metric, count: max(1, count)), seed: seed),
            higherIsBetter: metric.higherIsBetter, isPerClass: true
        ) { (state: BootstrapMetrics) throws(ApusError) in
            var values: [Double] = []
            for copy in state.copies { values.append(try copy.value()) }
            let (count, mean) = (Double(values.count), values.reduce(0, +) / Double(values.count))
            let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
            return [mean, count > 1 ? (squares / (count - 1)).squareRoot() : 0]
        }
    }
}

func mergeAll(_ own: inout [Metric], _ others: [Metric]) throws(ApusError) {
    guard own.count == others.count else {
        throw ApusError(
            .value, in: "metric", "\(others.count) parts for \(own.count)",
            remedy: "merge metrics that were made in the same way")
    }
    for index in own.indices { try own[index].merge(others[index]) }
}

private struct ColumnMetrics: MetricState {
    var columns: [Metric]

    mutating func update(_ output: Tensor, _ target: Tensor, weights: Tensor?) throws(ApusError) {
        guard output.rank >= 2, output.shape == target.shape, output.shape[-1] == columns.count else {
            throw ApusError(
                .shape, in: "multi-output metric",
                "an output of shape \(output.shape), a target of shape \(target.shape), \(columns.count) columns",
                remedy: "give outputs and targets [batch, \(columns.count)]")
        }
        for index in columns.indices {
            try columns[index].update(
                output.slice(axis: -1, index..<index + 1).squeezed(-1),
                target.slice(axis: -1, index..<index + 1).squeezed(-1), weights: weights)
        }
    }

    mutating func merge(_ other: ColumnMetrics) throws(ApusError) { try mergeAll(&columns, other.columns) }
}

/// Updates a metric by some samples of a batch, each of which may stand several times.
private func update(
    _ metric: inout Metric, _ output: Tensor, _ target: Tensor, _ weights: Tensor?, samples: [Int]
) throws(ApusError) {
    guard !samples.isEmpty else { return }
    let indices = Tensor(samples.map { Int64($0) }, shape: [samples.count])
    try metric.update(
        output.gather(indices: indices), target.gather(indices: indices),
        weights: weights.map { $0.gather(indices: indices) })
}

private struct GroupMetrics: MetricState {
    var groups: [Metric]
    let group: @Sendable (Tensor, Tensor) -> Tensor

    mutating func update(_ output: Tensor, _ target: Tensor, weights: Tensor?) throws(ApusError) {
        let labels = try group(output, target).labels()
        guard output.rank > 0, labels.count == output.shape[0] else {
            throw ApusError(
                .shape, in: "metric by group", "\(labels.count) groups for an output of shape \(output.shape)",
                remedy: "give a group for each sample: [batch]")
        }
        if let wrong = labels.first(where: { !groups.indices.contains($0) }) {
            throw ApusError(
                .index, in: "metric by group", "group \(wrong) is outside 0..<\(groups.count)",
                remedy: "number the groups from 0, or allow for more")
        }
        for index in groups.indices {
            try ApusNN.update(
                &groups[index], output, target, weights, samples: labels.indices.filter { labels[$0] == index })
        }
    }

    mutating func merge(_ other: GroupMetrics) throws(ApusError) { try mergeAll(&groups, other.groups) }
}

private struct BootstrapMetrics: MetricState {
    var copies: [Metric]
    let seed: UInt64
    private var samples = 0

    init(copies: [Metric], seed: UInt64) { (self.copies, self.seed) = (copies, seed) }

    mutating func update(_ output: Tensor, _ target: Tensor, weights: Tensor?) throws(ApusError) {
        let count = output.rank == 0 ? 0 : output.shape[0]
        for index in copies.indices {
            let chosen = (0..<count).flatMap { sample in
                [Int](repeating: sample, count: draws(sample: samples + sample, copy: index))
            }
            try ApusNN.update(&copies[index], output, target, weights, samples: chosen)
        }
        samples += count
    }

    mutating func merge(_ other: BootstrapMetrics) throws(ApusError) {
        try mergeAll(&copies, other.copies)
        samples += other.samples
    }

    /// A Poisson number of mean 1, from bits that are mixed from the seed, the sample and the copy.
    private func draws(sample: Int, copy: Int) -> Int {
        var bits = seed &+ UInt64(truncatingIfNeeded: sample) &* 0x9e37_79b9_7f4a_7c15
        bits ^= UInt64(truncatingIfNeeded: copy + 1) &* 0xd1b5_4a32_d192_ed03
        for _ in 0..<2 {
            bits = (bits ^ bits >> 30) &* 0xbf58_476d_1ce4_e5b9
            bits = (bits ^ bits >> 27) &* 0x94d0_49bb_1331_11eb
            bits ^= bits >> 31
        }
        let uniform = Double(bits >> 11) * 0x1p-53
        var (count, probability) = (0, Real.exp(-1))
        var sum = probability
        while uniform > sum, count < 20 {
            count += 1
            probability /= Double(count)
            sum += probability
        }
        return count
    }
}
