import ApusCore

/// A rule that turns gradients into new parameters.
///
/// It is a value that describes the rule; the moments it keeps for each parameter live with who applies it (a
/// `Trainer`, or an `OptimizerState` in hand-written loops). Modifiers return a changed optimizer:
///
///     let optimizer = Optimizer.adamW(learningRate: 3e-4, weightDecay: 0.05)
///         .grouped([ParameterGroup("*.bias", weightDecay: 0)])
///         .clipped(.globalNorm(1))
///         .averaging(.exponential(decay: 0.999))
///
/// An optimizer minimises; ``maximizing()`` turns it round.
public struct Optimizer: Sendable {
    /// Whose formulas a rule follows where frameworks differ.
    public enum Convention: Sendable {
        /// PyTorch's.
        case torch
        /// Keras 3's; weight decay is decoupled for every rule.
        case keras
    }

    /// The name for listings.
    public let name: String
    /// The step size.
    public var learningRate: Double
    /// The same for values that differ in their learning rate alone.
    package private(set) var identity = Identity()
    /// The rules by path; the first whose patterns fit is taken. The last one takes all.
    package private(set) var groups: [Group]
    package private(set) var maximizes = false
    package private(set) var clipping: GradientClipping?
    package private(set) var accumulation = 1
    package private(set) var averaging: WeightAveraging?
    package private(set) var lossScaling: LossScaling?
    /// How far sharpness-aware minimisation climbs.
    package private(set) var sharpness: Double?

    package final class Identity: Sendable {}

    package struct Group: Sendable {
        /// All of them must fit.
        var patterns: [PathPattern] = []
        var rule: UpdateRule
        /// Its learning rate as a multiple of the optimizer's.
        var factor = 1.0
    }

    init(_ rule: UpdateRule, learningRate: Double) {
        name = rule.name
        self.learningRate = learningRate
        groups = [Group(rule: rule)]
    }

    private init(name: String, learningRate: Double, groups: [Group]) {
        self.name = name
        self.learningRate = learningRate
        self.groups = groups
    }

    private func changed(_ change: (inout Optimizer) -> Void) -> Optimizer {
        var result = self
        result.identity = Identity()
        change(&result)
        return result
    }

    /// Other learning rates and weight decays for the parameters whose paths fit a pattern; the first that fits counts.
    public func grouped(_ parameterGroups: [ParameterGroup]) -> Optimizer {
        changed { optimizer in
            optimizer.groups =
                parameterGroups.flatMap { own in
                    groups.map { group in
                        var group = group
                        group.patterns.append(own.pattern)
                        group.factor *= own.learningRateFactor
                        if let decay = own.weightDecay { group.rule.decayAmount = decay }
                        return group
                    }
                } + groups
        }
    }

    /// Several optimizers, each for the parameters whose paths fit its pattern; the first that fits counts.
    ///
    ///     .combined([("*.weight", .muon())], otherwise: .adamW(learningRate: 3e-4))
    ///
    /// Their learning rates keep their ratio: `learningRate` (and a schedule) is that of `otherwise`. Modifiers such as
    /// ``clipped(_:)`` belong on the result; those of the parts are not looked at.
    public static func combined(
        _ parts: [(pattern: PathPattern, optimizer: Optimizer)], otherwise: Optimizer
    ) -> Optimizer {
        let base = otherwise.learningRate
        let own = parts.flatMap { pattern, optimizer in
            optimizer.groups.map { group in
                Group(
                    patterns: group.patterns + [pattern], rule: group.rule,
                    factor: base == 0 ? 1 : group.factor * optimizer.learningRate / base)
            }
        }
        let names = parts.map(\.optimizer.name) + [otherwise.name]
        return Optimizer(
            name: names.joined(separator: " and "), learningRate: base, groups: own + otherwise.groups)
    }

    /// Goes up the gradient instead of down.
    public func maximizing() -> Optimizer { changed { $0.maximizes.toggle() } }

    /// Limits gradients before they are used.
    public func clipped(_ clipping: GradientClipping) -> Optimizer { changed { $0.clipping = clipping } }

