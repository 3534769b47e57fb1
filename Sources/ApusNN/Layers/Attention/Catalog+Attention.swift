import ApusCore

extension Catalog {
    static let attentionLayers: [CatalogEntry] = [
        CatalogEntry(
            "Attention", "Dot-product attention over sequences", keras: ["Attention"], torch: [], mlx: []),
        CatalogEntry(
            "AdditiveAttention", "Attention with scores by addition of query and key", keras: ["AdditiveAttention"]),
        CatalogEntry("BahdanauAttention", "Additive attention with projections of query and key"),
        CatalogEntry(
            "MultiHeadAttention", "Attention by several heads, with masks, positions and a key-value cache",
            keras: ["MultiHeadAttention"], torch: ["MultiheadAttention"], mlx: ["MultiHeadAttention"]),
        CatalogEntry(
            "GroupedQueryAttention", "Multi-head attention whose heads share keys and values",
            keras: ["GroupQueryAttention"]),
        CatalogEntry("Projection", "Dense layer as wide as its input, or as the layer around it asks"),
        CatalogEntry("FeedForward", "Feed-forward part of a Transformer, also gated (SwiGLU, GeGLU)"),
        CatalogEntry(
            "TransformerEncoderLayer", "Attention to itself and a feed-forward part, norm before or after",
            torch: ["TransformerEncoderLayer"], mlx: ["TransformerEncoderLayer"]),
        CatalogEntry(
            "TransformerEncoder", "Encoder layers one after the other", torch: ["TransformerEncoder"],
            mlx: ["TransformerEncoder"]),
        CatalogEntry(
            "TransformerDecoderLayer", "Causal attention, attention to a memory, and a feed-forward part",
            torch: ["TransformerDecoderLayer"], mlx: ["TransformerDecoderLayer"]),
        CatalogEntry(
            "TransformerDecoder", "Decoder layers one after the other", torch: ["TransformerDecoder"],
            mlx: ["TransformerDecoder"]),
        CatalogEntry(
            "Transformer", "Encoder for a source, decoder for a target", torch: ["Transformer"], mlx: ["Transformer"]),
        CatalogEntry(
            "SinusoidalPositions", "Adds encodings of positions by sines and cosines",
            mlx: ["SinusoidalPositionalEncoding"]),
        CatalogEntry("LearnedPositions", "Adds a learnt vector for each position"),
        CatalogEntry("RotaryPositions", "Features rotated by angles that grow with the position", mlx: ["RoPE"]),
    ]

    static let attentionFunctions: [CatalogEntry] = [
        CatalogEntry(
            "scaledDotProductAttention", "Attention of heads with scaled dot products, masks, grouped queries",
            keras: ["dot_product_attention"], torch: ["scaled_dot_product_attention"],
            mlx: ["scaledDotProductAttention"]),
        CatalogEntry("attentionWeights", "The weights of scaled dot-product attention"),
        CatalogEntry("additiveAttention", "Attention with scores by addition"),
        CatalogEntry("dotProductAttention", "Attention with plain dot products"),
        CatalogEntry("causalMask", "Which keys each query may see"),
        CatalogEntry("lengthMask", "Which positions of padded sequences are real"),
        CatalogEntry("sinusoidalPositions", "Encodings of positions by sines and cosines"),
        CatalogEntry("rotaryEmbedding", "Features rotated in pairs by angles that grow with the position"),
        CatalogEntry("alibiBias", "Scores lowered in proportion to the distance", mlx: ["ALiBi"]),
    ]
}
