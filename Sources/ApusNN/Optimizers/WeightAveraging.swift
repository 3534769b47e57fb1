import ApusCore

/// A running average of the parameters, which often predicts better than the last ones.
/// Exponential: `a <- decay a + (1 - decay) w`; stochastic (SWA): the plain mean of the values at some steps.
public struct WeightAveraging: Sendable {
    private enum Kind {
        case exponential(decay: Double)
        case equal(start: Int, interval: Int)
    }

    private let kind: Kind

    /// `average = decay average + (1 - decay) parameter`, begun with the value after the first update.
    public static func exponential(decay: Double = 0.999) -> WeightAveraging {
        WeightAveraging(kind: .exponential(decay: decay))
    }

    /// The mean of the values after update `start` and every `interval` updates from there on: stochastic weight
    /// averaging (Izmailov et al., UAI 2018).
    public static func equal(from start: Int = 1, every interval: Int = 1) -> WeightAveraging {
        WeightAveraging(kind: .equal(start: start, interval: interval))
    }

    /// How far the average goes towards the parameter after update 1, 2, ...
    package func weight(update: Int) -> Double {
        switch kind {
        case .exponential(let decay): return update <= 1 ? 1 : 1 - decay
        case .equal(let start, let interval):
            guard update > start else { return 1 }
            let (count, rest) = (update - start).quotientAndRemainder(dividingBy: interval)
            return rest == 0 ? 1 / Double(count + 1) : 0
        }
    }

    func check(in place: String) throws(ApusError) {
        switch kind {
        case .exponential(let decay):
            guard (0...1).contains(decay) else {
                throw ApusError(.value, in: place, "averages decay by \(decay)", remedy: "use a number in 0...1")
            }
        case .equal(let start, let interval):
            guard start >= 0, interval >= 1 else {
                throw ApusError(
                    .value, in: place, "averages from update \(start), every \(interval)",
                    remedy: "start at 0 or later, with an interval of 1 or more")
            }
        }
    }
}

/// How the loss is multiplied before it is differentiated.
public struct LossScaling: Sendable {
    package let initial: Double
    package let growthInterval: Int?

    /// Always the same factor.
    public static func fixed(_ factor: Double) -> LossScaling { LossScaling(initial: factor, growthInterval: nil) }

    /// Halved when gradients overflow, doubled after `growthInterval` steps without that.
    public static func dynamic(initial: Double = 32_768, growthInterval: Int = 2_000) -> LossScaling {
        LossScaling(initial: initial, growthInterval: growthInterval)
    }

    /// The factor and the number of good steps after a step that was good or not (1 or 0).
    func next(_ scale: Tensor, _ count: Tensor, isGood: Tensor) -> [Tensor] {
        guard let growthInterval else { return [scale, count] }
        let grown = count + 1
        let isFull = grown .>= Double(growthInterval)
        let zero = count * 0
        // Not below 1, and not beyond what float32 holds.
        return [
            Tensor.select(
                isGood, Tensor.select(isFull, Tensor.minimum(scale * 2, 0x1p120), scale),
                Tensor.maximum(scale * 0.5, 1)),
            Tensor.select(isGood, Tensor.select(isFull, zero, grown), zero),
        ]
    }

    func check(in place: String) throws(ApusError) {
        guard initial.isFinite, initial >= 1, growthInterval ?? 1 >= 1 else {
            throw ApusError(
                .value, in: place, "the loss is scaled by \(initial), growing every \(growthInterval ?? 0) steps",
                remedy: "use a factor of 1 or more and an interval of 1 or more")
        }
    }
}
