import ApusCore
import Testing

/// Sums that the compiler writes in another form: factors outside, scattered elements onto what they are added to.
@Suite(.serialized) struct SumsTests {
    private func values(_ shape: Shape, _ seed: Int) -> Tensor {
        let values: [Double] = (0..<shape.count).map { Double(($0 * 7919 + seed * 104_729) % 2003) / 1000 - 1 }
        return Tensor(values, shape: shape)
    }

    private func compiled(_ inputs: [Tensor], _ function: ([Tensor]) -> [Tensor]) throws -> (CompiledFunction, Double) {
        let program = try CompiledFunction(inputs: inputs.map { ($0.shape, $0.dtype) }, function)
        var worst = 0.0
        for (found, wanted) in zip(try program(inputs), function(inputs)) {
            let expected: [Double] = try ReferenceExecutor.evaluate(wanted).values
            let result: [Double] = try found.array()
            #expect(result.count == expected.count)
            worst = zip(result, expected).reduce(worst) { max($0, ($1.0 - $1.1).magnitude) }
        }
        return (program, worst)
    }

    /// The gradient of a lookup.
    private func scattered(_ rows: Tensor, _ indices: Tensor, extent: Int) -> Tensor {
        let table = Tensor.zeros([extent, rows.shape[-1]], dtype: rows.dtype)
        return vjp(at: [table], cotangent: rows) { $0[0].gather(indices: indices) }.gradients[0]
    }

    @Test func factorsThatAreTheSameAlongTheAxesLeaveSums() throws {
        let x = values([6, 5, 4], 1), row = values([4], 2), column = values([6, 1, 1], 3)
        let (program, worst) = try compiled([x, row, column]) { inputs in
            let (x, row, column) = (inputs[0], inputs[1], inputs[2])
            return [
                x.sum(axes: [0, 1]), (x * row).sum(axes: [0, 1]), (-(x * row) * 3).sum(axes: [0, 1]),
                (column * x).sum(axes: [1, 2]), (column * x).sum(axes: [0]), (x * 0.5).sum(),
            ]
        }
        #expect(worst < 1e-12)
        // The first three are one pass over x; those over other axes, of which one keeps its factor, are three more.
        #expect(program.calls.filter { $0 == "fused  [6, 5, 4] sum" }.count == 3, "\(program.calls)")
        #expect(program.calls.filter { $0 == "fused  [6, 5, 4] multiply sum" }.count == 1, "\(program.calls)")
    }

    /// 70,000 is beyond the numbers of float16, half of it is not.
    @Test func smallFactorsStayInSumsOfHalfTheBits() throws {
        let ones = Tensor([Float](repeating: 1, count: 70_000), shape: [70_000]).cast(to: .float16)
        #expect(try (ones * 0.5).sum().item() == 35_008)
    }

    @Test func emptySumsAreZeroWhateverTheFactor() throws {
        let factor = Tensor([Float.infinity, -.infinity, .nan])
        #expect(try (Tensor.zeros([0, 3]) * factor).sum(axes: [0]).array(of: Float.self) == [0, 0, 0])
    }

    @Test func scatteredElementsAreAddedOntoTheirBase() throws {
        let table = values([40, 6], 1), rows = values([5, 2, 6], 2), scale = values([5, 2, 1], 3), rate = values([1], 4)
        let indices = Tensor([3, 0, 39, 3, 3, 7, 0, 1, 39, 20] as [Int64], shape: [5, 2])
        let (program, worst) = try compiled([table, rows, scale, rate, indices]) { inputs in
            let sum = scattered(inputs[1] * inputs[2], inputs[4], extent: 40)
            return [inputs[0] - sum * 0.25, inputs[0] + sum, inputs[0] - inputs[3] * sum]
        }
        #expect(worst < 1e-12)
        #expect(program.calls.filter { $0.contains("scatterAddOnto") }.count == 3, "\(program.calls)")
    }

    @Test func fewElementsAreScatteredOntoTheirBaseOnly() throws {
        let table = values([6, 6], 1), rows = values([5, 6], 2)
        let indices = Tensor([3, 0, 5, 3, 3] as [Int64], shape: [5])
        let (program, worst) = try compiled([table, rows, indices]) { inputs in
            [inputs[0] - scattered(inputs[1], inputs[2], extent: 6) * 0.25]
        }
        #expect(worst < 1e-12)
        #expect(!program.calls.contains { $0.contains("scatterAddOnto") }, "\(program.calls)")
    }
}
