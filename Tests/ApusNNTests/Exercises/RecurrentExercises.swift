import Apus
import TestSupport
import Testing

/// Worked exercises on recurrences with known numbers, through the public interface.
@Suite struct RecurrentExercises {
    private func matrix(_ value: Double) -> Tensor { Tensor([value], shape: [1, 1]) }

    /// Two steps of `h = relu(u h + w x)`, `y = v h`, and with the roles of both weights exchanged.
    @Test(arguments: [false, true]) func gradientThroughTime(_ isExchanged: Bool) throws {
        let layer = SimpleRNN(1, activation: .relu, biases: .none)
        let cell = try #require(layer.cells[0] as? SimpleRNNCell)
        let x = Tensor([1.0, 2], shape: [1, 2, 1])
        let points = [3, 2, -1, 3].map { matrix($0) }  // u, w, v, h0
        func y(_ p: [Tensor]) -> Tensor {
            cell.recurrentKernel.value = isExchanged ? p[1] : p[0]
            cell.kernel.value = isExchanged ? p[0] : p[1]
            return matmul(layer(x, states: [p[3]]), p[2]).sum()
        }
        let (value, gradients) = valueAndGradient(at: points) { y($0) }
        #expect(try value.item() == (isExchanged ? -24 : -37))
        let expected: [Double] = isExchanged ? [-4, -15, 24, -4] : [-20, -5, 37, -9]
        #expect(try gradients.map { try $0.item() } == expected)
        // What each step adds to the gradient of the weight of the state: a variable of its own for each.
        let ways = gradient(at: [points[isExchanged ? 1 : 0], points[isExchanged ? 1 : 0]]) { uses in
            _ = y(points)
            var h = points[3]
            for (step, use) in uses.enumerated() {
                cell.recurrentKernel.value = use
                h = cell(x.slice(axis: 1, step..<step + 1).squeezed(1), states: [h])[0]
            }
            return matmul(h, points[2]).sum()
        }
        let parts = try ways.map { try $0.item() }
        #expect(parts == (isExchanged ? [-6, -9] : [-9, -11]))
        #expect(parts.reduce(0, +) == expected[isExchanged ? 1 : 0])
    }

    /// The exam's cell, which leaves out the function of the cell state, and the usual one.
    @Test func stepOfALSTM() throws {
        for (variant, expected) in [
            (ActivationFunction.linear, 1.09231571613663), (.tanh, 0.594924832906118),
        ] {
            let cell = LSTMCell(1, outputActivation: variant, biases: .none)
            // The order is input (g3), forget (g2), candidate, output (g1).
            cell.kernel.value = Tensor([-0.5, 1.0, 0.8, 0.5], shape: [1, 4])
            cell.recurrentKernel.value = Tensor([0.3, 0.2, -0.4, 0.1], shape: [1, 4])
            let x = matrix(1)
            let states = cell(x, states: [matrix(0.5), matrix(2)])
            try expectEqual(states[0], [1, 1], [expected])
            try expectEqual(states[1], [1, 1], [1.72252706143728])
            let parts = try cell.parts(cell.project(x), [matrix(0.5), matrix(2)])
            let known = [
                "output": 0.634135591010801, "forget": 0.750260105595118, "input": 0.41338242108267,
                "candidate": 0.537049566998035,
            ]
            for (name, value) in parts {
                if let number = known[name] { try expectEqual(value, [1, 1], [number]) }
            }
            // The highway: dc'/dc is the forget gate.
            let slope = gradient(at: matrix(2)) { cell(x, states: [matrix(0.5), $0])[1].sum() }
            try expectEqual(slope, [1, 1], [0.750260105595118])
        }
    }

    @Test func forgetGatesKeepWhatPlainRecurrencesLose() throws {
        // A forget gate of 0.99 over 100 steps, and a plain recurrence with the factor 0.9.
        let cell = LSTMCell(1, forgetBias: 0)
        let layer = Recurrent(cell)
        let x = Tensor.zeros([1, 100, 1], dtype: .float64)
        _ = layer(x)
        cell.kernel.value = Tensor.zeros([1, 4], dtype: .float64)
        cell.recurrentKernel.value = Tensor.zeros([1, 4], dtype: .float64)
        cell.bias?.value = Tensor([0, 4.59511985013459, 0, 0], shape: [4])
        let highway = gradient(at: matrix(1)) { layer.run(x, states: [matrix(0), $0]).states[1].sum() }
        try expectEqual(highway, [1, 1], [0.366032341273229])
        let plain = SimpleRNN(1, activation: .linear, biases: .none)
        _ = plain(x)
        for parameter in plain.parameters { parameter.value = matrix(0.9) }
        let product = gradient(at: matrix(1)) { plain(x, states: [$0]).sum() }
        try expectEqual(product, [1, 1], [2.65613988875875e-05])
    }

    /// The norm of the Jacobian over t steps follows from the spectral radius: 1 for an orthogonal matrix.
    @Test func normsOfJacobiansOverTime() throws {
        let dense = Dense(4, initializer: .orthogonal())
        _ = dense(Tensor.zeros([1, 4], dtype: .float64))
        let theta = dense.weight.value
        for (scale, expected) in [
            (1.0, [1.0, 1.0, 1.0]), (0.9, [0.9, 0.3486784401, 0.00515377520732012]),
            (1.1, [1.1, 2.5937424601, 117.390852879696]),
        ] {
            for (steps, norm) in zip([1, 10, 50], expected) {
                let layer = SimpleRNN(4, activation: .linear, biases: .none)
                let x = Tensor.zeros([1, steps, 4], dtype: .float64)
                _ = layer(x)
                for parameter in layer.parameters { parameter.value = theta * scale }
                let slope = jacobian(at: Tensor.zeros([1, 4], dtype: .float64)) { layer(x, states: [$0]) }
                let largest = try slope.singularValues().max().item()
                #expect(abs(largest - norm) < 1e-6 * norm)
            }
        }
    }

    @Test func parametersOfANetwork() throws {
        for (biases, lstm) in [(RecurrentBiases.one, 1260), (.two, 1320)] {
            let model = Sequential {
                Dense(5, activation: .sigmoid)
                LSTM(15, biases: biases)
                Dense(10, activation: .softmax)
            }
            #expect(try model.build(inputShape: [1, 15, 10]) == [1, 10])
            let counts = model.namedModules.map(\.module).filter { $0 is Dense || $0 is LSTM }.map(\.trainableCount)
            #expect(counts == [55, lstm, 160])
            #expect(model.trainableCount == 215 + lstm)
        }
    }
}
