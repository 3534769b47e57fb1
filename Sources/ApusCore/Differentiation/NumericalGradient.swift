/// How derivatives are found from values alone.
public enum DifferenceRule: String, Sendable, CaseIterable {
    /// `(f(x + h) - f(x)) / h`, of an error that falls with `h`.
    case forward
    /// `(f(x + h) - f(x - h)) / 2h`, of an error that falls with the square of `h`.
    case central

    /// How often a function of so many numbers is computed for all its derivatives: once for each and once more, or
    /// twice for each.
    public func evaluations(parameters count: Int) -> Int {
        let count = Swift.max(0, count)
        switch self {
        case .forward: return count == .max ? .max : count + 1
        case .central: return count > .max / 2 ? .max : 2 * count
        }
    }
}

/// The derivatives of a function by differences of its values, in float64: slow and inexact, but without any rule that
/// might be wrong. ``DifferenceRule/evaluations(parameters:)`` says beforehand how often the function is computed.
///
/// - Parameters:
///   - step: how far each number is moved, above 0
///   - function: from a tensor of the shape of `x` to a scalar
/// - Returns: the derivatives, of the shape of `x`
/// - Throws: an `ApusError` for a step that is not above 0, and the first mistake of the function
public func numericalGradient(
    at x: Tensor, step: Double = 1e-5, _ rule: DifferenceRule = .central, _ function: (Tensor) throws -> Tensor
) throws -> Tensor {
    guard step > 0, step.isFinite else {
        throw ApusError(
            .value, in: "numericalGradient", "a step of \(step)", remedy: "use a finite number above 0")
    }
    let values: [Double] = try x.cast(to: .float64).array()
    func value(moving element: Int?, by amount: Double) throws -> Double {
        var moved = values
        if let element { moved[element] += amount }
        let result = try function(Tensor(moved, shape: x.shape))
        if let error = result.error { throw error }
        guard result.shape.count == 1 else {
            throw ApusError(
                .shape, in: "numericalGradient", "the function's result has shape \(result.shape), expected a scalar",
                remedy: "reduce it, for example with mean()")
        }
        return try result.cast(to: .float64).item()
    }
    let start = rule == .forward ? try value(moving: nil, by: 0) : 0
    let slopes = try values.indices.map { element in
        let ahead = try value(moving: element, by: step)
        return rule == .forward
            ? (ahead - start) / step : (ahead - (try value(moving: element, by: -step))) / (2 * step)
    }
    return Tensor(slopes, shape: x.shape)
}
