import ApusCore

/// Multiplies each channel by a trained gate that is often exactly 0 or 1, and adds the expected number of open gates to the
/// loss: L0 regularisation (Louizos et al., ICLR 2018). `[.., channels] -> [.., channels]`.
///
/// While training a gate is `clip(s (upper - lower) + lower, 0, 1)` with `s = sigmoid((logit + noise) / temperature)` and
/// logistic noise, one draw for a batch; `factor * sum sigmoid(logit - temperature log(-lower / upper))` is added to the loss.
/// At inference `s = sigmoid(logit)`. Units whose gates have closed are taken out by ``Sequential/pruned()``:
///
///     let model = Sequential {
///         Dense(64, activation: .relu)
///         HardConcreteGates(1e-3)
///         Dense(10)
///     }
///     // ... after training:
///     let small = try model.pruned()                // Dense(21), Dense(10)
///
/// Parameter: `logits [channels]`.
public final class HardConcreteGates: Layer {
    /// What the expected number of open gates is multiplied by in the loss.
    public let factor: Double
    /// The distribution of the gates.
    public let gates: HardConcrete
    /// How far each gate is open: `[channels]`.
    public let logits: Parameter

    /// - Parameters:
    ///   - factor: what an open gate costs in the loss, 0 or more
    ///   - gates: the distribution of the gates
    ///   - logit: the value of all logits at the beginning; 2 opens gates in most draws
    public init(_ factor: Double = 0.01, gates: HardConcrete = HardConcrete(), logit: Double = 2) {
        self.factor = factor
        self.gates = gates
        logits = Parameter(.constant(logit))
    }

    public var details: String { "factor \(factor)" }

    public func forward(_ x: Tensor) throws(ApusError) -> Tensor {
        guard factor >= 0, factor.isFinite else {
            throw mistake(.value, "the factor is \(factor)", remedy: "use a number of 0 or more")
        }
        try require(x, rank: 1...16, "[.., channels]")
        let logits = logits.value(shape: [x.shape[-1]], dtype: x.dtype)
        if let error = logits.error { throw error }
        guard let pass = trainingPass else { return x * gates.gate(logits) }
        pass.penalties.append(gates.probabilityOfUse(logits).sum() * factor)
        let uniform = pass.random(.uniform, logits.shape, x.dtype).clipped(1e-6, 1 - 1e-6)
        let noise = (uniform / (1 - uniform)).log().cast(to: x.dtype)
        return x * gates.sample(logits, noise: noise)
    }

    /// The gates to predict with, each from 0 (closed) to 1: `[channels]`.
    ///
    /// - Throws: an `ApusError` before the first input has shown how many there are
    public func values() throws(ApusError) -> [Double] { try gates.gate(logits.value).array() }
}
