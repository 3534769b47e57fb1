import Apus
import TestSupport
import Testing

@Suite struct ClassBalanceTests {
    private let labels = [Int](repeating: 0, count: 4000) + [Int](repeating: 1, count: 100)

    /// Exercise imbalance-001p8e.
    @Test func catsAndDogs() throws {
        let balance = try ClassBalance(labels: labels)
        #expect(balance.counts == [4000, 100] && balance.total == 4100 && balance.ratio == 40)
        #expect(abs(balance.majorityAccuracy - 0.975609756097561) < 1e-12 && balance.majorityBalancedAccuracy == 0.5)
        #expect(zip(balance.weights, [0.5125, 20.5]).allSatisfy { abs($0 - $1) < 1e-12 })
        #expect(balance.oversamplingFactors == [1, 40])
        #expect(try Sampling.oversampled(labels, seed: 1).count == 8000)
        #expect(
            balance.warning()
                == "class 0 is 40.0 times as frequent as the rarest: always guessing it is right for 97.6 % of the "
                + "samples, so look at recall by class, and use weights or sampling")
        #expect(try ClassBalance(labels: [0, 1, 1]).warning() == nil)
        #expect(try ClassBalance(labels: [0, 2], classCount: 4).weights == [1, 0, 1, 0])
        #expect(refusal { _ = try ClassBalance(labels: []) }?.problem == "there are no labels")
        #expect(refusal { _ = try ClassBalance(labels: [0, -1]) }?.problem == "labels from -1 to 0")
    }

    @Test func samplesAreBalanced() throws {
        let more = try Sampling.oversampled(labels, seed: 1)
        #expect(more.filter { labels[$0] == 1 }.count == 4000 && Set(more).count == 4100)
        let fewer = try Sampling.undersampled(labels, seed: 1)
        #expect(fewer.count == 200 && Set(fewer).count == 200 && fewer.filter { labels[$0] == 1 }.count == 100)
        let drawn = try Sampling.weighted([1, 0, 3], count: 40_000, seed: 2)
        // Four standard errors.
        #expect(abs(drawn.filter { $0 == 2 }.count - 30_000) < 350 && !drawn.contains(1))
        #expect(refusal { _ = try Sampling.weighted([0, 0], count: 1, seed: 1) } != nil)
        #expect(refusal { _ = try Sampling.weighted([1, -1], count: 1, seed: 1) } != nil)
    }

    @Test func pipelinesDrawByWeight() throws {
        let source = Pipeline(labels)
        let balanced = try source.balanced(by: labels, seed: 3)
        let dogs = try balanced.elements().reduce(0, +)
        // Four standard errors of 4100 fair coins.
        #expect(balanced.count == 4100 && abs(dogs - 2050) < 128)
        #expect(try balanced.elements(epoch: 1) != balanced.elements() && balanced.elements() == balanced.elements())
        #expect(
            refusal { _ = try source.filter { _ in true }.sample(weights: [1], seed: 1).elements() }?.kind
                == .unsupported)
        #expect(
            refusal { _ = try source.sample(weights: [1], seed: 1).elements() }?.problem
                == "1 weights for 4100 elements")
    }

    @Test func onlyTheMinorityIsAugmented() throws {
        let source = Pipeline(labels.map { Sample(input: 1.0, target: $0) })
        let augmented = try source.augment(seed: 4, where: { $0.target == 1 }) { sample, random in
            Sample(input: random.normal(), target: sample.target)
        }.elements()
        #expect(
            augmented.filter { $0.input != 1 }.count == 100 && augmented.allSatisfy { $0.input == 1 || $0.target == 1 })
    }
}
