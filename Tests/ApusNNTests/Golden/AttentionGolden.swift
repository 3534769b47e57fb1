import ApusCore
import ApusNN
import TestSupport

func attentionTable() -> GoldenTable {
    var table: GoldenTable = [:]
    table["scaled_dot_product_attention"] = {
        [
            scaledDotProductAttention(
                try $0("query"), try $0("key"), try $0("value"), mask: $0.optional("mask"),
                isCausal: try $0.flag("causal"), scale: try $0.number("scale"))
        ]
    }
    table["multi_head_attention"] = { arguments in
        let kernel = try arguments("query_kernel")
        let heads = try arguments.integer("heads")
        let layer = MultiHeadAttention(
            heads: heads, keySize: kernel.shape[1] / heads, valueSize: try arguments("value_kernel").shape[1] / heads,
            outputSize: try arguments("output_kernel").shape[1], isCausal: try arguments.flag("causal"))
        try fill(layer, arguments)
        let query = try arguments("query")
        let key = arguments.optional("key")
        let isKeyMask = try arguments.text("mask") == "key"
        let mask = arguments.optional("mask")
        let (output, weights) = layer.attend(
            query, key: key, value: arguments.optional("value"), mask: isKeyMask ? nil : mask,
            keyMask: isKeyMask ? mask : nil)
        return [output, weights]
    }
    table["transformer_encoder_layer"] = { arguments in
        let layer = TransformerEncoderLayer(try settings(arguments))
        try fill(layer.attention, arguments)
        try fill(layer.feedForward, arguments)
        try fill([layer.norm1, layer.norm2], arguments)
        return [layer(try arguments("input"), keyMask: arguments.optional("mask"))]
    }
    table["transformer_decoder_layer"] = { arguments in
        let layer = TransformerDecoderLayer(try settings(arguments))
        try fill(layer.selfAttention, arguments, "self_")
        try fill(layer.crossAttention, arguments, "cross_")
        try fill(layer.feedForward, arguments)
        try fill([layer.norm1, layer.norm2, layer.norm3], arguments)
        return [layer(try arguments("input"), memory: try arguments("memory"))]
    }
    table["sinusoidal_position_encoding"] = {
        [
            sinusoidalPositions(
                length: try $0.integer("length"), width: try $0.integer("features"), base: try $0.number("base"),
                dtype: $0.dtype)
        ]
    }
    table["rotary_embedding"] = {
        guard let style = RotaryStyle(rawValue: try $0.text("style")) else { throw GoldenMissing("style") }
        return [
            rotaryEmbedding(
                try $0("input"), offset: try $0.integer("offset"), base: try $0.number("base"), style: style)
        ]
    }
    table["alibi_bias"] = {
        [
            alibiBias(
                heads: try $0.integer("heads"), queries: try $0.integer("query_length"),
                keys: try $0.integer("key_length"), dtype: $0.dtype)
        ]
    }
    table["additive_attention"] = {
        let (output, weights) = additiveAttention(
            try $0("query"), try $0("key"), try $0("value"), scale: $0.optional("scale"),
            mask: $0.optional("mask")?.expanded(at: 1))
        return [output, weights]
    }
    table["dot_attention"] = {
        let layer = Attention(usesScale: try $0.flag("use_scale"), isCausal: try $0.flag("causal"))
        if let scale = $0.optional("scale") { layer.scale?.value = scale }
        let (output, weights) = layer.attend(
            try $0("query"), key: try $0("key"), value: try $0("value"), mask: $0.optional("mask")?.expanded(at: 1))
        return [output, weights]
    }
    return table
}

private func settings(_ arguments: GoldenArguments) throws -> TransformerSettings {
    let activation: FeedForwardActivation = try arguments.text("activation") == "relu" ? .relu : .gelu
    return TransformerSettings(
        heads: try arguments.integer("heads"), feedForward: try arguments.integer("feed_forward"),
        activation: activation, isPreNorm: try arguments.flag("norm_first"), epsilon: try arguments.number("epsilon"))
}

private func fill(_ layer: MultiHeadAttention, _ arguments: GoldenArguments, _ prefix: String = "") throws {
    let parts = [("query", layer.query), ("key", layer.key), ("value", layer.value), ("output", layer.output)]
    for (name, part) in parts {
        part.weight.value = try arguments("\(prefix)\(name)_kernel")
        part.bias?.value = try arguments("\(prefix)\(name)_bias")
    }
}

private func fill(_ layer: FeedForward, _ arguments: GoldenArguments) throws {
    for (name, part) in [("ff1", layer.inner), ("ff2", layer.outer)] {
        part.weight.value = try arguments("\(name)_kernel")
        part.bias?.value = try arguments("\(name)_bias")
    }
}

private func fill(_ norms: [any Module], _ arguments: GoldenArguments) throws {
    for (index, norm) in norms.enumerated() {
        guard let norm = norm as? LayerNorm else { continue }
        norm.scale?.value = try arguments("norm\(index + 1)_gamma")
        norm.shift?.value = try arguments("norm\(index + 1)_beta")
    }
}
