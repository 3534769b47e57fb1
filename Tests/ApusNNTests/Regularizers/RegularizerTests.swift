import Apus
import TestSupport
import Testing

@Suite struct RegularizerTests {
    static let w = Tensor([1.0, -1, 0.2], shape: [3])

    /// Two vectors with the cosine 0.6 and a third at right angles to both.
    static let vectors = Tensor([2.0, 0, 0, 3, 4, 0, 0, 0, 5], shape: [3, 3])

    static let cases: [(rule: Regularizer, value: Tensor, expected: Double)] = [
        (.l1(0.01), w, 0.022), (.l2(0.01), w, 0.0204), (.l2(0.005), w, 0.0102), (.l1l2(l1: 0.01, l2: 0.01), w, 0.0424),
        (.l1(0.01) + .l2(0.01), w, 0.0424), (.orthogonal(0.3), vectors, 0.3 * 0.6 / 3),
        (.orthogonal(0.3, .columns), vectors, 0.3 * (3 / 13.0.squareRoot()) / 3),
        (.orthogonal(0.3), Tensor([2.0, 3], shape: [1, 2]), 0),
    ]

    @Test(arguments: cases.indices)
    func termsAreTheirDefinitions(_ index: Int) throws {
        let (rule, value, expected) = Self.cases[index]
        #expect(abs(try rule(value).item() - expected) < 1e-14)
        let failed = try checkGradients(at: [value]) { rule($0[0]) }.filter { $0.largestError > 1e-7 }
        #expect(failed.isEmpty, "\(failed)")
    }

    @Test func wrongNumbersEndTheLossAndTheStep() {
        let w = Tensor.ones([2, 2])
        let terms: [(Tensor, String)] = [
            (Regularizer.l1(-1)(w), "regularizer l1(-1.0): a factor is -1.0; use a number of 0.0 or more"),
            (Regularizer.l2(.nan)(w), "regularizer l2(nan): a factor is nan; use a number of 0.0 or more"),
            (
                (Regularizer.l2(1) + .orthogonal(-2))(w),
                "regularizer orthogonal(-2.0, rows): a factor is -2.0; use a number of 0.0 or more"
            ),
            (
                Constraint.maxNorm(-1)(w),
                "constraint maxNorm(-1.0): maximum is -1.0; use a number of 0.0 or more"
            ),
            (
                Constraint.minMaxNorm(2, 1)(w),
                "constraint minMaxNorm(2.0, 1.0): maximum is 1.0; use a number of 2.0 or more"
            ),
            (
                Constraint.minMaxNorm(rate: 2)(w),
                "constraint minMaxNorm(0.0, 1.0): rate is 2.0; use a number in 0.0...1.0"
            ),
        ]
        for (term, message) in terms { #expect(term.error?.description == message) }
        let (x, y) = (Tensor.ones([3, 2]), Tensor.ones([3, 1]))
        for (model, message) in [
            (Sequential { Dense(1).regularized(.l1(-1)) }, terms[0].1),
            (Sequential { Dense(1).constrained(.maxNorm(-1)) }, terms[3].1),
        ] {
            let trainer = Trainer(model, loss: .meanSquaredError, optimizer: .sgd())
            #expect(refusal { _ = try trainer.step(inputs: x, targets: y) }?.description == message)
        }
    }

    /// Exercise weight-decay-003q33: the form with one half is half the factor here.
    @Test func gradientsOfTheExercise() throws {
        let loss = Tensor([0.5, -2.0, 0.1], shape: [3])
        let l2 = gradient(at: Self.w) { (loss * $0).sum() + Regularizer.l2(0.01 / 2)($0) }
        try expectEqual(l2, [3], [0.51, -2.01, 0.102])
        let l1 = gradient(at: Self.w) { (loss * $0).sum() + Regularizer.l1(0.01)($0) }
        try expectEqual(l1, [3], [0.51, -2.01, 0.11])
    }

    /// Exercise l2-conv-params-000t49: the penalty reaches the gradient, of the kernel alone.
    @Test func penaltiesOfLayersArePartOfTheLoss() throws {
        let conv = Conv2D(40, kernel: 4, stride: 4, padding: .same).regularized(.l2(0.01))
        let model = Sequential {
            conv
            Flatten()
            Dense(10)
        }
        let x = try numbers([2, 28, 28, 1])
        try model.build(inputShape: x.shape, dtype: .float64)
        #expect(model.trainableCount == 20_290)
        func run() throws -> (loss: Double, gradients: Gradients) {
            let (loss, gradients) = try valueAndGradient(model) { ($0(x).square()).mean() }
            return (try loss.item(), gradients)
        }
        let with = try run()
        let penalty = try model.penalty.item()
        conv.regularized(nil)
        let without = try run()
        #expect(try model.penalty.item() == 0)
        let kernel: [Double] = try conv.kernel.value.array()
        #expect(abs(penalty - 0.01 * kernel.reduce(0) { $0 + $1 * $1 }) < 1e-12)
        #expect(abs(with.loss - without.loss - penalty) < 1e-12)
        for path in with.gradients.paths {
            let (a, b) = (try #require(with.gradients[path]), try #require(without.gradients[path]))
            let difference: [Double] = try (a - b).array()
            let expected = path == "conv2d1.kernel" ? kernel.map { 0.02 * $0 } : difference.map { _ in 0 }
            #expect(zip(difference, expected).allSatisfy { abs($0 - $1) < 1e-12 }, "\(path)")
        }
    }

    @Test func frozenParametersAddNothing() throws {
        let layer = Dense(2).regularized(.l1(1), where: "*")
        try layer.build(inputShape: [1, 3])
        #expect(layer.bias?.regularizer != nil)
        #expect(try layer.penalty.item() > 0)
        layer.weight.isTrainable = false
        #expect(try layer.penalty.item() == 0)
    }

    @Test func mistakesAreNamed() {
        #expect(
            Regularizer.orthogonal()(Self.w).error?.description
                == "regularizer orthogonal: a parameter of shape [3]; use it for matrices only")
        let layer = Dense(2, initializer: .ones).regularized(Regularizer("own") { $0 })
        let error = refusal { _ = try valueAndGradient(layer) { $0(Tensor.ones([1, 3])).sum() } }
        #expect(
            error?.description
                == "regularizer own: it made shape [3, 2], not a scalar; reduce the term, for example with sum()")
    }
}

@Suite struct PathPatternTests {
    @Test(arguments: [
        ("*.bias", "a.b.bias", true), ("*.bias", "bias", true), ("*.bias", "a.bias2", false), ("a.*", "a.b.c", true),
        ("a.*", "b.a.c", false), ("*b*", "abc", true), ("a?c", "abc", true), ("a?c", "ac", false), ("", "", true),
        ("*", "", true), ("a*b*c", "aXbYbZc", true), ("a*b*c", "aXbYbZ", false), ("abc", "ab", false),
    ])
    func starsStandForAnything(pattern: String, path: String, isMatch: Bool) {
        #expect(PathPattern(pattern).matches(path) == isMatch)
    }
}
