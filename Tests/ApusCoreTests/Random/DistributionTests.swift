import ApusCore
import TestSupport
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Random numbers against their distributions, with fixed seeds.
@Suite("Distributions") struct DistributionTests {
    /// A sample and its distribution function.
    struct Continuous: Sendable {
        let name: String
        let sample: @Sendable () -> Tensor
        let distribution: @Sendable (Double) -> Double
    }

    static let count = 4000

    static func many(_ value: Double) -> Tensor { Tensor(repeating: value, shape: [count], dtype: .float64) }

    static let continuous: [Continuous] = [
        Continuous(name: "normal") {
            Tensor.randomNormal(mean: many(1), deviation: many(2), seed: 1)
        } distribution: {
            0.5 * erfc(-($0 - 1) / 2 / 2.0.squareRoot())
        },
        Continuous(name: "truncated normal") {
            Tensor.randomTruncatedNormal([count], low: -1, high: 2, seed: 2)
        } distribution: { x in
            func phi(_ x: Double) -> Double { 0.5 * erfc(-x / 2.0.squareRoot()) }
            return (phi(x) - phi(-1)) / (phi(2) - phi(-1))
        },
        Continuous(name: "log normal") {
            Tensor.randomLogNormal([count], seed: 3)
        } distribution: {
            0.5 * erfc(-log($0) / 2.0.squareRoot())
        },
        Continuous(name: "exponential") {
            Tensor.randomExponential([count], rate: 3, seed: 4)
        } distribution: {
            1 - exp(-3 * $0)
        },
        Continuous(name: "Laplace") {
            Tensor.randomLaplace([count], mean: 1, scale: 2, seed: 5)
        } distribution: {
            $0 < 1 ? 0.5 * exp(($0 - 1) / 2) : 1 - 0.5 * exp(-($0 - 1) / 2)
        },
        Continuous(name: "Gumbel") {
            Tensor.randomGumbel([count], location: -1, scale: 2, seed: 6)
        } distribution: {
            exp(-exp(-($0 + 1) / 2))
        },
        Continuous(name: "logistic") {
            Tensor.randomLogistic([count], location: 1, seed: 7)
        } distribution: {
            1 / (1 + exp(1 - $0))
        },
        Continuous(name: "Cauchy") {
            Tensor.randomCauchy([count], seed: 8)
        } distribution: {
            0.5 + atan($0) / Double.pi
        },
        Continuous(name: "gamma 1") {
            Tensor.randomGamma(shapes: many(1), seed: 9)
        } distribution: {
            1 - exp(-$0)
        },
        Continuous(name: "gamma 1/2") {
            Tensor.randomGamma(shapes: many(0.5), seed: 10)
        } distribution: {
            erf($0.squareRoot())
        },
        Continuous(name: "gamma 3") {
            Tensor.randomGamma(shapes: many(3), seed: 11)
        } distribution: {
            1 - exp(-$0) * (1 + $0 + $0 * $0 / 2)
        },
        Continuous(name: "beta") {
            Tensor.randomBeta(many(2), many(3), seed: 12)
        } distribution: {
            $0 * $0 * (6 - 8 * $0 + 3 * $0 * $0)
        },
        Continuous(name: "chi squared") {
            Tensor.randomChiSquared(degrees: many(2), seed: 13)
        } distribution: {
            1 - exp(-$0 / 2)
        },
        Continuous(name: "Student's t") {
            Tensor.randomStudentT(degrees: many(2), seed: 14)
        } distribution: {
            0.5 + $0 / (2 * (2 + $0 * $0).squareRoot())
        },
    ]

    /// Kolmogorov and Smirnov's largest distance, at a level of 0.001.
    @Test(arguments: continuous.indices)
    func followTheirDistributionFunctions(_ number: Int) throws {
        let entry = Self.continuous[number]
        let values = try doubles(entry.sample()).sorted()
        let count = Double(values.count)
        var distance = 0.0
        for (index, value) in values.enumerated() {
            let level = entry.distribution(value)
            distance = max(distance, abs(level - Double(index) / count), abs(level - Double(index + 1) / count))
        }
        #expect(values.count == Self.count)
        #expect(distance < 1.95 / count.squareRoot(), "\(entry.name): \(distance)")
    }

    private func doubles(_ tensor: Tensor) throws -> [Double] { try tensor.cast(to: .float64).array() }

    @Test(arguments: [0.3, 4, 9.9, 10.1, 45, 300])
    func poissonHasItsMoments(_ rate: Double) throws {
        let sample = Tensor.randomPoisson(rates: Self.many(rate), seed: 21)
        try expect(sample, mean: rate, variance: rate)
    }

    @Test(arguments: [(20, 0.3), (200, 0.4), (50, 0.9), (1, 0.5), (1000, 0.01), (7, 0), (7, 1)])
    func binomialHasItsMoments(_ trials: Int, _ probability: Double) throws {
        let sample = Tensor.randomBinomial(
            counts: Self.many(Double(trials)), probabilities: Self.many(probability), seed: 22)
        let mean = Double(trials) * probability
        try expect(sample, mean: mean, variance: mean * (1 - probability))
        #expect(try sample.min().item() >= 0)
        #expect(try sample.max().item() <= Double(trials))
    }

