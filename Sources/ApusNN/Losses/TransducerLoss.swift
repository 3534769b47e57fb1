import ApusCore

/// The loss of a recurrent transducer (RNN-T): `-log` of the probability of all ways through a lattice in which each step
/// emits the next label or, with a blank, goes on to the next frame (Graves, 2012).
///
/// - Parameters:
///   - logits: `[batch, frames, labels + 1, classes]`: the scores after each number of labels emitted, in each frame
///   - labels: `[batch, labels]`, integers in `0 ..< classes`; what is beyond a label length is not looked at
///   - inputLengths: `[batch]`, in `1...frames`; all frames if there are none
///   - labelLengths: `[batch]`, at most `labels`; all labels if there are none
///   - blank: the number of the blank among the classes; negative numbers count from the last
/// - Returns: the loss of each sample, `[batch]`. A length or a label out of range is an error when the loss is read
/// - Complexity: `batch * (frames + labels) * labels`
public func transducerLoss(
    _ logits: Tensor, _ labels: Tensor, inputLengths: Tensor? = nil, labelLengths: Tensor? = nil, blank: Int = 0
) -> Tensor {
    let place = "transducerLoss"
    return Tensor.composed(of: [logits, labels] + [inputLengths, labelLengths].compactMap { $0 }) {
        () throws(ApusError) in
        guard logits.rank == 4, labels.rank == 2, labels.shape[0] == logits.shape[0], labels.dtype.isInteger,
            logits.dtype.isFloatingPoint, logits.shape[1] > 0, logits.shape[2] == labels.shape[1] + 1
        else {
            throw ApusError(
                .shape, in: place,
                "logits of shape \(logits.shape) with labels of shape \(labels.shape) and type \(labels.dtype)",
                remedy: "give logits [batch, frames, labels + 1, classes] of at least one frame and integer labels "
                    + "[batch, labels]")
        }
        let (batch, frames, places) = (logits.shape[0], logits.shape[1], logits.shape[2])
        let blank = try blankClass(blank, of: logits.shape[3], in: place)
        let inputLengths = try lengths(inputLengths, batch, frames, in: place)
        let labelLengths = try lengths(labelLengths, batch, places - 1, in: place)
        let logarithms = Tensor.maximum(logSoftmax(logits), impossibleLogarithm)
        let blanks = logarithms.slice(axis: 3, blank..<blank + 1).reshaped(to: [batch, frames, places])
        let own = realLabels(labels, labelLengths, blank, logits.shape[3], in: place)
        let emitted = logarithms.slice(axis: 2, 0..<places - 1)
            .takeAlong(indices: own.reshaped(to: [batch, 1, places - 1, 1]), axis: 3, for: place)
            .reshaped(to: [batch, frames, places - 1])
            .padded([(0, 0), (0, 0), (1, 0)], value: impossibleLogarithm)

        // Diagonal d holds the places (frame d - u, u labels emitted); each is reached from the diagonal before.
        let steps = frames + places - 2
        let start = Tensor.constant(
            (0..<places).map { $0 == 0 ? 0 : impossibleLogarithm }, shape: [1, places], dtype: logits.dtype
        ).broadcast(to: [batch, places])
        let across = diagonals(blanks, from: 0, count: steps)
        let down = diagonals(emitted, from: 1, count: steps)
        let (_, outputs) = scan(over: [across, down], carry: [start]) { carry, step in
            let next = logAddExp([carry[0] + step[0], shifted(carry[0], 1) + step[1]])
            return ([next], [next])
        }
        let all = Tensor.concatenate([start.expanded(at: 0)] + outputs)
        // The last frame of each sample with all its labels, from where a blank leads out.
        let u = labelLengths.reshaped(to: [1, batch, 1])
        let atEnd = all.takeAlong(indices: u, axis: 2, for: place)
        let diagonal = inputLengths.reshaped(to: [1, batch, 1]) + u - 1
        let reached = atEnd.takeAlong(indices: diagonal, axis: 0, for: place).reshaped(to: [batch])
        let out = blanks.takeAlong(indices: labelLengths.reshaped(to: [batch, 1, 1]), axis: 2, for: place)
            .takeAlong(indices: (inputLengths - 1).reshaped(to: [batch, 1, 1]), axis: 1, for: place)
        return finished(-(reached + out.reshaped(to: [batch])), zeroInfinity: false)
    }
}

/// Element `[b, t, u]` at `[t + u - first, b, u]`, impossible ones elsewhere: `[count, batch, places]`.
private func diagonals(_ x: Tensor, from first: Int, count: Int) -> Tensor {
    let (frames, places) = (x.shape[1], x.shape[2])
    var indices: [Int64] = []
    var isInside: [Bool] = []
    for diagonal in first..<first + count {
        for u in 0..<places {
            isInside.append((0..<frames).contains(diagonal - u))
            indices.append(Int64(min(max(diagonal - u, 0), frames - 1)))
        }
    }
    let shape: Shape = [count, 1, places]
    let taken = x.permuted([1, 0, 2]).takeAlong(indices: Tensor(indices, shape: shape), axis: 0)
    let inside = Tensor(isInside.map { Int32($0 ? 1 : 0) }, shape: shape).cast(to: .bool)
    return Tensor.select(inside, taken, Tensor(repeating: impossibleLogarithm, shape: [], dtype: x.dtype))
}
