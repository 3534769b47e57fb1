import Apus
import Testing

/// Plain loops over row-major numbers, to compare layers with.
struct Plain {
    let shape: [Int]
    var values: [Double]

    init(_ shape: [Int], _ values: [Double]) {
        self.shape = shape
        self.values = values
    }

    init(_ tensor: Tensor) throws {
        try self.init(tensor.shape.extents, tensor.array())
    }

    /// The element at `[n, y, x, c]`; `nil` outside.
    func pixel(_ n: Int, _ y: Int, _ x: Int, _ c: Int) -> Double? {
        guard (0..<shape[1]).contains(y), (0..<shape[2]).contains(x) else { return nil }
        return values[((n * shape[1] + y) * shape[2] + x) * shape[3] + c]
    }
}

/// Compares numbers with those of a tensor.
func expectEqual(
    _ tensor: Tensor, _ shape: Shape, _ expected: [Double], tolerance: Double = 1e-12,
    sourceLocation: SourceLocation = #_sourceLocation
) throws {
    let values: [Double] = try tensor.array()
    #expect(tensor.shape == shape, sourceLocation: sourceLocation)
    try #require(values.count == expected.count, sourceLocation: sourceLocation)
    for (index, (value, target)) in zip(values, expected).enumerated()
    where !(abs(value - target) <= tolerance * max(1, abs(target))) {
        Issue.record("element \(index): \(value), expected \(target)", sourceLocation: sourceLocation)
        return
    }
}

/// Random numbers as float64, the same in every run.
func numbers(_ shape: Shape, seed: UInt64 = 1) throws -> Tensor {
    try Tensor.randomNormal(shape, seed: seed, dtype: .float64).evaluated()
}
