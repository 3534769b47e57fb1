import ApusCore
import ApusNN

/// From one sequence of tokens to another: a GRU reads the source, a second one writes the target and attends to all states
/// of the first before each step (Bahdanau et al., ICLR 2015).
///
///     let model = AttentionTranslator(source: 4000, target: 4000, units: 256)        // 4,193,953 parameters
///     let scores = model(source, target: shifted)            // [batch, time], [batch, steps] -> [batch, steps, 4000]
///     let tokens = try model.translate(sentence, start: 1, end: 2, most: 50)
///
/// As a layer of one input it takes both sequences side by side, `[batch, 2, time]`: the source and the target, of which
/// each step sees the token before it (teacher forcing).
public final class AttentionTranslator: Layer {
    /// How many source tokens there are.
    public let sourceVocabulary: Int
    /// How many target tokens there are.
    public let targetVocabulary: Int
    /// The width of embeddings and states.
    public let units: Int
    /// The vectors of source tokens.
    public let sourceEmbedding: Embedding
    /// The vectors of target tokens.
    public let targetEmbedding: Embedding
    /// Reads the source.
    public let encoder: GRU
    /// Chooses what of the source the next token needs.
    public let attention: BahdanauAttention
    /// Writes the target.
    public let decoder: GRUCell
    /// Scores the target tokens.
    public let head: Dense

    /// - Parameter units: the width of embeddings and states
    public init(source: Int, target: Int, units: Int) {
        sourceVocabulary = source
        targetVocabulary = target
        self.units = units
        sourceEmbedding = Embedding(source, features: units)
        targetEmbedding = Embedding(target, features: units)
        encoder = GRU(units, returnsSequence: true)
        attention = BahdanauAttention(units: units)
        decoder = GRUCell(units)
        head = Dense(target)
    }

    public var details: String { "\(sourceVocabulary) to \(targetVocabulary) tokens, \(units) units" }

    public func forward(_ x: Tensor) throws(ApusError) -> Tensor {
        guard x.rank == 3, x.shape[1] == 2 else {
            throw ApusError(
                .shape, in: "layer AttentionTranslator", "an input of shape \(x.shape)",
                remedy: "feed source and target side by side, [batch, 2, time], or call it with both")
        }
        return try scores(x.slice(axis: 1, 0..<1).squeezed(1), x.slice(axis: 1, 1..<2).squeezed(1))
    }

    /// The scores of the token at each step, given the source and the tokens before it.
    ///
    /// - Parameters:
    ///   - source: `[batch, time]` tokens
    ///   - target: `[batch, steps]`: what each step sees, the token before the one to be told
    public func callAsFunction(_ source: Tensor, target: Tensor) -> Tensor {
        if let error = source.error ?? target.error { return Tensor(error: error) }
        return observed { () throws(ApusError) in try scores(source, target) }
    }

    private func scores(_ source: Tensor, _ target: Tensor) throws(ApusError) -> Tensor {
        guard source.rank == 2, target.rank == 2, source.shape[0] == target.shape[0] else {
            throw ApusError(
                .shape, in: "layer AttentionTranslator", "a source \(source.shape), a target \(target.shape)",
                remedy: "feed [batch, time] and [batch, steps]")
        }
        let (memory, states) = encoder.run(sourceEmbedding(source))
        guard memory.error == nil, let first = states.first else { return memory }
        let keys = attention.key(memory)
        let embedded = targetEmbedding(target)
        guard embedded.error == nil, keys.error == nil else { return embedded.error == nil ? keys : embedded }
        let result = try scan(over: [embedded.swappingAxes(0, 1)], carry: [first]) {
            carry, step throws(ApusError) in
            let state = try next(carry[0], step[0], memory, keys)
            return ([state], [state])
        }
        return head(result.outputs[0].swappingAxes(0, 1))
    }

    /// The decoder's next state.
    private func next(
        _ state: Tensor, _ embedded: Tensor, _ memory: Tensor, _ keys: Tensor
    ) throws(ApusError) -> Tensor {
        let context = attention.attend(state, memory: memory, projectedKeys: keys).output
        return decoder(Tensor.concatenate([embedded, context], axis: -1), states: [state])[0]
    }

    /// Writes the likeliest token of each step until one is `end`.
    ///
    /// - Parameters:
    ///   - tokens: the source, at least one
    ///   - start: what the first step sees
    ///   - most: how many tokens to write at most
    public func translate(_ tokens: [Int], start: Int, end: Int, most: Int) throws(ApusError) -> [Int] {
        guard !tokens.isEmpty, tokens.allSatisfy({ (0..<sourceVocabulary).contains($0) }), most >= 0,
            (0..<targetVocabulary).contains(start)
        else {
            throw ApusError(
                .value, in: "AttentionTranslator.translate",
                "a source of \(tokens.count) tokens, start \(start), at most \(most) tokens",
                remedy:
                    "give tokens in 0..<\(sourceVocabulary), a start in 0..<\(targetVocabulary), a count of 0 or more")
        }
        let source = Tensor(tokens.map { Int32($0) }, shape: [1, tokens.count])
        var result: [Int] = []
        var token = start
        let (memory, states) = encoder.run(sourceEmbedding(source))
        let keys = try attention.key(memory).evaluated()
        var state = try (states.first ?? memory).evaluated()
        while result.count < most {
            let embedded = targetEmbedding(Tensor([Int32(token)], shape: [1]))
            state = try next(state, embedded, memory, keys).evaluated()
            token = Int(try head(state).argmax(axis: -1).cast(to: .float32).item())
            if token == end { break }
            result.append(token)
        }
        return result
    }
}
