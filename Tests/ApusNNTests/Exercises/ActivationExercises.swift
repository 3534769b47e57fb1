import Apus
import Foundation
import TestSupport
import Testing

/// Worked exercises on activations and regularisation with known numbers.
@Suite struct ActivationExercises {
    /// tanh-saturation-001p8c
    @Test func slopesOfSaturatedUnits() throws {
        let drives = Tensor([1.0, 2, 5, 10], shape: [4])
        let cases: [(ActivationFunction, [Double])] = [
            (.sigmoid, [0.196611933241482, 0.104993585403506, 0.00664805667079016, 4.53958077359517e-05]),
            (.relu, [1, 1, 1, 1]),
            (.tanh, [0.419974341614026, 0.0706508248531645, 0.000181583230943807, 8.2446144557674e-09]),
        ]
        for (activation, expected) in cases {
            let slopes: [Double] = try gradient(at: drives) { activation($0).sum() }.array()
            for (index, (slope, target)) in zip(slopes, expected).enumerated() {
                // The slope of tanh comes from its value, of which 1e-8 are left at 10.
                let tolerance = activation.name == "tanh" && index == 3 ? 2e-8 : 1e-9
                #expect(abs(slope / target - 1) < tolerance, "\(activation.name) \(index)")
            }
        }
        func product(_ activation: ActivationFunction, at drive: Double) throws -> Double {
            pow(try gradient(at: Tensor([drive], shape: [1])) { activation($0).sum() }.item(), 15)
        }
        #expect(abs(try product(.tanh, at: 2) / 5.45454525672633e-18 - 1) < 1e-9)
        #expect(abs(try product(.sigmoid, at: 0) / 9.31322574615479e-10 - 1) < 1e-9)
        #expect(try product(.relu, at: 2) == 1)
        // What dies under ReLU lives under leaky ReLU.
        #expect(try gradient(at: Tensor([-2.0], shape: [1])) { leakyRelu($0).sum() }.item() == 0.01)
    }

    /// softmax-003q7
    @Test func softmaxOfVotes() throws {
        let votes = Tensor([1.0, 0, 4], shape: [3])
        let expected = [0.0466126225779739, 0.0171478255455204, 0.936239551876506]
        try expectEqual(votes.softmax(), [3], expected, tolerance: 1e-9)
        try expectEqual((votes + 100).softmax(), [3], expected, tolerance: 1e-9)
        try expectEqual(
            (votes * 2).softmax(), [3], [0.00247179601173626, 0.000334521213351456, 0.997193682774912],
            tolerance: 1e-9)
        try expectEqual(Tensor([1000.0, 0, -1000], shape: [3]).softmax(), [3], [1, 0, 0])
    }

    /// xor-001p9c
    @Test func threeStepsMakeXor() throws {
        let (hidden, output) = (Perceptron(2), Perceptron(1))
        let model = Sequential {
            hidden
            output
        }
        let inputs = Tensor([0.0, 0, 0, 1, 1, 0, 1, 1], shape: [4, 2])
        try model.build(inputShape: [4, 2], dtype: .float64)
        hidden.weight.value = Tensor([1.0, -1, -1, 1], shape: [2, 2])
        output.weight.value = Tensor([1.0, 1], shape: [2, 1])
        try expectEqual(hidden(inputs), [4, 2], [0, 0, 0, 1, 1, 0, 0, 0])
        try expectEqual(model(inputs), [4, 1], [0, 1, 1, 0])
        #expect(try step(Tensor([-1.0, 0, 2], shape: [3])).array(of: Double.self) == [0, 1, 1])
    }

