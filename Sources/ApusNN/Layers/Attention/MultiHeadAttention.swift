import ApusCore

/// How an attention layer tells positions apart by itself.
public enum AttentionPositions: Sendable, Hashable {
    /// It does not: positions are part of the input.
    case none
    /// Queries and keys are rotated; see ``rotaryEmbedding(_:offset:base:style:)``.
    case rotary(base: Double = 10_000, style: RotaryStyle = .half)
    /// Scores fall with the distance; see ``alibiBias(heads:queries:keys:offset:dtype:)``.
    case alibi
}

/// Attention by several heads (Vaswani et al., NeurIPS 2017): queries, keys and values are projected for each head,
/// attended, joined, and projected again.
///
///     let y = MultiHeadAttention(heads: 4)(x)                          // attends to itself
///     let z = MultiHeadAttention(heads: 4)(x, key: memory)             // attends to another sequence
///
/// `[batch, queries, width] -> [batch, queries, output size]`. Parameters: `query.weight [width, heads x key size]`,
/// `key.weight [key width, key heads x key size]`, `value.weight [value width, key heads x value size]`,
/// `output.weight [heads x value size, output size]`, each with a `bias`. Head `h` owns columns `h x size ..< (h + 1) x
/// size`.
public class MultiHeadAttention: Layer {
    /// Heads of queries.
    public let heads: Int
    /// Heads of keys and values; fewer than `heads` where several query heads share them.
    public let keyHeads: Int
    /// Whether a query sees its own position and those before alone.
    public let isCausal: Bool
    /// How positions reach the scores.
    public let positions: AttentionPositions
    /// What limits scores smoothly, if anything does.
    public let softCap: Double?
    /// The share of the weights that is dropped while training.
    public let dropout: Double
    private let keySize: Int?
    private let valueSize: Int?
    private let outputSize: Int?
    /// Makes the queries of all heads.
    public let query: Projection
    /// Makes the keys of all heads.
    public let key: Projection
    /// Makes the values of all heads.
    public let value: Projection
    /// Makes the output of all heads' results.
    public let output: Projection

    /// - Parameters:
    ///   - keySize: the width of each head's queries and keys; by default the input's width divided by the heads
    ///   - valueSize: the width of each head's values; by default the key size
    ///   - outputSize: the width of the output; by default that of the query
    ///   - keyHeads: the number of heads of keys and values; by default that of the queries. It divides `heads`.
    ///   - isCausal: whether a query sees its own position and those before alone
    ///   - softCap: limits scores smoothly
    ///   - dropout: the share of the weights that is dropped while training
    public init(
        heads: Int, keySize: Int? = nil, valueSize: Int? = nil, outputSize: Int? = nil, keyHeads: Int? = nil,
        isCausal: Bool = false, positions: AttentionPositions = .none, softCap: Double? = nil, bias: Bool = true,
        dropout: Double = 0, initializer: Initializer = .glorotUniform
    ) {
        self.heads = heads
        self.keyHeads = keyHeads ?? heads
        self.keySize = keySize
        self.valueSize = valueSize
        self.outputSize = outputSize
        self.isCausal = isCausal
        self.positions = positions
        self.softCap = softCap
        self.dropout = dropout
        query = Projection(bias: bias, initializer: initializer)
        key = Projection(bias: bias, initializer: initializer)
        value = Projection(bias: bias, initializer: initializer)
        output = Projection(bias: bias, initializer: initializer)
    }

    public var details: String {
        var text = "\(heads) heads"
        if keyHeads != heads { text += " on \(keyHeads)" }
        if isCausal { text += ", causal" }
        return text
    }

    public func forward(_ x: Tensor) throws(ApusError) -> Tensor {
        try attention(x, x, x, mask: nil, keyMask: nil, cache: nil).output
    }

    /// - Parameters:
    ///   - key: `[batch, keys, key width]`; by default the query
    ///   - value: `[batch, keys, value width]`; by default the key
    ///   - mask: broadcast to `[batch, heads, queries, keys]`; `bool`: true where a query may see a key, numbers: added
    ///   - keyMask: `[batch, keys]` of type `bool`, true for real positions
    ///   - cache: the steps before these, which are added to it; for attention to itself. It is causal whatever
    ///     `isCausal` says.
    public func callAsFunction(
        _ query: Tensor, key: Tensor? = nil, value: Tensor? = nil, mask: Tensor? = nil, keyMask: Tensor? = nil,
        cache: KeyValueCache? = nil
    ) -> Tensor {
        observed { () throws(ApusError) in
            let key = key ?? query
            return try attention(query, key, value ?? key, mask: mask, keyMask: keyMask, cache: cache).output
        }
    }

    /// The output and the weights `[batch, heads, queries, keys]`, for display.
    public func attend(
        _ query: Tensor, key: Tensor? = nil, value: Tensor? = nil, mask: Tensor? = nil, keyMask: Tensor? = nil
    ) -> (output: Tensor, weights: Tensor) {
        do throws(ApusError) {
            let key = key ?? query
            return try attention(query, key, value ?? key, mask: mask, keyMask: keyMask, cache: nil)
        } catch {
            return (Tensor(error: error), Tensor(error: error))
        }
    }

