import ApusCore

/// How Transformer layers are made.
///
///     var settings = TransformerSettings(heads: 8, feedForward: 2048)
///     settings.isPreNorm = true
public struct TransformerSettings: Sendable {
    /// How a layer normalises.
    public enum Norm: String, Sendable, CaseIterable {
        /// Mean 0 and variance 1; see ``LayerNorm``.
        case layer
        /// Mean square 1; see ``RMSNorm``.
        case rms
    }

    /// Heads of queries; they divide the width.
    public var heads: Int
    /// Heads of keys and values; by default as many as heads.
    public var keyHeads: Int?
    /// The hidden units of the feed-forward part.
    public var feedForward: Int
    /// What stands in the middle of feed-forward parts.
    public var activation: FeedForwardActivation
    /// Whether each part normalises its input, `x + part(norm(x))` (Xiong et al., ICML 2020), instead of the sum,
    /// `norm(x + part(x))`.
    public var isPreNorm: Bool
    /// Which normalisation is used.
    public var norm: Norm
    /// Added to the variance, or the mean square.
    public var epsilon: Double
    /// How positions reach the scores of attention.
    public var positions: AttentionPositions
    /// The share dropped from attention weights, hidden units and the output of each part.
    public var dropout: Double
    /// Whether projections add a bias.
    public var bias: Bool
    /// Where weights begin.
    public var initializer: Initializer

    /// - Parameter feedForward: the features in the middle of feed-forward parts
    public init(
        heads: Int, feedForward: Int, activation: FeedForwardActivation = .relu, isPreNorm: Bool = false,
        norm: Norm = .layer, epsilon: Double = 1e-5, keyHeads: Int? = nil, positions: AttentionPositions = .none,
        dropout: Double = 0, bias: Bool = true, initializer: Initializer = .glorotUniform
    ) {
        self.heads = heads
        self.keyHeads = keyHeads
        self.feedForward = feedForward
        self.activation = activation
        self.isPreNorm = isPreNorm
        self.norm = norm
        self.epsilon = epsilon
        self.positions = positions
        self.dropout = dropout
        self.bias = bias
        self.initializer = initializer
    }

    func makeNorm() -> any Module {
        switch norm {
        case .layer: LayerNorm(epsilon: epsilon)
        case .rms: RMSNorm(epsilon: epsilon)
        }
    }

    func makeAttention(isCausal: Bool, positions: AttentionPositions) -> MultiHeadAttention {
        MultiHeadAttention(
            heads: heads, keyHeads: keyHeads, isCausal: isCausal, positions: positions, bias: bias, dropout: dropout,
            initializer: initializer)
    }

    func makeFeedForward() -> FeedForward {
        FeedForward(
            hidden: feedForward, activation: activation, bias: bias, dropout: dropout, initializer: initializer)
    }

    /// A part with its norm and the connection around it.
    func connected(_ x: Tensor, _ norm: any Module, _ dropout: Dropout, _ part: (Tensor) -> Tensor) -> Tensor {
        isPreNorm ? x + dropout(part(norm(x))) : norm(x + dropout(part(x)))
    }

    var details: String { "\(heads) heads, \(feedForward) units, \(activation.name)" }
}

/// A layer of a Transformer's encoder (Vaswani et al., NeurIPS 2017): attention of the sequence to itself, then a
/// feed-forward part, each with a connection around it and a norm. `[batch, time, width] -> [batch, time, width]`.
///
///     let layer = TransformerEncoderLayer(.init(heads: 8, feedForward: 2048, activation: .gelu, isPreNorm: true))
///
/// With `isCausal` it is the layer of a language model (GPT). Parts: `attention`, `feedForward`, `norm1`, `norm2`.
public final class TransformerEncoderLayer: Layer {
    /// Widths, heads and the like.
    public let settings: TransformerSettings
    /// What positions see of one another.
    public let attention: MultiHeadAttention
    /// What each position computes for itself.
    public let feedForward: FeedForward
    /// The normalisation of the attention.
    public let norm1: any Module
    /// The normalisation of the feed-forward part.
    public let norm2: any Module
    let dropout: Dropout

