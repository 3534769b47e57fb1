import Apus
import Foundation
import Testing

@Suite struct OptimizerTests {
    /// `sum(a (w - c)^2) / 2`, whose gradient is `a (w - c)`.
    private final class Bowl: Module {
        let w = Parameter(.values(Tensor([1.0, -2, 0.5], shape: [3])))
        func callAsFunction(_ x: Tensor) -> Tensor { w.value(shape: [3], dtype: .float64) }
    }

    private static let a = [1.0, 3, 0.1]
    private static let c = [0.5, 1.0, -2]

    /// The parameter after each of ten steps.
    private func trajectory(_ optimizer: Optimizer) throws -> [[Double]] {
        let model = Bowl()
        try model.build(inputShape: [1])
        let state = OptimizerState(optimizer)
        let (a, c) = (Tensor(Self.a, shape: [3]), Tensor(Self.c, shape: [3]))
        return try (0..<10).map { step in
            // Rates change on the way.
            if step == 5 { state.optimizer.learningRate /= 2 }
            let (_, gradients) = try valueAndGradient(model) { model in
                (a * (model(c) - c).square()).sum() * 0.5
            }
            try state.apply(gradients)
            return try model.w.value.array()
        }
    }

    /// The same by hand: the rule gets step, rate, parameter and gradient of one element with its moments.
    private func expected(
        _ rate: Double,
        _ rule: (_ step: Double, _ rate: Double, _ w: inout Double, _ g: Double, _ m: inout [Double]) -> Void
    ) -> [[Double]] {
        var w = [1.0, -2, 0.5]
        var moments = [[Double]](repeating: [0, 0], count: 3)
        return (0..<10).map { step in
            for i in 0..<3 {
                let g = Self.a[i] * (w[i] - Self.c[i])
                rule(Double(step + 1), step < 5 ? rate : rate / 2, &w[i], g, &moments[i])
            }
            return w
        }
    }

    private func compare(_ optimizer: Optimizer, _ expected: [[Double]]) throws {
        for (step, (values, targets)) in zip(try trajectory(optimizer), expected).enumerated() {
            for (value, target) in zip(values, targets) {
                #expect(abs(value - target) < 1e-12 * max(1, abs(target)), "step \(step + 1)")
            }
        }
    }

    @Test(arguments: [0, 0.1])
    func descentFollowsTheGradient(decay: Double) throws {
        try compare(
            .sgd(learningRate: 0.1, weightDecay: decay),
            expected(0.1) { _, rate, w, g, _ in w -= rate * (g + decay * w) })
    }

    @Test(arguments: [false, true], [0, 0.1])
    func momentumGathersGradients(nesterov: Bool, decay: Double) throws {
        try compare(
            .sgd(learningRate: 0.05, momentum: 0.8, nesterov: nesterov, weightDecay: decay),
            expected(0.05) { _, rate, w, g, m in
                let g = g + decay * w
                m[0] = 0.8 * m[0] + g
                w -= rate * (nesterov ? g + 0.8 * m[0] : m[0])
            })
    }

    @Test(arguments: [0, 0.1])
    func adamScalesByTheMoments(decay: Double) throws {
        try compare(
            .adam(learningRate: 0.1, beta1: 0.8, beta2: 0.95, epsilon: 1e-6, weightDecay: decay),
            expected(0.1) { step, rate, w, g, m in
                let g = g + decay * w
                m[0] = 0.8 * m[0] + 0.2 * g
                m[1] = 0.95 * m[1] + 0.05 * g * g
                let (first, second) = (m[0] / (1 - pow(0.8, step)), m[1] / (1 - pow(0.95, step)))
                w -= rate * first / (second.squareRoot() + 1e-6)
            })
    }

    @Test func adamWDecaysApartFromTheGradient() throws {
        try compare(
            .adamW(learningRate: 0.1, beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0.2),
            expected(0.1) { step, rate, w, g, m in
                w -= rate * 0.2 * w
                m[0] = 0.9 * m[0] + 0.1 * g
                m[1] = 0.99 * m[1] + 0.01 * g * g
                let (first, second) = (m[0] / (1 - pow(0.9, step)), m[1] / (1 - pow(0.99, step)))
                w -= rate * first / (second.squareRoot() + 1e-8)
            })
    }
}
