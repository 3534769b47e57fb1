import ApusCore
import TestSupport

/// Numbers that a rule or a generator gives.
let fuzzCreation: [FuzzCase] = [
    FuzzCase("Tensor.zeros") { Tensor.zeros(Shape($0.wildSizes($0.integer(0...5))), dtype: $0.wildType()) },
    FuzzCase("Tensor.ones") { Tensor.ones(Shape($0.wildSizes($0.integer(0...5))), dtype: $0.wildType()) },
    FuzzCase("like(repeating:)") {
        let x = $0.wild()
        return x.like(repeating: $0.wildNumber())
    },
    FuzzCase("Tensor.init(repeating:)") {
        Tensor(repeating: $0.wildNumber(), shape: Shape($0.wildSizes($0.integer(0...5))), dtype: $0.wildType())
    },
    FuzzCase("Tensor.range") {
        if $0.flag() {
            return Tensor.range(
                count: $0.wildInteger(), from: $0.wildNumber(), step: $0.wildNumber(), dtype: $0.wildType())
        }
        return Tensor.range(from: $0.wildNumber(), to: $0.wildNumber(), by: $0.wildNumber(), dtype: $0.wildType())
    },
    FuzzCase("Tensor.linearSpace") {
        Tensor.linearSpace(
            from: $0.wildNumber(), to: $0.wildNumber(), count: $0.wildInteger(), includesEnd: $0.flag(),
            dtype: $0.wildType())
    },
    FuzzCase("Tensor.logarithmicSpace", compared: .none) {
        Tensor.logarithmicSpace(
            from: $0.wildNumber(), to: $0.wildNumber(), count: $0.wildInteger(), base: $0.wildNumber(),
            includesEnd: $0.flag(), dtype: $0.wildType())
    },
    FuzzCase("Tensor.geometricSpace", compared: .none) {
        Tensor.geometricSpace(
            from: $0.wildNumber(), to: $0.wildNumber(), count: $0.wildInteger(), includesEnd: $0.flag(),
            dtype: $0.wildType())
    },
    FuzzCase("Tensor.identity") {
        let dtype = $0.wildType()
        return $0.flag()
            ? Tensor.identity($0.wildInteger(), dtype: dtype)
            : Tensor.identity(
                rows: $0.wildSize(), columns: $0.wildSize(), diagonal: $0.wildInteger(), dtype: dtype)
    },
    FuzzCase("Tensor.lowerTriangle") {
        Tensor.lowerTriangle(
            rows: $0.wildSize(), columns: $0.wildSize(), diagonal: $0.wildInteger(), dtype: $0.wildType())
    },
    FuzzCase("Tensor.meshGrid") {
        var vectors: [Tensor] = []
        for _ in 0..<$0.integer(0...4) { vectors.append($0.wild($0.integer(0...9) == 0 ? 0...2 : 1...1)) }
        return Tensor.meshGrid(vectors, transposesFirst: $0.flag()).last ?? Tensor(0)
    },
    FuzzCase("vandermonde") {
        let x = $0.wild($0.integer(0...9) == 0 ? 0...3 : 1...1)
        return x.vandermonde($0.flag() ? nil : $0.wildInteger(), increasing: $0.flag())
    },
]

