import ApusCore

/// Attention with scaled dot products (Vaswani et al., NeurIPS 2017): for each head
/// `softmax(query key^T scale + mask) value`.
///
///     let y = scaledDotProductAttention(q, k, v, isCausal: true)
///
/// - Parameters:
///   - query: `[batch, queries, heads, width]`
///   - key: `[batch, keys, key heads, width]`; a number of key heads that divides that of the query heads: with fewer,
///     each serves as many query heads in a row (Ainslie et al., EMNLP 2023)
///   - value: `[batch, keys, key heads, value width]`
///   - mask: broadcast to `[batch, heads, queries, keys]`; `bool`: true where a query may see a key, numbers: added to
///     the scores. A query that may see nothing gets zeros.
///   - isCausal: whether query `i` sees the keys up to `i` alone
///   - scale: the factor of the products; by default `1 / sqrt(width)`
///   - softCap: `cap` limits scores smoothly, `cap tanh(score / cap)` (Gemma Team, 2024)
///   - dropout: the share of the weights that is dropped while training
/// - Returns: `[batch, queries, heads, value width]`
public func scaledDotProductAttention(
    _ query: Tensor, _ key: Tensor, _ value: Tensor, mask: Tensor? = nil, isCausal: Bool = false,
    scale: Double? = nil, softCap: Double? = nil, dropout: Double = 0
) -> Tensor {
    do throws(ApusError) {
        let weights = try attentionWeights(
            query, key, mask: mask, isCausal: isCausal, scale: scale, softCap: softCap,
            in: "operation scaledDotProductAttention")
        return try attend(weights, to: value, dropout: dropout, in: "operation scaledDotProductAttention")
    } catch {
        return Tensor(error: error)
    }
}

/// The weights by which ``scaledDotProductAttention(_:_:_:mask:isCausal:scale:softCap:dropout:)`` sums values:
/// `[batch, heads, queries, keys]`. The sum over the keys is 1.
public func attentionWeights(
    _ query: Tensor, _ key: Tensor, mask: Tensor? = nil, isCausal: Bool = false, scale: Double? = nil,
    softCap: Double? = nil
) -> Tensor {
    do throws(ApusError) {
        return try attentionWeights(
            query, key, mask: mask, isCausal: isCausal, scale: scale, softCap: softCap,
            in: "operation attentionWeights")
    } catch {
        return Tensor(error: error)
    }
}

/// The weights, with a bias that is added to the scores after the mask was made.
func attentionWeights(
    _ query: Tensor, _ key: Tensor, mask: Tensor? = nil, isCausal: Bool, scale: Double?, softCap: Double?,
    bias: Tensor? = nil, in place: String
) throws(ApusError) -> Tensor {
    try requireSound([query, key] + [mask, bias].compactMap { $0 })
    let (q, k) = (query.shape, key.shape)
    guard q.rank == 4, k.rank == 4, q[0] == k[0], q[3] == k[3], k[2] > 0, q[2] % k[2] == 0 else {
        throw ApusError(
            .shape, in: place, "query of shape \(q), key of shape \(k)",
            remedy: "feed [batch, queries, heads, width] and [batch, keys, key heads, width] with one batch and width "
                + "and a number of key heads that divides the heads")
    }
    if let softCap, !(softCap > 0) {
        throw ApusError(.value, in: place, "the soft cap is \(softCap)", remedy: "use a number over 0")
    }
    let shared = q[2] / k[2]
    // Query heads that share a key head are more rows of one product.
    let rows = query.reshaped(to: [q[0], q[1], k[2], shared, q[3]]).permuted([0, 2, 3, 1, 4])
        .reshaped(to: [q[0], k[2], shared * q[1], q[3]])
    var scores = matmul(rows, key.permuted([0, 2, 3, 1])) * (scale ?? 1 / Double(max(q[3], 1)).squareRoot())
    scores = scores.reshaped(to: [q[0], q[2], q[1], k[1]])
    if let softCap { scores = (scores / softCap).tanh() * softCap }
    if let bias { scores = scores + bias }
    return try maskedSoftmax(scores, mask: mask, isCausal: isCausal, in: place)
}

