import ApusCore

/// Logarithms of the probabilities of very many classes, cheap for the frequent ones: `[.., features] -> [.., classes]`
/// (Grave et al., ICML 2017).
///
/// Classes are sorted by frequency. A head scores the first `cutoffs[0]` classes and one class for each later run; run `i`
/// has a tail of its own behind a projection to `features / divisor^(i + 1)` features. Parameters: `head [features,
/// cutoffs[0] + runs]`, `headBias` if asked for, `projections.i`, `tails.i`.
public final class AdaptiveLogSoftmax: Layer {
    /// How many classes there are.
    public let classes: Int
    /// Where runs of classes begin.
    public let cutoffs: [Int]
    /// By how much each further run of classes is narrower.
    public let divisor: Double
    /// The weights of the frequent classes and of one class for each run.
    public let head: Parameter
    /// What is added to the scores of the head; `nil` without bias.
    public let headBias: Parameter?
    /// What narrows the input for each run.
    public let projections: [Parameter]
    /// The weights of the classes of each run.
    public let tails: [Parameter]

    /// - Parameter cutoffs: where runs of classes begin: ascending numbers above 0 and below `classes`
    public init(
        _ classes: Int, cutoffs: [Int], divisor: Double = 4, headBias: Bool = false,
        initializer: Initializer = .glorotUniform
    ) {
        self.classes = classes
        self.cutoffs = cutoffs
        self.divisor = divisor
        head = Parameter(initializer)
        self.headBias = headBias ? Parameter(.zeros) : nil
        projections = cutoffs.map { _ in Parameter(initializer) }
        tails = cutoffs.map { _ in Parameter(initializer) }
    }

    public var details: String { "\(classes) classes, cutoffs \(cutoffs)" }

    public func forward(_ x: Tensor) throws(ApusError) -> Tensor {
        let (head, tails) = try parts(x)
        var result = [head.slice(axis: -1, 0..<cutoffs[0])]
        for (number, tail) in tails.enumerated() {
            result.append(logSoftmax(tail) + head.slice(axis: -1, cutoffs[0] + number..<cutoffs[0] + number + 1))
        }
        return Tensor.concatenate(result, axis: -1)
    }

    /// The mean negative logarithm of the probability of the targets: int32 or int64 `[..]`, in `0..<classes`.
    public func loss(_ x: Tensor, targets: Tensor) -> Tensor {
        let logarithms = self(x)
        if let failed = logarithms.error ?? targets.error { return Tensor(error: failed) }
        return -logarithms.takeAlong(indices: targets.expanded(at: -1), axis: -1, for: place).mean()
    }

    /// The most probable class: `[.., features] -> [..]`, `int64`.
    public func predict(_ x: Tensor) -> Tensor { self(x).argmax(axis: -1) }

    /// The head's logarithms of probabilities and the tails' scores.
    private func parts(_ x: Tensor) throws(ApusError) -> (head: Tensor, tails: [Tensor]) {
        try require(classes, in: 2...1 << 40, "the number of classes")
        guard !cutoffs.isEmpty, divisor >= 1, divisor.isFinite,
            zip([0] + cutoffs, cutoffs + [classes]).allSatisfy({ $0 < $1 })
        else {
            throw mistake(
                .value, "cutoffs \(cutoffs) of \(classes) classes, divisor \(divisor)",
                remedy: "use ascending cutoffs in 1..<\(classes) and a divisor of 1 or more")
        }
        try require(x, rank: 1...8, "[.., features]")
        let features = x.shape[-1]
        let units = cutoffs[0] + cutoffs.count
        let weights = head.value(shape: [features, units], fanIn: features, fanOut: units, dtype: x.dtype)
        let scores = finished(matmul(x, weights), bias: headBias, activation: .linear)
        var found: [Tensor] = []
        var width = Double(features)
        for (number, (start, end)) in zip(cutoffs, cutoffs.dropFirst() + [classes]).enumerated() {
            width /= divisor
            let inner = max(Int(width), 1)
            let projection = projections[number].value(
                shape: [features, inner], fanIn: features, fanOut: inner, dtype: x.dtype)
            let tail = tails[number].value(
                shape: [inner, end - start], fanIn: inner, fanOut: end - start, dtype: x.dtype)
            found.append(matmul(matmul(x, projection), tail))
        }
        return (logSoftmax(scores), found)
    }
}
