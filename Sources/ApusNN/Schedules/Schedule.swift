#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A learning rate that depends on the step, which is counted from 0.
///
///     let schedule = Schedule.cosine(base: 0.1, period: 1000).warmedUp(steps: 50, from: 0.1)
///     schedule(at: 0)                                       // 0.01
public struct Schedule: Sendable {
    /// The name for listings.
    public let name: String
    private let rate: @Sendable (Double) -> Double

    public init(_ name: String, _ rate: @escaping @Sendable (_ step: Double) -> Double) {
        self.name = name
        self.rate = rate
    }

    /// The rate at a step.
    public func callAsFunction(at step: Int) -> Double { rate(Double(step)) }

    /// `base` at every step.
    public static func constant(_ base: Double) -> Schedule { Schedule("constant") { _ in base } }

    /// `base * factor` before step `total`, then `base`.
    public static func constantFactor(base: Double, factor: Double, total: Int) -> Schedule {
        Schedule("constantFactor") { $0 < Double(total) ? base * factor : base }
    }

    /// `base` times a factor that moves linearly from `start` to `end` over `total` steps, then stays.
    public static func linear(base: Double, start: Double, end: Double, total: Int) -> Schedule {
        Schedule("linear") { base * (start + (end - start) * min($0 / Double(total), 1)) }
    }

    /// `base * factor^floor(step / every)`.
    public static func steps(base: Double, every: Int, factor: Double) -> Schedule {
        Schedule("steps") { base * pow(factor, floor($0 / Double(every))) }
    }

    /// `base * factor^n` after `n` of the milestones.
    public static func milestones(base: Double, _ milestones: [Int], factor: Double) -> Schedule {
        Schedule("milestones") { step in
            base * pow(factor, Double(milestones.filter { Double($0) <= step }.count))
        }
    }

    /// `values[i]` up to and including step `boundaries[i]`, then the next.
    public static func piecewise(boundaries: [Int], values: [Double]) -> Schedule {
        Schedule("piecewise") { step in
            let index = boundaries.filter { step > Double($0) }.count
            return index < values.count ? values[index] : values.last ?? .nan
        }
    }

    /// `base * rate^(step / every)`; `staircase` rounds the exponent down.
    public static func exponential(
        base: Double, rate: Double, every: Int = 1, staircase: Bool = false
    ) -> Schedule {
        Schedule("exponential") { base * pow(rate, quotient($0, every, staircase)) }
    }

    /// `base / (1 + rate * step / every)`; `staircase` rounds the quotient down.
    public static func inverseTime(
        base: Double, rate: Double, every: Int = 1, staircase: Bool = false
    ) -> Schedule {
        Schedule("inverseTime") { base / (1 + rate * quotient($0, every, staircase)) }
    }

    /// `end + (base - end) (1 - step / total)^power`, then `end`; with `cycle` the total grows to its next multiple.
    public static func polynomial(
        base: Double, end: Double = 0, total: Int, power: Double = 1, cycle: Bool = false
    ) -> Schedule {
        Schedule("polynomial") { step in
            let total = Double(total) * (cycle ? max(1, ceil(step / Double(total))) : 1)
            return (base - end) * pow(1 - min(step, total) / total, power) + end
        }
    }

    /// Half a cosine from `base` to `minimum` over `period` steps; then it rises again, or stays with `stops`.
    public static func cosine(base: Double, minimum: Double = 0, period: Int, stops: Bool = false) -> Schedule {
        Schedule("cosine") { step in
            let position = (stops ? min(step, Double(period)) : step) / Double(period)
            return minimum + (base - minimum) * (1 + cos(Double.pi * position)) / 2
        }
    }

    /// Half cosines from `base` to `minimum`, restarted after `period` steps; each period is `multiplier` times as long
    /// and `height` times as high as the last.
    public static func cosineRestarts(
        base: Double, minimum: Double = 0, period: Int, multiplier: Double = 1, height: Double = 1
    ) -> Schedule {
        Schedule("cosineRestarts") { step in
            var (start, length, factor) = (0.0, Double(period), 1.0)
            while length > 0, step >= start + length {
                start += length
                length *= multiplier
                factor *= height
            }
            return minimum + (base - minimum) * factor * (1 + cos(Double.pi * (step - start) / length)) / 2
        }
    }

    /// A triangle between `minimum` and `maximum`; `halves` halves its height each cycle, `decay` scales it by
    /// `decay^step` (Smith, WACV 2017).
    public static func cyclic(
        minimum: Double, maximum: Double, stepsUp: Int, stepsDown: Int, halves: Bool = false, decay: Double = 1
    ) -> Schedule {
        Schedule("cyclic") { step in
            let total = Double(stepsUp + stepsDown)
            let cycle = floor(step / total)
            let position = step - cycle * total
            let up = Double(stepsUp)
            let height = position <= up ? position / up : (total - position) / (total - up)
            return minimum + (maximum - minimum) * height * (halves ? pow(2, -cycle) : 1) * pow(decay, step)
        }
    }

    /// One cycle over `total` steps: up from `maximum / initialDivisor` during `fractionUp` of them, then down to
    /// that divided by `finalDivisor`; with `threePhases` first down as it went up (Smith and Topin, 2018).
    public static func oneCycle(
        maximum: Double, total: Int, fractionUp: Double = 0.3, cosine: Bool = true, initialDivisor: Double = 25,
        finalDivisor: Double = 1e4, threePhases: Bool = false
    ) -> Schedule {
        let initial = maximum / initialDivisor
        let up = fractionUp * Double(total) - 1
        let last = Double(total - 1)
        var phases = [(end: up, from: initial, to: maximum)]
        if threePhases { phases.append((2 * fractionUp * Double(total) - 2, maximum, initial)) }
        phases.append((last, threePhases ? initial : maximum, initial / finalDivisor))
        return Schedule("oneCycle") { [phases] step in
            var start = 0.0
            for phase in phases {
                if step <= phase.end {
                    let position = (step - start) / (phase.end - start)
                    return cosine
                        ? phase.to + (phase.from - phase.to) * (1 + cos(Double.pi * position)) / 2
                        : phase.from + (phase.to - phase.from) * position
                }
                start = phase.end
            }
            return initial / finalDivisor
        }
    }

    /// `base * min((step + 1) / warmup, sqrt(warmup / (step + 1)))`.
    public static func inverseSquareRoot(base: Double, warmup: Int) -> Schedule {
        Schedule("inverseSquareRoot") { base * min(($0 + 1) / Double(warmup), sqrt(Double(warmup) / ($0 + 1))) }
    }

    /// This schedule after `steps` steps in which the rate rises linearly from `fraction` of its first value.
    public func warmedUp(steps: Int, from fraction: Double = 0) -> Schedule {
        Schedule(name) { [rate] step in
            guard step < Double(steps) else { return rate(step - Double(steps)) }
            return rate(0) * (fraction + (1 - fraction) * step / Double(steps))
        }
    }

    private static func quotient(_ step: Double, _ every: Int, _ staircase: Bool) -> Double {
        staircase ? floor(step / Double(every)) : step / Double(every)
    }
}
