import ApusCore

/// What attention layers without projections share: a mask for the past, dropout of the weights, a learnt scale.
///
/// One tensor alone attends to itself.
public class PlainAttention: Layer {
    /// Whether a query sees its own position and those before alone.
    public let isCausal: Bool
    /// The share of the weights that is dropped while training.
    public let dropout: Double
    /// What scales the scores, if it is learnt.
    public let scale: Parameter?

    init(scale: Parameter?, isCausal: Bool, dropout: Double) {
        self.isCausal = isCausal
        self.dropout = dropout
        self.scale = scale
    }

    public var details: String { isCausal ? "causal" : "" }

    public func forward(_ x: Tensor) throws(ApusError) -> Tensor {
        let output = attend(x, key: nil, value: x, mask: nil).output
        try requireSound([output])
        return output
    }

    /// - Parameters:
    ///   - query: `[batch, queries, width]`
    ///   - value: `[batch, keys, value width]`
    ///   - key: `[batch, keys, width]`; by default the value
    ///   - mask: broadcast to `[batch, queries, keys]`; see ``dotProductAttention(_:_:_:scale:mask:isCausal:dropout:)``
    public func callAsFunction(_ query: Tensor, value: Tensor, key: Tensor? = nil, mask: Tensor? = nil) -> Tensor {
        observed { attend(query, key: key, value: value, mask: mask).output }
    }

    /// The output and the weights `[batch, queries, keys]`, for display.
    public func attend(
        _ query: Tensor, key: Tensor? = nil, value: Tensor, mask: Tensor? = nil
    ) -> (output: Tensor, weights: Tensor) {
        dotProductAttention(
            query, key ?? value, value, scale: scale?.value(shape: [], dtype: query.dtype), mask: mask,
            isCausal: isCausal, dropout: dropout)
    }
}

/// Dot-product attention over sequences (Luong et al., EMNLP 2015): `softmax(query key^T scale) value`.
///
///     let y = Attention()(query, value: memory)     // [batch, queries, width], [batch, keys, width]
///
/// With `usesScale` the factor of the scores is learnt: parameter `scale []`.
public final class Attention: PlainAttention {
    /// - Parameter usesScale: whether scores are multiplied by a trainable number
    public init(usesScale: Bool = false, isCausal: Bool = false, dropout: Double = 0) {
        super.init(scale: usesScale ? Parameter(.ones) : nil, isCausal: isCausal, dropout: dropout)
    }
}

/// Attention with scores by addition (Bahdanau et al., ICLR 2015) of a query and keys that have the same number of
/// units: `score = sum(scale tanh(query + key))`.
///
/// Parameter, with `usesScale`: `scale [units]`. ``BahdanauAttention`` projects query and keys first.
public final class AdditiveAttention: PlainAttention {
    /// - Parameter usesScale: whether the features are weighed by a trainable vector before they are summed
    public init(usesScale: Bool = true, isCausal: Bool = false, dropout: Double = 0) {
        super.init(scale: usesScale ? Parameter(.glorotUniform) : nil, isCausal: isCausal, dropout: dropout)
    }

    public override func attend(
        _ query: Tensor, key: Tensor? = nil, value: Tensor, mask: Tensor? = nil
    ) -> (output: Tensor, weights: Tensor) {
        let units = query.shape[-1]
        return additiveAttention(
            query, key ?? value, value,
            scale: query.error == nil
                ? scale?.value(shape: [units], fanIn: units, fanOut: 1, dtype: query.dtype) : nil,
            mask: mask, isCausal: isCausal, dropout: dropout)
    }
}

/// Attention of a decoder's state over what an encoder made of its input (Bahdanau et al., ICLR 2015):
/// `score[j] = v . tanh(query(state) + key(memory[j]))`, softmax over `j`, sum of the memory by these weights.
///
///     let attention = BahdanauAttention(units: 256)
///     let keys = attention.key(memory)              // once for a sequence
///     let (context, weights) = attention.attend(state, memory: memory, projectedKeys: keys)
///
/// Parameters: those of the dense layers `query`, `key` (`units` outputs) and `score` (1 output).
public final class BahdanauAttention: Layer {
    /// Makes `units` features of queries.
    public let query: Dense
    /// Makes `units` features of keys.
    public let key: Dense
    /// Makes a score of the features.
    public let score: Dense

    /// - Parameter units: the features in which queries and keys meet, 1 or more
    public init(units: Int, bias: Bool = true, initializer: Initializer = .glorotUniform) {
        query = Dense(units, bias: bias, initializer: initializer)
        key = Dense(units, bias: bias, initializer: initializer)
        score = Dense(1, bias: bias, initializer: initializer)
    }

    public var details: String { "\(query.units) units" }

    /// A sequence that attends to itself: `[batch, time, width] -> [batch, time, width]`.
    public func forward(_ x: Tensor) throws(ApusError) -> Tensor {
        try require(x, rank: 3, "[batch, time, width]")
        let output = attend(x, memory: x).output
        try requireSound([output])
        return output
    }

    /// The context for states: `[batch, width]` or `[batch, queries, width]`.
    public func callAsFunction(_ state: Tensor, memory: Tensor, mask: Tensor? = nil) -> Tensor {
        observed { attend(state, memory: memory, mask: mask).output }
    }

    /// The context and the weights.
    ///
    /// - Parameters:
    ///   - state: `[batch, width]` or `[batch, queries, width]`
    ///   - memory: `[batch, keys, memory width]`
    ///   - projectedKeys: `key(memory)`, if it has been computed before
    ///   - mask: `[batch, keys]` of type `bool`, true for real positions
    /// - Returns: `[batch, memory width]` and `[batch, keys]`, each with the queries' axis after the batch if the state
    ///   has it
    public func attend(
        _ state: Tensor, memory: Tensor, projectedKeys: Tensor? = nil, mask: Tensor? = nil
    ) -> (output: Tensor, weights: Tensor) {
        do throws(ApusError) {
            try requireSound([state, memory] + [projectedKeys, mask].compactMap { $0 })
            guard memory.rank == 3, state.rank == 2 || state.rank == 3, state.shape[0] == memory.shape[0] else {
                throw mistake(
                    .shape, "a state of shape \(state.shape), a memory of shape \(memory.shape)",
                    remedy: "feed [batch, width] or [batch, queries, width] and [batch, keys, memory width]")
            }
            let single = state.rank == 2
            let queries = query(single ? state.expanded(at: 1) : state).expanded(at: 2)
            let keys = projectedKeys ?? key(memory)
            guard keys.error != nil || keys.shape == [memory.shape[0], memory.shape[1], query.units] else {
                throw mistake(
                    .shape, "projected keys of shape \(keys.shape) for a memory of shape \(memory.shape)",
                    remedy: "give key(memory)")
            }
            let scores = score((queries + keys.expanded(at: 1)).tanh())
            try requireSound([scores])
            let weights = try maskedSoftmax(
                scores.squeezed(-1), mask: mask.map { $0.rank == 2 ? $0.expanded(at: 1) : $0 }, isCausal: false,
                in: place)
            let output = matmul(weights, memory)
            return single ? (output.squeezed(1), weights.squeezed(1)) : (output, weights)
        } catch {
            return (Tensor(error: error), Tensor(error: error))
        }
    }
}
