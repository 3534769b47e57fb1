#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension Schedule {
    /// The rates of the first Transformer: `factor width^-0.5 min(t^-0.5, t warmup^-1.5)` for step t = 1, 2, ...
    /// (Vaswani et al., NeurIPS 2017).
    public static func noam(width: Int, warmup: Int, factor: Double = 1) -> Schedule {
        Schedule("noam", [steps("width", width), steps("warmup", warmup), rate("factor", factor)]) { step in
            factor / sqrt(Double(width)) * min(1 / sqrt(step + 1), (step + 1) * pow(Double(warmup), -1.5))
        }
    }

    /// `base` times the factors of steps 1, 2, ... up to the step.
    ///
    /// - Complexity: linear in the step
    public static func multiplicative(
        base: Double, _ factor: @escaping @Sendable (_ step: Int) -> Double
    ) -> Schedule {
        Schedule("multiplicative", [rate("base", base)]) { step in
            var (product, index) = (base, 1)
            while Double(index) <= step {
                product *= factor(index)
                index += 1
            }
            return product
        }
    }

    /// This schedule after `steps` steps in which the rate rises linearly from `fraction` of its first value.
    public func warmedUp(steps: Int, from fraction: Double = 0) -> Schedule {
        Schedule(
            name, [Self.steps("warm-up", steps, from: 0), Self.rate("fraction", fraction)], problem: problem
        ) { [self] step in
            guard step < Double(steps) else { return rate(step - Double(steps)) }
            return rate(0) * (fraction + (1 - fraction) * step / Double(steps))
        }
    }

    /// Schedules one after the other, each counted from its own step 0; the last one goes on for ever.
    ///
    ///     .joined([(.linear(base: 0.1, start: 0, end: 1, total: 100), 100)], then: .cosine(base: 0.1, period: 900))
    public static func joined(_ parts: [(schedule: Schedule, steps: Int)], then last: Schedule) -> Schedule {
        let names = (parts.map(\.schedule.name) + [last.name]).joined(separator: ", then ")
        return Schedule(
            names, parts.map { steps("steps of \($0.schedule.name)", $0.steps) },
            problem: parts.compactMap(\.schedule.problem).first ?? last.problem
        ) { step in
            var rest = step
            for part in parts {
                if rest < Double(part.steps) { return part.schedule.rate(rest) }
                rest -= Double(part.steps)
            }
            return last.rate(rest)
        }
    }

    /// The product of two schedules, of which one has a base of 1.
    ///
    ///     Schedule.cosine(base: 0.1, period: 1000) * .steps(base: 1, every: 100, factor: 0.9)
    public static func * (a: Schedule, b: Schedule) -> Schedule {
        Schedule("\(a.name) * \(b.name)", [], problem: a.problem ?? b.problem) { a.rate($0) * b.rate($0) }
    }
}