/// Values summed by weights: `[batch, heads, queries, keys] x [batch, keys, key heads, width] -> [batch, queries,
/// heads, width]`.
func attend(_ weights: Tensor, to value: Tensor, dropout: Double, in place: String) throws(ApusError) -> Tensor {
    try requireSound([weights, value])
    let (w, v) = (weights.shape, value.shape)
    guard v.rank == 4, v[0] == w[0], v[1] == w[3], v[2] > 0, w[1] % v[2] == 0 else {
        throw ApusError(
            .shape, in: place, "weights of shape \(w), value of shape \(v)",
            remedy: "feed a value [batch, keys, key heads, width] with the batch, keys and heads of the key")
    }
    let dropped = try droppedOut(weights, dropout, in: place)
    let rows = dropped.reshaped(to: [w[0], v[2], w[1] / v[2] * w[2], w[3]])
    return matmul(rows, value.permuted([0, 2, 1, 3]))
        .reshaped(to: [w[0], w[1], w[2], v[3]]).permuted([0, 2, 1, 3])
}

/// The softmax of scores `[.., queries, keys]` over the keys that a mask and causality let through; zeros where they
/// let nothing through.
func maskedSoftmax(
    _ scores: Tensor, mask: Tensor?, isCausal: Bool, in place: String
) throws(ApusError) -> Tensor {
    try requireSound([scores] + [mask].compactMap { $0 })
    guard scores.rank >= 2 else {
        throw ApusError(
            .shape, in: place, "scores of shape \(scores.shape)", remedy: "use scores [.., queries, keys]")
    }
    var scores = scores
    var visible: Tensor?
    if let mask {
        guard mask.dtype == .bool || mask.dtype.isFloatingPoint else {
            throw ApusError(
                .type, in: place, "a mask of type \(mask.dtype)",
                remedy: "use bool (true where a query may see a key), or numbers to add to the scores")
        }
        guard try Shape.broadcast(mask.shape, scores.shape, in: place + ", mask and scores") == scores.shape else {
            throw ApusError(
                .shape, in: place, "a mask of shape \(mask.shape) for scores of shape \(scores.shape)",
                remedy: "use a mask that broadcasts to the scores")
        }
        if mask.dtype == .bool { visible = mask } else { scores = scores + mask.cast(to: scores.dtype) }
    }
    if isCausal {
        let causal = causalMask(queries: scores.shape[-2], keys: scores.shape[-1])
        visible = visible.map { $0 & causal } ?? causal
    }
    // Without keys there are no weights.
    guard scores.error == nil, scores.shape[-1] > 0 else { return scores }
    guard let visible else { return scores.softmax() }
    // Far below any score, but finite: minus infinity less itself is no number.
    let hidden = Tensor(repeating: -1e30, shape: scores.shape, dtype: scores.dtype)
    let weights = Tensor.select(visible, scores, hidden).softmax()
    guard mask?.dtype == .bool else { return weights }
    return Tensor.select(visible, weights, Tensor.zeros(weights.shape, dtype: weights.dtype))
}

/// Which keys each query may see: those at its own position and before, `[queries, keys]` of type `bool`.
///
/// - Parameter offset: the position of the first query, where keys begin before the queries
public func causalMask(queries: Int, keys: Int, offset: Int = 0) -> Tensor {
    guard countRange.contains(queries), countRange.contains(keys) else {
        return Tensor(
            error: ApusError(
                .value, in: "causalMask", "\(queries) queries, \(keys) keys", remedy: "use counts in \(countRange)"))
    }
    let rows = Tensor.range(count: queries, from: Double(offset), dtype: .int64).expanded(at: 1)
    return rows .>= Tensor.range(count: keys, dtype: .int64)
}

/// Numbers of steps that fit an index.
let countRange = 0...1 << 24

/// Which positions of padded sequences are real: `[batch]` lengths to `[batch, length]` of type `bool`.
public func lengthMask(_ lengths: Tensor, length: Int) -> Tensor {
    guard lengths.error == nil else { return lengths }
    guard countRange.contains(length), lengths.dtype.isInteger else {
        return Tensor(
            error: ApusError(
                .value, in: "lengthMask", "lengths of type \(lengths.dtype) for \(length) positions",
                remedy: "give int32 or int64 lengths and a number of positions in \(countRange)"))
    }
    return Tensor.range(count: length, dtype: lengths.dtype) .< lengths.expanded(at: -1)
}

