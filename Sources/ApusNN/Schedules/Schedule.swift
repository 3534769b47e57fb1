import ApusCore

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
    /// A number out of its range. Rates are no numbers then, and a `Trainer` refuses the schedule before its first step.
    package let problem: ApusError?
    let rate: @Sendable (Double) -> Double

    /// A schedule of your own.
    public init(_ name: String, _ rate: @escaping @Sendable (_ step: Double) -> Double) {
        self.init(name, [], rate)
    }

    typealias Ranges = [(name: String, value: Double, allowed: ClosedRange<Double>)]

    init(
        _ name: String, _ ranges: Ranges, problem: ApusError? = nil,
        _ rate: @escaping @Sendable (_ step: Double) -> Double
    ) {
        self.name = name
        let mistake = problem ?? ApusError.outOfRange(in: "schedule \(name)", ranges)
        self.problem = mistake
        if mistake == nil { self.rate = rate } else { self.rate = { _ in Double.nan } }
    }

    /// Whole numbers of steps: 1 at least, and no more than are counted exactly.
    static func steps(_ label: String, _ value: Int, from least: Double = 1) -> Ranges.Element {
        (label, Double(value), least...0x1p53)
    }

    static func rate(_ label: String, _ value: Double) -> Ranges.Element { (label, value, 0...Double.infinity) }

    /// An error for a rate that no optimizer can use.
    package func check(_ rate: Double, step: Int) throws(ApusError) {
        if let problem { throw problem }
        guard rate.isFinite, rate >= 0 else {
            throw ApusError(
                .value, in: "schedule \(name)", "the learning rate of step \(step) is \(rate)",
                remedy: "give finite rates of 0 or more")
        }
    }

    /// The rate at a step.
    public func callAsFunction(at step: Int) -> Double { rate(Double(step)) }

    /// `base` at every step.
    public static func constant(_ base: Double) -> Schedule { Schedule("constant", [rate("base", base)]) { _ in base } }

    /// `base * factor` before step `total`, then `base`.
    public static func constantFactor(base: Double, factor: Double, total: Int) -> Schedule {
        Schedule("constantFactor", [rate("base", base), rate("factor", factor)]) {
            $0 < Double(total) ? base * factor : base
        }
    }

    /// `base` times a factor that moves linearly from `start` to `end` over `total` steps, then stays.
    public static func linear(base: Double, start: Double, end: Double, total: Int) -> Schedule {
        Schedule(
            "linear", [rate("base", base), rate("start", start), rate("end", end), steps("total", total)]
        ) { base * (start + (end - start) * min($0 / Double(total), 1)) }
    }

    /// `base * factor^floor(step / every)`.
    public static func steps(base: Double, every: Int, factor: Double) -> Schedule {
        Schedule("steps", [rate("base", base), steps("every", every), rate("factor", factor)]) {
            base * pow(factor, floor($0 / Double(every)))
        }
    }

    /// `base * factor^n` after `n` of the milestones.
    public static func milestones(base: Double, _ milestones: [Int], factor: Double) -> Schedule {
        Schedule("milestones", [rate("base", base), rate("factor", factor)]) { step in
            base * pow(factor, Double(milestones.reduce(0) { Double($1) <= step ? $0 + 1 : $0 }))
        }
    }

    /// The same with milestones at parts of a run of `total` steps, such as a tenth of the rate from half of it and again
    /// from three quarters.
    public static func milestones(
        base: Double, fractions: [Double] = [0.5, 0.75], total: Int, factor: Double = 0.1
    ) -> Schedule {
        let parts = fractions.map { ("fraction", $0, 0...1.0) }
        return Schedule("milestones", [rate("base", base), rate("factor", factor), steps("total", total)] + parts) {
            [rates = fractions.map { ($0 * Double(total)).rounded() }] step in
            base * pow(factor, Double(rates.reduce(0) { $1 <= step ? $0 + 1 : $0 }))
        }
    }

    /// `values[i]` up to and including step `boundaries[i]`, then the next.
    public static func piecewise(boundaries: [Int], values: [Double]) -> Schedule {
        let problem: ApusError? =
            values.count == boundaries.count + 1
            ? nil
            : ApusError(
                .value, in: "schedule piecewise", "\(boundaries.count) boundaries for \(values.count) values",
                remedy: "give one value more than boundaries")
        return Schedule("piecewise", values.map { rate("value", $0) }, problem: problem) { step in
            let index = boundaries.reduce(0) { step > Double($1) ? $0 + 1 : $0 }
            return index < values.count ? values[index] : values.last ?? .nan
        }
    }

    /// `base * rate^(step / every)`; `staircase` rounds the exponent down.
    public static func exponential(
        base: Double, rate: Double, every: Int = 1, staircase: Bool = false
    ) -> Schedule {
        Schedule("exponential", [Self.rate("base", base), Self.rate("rate", rate), steps("every", every)]) {
            base * pow(rate, quotient($0, every, staircase))
        }
    }

    /// `base / (1 + rate * step / every)`; `staircase` rounds the quotient down.
    public static func inverseTime(
        base: Double, rate: Double, every: Int = 1, staircase: Bool = false
    ) -> Schedule {
        Schedule("inverseTime", [Self.rate("base", base), Self.rate("rate", rate), steps("every", every)]) {
            base / (1 + rate * quotient($0, every, staircase))
        }
    }

    /// `end + (base - end) (1 - step / total)^power`, then `end`; with `cycle` the total grows to its next multiple.
    public static func polynomial(
        base: Double, end: Double = 0, total: Int, power: Double = 1, cycle: Bool = false
    ) -> Schedule {
        Schedule(
            "polynomial", [rate("base", base), rate("end", end), steps("total", total), rate("power", power)]
        ) { step in
            let total = Double(total) * (cycle ? max(1, ceil(step / Double(total))) : 1)
            return (base - end) * pow(1 - min(step, total) / total, power) + end
        }
    }

    /// Half a cosine from `base` to `minimum` over `period` steps; then it rises again, or stays with `stops`.
    public static func cosine(base: Double, minimum: Double = 0, period: Int, stops: Bool = false) -> Schedule {
        Schedule("cosine", [rate("base", base), rate("minimum", minimum), steps("period", period)]) { step in
            let position = (stops ? min(step, Double(period)) : step) / Double(period)
            return minimum + (base - minimum) * (1 + cos(Double.pi * position)) / 2
        }
    }

    /// Half cosines from `base` to `minimum`, restarted after `period` steps; each period is `multiplier` times as long
    /// and `height` times as high as the last.
    public static func cosineRestarts(
        base: Double, minimum: Double = 0, period: Int, multiplier: Double = 1, height: Double = 1
    ) -> Schedule {
        Schedule(
            "cosineRestarts",
            [
                rate("base", base), rate("minimum", minimum), steps("period", period),
                ("multiplier", multiplier, 1...Double.infinity), rate("height", height),
            ]
        ) { step in
            var (start, length, factor) = (0.0, Double(period), 1.0)
            if multiplier == 1 {
                let count = floor(step / length)
                (start, factor) = (count * length, pow(height, count))
            }
            while step >= start + length {
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
        Schedule(
            "cyclic",
            [
                rate("minimum", minimum), rate("maximum", maximum), steps("stepsUp", stepsUp),
                steps("stepsDown", stepsDown), rate("decay", decay),
            ]
        ) { step in
            let total = Double(stepsUp) + Double(stepsDown)
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
        let last = Double(total) - 1
        var phases = [(end: up, from: initial, to: maximum)]
        if threePhases { phases.append((2 * fractionUp * Double(total) - 2, maximum, initial)) }
        phases.append((last, threePhases ? initial : maximum, initial / finalDivisor))
        return Schedule(
            "oneCycle",
            [
                rate("maximum", maximum), steps("total", total), ("fractionUp", fractionUp, 0...1),
                ("initialDivisor", initialDivisor, 1e-12...Double.infinity),
                ("finalDivisor", finalDivisor, 1e-12...Double.infinity),
            ]
        ) { [phases] step in
            var start = 0.0
            for phase in phases {
                if step <= phase.end, phase.end > start {
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
        Schedule("inverseSquareRoot", [rate("base", base), steps("warmup", warmup)]) {
            base * min(($0 + 1) / Double(warmup), sqrt(Double(warmup) / ($0 + 1)))
        }
    }

    private static func quotient(_ step: Double, _ every: Int, _ staircase: Bool) -> Double {
        staircase ? floor(step / Double(every)) : step / Double(every)
    }
}
