import ApusCore

/// Logarithms of what can't be. Finite, so that sums and derivatives of them stay numbers.
let impossibleLogarithm = -1e30

/// Connectionist temporal classification: `-log` of the probability of all alignments of frames with labels, in which each
/// frame has a label or the blank, and runs of one label count once (Graves et al., ICML 2006).
///
///     let losses = ctcLoss(logits, labels, inputLengths: frames, labelLengths: letters)
///
/// - Parameters:
///   - logits: `[batch, frames, classes]`
///   - labels: `[batch, labels]`, integers in `0 ..< classes`; what is beyond a label length is not looked at
///   - inputLengths: `[batch]`, at most `frames`; all frames if there are none
///   - labelLengths: `[batch]`, at most `labels`; all labels if there are none
///   - blank: the number of the blank among the classes; negative numbers count from the last
///   - zeroInfinity: whether losses of labels that do not fit into the frames are 0 instead of infinite; their gradient is
///     0 in both cases
/// - Returns: the loss of each sample, `[batch]`. PyTorch's mean divides each by its label length first. A length or a
///   label out of range is an error when the loss is read
/// - Complexity: `batch * frames * labels`
public func ctcLoss(
    _ logits: Tensor, _ labels: Tensor, inputLengths: Tensor? = nil, labelLengths: Tensor? = nil, blank: Int = 0,
    zeroInfinity: Bool = false
) -> Tensor {
    let place = "ctcLoss"
    return Tensor.composed(of: [logits, labels] + [inputLengths, labelLengths].compactMap { $0 }) {
        () throws(ApusError) in
        guard logits.rank == 3, labels.rank == 2, labels.shape[0] == logits.shape[0], labels.dtype.isInteger,
            logits.dtype.isFloatingPoint, logits.shape[1] > 0
        else {
            throw ApusError(
                .shape, in: place,
                "logits of shape \(logits.shape) with labels of shape \(labels.shape) and type \(labels.dtype)",
                remedy: "give logits [batch, frames, classes] of at least one frame and integer labels [batch, labels]")
        }
        let (batch, frames, classes) = (logits.shape[0], logits.shape[1], logits.shape[2])
        let blank = try blankClass(blank, of: classes, in: place)
        let inputLengths = try lengths(inputLengths, batch, frames, in: place)
        let labelLengths = try lengths(labelLengths, batch, labels.shape[1], in: place)
        let own = realLabels(labels, labelLengths, blank, classes, in: place)
        let (symbols, skips) = alignment(own, blank)
        let count = symbols.shape[1]

        let logarithms = Tensor.maximum(logSoftmax(logits), impossibleLogarithm)
        let scores = logarithms.takeAlong(indices: symbols.expanded(at: 1), axis: 2, for: place).permuted([1, 0, 2])
        let frame = Tensor.range(count: frames, dtype: .int64).reshaped(to: [frames, 1, 1])
        let isReal = (frame .< inputLengths.reshaped(to: [1, batch, 1])).cast(to: logits.dtype)
        // Before the first frame there is nothing but the place before the first symbol.
        let start = Tensor.constant(
            (0..<count).map { $0 == 0 ? 0 : impossibleLogarithm }, shape: [1, count], dtype: logits.dtype
        ).broadcast(to: [batch, count])
        let (end, _) = scan(over: [scores, isReal], carry: [start]) { carry, step in
            let a = carry[0]
            let stepped = logAddExp([a, shifted(a, 1), shifted(a, 2) + skips.cast(to: a.dtype)]) + step[0]
            return ([Tensor.select(step[1] .> 0.5, stepped, a)], [])
        }
        // The last symbol is a blank or the last label.
        let last = labelLengths.reshaped(to: [batch, 1]) * 2
        let onBlank = end[0].takeAlong(indices: last, axis: 1, for: place)
        let onLabel = end[0].takeAlong(indices: Tensor.maximum(last - 1, 0), axis: 1, for: place)
        let isEmpty = last .== 0.0
        let both = logAddExp([onBlank, Tensor.select(isEmpty, onLabel.filled(impossibleLogarithm), onLabel)])
        return finished(-both.reshaped(to: [batch]), zeroInfinity: zeroInfinity)
    }
}

