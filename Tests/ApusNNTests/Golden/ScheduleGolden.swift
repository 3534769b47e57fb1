import ApusCore
import ApusNN
import TestSupport

func scheduleTable() -> GoldenTable {
    var table: GoldenTable = [:]
    func scheduled(_ make: @escaping (GoldenArguments) throws -> Schedule) -> GoldenOperation {
        { arguments in
            let schedule = try make(arguments)
            let rates = (0..<(try arguments.integer("steps"))).map { schedule(at: $0) }
            return [Tensor(rates, shape: [rates.count]).cast(to: arguments.dtype)]
        }
    }
    table["constant_factor"] = scheduled {
        .constantFactor(base: try $0.number("base"), factor: try $0.number("factor"), total: try $0.integer("total"))
    }
    table["cosine_annealing"] = scheduled {
        .cosine(base: try $0.number("base"), minimum: try $0.number("minimum"), period: try $0.integer("period"))
    }
    table["cosine_decay"] = scheduled {
        let (base, alpha, warmup) = (try $0.number("base"), try $0.number("alpha"), try $0.integer("warmup_steps"))
        let top = $0.has("warmup_target") ? try $0.number("warmup_target") : base
        let decay = Schedule.cosine(
            base: top, minimum: top * alpha, period: try $0.integer("decay_steps"), stops: true)
        return warmup == 0 ? decay : decay.warmedUp(steps: warmup, from: base / top)
    }
    table["cosine_decay_restarts"] = scheduled {
        let (base, alpha) = (try $0.number("base"), try $0.number("alpha"))
        return .cosineRestarts(
            base: base, minimum: base * alpha, period: try $0.integer("first_steps"),
            multiplier: try $0.number("period_multiplier"), height: try $0.number("height_multiplier"))
    }
    table["cosine_warm_restarts"] = scheduled {
        .cosineRestarts(
            base: try $0.number("base"), minimum: try $0.number("minimum"), period: try $0.integer("period"),
            multiplier: try $0.number("multiplier"))
    }
    table["cyclic"] = scheduled {
        let mode = try $0.text("mode")
        return .cyclic(
            minimum: try $0.number("minimum"), maximum: try $0.number("maximum"), stepsUp: try $0.integer("steps_up"),
            stepsDown: try $0.integer("steps_down"), halves: mode == "triangular2",
            decay: mode == "exp_range" ? try $0.number("gamma") : 1)
    }
    table["exponential_decay"] = scheduled {
        .exponential(base: try $0.number("base"), rate: try $0.number("gamma"))
    }
    table["exponential_decay_steps"] = scheduled {
        .exponential(
            base: try $0.number("base"), rate: try $0.number("rate"), every: try $0.integer("decay_steps"),
            staircase: try $0.flag("staircase"))
    }
    table["inverse_sqrt"] = scheduled {
        .inverseSquareRoot(base: try $0.number("base"), warmup: try $0.integer("warmup"))
    }
    table["inverse_time_decay"] = scheduled {
        .inverseTime(
            base: try $0.number("base"), rate: try $0.number("rate"), every: try $0.integer("decay_steps"),
            staircase: try $0.flag("staircase"))
    }
    table["linear_factor"] = scheduled {
        .linear(
            base: try $0.number("base"), start: try $0.number("start_factor"), end: try $0.number("end_factor"),
            total: try $0.integer("total"))
    }
    table["multistep_decay"] = scheduled {
        .milestones(base: try $0.number("base"), try $0.integers("milestones"), factor: try $0.number("gamma"))
    }
    for (name, threePhases) in [("one_cycle", false), ("one_cycle_three_phase", true)] {
        table[name] = scheduled {
            .oneCycle(
                maximum: try $0.number("maximum"), total: try $0.integer("total_steps"),
                fractionUp: try $0.number("fraction_up"), cosine: try $0.text("anneal") == "cos",
                initialDivisor: try $0.number("initial_divisor"), finalDivisor: try $0.number("final_divisor"),
                threePhases: threePhases)
        }
    }
    table["piecewise_constant"] = scheduled {
        .piecewise(boundaries: try $0.integers("boundaries"), values: try $0.numbers("values"))
    }
    table["polynomial_decay"] = scheduled {
        .polynomial(base: try $0.number("base"), total: try $0.integer("total"), power: try $0.number("power"))
    }
    table["polynomial_decay_keras"] = scheduled {
        .polynomial(
            base: try $0.number("base"), end: try $0.number("end"), total: try $0.integer("total"),
            power: try $0.number("power"), cycle: try $0.flag("cycle"))
    }
    table["reduce_on_plateau"] = {
        var reduction = PlateauReduction(
            rate: try $0.number("base"), factor: try $0.number("factor"), patience: try $0.integer("patience"),
            threshold: try $0.number("threshold"), isRelative: try $0.text("threshold_mode") == "rel",
            cooldown: try $0.integer("cooldown"), minimum: try $0.number("minimum"),
            maximizes: try $0.text("mode") == "max")
        let rates = try $0("losses").array(of: Double.self).map { loss in
            defer { reduction.report(loss) }
            return reduction.rate
        }
        return [Tensor(rates, shape: [rates.count]).cast(to: $0.dtype)]
    }
    table["step_decay"] = scheduled {
        .steps(base: try $0.number("base"), every: try $0.integer("step_size"), factor: try $0.number("gamma"))
    }
    table["warmup_cosine"] = scheduled {
        Schedule.cosine(
            base: try $0.number("base"), minimum: try $0.number("minimum"), period: try $0.integer("period")
        )
        .warmedUp(steps: try $0.integer("warmup"), from: try $0.number("start_factor"))
    }
    return table
}
