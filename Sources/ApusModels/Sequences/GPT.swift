import ApusCore
import ApusNN

/// A language model: the scores of each next token from all tokens before (Radford et al., 2018).
/// `[batch, time]` tokens of an integer type `-> [batch, time, vocabulary]` scores.
///
///     let model = GPT.small(vocabulary: 65)
///     let trainer = Trainer(model, loss: .softmaxCrossEntropy, optimizer: .adamW(learningRate: 1e-3))
///     try trainer.fit(windows.shuffled(seed: 1).batched(32), epochs: 1)
///     let text = try model.generate(from: prompt, count: 200, sampler: TokenSampler(temperature: 0.8, topK: 40))
///
/// Parts: `embedding`, `positions` (learnt), `blocks` (causal layers that normalise their inputs, with a norm at the
/// end), `head` (without a bias).
public final class GPT: Layer {
    /// How many tokens there are.
    public let vocabulary: Int
    /// The largest number of tokens that it sees at once.
    public let context: Int
    /// The vectors of tokens.
    public let embedding: Embedding
    /// The vectors of positions.
    public let positions: LearnedPositions
    let dropout: Dropout
    /// What each position sees of those before.
    public let blocks: TransformerEncoder
    /// Scores the tokens.
    public let head: Dense

    /// - Parameter context: how many positions there are
    public init(
        vocabulary: Int, context: Int, width: Int, layers: Int, heads: Int, feedForward: Int? = nil,
        dropout: Double = 0
    ) {
        self.vocabulary = vocabulary
        self.context = context
        let initializer = Initializer.normal(deviation: 0.02)
        embedding = Embedding(vocabulary, features: width, initializer: initializer)
        positions = LearnedPositions(length: context, initializer: initializer)
        self.dropout = Dropout(dropout)
        let hidden = feedForward ?? width.multipliedReportingOverflow(by: 4).partialValue
        blocks = TransformerEncoder(
            layers: layers,
            TransformerSettings(
                heads: heads, feedForward: hidden, activation: .geluTanh, isPreNorm: true, dropout: dropout,
                initializer: initializer), isCausal: true)
        head = Dense(vocabulary, bias: false, initializer: initializer)
    }

    /// Four layers of width 256 that see 128 tokens: 3,225,600 parameters with a vocabulary of 65.
    public static func small(vocabulary: Int) -> GPT {
        GPT(vocabulary: vocabulary, context: 128, width: 256, layers: 4, heads: 4)
    }

    public var details: String { "\(vocabulary) tokens, context \(context), \(blocks.details)" }

    public func forward(_ x: Tensor) throws(ApusError) -> Tensor { try scores(x, caches: nil) }

    private func scores(_ x: Tensor, caches: [KeyValueCache]?) throws(ApusError) -> Tensor {
        guard x.rank == 2 else {
            throw ApusError(
                .shape, in: "layer GPT", "an input of shape \(x.shape)", remedy: "feed tokens [batch, time]")
        }
        let start = caches?.first.map { Tensor([Int32($0.length)], shape: []) }
        return head(blocks(dropout(positions(embedding(x), offset: start)), caches: caches))
    }

    /// Continues a sequence of tokens one by one. Keys and values of earlier steps are kept, so that a step costs as
    /// much as one token.
    ///
    /// - Parameters:
    ///   - prompt: at least one token
    ///   - count: how many to add
    ///   - onToken: called with each new token; generation stops where it returns false
    /// - Returns: the new tokens
    public func generate(
        from prompt: [Int], count: Int, sampler: TokenSampler = TokenSampler(),
        onToken: ((Int) -> Bool)? = nil
    ) throws(ApusError) -> [Int] {
        guard let last = prompt.last, prompt.allSatisfy({ $0 >= 0 && $0 < vocabulary }), count >= 0 else {
            throw ApusError(
                .value, in: "GPT.generate", "a prompt of \(prompt.count) tokens, \(count) to add",
                remedy: "give at least one token in 0..<\(vocabulary), and a count of 0 or more")
        }
        var sampler = sampler
        var sequence = prompt
        var pending = prompt.count <= context ? prompt : Array(prompt.suffix(max(context, 1)))
        let caches = blocks.layers.map { _ in KeyValueCache(capacity: context) }
        var result: [Int] = []
        var token = last
        while result.count < count {
            if let cache = caches.first, cache.length + pending.count > context {
                // No room: begin again with the later half.
                for cache in caches { cache.reset() }
                pending = Array(sequence.suffix(max(context / 2, 1)))
            }
            token = try sampler.next(try lastScores(pending, caches))
            result.append(token)
            sequence.append(token)
            pending = [token]
            if onToken?(token) == false { break }
        }
        return result
    }

    /// The scores of the token after the last one.
    private func lastScores(_ tokens: [Int], _ caches: [KeyValueCache]) throws(ApusError) -> [Float] {
        let x = Tensor(tokens.map { Int32($0) }, shape: [1, tokens.count])
        let y = withMode(.inference) {
            observed { () throws(ApusError) in
                try scores(x, caches: caches).slice(axis: 1, tokens.count - 1..<tokens.count)
            }
        }
        if let error = y.error { throw error }
        try KeyValueCache.settle(caches, with: [y])
        return try y.cast(to: .float32).array()
    }
}
