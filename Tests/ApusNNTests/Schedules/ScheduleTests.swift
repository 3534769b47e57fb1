import Apus
import Foundation
import TestSupport
import Testing

/// Schedules that the golden vectors do not have, their combinations and mistakes.
@Suite struct ScheduleTests {
    private func close(_ schedule: Schedule, _ expected: [Int: Double]) {
        for (step, rate) in expected {
            #expect(abs(schedule(at: step) - rate) < 1e-12 * max(1, rate), "\(schedule.name) at \(step)")
        }
    }

    /// Exercise lr-decay-003q38.
    @Test func decaysOfARun() {
        close(
            .milestones(base: 0.1, total: 100), [0: 0.1, 49: 0.1, 50: 0.01, 74: 0.01, 75: 0.001, 99: 0.001])
        close(.exponential(base: 0.1, rate: 0.95), [0: 0.1, 1: 0.095, 10: 0.0598736939238379, 50: 0.00769449752767132])
        // A patience of 2 there means the second value that is no better; here it is how many are borne.
        var plateau = PlateauReduction(rate: 0.1, patience: 1, threshold: 0)
        let rates = [1, 0.8, 0.7, 0.71, 0.72, 0.69, 0.7, 0.7, 0.7].map { loss in
            plateau.report(loss)
            return plateau.rate
        }
        for (rate, expected) in zip(rates, [0.1, 0.1, 0.1, 0.1, 0.01, 0.01, 0.01, 0.001, 0.001]) {
            #expect(abs(rate - expected) < 1e-15)
        }
    }

    @Test func ratesOfTheTransformer() {
        let schedule = Schedule.noam(width: 512, warmup: 4000, factor: 2)
        for step in [1.0, 1000, 4000, 40_000] {
            let expected = 2 * pow(512, -0.5) * min(pow(step, -0.5), step * pow(4000, -1.5))
            #expect(abs(schedule(at: Int(step) - 1) - expected) < 1e-15)
        }
    }

    @Test func factorsMultiply() {
        close(.multiplicative(base: 2) { step in step % 2 == 0 ? 0.5 : 1 }, [0: 2, 1: 2, 2: 1, 5: 0.5])
        close(
            .cosine(base: 1, period: 10) * .steps(base: 1, every: 5, factor: 0.1), [0: 1, 5: 0.05, 10: 0])
    }

    @Test func schedulesFollowEachOther() {
        let joined = Schedule.joined(
            [(.linear(base: 1, start: 0, end: 1, total: 4), 4), (.constant(3), 2)],
            then: .exponential(base: 8, rate: 0.5))
        close(joined, [0: 0, 2: 0.5, 3: 0.75, 4: 3, 5: 3, 6: 8, 8: 2])
        #expect(joined.name == "linear, then constant, then exponential")
    }

    /// Restarts without growth do not walk through all periods.
    @Test func lateStepsAreQuick() {
        let schedule = Schedule.cosineRestarts(base: 1, period: 2, height: 1)
        #expect(schedule(at: 1 << 52) == 1)
        #expect(abs(schedule(at: 1 << 52 + 1) - 0.5) < 1e-15)
    }

    @Test func mistakesAreRefusedBeforeTheFirstStep() throws {
        let cases: [(Schedule, String)] = [
            (.constant(-1), "schedule constant: base is -1.0; use a number of 0.0 or more"),
            (
                .linear(base: 1, start: 0, end: 1, total: 0),
                "schedule linear: total is 0.0; use a number in 1.0...9007199254740992.0"
            ),
            (
                .steps(base: 1, every: -3, factor: 0.1),
                "schedule steps: every is -3.0; use a number in 1.0...9007199254740992.0"
            ),
            (
                .piecewise(boundaries: [1, 2], values: [1]),
                "schedule piecewise: 2 boundaries for 1 values; give one value more than boundaries"
            ),
            (
                .cyclic(minimum: 0, maximum: 1, stepsUp: .max, stepsDown: .max),
                "schedule cyclic: stepsUp is 9.223372036854776e+18; use a number in 1.0...9007199254740992.0"
            ),
            (
                .oneCycle(maximum: 1, total: .min),
                "schedule oneCycle: total is -9.223372036854776e+18; use a number in 1.0...9007199254740992.0"
            ),
            (
                .cosineRestarts(base: 1, period: 3, multiplier: 0.5),
                "schedule cosineRestarts: multiplier is 0.5; use a number of 1.0 or more"
            ),
            (
                .milestones(base: 1, fractions: [2], total: 3),
                "schedule milestones: fraction is 2.0; use a number in 0.0...1.0"
            ),
            (
                .cosine(base: .nan, period: 3).warmedUp(steps: 2),
                "schedule cosine: base is nan; use a number of 0.0 or more"
            ),
            (
                .constant(1).warmedUp(steps: -1),
                "schedule constant: warm-up is -1.0; use a number in 0.0...9007199254740992.0"
            ),
            (
                .constant(1) * .inverseSquareRoot(base: 1, warmup: 0),
                "schedule inverseSquareRoot: warmup is 0.0; use a number in 1.0...9007199254740992.0"
            ),
            (
                .joined([(.constant(1), 0)], then: .constant(2)),
                "schedule constant, then constant: steps of constant is 0.0; "
                    + "use a number in 1.0...9007199254740992.0"
            ),
            (
                Schedule("own") { 1 - $0 },
                "schedule own: the learning rate of step 2 is -1.0; give finite rates of 0 or more"
            ),
        ]
        for (schedule, message) in cases {
            let trainer = Trainer(
                Sequential { Dense(1) }, loss: .meanSquaredError, optimizer: .sgd(), schedule: schedule)
            let error = refusal {
                for _ in 0..<4 { _ = try trainer.step(inputs: Tensor.ones([2, 3]), targets: Tensor.ones([2, 1])) }
            }
            #expect(error?.description == message)
        }
    }
}