    private func attention(
        _ query: Tensor, _ key: Tensor, _ value: Tensor, mask: Tensor?, keyMask: Tensor?, cache: KeyValueCache?
    ) throws(ApusError) -> (output: Tensor, weights: Tensor) {
        try requireSound([query, key, value] + [mask, keyMask].compactMap { $0 })
        let sizes = try headSizes(query, key, value)
        func split(_ x: Tensor, _ heads: Int, _ size: Int) -> Tensor {
            x.reshaped(to: Shape(x.shape.extents.dropLast() + [heads, size]))
        }
        var q = split(self.query(query, units: heads * sizes.key), heads, sizes.key)
        var k = split(self.key(key, units: keyHeads * sizes.key), keyHeads, sizes.key)
        var v = split(self.value(value, units: keyHeads * sizes.value), keyHeads, sizes.value)
        let start = cache.map { $0.position.cast(to: q.dtype) }
        if case .rotary(let base, let style) = positions {
            let steps = Tensor.range(count: max(q.shape[1], k.shape[1]), dtype: q.dtype)
            let shifted = start.map { steps + $0 } ?? steps
            q = rotaryEmbedding(
                q, positions: shifted.slice(axis: 0, 0..<q.shape[1]), base: base, style: style)
            k = rotaryEmbedding(
                k, positions: shifted.slice(axis: 0, 0..<k.shape[1]), base: base, style: style)
        }
        var visible = mask
        if let cache {
            let (keys, values, steps) = try cache.append(k, v, in: place)
            (k, v) = (keys, values)
            visible = try joined(visible, steps)
        }
        if let keyMask { visible = try joined(visible, keyMask.expanded(at: 1).expanded(at: 1)) }
        var bias: Tensor?
        if positions == .alibi {
            let rows = Tensor.range(count: q.shape[1], dtype: q.dtype)
            bias = alibiBias(
                heads: heads, queries: start.map { rows + $0 } ?? rows,
                keys: Tensor.range(count: k.shape[1], dtype: q.dtype))
        }
        // A cache brings its own mask.
        let weights = try attentionWeights(
            q, k, mask: visible, isCausal: isCausal && cache == nil, scale: nil, softCap: softCap, bias: bias,
            in: place)
        let mixed = try attend(weights, to: v, dropout: dropout, in: place)
        try requireSound([mixed])
        let flat = mixed.reshaped(to: [mixed.shape[0], mixed.shape[1], heads * sizes.value])
        return (output(flat, units: outputSize ?? query.shape[2]), weights)
    }

    private func attend(
        _ weights: Tensor, to value: Tensor, dropout: Double, in place: String
    ) throws(ApusError) -> Tensor {
        try ApusNN.attend(weights, to: value, dropout: dropout, in: place)
    }

    /// A mask that lets through what both do; numbers are added where they meet a `bool` mask.
    private func joined(_ mask: Tensor?, _ other: Tensor) throws(ApusError) -> Tensor {
        guard let mask else { return other }
        try requireSound([mask, other])
        if mask.dtype == .bool, other.dtype == .bool { return mask & other }
        guard mask.dtype.isFloatingPoint, other.dtype == .bool else {
            throw mistake(
                .type, "masks of type \(mask.dtype) and \(other.dtype)",
                remedy: "use bool for masks of keys, and bool or numbers for the mask of scores")
        }
        return Tensor.select(other, mask, Tensor(-1e30, dtype: mask.dtype))
    }

    private func headSizes(
        _ query: Tensor, _ key: Tensor, _ value: Tensor
    ) throws(ApusError) -> (key: Int, value: Int) {
        for tensor in [query, key, value] { try require(tensor, rank: 3, "[batch, time, width]") }
        guard query.shape[0] == key.shape[0], key.shape[0] == value.shape[0], key.shape[1] == value.shape[1] else {
            throw mistake(
                .shape, "query of shape \(query.shape), key of shape \(key.shape), value of shape \(value.shape)",
                remedy: "give all the same batch, and key and value the same number of steps")
        }
        try require(heads, in: 1...65536, "the number of heads")
        guard keyHeads >= 1, heads % keyHeads == 0 else {
            throw mistake(
                .value, "\(keyHeads) key heads for \(heads) heads", remedy: "use a number that divides the heads")
        }
        guard keySize != nil || (query.shape[2] % heads == 0 && query.shape[2] > 0) else {
            throw mistake(
                .shape, "\(heads) heads for an input of shape \(query.shape)",
                remedy: "use a number of heads that divides the width, or give keySize")
        }
        let size = keySize ?? query.shape[2] / heads
        try require(size, in: 1...65536, "the key size")
        try require(valueSize ?? size, in: 1...65536, "the value size")
        try require(outputSize ?? max(query.shape[2], 1), in: 1...1 << 24, "the output size")
        if case .rotary = positions, size % 2 != 0 {
            throw mistake(
                .value, "rotary positions with a key size of \(size)", remedy: "use an even key size")
        }
        return (size, valueSize ?? size)
    }
}

/// Multi-head attention in which several query heads share a head of keys and values (Ainslie et al., EMNLP 2023); with
/// one key head it is multi-query attention.
/// `[batch, time, features] -> [batch, time, features]`.
public final class GroupedQueryAttention: MultiHeadAttention {
    /// - Parameter keyHeads: the number of heads of keys and values, which divides `heads`; 1 is multi-query
    ///   attention
    public init(
        heads: Int, keyHeads: Int, keySize: Int? = nil, isCausal: Bool = false,
        positions: AttentionPositions = .none, softCap: Double? = nil, bias: Bool = true, dropout: Double = 0,
        initializer: Initializer = .glorotUniform
    ) {
        super.init(
            heads: heads, keySize: keySize, keyHeads: keyHeads, isCausal: isCausal, positions: positions,
            softCap: softCap, bias: bias, dropout: dropout, initializer: initializer)
    }
}
