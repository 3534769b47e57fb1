import Apus
import Foundation
import TestSupport
import Testing

@Suite struct AttentionTests {
    /// Attention written out in loops.
    private func plain(
        _ q: Plain, _ k: Plain, _ v: Plain, scale: Double, sees: (_ sample: Int, _ query: Int, _ key: Int) -> Bool
    ) -> [Double] {
        let (batch, queries, heads, width) = (q.shape[0], q.shape[1], q.shape[2], q.shape[3])
        let (keys, keyHeads, valueWidth) = (k.shape[1], k.shape[2], v.shape[3])
        var result: [Double] = []
        for n in 0..<batch {
            for i in 0..<queries {
                for h in 0..<heads {
                    let g = h / (heads / keyHeads)
                    var powers: [Double] = []
                    for j in 0..<keys {
                        var product = 0.0
                        for d in 0..<width {
                            let a: Double = q.values[((n * queries + i) * heads + h) * width + d]
                            let b: Double = k.values[((n * keys + j) * keyHeads + g) * width + d]
                            product += a * b
                        }
                        powers.append(sees(n, i, j) ? Foundation.exp(product * scale) : 0)
                    }
                    let total = powers.reduce(0, +)
                    for d in 0..<valueWidth {
                        var sum = 0.0
                        for j in 0..<keys {
                            sum += powers[j] * v.values[((n * keys + j) * keyHeads + g) * valueWidth + d]
                        }
                        result.append(total == 0 ? 0 : sum / total)
                    }
                }
            }
        }
        return result
    }

    @Test(arguments: [(4, 4), (4, 2), (4, 1)])
    func outputIsTheWeightedMeanOfTheValues(heads: Int, keyHeads: Int) throws {
        let q = try numbers([2, 3, heads, 5])
        let k = try numbers([2, 6, keyHeads, 5], seed: 2)
        let v = try numbers([2, 6, keyHeads, 4], seed: 3)
        let (a, b, c) = (try Plain(q), try Plain(k), try Plain(v))
        let scale = 1 / 5.0.squareRoot()
        let shape: Shape = [2, 3, heads, 4]
        try expectEqual(scaledDotProductAttention(q, k, v), shape, plain(a, b, c, scale: scale) { _, _, _ in true })
        try expectEqual(
            scaledDotProductAttention(q, k, v, isCausal: true, scale: 0.3), shape,
            plain(a, b, c, scale: 0.3) { _, i, j in j <= i })
        // One query of the second sample may see nothing.
        let seen = [true, false, true, true, false, true]
        let mask = (0..<2).flatMap { n in (0..<3).flatMap { i in seen.map { $0 && !(n == 1 && i == 2) } } }
        try expectEqual(
            scaledDotProductAttention(q, k, v, mask: Tensor(mask, shape: [2, 1, 3, 6])), shape,
            plain(a, b, c, scale: scale) { n, i, j in mask[(n * 3 + i) * 6 + j] })
    }

    @Test func weightsAddUpToOne() throws {
        let weights = attentionWeights(
            try numbers([2, 3, 4, 5]), try numbers([2, 6, 2, 5], seed: 2), isCausal: true, softCap: 1.5)
        #expect(weights.shape == [2, 4, 3, 6])
        try expectEqual(weights.sum(axes: [3]), [2, 4, 3], [Double](repeating: 1, count: 24))
    }

    @Test func softCapLimitsScores() throws {
        let q = try numbers([1, 2, 1, 3]) * 100
        let k = try numbers([1, 2, 1, 3], seed: 4)
        let scores: [Double] = try einsum("bqhd,bkhd->bhqk", q, k).array()
        let capped: [Double] = scores.map { 2 * Foundation.tanh($0 / 2) }
        let expected = Tensor(capped, shape: [1, 1, 2, 2]).softmax()
        try expectEqual(attentionWeights(q, k, scale: 1, softCap: 2), [1, 1, 2, 2], expected.array())
    }

    @Test func gradientsOfBothOrdersAreThoseOfCentralDifferences() throws {
        let mask = Tensor([true, false, true, true, true, false, true, true], shape: [2, 1, 1, 4])
        let inputs = [
            try numbers([2, 3, 2, 2]), try numbers([2, 4, 1, 2], seed: 2), try numbers([2, 4, 1, 3], seed: 3),
        ]
        try checkBothDerivatives(at: inputs) {
            scaledDotProductAttention($0[0], $0[1], $0[2], mask: mask, isCausal: true, softCap: 3)
        }
        let flat = [try numbers([2, 3, 2]), try numbers([2, 4, 2], seed: 2), try numbers([2, 4, 3], seed: 3)]
        try checkBothDerivatives(at: flat + [try numbers([2], seed: 4)]) {
            additiveAttention($0[0], $0[1], $0[2], scale: $0[3]).output
        }
        try checkBothDerivatives(at: flat) { dotProductAttention($0[0], $0[1], $0[2], isCausal: true).output }
        for style in RotaryStyle.allCases {
            try checkBothDerivatives(at: [try numbers([2, 3, 2, 4])]) {
                rotaryEmbedding($0[0], offset: 2, style: style)
            }
        }
    }

