import Apus
import TestSupport
import Testing

@Suite struct MultiHeadAttentionTests {
    @Test func parametersHaveTheWidthsOfTheHeads() throws {
        let layer = MultiHeadAttention(heads: 3, keySize: 2, valueSize: 4, outputSize: 5)
        let y = layer(Tensor.ones([1, 2, 7]), key: Tensor.ones([1, 3, 6]), value: Tensor.ones([1, 3, 8]))
        #expect(y.shape == [1, 2, 5])
        #expect(
            layer.namedParameters.map { "\($0.path) \($0.parameter.shape)" } == [
                "query.weight [7, 6]", "query.bias [6]", "key.weight [6, 6]", "key.bias [6]", "value.weight [8, 12]",
                "value.bias [12]", "output.weight [12, 5]", "output.bias [5]",
            ])
        let grouped = GroupedQueryAttention(heads: 4, keyHeads: 1, bias: false)
        try grouped.build(inputShape: [1, 2, 8])
        #expect(grouped.namedParameters.map(\.parameter.shape) == [[8, 8], [8, 2], [8, 2], [8, 8]])
        #expect(grouped.details == "4 heads on 1")
    }

    /// With rotary positions the weights depend on distances alone: a sequence that begins later gives the same.
    @Test(arguments: RotaryStyle.allCases)
    func rotatedProductsDependOnTheDistance(_ style: RotaryStyle) throws {
        let (q, k) = (try numbers([1, 4, 2, 6]), try numbers([1, 4, 2, 6], seed: 2))
        func weights(_ offset: Int) throws -> [Double] {
            try attentionWeights(
                rotaryEmbedding(q, offset: offset, style: style), rotaryEmbedding(k, offset: offset, style: style)
            ).array()
        }
        for (a, b) in zip(try weights(0), try weights(57)) { #expect(abs(a - b) < 1e-12) }
        let positions = Tensor([5, 6, 7, 8] as [Int64])
        #expect(
            try rotaryEmbedding(q, positions: positions, style: style).array(of: Double.self)
                == rotaryEmbedding(q, offset: 5, style: style).array())
    }

    @Test func slopesOfAnyNumberOfHeads() throws {
        func slopes(_ heads: Int) throws -> [Double] {
            try alibiBias(heads: heads, queries: 1, keys: 2, dtype: .float64).array().enumerated()
                .filter { $0.offset % 2 == 1 }.map { -$0.element }
        }
        #expect(try slopes(2) == [1 / 16, 1 / 256])
        #expect(try slopes(3) == [1 / 16, 1 / 256, 1 / 4])
        let shifted: [Double] = try alibiBias(heads: 1, queries: 1, keys: 3, offset: 2, dtype: .float64).array()
        #expect(shifted == [-2 / 256, -1 / 256, 0])
    }

    /// A sequence continued in pieces gives what the whole gives.
    @Test(
        arguments: [AttentionPositions.none, .rotary(), .rotary(style: .interleaved), .alibi],
        [[5], [1, 1, 1, 1, 1], [3, 1, 1]])
    func pieces(_ positions: AttentionPositions, _ sizes: [Int]) throws {
        let layer = GroupedQueryAttention(heads: 4, keyHeads: 2, isCausal: true, positions: positions)
        let x = try numbers([2, 5, 8])
        let whole: [Double] = try layer(x).array()
        let cache = KeyValueCache(capacity: 7)
        var parts: [Tensor] = []
        var start = 0
        for size in sizes {
            let y = layer(x.slice(axis: 1, start..<start + size), cache: cache)
            try KeyValueCache.settle([cache], with: [y])
            parts.append(y)
            start += size
        }
        #expect(cache.length == 5)
        try expectEqual(Tensor.concatenate(parts, axis: 1), [2, 5, 8], whole, tolerance: 1e-12)
        #expect(
            layer(x, cache: cache).error?.description
                == "layer GroupedQueryAttention: 5 steps after 5 for a cache of 7; "
                + "make the cache larger, or reset it and begin again with the last steps")
        #expect(
            layer(x.slice(axis: 0, 0..<1).slice(axis: 1, 0..<1), cache: cache).error?.problem
                == "it holds shape [2, 7, 2, 2], new steps have shape [1, 1, 2, 2]")
        cache.reset()
        #expect(cache.length == 0)
        try expectEqual(layer(x, cache: cache), [2, 5, 8], whole, tolerance: 1e-12)
    }

    @Test func keyMasksHidePadding() throws {
        let layer = MultiHeadAttention(heads: 2)
        let x = try numbers([2, 4, 6])
        let masked = layer(x, keyMask: lengthMask(Tensor([4, 2] as [Int32]), length: 4))
        let short = layer(x.slice(axis: 0, 1..<2).slice(axis: 1, 0..<2))
        let kept = masked.slice(axis: 0, 1..<2).slice(axis: 1, 0..<2)
        try expectEqual(kept, [1, 2, 6], short.array(), tolerance: 1e-12)
        // A mask of numbers and one of keys.
        let numbersMask = Tensor([0, -1, 0.5, 0] as [Double], shape: [1, 1, 1, 4])
        let both = layer(x, mask: numbersMask, keyMask: lengthMask(Tensor([4, 2] as [Int32]), length: 4))
        let cut = layer(
            x.slice(axis: 0, 1..<2), key: x.slice(axis: 0, 1..<2).slice(axis: 1, 0..<2),
            mask: numbersMask.slice(axis: 3, 0..<2))
        try expectEqual(both.slice(axis: 0, 1..<2), [1, 4, 6], cut.array(), tolerance: 1e-12)
        #expect(
            layer(x, mask: Tensor.ones([4], dtype: .int32), keyMask: lengthMask(Tensor([4, 2] as [Int32]), length: 4))
                .error?.problem == "masks of type int32 and bool")
    }

    @Test func causalLayersDoNotSeeTheFuture() throws {
        let encoder = TransformerEncoder(
            layers: 2, .init(heads: 2, feedForward: 8, activation: .swiglu, isPreNorm: true), isCausal: true)
        let x = try numbers([1, 5, 6])
        let whole = try encoder(x).slice(axis: 1, 0..<3).array(of: Double.self)
        try expectEqual(encoder(x.slice(axis: 1, 0..<3)), [1, 3, 6], whole, tolerance: 1e-12)
        #expect(encoder(x, caches: []).error?.problem == "0 caches for 2 layers")
    }

    @Test func decodersContinueFromCaches() throws {
        let decoder = TransformerDecoder(layers: 2, .init(heads: 2, feedForward: 8))
        let (x, memory) = (try numbers([2, 4, 6]), try numbers([2, 3, 6], seed: 2))
        let mask = lengthMask(Tensor([3, 1] as [Int32]), length: 3)
        let whole: [Double] = try decoder(x, memory: memory, memoryMask: mask).array()
        let caches = decoder.layers.map { _ in KeyValueCache(capacity: 4) }
        var steps: [Tensor] = []
        for step in 0..<4 {
            let y = decoder(x.slice(axis: 1, step..<step + 1), memory: memory, memoryMask: mask, caches: caches)
            try KeyValueCache.settle(caches, with: [y])
            steps.append(y)
        }
        try expectEqual(Tensor.concatenate(steps, axis: 1), [2, 4, 6], whole, tolerance: 1e-12)
        #expect(decoder(x).error?.problem == "there is no memory to attend to")
    }

    @Test func learnedPositionsBeginAnywhere() throws {
        let layer = LearnedPositions(length: 6)
        let x = Tensor.zeros([1, 6, 3])
        let all: [Float] = try layer(x).array()
        let late = layer(x.slice(axis: 1, 0..<2), offset: Tensor([4 as Int32], shape: []))
        #expect(try late.array(of: Float.self) == Array(all[12..<18]))
    }

    @Test func layersOfSeveralTensorsAreStepsOfModels() throws {
        let (text, image) = (Input(shape: [4, 6]), Input(shape: [9, 5]))
        let attention = MultiHeadAttention(heads: 2)
        let y = attention(text, key: image)
        #expect(y.shape == [4, 6])
        let decoder = TransformerDecoderLayer(.init(heads: 2, feedForward: 8))
        let model = Model(inputs: [text, image], outputs: Dense(3)(decoder(y, memory: image)))
        #expect(try model.build() == [[1, 4, 3]])
        let (a, b) = (Tensor.randomNormal([2, 4, 6], seed: 1), Tensor.randomNormal([2, 9, 5], seed: 2))
        let last = try #require(model["dense1"])
        let byHand = last(decoder(attention(a, key: b), memory: b))
        #expect(try model([a, b])[0].array(of: Float.self) == byHand.array())
    }
}
