/// How a gradient compares with central differences.
public struct GradientCheck: Sendable {
    /// The position of the input among those checked.
    public let input: Int
    /// The largest difference, relative to the larger of the derivatives' magnitude and 1.
    public let largestError: Double
    /// Where it is: the element's index in the input, with both derivatives.
    public let element: Int
    /// The derivative by backpropagation.
    public let analytic: Double
    /// The derivative by central differences.
    public let numeric: Double
}

/// Compares the gradient of a function with central differences in float64 and throws where they differ.
///
/// The result may have any shape: its elements are weighted by fixed numbers and summed. Inputs of another
/// floating-point type are converted to float64. With more than `sampleLimit` elements a fixed sample is checked.
///
/// - Parameters:
///   - names: names of the inputs for the message
///   - tolerance: the largest accepted difference, relative to the larger of the derivatives' magnitude and 1
/// - Throws: an `ApusError` that names the first tensor that disagrees, with both derivatives
@discardableResult
public func checkGradients(
    at inputs: [Tensor], names: [String] = [], tolerance: Double = 1e-6, step: Double = 1e-5, sampleLimit: Int = 200,
    _ function: ([Tensor]) throws -> Tensor
) throws -> [GradientCheck] {
    let points = try inputs.map { try $0.cast(to: .float64).evaluated() }
    func weighted(_ inputs: [Tensor]) throws -> Tensor {
        let value = try function(inputs)
        guard value.error == nil else { return value }
        let count = value.shape.count
        let weights = (Tensor.range(count: count, dtype: .float64) * 0.7 + 0.3).cos() + 1.5
        return (value.cast(to: .float64).reshaped(to: [count]) * weights).sum()
    }
    let (_, gradients) = try valueAndGradient(at: points, weighted)
    try Tensor.evaluate(gradients)
    var checks: [GradientCheck] = []
    for (position, point) in points.enumerated() {
        let analytic: [Double] = try gradients[position].array()
        let values: [Double] = try point.array()
        let spacing = Swift.max(1, values.count / Swift.max(sampleLimit, 1))
        var worst = GradientCheck(input: position, largestError: 0, element: 0, analytic: 0, numeric: 0)
        for element in stride(from: 0, to: values.count, by: spacing) {
            let difference = step * Swift.max(1, Swift.abs(values[element]))
            func shifted(_ amount: Double) throws -> Double {
                var moved = values
                moved[element] += amount
                var arguments = points
                arguments[position] = Tensor(moved, shape: point.shape)
                return try weighted(arguments).item()
            }
            let numeric = (try shifted(difference) - shifted(-difference)) / (2 * difference)
            let scale = Swift.max(1, Swift.max(Swift.abs(analytic[element]), Swift.abs(numeric)))
            let error = Swift.abs(analytic[element] - numeric) / scale
            if !(error <= worst.largestError) {
                worst = GradientCheck(
                    input: position, largestError: error, element: element, analytic: analytic[element],
                    numeric: numeric)
            }
        }
        guard worst.largestError <= tolerance else {
            let name = names.indices.contains(position) ? names[position] : "input \(position)"
            throw ApusError(
                .numeric, in: "gradient check",
                "\(name), element \(worst.element): the gradient rule gives \(worst.analytic), central differences \(worst.numeric)",
                remedy: "check the gradient rule, or the function for kinks near this point")
        }
        checks.append(worst)
    }
    return checks
}
