import Apus
import Foundation
import TestSupport
import Testing

/// Recurrent layers against loops by hand.
@Suite struct RecurrentTests {
    /// A layer with random parameters in float64, built for an input.
    private func built<L: Layer>(_ layer: L, _ x: Tensor, seed: UInt64 = 40) throws -> L {
        let y = layer(x)
        if let error = y.error { throw error }
        for (index, parameter) in layer.parameters.enumerated() {
            parameter.value = try (numbers(parameter.shape, seed: seed + UInt64(index)) * 0.4).evaluated()
        }
        return layer
    }

    private func step(_ x: Tensor, _ index: Int) -> Tensor { x.slice(axis: 1, index..<index + 1).squeezed(1) }

    private func expectSame(
        _ a: Tensor, _ b: Tensor, tolerance: Double = 1e-13, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        try expectEqual(a, b.shape, b.array(), tolerance: tolerance, sourceLocation: sourceLocation)
    }

    @Test(arguments: 0..<6) func layersRepeatTheStepsOfTheirCells(_ number: Int) throws {
        let cells: [any RecurrentCell] = [
            SimpleRNNCell(3), LSTMCell(3, peepholes: true, projection: 2), GRUCell(3), GRUCell(3, resetAfter: false),
            MGUCell(3), MinimalGRUCell(3),
        ]
        let cell = cells[number]
        let x = try numbers([2, 4, 5])
        let layer = try built(Recurrent(cell, returnsSequence: true), x)
        var states = try cell.zeroStates(step(x, 0))
        var outputs: [Tensor] = []
        for index in 0..<4 {
            states = cell(step(x, index), states: states)
            outputs.append(states[0])
        }
        let (output, ends) = layer.run(x)
        try expectSame(output, Tensor.stack(outputs, axis: 1))
        for (end, state) in zip(ends, states) { try expectSame(end, state) }
        try expectSame(Recurrent(cell)(x), outputs[3])
        #expect(layer.parameters.count == cell.parameters.count)
    }

    @Test func cellsCompute() throws {
        func sigmoid(_ x: Double) -> Double { 1 / (1 + Foundation.exp(-x)) }
        func tanh(_ x: Double) -> Double { Foundation.tanh(x) }
        let x = Tensor([0.7], shape: [1, 1])
        func scalar(_ values: [Double], _ rows: Int = 1) -> Tensor {
            Tensor(values, shape: [rows, values.count / rows])
        }
        let minimal = MGUCell(1, bias: false)
        minimal.kernel.value = scalar([0.5, -0.3])
        minimal.recurrentKernel.value = scalar([0.2, 0.9])
        let f: Double = sigmoid(0.35 + 0.2 * 0.4)
        let n: Double = tanh(-0.21 + 0.9 * f * 0.4)
        let h: Double = (1 - f) * 0.4 + f * n
        try expectEqual(minimal(x, states: [scalar([0.4])])[0], [1, 1], [h])
        let open = MinimalGRUCell(1, bias: false)
        open.kernel.value = scalar([0.5, -0.3])
        let z: Double = sigmoid(0.35)
        try expectEqual(open(x, states: [scalar([0.4])])[0], [1, 1], [(1 - z) * 0.4 + z * -0.21])

        let cell = LSTMCell(1, biases: .none, peepholes: true, projection: 1)
        cell.kernel.value = scalar([0.1, 0.2, 0.3, 0.4])
        cell.recurrentKernel.value = scalar([-0.1, -0.2, -0.3, -0.4])
        cell.peephole?.value = scalar([0.5, 0.6, 0.7], 3)
        cell.projection?.value = scalar([2])
        let states = cell(x, states: [scalar([0.4]), scalar([0.8])])
        let i: Double = sigmoid(0.07 - 0.04 + 0.5 * 0.8)
        let g: Double = tanh(0.21 - 0.12)
        let forget: Double = sigmoid(0.14 - 0.08 + 0.6 * 0.8)
        let c: Double = forget * 0.8 + i * g
        let o: Double = sigmoid(0.28 - 0.16 + 0.7 * c)
        try expectEqual(states[1], [1, 1], [c])
        try expectEqual(states[0], [1, 1], [2 * o * tanh(c)])
    }

    @Test func statesCarryOn() throws {
        let x = try numbers([2, 6, 3])
        let layer = try built(LSTM(4, layers: 2, returnsSequence: true), x)
        let whole = layer.run(x)
        let first = layer.run(x.slice(axis: 1, 0..<2))
        let second = layer.run(x.slice(axis: 1, 2..<6), states: first.states)
        try expectSame(Tensor.concatenate([first.output, second.output], axis: 1), whole.output)
        #expect(second.states.count == 4)
        for (a, b) in zip(second.states, whole.states) { try expectSame(a, b) }
    }

