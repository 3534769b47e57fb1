import ApusCore

/// The point where the sum of squares of residuals is least, by the method of Levenberg and Marquardt: Gauss and Newton's
/// steps, shortened where they do not help.
///
///     let fit = try minimizeSquares(Tensor([1, 1], shape: [2])) { p in a * exp(p[1] * t) - y }
///
/// Each step computes all first derivatives of the `m` residuals and solves `n` equations: for small models.
///
/// - Parameters:
///   - residuals: to any shape
///   - tolerance: for the largest magnitude of the gradient of half the sum of squares
/// - Returns: the minimum; `value` is half the sum of squares
public func minimizeSquares(
    _ start: Tensor, maximumSteps: Int = 100, tolerance: Double = 1e-9, _ residuals: (Tensor) throws -> Tensor
) throws -> MinimizationResult {
    if let error = start.error { throw error }
    guard start.dtype == .float32 || start.dtype == .float64, start.shape.count > 0 else {
        throw ApusError(
            .type, in: "minimizeSquares", "a start of type \(start.dtype) and shape \(start.shape)",
            remedy: "give float64 or float32 numbers, one at least")
    }
    let count = start.shape.count
    guard count <= 2_000 else {
        throw ApusError(
            .value, in: "minimizeSquares", "\(count) numbers, of which it keeps a square matrix",
            remedy: "use minimize with lbfgs() for more than 2000")
    }
    func tensor(_ x: [Double]) -> Tensor { Tensor.constant(x, shape: start.shape, dtype: start.dtype) }
    func values(_ x: [Double]) throws -> [Double] { try residuals(tensor(x)).array() }
    func half(_ r: [Double]) -> Double { dot(r, r) / 2 }

    var x: [Double] = try start.array()
    var r = try values(x)
    guard half(r).isFinite else {
        throw ApusError(
            .numeric, in: "minimizeSquares", "the sum of squares is \(dot(r, r)) at the start",
            remedy: "start elsewhere")
    }
    var evaluations = 1
    var path: [[Double]] = []
    var damping = 1e-3
    var gradient: [Double] = []
    var magnitude = Double.infinity
    func measure() throws -> [Double] {
        let j: [Double] = try jacobian(at: tensor(x), residuals).array()
        gradient = (0..<count).map { column in
            (0..<r.count).reduce(0) { $0 + j[$1 * count + column] * r[$1] }
        }
        magnitude = gradient.reduce(0) { max($0, $1.magnitude) }
        return j
    }
    var j = try measure()
    while path.count < maximumSteps, magnitude > tolerance {
        var normal = [Double](repeating: 0, count: count * count)
        for a in 0..<count {
            for b in 0...a {
                let sum = (0..<r.count).reduce(0) { $0 + j[$1 * count + a] * j[$1 * count + b] }
                normal[a * count + b] = sum
                normal[b * count + a] = sum
            }
        }
        var isBetter = false
        while !isBetter, damping < 1e16 {
            var matrix = normal
            // Marquardt's scaling by the diagonal.
            for a in 0..<count { matrix[a * count + a] += damping * max(normal[a * count + a], 1e-12) }
            if let step = solvePositive(matrix, gradient) {
                let trial = zip(x, step).map(-)
                let news = try values(trial)
                evaluations += 1
                if half(news) < half(r) {
                    (x, r, isBetter) = (trial, news, true)
                    damping = max(damping / 10, 1e-12)
                    continue
                }
            }
            damping *= 10
        }
        guard isBetter else { break }
        path.append(x)
        j = try measure()
    }
    return MinimizationResult(
        point: try tensor(x).evaluated(), value: half(r), gradientMagnitude: magnitude, steps: path.count,
        evaluations: evaluations, isConverged: magnitude <= tolerance, path: path, inverseHessian: nil)
}

/// Brings the trainable parameters of a model to where the sum of squares of residuals is least; see
/// ``minimizeSquares(_:maximumSteps:tolerance:_:)``. Penalties are left out.
@discardableResult
public func minimizeSquares<M: Module>(
    _ model: M, maximumSteps: Int = 100, tolerance: Double = 1e-9, seed: UInt64 = 0,
    _ residuals: (M) throws -> Tensor
) throws -> MinimizationResult {
    let flat = try FlatParameters(model, seed: seed) { _ = try residuals(model) }
    let minimum = try minimizeSquares(flat.values, maximumSteps: maximumSteps, tolerance: tolerance) { x in
        try flat.run(x, seed: seed, withPenalties: false) { try residuals(model) }
    }
    try flat.adopt(minimum.point)
    return minimum
}
