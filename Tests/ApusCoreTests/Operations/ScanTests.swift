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

    @Test func refusesACarryOfAnotherShape() {
        let results = scan(carry: [Tensor([1, 2] as [Float])], count: 3) { carry, _ in ([carry[0].sum()], []) }
        #expect(results.carry[0].error?.description.contains("the body carries on") == true)
    }
}
