import ApusCore
import TestSupport
import Testing

/// One call and what it must give.
struct ValueRow: Sendable {
    let name: String
    let shape: Shape
    let values: [Double]
    let call: @Sendable () -> Tensor

    init(_ name: String, _ shape: Shape, _ values: [Double], _ call: @escaping @Sendable () -> Tensor) {
        self.name = name
        self.shape = shape
        self.values = values
        self.call = call
    }
}

/// What the calls are made on.
enum Values {
    static let x = Tensor([1.0, -2, 3, 4, 5, -6], shape: [2, 3])
    static let v = Tensor([3.0, 1, 2, 2, -1], shape: [5])
    static let y = Tensor.range(count: 24, dtype: .float64).reshaped(to: [2, 3, 4])
    static let n = Tensor([1.0, .nan, 3, 2, .nan, .nan, 4, -1], shape: [2, 4])
    static let i = Tensor([Int64(6), -9, 12, 0])
    static let j = Tensor([Int64(4), 6, -8, 5])
    static let p = Tensor([0.2, 1.5, 7, 30], shape: [4])
    static let m = Tensor([1.0, 2, 3, -4, 5, 6, -7, 8, 9, 0], shape: [5, 2])
    static let seg = Tensor([Int64(1), 0, 1, 3, 0])
    static let w3 = Tensor([1.0, -2, 0.5], shape: [3])
    static let w2 = Tensor([2.0, 3], shape: [2])
}

/// Values of the composed operations against NumPy's and SciPy's.
@Suite struct ValueTests {
    static let groups = [
        Values.numbers, Values.statistics, Values.movement, Values.subscripts, Values.updates, Values.products,
    ]

    @Test(arguments: groups.indices)
    func agree(_ number: Int) {
        for row in Self.groups[number] {
            let tensor = row.call()
            do {
                if let error = tensor.error { throw error }
                #expect(tensor.shape == row.shape, "\(row.name)")
                let values: [Double] = try tensor.array()
                guard values.count == row.values.count else { continue }
                let tolerance = tensor.dtype == .float32 ? 1e-6 : 1e-12
                let isEqual = zip(values, row.values).allSatisfy { value, wanted in
                    value == wanted || value.isNaN && wanted.isNaN
                        || Swift.abs(value - wanted) <= tolerance * Swift.max(1, Swift.abs(wanted))
                }
                #expect(isEqual, "\(row.name): \(values) instead of \(row.values)")
            } catch {
                Issue.record("\(row.name): \(error)")
            }
        }
    }

    @Test func assignmentMakesANewTensor() throws {
        let v = Values.v
        var first = v
        let second = first
        first[1...2] = Tensor([8.0, 9], shape: [2])
        #expect(try first.array(of: Double.self) == [3, 8, 9, 2, -1])
        #expect(try second.array(of: Double.self) == [3, 1, 2, 2, -1])
    }

    @Test func mistakesAreNamed() {
        let (x, y, v) = (Values.x, Values.y, Values.v)
        func problem(_ tensor: Tensor) -> String { tensor.error?.description ?? "none" }
        #expect(
            problem(y[2])
                == "operation subscript: position 2 is outside axis 0 of shape [2, 3, 4]; use positions in -2..<2")
        #expect(
            problem(y[0, 1..<5])
                == "operation subscript: range 1..<5 is outside axis 1 of shape [2, 3, 4]; use positions in -3..<3")
        #expect(
            problem(x[0, 0, 0])
                == "operation subscript: 3 entries for shape [2, 3] of rank 2; give at most one entry an axis")
        #expect(
            problem(x[x .> 0, 0])
                == "operation subscript: 3 entries for shape [2, 3] of rank 2; give at most one entry an axis")
        #expect(
            problem(x[v .> 0])
                == "operation subscript: a mask has extent 5 for axis 0 of shape [2, 3]; use a mask of the extents that "
                + "it covers")
        #expect(
            problem(x[.ellipsis, .ellipsis])
                == "operation subscript: there is more than one ellipsis; use one ellipsis")
        #expect(
            problem(x.updating(0, with: v))
                == "operation updating: shapes [5] and [3] do not broadcast: extents 5 and 3 at axis -1; make these "
                + "extents equal, or one of them 1")
        #expect(
            problem(rearrange(x, "a b -> a c"))
                == "operation rearrange: in \"a b -> a c\": the sides do not have the same names, each once; name each "
                + "axis once on either side")
        #expect(
            problem(x.split(2, axis: 1)[0])
                == "operation split: 2 equal pieces of axis 1 of shape [2, 3]; use a divisor of 3, or isEven: false")
        #expect(throws: ApusError.self) { try x[Tensor([Int64(2)])].array(of: Double.self) }
        #expect(throws: ApusError.self) {
            try v.scattered(v[0..<1], at: Tensor([Int64(5)])).array(of: Double.self)
        }
    }
}