    /// Updates after every `count` batches with the mean of their gradients, as a batch of that many times the size
    /// would. A trainer's step count goes on counting batches.
    public func accumulating(_ count: Int) -> Optimizer { changed { $0.accumulation = count } }

    /// Keeps a running average of the parameters: see `Trainer.withAverages` and `OptimizerState.withAverages`.
    public func averaging(_ averaging: WeightAveraging) -> Optimizer { changed { $0.averaging = averaging } }

    /// Multiplies the loss so that small gradients do not vanish in short floating-point types; gradients are divided
    /// again, and steps with gradients that are no numbers are left out.
    public func lossScaled(_ scaling: LossScaling = .dynamic()) -> Optimizer { changed { $0.lossScaling = scaling } }

    /// Sharpness-aware minimisation (Foret et al., ICLR 2021): takes the gradient at `w + radius g / |g|`, which leads to
    /// flat minima. A step costs two passes.
    ///
    /// For a `Trainer`; hand-written loops take the gradients of ``sharpnessAwareGradient(_:radius:seed:_:)``.
    public func sharpnessAware(radius: Double = 0.05) -> Optimizer { changed { $0.sharpness = radius } }

    /// Two sets of parameters: the fast ones follow the rule, and every `count` updates the slow ones go the part `alpha`
    /// of the way to them, from where the fast ones start anew (Zhang et al., NeurIPS 2019).
    public func lookahead(every count: Int = 5, alpha: Double = 0.5) -> Optimizer {
        changed { optimizer in
            for index in groups.indices { optimizer.groups[index].rule = groups[index].rule.lookahead(count, alpha) }
        }
    }

    /// The first hyperparameter out of its range.
    package func check() throws(ApusError) {
        let place = "optimizer \(name)"
        guard learningRate.isFinite, learningRate >= 0 else {
            throw ApusError(
                .value, in: place, "the learning rate is \(learningRate)",
                remedy: "use a number of 0 or more; maximizing() goes up the gradient")
        }
        for group in groups {
            if let problem = group.rule.problem { throw problem }
            guard group.factor.isFinite, group.factor >= 0, group.rule.decayAmount.isFinite,
                group.rule.decayAmount >= 0
            else {
                throw ApusError(
                    .value, in: place,
                    "a group has the learning rate factor \(group.factor) and the weight decay \(group.rule.decayAmount)",
                    remedy: "use numbers of 0 or more")
            }
        }
        if let clipping, !(clipping.threshold > 0) {
            throw ApusError(
                .value, in: place, "gradients are clipped at \(clipping.threshold)", remedy: "use a number over 0")
        }
        if let clipping, !(clipping.order > 0 && clipping.epsilon >= 0 && clipping.epsilon.isFinite) {
            throw ApusError(
                .value, in: place, "gradients are clipped by norms of order \(clipping.order) + \(clipping.epsilon)",
                remedy: "use an order over 0 and a finite epsilon of 0 or more")
        }
        guard (1...1 << 30).contains(accumulation) else {
            throw ApusError(
                .value, in: place, "gradients of \(accumulation) batches are accumulated", remedy: "use 1 or more")
        }
        if let sharpness, !(sharpness.isFinite && sharpness > 0) {
            throw ApusError(.value, in: place, "the radius is \(sharpness)", remedy: "use a number over 0")
        }
        try averaging?.check(in: place)
        try lossScaling?.check(in: place)
    }
}

/// Parameters with a learning rate and weight decay of their own, by the pattern of their paths.
public struct ParameterGroup: Sendable {
    /// Which parameters it is for.
    public var pattern: PathPattern
    /// What the optimizer's learning rate is multiplied by; 0 keeps the parameters as they are.
    public var learningRateFactor: Double
    /// The weight decay instead of the optimizer's.
    public var weightDecay: Double?

    /// - Parameter weightDecay: instead of the optimizer's; `nil` leaves that
    public init(_ pattern: PathPattern, learningRateFactor: Double = 1, weightDecay: Double? = nil) {
        self.pattern = pattern
        self.learningRateFactor = learningRateFactor
        self.weightDecay = weightDecay
    }
}
