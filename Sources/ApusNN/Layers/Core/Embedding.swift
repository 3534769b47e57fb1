import ApusCore

/// A vector for each word of a vocabulary: indices `[..] -> [.., features]`.
///
/// Indices are int32 or int64; one outside the vocabulary is an error when the values are read. Parameter: `table
/// [vocabulary, features]`.
///
///     Embedding(10_000, features: 64)
public final class Embedding: Layer {
    /// How many vectors there are; indices are below it.
    public let vocabulary: Int
    /// The length of each vector.
    public let features: Int
    /// The index that stands for padding: its vector is 0 and is not learnt.
    public let padding: Int?
    /// The vectors: `[vocabulary, features]`.
    public let table: Parameter

    /// - Parameter vocabulary: how many vectors there are; other indices end in an error
    public init(
        _ vocabulary: Int, features: Int, padding: Int? = nil, initializer: Initializer = .normal(deviation: 1)
    ) {
        self.vocabulary = vocabulary
        self.features = features
        self.padding = padding
        table = Parameter(initializer)
    }

    public var details: String { "\(vocabulary) words, \(features) features" }

    public func forward(_ x: Tensor) throws(ApusError) -> Tensor { try vectors(x) }

    fileprivate func vectors(_ x: Tensor) throws(ApusError) -> Tensor {
        try checkIndices(x, vocabulary: vocabulary, features: features)
        let y = tableValue.gather(indices: x)
        guard let padding else { return y }
        return y * (x .!= Double(padding)).cast(to: y.dtype).expanded(at: -1)
    }

    fileprivate var tableValue: Tensor {
        table.value(shape: [vocabulary, features], fanIn: vocabulary, fanOut: features, dtype: tableType)
    }

    /// Indices say nothing of the type of the vectors: it is that of the values once there are some.
    private var tableType: DType { table.isBuilt ? table.dtype : .float32 }

    /// Whether each step holds a word, where `padding` is given: `[batch, time] -> [batch, time]`, `bool`.
    public func mask(_ x: Tensor) -> Tensor { x .!= Double(padding ?? -1) }
}

extension Module {
    fileprivate func checkIndices(_ x: Tensor, vocabulary: Int, features: Int) throws(ApusError) {
        try require(vocabulary, in: 1...1 << 40, "the vocabulary")
        try require(features, in: 1...1 << 24, "the number of features")
        guard x.dtype == .int32 || x.dtype == .int64 else {
            throw mistake(.type, "indices of type \(x.dtype)", remedy: "feed int32 or int64")
        }
    }
}

/// An embedding whose table also gives the scores of words: `[.., features] -> [.., vocabulary]` by ``logits(_:)``, so
/// that input and output of a language model share their weights (Press and Wolf, EACL 2017).
///
/// Parameter: `table [vocabulary, features]`.
public final class TiedEmbedding: Layer {
    /// The table that both directions share.
    public let embedding: Embedding

    /// - Parameter vocabulary: how many vectors there are; other indices end in an error
    public init(_ vocabulary: Int, features: Int, initializer: Initializer = .normal(deviation: 1)) {
        embedding = Embedding(vocabulary, features: features, initializer: initializer)
    }

    public var details: String { embedding.details }

    /// The vectors of words: `[..] -> [.., features]`.
    public func forward(_ x: Tensor) throws(ApusError) -> Tensor { embedding(x) }

    /// The score of each word for each vector: `[.., features] -> [.., vocabulary]`.
    public func logits(_ x: Tensor) -> Tensor {
        guard x.error == nil else { return x }
        return observed { () throws(ApusError) in
            try require(x, rank: 1...8, "[.., features]")
            return matmul(x, embedding.tableValue.transposed())
        }
    }
}

/// The sum, mean or maximum of the vectors of the words of a bag: indices `[batch, words] -> [batch, features]`.
///
/// Parameter: `table [vocabulary, features]`.
public final class EmbeddingBag: Layer {
    /// How the vectors of a bag become one.
    public enum Fold: String, Sendable {
        case sum, mean, maximum
    }

    /// The table.
    public let embedding: Embedding
    /// How the vectors of a bag become one.
    public let fold: Fold

    /// - Parameter padding: the index of words that do not count, so that bags may have different sizes
    public init(
        _ vocabulary: Int, features: Int, fold: Fold = .mean, padding: Int? = nil,
        initializer: Initializer = .normal(deviation: 1)
    ) {
        self.fold = fold
        embedding = Embedding(vocabulary, features: features, padding: padding, initializer: initializer)
    }

    public var details: String { "\(embedding.details), \(fold)" }

    public func forward(_ x: Tensor) throws(ApusError) -> Tensor { try folded(x, weights: nil) }

    /// The same with a weight for each word, `[batch, words]`; for sums.
    public func callAsFunction(_ x: Tensor, weights: Tensor) -> Tensor {
        if let failed = x.error ?? weights.error { return Tensor(error: failed) }
        return observed { () throws(ApusError) in
            guard weights.shape == x.shape, self.fold == .sum else {
                throw mistake(
                    .shape, "weights \(weights.shape) for words \(x.shape) and the fold \(self.fold)",
                    remedy: "give a weight for each word, and fold by sum")
            }
            return try folded(x, weights: weights)
        }
    }

    private func folded(_ x: Tensor, weights: Tensor?) throws(ApusError) -> Tensor {
        try require(x, rank: 2, "[batch, words]")
        guard fold != .maximum || x.shape[1] > 0 else {
            throw mistake(.shape, "words of shape \(x.shape)", remedy: "feed at least one word for a maximum")
        }
        var vectors = embedding(x)
        guard vectors.error == nil else { return vectors }
        if let weights { vectors = vectors * weights.expanded(at: -1) }
        let counts = embedding.padding.map { (x .!= Double($0)).cast(to: vectors.dtype).expanded(at: -1) }
        switch fold {
        case .sum: return vectors.sum(axes: [1])
        case .mean:
            let total = vectors.sum(axes: [1])
            guard let counts else { return total / Double(max(x.shape[1], 1)) }
            return total / Tensor.maximum(counts.sum(axes: [1]), 1)
        case .maximum:
            guard let counts else { return vectors.max(axes: [1]) }
            let lowest = Tensor(repeating: -.infinity, shape: vectors.shape, dtype: vectors.dtype)
            let largest = Tensor.select((counts .> 0.0).broadcast(to: vectors.shape), vectors, lowest).max(axes: [1])
            return Tensor.select(largest.isFinite(), largest, Tensor.zeros(largest.shape, dtype: largest.dtype))
        }
    }
}
