#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Random numbers that depend on a seed, the stage, the epoch and the element alone, so that they are the same for any
/// number of workers and after any restart (Philox 4x32-10: Salmon et al., SC 2011).
///
///     let noisy = pipeline.map(seed: 3) { sample, random in sample + random.normal() * 0.1 }
public struct RandomSource: RandomNumberGenerator, Sendable {
    private let key: SIMD2<UInt32>
    private var counter: SIMD4<UInt32>
    private var words = SIMD4<UInt32>()
    private var used = 4

    /// - Parameters:
    ///   - stream: tells uses of one seed apart
    ///   - epoch: the pass over the data
    ///   - element: the position in that pass
    public init(seed: UInt64, stream: Int = 0, epoch: Int = 0, element: Int = 0) {
        key = SIMD2(UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32))
        counter = SIMD4(
            0, UInt32(truncatingIfNeeded: element),
            UInt32(truncatingIfNeeded: element >> 32) ^ UInt32(truncatingIfNeeded: stream) << 16,
            UInt32(truncatingIfNeeded: epoch))
    }

    private mutating func word() -> UInt32 {
        if used == 4 {
            words = Self.philox(counter, key)
            counter.x &+= 1
            used = 0
        }
        used += 1
        return words[used - 1]
    }

    private static func philox(_ counter: SIMD4<UInt32>, _ key: SIMD2<UInt32>) -> SIMD4<UInt32> {
        var (c, k) = (counter, key)
        for _ in 0..<10 {
            let first = UInt64(0xd251_1f53) * UInt64(c.x)
            let second = UInt64(0xcd9e_8d57) * UInt64(c.z)
            c = SIMD4(
                UInt32(second >> 32) ^ c.y ^ k.x, UInt32(truncatingIfNeeded: second),
                UInt32(first >> 32) ^ c.w ^ k.y, UInt32(truncatingIfNeeded: first))
            k = SIMD2(k.x &+ 0x9e37_79b9, k.y &+ 0xbb67_ae85)
        }
        return c
    }

    /// 64 random bits.
    public mutating func next() -> UInt64 {
        let low = UInt64(word())
        return UInt64(word()) << 32 | low
    }

    /// From 0 up to below 1.
    public mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// Evenly within a range.
    public mutating func uniform(_ range: ClosedRange<Double>) -> Double {
        range.lowerBound + (range.upperBound - range.lowerBound) * uniform()
    }

    /// A whole number from 0 up to below a bound, each equally often; 0 for a bound below 1.
    public mutating func integer(below bound: Int) -> Int {
        guard bound > 1 else { return 0 }
        let bound = UInt64(bound)
        var product = next().multipliedFullWidth(by: bound)
        if product.low < bound {
            let threshold = (0 &- bound) % bound
            while product.low < threshold { product = next().multipliedFullWidth(by: bound) }
        }
        return Int(product.high)
    }

    /// Whether something of the given probability happens.
    public mutating func chance(_ probability: Double) -> Bool { uniform() < probability }

    /// From the normal distribution of mean 0 and deviation 1.
    public mutating func normal() -> Double {
        let radius = (-2 * log(1 - uniform())).squareRoot()
        return radius * cos(2 * .pi * uniform())
    }

    /// From the Beta distribution, by two Gamma variates (Marsaglia and Tsang, ACM TOMS 2000).
    public mutating func beta(_ a: Double, _ b: Double) -> Double {
        let (x, y) = (gamma(a), gamma(b))
        return x + y > 0 ? x / (x + y) : 0.5
    }

    /// From the Gamma distribution of a shape and scale 1; 0 for shapes that are not above 0.
    public mutating func gamma(_ shape: Double) -> Double {
        guard shape > 0, shape.isFinite else { return 0 }
        if shape < 1 { return gamma(shape + 1) * pow(1 - uniform(), 1 / shape) }
        let d = shape - 1 / 3.0
        let c = 1 / (9 * d).squareRoot()
        while true {
            let x = normal()
            let v = (1 + c * x) * (1 + c * x) * (1 + c * x)
            guard v > 0 else { continue }
            if log(1 - uniform()) < 0.5 * x * x + d - d * v + d * log(v) { return d * v }
        }
    }

    /// The positions `0..<count` in random order.
    public mutating func permutation(_ count: Int) -> [Int] {
        var order = Array(0..<max(count, 0))
        for last in stride(from: order.count - 1, to: 0, by: -1) { order.swapAt(last, integer(below: last + 1)) }
        return order
    }

    /// A position drawn with a probability in proportion to its weight; 0 if no weight is above 0.
    public mutating func choice(weights: [Double]) -> Int {
        var rest = uniform() * weights.reduce(0) { $0 + max($1, 0) }
        var last = 0
        for (index, weight) in weights.enumerated() where weight > 0 {
            rest -= weight
            last = index
            if rest < 0 { return index }
        }
        return last
    }
}