    /// linear-stack-000t46
    @Test func stacksWithoutActivationsAreOneLayer() throws {
        let layers = [20, 30, 50, 10].map { Dense($0) }
        let model = Sequential { for layer in layers { layer } }
        try model.build(inputShape: [1, 784], dtype: .float64, seed: 1)
        #expect(layers.map(\.parameterCount) == [15700, 630, 1550, 510] && model.parameterCount == 18_390)
        // W = W1 W2 W3 W4, b = ((b1 W2 + b2) W3 + b3) W4 + b4
        var (w, b) = (layers[0].weight.value, Tensor.randomNormal([20], seed: 9, dtype: .float64))
        layers[0].bias?.value = b
        for layer in layers.dropFirst() {
            w = matmul(w, layer.weight.value)
            b = matmul(b, layer.weight.value) + (try #require(layer.bias).value)
        }
        let x = Tensor.randomNormal([5, 784], seed: 2, dtype: .float64)
        #expect(try (model(x) - (matmul(x, w) + b)).absolute().max().item() < 1e-10)
        #expect(w.shape.count + b.shape.count == 7850)
    }

    /// layer-facts-001p1
    @Test func modesAndParametersOfLayers() throws {
        let x = Tensor.randomNormal([4, 6, 6, 3], seed: 3)
        let layers: [(any Module, isSame: Bool, learns: Bool)] = [
            (BatchNorm(), false, true), (Dense(4), true, true), (Dropout(0.5), false, false),
            (Activation(.sigmoid), true, false), (PReLU(), true, true), (GlobalAveragePool2D(), true, false),
            (Conv2D(4, kernel: 3), true, true),
        ]
        for (layer, isSame, learns) in layers {
            let model = Sequential { layer }
            try model.build(inputShape: x.shape, seed: 1)
            let inference: [Float] = try model(x).array()
            let training: [Float] = try withMode(.training, seed: 5) { try model(x).array() }
            #expect((inference == training) == isSame, "\(type(of: layer))")
            #expect(model.parameters.contains(where: \.isTrainable) == learns, "\(type(of: layer))")
        }
    }

    /// dropout-003q33
    @Test(arguments: [(0.2, 1.25, 0.25), (0.5, 2, 1)])
    func dropoutKeepsTheMean(rate: Double, scale: Double, variance: Double) throws {
        let x = Tensor.ones([20_000], dtype: .float64)
        let values: [Double] = try withMode(.training, seed: 4) { try Dropout(rate)(x).array() }
        #expect(Set(values) == [0, scale])
        let mean = values.reduce(0, +) / 20_000
        let spread = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 20_000
        #expect(abs(mean - 1) < 0.02 && abs(spread - variance) < 0.03)
        #expect(try Dropout(rate)(x).array(of: Double.self).allSatisfy { $0 == 1 })
    }

    /// l0-hard-concrete-004q20
    @Test func gatesOfL0Regularisation() throws {
        let logits = Tensor([-5.0, -1, 0, 1, 5], shape: [5])
        let gates = HardConcrete()
        let use = [0.0322516415191878, 0.645335221713115, 0.831822183991691, 0.930771220601691, 0.998639575097408]
        try expectEqual(gates.probabilityOfUse(logits), [5], use, tolerance: 1e-9)
        #expect(abs(try gates.probabilityOfUse(logits).sum().item() - 3.43881984292309) < 1e-9)
        try expectEqual(
            gates.gate(logits), [5], [0, 0.222729705643994, 0.5, 0.777270294356006, 1], tolerance: 1e-9)
        // Drawn gates are not 0 as often as they should be.
        let many = logits.reshaped(to: [1, 5]).broadcast(to: [20_000, 5])
        let share: [Double] = try (gates.sample(many, seed: 3) .> 0.0).cast(to: .float64).mean(axes: [0]).array()
        for (own, expected) in zip(share, use) { #expect(abs(own - expected) < 0.01) }
        try checkGradients(at: [logits * 0.3]) { gates.gate($0[0]).sum() + gates.probabilityOfUse($0[0]).sum() }
        #expect(
            HardConcrete(lower: 0).gate(logits).error?.description
                == "hard concrete gates: temperature \(2.0 / 3), ends 0.0 and 1.1, logits of type float64; "
                + "use a temperature over 0, a lower end below 0, an upper one over 1, and float logits")
    }
}
