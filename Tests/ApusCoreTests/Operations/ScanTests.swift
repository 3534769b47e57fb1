import ApusCore
import TestSupport
import Testing

@Suite struct ScanTests {
    init() { Verifier.isEnabled = true }

    /// A recurrence over `[steps, 3, 4]` with weights that it captures.
    private static func recurrent(
        _ x: Tensor, _ h: Tensor, _ u: Tensor, _ b: Tensor, reverse: Bool = false
    ) -> [Tensor] {
        let (end, all) = scan(over: [x], carry: [h], reverse: reverse) { carry, step in
            let h = (step[0] + matmul(carry[0], u) + b).tanh()
            return ([h], [h, h.square()])
        }
        return end + all
    }

    /// The same as a graph of all steps.
    private static func unrolled(
        _ x: Tensor, _ h: Tensor, _ u: Tensor, _ b: Tensor, reverse: Bool = false
    ) -> [Tensor] {
        var h = h
        var all: [Tensor] = []
        for step in 0..<x.shape[0] {
            let position = reverse ? x.shape[0] - 1 - step : step
            h = (x.slice(axis: 0, position..<position + 1).squeezed(0) + matmul(h, u) + b).tanh()
            all.append(h)
        }
        if reverse { all.reverse() }
        return [h, Tensor.stack(all), Tensor.stack(all.map { $0.square() })]
    }

    private static func points(_ steps: Int, seed: UInt64 = 1) -> [Tensor] {
        var random = TestRandom(seed)
        return [
            random.tensor([steps, 3, 4], -1...1), random.tensor([3, 4], -1...1), random.tensor([4, 4], -1...1),
            random.tensor([4], -1...1),
        ]
    }

    private static func joined(_ tensors: [Tensor]) -> Tensor { Tensor.concatenate(tensors.map { $0.flattened() }) }

    @Test(arguments: [1, 2, 5], [false, true])
    func agreesWithTheUnrolledGraph(_ steps: Int, _ reverse: Bool) throws {
        let p = Self.points(steps)
        let scanned = Self.recurrent(p[0], p[1], p[2], p[3], reverse: reverse)
        let plain = Self.unrolled(p[0], p[1], p[2], p[3], reverse: reverse)
        for (a, b) in zip(scanned, plain) {
            try checkAgainstReference(a, tolerance: 2e-6)
            #expect(a.shape == b.shape)
            #expect(try (a - b).absolute().max().item() < 1e-6)
        }
        let (value, gradients) = valueAndGradient(at: p) {
            Self.joined(Self.recurrent($0[0], $0[1], $0[2], $0[3], reverse: reverse)).square().sum()
        }
        let (plainValue, plainGradients) = valueAndGradient(at: p) {
            Self.joined(Self.unrolled($0[0], $0[1], $0[2], $0[3], reverse: reverse)).square().sum()
        }
        #expect(try abs(value.item() - plainValue.item()) < 1e-4)
        for (a, b) in zip(gradients, plainGradients) {
            try checkAgainstReference(a, tolerance: 1e-5)
            #expect(try (a - b).absolute().max().item() < 2e-5)
        }
    }

    @Test(arguments: [false, true]) func hasDerivativesOfSecondOrder(_ reverse: Bool) throws {
        try checkBothDerivatives(at: Self.points(3)) {
            Self.joined(Self.recurrent($0[0], $0[1], $0[2], $0[3], reverse: reverse))
        }
    }

    @Test func countsWithoutInputs() throws {
        let results = scan(carry: [Tensor(0), Tensor(1)], count: 7) { carry, _ in
            ([carry[1], carry[0] + carry[1]], [carry[0]])
        }
        #expect(try results.outputs[0].array(of: Float.self) == [0, 1, 1, 2, 3, 5, 8])
        #expect(try results.carry[0].item() == 13)
    }

    @Test func noStepsGiveTheBeginning() throws {
        let results = scan(carry: [Tensor([1, 2] as [Float])], count: 0) { carry, _ in ([carry[0] * 2], [carry[0]]) }
        #expect(try results.carry[0].array(of: Float.self) == [1, 2])
        #expect(results.outputs[0].shape == [0, 2])
    }

