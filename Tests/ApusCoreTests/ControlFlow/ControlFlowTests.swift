import ApusCore
import TestSupport
import Testing

@Suite struct ControlFlowTests {
    init() { Verifier.isEnabled = true }

    private func numbers(_ tensor: Tensor) throws -> [Double] { try tensor.array() }
    private func vector(_ values: Double...) -> Tensor { Tensor(values, shape: [values.count]) }

    @Test func conditionsChoose() throws {
        let x = vector(4, 9)
        for (limit, expected) in [(5.0, [2.0, 3]), (20, [-4, -9])] {
            let y = conditional(x.sum() .> limit, then: { x.squareRoot() }, else: { -x })
            #expect(try numbers(y) == expected)
        }
        // Also where values are not at hand.
        let function = try CompiledFunction(inputs: [([2], .float64)]) { inputs in
            conditional(inputs[0].sum() .> 5, then: { [inputs[0] * 2] }, else: { [inputs[0]] })
        }
        #expect(try numbers(function([x])[0]) == [8, 18])
        #expect(try numbers(function([vector(1, 2)])[0]) == [1, 2])
        let slope = gradient(at: x) { x in
            conditional(x.sum() .> 5, then: { (x * x).sum() }, else: { x.sum() })
        }
        #expect(try numbers(slope) == [8, 18])
    }

    @Test func indicesChoose() throws {
        func chosen(_ index: Int32) throws -> Double {
            try conditional(at: Tensor([index]), [10.0, 20, 30].map { value in { [Tensor(value)] } })[0].item()
        }
        #expect(try [-7, 0, 1, 2, 9].map { try chosen($0) } == [10, 10, 20, 30, 30])
        #expect(conditional(at: Tensor([Int32(1)]), [] as [() -> [Tensor]]).isEmpty)
    }

    @Test func forLoopsCount() throws {
        let factorial = forLoop(1..<6, carry: [Tensor(1)]) { index, carry in [carry[0] * index.cast(to: .float32)] }
        #expect(try factorial[0].item() == 120)
        #expect(try forLoop(3..<3, carry: [Tensor(7)]) { _, carry in [carry[0] * 0] }[0].item() == 7)
        try checkBothDerivatives(at: [vector(0.5, -0.3)]) { p in
            forLoop(-1..<3, carry: p) { index, carry in [(carry[0] * 1.5 + index.cast(to: .float64)).sin()] }[0]
        }
    }

    @Test(arguments: [nil, 20]) func whileLoopsEnd(_ most: Int?) throws {
        func halved(_ x: Tensor) -> Tensor {
            whileLoop([x], maximumIterations: most) {
                $0[0].sum() .>= 1
            } body: {
                [$0[0] / 2]
            }[0]
        }
        #expect(try numbers(halved(vector(20, 4))) == [0.625, 0.125])
        #expect(try numbers(halved(vector(0.25))) == [0.25])
        #expect(try numbers(gradient(at: vector(20, 4)) { halved($0).sum() }) == [0.03125, 0.03125])
        // Newton's square root: the way there does not matter, and nothing becomes NaN after the end.
        try checkGradients(at: [vector(2, 5, 0.3)], tolerance: 1e-5) { p in
            whileLoop([vector(1, 1, 1), p[0]], maximumIterations: most) { v in
                ((v[0].square() - v[1]).absolute() .> 1e-13).any()
            } body: { v in
                [(v[0] + v[1] / v[0]) * 0.5, v[1]]
            }[0]
        }
    }

    @Test func whileLoopsStopAtTheMostIterations() throws {
        let y = whileLoop([vector(1)], maximumIterations: 3) {
            $0[0].sum() .> 0
        } body: {
            [$0[0] * 2]
        }
        #expect(try numbers(y[0]) == [8])
        let function = try CompiledFunction(inputs: [([1], .float64)]) { inputs in
            whileLoop(inputs, maximumIterations: 30) {
                $0[0].sum() .< 100
            } body: {
                [$0[0] * 3]
            }
        }
        #expect(try numbers(function([vector(1)])[0]) == [243])
        #expect(try numbers(function([vector(200)])[0]) == [200])
    }

    /// What is mapped gives the same as sample by sample, with derivatives.
    @Test(arguments: 0..<7) func mapsAgreeWithSamples(_ number: Int) throws {
        var random = TestRandom(UInt64(number) + 5)
        let w = random.tensor([4, 3], -1...1)
        let functions: [([Tensor]) -> [Tensor]] = [
            { [($0[0] - $0[1]).square().sum(), $0[0].exp()] },
            { [matmul($0[0], w).softmax(), matmul($0[0], $0[1].transposed())] },
            { [Tensor.concatenate([$0[0], $0[1]]).permuted([1, 0]).slice(axis: 0, 1..<3)] },
            { [$0[0].sorted(), $0[0].cumulativeSum(axis: 0) * 2] },
            { s in scan(over: [s[0]], carry: [s[1].mean(axes: [0])]) { c, x in ([(c[0] * x[0]).sin()], [c[0]]) }.outputs
            },
            { s in [w.sum() * 1, s[0].max(axes: [1]), Tensor.select(s[0] .> 0, s[0], s[1])] },
            { s in
                let images = s[0].reshaped(to: [1, 2, 4, 1])
                return [convolution(images, w.reshaped(to: [2, 2, 1, 3]), padding: .same)]
            },
        ]
        let function = functions[number]
        let points = [random.tensor([5, 2, 4], -1...1), random.tensor([5, 2, 4], -1...1)]
        let all = vectorizedMap(over: points, function)
        let oneByOne = sequentialMap(over: points, function)
        for (index, (a, b)) in zip(all, oneByOne).enumerated() {
            let plain = Tensor.stack(
                (0..<5).map { sample in
                    function(points.map { $0.slice(axis: 0, sample..<sample + 1).squeezed(0) })[index]
                })
            #expect(a.shape == plain.shape && b.shape == plain.shape)
            #expect(try (a - plain).absolute().max().item() < 1e-13)
            #expect(try (b - plain).absolute().max().item() < 1e-13)
        }
        try checkBothDerivatives(at: points, tolerance: 3e-6, sampleLimit: 6) { p in
            Tensor.concatenate(vectorizedMap(over: p, function).map { $0.flattened() })
        }
        try checkBothDerivatives(at: points, tolerance: 3e-6, sampleLimit: 6) { p in
            Tensor.concatenate(sequentialMap(over: p, function).map { $0.flattened() })
        }
    }

