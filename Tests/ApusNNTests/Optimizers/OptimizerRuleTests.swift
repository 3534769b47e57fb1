import Apus
import Foundation
import TestSupport
import Testing

/// Rules that no other framework's vectors cover, against plain code.
@Suite struct OptimizerRuleTests {
    /// The parameters after each step of fixed gradients.
    private func run(_ optimizer: Optimizer, _ start: Tensor, _ gradients: [Tensor]) throws -> [[Double]] {
        var w = start
        var state = optimizer.states(path: "w", shape: w.shape).map { $0.value(w) }
        return try gradients.enumerated().map { step, gradient in
            let scalars = optimizer.scalars(optimizer.learningRate, step + 1).map { Tensor([$0], shape: []) }
            let entry = OptimizerEntry(path: "w", parameter: w, gradient: gradient, state: state)
            let (results, _) = optimizer.step([entry], shared: [], scalars: scalars)
            w = try results[0].parameter.evaluated()
            state = try results[0].state.map { try $0.evaluated() }
            return try w.array()
        }
    }

    private func close(_ a: [[Double]], _ b: [[Double]], _ tolerance: Double = 1e-12) {
        #expect(a.count == b.count)
        for (step, (x, y)) in zip(a, b).enumerated() {
            for (p, q) in zip(x, y) { #expect(abs(p - q) < tolerance * max(1, abs(q)), "step \(step + 1)") }
        }
    }

    private static let start = [1.0, -2, 0.5, 3]
    private static let gradients: [[Double]] = (0..<6).map { step in
        (0..<4).map { sin(Double(step * 4 + $0) * 1.3) }
    }

    private func matrices(_ shape: Shape = [2, 2]) -> (Tensor, [Tensor]) {
        (Tensor(Self.start, shape: shape), Self.gradients.map { Tensor($0, shape: shape) })
    }

    private func norm(_ x: [Double]) -> Double { x.reduce(0) { $0 + $1 * $1 }.squareRoot() }

    @Test(arguments: [true, false])
    func larsScalesMatricesToTheirNorm(isMatrix: Bool) throws {
        let (w0, gradients) = matrices(isMatrix ? [2, 2] : [4])
        let values = try run(
            .lars(learningRate: 0.5, momentum: 0.9, weightDecay: 0.1, trust: 0.02, epsilon: 0), w0, gradients)
        var (w, v) = (Self.start, [0.0, 0, 0, 0])
        close(
            values,
            Self.gradients.map { g in
                let ratio = isMatrix ? 0.02 * norm(w) / (norm(g) + 0.1 * norm(w)) : 1
                for i in 0..<4 { v[i] = 0.9 * v[i] + 0.5 * ratio * (g[i] + 0.1 * w[i]) }
                for i in 0..<4 { w[i] -= v[i] }
                return w
            })
    }

    @Test func lambDecaysWithinTheTrustRatio() throws {
        let (w0, gradients) = matrices()
        let values = try run(
            .lamb(learningRate: 0.1, beta1: 0.8, beta2: 0.9, epsilon: 1e-3, weightDecay: 0.2), w0, gradients)
        var (w, m, v) = (Self.start, [0.0, 0, 0, 0], [0.0, 0, 0, 0])
        var expected: [[Double]] = []
        for (step, g) in Self.gradients.enumerated() {
            var u = w
            for i in 0..<4 {
                m[i] = 0.8 * m[i] + 0.2 * g[i]
                v[i] = 0.9 * v[i] + 0.1 * g[i] * g[i]
                let first = m[i] / (1 - pow(0.8, Double(step + 1)))
                let second = v[i] / (1 - pow(0.9, Double(step + 1)))
                u[i] = first / (second.squareRoot() + 1e-3) + 0.2 * w[i]
            }
            let ratio = norm(w) / norm(u)
            for i in 0..<4 { w[i] -= 0.1 * ratio * u[i] }
            expected.append(w)
        }
        close(values, expected)
    }

    @Test func adanFollowsTheChangeOfGradients() throws {
        let (w0, gradients) = matrices()
        let values = try run(
            .adan(learningRate: 0.1, beta1: 0.9, beta2: 0.8, beta3: 0.7, epsilon: 1e-3, weightDecay: 0.2), w0, gradients
        )
        var (w, m, d, n, last) = (Self.start, [0.0, 0, 0, 0], [0.0, 0, 0, 0], [0.0, 0, 0, 0], Self.gradients[0])
        var expected: [[Double]] = []
        for (step, g) in Self.gradients.enumerated() {
            let t = Double(step + 1)
            for i in 0..<4 {
                let change = g[i] - last[i]
                m[i] = 0.9 * m[i] + 0.1 * g[i]
                d[i] = 0.8 * d[i] + 0.2 * change
                n[i] = 0.7 * n[i] + 0.3 * pow(g[i] + 0.8 * change, 2)
                let up = m[i] / (1 - pow(0.9, t)) + 0.8 * d[i] / (1 - pow(0.8, t))
                w[i] = w[i] * (1 - 0.1 * 0.2) - 0.1 * up / ((n[i] / (1 - pow(0.7, t))).squareRoot() + 1e-3)
            }
            last = g
            expected.append(w)
        }
        close(values, expected)
    }

    @Test func scheduleFreePointsLieBetweenFastAndAverage() throws {
        let (w0, gradients) = matrices()
        let optimizer = Optimizer.scheduleFreeAdamW(
            learningRate: 0.1, beta1: 0.9, beta2: 0.8, epsilon: 1e-3, weightDecay: 0.1)
        let values = try run(optimizer, w0, gradients)
        var (y, z, x, v) = (Self.start, Self.start, Self.start, [0.0, 0, 0, 0])
        var expected: [[Double]] = []
        for (step, g) in Self.gradients.enumerated() {
            let t = Double(step + 1)
            for i in 0..<4 {
                v[i] = 0.8 * v[i] + 0.2 * g[i] * g[i]
                let divisor = (v[i] / (1 - pow(0.8, t))).squareRoot() + 1e-3
                z[i] -= 0.1 * (g[i] / divisor + 0.1 * y[i])
                x[i] += (z[i] - x[i]) / t
                y[i] = 0.1 * z[i] + 0.9 * x[i]
            }
            expected.append(y)
        }
        close(values, expected)
    }

    @Test func lookaheadReturnsHalfWay() throws {
        let (w0, gradients) = matrices()
        let values = try run(.sgd(learningRate: 0.1).lookahead(every: 3, alpha: 0.5), w0, gradients)
        var (w, slow) = (Self.start, Self.start)
        var expected: [[Double]] = []
        for (step, g) in Self.gradients.enumerated() {
            for i in 0..<4 { w[i] -= 0.1 * g[i] }
            if step % 3 == 2 {
                for i in 0..<4 { slow[i] += 0.5 * (w[i] - slow[i]) }
                w = slow
            }
            expected.append(w)
        }
        close(values, expected)
    }

    @Test(arguments: [[4, 9], [9, 4], [3, 3, 2, 5]])
    func muonStepsAreNearlyOrthogonal(_ extents: [Int]) throws {
        let shape = Shape(extents)
        let gradient = try numbers(shape)
        let w = Tensor.zeros(shape, dtype: .float64)
        let values = try run(.muon(learningRate: 1, momentum: 0, nesterov: false, weightDecay: 0), w, [gradient])
        let columns = extents[extents.count - 1]
        let step = Tensor(values[0].map { -$0 }, shape: shape).reshaped(to: [-1, columns])
        let scale = max(1, Double(columns) / Double(step.shape[0]))
        let product = step.shape[0] < columns ? matmul(step, step.transposed()) : matmul(step.transposed(), step)
        // Five steps bring the singular values to between 0.7 and 1.2.
        for value in try product.diagonal().array(of: Double.self) { #expect((0.4...1.5).contains(value / scale)) }
        // The step lies in the gradient's direction.
        #expect(try (step.reshaped(to: shape) * gradient).sum().item() > 0)
    }

    @Test func muonGivesVectorsToAdamW() throws {
        let (w0, gradients) = matrices([4])
        let plain = try run(.adamW(learningRate: 0.003, weightDecay: 0), w0, gradients)
        close(try run(.muon(learningRate: 0.02, weightDecay: 0, vectorRate: 0.003), w0, gradients), plain)
    }

    @Test func sparseAdamPassesRowsByThatHaveNoGradient() throws {
        let w0 = Tensor([1.0, 2, 3, 4], shape: [2, 2])
        let first = Tensor([0.5, -1, 0, 0], shape: [2, 2])
        let both = Tensor([0.5, 0, 2, 1], shape: [2, 2])
        let sparse = try run(.sparseAdam(learningRate: 0.1), w0, [first, both])
        let dense = try run(.adam(learningRate: 0.1), w0, [first, both])
        close(sparse.map { Array($0[..<2]) }, dense.map { Array($0[..<2]) })
        #expect(sparse[0][2...] == [3, 4])
        // Its moments are those of one gradient, corrected for two steps.
        let root = (0.001 / (1 - 0.999 * 0.999)).squareRoot()
        let step = 0.1 * 0.1 / 0.19 / root
        #expect(abs(sparse[1][2] - (3 - step)) < 1e-6 && abs(sparse[1][3] - (4 - step)) < 1e-6)
    }

    @Test func averagedDescentRemembersTheMean() throws {
        let (w0, gradients) = matrices()
        let optimizer = Optimizer.asgd(learningRate: 0.1, lambda: 0.01, alpha: 0.5, start: 1)
        let values = try run(optimizer, w0, gradients)
        #expect(optimizer.evaluationState(path: "w", shape: [2, 2]) == 0)
        var w = Self.start
        close(
            values,
            Self.gradients.enumerated().map { step, g in
                let eta = 0.1 / pow(1 + 0.01 * 0.1 * Double(step), 0.5)
                for i in 0..<4 { w[i] = w[i] * (1 - 0.01 * eta) - eta * g[i] }
                return w
            })
    }

    @Test func groupsChangeRatesAndDecay() throws {
        func names(_ optimizer: Optimizer, _ path: String) throws -> [Double] {
            let w = Tensor([1.0, 2], shape: [2])
            let entry = OptimizerEntry(
                path: path, parameter: w, gradient: Tensor([1.0, 1], shape: [2]),
                state: optimizer.states(path: path, shape: [2]).map { $0.value(w) })
            let scalars = optimizer.scalars(optimizer.learningRate, 1).map { Tensor([$0], shape: []) }
            return try optimizer.step([entry], shared: [], scalars: scalars).results[0].parameter.array()
        }
        let optimizer = Optimizer.sgd(learningRate: 0.1, weightDecay: 0.5).grouped([
            ParameterGroup("*.bias", weightDecay: 0), ParameterGroup("head", learningRateFactor: 10),
        ])
        #expect(try names(optimizer, "body.kernel") == [1 - 0.1 * 1.5, 2 - 0.1 * 2])
        #expect(try names(optimizer, "body.bias") == [1 - 0.1, 2 - 0.1])
        // The first group that fits counts.
        #expect(try names(optimizer, "head.bias") == [1 - 0.1, 2 - 0.1])
        #expect(try names(optimizer, "head.kernel") == [1 - 1.5, 2 - 2])
        let mixed = Optimizer.combined(
            [("head", .sgd(learningRate: 0.4).grouped([ParameterGroup("*.bias", learningRateFactor: 0)]))],
            otherwise: .sgd(learningRate: 0.1))
        #expect(try names(mixed, "body.kernel") == [0.9, 1.9])
        #expect(try names(mixed, "head.bias") == [1, 2])
        var half = mixed
        half.learningRate = 0.05
        #expect(try names(half, "head.kernel") == [0.8, 1.8])
        #expect(mixed.name == "sgd and sgd")
    }

    @Test func clippedGradientsOfHandWrittenLoops() throws {
        let model = Dense(2, bias: false, initializer: .ones)
        // Exercise grad-clip-003q35: the gradient (3, 4).
        let (_, gradients) = try valueAndGradient(model) {
            ($0(Tensor([1.0], shape: [1, 1])) * Tensor([3.0, 4], shape: [1, 2])).sum()
        }
        let (byNorm, norm) = gradients.clipped(.globalNorm(1, epsilon: 0))
        #expect(abs(try norm.item() - 5) < 1e-12)
        try expectEqual(try #require(byNorm["weight"]), [1, 2], [0.6, 0.8])
        try expectEqual(try #require(gradients.clipped(.norm(1)).gradients["weight"]), [1, 2], [0.6, 0.8])
        try expectEqual(try #require(gradients.clipped(.value(1)).gradients["weight"]), [1, 2], [1, 1])
    }
}
