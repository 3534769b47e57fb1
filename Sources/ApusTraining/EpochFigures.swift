import ApusCore
import ApusData
import ApusNN

/// The loss and the metrics over the batches of an epoch.
///
/// Adding the figures of a batch allocates nothing.
struct EpochFigures {
    private var metrics: [Metric]
    /// The sums of metrics that are computed in the step; nil for those that need outputs.
    private var sums: [SumState?]
    private var loss = 0.0
    private var samples = 0
    /// Whether a metric needs the outputs.
    let needsOutputs: Bool

    init(_ metrics: [Metric]) {
        self.metrics = metrics
        for index in self.metrics.indices { self.metrics[index].reset() }
        sums = self.metrics.map(\.sums)
        needsOutputs = sums.contains { $0 == nil }
    }

    /// Adds the figures of a batch: the mean loss, then the sums of metrics divided by the number of samples.
    ///
    /// - Parameter partCounts: how many sums the step computes for each metric
    mutating func add(_ count: Int, partCounts: [Int], _ figure: (Int) -> Double) {
        samples += count
        loss += figure(0) * Double(count)
        var next = 1
        for index in sums.indices where partCounts[index] > 0 {
            sums[index]?.sum += figure(next) * Double(count)
            sums[index]?.weight += (partCounts[index] > 1 ? figure(next + 1) : 1) * Double(count)
            next += partCounts[index]
        }
    }

    /// Adds a batch to the metrics that need outputs.
    mutating func add(output: Tensor, target: Tensor, weights: Tensor?) throws(ApusError) {
        for index in sums.indices where sums[index] == nil {
            try metrics[index].update(output, target, weights: metrics[index].usesWeights ? weights : nil)
        }
    }

    var meanLoss: Double { loss / Double(samples) }

    /// The names of the metrics that are sums, whose values are at hand after each step.
    var runningValues: [(name: String, value: Double)] {
        zip(metrics, sums).filter { $1 != nil }.map { ($0.0.name, 0) }
    }

    /// Writes the values of the metrics that are sums.
    func write(_ values: inout [(name: String, value: Double)]) {
        var position = 0
        for sum in sums {
            guard let sum else { continue }
            values[position].value = sum.value
            position += 1
        }
    }

    /// The values of all metrics by name.
    func values() throws(ApusError) -> [String: Double] {
        var values: [String: Double] = [:]
        for (metric, sum) in zip(metrics, sums) {
            if let sum {
                values[metric.name] = sum.value
            } else {
                for (name, value) in try metric.results() { values[name] = value }
            }
        }
        return values
    }
}