    @Test func mapsMakeOneProduct() throws {
        let w = try Tensor.randomNormal([8, 4], seed: 2).evaluated()
        let function = try CompiledFunction(inputs: [([16, 3, 8], .float32)]) { inputs in
            [vectorizedMap(over: inputs[0]) { matmul($0, w).relu() }]
        }
        #expect(function.kernels == ["gemm + fused"])
    }

    @Test(arguments: [1, 2, 3, 7, 8], [false, true]) func runningCombinations(_ extent: Int, _ reverse: Bool) throws {
        var random = TestRandom(UInt64(extent))
        let x = random.tensor([2, extent], -1...1)
        let sum = associativeScan(over: [x], axis: 1, reverse: reverse) { [$0[0] + $1[0]] }[0]
        #expect(try (sum - x.cumulativeSum(axis: 1, reverse: reverse)).absolute().max().item() < 1e-14)
        // A linear recurrence, which does not commute.
        let points = [random.tensor([extent, 3], -1...1), random.tensor([extent, 3], -1...1)]
        func steps(_ p: [Tensor]) -> Tensor {
            associativeScan(over: p, reverse: reverse) { [$0[0] * $1[0], $1[0] * $0[1] + $1[1]] }[1]
        }
        let expected = scan(over: points, carry: [Tensor.zeros([3], dtype: .float64)], reverse: reverse) {
            carry, step in
            let h = step[0] * carry[0] + step[1]
            return ([h], [h])
        }.outputs[0]
        #expect(try (steps(points) - expected).absolute().max().item() < 1e-14)
        try checkBothDerivatives(at: points, sampleLimit: 6) { steps($0) }
    }

    @Test func mistakesAreCarriedByTheResults() {
        let (one, two) = (vector(1), vector(1, 2))
        func message(_ results: [Tensor]) -> String? { results.first?.error?.description }
        #expect(
            message(conditional(two .> 0, then: { [one] }, else: { [one] }))
                == "operation conditional: a condition of type bool and shape [2]; give one element of type bool, for "
                + "example by any() or all()")
        #expect(
            message(conditional(one .> 0, then: { [one] }, else: { [two] }))
                == "operation conditional: alternatives of (float64 [1]) and (float64 [2]); give tensors of the same "
                + "number, shapes and types")
        #expect(
            message(conditional(at: one, [{ [one] }]))
                == "operation conditional: an index of type float64 and shape [1]; give one integer")
        #expect(
            message(forLoop(0..<1 << 40, carry: [one]) { $1 })
                == "operation forLoop: the range 0..<1099511627776; use indices of 32 bits")
        #expect(
            message(
                whileLoop([one], maximumIterations: -1) {
                    $0[0] .> 0
                } body: {
                    $0
                })
                == "operation whileLoop: at most -1 iterations; use 0 or more")
        for most in [nil, 3] {
            #expect(
                message(
                    whileLoop([one], maximumIterations: most) {
                        $0[0] .> 0
                    } body: { _ in
                        [two]
                    })
                    == "operation whileLoop: alternatives of (float64 [1]) and (float64 [2]); give tensors of the same "
                    + "number, shapes and types")
        }
        #expect(
            message(vectorizedMap(over: [one, two]) { $0 })
                == "operation vectorizedMap: inputs of shapes [1], [2]; give inputs [count, ...] with as many samples")
        #expect(
            message(associativeScan(over: [one, two]) { first, _ in first })
                == "operation associativeScan: axis 0 of inputs of shapes [1], [2]; name an axis that all have, with "
                + "the same extent")
        #expect(
            message(associativeScan(over: [two]) { [Tensor.concatenate([$0[0], $1[0]])] })?.hasPrefix(
                "operation associativeScan: alternatives of") == true)
        let failed = two.reshaped(to: [3])
        #expect(vectorizedMap(over: failed) { $0 * 2 }.error == failed.error)
        #expect(sequentialMap(over: [failed]) { $0 }[0].error == failed.error)
        let function = {
            try CompiledFunction(inputs: [([1], .float64)]) {
                whileLoop($0) {
                    $0[0] .> 0
                } body: {
                    $0
                }
            }
        }
        #expect(throws: ApusError.self) { try function() }
    }
}
