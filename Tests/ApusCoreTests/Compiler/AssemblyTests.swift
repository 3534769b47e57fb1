import ApusCore
import Testing

/// Joined values whose parts are written where they belong, without copies.
@Suite(.serialized) struct AssemblyTests {
    private func values(_ shape: Shape, _ seed: Int) -> Tensor {
        let values: [Double] = (0..<shape.count).map { Double(($0 * 7919 + seed * 104_729) % 2003) / 1000 - 1 }
        return Tensor(values, shape: shape)
    }

    /// The kernel calls, once the results are those of the definition.
    private func calls(_ inputs: [Tensor], _ function: ([Tensor]) -> [Tensor]) throws -> [String] {
        let program = try CompiledFunction(inputs: inputs.map { ($0.shape, $0.dtype) }, function)
        for (found, wanted) in zip(try program(inputs), function(inputs)) {
            let expected: [Double] = try ReferenceExecutor.evaluate(wanted).values
            let result: [Double] = try found.array()
            #expect(result.count == expected.count)
            #expect(zip(result, expected).allSatisfy { ($0 - $1).magnitude < 1e-12 })
        }
        return program.calls
    }

    @Test func partsAreWrittenWhereTheyBelong() throws {
        let calls = try calls([values([3, 80], 1), values([3, 70], 2)]) { inputs in
            [Tensor.concatenate([inputs[0].exp(), inputs[1].tanh()], axis: 1)]
        }
        #expect(calls.sorted() == ["fused  [3, 70] tanh", "fused  [3, 80] exp"])
    }

    @Test func partsThatOthersReadAreCopied() throws {
        let calls = try calls([values([3, 80], 1), values([3, 70], 2)]) { inputs in
            let first = inputs[0].exp()
            let joined = Tensor.concatenate([first, inputs[1].tanh(), inputs[0]], axis: 1)
            return [joined, matmul(first, joined.slice(axis: 1, 0..<80).transposed())]
        }
        #expect(calls.filter { $0 == "fused  [3, 80] copy" }.count >= 2, "\(calls)")
    }

    @Test func shortRunsAreCopied() throws {
        let calls = try calls([values([30, 8], 1), values([30, 7], 2)]) { inputs in
            [Tensor.concatenate([inputs[0].exp(), inputs[1].tanh()], axis: 1)]
        }
        #expect(calls.contains("fused  [30, 8] copy") && calls.contains("fused  [30, 7] copy"), "\(calls)")
    }

    @Test func joinedPartsOfJoinedPartsAndRepeatedOnes() throws {
        _ = try calls([values([2, 3, 64], 1), values([64], 2)]) { inputs in
            let a = inputs[0].exp() + inputs[1]
            let b = Tensor.concatenate([a, a, inputs[0].square()], axis: 1)
            let c = Tensor.concatenate([b, b * 2, Tensor.concatenate([a, a * 3], axis: 1)], axis: 0 + 1)
            return [c, c.sum(axes: [0]), b.reshaped(to: [2, 9, 64]), b.flattened()]
        }
    }

    @Test func loopsOverTheSameValueAreOne() throws {
        let calls = try calls([values([4, 256], 1)]) { inputs in
            let parts = (0..<4).map { inputs[0].slice(axis: 1, $0 * 64..<($0 + 1) * 64) }
            return [parts[0].exp(), parts[1].tanh(), parts[2] * parts[3], parts[3].square()]
        }
        #expect(calls.count == 1, "\(calls)")
    }

    /// What is looked at for neighbours is bounded: this ends at once.
    @Test func thousandsOfPartsOfOneValueCompile() throws {
        let calls = try calls([values([1500, 8], 1)]) { inputs in
            var states = [inputs[0].slice(axis: 0, 0..<1)]
            for step in 1..<1500 {
                states.append(
                    matmul(states[step - 1], Tensor.identity(8, dtype: .float64)).tanh()
                        + inputs[0].slice(axis: 0, step..<step + 1).tanh())
            }
            return [states[1499]]
        }
        #expect(calls.count < 4 * 1500)
    }

    /// Heads of attention: the middle axes change places on the way in and out, and nothing is copied for the products.
    @Test func turnedBatchesAreMultipliedWhereTheyAre() throws {
        let x = values([3, 5, 4, 7], 1), y = values([3, 6, 4, 7], 2), row = values([3, 1, 4, 7], 3)
        let calls = try calls([x, y, row]) { inputs in
            let (a, b) = (inputs[0].permuted([0, 2, 1, 3]), inputs[1].permuted([0, 2, 3, 1]))
            let single = matmul(inputs[2].permuted([0, 2, 1, 3]), b)
            return [matmul(a, b), single, matmul(b.permuted([0, 1, 3, 2]), a.permuted([0, 1, 3, 2]))]
        }
        #expect(calls.count == 3 && !calls.contains { $0.contains("copy") }, "\(calls)")
        // More than one axis before the runs lies evenly or is copied.
        let z = values([2, 3, 5, 4, 7], 4)
        _ = try self.calls([z]) { inputs in
            let a = inputs[0].permuted([0, 1, 3, 2, 4])
            let b = inputs[0].permuted([1, 0, 3, 4, 2])
            return [matmul(a, a.permuted([0, 1, 2, 4, 3])), matmul(b.permuted([0, 1, 2, 4, 3]), b)]
        }
    }
}