/// Random numbers: the definition draws the same ones.
let fuzzRandom: [FuzzCase] = [
    FuzzCase("Tensor.randomUniform") {
        Tensor.randomUniform(
            $0.wildSampleShape(), low: $0.wildNumber(), high: $0.wildNumber(), seed: $0.seed(), dtype: $0.wildType())
    },
    FuzzCase("Tensor.randomNormal") {
        if $0.flag() {
            let mean = $0.wild(0...3, $0.floatType())
            return Tensor.randomNormal(mean: mean, deviation: $0.partner(mean), seed: $0.seed())
        }
        return Tensor.randomNormal(
            $0.wildSampleShape(), mean: $0.wildNumber(), deviation: $0.wildNumber(), seed: $0.seed(),
            dtype: $0.wildType())
    },
    FuzzCase("Tensor.randomMultivariateNormal", compared: .none) {
        let covariance = $0.definite()
        let mean = $0.wild([covariance.shape[-1]], covariance.dtype)
        return Tensor.randomMultivariateNormal(
            count: $0.wildSize(), mean: mean, covariance: covariance, seed: $0.seed())
    },
    FuzzCase("Tensor.randomTruncatedNormal", compared: .cutOff) {
        Tensor.randomTruncatedNormal(
            $0.wildSampleShape(), mean: $0.wildNumber(), deviation: $0.wildNumber(), low: $0.wildNumber(),
            high: $0.wildNumber(), seed: $0.seed(), dtype: $0.wildType())
    },
    sampled("Tensor.randomLogNormal") {
        Tensor.randomLogNormal($0, mean: $1, deviation: $2, seed: $3, dtype: $4)
    },
    sampled("Tensor.randomExponential") { Tensor.randomExponential($0, rate: $1 + $2, seed: $3, dtype: $4) },
    sampled("Tensor.randomLaplace") { Tensor.randomLaplace($0, mean: $1, scale: $2, seed: $3, dtype: $4) },
    sampled("Tensor.randomGumbel") { Tensor.randomGumbel($0, location: $1, scale: $2, seed: $3, dtype: $4) },
    sampled("Tensor.randomLogistic") { Tensor.randomLogistic($0, location: $1, scale: $2, seed: $3, dtype: $4) },
    sampled("Tensor.randomCauchy") { Tensor.randomCauchy($0, location: $1, scale: $2, seed: $3, dtype: $4) },
    FuzzCase("Tensor.randomGamma", compared: .none) { Tensor.randomGamma(shapes: $0.rates(), seed: $0.seed()) },
    FuzzCase("Tensor.randomBeta", compared: .none) {
        let a = $0.rates()
        return Tensor.randomBeta(a, $0.flag() ? a + 0.5 : $0.partner(a), seed: $0.seed())
    },
    FuzzCase("Tensor.randomDirichlet", compared: .none) {
        Tensor.randomDirichlet(concentrations: $0.rates(), seed: $0.seed())
    },
    FuzzCase("Tensor.randomChiSquared", compared: .none) {
        Tensor.randomChiSquared(degrees: $0.rates(), seed: $0.seed())
    },
    FuzzCase("Tensor.randomStudentT", compared: .none) { Tensor.randomStudentT(degrees: $0.rates(), seed: $0.seed()) },
    FuzzCase("Tensor.randomIntegers") {
        let (low, high) = ($0.wildInteger(), $0.wildInteger())
        return Tensor.randomIntegers(
            $0.wildSampleShape(), in: Swift.min(low, high)..<Swift.max(low, high), seed: $0.seed(),
            dtype: $0.wildType())
    },
    FuzzCase("Tensor.randomBernoulli", compared: .float64) {
        Tensor.randomBernoulli(probabilities: $0.rates() / 4, seed: $0.seed(), dtype: $0.wildType())
    },
    FuzzCase("Tensor.randomCategorical", compared: .none) {
        Tensor.randomCategorical(
            logits: $0.wild(0...3, $0.floatType()), count: $0.wildSize(), withReplacement: $0.flag(), seed: $0.seed())
    },
    FuzzCase("Tensor.randomMultinomial", compared: .none) {
        Tensor.randomMultinomial(logits: $0.wild(0...3, $0.floatType()), count: $0.wildSize(), seed: $0.seed())
    },
    FuzzCase("Tensor.randomPoisson", compared: .none) { Tensor.randomPoisson(rates: $0.rates(), seed: $0.seed()) },
    FuzzCase("Tensor.randomBinomial", compared: .none) {
        let counts = $0.rates()
        return Tensor.randomBinomial(counts: counts, probabilities: $0.partner(counts), seed: $0.seed())
    },
    FuzzCase("Tensor.randomPermutation") { Tensor.randomPermutation($0.wildInteger(), seed: $0.seed()) },
    FuzzCase("shuffled") {
        let x = $0.wild()
        return x.shuffled(axis: $0.axis(x), seed: $0.seed())
    },
    FuzzCase("Tensor.gumbelSoftmax", compared: .none) {
        let x = $0.wild(0...3, $0.floatType())
        return Tensor.gumbelSoftmax(x, temperature: $0.wildNumber(), isHard: $0.flag(), seed: $0.seed())
    },
]

private func sampled(
    _ name: String, _ function: @escaping @Sendable (Shape, Double, Double, UInt64, DType) -> Tensor
) -> FuzzCase {
    FuzzCase(name, compared: .float64) {
        function($0.wildSampleShape(), $0.wildNumber(), $0.wildNumber(), $0.seed(), $0.floatType())
    }
}

extension TestRandom {
    fileprivate mutating func wildSampleShape() -> Shape {
        integer(0...3) == 0 ? Shape(wildSizes(integer(0...3))) : wildShape()
    }

    /// Positive numbers in most cases.
    fileprivate mutating func rates() -> Tensor {
        let x = wild(0...3, floatType())
        guard integer(0...5) > 0, x.dtype.isFloatingPoint else { return x }
        return (try? (x.absolute() + 0.125).evaluated()) ?? x
    }
}
