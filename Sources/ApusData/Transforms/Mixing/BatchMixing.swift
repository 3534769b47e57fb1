import ApusCore

/// How the samples of a batch are mixed with each other, and their labels alike: the probabilities of each sample's
/// classes add up to 1.
///
///     let batches = samples.batch(32).mix(.oneOf([.mixUp(), .cutMix()]), classes: 10, seed: 1)
public struct BatchMixing: Sendable, CustomStringConvertible {
    /// What it is, with its settings, as pipelines print it.
    public let description: String
    private let plan: @Sendable (Tensor, inout RandomSource) throws(ApusError) -> Mixture

    /// Inputs, and for each sample the share that is its own.
    private struct Mixture {
        let inputs: Tensor
        let partners: Tensor
        let weights: Tensor
    }

    private init(
        _ description: String, _ plan: @escaping @Sendable (Tensor, inout RandomSource) throws(ApusError) -> Mixture
    ) {
        self.description = description
        self.plan = plan
    }

    /// Weighted means of two samples (Zhang et al., ICLR 2018); weights are from the beta distribution of `alpha` and
    /// `alpha`.
    public static func mixUp(alpha: Double = 0.2) -> BatchMixing {
        BatchMixing("MixUp alpha \(alpha)") { (inputs, random) throws(ApusError) in
            let (partners, shares) = try drawn(inputs, alpha, &random, "MixUp")
            let weights = Tensor(shares.map { Float($0) }, shape: [shares.count])
            return Mixture(
                inputs: inputs.mixedUp(permutation: partners, weight: weights), partners: partners, weights: weights)
        }
    }

    /// A rectangle of each picture `[height, width, channels]` replaced by that of another (Yun et al., ICCV 2019), of
    /// a share of the area that is from the beta distribution of `alpha` and `alpha`; labels are mixed by the share
    /// that is in the picture.
    public static func cutMix(alpha: Double = 1) -> BatchMixing {
        BatchMixing("CutMix alpha \(alpha)") { (inputs, random) throws(ApusError) in
            guard inputs.rank == 4 else {
                throw ApusError(
                    .shape, in: "CutMix", "inputs of shape \(inputs.shape)",
                    remedy: "feed pictures [batch, height, width, channels]")
            }
            let (partners, shares) = try drawn(inputs, alpha, &random, "CutMix")
            let (height, width) = (inputs.shape[1], inputs.shape[2])
            var isOther = [Bool](repeating: false, count: inputs.shape[0] * height * width)
            var own: [Float] = []
            for (sample, share) in shares.enumerated() {
                let side = max(0, 1 - share).squareRoot()
                func range(_ extent: Int) -> Range<Int> {
                    let (length, middle) = (Int(side * Double(extent)), random.integer(below: extent))
                    let begin = max(0, middle - length / 2)
                    return begin..<max(begin, min(extent, middle - length / 2 + length))
                }
                let rows = range(height), columns = range(width)
                for row in rows {
                    for column in columns { isOther[(sample * height + row) * width + column] = true }
                }
                own.append(1 - Float(rows.count * columns.count) / Float(height * width))
            }
            let mask = Tensor(isOther.map { $0 ? Float(1) : 0 }, shape: [inputs.shape[0], height, width, 1])
            return Mixture(
                inputs: Tensor.select(mask .> 0.5, inputs.gather(indices: partners), inputs), partners: partners,
                weights: Tensor(own, shape: [own.count]))
        }
    }

    /// One of some, drawn for each batch.
    public static func oneOf(_ mixings: [BatchMixing]) -> BatchMixing {
        BatchMixing("one of (\(mixings.map(\.description).joined(separator: ", ")))") {
            (inputs, random) throws(ApusError) in
            guard !mixings.isEmpty else {
                throw ApusError(.value, in: "mixing", "one of none", remedy: "give one or more")
            }
            return try mixings[random.integer(below: mixings.count)].plan(inputs, &random)
        }
    }