    static let mistakes: [(@Sendable () -> Tensor, String)] = [
        (
            { scaledDotProductAttention(Tensor.ones([2, 3, 4]), Tensor.ones([2, 3, 4]), Tensor.ones([2, 3, 4])) },
            "operation scaledDotProductAttention: query of shape [2, 3, 4], key of shape [2, 3, 4]; "
                + "feed [batch, queries, heads, width] and [batch, keys, key heads, width] with one batch and width "
                + "and a number of key heads that divides the heads"
        ),
        (
            {
                scaledDotProductAttention(
                    Tensor.ones([1, 3, 2, 4]), Tensor.ones([1, 5, 2, 4]), Tensor.ones([1, 6, 2, 4]))
            },
            "operation scaledDotProductAttention: weights of shape [1, 2, 3, 5], value of shape [1, 6, 2, 4]; "
                + "feed a value [batch, keys, key heads, width] with the batch, keys and heads of the key"
        ),
        (
            {
                attentionWeights(
                    Tensor.ones([1, 3, 2, 4]), Tensor.ones([1, 5, 2, 4]), mask: Tensor.ones([3, 5], dtype: .int32))
            },
            "operation attentionWeights: a mask of type int32; "
                + "use bool (true where a query may see a key), or numbers to add to the scores"
        ),
        (
            {
                attentionWeights(
                    Tensor.ones([1, 3, 2, 4]), Tensor.ones([1, 5, 2, 4]), mask: Tensor.ones([2, 1, 3, 5], dtype: .bool))
            },
            "operation attentionWeights: a mask of shape [2, 1, 3, 5] for scores of shape [1, 2, 3, 5]; "
                + "use a mask that broadcasts to the scores"
        ),
        (
            { attentionWeights(Tensor.ones([1, 3, 2, 4]), Tensor.ones([1, 5, 2, 4]), softCap: 0) },
            "operation attentionWeights: the soft cap is 0.0; use a number over 0"
        ),
        (
            { causalMask(queries: -1, keys: .max) },
            "causalMask: -1 queries, 9223372036854775807 keys; use counts in 0...16777216"
        ),
        (
            { sinusoidalPositions(length: 1 << 20, width: 1 << 20) },
            "sinusoidalPositions: length 1048576, width 1048576, base 10000.0, type float32; "
                + "use a length and a width of 0 or more, a base over 0 and a floating-point type"
        ),
        (
            { alibiBias(heads: 0, queries: 2, keys: 2) },
            "alibiBias: 0 heads, type float32; use 1 to 65536 heads and a floating-point type"
        ),
        (
            { lengthMask(Tensor.ones([2]), length: 3) },
            "lengthMask: lengths of type float32 for 3 positions; "
                + "give int32 or int64 lengths and a number of positions in 0...16777216"
        ),
    ]

    @Test(arguments: mistakes.indices)
    func mistakesAreExplained(_ number: Int) {
        let (make, message) = Self.mistakes[number]
        #expect(make().error?.description == message)
    }

    @Test func masksOfLengthsAndOfTimes() throws {
        let mask = lengthMask(Tensor([0, 2, 3] as [Int32]), length: 3)
        #expect(try mask.array(of: Bool.self) == [false, false, false, true, true, false, true, true, true])
        let causal = causalMask(queries: 2, keys: 4, offset: 1)
        #expect(try causal.array(of: Bool.self) == [true, true, false, false, true, true, true, false])
    }

    @Test func queriesThatSeeNothingGetZeros() throws {
        let x = try numbers([1, 2, 1, 3])
        let y = scaledDotProductAttention(x, x, x, mask: Tensor([false, false], shape: [1, 1, 1, 2]))
        try expectEqual(y, [1, 2, 1, 3], [0, 0, 0, 0, 0, 0])
        let empty = Tensor.zeros([1, 0, 1, 3], dtype: .float64)
        try expectEqual(scaledDotProductAttention(x, empty, empty), [1, 2, 1, 3], [0, 0, 0, 0, 0, 0])
    }

    /// Exercise bahdanau-004q16.
    @Test func bahdanauByHand() throws {
        let attention = BahdanauAttention(units: 2, bias: false)
        attention.query.weight.value = Tensor.identity(2, dtype: .float64)
        attention.key.weight.value = Tensor.identity(2, dtype: .float64)
        attention.score.weight.value = Tensor([1.0, 1.0] as [Double], shape: [2, 1]).cast(to: .float64)
        let state = Tensor([1, 0] as [Double], shape: [1, 2])
        let memory = Tensor([1, 0, 0, 1, 1, 1] as [Double], shape: [1, 3, 2])
        let (context, weights) = attention.attend(state, memory: memory, projectedKeys: attention.key(memory))
        try expectEqual(
            weights, [1, 3], [0.204461701179237, 0.35764519140229, 0.437893107418473], tolerance: 1e-9)
        try expectEqual(context, [1, 2], [0.64235480859771, 0.795538298820763], tolerance: 1e-9)
        // The second and third positions are padding.
        let (alone, one) = attention.attend(
            state, memory: memory, mask: Tensor([true, false, false], shape: [1, 3]))
        try expectEqual(one, [1, 3], [1, 0, 0])
        try expectEqual(alone, [1, 2], [1, 0])
        #expect(
            attention.attend(state, memory: memory, projectedKeys: memory.expanded(at: 0)).output.error?.problem
                == "projected keys of shape [1, 1, 3, 2] for a memory of shape [1, 3, 2]")
    }
}