/// Attention with scores by addition (Bahdanau et al., ICLR 2015):
/// `score[q, k] = sum_u scale[u] tanh(query[q, u] + key[k, u])`, softmax over the keys.
///
/// - Parameters:
///   - query: `[batch, queries, units]`
///   - key: `[batch, keys, units]`
///   - value: `[batch, keys, width]`
///   - scale: `[units]`; by default ones
///   - mask: broadcast to `[batch, queries, keys]`; `bool`: true where a query may see a key, numbers: added
/// - Returns: the output `[batch, queries, width]` and the weights `[batch, queries, keys]`
public func additiveAttention(
    _ query: Tensor, _ key: Tensor, _ value: Tensor, scale: Tensor? = nil, mask: Tensor? = nil, isCausal: Bool = false,
    dropout: Double = 0
) -> (output: Tensor, weights: Tensor) {
    let place = "operation additiveAttention"
    do throws(ApusError) {
        try requireSound([query, key, value] + [scale].compactMap { $0 })
        try requireSequences(query, key, value, in: place)
        guard query.shape[2] == key.shape[2] else {
            throw ApusError(
                .shape, in: place, "query of shape \(query.shape), key of shape \(key.shape)",
                remedy: "give both the same number of units in the last axis")
        }
        let sums = (query.expanded(at: 2) + key.expanded(at: 1)).tanh()
        let scores = (scale.map { sums * $0 } ?? sums).sum(axes: [-1])
        return try summed(scores, value, mask: mask, isCausal: isCausal, dropout: dropout, in: place)
    } catch {
        return (Tensor(error: error), Tensor(error: error))
    }
}

/// Attention with plain dot products (Luong et al., EMNLP 2015): `softmax(query key^T scale) value`.
///
/// - Parameters:
///   - query: `[batch, queries, width]`
///   - key: `[batch, keys, width]`
///   - value: `[batch, keys, value width]`
///   - scale: a factor of the scores, a scalar; by default 1
///   - mask: broadcast to `[batch, queries, keys]`; `bool`: true where a query may see a key, numbers: added
/// - Returns: the output `[batch, queries, value width]` and the weights `[batch, queries, keys]`
public func dotProductAttention(
    _ query: Tensor, _ key: Tensor, _ value: Tensor, scale: Tensor? = nil, mask: Tensor? = nil, isCausal: Bool = false,
    dropout: Double = 0
) -> (output: Tensor, weights: Tensor) {
    let place = "operation dotProductAttention"
    do throws(ApusError) {
        try requireSound([query, key, value] + [scale].compactMap { $0 })
        try requireSequences(query, key, value, in: place)
        let products = matmul(query, key.matrixTransposed())
        return try summed(
            scale.map { products * $0 } ?? products, value, mask: mask, isCausal: isCausal, dropout: dropout, in: place)
    } catch {
        return (Tensor(error: error), Tensor(error: error))
    }
}

private func summed(
    _ scores: Tensor, _ value: Tensor, mask: Tensor?, isCausal: Bool, dropout: Double, in place: String
) throws(ApusError) -> (output: Tensor, weights: Tensor) {
    let weights = try maskedSoftmax(scores, mask: mask, isCausal: isCausal, in: place)
    return (matmul(try droppedOut(weights, dropout, in: place), value), weights)
}

private func requireSequences(
    _ query: Tensor, _ key: Tensor, _ value: Tensor, in place: String
) throws(ApusError) {
    guard query.rank == 3, key.rank == 3, value.rank == 3, query.shape[0] == key.shape[0],
        key.shape[0] == value.shape[0], key.shape[1] == value.shape[1]
    else {
        throw ApusError(
            .shape, in: place,
            "query of shape \(query.shape), key of shape \(key.shape), value of shape \(value.shape)",
            remedy: "feed [batch, queries, units], [batch, keys, units] and [batch, keys, width]")
    }
}

/// Throws the first error that tensors carry.
func requireSound(_ tensors: [Tensor]) throws(ApusError) {
    for tensor in tensors { if let error = tensor.error { throw error } }
}

/// Weights with a share of them dropped, while training.
private func droppedOut(_ weights: Tensor, _ rate: Double, in place: String) throws(ApusError) -> Tensor {
    guard rate >= 0, rate < 1 else {
        throw ApusError(
            .value, in: place, "the dropout rate is \(rate)", remedy: "use a probability from 0 to below 1")
    }
    guard rate > 0, let pass = ForwardPass.current, pass.mode == .training else { return weights }
    return weights * (pass.mask(rate: rate, weights.shape, weights.dtype) * (1 / (1 - rate)))
}
