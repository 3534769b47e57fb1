import ApusCore

/// Proposes directions, and learns from the steps that were made.
protocol DirectionMethod {
    /// Whether a step of 1 is a sensible first guess.
    var knowsScale: Bool { get }
    mutating func direction(_ x: [Double], _ gradient: [Double]) throws -> [Double]
    mutating func learn(step: [Double], change: [Double])
    mutating func forget()
}

/// BFGS: an estimate of the inverse Hessian that maps each change of the gradient to its step.
struct InverseHessian: DirectionMethod {
    private let count: Int
    private var values: [Double]
    private(set) var knowsScale = false

    init(count: Int) {
        self.count = count
        values = Self.identity(count, 1)
    }

    var matrix: Tensor { Tensor(values, shape: [count, count]) }

    private static func identity(_ count: Int, _ scale: Double) -> [Double] {
        (0..<count * count).map { $0 / count == $0 % count ? scale : 0 }
    }

    private func product(_ vector: [Double]) -> [Double] {
        (0..<count).map { row in
            (0..<count).reduce(0) { $0 + values[row * count + $1] * vector[$1] }
        }
    }

    func direction(_ x: [Double], _ gradient: [Double]) -> [Double] { product(gradient).map { -$0 } }

    mutating func learn(step s: [Double], change y: [Double]) {
        let curvature = dot(s, y)
        guard curvature > 1e-14 * (dot(s, s) * dot(y, y)).squareRoot() else { return }
        if !knowsScale { values = Self.identity(count, curvature / dot(y, y)) }
        knowsScale = true
        let mapped = product(y)
        let factor = (1 + dot(y, mapped) / curvature) / curvature
        for i in 0..<count {
            for j in 0..<count {
                values[i * count + j] += factor * s[i] * s[j] - (mapped[i] * s[j] + s[i] * mapped[j]) / curvature
            }
        }
    }

    mutating func forget() { self = InverseHessian(count: count) }
}

/// L-BFGS: the same product from the last steps alone.
struct LimitedHistory: DirectionMethod {
    let limit: Int
    private var history: [(step: [Double], change: [Double], curvature: Double)] = []

    init(limit: Int) { self.limit = limit }

    var knowsScale: Bool { !history.isEmpty }

    func direction(_ x: [Double], _ gradient: [Double]) -> [Double] {
        var result = gradient.map { -$0 }
        guard let last = history.last else { return result }
        var weights: [Double] = []
        for (s, y, curvature) in history.reversed() {
            let weight = dot(s, result) / curvature
            weights.append(weight)
            result = zip(result, y).map { $0 - weight * $1 }
        }
        let scale = last.curvature / dot(last.change, last.change)
        result = result.map { $0 * scale }
        for ((s, y, curvature), weight) in zip(history, weights.reversed()) {
            let correction = weight - dot(y, result) / curvature
            result = zip(result, s).map { $0 + correction * $1 }
        }
        return result
    }

    mutating func learn(step: [Double], change: [Double]) {
        let curvature = dot(step, change)
        guard curvature > 1e-14 * (dot(step, step) * dot(change, change)).squareRoot() else { return }
        history.append((step, change, curvature))
        if history.count > limit { history.removeFirst() }
    }

    mutating func forget() { history = [] }
}

/// Newton's direction; a multiple of the identity is added to a Hessian that is not positive definite.
struct NewtonDirection: DirectionMethod {
    let objective: Objective
    var knowsScale: Bool { true }

    func direction(_ x: [Double], _ gradient: [Double]) throws -> [Double] {
        let hessian = try objective.hessian(x)
        let count = x.count
        let largest = hessian.reduce(0) { max($0, $1.magnitude) }
        var shift = 0.0
        for _ in 0..<64 {
            var matrix = hessian
            for i in 0..<count { matrix[i * count + i] += shift }
            if let solution = solvePositive(matrix, gradient) { return solution.map { -$0 } }
            shift = max(shift * 4, 1e-3 * max(largest, 1e-12))
        }
        return gradient.map { -$0 }
    }

    func learn(step: [Double], change: [Double]) {}
    func forget() {}
}

/// The solution of a symmetric positive definite system (Cholesky); `nil` if it is not that.
func solvePositive(_ matrix: [Double], _ right: [Double]) -> [Double]? {
    let count = right.count
    var factor = matrix
    for j in 0..<count {
        var diagonal = factor[j * count + j]
        for k in 0..<j { diagonal -= factor[j * count + k] * factor[j * count + k] }
        guard diagonal > 1e-14 * max(matrix[j * count + j].magnitude, 1e-300), diagonal.isFinite else { return nil }
        let root = diagonal.squareRoot()
        factor[j * count + j] = root
        for i in (j + 1)..<max(count, j + 1) {
            var sum = factor[i * count + j]
            for k in 0..<j { sum -= factor[i * count + k] * factor[j * count + k] }
            factor[i * count + j] = sum / root
        }
    }
    var x = right
    for i in 0..<count {
        for k in 0..<i { x[i] -= factor[i * count + k] * x[k] }
        x[i] /= factor[i * count + i]
    }
    for i in (0..<count).reversed() {
        for k in (i + 1)..<max(count, i + 1) { x[i] -= factor[k * count + i] * x[k] }
        x[i] /= factor[i * count + i]
    }
    return x
}