    @Test func nests() throws {
        let x = Tensor([1, 2, 3, 4, 5, 6] as [Float]).reshaped(to: [2, 3])
        let total = gradient(at: x) { x in
            scan(over: [x], carry: [Tensor(0)]) { carry, row in
                let sum = scan(over: [row[0]], carry: carry) { carry, value in
                    ([carry[0] + value[0].square()], [])
                }
                return (sum.carry, [])
            }.carry[0]
        }
        #expect(try total.array(of: Float.self) == [2, 4, 6, 8, 10, 12])
    }

    /// Gradients of constants that enter otherwise than by a product are carried along the way back.
    @Test func constantsOfAnyUseHaveGradients() throws {
        var random = TestRandom(7)
        let points = [random.tensor([4, 3], -1...1), random.tensor([3], -1...1), random.tensor([3], 0.5...1.5)]
        try checkBothDerivatives(at: points) { p in
            let (end, all) = scan(over: [p[0]], carry: [p[1]]) { carry, step in
                let h = (carry[0] * p[2].sin() + step[0] / p[2]).sin()
                return ([h], [h * p[2]])
            }
            return Self.joined(end + all)
        }
    }

    @Test func productsOfMatricesAndConvolutionsHaveGradients() throws {
        var random = TestRandom(8)
        let points = [
            random.tensor([3, 2, 5, 2], -1...1), random.tensor([2, 5, 2], -1...1), random.tensor([3, 2, 2], -1...1),
            random.tensor([2, 2, 2], -1...1),
        ]
        try checkBothDerivatives(at: points, sampleLimit: 12) { p in
            let (end, all) = scan(over: [p[0]], carry: [p[1]]) { carry, step in
                let y = convolution(carry[0], p[2], padding: .same)
                let h = (matmul(y, p[3]) + step[0]).tanh()
                return ([h], [y])
            }
            return Self.joined(end + all)
        }
    }

    /// A result that nothing uses costs nothing, and one that is used twice is computed once.
    @Test func severalUsesMakeOneLoop() throws {
        let x = Tensor.randomNormal([6, 3], seed: 1)
        let function = try CompiledFunction(inputs: [([6, 3], .float32)]) { inputs in
            let input = inputs[0].variable()
            let (end, all) = scan(over: [input], carry: [Tensor.zeros([3])]) { carry, step in
                let h = (carry[0] * 0.5 + step[0]).tanh()
                return ([h], [h, h.exp()])
            }
            return [end[0], all[0]] + gradients(of: all[0].square().sum(), withRespectTo: [input])
        }
        #expect(function.kernels.filter { $0.hasPrefix("scan") }.count == 2)
        let results = try function([x])
        let reversed = try results[1].slice(axis: 0, 5..<6).array(of: Float.self)
        #expect(try results[0].array(of: Float.self) == reversed)
    }

    /// The same bits on any number of threads: the products are large enough to be cut.
    @Test func stepsAreDeterministic() throws {
        var random = TestRandom(3)
        let (x, u) = (random.tensor([8, 48, 96], -1...1).cast(to: .float32), random.tensor([96, 96], -0.2...0.2))
        func run() throws -> [Float] {
            let points = try [x.evaluated(), u.cast(to: .float32).evaluated()]
            let (_, gradients) = valueAndGradient(at: points) { p in
                scan(over: [p[0]], carry: [Tensor.zeros([48, 96])]) { carry, step in
                    let h = (step[0] + matmul(carry[0], p[1])).tanh()
                    return ([h], [h])
                }.outputs[0].square().sum()
            }
            return try gradients[1].array(of: Float.self)
        }
        let before = Device.threads
        defer { Device.threads = before }
        Device.threads = 1
        let first = try run()
        for threads in [2, 3] {
            Device.threads = threads
            #expect(try run() == first, "\(threads) threads")
        }
    }

    @Test func indicesOutOfRangeInAStepAreReported() throws {
        let table = Tensor([10, 20, 30] as [Float])
        let (_, good) = scan(over: [Tensor([2, 0] as [Int32])], carry: []) { _, step in
            ([], [table.gather(indices: step[0].reshaped(to: [1])).squeezed()])
        }
        #expect(try good[0].array(of: Float.self) == [30, 10])
        let (_, bad) = scan(over: [Tensor([2, 3, 0] as [Int32])], carry: []) { _, step in
            ([], [table.gather(indices: step[0].reshaped(to: [1])).squeezed()])
        }
        #expect(throws: ApusError.self) { try bad[0].array(of: Float.self) }
    }