    @Test func backwardsIsForwardsOfTheMirroredSequence() throws {
        let x = try numbers([2, 5, 3])
        let cell = GRUCell(4)
        let backwards = try built(Recurrent(cell, isReversed: true, returnsSequence: true), x)
        let forwards = Recurrent(cell, returnsSequence: true)
        try expectSame(backwards(x), forwards(x.reversed(axes: [1])).reversed(axes: [1]))
        try expectSame(Recurrent(cell, isReversed: true)(x), step(backwards(x), 0))
    }

    @Test(arguments: BidirectionalMerge.allCases) func directionsMerge(_ merge: BidirectionalMerge) throws {
        let x = try numbers([2, 5, 3])
        let layer = try built(SimpleRNN(4, direction: .bidirectional(merge: merge), returnsSequence: true), x)
        let forwards = Recurrent(layer.cells[0], returnsSequence: true)(x)
        let backwards = Recurrent(layer.backwardCells[0], isReversed: true, returnsSequence: true)(x)
        let expected =
            switch merge {
            case .concatenate: Tensor.concatenate([forwards, backwards], axis: -1)
            case .sum: forwards + backwards
            case .multiply: forwards * backwards
            case .average: (forwards + backwards) / 2
            }
        try expectSame(layer(x), expected)
    }

    /// Padding changes nothing: neither the outputs of the steps before it nor the states.
    @Test(arguments: [RecurrentDirection.forward, .backward, .bidirectional()])
    func lengthsMakePaddingInvisible(_ direction: RecurrentDirection) throws {
        let x = try numbers([3, 5, 2])
        let layer = try built(GRU(4, layers: 2, direction: direction, returnsSequence: true), x)
        let lengths = [5, 2, 3]
        let (output, states) = layer.run(x, lengths: Tensor(lengths.map { Int32($0) }))
        for (sample, length) in lengths.enumerated() {
            let alone = layer.run(x.slice(axis: 0, sample..<sample + 1).slice(axis: 1, 0..<length))
            let padded = output.slice(axis: 0, sample..<sample + 1)
            try expectSame(padded.slice(axis: 1, 0..<length), alone.output)
            #expect(try padded.slice(axis: 1, length..<5).absolute().sum().item() == 0)
            for (state, own) in zip(states, alone.states) {
                try expectSame(state.slice(axis: 0, sample..<sample + 1), own)
            }
        }
        // The output of the last step is that of the last valid one.
        let last = Recurrent(layers: 1, direction: direction) { _ in layer.cells[0] }
        let sample = x.slice(axis: 0, 1..<2)
        try expectSame(
            last(x, lengths: Tensor(lengths.map { Int32($0) })).slice(axis: 0, 1..<2),
            last(sample.slice(axis: 1, 0..<2)))
    }

    @Test func maskedStepsAreSkipped() throws {
        let x = try numbers([1, 5, 2])
        let layer = try built(LSTM(3, returnsSequence: true), x)
        let mask = Tensor([false, true, false, true, false]).reshaped(to: [1, 5])
        let kept = layer.run(x.gather(indices: Tensor([1, 3] as [Int32]), axis: 1))
        let masked = layer.run(x, mask: mask)
        let zero = Tensor.zeros([1, 3], dtype: .float64)
        let (one, two) = (step(kept.output, 0), step(kept.output, 1))
        try expectSame(masked.output, Tensor.stack([zero, one, one, two, two], axis: 1))
        for (a, b) in zip(masked.states, kept.states) { try expectSame(a, b) }
        // Both: what either leaves out.
        let both = layer.run(x, mask: mask, lengths: Tensor([2] as [Int32]))
        try expectSame(step(both.output, 1), one)
        #expect(try step(both.output, 3).absolute().sum().item() == 0)
    }

    @Test func stackedCellsAreStackedLayers() throws {
        let x = try numbers([2, 4, 3])
        let stack = StackedCells([LSTMCell(3), GRUCell(2)])
        let layer = try built(Recurrent(stack, returnsSequence: true), x)
        let lower = Recurrent(stack.cells[0], returnsSequence: true)
        try expectSame(layer(x), Recurrent(stack.cells[1], returnsSequence: true)(lower(x)))
        #expect(layer.run(x).states.map(\.shape) == [[2, 3], [2, 3], [2, 2]])
    }

