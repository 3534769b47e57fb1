import ApusCore
import ApusNN

/// How much the samples of batches count: their own weights times those of their classes.
struct SampleWeights {
    /// The weight of each class; empty where all count the same.
    let classes: [Double]

    /// - Throws: an `ApusError` for weights that are no numbers of 0 or more
    static func check(_ classes: [Double], in place: String) throws(ApusError) {
        guard let wrong = classes.firstIndex(where: { !($0 >= 0 && $0.isFinite) }) else { return }
        throw ApusError(
            .value, in: place, "the weight of class \(wrong) is \(classes[wrong])",
            remedy: "give a finite number of 0 or more for each class")
    }

    /// The weights of a batch, `[batch]` or of the shape of labels; nil where all are 1.
    ///
    /// - Parameters:
    ///   - target: `[batch, ...]` labels, `[batch, classes]` shares of classes of which the largest counts, or 0 and 1 as
    ///     numbers `[batch]` or `[batch, 1]`
    ///   - own: `[batch]`
    func callAsFunction(_ target: Tensor, own: Tensor?) -> Tensor? {
        guard !classes.isEmpty else { return own }
        var labels = target
        if !target.dtype.isInteger, target.rank >= 2 {
            if target.shape[-1] == classes.count, classes.count > 1 {
                labels = target.argmax(axis: -1)
            } else if target.shape[-1] == 1 {
                labels = target.squeezed(-1)
            }
        }
        let table = Tensor(classes.map { Float($0) }, shape: [classes.count])
        let chosen = table.gather(indices: labels.cast(to: .int64))
        guard let own else { return chosen }
        let axes = [Int](repeating: 1, count: max(chosen.rank - own.rank, 0))
        return chosen * (axes.isEmpty ? own : own.reshaped(to: Shape(own.shape.extents + axes)))
    }
}
