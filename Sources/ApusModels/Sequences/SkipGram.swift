import ApusCore
import ApusNN

/// Vectors of words from which words nearby can be told (Mikolov et al., NeurIPS 2013, with negative sampling).
///
///     let model = SkipGram(50_000, features: 128)
///     let trainer = Trainer(model, loss: SkipGram.loss, optimizer: .sgd(learningRate: 0.025))
///     try trainer.step(inputs: words, targets: realness)     // [batch, 1 + k] words; [batch, k], 1 for real neighbours
///
/// Each row of the input is a word followed by words that stand beside it or do not; the output `[batch, k]` is the logit of
/// each being a real neighbour. Steps of plain
/// descent touch the rows that a batch names; other optimizers update the whole tables.
public final class SkipGram: Layer {
    /// How many words there are.
    public let vocabulary: Int
    /// The length of each vector.
    public let features: Int
    /// The vectors of words: those to keep.
    public let words: Embedding
    /// The vectors of words as neighbours.
    public let neighbors: Embedding

    /// - Parameter vocabulary: how many words there are
    public init(_ vocabulary: Int, features: Int) {
        self.vocabulary = vocabulary
        self.features = features
        let bound = 0.5 / Double(Swift.max(features, 1))
        words = Embedding(vocabulary, features: features, initializer: .uniform(limit: bound))
        neighbors = Embedding(vocabulary, features: features, initializer: .zeros)
    }

    public var details: String { "\(vocabulary) words, \(features) features" }

    public func forward(_ x: Tensor) throws(ApusError) -> Tensor {
        guard x.rank == 2, x.shape[1] > 1 else {
            throw ApusError(
                .shape, in: "layer SkipGram", "an input of shape \(x.shape)",
                remedy: "feed [batch, 1 + neighbours] words")
        }
        return scores(x.slice(axis: 1, 0..<1).squeezed(1), x.slice(axis: 1, 1..<x.shape[1]))
    }

    /// The logits of pairs: words `[batch]`, possible neighbours `[batch, k]` -> `[batch, k]`.
    public func callAsFunction(_ centers: Tensor, neighbors: Tensor) -> Tensor {
        if let error = centers.error ?? neighbors.error { return Tensor(error: error) }
        return observed { () throws(ApusError) in
            guard centers.rank == 1, neighbors.rank == 2, centers.shape[0] == neighbors.shape[0] else {
                throw ApusError(
                    .shape, in: "layer SkipGram", "words \(centers.shape), neighbours \(neighbors.shape)",
                    remedy: "feed [batch] and [batch, neighbours]")
            }
            return scores(centers, neighbors)
        }
    }

    private func scores(_ centers: Tensor, _ others: Tensor) -> Tensor {
        let (u, v) = (words(centers), neighbors(others))
        guard u.error == nil, v.error == nil else { return u.error == nil ? v : u }
        return (u.expanded(at: 1) * v).sum(axes: [-1])
    }

    /// Binary cross-entropy of the logits, summed over all pairs, so that each pair moves the vectors as if it came alone.
    public static let loss = Loss("negative sampling") { output, target in
        binaryCrossEntropy(logits: output, target).sum()
    }
}
