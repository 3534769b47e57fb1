import Apus
import Foundation
import TestSupport
import Testing

@Suite struct MinimizerTests {
    private static func rosenbrock(_ x: Tensor) -> Tensor {
        let count = x.shape[0]
        let (first, second) = (x.slice(axis: 0, 0..<count - 1), x.slice(axis: 0, 1..<count))
        return ((second - first.square()).square() * 100 + (1 - first).square()).sum()
    }

    static let methods: [MinimizationMethod] = [.bfgs, .lbfgs(), .lbfgs(history: 3), .newton]

    @Test(arguments: methods.indices)
    func curvedValleysAreFollowedToTheirEnd(_ index: Int) throws {
        let start = Tensor([-1.2, 1, -0.5, 2], shape: [4])
        let minimum = try minimize(start, method: Self.methods[index], Self.rosenbrock)
        #expect(minimum.isConverged && minimum.gradientMagnitude <= 1e-7)
        for value in try minimum.point.array(of: Double.self) { #expect(abs(value - 1) < 1e-5) }
        #expect(minimum.value < 1e-12 && minimum.path.count == minimum.steps)
        #expect(minimum.evaluations > minimum.steps && minimum.evaluations < 200)
    }

    /// newton-bfgs-001p4.
    @Test func quadraticsTakeAsManyStepsAsTheyShould() throws {
        let h = Tensor([3.0, 1, 1, 2], shape: [2, 2])
        func bowl(_ x: Tensor) -> Tensor {
            let column = x.reshaped(to: [2, 1])
            return (matmul(column.transposed(), matmul(h, column)) * 0.5).sum() - x.sum()
        }
        let start = Tensor([0.0, 0], shape: [2])
        let newton = try minimize(start, method: .newton, bowl)
        #expect(newton.steps == 1)
        try expectEqual(newton.point, [2], [0.2, 0.4])
        let bfgs = try minimize(start, method: .bfgs, lineSearch: .exact, tolerance: 1e-9, bowl)
        #expect(bfgs.steps == 2)
        let path = bfgs.path.flatMap { $0 }
        for (value, target) in zip(path, [0.285714285714286, 0.285714285714286, 0.2, 0.4]) {
            #expect(abs(value - target) < 1e-9)
        }
        try expectEqual(try #require(bfgs.inverseHessian), [2, 2], [0.4, -0.2, -0.2, 0.6], tolerance: 1e-9)
    }

    @Test func indefiniteHessiansStillLeadDown() throws {
        // Two minima at y = -1 and 1; between them the Hessian is negative.
        let minimum = try minimize(Tensor([0.7, 0.1], shape: [2]), method: .newton) { x in
            let (a, b) = (x.slice(axis: 0, 0..<1), x.slice(axis: 0, 1..<2))
            return (a.square() + (b.square() - 1).square()).sum()
        }
        #expect(minimum.isConverged)
        try expectEqual(minimum.point.absolute(), [2], [0, 1], tolerance: 1e-6)
    }

    @Test func modelsReachTheirMinimum() throws {
        let x = try numbers([40, 3])
        let y = matmul(x, Tensor([1.0, -2, 0.5], shape: [3, 1])) + 0.25
        let model = Dense(1).regularized(.l2(0.01))
        let minimum = try minimize(model) { meanSquaredError($0(x), y) }
        #expect(minimum.isConverged)
        // The normal equations with the penalty 0.01 |w|^2 on the centred data.
        let (loss, gradients) = try valueAndGradient(model) { meanSquaredError($0(x), y) }
        #expect(abs(try loss.item() - minimum.value) < 1e-12)
        for path in gradients.paths { #expect(try #require(gradients[path]).absolute().max().item() < 1e-6) }
        #expect(try model.bias?.value.item() ?? 0 > 0.2)
    }

    @Test func curvesAreFittedBySquares() throws {
        let t = Tensor((0..<20).map { Double($0) / 10 }, shape: [20])
        let y = (t * -1.5).exp() * 2 + 0.5
        func part(_ p: Tensor, _ index: Int) -> Tensor { p.slice(axis: 0, index..<index + 1) }
        let fit = try minimizeSquares(Tensor([1.0, -0.5, 0], shape: [3])) { p in
            part(p, 0) * (part(p, 1) * t).exp() + part(p, 2) - y
        }
        #expect(fit.isConverged && fit.value < 1e-18 && fit.steps < 20)
        try expectEqual(fit.point, [3], [2, -1.5, 0.5], tolerance: 1e-8)
        let model = Sequential {
            Dense(3, activation: .tanh)
            Dense(1)
        }
        let inputs = t.reshaped(to: [20, 1])
        try model.build(inputShape: [20, 1], dtype: .float64, seed: 4)
        let before = try meanSquaredError(model(inputs), y.reshaped(to: [20, 1])).item()
        try minimizeSquares(model, maximumSteps: 40) { $0(inputs) - y.reshaped(to: [20, 1]) }
        #expect(try meanSquaredError(model(inputs), y.reshaped(to: [20, 1])).item() < before * 1e-5)
    }

    @Test func singlePrecisionWorks() throws {
        let minimum = try minimize(Tensor([Float(-1.2), 1]), tolerance: 1e-3, Self.rosenbrock)
        #expect(minimum.isConverged && minimum.point.dtype == .float32)
        for value in try minimum.point.array(of: Double.self) { #expect(abs(value - 1) < 0.01) }
    }

    @Test func mistakesEndInErrors() {
        #expect(
            refusal { _ = try minimize(Tensor([Int32(1)])) { $0.sum() } }?.description
                == "minimize: a start of type int32 and shape [1]; give float64 or float32 numbers, one at least")
        #expect(
            refusal { _ = try minimize(Tensor([-1.0], shape: [1])) { $0.log().sum() } }?.description
                == "minimize: the function is nan at the start; start elsewhere")
        #expect(
            refusal { _ = try minimize(Tensor([1.0, 2], shape: [2])) { $0 } }?.problem
                == "the function's result has shape [2], expected a scalar")
        #expect(
            refusal { _ = try minimizeSquares(Tensor([-1.0], shape: [1])) { $0.log() } }?.problem
                == "the sum of squares is nan at the start")
        #expect(
            refusal { _ = try minimize(Flatten()) { $0(Tensor.ones([1, 2])).sum() } }?.problem
                == "the model has no trainable parameters of one type")
        #expect(
            refusal { _ = try minimize(Tensor.ones([80, 80]), method: .bfgs) { $0.square().sum() } }?.description
                == "minimize: 6400 numbers, of which bfgs would keep a square matrix; use lbfgs() for more than 5000")
        #expect(
            refusal { _ = try minimizeSquares(Tensor.ones([2_001])) { $0 } }?.description
                == "minimizeSquares: 2001 numbers, of which it keeps a square matrix; "
                + "use minimize with lbfgs() for more than 2000")
    }
}
