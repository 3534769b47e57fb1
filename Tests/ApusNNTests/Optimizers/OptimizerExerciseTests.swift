import Apus
import Foundation
import TestSupport
import Testing

/// Exercises with known numbers.
@Suite struct OptimizerExerciseTests {
    private final class Point: Module {
        let w: Parameter
        init(_ start: [Double]) { w = Parameter(.values(Tensor(start, shape: [start.count]))) }
        func callAsFunction(_ x: Tensor) -> Tensor { w.value(shape: x.shape, dtype: .float64) }
    }

    /// The points after each step down a function.
    private func descend(
        _ optimizer: Optimizer, from start: [Double], steps: Int, rates: [Double] = [],
        _ function: (Tensor) -> Tensor
    ) throws -> [[Double]] {
        let point = Point(start)
        let x = Tensor.zeros([start.count], dtype: .float64)
        try point.build(inputShape: x.shape, dtype: .float64)
        let state = OptimizerState(optimizer)
        return try (0..<steps).map { step in
            if step < rates.count { state.optimizer.learningRate = rates[step] }
            let (_, gradients) = try valueAndGradient(point) { function($0(x)) }
            try state.apply(gradients)
            return try point.w.value.array()
        }
    }

    private func close(_ a: [[Double]], _ b: [[Double]], _ tolerance: Double = 1e-9) {
        #expect(a.count == b.count)
        for (x, y) in zip(a, b) {
            for (p, q) in zip(x, y) { #expect(abs(p - q) <= tolerance * max(1, abs(q)), "\(a), expected \(b)") }
        }
    }

    private static func bowl(_ x: Tensor) -> Tensor { (x.square() * Tensor([1.0, 10], shape: [2])).sum() * 0.5 }

    /// optimizer-trajectories.
    static let trajectories: [(optimizer: Optimizer, expected: [[Double]])] = [
        (.sgd(learningRate: 0.05), [[0.95, 0.5], [0.9025, 0.25], [0.857375, 0.125]]),
        (.sgd(learningRate: 0.05, momentum: 0.9), [[0.95, 0.5], [0.8575, -0.2], [0.731375, -0.73]]),
        (
            .adagrad(learningRate: 0.05, epsilon: 1e-8),
            [
                [0.9500000005, 0.95000000005], [0.91556252764441, 0.91556252697828],
                [0.887910758400738, 0.887910757593935],
            ]
        ),
        (
            .rmsprop(learningRate: 0.05, rho: 0.9, epsilon: 1e-8),
            [
                [0.841886121991581, 0.841886117491581], [0.73693766401715, 0.736937657476078],
                [0.654358942158387, 0.654358934343305],
            ]
        ),
        (
            .adadelta(learningRate: 1, rho: 0.95, epsilon: 1e-6),
            [
                [0.995527908765689, 0.995527864492214], [0.991008748149185, 0.991008658555545],
                [0.986464564884951, 0.986464429527095],
            ]
        ),
        (
            .adam(learningRate: 0.05),
            [
                [0.9500000005, 0.95000000005], [0.900083243815938, 0.900083242906233],
                [0.850311697171706, 0.850311695793538],
            ]
        ),
    ]

    @Test(arguments: trajectories.indices)
    func trajectoriesInTheBowl(_ index: Int) throws {
        let (optimizer, expected) = Self.trajectories[index]
        close(try descend(optimizer, from: [1, 1], steps: 3, Self.bowl), expected)
    }

    /// The gradient at `theta + beta v`. Usual implementations keep that look-ahead point as the parameter: from there
    /// it is one plain step back to theta.
    @Test func nesterovLooksAhead() throws {
        let expected = [[0.95, 0.5], [0.85975, 0.025], [0.73959875, -0.20125]]
        let points = try descend(
            .sgd(learningRate: 0.05, momentum: 0.9, nesterov: true), from: [1, 1], steps: 3, Self.bowl)
        // theta_k = point_k - beta (theta_k - theta_(k-1)), solved for theta_k.
        var last = [1.0, 1]
        var thetas: [[Double]] = []
        for point in points {
            last = zip(point, last).map { ($0 + 0.9 * $1) / 1.9 }
            thetas.append(last)
        }
        close(thetas, expected)
    }

    /// momentum-forms-001p4d: the rate outside the velocity, or within it.
    @Test func bothFormsOfMomentum() throws {
        func path(_ convention: Optimizer.Convention, _ rates: [Double]) throws -> [Double] {
            try descend(
                .sgd(learningRate: 0.1, momentum: 0.9, convention: convention), from: [1], steps: 4, rates: rates
            ) { $0.square().sum() * 0.5 }.map { $0[0] }
        }
        let constant = [0.1, 0.1, 0.1, 0.1]
        let decayed = [0.1, 0.1, 0.01, 0.01]
        close(
            [try path(.torch, constant), try path(.keras, constant)],
            [[0.9, 0.72, 0.486, 0.2268], [0.9, 0.72, 0.486, 0.2268]])
        close([try path(.torch, decayed)], [[0.9, 0.72, 0.6966, 0.668574]])
        close([try path(.keras, decayed)], [[0.9, 0.72, 0.5508, 0.393012]])
    }

    /// momentum-max-step-003q14: the step under a constant gradient.
    @Test func momentumMultipliesAConstantGradient() throws {
        let points: [[Double]] = try descend(.sgd(learningRate: 0.1, momentum: 0.9), from: [0], steps: 200) {
            ($0 * 2.0).sum()
        }
        let values: [Double] = [0] + points.map { $0[0] }
        let limits: [(step: Int, size: Double)] = [
            (1, 0.2), (10, 1.3026431198), (50, 1.98969244958536), (200, 1.99999999858898),
        ]
        for (step, size) in limits { #expect(abs(values[step - 1] - values[step] - size) < 1e-9) }
    }

    /// gd-stepsize-003q13.
    @Test func stepSizeIsRateTimesNorm() throws {
        let theta = try descend(.sgd(learningRate: 0.1), from: [0, 0], steps: 1) {
            ($0 * Tensor([3.0, 4], shape: [2])).sum()
        }[0]
        close([theta], [[-0.3, -0.4]])
        #expect(abs((theta[0] * theta[0] + theta[1] * theta[1]).squareRoot() - 0.5) < 1e-12)
    }

    /// adagrad-starvation-000t22: effective steps under a constant gradient of 1.
    @Test func adagradStarves() throws {
        func steps(_ optimizer: Optimizer) throws -> [Double] {
            let points: [[Double]] = try descend(optimizer, from: [0], steps: 100) { $0.sum() }
            let values: [Double] = [0] + points.map { $0[0] }
            return [1, 4, 100].map { (step: Int) -> Double in values[step - 1] - values[step] }
        }
        close([try steps(.adagrad(learningRate: 0.1))], [[0.1, 0.05, 0.01]], 1e-6)
        close(
            [try steps(.rmsprop(learningRate: 0.1, rho: 0.9))],
            [[0.316227766016838, 0.170523372042986, 0.100001328096402]], 1e-6)
        close([try steps(.adam(learningRate: 0.1))], [[0.1, 0.1, 0.1]], 1e-6)
    }

    /// sign-error-000t6: going up must be asked for by name.
    @Test func maximizingGoesUp() throws {
        let half = { (x: Tensor) in x.square().sum() * 0.5 }
        close(
            try descend(Optimizer.sgd(learningRate: 0.1).maximizing(), from: [1], steps: 5, half),
            [[1.1], [1.21], [1.331], [1.4641], [1.61051]])
        close(
            try descend(.sgd(learningRate: 0.1), from: [1], steps: 5, half),
            [[0.9], [0.81], [0.729], [0.6561], [0.59049]])
    }

    /// saddle-001p4c: on the ridge descent stays, a perturbation escapes.
    @Test func saddlesHoldWhatIsExactlyOnTheRidge() throws {
        func end(_ y: Double) throws -> [Double] {
            try descend(.sgd(learningRate: 0.1), from: [1, y], steps: 100) {
                ($0.square() * Tensor([1.0, -1], shape: [2])).sum()
            }[99]
        }
        let (ridge, escaped) = (try end(0), try end(1e-6))
        #expect(abs(ridge[0] - 2.03703597633449e-10) < 1e-18 && ridge[1] == 0)
        #expect(abs(escaped[1] / 82.8179745220146 - 1) < 1e-9)
        let second: [Double] = try hessian(at: Tensor([0.0, 0], shape: [2])) {
            ($0.square() * Tensor([1.0, -1], shape: [2])).sum()
        }.array()
        #expect(second == [2, 0, 0, -2])
    }

    /// gd-oscillation-003q14 and sharpness-000t50: contraction per step in an ill-conditioned valley.
    @Test func valleysContractByTheirCurvature() throws {
        for (rate, factors) in [(0.019, [0.981, -0.9]), (0.021, [0.979, -1.1])] {
            let point = try descend(.sgd(learningRate: rate), from: [1, 1], steps: 1) {
                ($0.square() * Tensor([1.0, 100], shape: [2])).sum() * 0.5
            }
            close(point, [factors])
        }
    }
}
