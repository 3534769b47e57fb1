import Apus
import ApusCore
import ApusNN

extension LayerBatteryTests {
    private static let plain = TransformerSettings(heads: 2, feedForward: 6, activation: .gelu)
    private static let wantSequence = "feed [batch, time, width]"

    static let attentionCases: [LayerCase] = [
        LayerCase("Attention", [2, 3, 4], to: [2, 3, 4]) { Attention(usesScale: true, isCausal: true) }
            .refusing(
                [2, 4],
                "operation dotProductAttention: query of shape [2, 4], key of shape [2, 4], value of shape [2, 4]; "
                    + "feed [batch, queries, units], [batch, keys, units] and [batch, keys, width]"
            )
            .refusing("operation dotProductAttention: the dropout rate is 1.0; use a probability from 0 to below 1") {
                Attention(dropout: 1)
            },
        LayerCase("Attention, dropout", [2, 3, 4], to: [2, 3, 4]) { Attention(dropout: 0.4) }.random()
            .with { $0.refusesNothing = true },
        pair("Attention, two sequences", [2, 3, 4], [2, 5, 4], to: [2, 3, 4], { Attention() }) {
            ($0 as? Attention)?($1[0], value: $1[1])
        },
        LayerCase("AdditiveAttention", [2, 3, 4], to: [2, 3, 4]) { AdditiveAttention(isCausal: true) }
            .refusing(
                [2, 4],
                "operation additiveAttention: query of shape [2, 4], key of shape [2, 4], value of shape [2, 4]; "
                    + "feed [batch, queries, units], [batch, keys, units] and [batch, keys, width]"
            ),
        pair("AdditiveAttention, two sequences", [2, 3, 4], [2, 5, 4], to: [2, 3, 4], { AdditiveAttention() }) {
            ($0 as? AdditiveAttention)?($1[0], value: $1[1])
        },
        LayerCase("BahdanauAttention", [2, 3, 4], to: [2, 3, 4]) { BahdanauAttention(units: 5) }
            .refusing([2, 4], "layer BahdanauAttention: an input of shape [2, 4]; \(wantSequence)"),
        pair("BahdanauAttention, state", [2, 3], [2, 5, 4], to: [2, 4], { BahdanauAttention(units: 5) }) {
            ($0 as? BahdanauAttention)?($1[0], memory: $1[1])
        },
        LayerCase("MultiHeadAttention", [2, 3, 4], to: [2, 3, 4]) { MultiHeadAttention(heads: 2, isCausal: true) }
            .refusing([2, 4], "layer MultiHeadAttention: an input of shape [2, 4]; \(wantSequence)")
            .refusing(
                [2, 3, 5],
                "layer MultiHeadAttention: 2 heads for an input of shape [2, 3, 5]; "
                    + "use a number of heads that divides the width, or give keySize"
            )
            .refusing("layer MultiHeadAttention: the number of heads is 0; use a number in 1...65536") {
                MultiHeadAttention(heads: 0)
            }
            .refusing("layer MultiHeadAttention: 3 key heads for 4 heads; use a number that divides the heads") {
                MultiHeadAttention(heads: 4, keyHeads: 3)
            }
            .refusing("layer MultiHeadAttention: rotary positions with a key size of 1; use an even key size") {
                MultiHeadAttention(heads: 4, positions: .rotary())
            },
        LayerCase("MultiHeadAttention, rotary", [2, 3, 4], to: [2, 3, 6]) {
            MultiHeadAttention(
                heads: 2, keySize: 4, valueSize: 3, outputSize: 6, positions: .rotary(style: .interleaved), bias: false)
        }.with { $0.refusesNothing = true },
        LayerCase("MultiHeadAttention, distances", [2, 3, 6], to: [2, 3, 6]) {
            MultiHeadAttention(heads: 3, positions: .alibi, softCap: 2, dropout: 0.3)
        }.random().with { $0.refusesNothing = true },
        pair(
            "MultiHeadAttention, two sequences", [2, 3, 4], [2, 5, 7], to: [2, 3, 4], { MultiHeadAttention(heads: 2) }
        ) {
            ($0 as? MultiHeadAttention)?($1[0], key: $1[1])
        },
        LayerCase("GroupedQueryAttention", [2, 3, 4], to: [2, 3, 4]) { GroupedQueryAttention(heads: 4, keyHeads: 2) }
            .refusing("layer GroupedQueryAttention: 0 key heads for 4 heads; use a number that divides the heads") {
                GroupedQueryAttention(heads: 4, keyHeads: 0)
            },
        LayerCase("Projection", [2, 3, 4], to: [2, 3, 4]) { Projection() }
            .refusing([], "layer Projection: an input of shape []; feed [.., width]"),
        LayerCase("FeedForward", [2, 3, 4], to: [2, 3, 4]) { FeedForward(hidden: 6, activation: .geluTanh) }
            .refusing([4], "layer FeedForward: an input of shape [4]; feed [batch, .., width]")
            .refusing("layer FeedForward: the number of hidden units is 0; use a number in 1...16777216") {
                FeedForward(hidden: 0)
            },
        LayerCase("FeedForward, gated", [2, 3, 4], to: [2, 3, 4]) {
            FeedForward(hidden: 6, activation: .swiglu, bias: false, dropout: 0.5)
        }.random().with { $0.refusesNothing = true },
        LayerCase("TransformerEncoderLayer", [2, 3, 4], to: [2, 3, 4]) { TransformerEncoderLayer(plain) }
            .refusing(
                [2, 4], "layer MultiHeadAttention (layer attention): an input of shape [2, 4]; \(wantSequence)"),
        LayerCase("TransformerEncoder", [2, 3, 4], to: [2, 3, 4]) {
            var settings = plain
            settings.isPreNorm = true
            settings.norm = .rms
            settings.activation = .swiglu
            settings.dropout = 0.2
            return TransformerEncoder(layers: 2, settings, isCausal: true)
        }.random().refusing([2, 4], "layer TransformerEncoder: an input of shape [2, 4]; \(wantSequence)"),
        pair(
            "TransformerDecoderLayer", [2, 3, 4], [2, 5, 6], to: [2, 3, 4], { TransformerDecoderLayer(plain) },
            alone: "layer MultiHeadAttention (layer selfAttention): an input of shape [2, 4]; \(wantSequence)"
        ) { ($0 as? TransformerDecoderLayer)?($1[0], memory: $1[1]) },
        pair(
            "TransformerDecoder", [2, 3, 4], [2, 5, 4], to: [2, 3, 4],
            {
                var settings = plain
                settings.isPreNorm = true
                return TransformerDecoder(layers: 1, settings)
            }, alone: "layer TransformerDecoder: an input of shape [2, 4]; \(wantSequence)"
        ) { ($0 as? TransformerDecoder)?($1[0], memory: $1[1]) },
        pair(
            "Transformer", [2, 3, 4], [2, 5, 4], to: [2, 5, 4],
            { Transformer(encoderLayers: 1, decoderLayers: 1, plain) },
            alone: "layer TransformerEncoder (layer encoder): an input of shape [2, 4]; \(wantSequence)"
        ) { ($0 as? Transformer)?($1[0], target: $1[1]) },
        LayerCase("SinusoidalPositions", [2, 3, 5], to: [2, 3, 5]) { SinusoidalPositions(scalesInput: true) }
            .refusing([2, 4], "layer SinusoidalPositions: an input of shape [2, 4]; \(wantSequence)"),
        LayerCase("LearnedPositions", [2, 3, 5], to: [2, 3, 5]) { LearnedPositions(length: 4) }
            .refusing([2, 4], "layer LearnedPositions: an input of shape [2, 4]; \(wantSequence)")
            .refusing(
                [2, 5, 4],
                "layer LearnedPositions: an input of shape [2, 5, 4] with more than 4 steps; "
                    + "feed shorter sequences, or make the layer for longer ones"
            )
            .refusing("layer LearnedPositions: the length is 0; use a number in 1...16777216") {
                LearnedPositions(length: 0)
            },
        LayerCase("RotaryPositions", [2, 3, 2, 4], to: [2, 3, 2, 4]) { RotaryPositions() }
            .refusing([2, 4], "layer RotaryPositions: an input of shape [2, 4]; feed [batch, time, heads, width]")
            .refusing(
                [1, 1, 1, 3],
                "rotaryEmbedding: an input of shape [1, 1, 1, 3] and type float32, positions of shape [1], "
                    + "base 10000.0; "
                    + "feed [batch, time, heads, even width], positions [time] or [batch, time], and a base over 0"),
    ]

    /// A layer that is called with two tensors.
    private static func pair(
        _ name: String, _ first: Shape, _ second: Shape, to output: Shape, _ make: @escaping @Sendable () -> any Module,
        alone message: String? = nil, _ call: @escaping @Sendable (any Module, [Tensor]) -> Tensor?
    ) -> LayerCase {
        LayerCase(name, [.init(shape: first), .init(shape: second)], to: output, make).with {
            $0.call = { layer, inputs in call(layer, inputs) ?? Tensor.zeros([0]) }
            guard let message else {
                $0.refusesNothing = true
                return
            }
            $0.mistakes.append(
                .init(make: make, inputs: [.init(shape: [2, 4]), .init(shape: second)], message: message))
        }
    }
}
