import Apus
import ApusCore
import ApusTraining

/// Times of single steps, in seconds.
public struct Timing: Sendable {
    /// That of the first step, which traces and plans.
    public let first: Double
    /// The seconds of each further step.
    public let steps: [Double]
    /// The loss of the first step.
    public let firstLoss: Double
    /// The loss of the last step.
    public let lastLoss: Double

    /// Times and losses of a run.
    public init(first: Double, steps: [Double], firstLoss: Double, lastLoss: Double) {
        self.first = first
        self.steps = steps
        self.firstLoss = firstLoss
        self.lastLoss = lastLoss
    }

    /// The time below which a share of the steps stays.
    public func percentile(_ share: Double) -> Double {
        let sorted = steps.sorted()
        return sorted.isEmpty ? 0 : sorted[Int((share * Double(sorted.count - 1)).rounded())]
    }

    /// Seconds since some fixed moment.
    public static func now() -> Double { Clock.now() }

    /// Makes a first step, three more, and then times single ones for some seconds.
    ///
    /// - Parameters:
    ///   - least: seconds; at least 20 steps, or 2000 predictions of one sample, or 8 if these take five times as long
    ///   - begin: called before the first timed step
    public static func measure(_ run: WorkloadRun, least: Double, begin: () -> Void = {}) throws -> Timing {
        let start = now()
        let firstLoss = try run.step(0)
        let first = now() - start
        guard run.workload.parameters == 0 || run.parameterCount == run.workload.parameters else {
            throw ApusError(
                .parameter, in: "workload \(run.workload.name)",
                "\(run.parameterCount) parameters instead of \(run.workload.parameters)",
                remedy: "build the network of the specification")
        }
        for index in 1...3 { _ = try run.step(index) }
        var steps: [Double] = []
        steps.reserveCapacity(1 << 16)
        var loss = firstLoss
        let enough = !run.workload.isTraining && run.batch == 1 ? 2000 : 20
        begin()
        let from = now()
        var last = from
        while true {
            loss = try run.step(4 + steps.count)
            let time = now()
            steps.append(time - last)
            last = time
            let elapsed = time - from
            if elapsed >= least && steps.count >= enough || elapsed >= 5 * least && steps.count >= 8 { break }
        }
        return Timing(first: first, steps: steps, firstLoss: firstLoss, lastLoss: loss)
    }
}