    /// Within five standard errors.
    private func expect(_ sample: Tensor, mean: Double, variance: Double) throws {
        let count = Double(Self.count)
        let isWhole: Tensor = (sample.fraction() .== 0.0).all()
        #expect(try isWhole.item() == 1)
        #expect(abs(try sample.mean().item() - mean) <= 5 * (variance / count).squareRoot())
        let allowance = 5 * ((2 * variance * variance + variance) / count).squareRoot()
        #expect(abs(try sample.variance().item() - variance) <= allowance)
    }

    @Test func categoriesHaveTheirFrequencies() throws {
        let logits = Tensor([0.1, 0.6, 0.3], shape: [3]).log()
        let counts = try doubles(Tensor.randomMultinomial(logits: logits, count: Self.count, seed: 23))
        for (count, share) in zip(counts, [0.1, 0.6, 0.3]) {
            #expect(abs(count / Double(Self.count) - share) < 5 * (share * (1 - share) / 4000).squareRoot())
        }
        let rows = Tensor.zeros([50, 6])
        let drawn = Tensor.randomCategorical(logits: rows, count: 6, withReplacement: false, seed: 24)
        #expect(try drawn.sorted().array(of: Int.self) == (0..<50).flatMap { _ in 0..<6 })
    }

    @Test func integersAndOrders() throws {
        let integers = try Tensor.randomIntegers([4000], in: -3..<5, seed: 25).array(of: Int.self)
        #expect(Set(integers) == Set(-3..<5))
        let order = try Tensor.randomPermutation(100, seed: 26).array(of: Int.self)
        #expect(order.sorted() == Array(0..<100) && order != Array(0..<100))
        let truths = try doubles(Tensor.randomBernoulli(probabilities: Self.many(0.2), seed: 27))
        #expect(abs(truths.reduce(0, +) / 4000 - 0.2) < 0.03)
        let x = Tensor.range(count: 20)
        #expect(try x.shuffled(seed: 1).sorted().array(of: Float.self) == x.array(of: Float.self))
    }

    @Test func dirichletSumsToOne() throws {
        let alpha = Tensor([0.5, 2, 3], shape: [3]).broadcast(to: [2000, 3])
        let sample = Tensor.randomDirichlet(concentrations: alpha, seed: 28)
        #expect(try doubles(sample.sum(axes: [1])).allSatisfy { abs($0 - 1) < 1e-12 })
        for (mean, share) in zip(try doubles(sample.mean(axes: [0])), [0.5 / 5.5, 2 / 5.5, 3 / 5.5]) {
            #expect(abs(mean - share) < 0.02)
        }
    }

    @Test func multivariateNormalHasItsCovariance() throws {
        let covariance = Tensor([2.0, 0.6, 0.6, 1], shape: [2, 2])
        let sample = Tensor.randomMultivariateNormal(
            count: 4000, mean: Tensor([1.0, -1], shape: [2]), covariance: covariance, seed: 29)
        for (value, wanted) in zip(try doubles(sample.transposed().covariance()), [2, 0.6, 0.6, 1]) {
            #expect(abs(value - wanted) < 0.25)
        }
    }

    /// Along `a` with the sample moving by its derivative, its quantile stays what it is.
    @Test func gammaSamplesMoveAlongTheirQuantiles() throws {
        let shapes = Tensor([0.3, 0.9, 1, 2.5, 8, 40], shape: [6])
        let (value, slope) = valueAndGradient(at: [shapes]) { Tensor.randomGamma(shapes: $0[0], seed: 30).sum() }
        #expect(value.error == nil)
        let z = try Tensor.randomGamma(shapes: shapes, seed: 30).evaluated()
        let h = 1e-5
        let above = Tensor.incompleteGamma(shapes + h, z + slope[0] * h)
        let below = Tensor.incompleteGamma(shapes - h, z - slope[0] * h)
        for difference in try doubles((above - below) / (2 * h)) { #expect(abs(difference) < 1e-6) }
    }

    @Test func hardGumbelSoftmaxIsOneHot() throws {
        let logits = Tensor.zeros([5, 4], dtype: .float64)
        let hard = Tensor.gumbelSoftmax(logits, isHard: true, seed: 31)
        #expect(try doubles(hard.max(axes: [1])).allSatisfy { abs($0 - 1) < 1e-12 })
        #expect(try doubles(hard.sum(axes: [1])).allSatisfy { abs($0 - 1) < 1e-12 })
        let slope = gradient(at: logits) { (Tensor.gumbelSoftmax($0, isHard: true, seed: 31).square()).sum() }
        #expect(try slope.absolute().max().item() > 0)
    }

    @Test func mistakesAreNamed() {
        #expect(
            Tensor.randomExponential([2], rate: 0, seed: 1).error?.description
                == "randomExponential: a rate of 0.0; use a rate above 0")
        #expect(Tensor.randomIntegers([2], in: 3..<3, seed: 1).error?.kind == .value)
        #expect(Tensor.randomGamma(shapes: Tensor.ones([2], dtype: .int32), seed: 1).error?.kind == .type)
        let six = Tensor.randomCategorical(logits: Tensor.zeros([5]), count: 6, withReplacement: false, seed: 1)
        #expect(six.error?.kind == .value)
        #expect(Tensor.randomPermutation(-1, seed: 1).error?.kind == .shape)
    }
}
