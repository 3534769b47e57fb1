import ApusCore

/// A layer of a Transformer's decoder (Vaswani et al., NeurIPS 2017): causal attention of the sequence to itself,
/// attention to what the encoder made of its input, then a feed-forward part.
///
///     let y = TransformerDecoderLayer(.init(heads: 8, feedForward: 2048))(target, memory: memory)
///
/// `[batch, time, width], [batch, source time, memory width] -> [batch, time, width]`. Parts: `selfAttention`,
/// `crossAttention`, `feedForward`, `norm1`, `norm2`, `norm3`.
public final class TransformerDecoderLayer: Layer {
    /// Widths, heads and the like.
    public let settings: TransformerSettings
    /// What the target positions see of one another: causal.
    public let selfAttention: MultiHeadAttention
    /// What the target positions see of the encoder's output.
    public let crossAttention: MultiHeadAttention
    /// What each position computes for itself.
    public let feedForward: FeedForward
    /// The normalisation of the self-attention.
    public let norm1: any Module
    /// The normalisation of the attention to the encoder.
    public let norm2: any Module
    /// The normalisation of the feed-forward part.
    public let norm3: any Module
    let dropout: Dropout

    /// - Parameter settings: heads, widths, activation, order of normalisation
    public init(_ settings: TransformerSettings) {
        self.settings = settings
        selfAttention = settings.makeAttention(isCausal: true, positions: settings.positions)
        // Positions of two sequences have no distance.
        crossAttention = settings.makeAttention(isCausal: false, positions: .none)
        feedForward = settings.makeFeedForward()
        norm1 = settings.makeNorm()
        norm2 = settings.makeNorm()
        norm3 = settings.makeNorm()
        dropout = Dropout(settings.dropout)
    }

    public var details: String { settings.details }

    public func forward(_ x: Tensor) throws(ApusError) -> Tensor {
        throw mistake(
            .value, "there is no memory to attend to", remedy: "call it with layer(x, memory: ...), or use an encoder")
    }

    /// - Parameters:
    ///   - memory: what the encoder gave, `[batch, source time, memory width]`
    ///   - keyMask: `[batch, time]` of type `bool`, true for real positions of the target
    ///   - memoryMask: `[batch, source time]` of type `bool`, true for real positions of the source
    ///   - cache: the steps before these
    public func callAsFunction(
        _ x: Tensor, memory: Tensor, keyMask: Tensor? = nil, memoryMask: Tensor? = nil, cache: KeyValueCache? = nil
    ) -> Tensor {
        if let error = x.error ?? memory.error { return Tensor(error: error) }
        return observed {
            let y = settings.connected(x, norm1, dropout) { selfAttention($0, keyMask: keyMask, cache: cache) }
            let z = settings.connected(y, norm2, dropout) { crossAttention($0, key: memory, keyMask: memoryMask) }
            return settings.connected(z, norm3, dropout) { feedForward($0) }
        }
    }
}

/// Layers of a decoder one after the other; see ``TransformerDecoderLayer``.
///
/// Parts: `layers`, and `norm` at the end where the layers normalise their inputs.
/// `[batch, time, features]` and a memory `[batch, source, features]`, to `[batch, time, features]`.
public final class TransformerDecoder: Layer {
    /// The layers from the first to the last.
    public let layers: [TransformerDecoderLayer]
    /// The normalisation of the output, where layers normalise first.
    public let norm: (any Module)?

    /// - Parameter count: how many layers, 0 or more
    public init(layers count: Int, _ settings: TransformerSettings) {
        layers = (0..<max(count, 0)).map { _ in TransformerDecoderLayer(settings) }
        norm = settings.isPreNorm ? settings.makeNorm() : nil
    }

    public var details: String { "\(layers.count) layers" + (layers.first.map { " of \($0.details)" } ?? "") }

    public func forward(_ x: Tensor) throws(ApusError) -> Tensor {
        throw mistake(
            .value, "there is no memory to attend to", remedy: "call it with layer(x, memory: ...), or use an encoder")
    }

    /// The arguments are those of ``TransformerDecoderLayer``, with a cache for each layer.
    public func callAsFunction(
        _ x: Tensor, memory: Tensor, keyMask: Tensor? = nil, memoryMask: Tensor? = nil,
        caches: [KeyValueCache]? = nil
    ) -> Tensor {
        if let error = x.error ?? memory.error { return Tensor(error: error) }
        return observed { () throws(ApusError) in
            try require(x, rank: 3, "[batch, time, width]")
            guard caches == nil || caches?.count == layers.count else {
                throw mistake(
                    .value, "\(caches?.count ?? 0) caches for \(layers.count) layers", remedy: "give one for each layer"
                )
            }
            var y = x
            for (index, layer) in layers.enumerated() {
                y = layer(
                    y, memory: memory, keyMask: keyMask, memoryMask: memoryMask, cache: caches?[index])
            }
            return norm?(y) ?? y
        }
    }
}

/// An encoder for a source and a decoder for a target that attends to it (Vaswani et al., NeurIPS 2017).
///
///     let model = Transformer(encoderLayers: 6, decoderLayers: 6, .init(heads: 8, feedForward: 2048))
///     let y = model(source, target: target)         // [batch, target time, width]
///
/// Inputs are embedded already and know their positions. Parts: `encoder`, `decoder`.
public final class Transformer: Layer {
    /// Reads the source.
    public let encoder: TransformerEncoder
    /// Writes the target.
    public let decoder: TransformerDecoder

    /// An encoder and a decoder of the same settings.
    public init(encoderLayers: Int, decoderLayers: Int, _ settings: TransformerSettings) {
        encoder = TransformerEncoder(layers: encoderLayers, settings)
        decoder = TransformerDecoder(layers: decoderLayers, settings)
    }

    public var details: String { "\(encoder.layers.count) and \(decoder.layers.count) layers" }

    /// A sequence translated into itself.
    public func forward(_ x: Tensor) -> Tensor { decoder(x, memory: encoder(x)) }

    /// - Parameters:
    ///   - source: `[batch, source time, width]`
    ///   - target: `[batch, target time, width]`
    ///   - sourceMask: `[batch, source time]` of type `bool`, true for real positions
    ///   - targetMask: `[batch, target time]` of type `bool`
    public func callAsFunction(
        _ source: Tensor, target: Tensor, sourceMask: Tensor? = nil, targetMask: Tensor? = nil
    ) -> Tensor {
        if let error = source.error ?? target.error { return Tensor(error: error) }
        return observed {
            decoder(
                target, memory: encoder(source, keyMask: sourceMask), keyMask: targetMask, memoryMask: sourceMask)
        }
    }
}
