import ApusCore
import TestSupport
import Testing

@Suite struct IndexingTests {
    static let cases: [(data: Shape, axis: Int, indices: Shape)] = [
        ([7, 5], 0, [4]), ([7, 5], 1, [2, 3]), ([3, 7, 4], 1, []), ([1], 0, [9]), ([40, 33], 0, [100]),
        ([2, 5, 1], -2, [1, 2]),
        ([3, 4], 0, [0]),
    ]

    @Test(arguments: cases.indices)
    func gatherAndScatterAgreeWithTheirDefinitions(_ number: Int) throws {
        let (shape, axis, indexShape) = Self.cases[number]
        var random = TestRandom(1)
        let data = random.tensor(shape)
        let extent = shape[axis]
        for dtype in [DType.int64, .int32] {
            let indices = random.positions(indexShape, below: extent).cast(to: dtype)
            try checkDefinition(at: [data], float32: 0, float64: 0) { $0[0].gather(indices: indices, axis: axis) }
            let elements = random.tensor(data.gather(indices: indices, axis: axis).shape)
            try checkDefinition(at: [elements], float32: 1e-6) {
                $0[0].scatterAdd(indices: indices, axis: axis < 0 ? axis + data.rank : axis, extent: extent)
            }
            guard elements.shape.count > 0 else { continue }
            try checkBothDerivatives(at: [data], sampleLimit: 12) {
                $0[0].gather(indices: indices, axis: axis).square()
            }
        }
    }

    /// A scatter's axis is counted in the result.
    @Test func scatterReplacesTheIndicesAxes() {
        let y = Tensor.zeros([2, 3, 4, 5]).scatterAdd(
            indices: Tensor.zeros([3, 4], dtype: .int64), axis: 1, extent: 9)
        #expect(y.shape == [2, 9, 5])
    }

    @Test(
        arguments: [([7, 5], 0, [3, 5]), ([7, 5], 1, [7, 9]), ([2, 6, 3], 1, [2, 4, 3]), ([4], 0, [11])]
            as [(
                Shape, Int, Shape
            )])
    func takeAlongAgreesWithItsDefinition(shape: Shape, axis: Int, indexShape: Shape) throws {
        var random = TestRandom(2)
        let (data, indices) = (random.tensor(shape), random.positions(indexShape, below: shape[axis]))
        try checkDefinition(at: [data], float32: 0, float64: 0) { $0[0].takeAlong(indices: indices, axis: axis) }
        try checkDefinition(at: [random.tensor(indexShape)], float32: 1e-6) {
            $0[0].scatterAddAlong(indices: indices, axis: axis, extent: shape[axis])
        }
        try checkBothDerivatives(at: [data], sampleLimit: 12) {
            $0[0].takeAlong(indices: indices, axis: axis).square()
        }
    }

    @Test func otherTypesAreGathered() throws {
        for dtype in DType.allCases {
            let data = Tensor([0, 1, 0, 1, 1, 0].map { Float($0) }, shape: [3, 2]).cast(to: dtype)
            let y = data.gather(indices: Tensor([2, 0], shape: [2]), axis: 0)
            #expect(try y.array(of: Double.self) == [1, 0, 0, 1], "\(dtype)")
        }
    }

    @Test func anIndexOutOfRangeIsNamedWhenRead() throws {
        let y = Tensor.zeros([5, 2]).gather(indices: Tensor([1, 7, 9], shape: [3]), axis: 0)
        #expect(y.error == nil)
        let error = #expect(throws: ApusError.self) { try y.array(of: Float.self) }
        #expect(error?.kind == .index)
        #expect(error?.description.contains("7") == true)
        #expect(error?.description.contains("gather") == true)
        let negative = Tensor.zeros([5]).takeAlong(indices: Tensor([-1], shape: [1]), axis: 0)
        #expect(throws: ApusError.self) { try negative.array(of: Float.self) }
        // A program that failed works again with good indices.
        let good = Tensor.ones([5, 2]).gather(indices: Tensor([1, 2, 3], shape: [3]), axis: 0)
        #expect(try good.array(of: Float.self).allSatisfy { $0 == 1 })
    }

    @Test func oneHotRows() throws {
        let y = oneHot(Tensor([2, 0, 5], shape: [3]), depth: 3)
        #expect(try y.array(of: Float.self) == [0, 0, 1, 1, 0, 0, 0, 0, 0])
    }

    @Test func mistakesAreNamed() {
        let x = Tensor.zeros([3, 4])
        #expect(
            x.gather(indices: Tensor.zeros([2]), axis: 0).error?.description
                == "operation gather: the indices have type float32, expected an integer type; cast them to int64")
        #expect(
            x.takeAlong(indices: Tensor.zeros([2, 2, 2], dtype: .int64), axis: 0).error?.description
                == "operation takeAlong: shapes [3, 4] and [2, 2, 2] differ beside axis 0; make all other extents equal"
        )
        #expect(x.gather(indices: Tensor.zeros([2], dtype: .int64), axis: 2).error?.kind == .axis)
        #expect(Tensor.zeros([0]).gather(indices: Tensor.zeros([2], dtype: .int64)).error?.kind == .index)
        #expect(x.scatterAdd(indices: Tensor.zeros([2], dtype: .int64), extent: 5).error?.kind == .shape)
        #expect(x.scatterAdd(indices: Tensor.zeros([3], dtype: .int64), extent: -5).error?.kind == .value)
    }
}
