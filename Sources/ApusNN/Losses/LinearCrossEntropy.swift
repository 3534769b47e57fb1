import ApusCore

/// The cross-entropy of a last linear layer, `softmaxCrossEntropy(matmul(x, weight) + bias, labels)`, without all logits in
/// memory at once: rows are taken in chunks, forwards and backwards.
///
///     // The words of a language model: 8 chunks instead of [batch * time, vocabulary].
///     linearCrossEntropy(hidden, weight: table.transposed(), labels: words, chunks: 8)
///
/// - Parameters:
///   - x: `[..., features]`
///   - weight: `[features, classes]`
///   - bias: `[classes]`
///   - labels: `[...]`, integers in `0 ..< classes`; others are an error when the loss is read
///   - chunks: the number of parts
///   - ignoredLabel: the label whose positions count for nothing
/// - Returns: the mean over what counts: a scalar; 0 where nothing does
public func linearCrossEntropy(
    _ x: Tensor, weight: Tensor, bias: Tensor? = nil, labels: Tensor, chunks: Int = 8, ignoredLabel: Int? = nil
) -> Tensor {
    let place = "linearCrossEntropy"
    return Tensor.composed(of: [x, weight, labels] + [bias].compactMap { $0 }) { () throws(ApusError) in
        guard x.rank >= 1, weight.rank == 2, x.shape[-1] == weight.shape[0], labels.dtype.isInteger,
            labels.shape.extents == Array(x.shape.extents.dropLast()),
            bias.map({ $0.shape == [weight.shape[1]] }) ?? true
        else {
            throw ApusError(
                .shape, in: place,
                "an input of shape \(x.shape), a weight of shape \(weight.shape)"
                    + (bias.map { ", a bias of shape \($0.shape)" } ?? "")
                    + ", labels of shape \(labels.shape) and type \(labels.dtype)",
                remedy: "give [..., features], [features, classes], [classes] and integer labels [...]")
        }
        guard chunks >= 1 else {
            throw ApusError(.value, in: place, "\(chunks) chunks", remedy: "use 1 or more")
        }
        let rows = labels.shape.count
        let count = max(min(chunks, rows), 1)
        let size = (rows + count - 1) / count
        func chunked(_ rowwise: Tensor) -> Tensor {
            let widths = (0..<rowwise.rank).map { (before: 0, after: $0 == 0 ? count * size - rows : 0) }
            return rowwise.padded(widths).reshaped(to: Shape([count, size] + rowwise.shape.extents.dropFirst()))
        }
        let flat = labels.flattened().cast(to: .int64)
        var weights = Tensor.ones([rows], dtype: x.dtype)
        var own = flat
        if let ignoredLabel {
            let isKept = flat .!= Double(ignoredLabel)
            weights = isKept.cast(to: x.dtype)
            own = Tensor.select(isKept, flat, flat.filled(0))
        }
        let inputs = [x.reshaped(to: [rows, x.shape[-1]]), own, weights].map(chunked)
        let (end, _) = scan(over: inputs, carry: [Tensor.zeros([], dtype: x.dtype)]) { carry, step in
            var logits = matmul(step[0], weight)
            if let bias { logits = logits + bias }
            let chosen = logits.takeAlong(indices: step[1].expanded(at: -1), axis: -1, for: place)
            let losses = (logits.logSumExp() - chosen).reshaped(to: [size])
            return ([carry[0] + (losses * step[2]).sum()], [])
        }
        return end[0] / Tensor.maximum(weights.sum(), 1)
    }
}