    @Test func integersAreCarried() throws {
        let (end, all) = scan(over: [Tensor([3, 1, 2] as [Int32])], carry: [Tensor([0] as [Int32])]) { carry, step in
            let sum = carry[0] + step[0]
            return ([sum], [sum .> 3])
        }
        #expect(try end[0].array(of: Int32.self) == [6])
        #expect(try all[0].array(of: Bool.self) == [false, true, true])
    }

    @Test func mistakesAreCarriedByTheResults() {
        let failed = Tensor([1, 2]).reshaped(to: [3])
        func message(_ inputs: [Tensor], _ carry: [Tensor], count: Int? = nil) -> String? {
            let (end, all) = scan(over: inputs, carry: carry, count: count) { carry, _ in (carry, carry) }
            #expect(end.count == carry.count && all.count == carry.count)
            return end.first?.error?.description
        }
        let one = Tensor([1.0])
        #expect(message([failed], [one]) == failed.error?.description)
        #expect(
            message([Tensor.zeros([2, 3]), Tensor.zeros([3, 2])], [one])
                == "operation scan: inputs of shapes [2, 3], [3, 2] differ in their first axis, the steps; "
                + "give inputs [steps, ...] with as many steps")
        #expect(
            message([], [one])
                == "operation scan: a count of nil for 0 inputs; give inputs [steps, ...], or the number of steps")
        #expect(
            message([], [one], count: -1)
                == "operation scan: a count of -1 for 0 inputs; give inputs [steps, ...], or the number of steps")
        #expect(
            message([Tensor.zeros([2])], [one], count: 3)
                == "operation scan: a count of 3 for 1 inputs of shapes [2]; give inputs [steps, ...], or the number "
                + "of steps")
    }

    @Test func nestedLoopsHaveDerivativesOfSecondOrder() throws {
        var random = TestRandom(11)
        let points = [random.tensor([3, 2, 2], -1...1), random.tensor([2], -1...1), random.tensor([2, 2], -1...1)]
        try checkBothDerivatives(at: points, sampleLimit: 12) { p in
            let (end, all) = scan(over: [p[0]], carry: [p[1]]) { carry, rows in
                let inner = scan(over: [rows[0]], carry: carry) { carry, row in
                    let h = (matmul(carry[0].expanded(at: 0), p[2]).squeezed(0) + row[0]).tanh()
                    return ([h], [h * carry[0]])
                }
                return (inner.carry, [inner.outputs[0].exp()])
            }
            return Self.joined(end + all)
        }
    }

    /// What an inner loop holds through its steps changes with those of the outer one.
    @Test func matricesThatOnlyTheInnerLoopHoldsArePackedAnew() throws {
        var random = TestRandom(12)
        let (x, h) = (random.tensor([2, 3, 4], -1...1), random.tensor([3, 4], -1...1))
        let weights = random.tensor([5, 4, 4], -1...1)
        let nested = scan(over: [weights], carry: [h]) { carry, step in
            let inner = scan(over: [x], carry: carry) { carry, row in
                let h = (row[0] + matmul(carry[0], step[0])).tanh()
                return ([h], [h])
            }
            return (inner.carry, inner.outputs)
        }
        var (state, all) = (h, [Tensor]())
        for step in 0..<5 {
            let u = weights.slice(axis: 0, step..<step + 1).squeezed(0)
            let parts = Self.unrolled(x, state, u, Tensor.zeros([4], dtype: x.dtype))
            state = parts[0]
            all.append(parts[1])
        }
        let (found, wanted): ([Double], [Double]) = (
            try nested.carry[0].array() + nested.outputs[0].array(), try state.array() + Tensor.stack(all).array()
        )
        #expect(found.count == wanted.count && zip(found, wanted).allSatisfy { abs($0 - $1) < 1e-12 })
    }

    @Test func refusesACarryOfAnotherShape() {
        let results = scan(carry: [Tensor([1, 2] as [Float])], count: 3) { carry, _ in ([carry[0].sum()], []) }
        #expect(results.carry[0].error?.description.contains("the body carries on") == true)
    }
}
