import Apus
import TestSupport
import Testing

@Suite struct GateTests {
    private func network(_ logits: [Double]) throws -> Sequential {
        let model = Sequential {
            Dense(4).named("first")
            Activation(.tanh)
            Dropout(0.2)
            HardConcreteGates(0.1).named("gates")
            Dense(3, bias: false).named("last")
        }
        try model.build(inputShape: [1, 5], dtype: .float64, seed: 2)
        (model["gates"] as? HardConcreteGates)?.logits.value = Tensor(logits, shape: [4])
        return model
    }

    @Test func prunedNetworksAreSmallerAndTheSame() throws {
        let model = try network([5, -5, 0.3, -6])
        let x = try numbers([6, 5])
        let values = try #require(model["gates"] as? HardConcreteGates).values()
        #expect(values[0] == 1 && values[1] == 0 && values[2] > 0.5 && values[2] < 1 && values[3] == 0)
        let pruned = try model.pruned()
        #expect(pruned.names == ["first", "activation1", "dropout1", "last"])
        #expect((pruned["first"] as? Dense)?.units == 2 && pruned.parameterCount == 5 * 2 + 2 + 2 * 3)
        let (before, after): ([Double], [Double]) = (try model(x).array(), try pruned(x).array())
        #expect(zip(before, after).allSatisfy { abs($0 - $1) < 1e-12 })
        // The network itself is as it was; without an open gate one unit is left, which gives nothing.
        #expect((model["first"] as? Dense)?.weight.shape == [5, 4])
        let closed = try network([-9, -9, -9, -9]).pruned()
        #expect(try closed(x).absolute().max().item() == 0 && (closed["first"] as? Dense)?.units == 1)
    }

    @Test func openGatesCostWhileTraining() throws {
        let gates = HardConcreteGates(0.5, logit: 0)
        let x = Tensor.ones([2, 3], dtype: .float64)
        let (loss, gradients) = try valueAndGradient(gates, seed: 7) { ($0(x) * 0).sum() }
        let expected = 0.5 * (try HardConcrete().probabilityOfUse(Tensor.zeros([3], dtype: .float64)).sum().item())
        #expect(abs(try loss.item() - expected) < 1e-12 && gradients.paths == ["logits"])
        let slope = try #require(gradients["logits"])
        #expect(try slope.min().item() > 0)
        // One draw for a batch.
        let drawn: [Double] = try withMode(.training, seed: 3) { gates(x) }.array()
        #expect(Array(drawn[..<3]) == Array(drawn[3...]) && Set(drawn).count > 1)
    }

    @Test func mistakesAreNamed() throws {
        #expect(
            refusal { _ = try Sequential { Dense(2) }.pruned() }?.description
                == "pruned: the network has no HardConcreteGates among its layers; train it with HardConcreteGates between "
                + "its Dense layers")
        let model = Sequential {
            Dense(4, activation: .softmax)
            HardConcreteGates()
            Dense(2)
        }
        try model.build(inputShape: [1, 3])
        #expect(
            refusal { _ = try model.pruned() }?.description
                == "pruned: hardconcretegates1 does not stand between two Dense layers; put HardConcreteGates behind a Dense "
                + "layer and its activation, in front of the next Dense")
    }
}