/// The symbols of alignments, a blank around each label: `[batch, 2 labels + 1]`; and what it costs to skip the symbol
/// before each one: nothing between different labels.
private func alignment(_ labels: Tensor, _ blank: Int) -> (symbols: Tensor, skips: Tensor) {
    let (batch, count) = (labels.shape[0], labels.shape[1])
    let pairs = Tensor.stack([labels.filled(Double(blank)), labels], axis: 2).reshaped(to: [batch, 2 * count])
    let symbols = Tensor.concatenate(
        [pairs, Tensor(repeating: Double(blank), shape: [batch, 1], dtype: .int64)], axis: 1)
    let before = symbols.padded([(0, 0), (2, 0)], value: Double(blank)).slice(axis: 1, 0..<2 * count + 1)
    let canSkip = (symbols .!= Double(blank)) & (symbols .!= before)
    return (symbols, (1 - canSkip.cast(to: .float32)) * impossibleLogarithm)
}

/// Labels as `int64`, blanks beyond their lengths. One that is no class is an error when what depends on it is read.
func realLabels(_ labels: Tensor, _ lengths: Tensor, _ blank: Int, _ classes: Int, in place: String) -> Tensor {
    let labels = labels.cast(to: .int64)
    let positions = Tensor.range(count: labels.shape[1], dtype: .int64).expanded(at: 0)
    let isReal = positions .< lengths.reshaped(to: [labels.shape[0], 1])
    let own = Tensor.select(isReal, labels, labels.filled(Double(blank)))
    return Tensor.range(count: classes, dtype: .int64).takeAlong(indices: own.flattened(), axis: 0, for: place)
        .reshaped(to: labels.shape)
}

/// The row moved to the right by some places, impossible ones before it.
func shifted(_ row: Tensor, _ places: Int) -> Tensor {
    let count = row.shape[1]
    let moved = min(places, count)
    return row.slice(axis: 1, 0..<count - moved).padded([(0, 0), (moved, 0)], value: impossibleLogarithm)
}

/// `log(exp a + exp b + ...)` of each element, for logarithms that may be impossible ones.
func logAddExp(_ terms: [Tensor]) -> Tensor {
    let largest = terms.dropFirst().reduce(terms[0]) { Tensor.maximum($0, $1) }.stopGradient()
    let sum = terms.map { ($0 - largest).exp() }.reduce(nil) { sum, term in sum.map { $0 + term } ?? term }
    return (sum ?? largest).log() + largest
}

/// Losses that impossible alignments make infinite or 0.
func finished(_ losses: Tensor, zeroInfinity: Bool) -> Tensor {
    Tensor.select(losses .< -impossibleLogarithm / 2, losses, losses.filled(zeroInfinity ? 0 : .infinity))
}

/// A blank as a class number.
func blankClass(_ blank: Int, of classes: Int, in place: String) throws(ApusError) -> Int {
    guard blank >= -classes, blank < classes else {
        throw ApusError(
            .value, in: place, "the blank is class \(blank) of \(classes)",
            remedy: classes > 0 ? "use a number in \(-classes)...\(classes - 1)" : "give logits of at least one class")
    }
    return blank < 0 ? blank + classes : blank
}

/// Lengths `[batch]` in `0...limit`; others are an error when what depends on them is read.
func lengths(_ given: Tensor?, _ batch: Int, _ limit: Int, in place: String) throws(ApusError) -> Tensor {
    guard let given else { return Tensor(repeating: Double(limit), shape: [batch], dtype: .int64) }
    guard given.shape == [batch], given.dtype.isInteger else {
        throw ApusError(
            .shape, in: place, "lengths of shape \(given.shape) and type \(given.dtype) for a batch of \(batch)",
            remedy: "give one integer for each sample")
    }
    let allowed = Tensor.range(count: limit + 1, dtype: .int64)
    return allowed.takeAlong(indices: given, axis: 0, for: place)
}
