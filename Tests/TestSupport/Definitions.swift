import ApusCore

/// Deterministic random shapes and tensors for tests.
package struct TestRandom {
    private var state: UInt64

    package init(_ seed: UInt64) { state = seed &* 0x9e37_79b9_7f4a_7c15 &+ 1 }

    package mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return (state ^ (state >> 33)) &* 0xff51_afd7_ed55_8ccd ^ (state >> 29)
    }

    package mutating func integer(_ range: ClosedRange<Int>) -> Int {
        range.lowerBound + Int(next() % UInt64(range.count))
    }

    package mutating func number(_ range: ClosedRange<Double>) -> Double {
        range.lowerBound + (range.upperBound - range.lowerBound) * Double(next() >> 11) * 0x1p-53
    }

    /// Numbers that float32 holds exactly, so that both types start from the same.
    package mutating func tensor(_ shape: Shape, _ range: ClosedRange<Double> = -2...2) -> Tensor {
        Tensor((0..<shape.count).map { _ in Double(Float(number(range))) }, shape: shape)
    }

    /// Positions below `extent`.
    package mutating func positions(_ shape: Shape, below extent: Int) -> Tensor {
        Tensor((0..<shape.count).map { _ in Int64(integer(0...extent - 1)) }, shape: shape)
    }
}

/// Compares a function of tensors with its plain definition, in float32 and float64. The error is relative to the
/// largest magnitude of the result.
package func checkDefinition(
    at inputs: [Tensor], float32: Double = 2e-6, float64: Double = 1e-13, _ function: ([Tensor]) throws -> Tensor
) throws {
    for (dtype, tolerance) in [(DType.float32, float32), (.float64, float64)] {
        let points = try inputs.map { $0.dtype.isFloatingPoint ? try $0.cast(to: dtype).evaluated() : $0 }
        try checkAgainstReference(try function(points), tolerance: tolerance)
    }
}

/// Compares one tensor with what the reference executor makes of its graph.
package func checkAgainstReference(_ tensor: Tensor, tolerance: Double) throws {
    if let error = tensor.error { throw error }
    let expected = try ReferenceExecutor.evaluate(tensor)
    let values: [Double] = try tensor.array()
    guard values.count == expected.values.count, tensor.shape == expected.shape else {
        throw GoldenProblem("\(tensor.shape) instead of \(expected.shape)")
    }
    let scale = expected.values.filter(\.isFinite).reduce(1e-30) { Swift.max($0, Swift.abs($1)) }
    for (index, (value, target)) in zip(values, expected.values).enumerated() {
        if value == target || value.isNaN && target.isNaN { continue }
        guard Swift.abs(value - target) <= tolerance * scale else {
            throw GoldenProblem(
                "\(tensor.dtype) element \(index) of \(tensor.shape): \(value), by definition \(target), "
                    + "tolerance \(tolerance * scale)")
        }
    }
}

/// Checks first derivatives, and those of the first derivatives, against central differences.
package func checkBothDerivatives(
    at inputs: [Tensor], tolerance: Double = 1e-6, sampleLimit: Int = 40, _ function: @escaping ([Tensor]) -> Tensor
) throws {
    try checkGradients(at: inputs, tolerance: tolerance, sampleLimit: sampleLimit) { function($0) }
    try checkGradients(at: inputs, tolerance: tolerance, sampleLimit: sampleLimit) { points in
        let (_, gradients) = valueAndGradient(at: points) { variables in
            let y = function(variables)
            guard y.error == nil else { return y }
            let weights = (Tensor.range(count: y.shape.count, dtype: y.dtype) * 1.3).sin() + 0.4
            return (y.reshaped(to: [y.shape.count]) * weights).sum()
        }
        return Tensor.concatenate(gradients.map { $0.flattened() })
    }
}

/// The largest magnitude of the difference.
package func difference(_ a: Tensor, _ b: Tensor) throws -> Double {
    let pair: [[Double]] = [try a.array(), try b.array()]
    guard a.shape == b.shape else { return .infinity }
    return zip(pair[0], pair[1]).reduce(0) { $1.0 == $1.1 ? $0 : Swift.max($0, Swift.abs($1.0 - $1.1)) }
}