    /// - Parameter isCausal: whether a position sees itself and those before alone
    public init(_ settings: TransformerSettings, isCausal: Bool = false) {
        self.settings = settings
        attention = settings.makeAttention(isCausal: isCausal, positions: settings.positions)
        feedForward = settings.makeFeedForward()
        norm1 = settings.makeNorm()
        norm2 = settings.makeNorm()
        dropout = Dropout(settings.dropout)
    }

    public var details: String { settings.details + (attention.isCausal ? ", causal" : "") }

    public func forward(_ x: Tensor) -> Tensor { transformed(x, mask: nil, keyMask: nil, cache: nil) }

    /// - Parameters:
    ///   - mask: broadcast to `[batch, heads, time, time]`
    ///   - keyMask: `[batch, time]` of type `bool`, true for real positions
    ///   - cache: the steps before these
    public func callAsFunction(
        _ x: Tensor, mask: Tensor? = nil, keyMask: Tensor? = nil, cache: KeyValueCache? = nil
    ) -> Tensor {
        guard x.error == nil else { return x }
        return observed { transformed(x, mask: mask, keyMask: keyMask, cache: cache) }
    }

    private func transformed(_ x: Tensor, mask: Tensor?, keyMask: Tensor?, cache: KeyValueCache?) -> Tensor {
        let y = settings.connected(x, norm1, dropout) {
            attention($0, mask: mask, keyMask: keyMask, cache: cache)
        }
        return settings.connected(y, norm2, dropout) { feedForward($0) }
    }
}

/// Layers of an encoder one after the other: `[batch, time, width] -> [batch, time, width]`; see
/// ``TransformerEncoderLayer``.
///
/// Parts: `layers`, and `norm` at the end where the layers normalise their inputs.
public final class TransformerEncoder: Layer {
    /// The layers from the first to the last.
    public let layers: [TransformerEncoderLayer]
    /// The normalisation of the output, where layers normalise first.
    public let norm: (any Module)?

    /// - Parameter count: how many layers, 0 or more
    public init(layers count: Int, _ settings: TransformerSettings, isCausal: Bool = false) {
        layers = (0..<max(count, 0)).map { _ in TransformerEncoderLayer(settings, isCausal: isCausal) }
        norm = settings.isPreNorm ? settings.makeNorm() : nil
    }

    public var details: String { "\(layers.count) layers" + (layers.first.map { " of \($0.details)" } ?? "") }

    public func forward(_ x: Tensor) throws(ApusError) -> Tensor {
        try transformed(x, mask: nil, keyMask: nil, caches: nil)
    }

    /// - Parameters:
    ///   - mask: broadcast to `[batch, heads, time, time]`
    ///   - keyMask: `[batch, time]` of type `bool`, true for real positions
    ///   - caches: the steps before these, one for each layer
    public func callAsFunction(
        _ x: Tensor, mask: Tensor? = nil, keyMask: Tensor? = nil, caches: [KeyValueCache]? = nil
    ) -> Tensor {
        guard x.error == nil else { return x }
        return observed { () throws(ApusError) in
            guard caches == nil || caches?.count == layers.count else {
                throw mistake(
                    .value, "\(caches?.count ?? 0) caches for \(layers.count) layers", remedy: "give one for each layer"
                )
            }
            return try transformed(x, mask: mask, keyMask: keyMask, caches: caches)
        }
    }

    private func transformed(
        _ x: Tensor, mask: Tensor?, keyMask: Tensor?, caches: [KeyValueCache]?
    ) throws(ApusError) -> Tensor {
        try require(x, rank: 3, "[batch, time, width]")
        var y = x
        for (index, layer) in layers.enumerated() {
            y = layer(y, mask: mask, keyMask: keyMask, cache: caches?[index])
        }
        return norm?(y) ?? y
    }
}