    /// One mask for all steps: what is dropped is 0 in each of them.
    @Test func dropoutKeepsItsMaskOverTheSteps() throws {
        let x = Tensor.ones([1, 6, 40], dtype: .float64)
        let layer = SimpleRNN(
            40, returnsSequence: true, activation: .linear, biases: .none, dropout: 0.5, initializer: .identity(),
            recurrentInitializer: .zeros)
        let y = try withMode(.training, seed: 5) { try layer(x).evaluated() }
        let first = try step(y, 0).array(of: Double.self)
        #expect(Set(first) == [0, 2])
        for index in 1..<6 { #expect(try step(y, index).array(of: Double.self) == first) }
        // h' = x + d h with d = 0 or 2: the number of the step, or 2^step - 1.
        let recurrent = SimpleRNN(
            40, activation: .linear, biases: .none, recurrentDropout: 0.5, initializer: .identity(),
            recurrentInitializer: .identity())
        let sums = try withMode(.training, seed: 5) { try recurrent(x).array(of: Double.self) }
        #expect(Set(sums) == [1, 63])
        #expect(Set(try recurrent(x).array(of: Double.self)) == [6])
    }

    @Test func partsShowTheGates() throws {
        let x = try numbers([2, 4, 3])
        let layer = try built(LSTM(5, returnsSequence: true), x)
        let parts = layer.parts(of: x)
        #expect(parts.map(\.name) == ["input", "forget", "candidate", "output", "cell", "hidden"])
        #expect(parts.allSatisfy { $0.values.shape == [2, 4, 5] })
        try expectSame(parts[5].values, layer(x))
        let before = parts[4].values.slice(axis: 1, 0..<3)
        let (input, forget, candidate) = (parts[0].values, parts[1].values, parts[2].values)
        let cell = input * candidate
        try expectSame(
            parts[4].values.slice(axis: 1, 1..<4),
            forget.slice(axis: 1, 1..<4) * before + cell.slice(axis: 1, 1..<4))
        #expect(GRU(3).parts(of: x).map(\.name) == ["update", "reset", "candidate", "hidden"])
        #expect(SimpleRNN(3).parts(of: x).isEmpty)
        #expect(LSTM(3).parts(of: Tensor.zeros([2])).first?.values.error != nil)
    }

    @Test func parametersBeginAsTheyShould() throws {
        let layer = LSTM(3)
        _ = layer(Tensor.zeros([1, 2, 4]))
        let cell = try #require(layer.cells[0] as? LSTMCell)
        #expect(try cell.bias?.value.array(of: Float.self) == [0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0])
        let u = cell.recurrentKernel.value
        let product = try matmul(u, u.transposed()).array(of: Float.self)
        for (index, value) in product.enumerated() { #expect(abs(value - (index % 4 == 0 ? 1 : 0)) < 1e-5) }
        #expect(layer.namedParameters.map(\.path) == ["cells.0.kernel", "cells.0.recurrentKernel", "cells.0.bias"])
        let two = GRU(3, direction: .bidirectional())
        _ = two(Tensor.zeros([1, 2, 4]))
        #expect(two.namedParameters.count == 8)
        #expect(two.namedParameters.map(\.path).contains("backwardCells.0.recurrentBias"))
        // Three gates: 3 (units (inputs + units) + biases).
        #expect(two.trainableCount == 2 * 3 * (3 * (4 + 3) + 2 * 3))
    }

    @Test func cellsOfOnesOwnRun() throws {
        final class Decay: RecurrentCell {
            func stateShapes(_ x: Shape) -> [Shape] { [x] }
            func step(_ x: Tensor, _ states: [Tensor]) -> [Tensor] { [states[0] * 0.5 + x] }
        }
        let x = Tensor([1.0, 2, 4], shape: [1, 3, 1])
        try expectEqual(Recurrent(Decay(), returnsSequence: true)(x), [1, 3, 1], [1, 2.5, 5.25])
        try expectEqual(Decay()(Tensor([3.0], shape: [1, 1])), [1, 1], [3])
        final class Growing: RecurrentCell {
            func stateShapes(_ x: Shape) -> [Shape] { [x] }
            func step(_ x: Tensor, _ states: [Tensor]) -> [Tensor] { [Tensor.concatenate([states[0], x])] }
        }
        #expect(Recurrent(Growing())(x).error?.problem.hasPrefix("the body carries on") == true)
    }

    @Test func timeDistributedLayersSeeEachStepAlone() throws {
        let x = try numbers([2, 3, 6, 6, 1])
        let inner = Conv2D(2, kernel: 3)
        let layer = try built(TimeDistributed(inner), x)
        let expected = Tensor.stack((0..<3).map { inner(step(x, $0)) }, axis: 1)
        try expectSame(layer(x), expected)
        #expect(layer.namedParameters.map(\.path) == ["layer.kernel", "layer.bias"])
        let flattening = Lambda { $0.flattened() }
        #expect(
            TimeDistributed(flattening)(Tensor.zeros([2, 3, 4])).error?.description
                == "layer TimeDistributed: Lambda makes shape [24] of shape [6, 4]; use a layer that keeps the axis of "
                + "samples")
    }

    /// The steps of a training are one operation each way, whatever their number.
    @Test func sequencesOfAnyLengthAreTwoLoops() throws {
        for steps in [5, 50] {
            let layer = LSTM(4)
            let x = Tensor.zeros([2, steps, 3])
            _ = layer(x)
            let values = layer.parameters.map(\.value)
            let function = try CompiledFunction(inputs: values.map { ($0.shape, .float32) }) { inputs in
                let variables = inputs.map { $0 * 1 }
                for (parameter, variable) in zip(layer.parameters, variables) { parameter.value = variable }
                return gradients(of: layer(x).square().sum(), withRespectTo: variables)
            }
            #expect(function.kernels.filter { $0.hasPrefix("scan") }.count == 2)
            #expect(function.kernels.count < 20, "\(function.kernels)")
        }
    }
}
