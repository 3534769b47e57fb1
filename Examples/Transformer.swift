import Apus

/// The load and the oil temperature of an electric transformer: four days, and the temperature of the day that follows.
///
///     for batch in try transformer("ETTh1.csv").elements() { ... }   // inputs [32, 96, 7], targets [32, 24, 1]
public func transformer(_ file: String) throws -> Pipeline<Batch> {
    // The first year of hours is for training: what it holds sets the scale of all.
    let year = 0..<12 * 30 * 24
    let series = try TimeSeries(CSV.read(file)).standardized(over: year)
    return try series.steps(year)
        .windows(input: 96, ahead: 24, targets: ["OT"])
        .pipeline
        .shuffle(seed: 7)
        .batch(32)
        .prefetch()
}
