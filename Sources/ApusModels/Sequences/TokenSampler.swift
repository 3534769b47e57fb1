import ApusCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Chooses the next token of a sequence from the scores of all tokens.
///
///     var sampler = TokenSampler(temperature: 0.8, topK: 40, seed: 1)
///     let token = try sampler.next(scores)
///
/// The same seed chooses the same tokens.
public struct TokenSampler: Sendable {
    /// Scores are divided by it: below 1 likely tokens become likelier, 0 always takes the likeliest.
    public var temperature: Double
    /// Only as many of the likeliest tokens are in question.
    public var topK: Int?
    /// Only the likeliest tokens that have this share of the probability together are in question (Holtzman et al.,
    /// ICLR 2020).
    public var topP: Double?
    private var state: UInt64

    /// - Parameter seed: of the draws
    public init(temperature: Double = 1, topK: Int? = nil, topP: Double? = nil, seed: UInt64 = 0) {
        self.temperature = temperature
        self.topK = topK
        self.topP = topP
        state = seed
    }

    /// Always the likeliest token.
    public static let greedy = TokenSampler(temperature: 0)

    /// A random number in 0 ..< 1 (SplitMix64).
    private mutating func uniform() -> Double {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
        return Double((value ^ value >> 31) >> 11) * 0x1p-53
    }

    /// The probabilities from which ``next(_:)`` draws: those of tokens that are out of the question are 0.
    public func probabilities(_ scores: [Float]) throws(ApusError) -> [Double] {
        guard temperature >= 0, topK ?? 1 >= 1, topP ?? 1 > 0, topP ?? 1 <= 1 else {
            throw ApusError(
                .value, in: "TokenSampler",
                "temperature \(temperature), top k \(topK.map(String.init) ?? "all"), top p \(topP ?? 1)",
                remedy: "use a temperature of 0 or more, a k of 1 or more and a p over 0, of 1 at most")
        }
        // By score, equal ones by index.
        let order = scores.indices.filter { !scores[$0].isNaN && scores[$0] > -.infinity }
            .sorted { (-scores[$0], $0) < (-scores[$1], $1) }
        guard let first = order.first, scores[first] < .infinity else {
            throw ApusError(
                .numeric, in: "TokenSampler", "none of \(scores.count) scores is a finite number",
                remedy: "check the model: did its training diverge?")
        }
        var result = [Double](repeating: 0, count: scores.count)
        guard temperature > 0 else {
            result[first] = 1
            return result
        }
        let kept = order.prefix(topK ?? order.count)
        let powers = kept.map { exp((Double(scores[$0]) - Double(scores[first])) / temperature) }
        let total = powers.reduce(0, +)
        var (share, used) = (0.0, 0.0)
        for (token, power) in zip(kept, powers) where share < topP ?? 2 {
            result[token] = power
            used += power
            share += power / total
        }
        return result.map { $0 / used }
    }

    /// The next token.
    ///
    /// - Parameter scores: a number for each token (logits)
    /// - Throws: an `ApusError` if no score is a finite number, or a setting is out of its range
    public mutating func next(_ scores: [Float]) throws(ApusError) -> Int {
        let probabilities = try probabilities(scores)
        var rest = uniform()
        var chosen = 0
        for (token, probability) in probabilities.enumerated() where probability > 0 {
            chosen = token
            rest -= probability
            if rest < 0 { break }
        }
        return chosen
    }
}