    /// Each sample alone.
    static let unmixed = BatchMixing("unmixed") { (inputs, _) throws(ApusError) in
        let count = inputs.shape[0]
        return Mixture(
            inputs: inputs, partners: Tensor((0..<count).map { Int64($0) }, shape: [count]),
            weights: Tensor([Float](repeating: 1, count: count), shape: [count]))
    }

    /// Mixes a batch: its inputs, targets, and weights if it has some.
    ///
    /// - Parameter classes: how many there are; targets are labels `[batch]`, or probabilities `[batch, classes]`
    public func callAsFunction(
        _ batch: Batch, classes: Int, using random: inout RandomSource
    ) throws(ApusError) -> Batch {
        let labels = try Self.probabilities(batch.targets, classes)
        guard batch.inputs.rank >= 1, batch.inputs.dtype.isFloatingPoint, batch.inputs.shape[0] == labels.shape[0]
        else {
            throw ApusError(
                .shape, in: "mixing",
                "inputs of shape \(batch.inputs.shape) (\(batch.inputs.dtype)) with targets \(batch.targets.shape)",
                remedy: "feed floating-point inputs [batch, ..] and as many targets")
        }
        guard batch.count > 0 else {
            return Batch(inputs: batch.inputs, targets: labels, lengths: batch.lengths, weights: batch.weights)
        }
        let mixture = try plan(batch.inputs, &random)
        let mixed = labels.mixedUp(permutation: mixture.partners, weight: mixture.weights)
        let counts = batch.weights?.mixedUp(permutation: mixture.partners, weight: mixture.weights)
        try Tensor.evaluate([mixture.inputs, mixed] + (counts.map { [$0] } ?? []))
        return Batch(inputs: mixture.inputs, targets: mixed, lengths: batch.lengths, weights: counts)
    }

    private static func drawn(
        _ inputs: Tensor, _ alpha: Double, _ random: inout RandomSource, _ place: String
    ) throws(ApusError) -> (partners: Tensor, shares: [Double]) {
        guard alpha > 0, alpha <= 1e6 else {
            throw ApusError(
                .value, in: place, "an alpha of \(alpha)", remedy: "use a number above 0 of up to 1000000")
        }
        let partners = random.permutation(inputs.shape[0])
        let shares = partners.map { _ in random.beta(alpha, alpha) }
        return (Tensor(partners.map(Int64.init), shape: [partners.count]), shares)
    }

    /// Targets as `[batch, classes]`.
    private static func probabilities(_ targets: Tensor, _ classes: Int) throws(ApusError) -> Tensor {
        if let error = targets.error { throw error }
        if targets.rank == 2, targets.dtype.isFloatingPoint, targets.shape[1] == classes { return targets }
        guard targets.rank == 1, targets.dtype.isInteger, (1...1 << 24).contains(classes) else {
            throw ApusError(
                .shape, in: "mixing", "targets of shape \(targets.shape) (\(targets.dtype)) for \(classes) classes",
                remedy: "give labels [batch], or probabilities [batch, classes]")
        }
        let labels = try targets.cast(to: .int64).array(of: Int64.self)
        if let wrong = labels.first(where: { $0 < 0 || $0 >= classes }) {
            throw ApusError(
                .value, in: "mixing", "the label \(wrong) of \(classes) classes", remedy: "use labels 0..<\(classes)")
        }
        return oneHot(targets, depth: classes)
    }
}

extension Pipeline where Element == Batch {
    /// Mixes the samples of each batch, and their labels as probabilities `[batch, classes]`; anew each epoch.
    ///
    /// - Parameters:
    ///   - classes: how many there are; targets are labels `[batch]`, or probabilities already
    ///   - probability: of a batch to be mixed; the targets of others become probabilities all the same
    ///   - rules: what the labels of the data allow; an error where they don't allow mixing
    public func mix(
        _ mixing: BatchMixing, classes: Int, probability: Double = 1, keeping rules: LabelRules? = nil, seed: UInt64
    ) throws(ApusError) -> Pipeline<Batch> {
        try rules?.check(.mixing)
        return map(mixing.description, seed: seed) { batch, random in
            let chosen = random.chance(probability) ? mixing : .unmixed
            return try chosen(batch, classes: classes, using: &random)
        }
    }
}
